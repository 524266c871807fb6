"""Counts of what a search finds, period by period: what the sources that ask
for totals have in common.

A first read goes from `since` to the period of today, and commits after each
answer; one that was cut short goes on where it ended. Later reads ask again for
the last `look_back` periods that were asked, for what is found of a period
still changes after its end.
"""

import dataclasses
import datetime
import json
import re

import answers
import headway_plugin as hp

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclasses.dataclass
class Topic:
    name: str
    query: str


def topics(text, option):
    """The topics of "risc-v=topic:risc-v; ai=topic:llm"."""
    found = {}
    for part in (p.strip() for p in text.split(";")):
        if not part:
            continue
        name, _, query = (p.strip() for p in part.partition("="))
        if not query or not _NAME.fullmatch(name):
            raise hp.ConfigError(f'option {option}: "{part}" is not of the '
                                 "form name=query; topics are parted by ;")
        if name in found:
            raise hp.ConfigError(f'option {option}: topic "{name}" is there '
                                 "twice")
        found[name] = Topic(name, query)
    return list(found.values())


def whole_number(request, option, low, high):
    text = request.option(option)
    if (not text.isascii() or not text.isdigit()
            or not low <= int(text) <= high):
        raise hp.ConfigError(f'option {option} = "{text}" is not a whole '
                             f"number from {low} to {high}")
    return int(text)


def options(frequency, since, max_requests):
    return [
        hp.Option("frequency", "annual, quarterly or monthly: the periods that "
                  "are counted.", frequency),
        hp.Option("since", "The first period.", since),
        hp.Option("look_back", "How many periods that were asked before are "
                  "asked again.", "3"),
        hp.Option("max_requests", "How many answers a read asks for at most; "
                  "the next one goes on.", max_requests),
    ]


@dataclasses.dataclass
class Period:
    text: str
    first: datetime.date
    last: datetime.date


def periods(request):
    """From the option `since` to the period that holds today."""
    frequency = request.option("frequency")
    if frequency not in ("annual", "quarterly", "monthly"):
        raise hp.ConfigError(f'option frequency = "{frequency}" is none of '
                             "annual, quarterly and monthly")
    try:
        _, first = hp.parse_period(request.option("since"), frequency)
    except hp.PluginError as e:
        raise hp.ConfigError(f"option since: {e}") from None
    today = request.now.date()
    if first > today:
        raise hp.ConfigError(f'option since = "{request.option("since")}" is '
                             "later than today")
    months = {"annual": 12, "quarterly": 3, "monthly": 1}[frequency]
    found = []
    while first <= today:
        month = first.year * 12 + first.month - 1 + months
        following = datetime.date(month // 12, month % 12 + 1, 1)
        found.append(Period(hp.period_of(frequency, first), first,
                            following - datetime.timedelta(days=1)))
        first = following
    return found


@dataclasses.dataclass
class Measure:
    """What is counted. count(topic, period) asks, and returns the number and
    whether it is sure."""

    metric: str
    title: str  # {topic} is filled in
    source_name: str
    count: object


class Counter:
    """Counts topics until all are done, or the requests are used up."""

    def __init__(self, request, out, measure):
        self._request = request
        self._out = out
        self._measure = measure
        self._periods = periods(request)
        self._look_back = whole_number(request, "look_back", 1, 1000)
        self._left = whole_number(request, "max_requests", 1, 100000)

    def read(self, all_topics):
        for topic in all_topics:
            self._out.series(
                self._id(topic), metric=self._measure.metric,
                labels={"topic": topic.name},
                frequency=self._request.option("frequency"), unit="1",
                title=self._measure.title.format(topic=topic.name),
                source_name=self._measure.source_name)
        for topic in all_topics:
            if not self._read_topic(topic):
                self._out.info(f'topic "{topic.name}": the requests of this '
                               "read (max_requests) are used up; the next "
                               "read goes on")
                return

    def _id(self, topic):
        return f"{self._measure.metric} {topic.name}"

    def _plan(self, last):
        """The periods to ask for."""
        texts = [period.text for period in self._periods]
        if last.get("through") not in texts:
            return self._periods
        after = texts.index(last["through"]) + 1
        if last.get("whole"):
            after = max(0, after - self._look_back)
        return self._periods[after:]

    def _read_topic(self, topic):
        """Whether there were requests enough."""
        last = answers.last_state(self._request, self._id(topic))
        plan = self._plan(last)
        known = last.get("counts", {})
        through = last.get("through", "")
        changed = 0
        for position, period in enumerate(plan):
            if not self._left:
                return False
            self._left -= 1
            said = self._ask(topic, period, known.get(period.text))
            if said != known.get(period.text):
                changed += 1
                self._out.observe(self._id(topic), period.text, said[0],
                                  status=said[1])
            known[period.text] = said
            through = max(through, period.text)
            self._checkpoint(topic, through, known, bool(
                last.get("whole")) or position + 1 == len(plan))
            self._out.progress(position + 1, len(plan), topic.name)
        self._out.info(f'topic "{topic.name}": {len(plan)} periods asked, '
                       + (f"{changed} new or changed" if changed
                          else "nothing is new"))
        return True

    def _ask(self, topic, period, before):
        """[count, status]"""
        count, is_sure = self._measure.count(topic, period)
        if count == 0 and before and before[0] > 0:
            raise hp.TransientError(
                f'topic "{topic.name}": nothing is found of {period.text}, '
                f"where {before[0]} were found before; the service may be in "
                "trouble")
        status = "FINAL" if is_sure else "ESTIMATED"
        if period.last >= self._request.now.date():
            status = "PARTIAL"
        return [count, status]

    def _checkpoint(self, topic, through, known, whole):
        # Of those before the look-back nothing is asked any more.
        kept = dict(sorted(known.items())[-self._look_back:])
        self._out.checkpoint(stream=self._id(topic), state=json.dumps({
            "fingerprint": self._request.fingerprint, "through": through,
            "whole": whole, "counts": kept}))

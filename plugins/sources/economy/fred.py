#!/usr/bin/python3
"""FRED and ALFRED of the Federal Reserve Bank of St. Louis.

ALFRED dates every release, so each value comes with the day on which it was
published (NATIVE): /series/observations over the whole real-time period, whose
rows (output type 1) hold the same as the tables of all vintages (2) and of new
and revised values (3). `vintages = first` keeps initial releases alone (output
type 4), `vintages = current` today's values (OBSERVED), which is also what is
read of a series that FRED has and ALFRED has not. Where a real-time period
holds more vintages than an answer may (2,000), it is asked for in parts.

Without a key, and with `keyless = true`, the table behind the public graph is
read: today's values, without vintages or a description.

What a series becomes here is in KNOWN, or in the option `series`:
    IPG3344S, GDP, UNRATE=us_unemployment_percent{country=USA},
    NEWORDER=us_core_orders_usd@USD*1000000, DGS10=us_yield_percent:daily
Of one that neither names, the metric is fred_ID, and unit and frequency follow
from FRED's description of it. Money is in whole units of its currency.

Revisions: FRED revises back to any date (annual revisions reach decades), and
each is a vintage of its own, so that a later read asks for the vintages since
the last one, less two days for what was still to come on that day.
`last_updated` of a series that has not moved ends its read after one request.
Changed options read everything again. The state of the stream of each id is
{"fingerprint", "last_updated", "read_to"}, or "document" of the table.

Limits: 120 requests a minute. A key is free. Terms: the API's notice is in the
source's name; some series are under the copyright of their publishers.

    source {
      name: "fred"
      plugin: "fred"
      supersedes: "us-production-sample"
      config { key: "series" value: "IPG3344S" }
    }

Suggested schedule, an hour after the Board's statistics of about the 16th and
each morning's other releases: `cron: "15 10 * * *"`, `America/New_York`.
EXUSEU and EXJPUS write the series of exchange-rates-sample; let the central
bank's rates and these not write them both, for they differ a little.
"""

import collections
import datetime
import difflib
import re
import urllib.parse

import answers
import fred_series as fs
import headway_plugin as hp

KEY = "FRED_API_KEY"
KEY_PAGE = "https://fred.stlouisfed.org/docs/api/api_key.html"
FIRST_DAY = "1776-07-04"
LAST_DAY = "9999-12-31"
ROWS_PER_PAGE = 100000
# What was published on the day of a read, or is still to come on it.
OVERLAP = datetime.timedelta(days=2)
VINTAGES = ("all", "first", "current")


# ---- The service ------------------------------------------------------------


class TooManyVintages(Exception):
    def __init__(self, most):
        super().__init__(most)
        self.most = most


class NoVintages(Exception):
    """FRED has the series, ALFRED has not."""


def refuse(message, where):
    """Raises what a 400 means."""
    if "api_key" in message:
        raise hp.ConfigError(
            f"{KEY}: FRED says: {message}; a key is had free of charge at "
            f"{KEY_PAGE}")
    if "exceeds the maximum number of vintage dates" in message:
        most = re.search(r"\((\d+)\)", message)
        raise TooManyVintages(max(1, int(most[1]) if most else 1000))
    if "ALFRED" in message or "No vintage dates exist" in message:
        raise NoVintages()
    if "does not exist" in message:
        id = where.rsplit(" ", 1)[-1]
        near = difflib.get_close_matches(id, fs.KNOWN, 1)
        raise hp.ConfigError(
            f"option series: FRED has no series {id}"
            + (f"; did you mean {near[0]}?" if near else "; look it up at "
               "https://fred.stlouisfed.org"))
    raise hp.PluginError(f"{where}: FRED says: {message}")


class Fred:
    def __init__(self, request):
        self.base = request.option("base_url").rstrip("/")
        self.key = request.secret(KEY)
        self.http = hp.Http()

    def ask(self, path, id, **parameters):
        url = f"{self.base}/{path}?" + urllib.parse.urlencode(
            {"series_id": id, "file_type": "json", **parameters})
        where = f"{path} of {id}"
        response = self.http.get(url, accept_statuses=(400,),
                                 secret_parameters={"api_key": self.key})
        answer = response.json(where)
        if not isinstance(answer, dict):
            raise hp.PluginError(f"{where}: the answer is no object; it begins "
                                 f"with {hp.beginning(response.body)}")
        if response.status == 400 or "error_code" in answer:
            refuse(" ".join(str(answer.get("error_message", "")).split()),
                   where)
        return answer

    def describe(self, id):
        found = answers.field(self.ask("series", id), "seriess",
                              f"series of {id}")
        if not found:
            raise hp.PluginError(f"series of {id}: the answer describes none")
        return found[0]

    def pages(self, path, id, name, limit, **parameters):
        """All items of `name`, over the pages of an answer."""
        items = []
        while True:
            answer = self.ask(path, id, limit=limit, offset=len(items),
                              **parameters)
            page = answers.field(answer, name, f"{path} of {id}")
            items += page
            count = answers.field(answer, "count", f"{path} of {id}")
            if len(items) >= count:
                return items
            if not page:
                raise hp.TransientError(
                    f"{path} of {id}: only {len(items)} of {count} came; the "
                    "rest of the pages is empty")

    def observations(self, id, start, end, output_type=1):
        return self.pages("series/observations", id, "observations",
                          ROWS_PER_PAGE, realtime_start=start,
                          realtime_end=end, output_type=output_type)

    def current(self, id):
        return self.pages("series/observations", id, "observations",
                          ROWS_PER_PAGE)

    def windows(self, id, start, output_type):
        """(start, end, rows) of real-time periods, in their order, that hold
        no more vintages than an answer may."""
        try:
            yield start, LAST_DAY, self.observations(
                id, start, LAST_DAY, output_type)
            return
        except TooManyVintages as e:
            most = e.most
        days = self.pages("series/vintagedates", id, "vintage_dates", 10000,
                          realtime_start=start, realtime_end=LAST_DAY)
        firsts = days[::most]
        if firsts and start != FIRST_DAY:
            firsts[0] = start  # what held then is the base of what follows
        for first, following in zip(firsts, firsts[1:] + [None]):
            last = day_before(following) if following else LAST_DAY
            yield first, last, self.observations(id, first, last, output_type)


def day_before(day):
    return _moved(day, -1)


def day_after(day):
    return _moved(day, 1)


def _moved(day, days):
    return (datetime.date.fromisoformat(day)
            + datetime.timedelta(days=days)).isoformat()


# ---- Reading ----------------------------------------------------------------


def changes_of(wanted, rows, end, where):
    """{day: {period: value or None}}: what a real-time period's rows say from
    which day on. A value that ends before the period does, and that no other
    follows, was withdrawn."""
    changes = collections.defaultdict(dict)
    ends = []
    for row in rows:
        period = fs.period_of(wanted, answers.field(row, "date", where), where)
        value = fs.value_of(wanted, answers.field(row, "value", where), where)
        known = changes[answers.field(row, "realtime_start", where)]
        if period in known:
            raise hp.PluginError(f"{where}: two values of {period} from one "
                                 f"day on; is it {wanted.frequency}?")
        known[period] = value
        if answers.field(row, "realtime_end", where) < end:
            ends.append((day_after(row["realtime_end"]), period))
    for day, period in ends:
        changes[day].setdefault(period, None)
    return changes


def table_rows(body, id, url):
    """[(day, text)] of the table behind a graph."""
    if body.lstrip()[:1] == b"<":
        raise hp.PluginError(f"{url}: a page came instead of a table; it "
                             f"begins with {hp.beginning(body)}")
    rows = []
    for row in hp.csv_rows(hp.Response(200, {}, body).text(), url):
        day = row.get("observation_date", row.get("DATE"))
        if day is None:
            answers.field(row, "observation_date", url)
        rows.append((day, answers.field(row, id, url)))
    return rows


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.fred = Fred(request)
        self.vintages = request.option("vintages")
        self.defined = set()

    def read(self, wanted):
        state = answers.last_state(self.request, wanted.id)
        description = self.fred.describe(wanted.id)
        where = f"series of {wanted.id}"
        updated = answers.field(description, "last_updated", where)
        if state.get("last_updated") == updated:
            self.out.info(f"{wanted.id}: unchanged since {updated}")
            self.checkpoint(wanted, state)
            return
        fs.complete(wanted, description, where)
        read_to = (self.request.now - OVERLAP).date().isoformat()
        try:
            if self.vintages == "current":
                raise NoVintages()
            self.read_vintages(wanted, state)
        except NoVintages:
            if self.vintages != "current":
                self.out.warn(f"{wanted.id}: ALFRED keeps no vintages of it; "
                              "its values count as known since they were seen")
            self.read_current(wanted)
        self.checkpoint(wanted, {"last_updated": updated, "read_to": read_to})

    def read_vintages(self, wanted, state):
        first_only = self.vintages == "first"
        since = FIRST_DAY if first_only else state.get("read_to", FIRST_DAY)
        held, sent, days = {}, 0, 0
        where = f"observations of {wanted.id}"
        windows = self.fred.windows(wanted.id, since, 4 if first_only else 1)
        for start, end, rows in windows:
            if wanted.id not in self.defined:
                fs.define(self.out, wanted, "NATIVE")
                self.defined.add(wanted.id)
            changes = changes_of(wanted, rows, end, where)
            if since != FIRST_DAY and start == since:
                # An earlier read delivered what held on that day.
                held = {p: v for p, v in changes.pop(start, {}).items()
                        if v is not None}
            elif held and not first_only:
                # What the part before held and this one lacks was withdrawn
                # between the two.
                for period in sorted(held.keys() - changes[start].keys()):
                    changes[start][period] = None
            for day in sorted(changes):
                count = self.deliver(wanted, day, changes[day], held,
                                     first_only)
                sent, days = sent + count, days + (count > 0)
        if not held:
            raise hp.PluginError(f"{where}: FRED has no value of the series")
        self.out.info(f"{wanted.id}: {sent} values of {days} vintages"
                      + ("" if sent else "; nothing is new"))

    def deliver(self, wanted, day, changes, held, first_only):
        """Sends what differs from what is held; returns how much that is."""
        values, withdrawn = {}, []
        for period, value in changes.items():
            if first_only and (period in held or value is None):
                continue
            if value is None:
                if held.pop(period, None) is not None:
                    withdrawn.append(period)
            elif held.get(period) != value:
                values[period] = held[period] = value
        if values or withdrawn:
            self.out.batch(wanted.id, values,
                           hp.parse_instant(day, self.request.now),
                           withdrawn=withdrawn)
        return len(values) + len(withdrawn)

    def read_current(self, wanted):
        where = f"observations of {wanted.id}"
        values = {}
        for row in self.fred.current(wanted.id):
            value = fs.value_of(
                wanted, answers.field(row, "value", where), where)
            if value is not None:
                values[fs.period_of(
                    wanted, answers.field(row, "date", where), where)] = value
        self.deliver_current(wanted, values)

    def deliver_current(self, wanted, values):
        if not values:
            raise hp.PluginError(f"{wanted.id}: FRED has no value of it")
        fs.define(self.out, wanted, "OBSERVED")
        self.out.batch(wanted.id, values, snapshot=True)
        self.out.info(f"{wanted.id}: {len(values)} values, without vintages")

    def read_table(self, wanted):
        """The table behind the graph, for which no key is needed."""
        state = answers.last_state(self.request, wanted.id)
        url = (self.request.option("csv_url").rstrip("/")
               + "/graph/fredgraph.csv?id=" + wanted.id)
        body, document = self.fred.http.get_if_changed(
            url, state.get("document"), self.request.fingerprint)
        if body is None:
            self.out.info(f"{wanted.id}: {url} is unchanged")
        else:
            rows = table_rows(body, wanted.id, url)
            if not wanted.frequency:
                wanted.frequency = fs.frequency_of(
                    [day for day, _ in rows], url)
            if not wanted.unit:
                raise hp.ConfigError(
                    f"option series: without a key the unit of {wanted.id} is "
                    f"not known; write {wanted.id}@UNIT, or set {KEY}")
            values = {fs.period_of(wanted, day, url):
                      fs.value_of(wanted, text, url) for day, text in rows}
            self.deliver_current(wanted, {
                p: v for p, v in values.items() if v is not None})
        self.checkpoint(wanted, {"document": document})

    def checkpoint(self, wanted, state):
        self.out.checkpoint(
            wanted.id, answers.state_text(self.request, **state))


# ---- The conversation -------------------------------------------------------


def check_options(request):
    """The series that are wanted; a ConfigError names what is wrong."""
    wanted = fs.parse_series(request.option("series"))
    for name, allowed in (("vintages", VINTAGES),
                          ("keyless", ("true", "false"))):
        if request.option(name) not in allowed:
            raise hp.ConfigError(
                f'option {name} = "{request.option(name)}" is none of '
                + ", ".join(allowed))
    key = request.secret(KEY)
    if not key and request.option("keyless") != "true":
        raise hp.ConfigError(
            f"the environment variable {KEY} is not set; a key is had free of "
            f"charge at {KEY_PAGE}. keyless = true reads today's values "
            "without one")
    if key and not re.fullmatch("[a-z0-9]{32}", key):
        raise hp.ConfigError(
            f"{KEY} is not a key of FRED: 32 lower-case letters and digits "
            f"({KEY_PAGE})")
    return wanted


def read(request, out):
    reader = Reader(request, out)
    for wanted in check_options(request):
        if request.secret(KEY):
            reader.read(wanted)
        else:
            reader.read_table(wanted)


def discover(request, out):
    every = check_options(request)
    if not request.secret(KEY):
        read(request, out)
        return
    service = Fred(request)
    kind = "OBSERVED" if request.option("vintages") == "current" else "NATIVE"
    for wanted in every:
        fs.complete(wanted, service.describe(wanted.id),
                    f"series of {wanted.id}")
        fs.define(out, wanted, kind)


def check(request):
    first = check_options(request)[0]
    if not request.secret(KEY):
        return ("the options are in order; without a key the public tables "
                "are read, which were not asked")
    description = Fred(request).describe(first.id)
    return (f"FRED describes {first.id}: {description.get('title')}, updated "
            f"{description.get('last_updated')}")


hp.run(hp.Plugin(
    name="fred",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads series of FRED with their vintages from ALFRED.",
    read=read,
    discover=discover,
    check=check,
    options=[
        hp.Option("series", "Ids of FRED, separated by commas, as ID, "
                  "ID=metric{label=value}, ID=metric@UNIT*FACTOR or "
                  "ID:frequency. Known by name here: "
                  + ", ".join(fs.KNOWN) + ".", "IPG3344S"),
        hp.Option("vintages", "all: every release; first: initial releases "
                  "alone; current: today's values, without vintages.", "all"),
        hp.Option("keyless", "true: without a key the public tables are read, "
                  "today's values without vintages.", "false"),
        hp.Option("base_url", "Where the service is.",
                  "https://api.stlouisfed.org/fred"),
        hp.Option("csv_url", "Where the public tables are.",
                  "https://fred.stlouisfed.org"),
    ],
    secrets=[hp.Secret(KEY,
                       f"Key of the FRED API, free of charge: {KEY_PAGE}")],
    hosts=["api.stlouisfed.org", "fred.stlouisfed.org"],
    limits=[hp.Limit("api.stlouisfed.org", per_minute=120)],
    default_schedule="15 10 * * *",
))

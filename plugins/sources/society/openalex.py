#!/usr/bin/python3
"""Research works by topic, year and country, of OpenAlex (CC0).

Series, annual:
  research_works{topic,country}  works with an author in the country
  research_works_total{topic}    all works, with those of no known country
A work with authors of two countries counts in both, so that countries add up to
more than the total. A topic is a name and a filter in OpenAlex's notation:
'risc-v=default.search:"RISC-V"; chips=title_and_abstract.search:"AI chip"'.

OpenAlex dates nothing, so vintages are observed. The running year is PARTIAL,
and the one before PROVISIONAL, for recent years fill up for more than a year.
Counts of old years change whenever the index is rebuilt: so each read asks for
all years since `since`, and withdraws what is gone. Years are kept in memory;
each topic is committed at its end.

Limits: a key is free and worth 1 USD of use a day, 1,000 searches or 10,000
lists; a topic is a request a year, or two.

source {
  name: "openalex-riscv"
  plugin: "openalex"
  config { key: "topics" value: "risc-v=default.search:\\"RISC-V\\"" }
}
A schedule: cron "0 5 1 * *", time zone UTC: the index is renewed all the time.
"""

import json
import urllib.parse

import country_codes
import headway_plugin as hp
import totals

DEFAULT_URL = "https://api.openalex.org"
KEY = hp.Secret("OPENALEX_API_KEY", "A key of OpenAlex, free at "
                "https://openalex.org/settings/api.", required=True)
SOURCE_NAME = "OpenAlex (CC0)"
PER_PAGE = 200
# Countries are fewer than 300; more pages are a defect of one side.
MOST_PAGES = 10


class OpenAlex:
    def __init__(self, request, out):
        self._base = request.option("base_url").rstrip("/")
        self._key = request.secret(KEY.name)
        self._http = hp.Http()
        self._out = out
        self._unknown = set()

    def get(self, topic, year, **parameters):
        url = f"{self._base}/works?" + urllib.parse.urlencode(
            {"filter": f"{topic.query},publication_year:{year}",
             **parameters}, safe=":,")
        response = self._http.get(url, accept_statuses=(400, 401, 403),
                                  secret_parameters={"api_key": self._key})
        if response.status == 403 and b"slow" in response.body.lower():
            raise hp.TransientError(f"{url}: OpenAlex asks to slow down", 60)
        if response.status in (401, 403):
            raise hp.ConfigError(
                f"{url}: OpenAlex refuses the key in {KEY.name}, saying "
                f"{hp.beginning(response.body, 300)}; {KEY.description}")
        if response.status == 400:
            raise hp.ConfigError(
                f'OpenAlex refuses the filter of topic "{topic.name}": '
                + hp.beginning(response.body, 300))
        answer = response.json(url)
        meta = answer.get("meta") if isinstance(answer, dict) else None
        if not isinstance(meta, dict) or not isinstance(meta.get("count"),
                                                        int):
            raise hp.PluginError(f"{url}: the answer has no meta.count; it "
                                 "has " + ", ".join(sorted(answer)))
        return answer, url

    def year(self, topic, year):
        """(all works, {country: works})"""
        cursor = "*"
        countries = {}
        for _ in range(MOST_PAGES):
            answer, url = self.get(
                topic, year, group_by="authorships.countries",
                per_page=PER_PAGE, cursor=cursor)
            groups = answer.get("group_by")
            if not isinstance(groups, list):
                raise hp.PluginError(f"{url}: the answer has no group_by; it "
                                     "has " + ", ".join(sorted(answer)))
            for group in groups:
                self._take(group, countries, url)
            cursor = answer["meta"].get("next_cursor")
            if not groups or not cursor:
                return answer["meta"]["count"], countries
        raise hp.PluginError(f"{url}: more than {MOST_PAGES} pages of "
                             "countries")

    def _take(self, group, countries, url):
        try:
            key = str(group["key"]).rsplit("/", 1)[-1].upper()
            count = int(group["count"])
        except (KeyError, TypeError, ValueError):
            raise hp.PluginError(f"{url}: a group is no key and count: "
                                 + hp.beginning(json.dumps(group))) from None
        if key == "UNKNOWN":
            return
        country = country_codes.alpha3(key)
        if country is None:
            if key not in self._unknown:
                self._out.warn(f'country "{key}" is not known; the code is '
                               "kept as the label")
                self._unknown.add(key)
            country = key
        countries[country] = countries.get(country, 0) + count


def parse(request):
    topics = totals.topics(request.option("topics"), "topics")
    if not topics:
        raise hp.ConfigError("option topics names none: "
                             'risc-v=default.search:"RISC-V"')
    return topics


def years(request):
    since = totals.whole_number(request, "since", 1900, request.now.year)
    return range(since, request.now.year + 1)


def read_topic(request, topic, client, out):
    values = {}  # metric, country -> {year: count}
    for year in years(request):
        total, countries = client.year(topic, year)
        values.setdefault(("research_works_total", ""), {})[str(year)] = total
        for country, count in countries.items():
            values.setdefault(("research_works", country),
                              {})[str(year)] = count
        out.progress(year - years(request)[0] + 1, len(years(request)),
                     topic.name)
    if not any(values[("research_works_total", "")].values()):
        raise hp.PluginError(f'topic "{topic.name}": OpenAlex has no works in '
                             f"any year; look at the filter {topic.query}")
    return values


def deliver(request, topic, values, out):
    statuses = {str(request.now.year): "PARTIAL",
                str(request.now.year - 1): "PROVISIONAL"}
    for (metric, country), by_year in sorted(values.items()):
        labels = {"topic": topic.name}
        title = f"Research works, {topic.name}"
        if country:
            labels["country"] = country
            title += f", with authors in {country}"
        name = f"{metric} {topic.name} {country}"
        out.series(name, metric=metric, labels=labels, frequency="annual",
                   unit="1", title=title, source_name=SOURCE_NAME)
        out.batch(name, by_year, snapshot=True,
                  statuses={y: s for y, s in statuses.items() if y in by_year})


def read(request, out):
    topics = parse(request)
    client = OpenAlex(request, out)
    for topic in topics:
        values = read_topic(request, topic, client, out)
        state = json.dumps({
            "fingerprint": request.fingerprint, "year": request.now.year,
            "values": hp.content_hash(json.dumps(
                sorted(values.items())).encode())})
        if state == request.checkpoint(topic.name):
            out.checkpoint(stream=topic.name, state=state)
            out.info(f'topic "{topic.name}": nothing is new')
            continue
        deliver(request, topic, values, out)
        out.checkpoint(stream=topic.name, state=state, complete=True)
        out.info(f'topic "{topic.name}": {len(values)} series')


def check(request):
    silent = hp.Writer(lambda message: None)
    topic = parse(request)[0]
    years(request)
    answer, _ = OpenAlex(request, silent).get(topic, request.now.year,
                                            per_page=1)
    return (f'OpenAlex has {answer["meta"]["count"]} works of topic '
            f'"{topic.name}" in {request.now.year}')


hp.run(hp.Plugin(
    name="openalex",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Counts research works by topic, year and country.",
    read=read,
    check=check,
    options=[
        hp.Option("base_url", "Address of the API.", DEFAULT_URL),
        hp.Option("topics", "Topics: 'risc-v=default.search:\"RISC-V\"; …'.",
                  required=True),
        hp.Option("since", "The first year.", "2010"),
    ],
    secrets=[KEY],
    hosts=["api.openalex.org"],
    limits=[hp.Limit("api.openalex.org", per_second=10)],
    terms=hp.Terms("allowed", "CC0: no rights reserved.",
                   "https://docs.openalex.org/additional-help/faq"),
    default_schedule="0 5 1 * *",
))

#!/usr/bin/python3
"""How many papers arXiv has of a topic, by the period in which they were
submitted.

Series: arxiv_papers{topic}. A topic is a name and a query in arXiv's notation:
'risc-v=all:"RISC-V"; moe=abs:"mixture of experts" AND cat:cs.LG'.

A paper counts in the period of its first version. It is announced days later,
some after moderation, and may be withdrawn: so the last `look_back` periods are
asked again at each read. arXiv dates none of that, so vintages are observed;
the running period is PARTIAL. There is no country: affiliations are almost
always absent. arXiv sometimes answers that there is nothing where there was
something; that is taken for a trouble that passes.

Limits: one request in three seconds over one connection, which the source
keeps; a first read of `since` 2015 by quarter takes three minutes a topic.

source {
  name: "arxiv-riscv"
  plugin: "arxiv"
  config { key: "topics" value: "risc-v=all:\\"RISC-V\\"" }
}
A schedule: cron "30 1 * * MON", time zone America/New_York, for arXiv renews
its search at midnight there.
"""

import urllib.parse

import headway_plugin as hp
import totals

DEFAULT_URL = "https://export.arxiv.org"
SOURCE_NAME = "arXiv (metadata CC0 1.0)"
ATOM = "{http://www.w3.org/2005/Atom}"
TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"


class Search:
    def __init__(self, request):
        self._base = request.option("base_url").rstrip("/")
        # Of a mirror or a test nobody asks for patience.
        self._http = hp.Http(
            min_interval=3 if self._base == DEFAULT_URL else 0)

    def total(self, query):
        url = f"{self._base}/api/query?" + urllib.parse.urlencode(
            {"search_query": query, "start": 0, "max_results": 1})
        # A question that arXiv does not understand is a feed, too.
        response = self._http.get(url, accept_statuses=(400,))
        feed = hp.parse_xml(response.body, url)
        for entry in feed.iter(ATOM + "entry"):
            if "/api/errors" in (entry.findtext(ATOM + "id") or ""):
                raise hp.ConfigError(
                    f'{url}: arXiv refuses the query "{query}": '
                    + (entry.findtext(ATOM + "summary") or "").strip())
        text = (feed.findtext(TOTAL) or "").strip()
        if response.status != 200 or not (text.isascii() and text.isdigit()):
            raise hp.PluginError(
                f"{url}: no feed with opensearch:totalResults; the answer "
                f"(HTTP {response.status}) begins with "
                + hp.beginning(response.body))
        return int(text)


def parse(request):
    topics = totals.topics(request.option("topics"), "topics")
    if not topics:
        raise hp.ConfigError('option topics names none: risc-v=all:"RISC-V"')
    return topics


def read(request, out):
    topics = parse(request)
    search = Search(request)

    def count(topic, period):
        return search.total(
            f"({topic.query}) AND submittedDate:[{period.first:%Y%m%d}0000 TO "
            f"{period.last:%Y%m%d}2359]"), True

    totals.Counter(request, out, totals.Measure(
        "arxiv_papers", "Papers submitted to arXiv, {topic}", SOURCE_NAME,
        count)).read(topics)


def check(request):
    topics = parse(request)
    totals.periods(request)
    count = Search(request).total(topics[0].query)
    return f'arXiv has {count} papers of topic "{topics[0].name}"'


hp.run(hp.Plugin(
    name="arxiv",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Counts papers on arXiv by topic and period.",
    read=read,
    check=check,
    options=[
        hp.Option("base_url", "Address of the service.", DEFAULT_URL),
        hp.Option("topics", "Topics: 'risc-v=all:\"RISC-V\"; …'.",
                  required=True),
        *totals.options("quarterly", "2015-Q1", "150"),
    ],
    hosts=["export.arxiv.org"],
    limits=[hp.Limit("export.arxiv.org", per_second=1, per_minute=20)],
    terms=hp.Terms("allowed", "Metadata is CC0 1.0.",
                   "https://info.arxiv.org/help/api/tou.html"),
    default_schedule="30 1 * * MON",
))

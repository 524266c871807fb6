#!/usr/bin/python3
"""How many repositories and users GitHub's search finds.

Series:
  github_repositories_created{topic}  repositories by period of their creation
  github_users{topic}                 users, daily: as many as there are today
A topic is a name and a query in GitHub's notation, of at most 256 characters:
"risc-v=topic:risc-v; chisel=language:scala topic:chisel". Countries are not in
the search but for what users say of themselves (location:china).

What is counted are repositories that are still there and public: counts of old
periods fall as repositories go and rise as topics are added. The publisher
dates none of it, so vintages are observed, and each read asks again for the
last `look_back` periods. The running period is PARTIAL; a count that GitHub
calls incomplete is ESTIMATED.

Limits: searches are 10 a minute, 30 with GITHUB_TOKEN, and the source keeps
that distance; a first read of `since` 2015 by year takes a minute a topic.

source {
  name: "github-riscv"
  plugin: "github"
  config { key: "repositories" value: "risc-v=topic:risc-v" }
  config { key: "users" value: "verilog-china=location:china language:verilog" }
}
A schedule: cron "0 6 * * MON", time zone UTC; the search is always current.
"""

import json
import urllib.parse

import github_api
import answers
import headway_plugin as hp
import totals

SOURCE_NAME = "GitHub search (GitHub Terms of Service)"
MAX_QUERY = 256
# Seconds between searches, without a token and with one.
DISTANCE, DISTANCE_WITH_TOKEN = 6.1, 2.1


class Search:
    def __init__(self, request):
        self._base = request.option("base_url").rstrip("/")
        distance = DISTANCE
        if request.secret(github_api.TOKEN.name):
            distance = DISTANCE_WITH_TOKEN
        if self._base != github_api.API:
            distance = 0
        self._client = github_api.Client(request, min_interval=distance)

    def total(self, what, query):
        """(count, whether GitHub calls it complete)"""
        if len(query) > MAX_QUERY:
            raise hp.ConfigError(f'the query "{query}" is longer than '
                                 f"{MAX_QUERY} characters, GitHub's limit")
        url = f"{self._base}/search/{what}?" + urllib.parse.urlencode(
            {"q": query, "per_page": 1})
        answer = self._client.get(url)
        count = answer.get("total_count") if isinstance(answer, dict) else None
        if isinstance(count, bool) or not isinstance(count, int):
            raise hp.PluginError(f"{url}: the answer has no total_count; it "
                                 "has " + ", ".join(sorted(answer)))
        return count, not answer.get("incomplete_results")


def read_users(request, out, search, users):
    today = request.now.date().isoformat()
    last = answers.last_state(request, "users")
    counts = {}
    for topic in users:
        counts[topic.name], is_sure = search.total("users", topic.query)
        name = f"users {topic.name}"
        out.series(name, metric="github_users", labels={"topic": topic.name},
                   frequency="daily", unit="1",
                   title=f"Users on GitHub, {topic.name}",
                   source_name=SOURCE_NAME)
        out.observe(name, today, counts[topic.name],
                    status="FINAL" if is_sure else "ESTIMATED")
    state = {"fingerprint": request.fingerprint, "day": today,
             "counts": counts}
    out.checkpoint(stream="users", state=json.dumps(state))
    out.info("users: nothing is new" if last == state else
             f"users: {len(users)} topics counted")


def parse(request):
    repositories = totals.topics(request.option("repositories"),
                                 "repositories")
    users = totals.topics(request.option("users"), "users")
    if not repositories and not users:
        raise hp.ConfigError("name topics in the options repositories or "
                             'users: "risc-v=topic:risc-v"')
    return repositories, users


def read(request, out):
    repositories, users = parse(request)
    search = Search(request)

    def count(topic, period):
        return search.total("repositories", f"{topic.query} created:"
                            f"{period.first}..{period.last}")

    if users:
        read_users(request, out, search, users)
    totals.Counter(request, out, totals.Measure(
        "github_repositories_created", "Repositories created on GitHub, "
        "{topic}", SOURCE_NAME, count)).read(repositories)


def check(request):
    repositories, users = parse(request)
    totals.periods(request)
    what, topics = (("repositories", repositories) if repositories
                    else ("users", users))
    count, _ = Search(request).total(what, topics[0].query)
    return f'GitHub finds {count} {what} of topic "{topics[0].name}"'


hp.run(hp.Plugin(
    name="github",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Counts repositories and users that GitHub's search finds.",
    read=read,
    check=check,
    options=[
        hp.Option("base_url", "Address of the API.", github_api.API),
        hp.Option("repositories", "Topics whose repositories are counted by "
                  'period of creation: "risc-v=topic:risc-v; …".'),
        hp.Option("users", "Topics whose users are counted each day: "
                  '"verilog-china=location:china language:verilog; …".'),
        *totals.options("annual", "2015", "200"),
    ],
    secrets=[github_api.TOKEN],
    hosts=["api.github.com"],
    limits=[hp.Limit("api.github.com", per_minute=30)],
    default_schedule="0 6 * * MON",
))

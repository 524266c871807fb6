#!/usr/bin/python3
"""Measurements of whether sites can be reached, by country: OONI's aggregation.

Series: ooni_measurements{domain,country,outcome}, monthly or daily; outcome is
anomaly, confirmed, failure or ok. They exclude one another and add up to all
measurements. China's blocking shows as anomaly, hardly ever as confirmed, so
  100 * (anomaly + confirmed) / (all - failure)
is what to look at, where there are 30 measurements at least. A site that a
provider closes to a country by itself counts as ok: OONI measures networks.

Licence CC BY-NC-SA 4.0: not for commercial use, and what is made of it carries
the same licence. Headway asks at run time and bundles nothing of it.

OONI dates none of it, so vintages are observed. Measurements arrive for a week
after their day: each read asks again for the month before the last one read,
and the running month is PARTIAL. A month without measurements has no value.

Limits: some 4,000 requests in a window; a read asks once for each domain and
year. All domains at once would be 20 MB a month, so domains are always named.

source {
  name: "ooni"
  plugin: "ooni"
  config { key: "domains" value: "chatgpt.com,claude.ai,chat.deepseek.com" }
  config { key: "countries" value: "CHN,USA,RUS" }
}
A schedule: cron "0 7 * * MON", time zone UTC: measurements come all the time.
"""

import datetime
import json
import re
import urllib.parse

import country_codes
import answers
import headway_plugin as hp

DEFAULT_URL = "https://api.ooni.io"
SOURCE_NAME = ("OONI (CC BY-NC-SA 4.0: not for commercial use, share alike)")
OUTCOMES = ("anomaly", "confirmed", "failure", "ok")
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")
# The service takes a month for a grain in spans of more than thirty days.
SHORTEST_SPAN = datetime.timedelta(days=31)


def parse_domains(request):
    domains = request.list_option("domains")
    if not domains:
        raise hp.ConfigError("option domains names none: chatgpt.com,claude.ai")
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise hp.ConfigError(f'option domains: "{domain}" is no domain '
                                 "such as chatgpt.com, in small letters")
    return list(dict.fromkeys(domains))


def parse_countries(request):
    codes = []
    for country in request.list_option("countries"):
        code = country_codes.alpha2(country)
        if code is None:
            raise hp.ConfigError(f'option countries: "{country}" is none of '
                                 "ISO 3166's codes of three letters: CHN,USA")
        codes.append(code)
    return codes


def parse_since(request):
    try:
        return hp.parse_period(request.option("since"), "monthly")[1]
    except hp.PluginError as e:
        raise hp.ConfigError(f"option since: {e}") from None


def grain(request):
    frequency = request.option("frequency")
    if frequency not in ("monthly", "daily"):
        raise hp.ConfigError(f'option frequency = "{frequency}" is neither '
                             "monthly nor daily")
    return {"monthly": "month", "daily": "day"}[frequency]


def month_before(day):
    return (day.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)


class Ooni:
    def __init__(self, request, out):
        self._request = request
        self._out = out
        self._base = request.option("base_url").rstrip("/")
        self._grain = grain(request)
        self._countries = parse_countries(request)
        self._http = hp.Http()
        self._unknown = set()

    def rows(self, domain, since, until):
        """What was measured of the domain from since to the day before
        until."""
        url = f"{self._base}/api/v1/aggregation?" + urllib.parse.urlencode({
            "domain": domain, "test_name": "web_connectivity",
            "since": since, "until": until,
            "axis_x": "measurement_start_day", "axis_y": "probe_cc",
            "time_grain": self._grain,
            **({"probe_cc": ",".join(self._countries)} if self._countries
               else {})})
        answer = self._http.get(url).json(url)
        if not isinstance(answer, dict):
            raise hp.PluginError(f"{url}: the answer is no object; it begins "
                                 f"with {hp.beginning(json.dumps(answer))}")
        # An error may come with HTTP 200.
        if not isinstance(answer.get("result"), list):
            said = answer.get("msg") or answer.get("detail")
            raise hp.PluginError(
                f"{url}: no list of results; "
                + (f'OONI says "{said}"' if said else
                   "the answer has " + ", ".join(sorted(answer))))
        return [self._row(row, url) for row in answer["result"]]

    def _row(self, row, url):
        try:
            day = datetime.date.fromisoformat(row["measurement_start_day"][:10])
            counts = {outcome: row[f"{outcome}_count"] for outcome in OUTCOMES}
            total = row["measurement_count"]
            code = row["probe_cc"]
        except (KeyError, TypeError, ValueError) as e:
            raise hp.PluginError(f"{url}: a row is not as it was: {e!r} in "
                                 + hp.beginning(json.dumps(row), 300)
                                 ) from None
        if sum(counts.values()) != total:
            self._out.warn(f"{url}: the outcomes of {code} on {day} come to "
                           f"{sum(counts.values())}, not to the "
                           f"{total} measurements")
        return day, self._country(code), counts

    def _country(self, code):
        country = country_codes.alpha3(code)
        if country is None:
            if code not in self._unknown and code != "ZZ":
                self._out.warn(f'country "{code}" is not known; the code is '
                               "kept as the label")
                self._unknown.add(code)
            country = code
        return country


def spans(since, until):
    """From since to until, a year at a time; the last is long enough."""
    while since < until:
        end = min(until, since.replace(year=since.year + 1, month=1, day=1))
        if until - end < SHORTEST_SPAN:
            end = until
        yield since, end
        since = end


class Reader:
    def __init__(self, request, out):
        self._request = request
        self._out = out
        self._client = Ooni(request, out)
        self._frequency = request.option("frequency")
        self._since = parse_since(request)
        self._defined = set()
        today = request.now.date()
        self._until = today + datetime.timedelta(days=1)
        if self._since > today:
            raise hp.ConfigError(f'option since = "{request.option("since")}" '
                                 "is later than today")

    def read(self, domain):
        last = answers.last_state(self._request, domain)
        begin = self._since
        if "until" in last:
            begin = max(begin, month_before(month_before(
                datetime.date.fromisoformat(last["until"]))))
        begin = min(begin, month_before(self._until - SHORTEST_SPAN))
        rows = 0
        digest = ""
        for since, until in spans(begin, self._until):
            found = self._client.rows(domain, since.isoformat(),
                                      until.isoformat())
            rows += len(found)
            digest = hp.content_hash((digest + repr(sorted(
                found, key=repr))).encode())
            is_last = until == self._until
            state = {"fingerprint": self._request.fingerprint,
                     "until": until.isoformat(),
                     "digest": f"{begin} {digest}" if is_last else ""}
            is_new = not is_last or state["digest"] != last.get("digest")
            if is_new:
                self._deliver(domain, found)
            self._out.checkpoint(stream=domain, state=json.dumps(state))
        if rows == 0:
            self._out.warn(f"{domain}: OONI has no measurements since {begin}; "
                           "is that how the domain is written in its lists?")
        elif not is_new:
            self._out.info(f"{domain}: nothing is new")
        else:
            self._out.info(f"{domain}: {rows} rows since {begin}")

    def _deliver(self, domain, rows):
        running = hp.period_of(self._frequency, self._request.now.date())
        for day, country, counts in rows:
            period = hp.period_of(self._frequency, day)
            for outcome, count in counts.items():
                name = f"{domain} {country} {outcome}"
                if name not in self._defined:
                    self._out.series(
                        name, metric="ooni_measurements", unit="1",
                        labels={"domain": domain, "country": country,
                                "outcome": outcome},
                        frequency=self._frequency, source_name=SOURCE_NAME,
                        title=f"Measurements of {domain} in {country}: "
                              f"{outcome}")
                    self._defined.add(name)
                self._out.observe(
                    name, period, count,
                    status="PARTIAL" if period == running else "FINAL")


def read(request, out):
    domains = parse_domains(request)
    reader = Reader(request, out)
    for domain in domains:
        reader.read(domain)


def check(request):
    silent = hp.Writer(lambda message: None)
    domain = parse_domains(request)[0]
    Reader(request, silent)
    today = request.now.date()
    rows = Ooni(request, silent).rows(
        domain, month_before(month_before(today)).isoformat(),
        today.isoformat())
    return f"OONI has {len(rows)} rows of {domain} for the last two months"


hp.run(hp.Plugin(
    name="ooni",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Counts OONI's measurements of sites by country and outcome.",
    read=read,
    check=check,
    options=[
        hp.Option("base_url", "Address of the API.", DEFAULT_URL),
        hp.Option("domains", "Sites, as OONI's lists have them.",
                  "chatgpt.com,claude.ai,gemini.google.com,www.meta.ai,"
                  "chat.deepseek.com"),
        hp.Option("countries", "ISO 3166 alpha-3 codes: CHN,USA. Default: "
                  "every country."),
        hp.Option("frequency", "monthly or daily.", "monthly"),
        hp.Option("since", "The first month.", "2023-01"),
    ],
    hosts=["api.ooni.io"],
    limits=[hp.Limit("api.ooni.io", per_second=1)],
    terms=hp.Terms(
        "forbidden", "CC BY-NC-SA 4.0: not for commercial use, and what is "
        "made of it carries the same licence.",
        "https://ooni.org/about/data-policy"),
    default_schedule="0 7 * * MON",
))

#!/usr/bin/python3
"""UN Comtrade: trade of any reporter with any partner by HS code.

Series, monthly or annual, in USD:
  trade_value_usd{reporter,partner,flow,hs,source="comtrade"}
Exports are valued FOB, imports CIF. Only rows of all customs procedures, all
means of transport and no second partner count; the others are parts of them.
Taiwan is no reporter here; as a partner it is the UN's "Other Asia, not
elsewhere specified" (490), which is Taiwan but for little.

What a reporter sent for a month or year is one dataset, released again as a
whole, at any time, when the reporter revises it. So each read first asks which
datasets there are and when each was last released, and fetches those that were
released since the last read; their release is the known_at of their values
(NATIVE). A value that a new release of a dataset lacks is withdrawn. There is
no look-back besides: nothing changes without a release.

Without a key, a request brings one period and at most 500 rows; with one, 12
periods and 100,000 rows. Publisher's limits: 500 requests a day with a free
key, one a second. https://comtradedeveloper.un.org has the keys. A first read
without a key is a request for each reporter and month, more than ten minutes
of them by default: give it limits { wall_time { seconds: 3600 } }. One that is
cut off goes on where it was.

    source {
      name: "comtrade"
      plugin: "comtrade"
      config { key: "reporters" value: "CHN,KOR,MYS,SGP,VNM" }
      config { key: "partners" value: "CHN,TWN,WLD" }
      config { key: "hs" value: "8542,8486" }
      config { key: "since" value: "2020-01" }
    }
Schedule: reporters send their data on any day; once a day is enough:
    schedule { cron: "0 6 * * *" time_zone: "UTC" }
The terms of the UN allow use, not redistribution without permission.
"""

import re
import urllib.parse

import answers
import headway_plugin as hp
import trade_codes as tc

BASE_URL = "https://comtradeapi.un.org"
KEY = "COMTRADE_API_KEY"
KEY_ADVICE = (f"check the key in {KEY}; keys are had at "
              "https://comtradedeveloper.un.org (product comtrade - v1)")
FLOW_CODES = {"export": "X", "import": "M"}
FREQUENCIES = {"monthly": "M", "annual": "A"}
# Periods and rows of a request, by whether there is a key.
LIMITS = {True: (12, 100000), False: (1, 500)}
# A little more than the second that the publisher asks for.
SOURCE_NAME = "UN Comtrade (no redistribution without permission)"
# The parts of the whole that must not be added to it.
WHOLE = {"partner2Code": "0", "customsCode": "C00", "motCode": "0"}


def quota_seconds(text):
    """The time until a quota is filled again, from "D.HH:MM:SS"."""
    match = re.search(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d)", text)
    if not match:
        return 3600.0
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(((24 * days + hours) * 60 + minutes) * 60 + seconds)


class Comtrade:
    """The service, with or without a key."""

    def __init__(self, request):
        self.base = answers.base_url(request)
        self.key = request.secret(KEY)
        self.frequency = request.option("frequency")
        if self.frequency not in FREQUENCIES:
            raise hp.ConfigError(
                f'option frequency = "{self.frequency}" is neither monthly nor '
                "annual")
        self.http = hp.Http()
        self.periods_at_once, self.row_limit = LIMITS[bool(self.key)]

    def rows(self, verb, parameters):
        kind = "data" if self.key else "public"
        url = (f"{self.base}/{kind}/v1/{verb}/C/{FREQUENCIES[self.frequency]}"
               f"/HS?{urllib.parse.urlencode(parameters, safe=',')}")
        response = self.http.get(
            url, secret_parameters=(
                {"subscription-key": self.key} if self.key else None),
            accept_statuses=(400, 401, 403))
        text = response.body.decode("utf-8", "replace")
        if response.status != 200:
            raise self.refusal(url, response.status, text)
        answer = hp.parse_json(text, url)
        rows = tc.field(answer, "data", url)
        if answer.get("error"):
            raise hp.PluginError(f"{url}: the service says "
                                 f"{hp.beginning(str(answer['error']))}")
        if not isinstance(rows, list):
            raise hp.PluginError(f"{url}: data is not a list of rows")
        return rows, url

    def refusal(self, url, status, text):
        said = f"{url}: HTTP {status}, saying {hp.beginning(text, 200)}"
        if "quota" in text.lower():
            return hp.TransientError(
                f"{said}; the calls of the day are used up",
                quota_seconds(text))
        if status == 400:
            return hp.ConfigError(f"{said}; check the options")
        return hp.ConfigError(f"{said}; {KEY_ADVICE}")

    def datasets(self, reporter):
        """{period: (mark of the release, its day)} of a reporter's data as it
        reported them."""
        rows, url = self.rows("getDa", {"reporterCode": reporter})
        found = {}
        for row in rows:
            # The names come in two spellings.
            row = {name[:1].lower() + name[1:]: value
                   for name, value in row.items()}
            if row.get("isOriginalClassification") is False:
                continue
            where = f"{url}: dataset {row.get('datasetCode', '')}"
            period = self.period(tc.field(row, "period", where), where)
            day = str(tc.field(row, "lastReleased", where))
            mark = f"{day} {row.get('datasetChecksum', '')}".strip()
            found[period] = max(found.get(period, ("", "")), (mark, day))
        return found

    def period(self, value, where):
        """"202501" of the service as "2025-01"."""
        text = str(value)
        if self.frequency == "monthly" and re.fullmatch(r"\d{6}", text):
            text = f"{text[:4]}-{text[4:]}"
        try:
            hp.parse_period(text, self.frequency)
        except hp.PluginError as e:
            raise hp.PluginError(f"{where}: {e}") from None
        return text


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.service = Comtrade(request)
        self.since = tc.since(request, self.service.frequency)
        self.reporters = tc.countries(request, "reporters", tc.COMTRADE)
        self.partners = tc.countries(
            request, "partners", {**tc.COMTRADE, tc.WORLD: "0"})
        self.hs = tc.hs_codes(request, (2, 4, 6))
        self.flows = tc.flows(request)
        if "TWN" in self.reporters:
            raise hp.ConfigError(
                "option reporters: TWN does not report to the United Nations; "
                "ask for its partners' reports (partners = TWN), or read the "
                "source taiwan")

    def define(self):
        for trade in tc.plan(self.reporters, self.partners, self.flows,
                             self.hs):
            trade.define(
                self.out, "trade_value_usd", "USD", "comtrade",
                frequency=self.service.frequency, vintage_kind="NATIVE",
                description="Exports FOB, imports CIF, as the reporter reports",
                source_name=SOURCE_NAME)

    def read(self):
        self.define()
        for done, (reporter, code) in enumerate(self.reporters.items()):
            self.out.progress(done, len(self.reporters), reporter)
            self.read_reporter(reporter, code)

    def read_reporter(self, reporter, code):
        held = answers.last_state(self.request, reporter).get("datasets", {})
        there = {period: release for period, release
                 in sorted(self.service.datasets(code).items())
                 if period >= self.since}
        wanted = [period for period, (mark, _) in there.items()
                  if held.get(period) != mark]
        if not there:
            self.out.warn(f"{reporter}: no {self.service.frequency} dataset "
                          f"since {self.since}")
        elif not wanted:
            self.out.info(f"{reporter}: unchanged, none of {len(there)} "
                          "datasets was released since the last read")
        held = {period: mark for period, mark in held.items()
                if period in there}
        size = self.service.periods_at_once
        for start in range(0, len(wanted), size):
            part = wanted[start:start + size]
            count = self.read_periods(reporter, code, part, there, held)
            held.update((period, there[period][0]) for period in part)
            self.checkpoint(reporter, held)
            self.out.info(f"{reporter}: {count} values of "
                          f"{', '.join(part)}")
        if not wanted:
            self.checkpoint(reporter, held)

    def checkpoint(self, reporter, held):
        self.out.checkpoint(reporter, answers.state_text(
            self.request, datasets=dict(sorted(held.items()))))

    def read_periods(self, reporter, code, periods, there, held):
        rows, url = self.service.rows(
            "get" if self.service.key else "preview", {
                "reporterCode": code,
                "period": ",".join(p.replace("-", "") for p in periods),
                "partnerCode": ",".join(self.partners.values()),
                "cmdCode": ",".join(self.hs),
                "flowCode": ",".join(FLOW_CODES[f] for f in self.flows),
                **WHOLE, "maxRecords": self.service.row_limit})
        if len(rows) >= self.service.row_limit:
            raise hp.ConfigError(
                f"{url}: {len(rows)} rows, as many as an answer may have, so "
                "it may be cut short; name fewer partners or HS codes"
                + ("" if self.service.key else f", or set {KEY}"))
        values = self.values(reporter, rows, periods, url)
        for trade in tc.plan([reporter], self.partners, self.flows, self.hs):
            for period in periods:
                self.deliver(trade, period, values.get((trade, period)),
                             there[period][1], period in held)
        return len(values)

    def deliver(self, trade, period, value, released, again):
        known_at = tc.day_end(released, f"release of {period}",
                              self.request.now)
        if value is not None:
            self.out.observe(trade.id, period, value, known_at)
        elif again:
            self.out.batch(trade.id, {}, known_at, withdrawn=[period])

    def values(self, reporter, rows, periods, url):
        """{(trade, period): value} of the rows that are a whole."""
        partner_of = {code: iso for iso, code in self.partners.items()}
        flow_of = {code: flow for flow, code in FLOW_CODES.items()}
        found = {}
        for number, row in enumerate(rows, 1):
            where = f"{url}: row {number}"
            if any(str(row.get(name, whole)) != whole
                   for name, whole in WHOLE.items()):
                continue
            code = str(tc.field(row, "partnerCode", where))
            flow = flow_of.get(tc.field(row, "flowCode", where))
            trade = tc.Trade(reporter, partner_of.get(code), flow,
                             str(tc.field(row, "cmdCode", where)))
            period = self.service.period(tc.field(row, "period", where), where)
            if (str(tc.field(row, "reporterCode", where))
                    != self.reporters[reporter] or period not in periods
                    or trade.partner is None or flow not in self.flows
                    or trade.hs not in self.hs):
                raise hp.PluginError(f"{where}: was not asked for: {trade.id} "
                                     f"of {period}")
            if (trade, period) in found:
                raise hp.PluginError(f"{where}: {trade.id} of {period} comes "
                                     "a second time")
            found[trade, period] = tc.amount(
                tc.field(row, "primaryValue", where), where)
        return found


def read(request, out):
    Reader(request, out).read()


def discover(request, out):
    Reader(request, out).define()


def check(request):
    reader = Reader(request, None)
    reporter, code = next(iter(reader.reporters.items()))
    there = reader.service.datasets(code)
    if not there:
        return (f"the service answers; it has no {reader.service.frequency} "
                f"dataset of {reporter}")
    return f"{len(there)} datasets of {reporter}, up to {max(there)}"


hp.run(hp.Plugin(
    name="comtrade",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads trade by reporter, partner and HS code from UN Comtrade.",
    read=read,
    discover=discover,
    check=check,
    options=[
        hp.Option("reporters", "ISO 3166 alpha-3 codes of the countries whose "
                  "reports are read.", "CHN,HKG,JPN,KOR,MYS,NLD,SGP,USA,VNM"),
        hp.Option("partners", "Their partners; WLD is the world.",
                  "CHN,HKG,TWN,KOR,JPN,MYS,SGP,VNM,USA,WLD"),
        hp.Option("flows", "export, import or both.", "export,import"),
        hp.Option("hs", "HS codes of 2, 4 or 6 digits.",
                  "8541,8542,8486,8471,8473"),
        hp.Option("frequency", "monthly or annual.", "monthly"),
        hp.Option("since", "The first period, such as 2020-01, or 2020 where "
                  "frequency is annual.", "2020-01"),
        hp.Option("base_url", "Where the API is.", BASE_URL),
    ],
    secrets=[hp.Secret(KEY, "A subscription key of comtradedeveloper.un.org; "
                       "without one the public preview is read, a period at a "
                       "time.")],
    hosts=["comtradeapi.un.org"],
    limits=[hp.Limit("comtradeapi.un.org", per_second=1, per_day=500)],
    terms=hp.Terms(
        "forbidden",
        "Data may be used, and not redistributed without permission.",
        "https://comtradeplus.un.org/LicenseAgreement"),
    default_schedule="0 6 * * *",
))

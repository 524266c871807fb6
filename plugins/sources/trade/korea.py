#!/usr/bin/python3
"""Korea's customs: trade by HS code and partner (Korea Customs Service).

Series, monthly, in USD:
  trade_value_usd{reporter="KOR",partner,flow,hs,source="korea_customs"}
The service answers with lines below the code that was asked for; a series is
the sum of its lines, or the line of the code itself where there is one. Rows of
totals (총계, 합계) are left out.

A month comes out about the 15th of the next; months of the running year and of
the last are revised with later ones, and fixed early in the year after. So
each read asks for all months since January of last year; what lies before was
read once, twelve months a request, and is read again only with other options.
The service dates nothing: what it says is known when it was seen (OBSERVED).
A month without a row had no trade, or is not out yet; the service does not say
which, so nothing is said of it here.

Publisher's limits: 12 months a request; a free key has some thousand requests
a day, and the plugin keeps five a second. A first read by default is about 500
requests, which may take longer than the ten minutes of a run: give it
limits { wall_time { seconds: 3600 } }. One that is cut off goes on where it
was. Keys: https://www.data.go.kr, data sets 15100475 (by code and country) and
15101609 (by code, for WLD), which are subscribed one by one.

    source {
      name: "korea"
      plugin: "korea"
      config { key: "partners" value: "CHN,HKG,TWN,VNM,USA,WLD" }
      config { key: "hs" value: "8542,8486" }
      config { key: "since" value: "2016-01" }
    }
Schedule: after office hours on each day:
    schedule { cron: "0 18 * * *" time_zone: "Asia/Seoul" }
Terms: Korea Open Government License type 1 (free use with the source named).
"""

import re
import urllib.parse

import answers
import headway_plugin as hp
import trade_codes as tc

BASE_URL = "https://apis.data.go.kr/1220000"
KEY = "DATA_GO_KR_KEY"
KEY_ADVICE = (f"check the key in {KEY}, and that it is subscribed to the data "
              "sets 15100475 and 15101609 at https://www.data.go.kr")
SOURCE_NAME = "Korea Customs Service (KOGL type 1)"
BY_COUNTRY = "nitemtrade/getNitemtradeList"
OF_ALL = "Itemtrade/getItemtradeList"
PARTNERS = {**{iso: code for iso, code in tc.ALPHA2.items() if iso != "KOR"},
            tc.WORLD: ""}
VALUES = {"export": "expDlr", "import": "impDlr"}
MONTHS_AT_ONCE = 12
MONTH = re.compile(r"(\d{4})\.(0[1-9]|1[0-2])")
# Codes of errors that say what is wrong with the key, or pass by themselves.
KEY_REFUSED = ("20", "30", "31", "32")
QUOTA = "22"
PASSING = ("01", "02", "04", "05", "21", "99")


def message_of(root):
    """(code, text) of an answer, in either form that errors have."""
    for code, text in (("resultCode", "resultMsg"),
                       ("returnReasonCode", "returnAuthMsg")):
        found = root.find(f".//{code}")
        if found is not None:
            return (found.text or "").strip(), root.findtext(f".//{text}", "")
    return None, ""


class Customs:
    def __init__(self, request):
        self.base = answers.base_url(request)
        # The site shows keys percent-encoded, too.
        self.key = urllib.parse.unquote(request.secret(KEY))
        self.http = hp.Http()

    def rows(self, hs, country, first, last):
        """[{name: text}] of the items of some months, and the address."""
        query = {"strtYymm": first.replace("-", ""),
                 "endYymm": last.replace("-", ""), "hsSgn": hs}
        if country:
            query["cntyCd"] = country
        url = (f"{self.base}/{BY_COUNTRY if country else OF_ALL}?"
               + urllib.parse.urlencode(query))
        response = self.http.get(url, secret_parameters={
            "serviceKey": self.key}, accept_statuses=(400, 401, 403))
        if response.status in (401, 403):
            raise hp.ConfigError(
                f"{url}: HTTP {response.status}, saying "
                f"{hp.beginning(response.body)}; {KEY_ADVICE}")
        root = hp.parse_xml(response.body, url)
        self.check(root, url)
        items = root.find(".//items")
        if items is None:
            raise hp.PluginError(f"{url}: no items; the answer begins with "
                                 f"{hp.beginning(response.body)}")
        return [{cell.tag: (cell.text or "").strip() for cell in item}
                for item in items.iter("item")], url

    @staticmethod
    def check(root, url):
        code, text = message_of(root)
        said = f"{url}: code {code}, {text}"
        if code == "00":
            return
        if code is None:
            raise hp.PluginError(f"{url}: an answer without a resultCode, of "
                                 f"<{root.tag}>")
        if code in KEY_REFUSED:
            raise hp.ConfigError(f"{said}; {KEY_ADVICE}")
        if code == QUOTA:
            raise hp.TransientError(f"{said}; the requests of the day are "
                                    "used up", 3600)
        if code in PASSING:
            raise hp.TransientError(said)
        raise hp.ConfigError(f"{said}; check the options")


def month_of(row, where):
    """"2026.06" as 2026-06; None for a row of totals."""
    text = tc.field(row, "year", where)
    match = MONTH.fullmatch(text)
    if match:
        return f"{match[1]}-{match[2]}"
    if re.search(r"\d", text):
        raise hp.PluginError(f'{where}: the month "{text}" is not written '
                             "like 2026.06")
    return None


def line_of(row, where):
    """The code of a row, which has two names; "-" in a row of totals. A code
    that was written as a number has lost its 0."""
    line = row["hsCode"] if "hsCode" in row else tc.field(row, "hsCd", where)
    return line if line == "-" or len(line) % 2 == 0 else "0" + line


def sums(rows, hs, country, where):
    """{month: {flow: dollars}} of rows."""
    lines = {}  # month -> line -> flow -> dollars
    for number, row in enumerate(rows, 1):
        here = f"{where}: item {number}"
        month, line = month_of(row, here), line_of(row, here)
        if month is None or line == "-":
            continue
        if not line.startswith(hs) or (
                country and tc.field(row, "statCd", here) != country):
            raise hp.PluginError(f"{here}: was not asked for: {row}")
        if line in lines.setdefault(month, {}):
            raise hp.PluginError(f"{here}: line {line} of {month} comes a "
                                 "second time")
        lines[month][line] = {
            flow: tc.amount(tc.field(row, name, here), here)
            for flow, name in VALUES.items()}
    return {month: total(of_month, hs, f"{where}: {month}")
            for month, of_month in sorted(lines.items())}


def total(lines, hs, where):
    if hs in lines:
        return lines[hs]
    if len(set(map(len, lines))) > 1:
        raise hp.PluginError(
            f"{where}: lines of several lengths, {', '.join(sorted(lines))}, "
            "of which some may contain others")
    return {flow: sum(line[flow] for line in lines.values())
            for flow in VALUES}


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.service = Customs(request)
        self.since = tc.since(request)
        self.partners = tc.countries(request, "partners", PARTNERS)
        self.hs = tc.hs_codes(request, (2, 4, 6, 10))
        self.flows = tc.flows(request)

    def define(self):
        for trade in tc.plan(["KOR"], self.partners, self.flows, self.hs):
            trade.define(
                self.out, "trade_value_usd", "USD", "korea_customs",
                frequency="monthly", vintage_kind="OBSERVED",
                description="Exports FOB, imports CIF",
                source_name=SOURCE_NAME)

    def read(self):
        self.define()
        streams = [(hs, partner) for hs in self.hs for partner in self.partners]
        for done, (hs, partner) in enumerate(streams):
            self.out.progress(done, len(streams), f"{hs} {partner}")
            self.read_stream(hs, partner)

    def windows(self, state):
        """(first, last) months of each request, oldest first."""
        now = tc.this_month(self.request.now)
        first = tc.month_number(self.since)
        if state.get("read_to"):
            # From January of last year on, or from where a read was cut off.
            revised = 12 * (now // 12 - 1)
            first = max(first, min(
                revised, tc.month_number(state["read_to"]) + 1))
        # The running month is not out before it is over.
        for start in range(first, now, MONTHS_AT_ONCE):
            end = min(start + MONTHS_AT_ONCE, now) - 1
            yield tc.month_text(start), tc.month_text(end)

    def read_stream(self, hs, partner):
        stream = f"{hs}/{partner}"
        state = answers.last_state(self.request, stream)
        known, found = state.get("sha256", {}), {}
        count = changed = 0
        for first, last in self.windows(state):
            rows, url = self.service.rows(hs, self.partners[partner], first,
                                          last)
            values = sums(rows, hs, self.partners[partner], url)
            count += len(values)
            digest = hp.content_hash(repr(values).encode())[:16]
            # By its first month: the last is another each month.
            found[first] = digest
            if known.get(first) != digest:
                changed += len(values)
                self.deliver(hs, partner, values)
            self.out.checkpoint(stream, answers.state_text(
                self.request, read_to=last, sha256=found))
        self.say(stream, count, changed)

    def deliver(self, hs, partner, values):
        for flow in self.flows:
            trade = tc.Trade("KOR", partner, flow, hs)
            for month, dollars in values.items():
                self.out.observe(trade.id, month, dollars[flow])

    def say(self, stream, count, changed):
        if not count:
            self.out.info(f"{stream}: no trade in the months asked for")
        elif not changed:
            self.out.info(f"{stream}: unchanged")
        else:
            self.out.info(f"{stream}: {count} months")


def read(request, out):
    Reader(request, out).read()


def discover(request, out):
    Reader(request, out).define()


def check(request):
    reader = Reader(request, None)
    partner, hs = next(iter(reader.partners)), reader.hs[0]
    now = tc.this_month(request.now)
    rows, url = reader.service.rows(hs, reader.partners[partner],
                                    tc.month_text(now - 6),
                                    tc.month_text(now - 1))
    months = sums(rows, hs, reader.partners[partner], url)
    return (f"{hs}/{partner} is there up to {max(months)}" if months else
            f"the service answers; {hs}/{partner} has no recent months")


hp.run(hp.Plugin(
    name="korea",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads Korea's trade by HS code and partner from its customs.",
    read=read,
    discover=discover,
    check=check,
    options=[
        hp.Option("partners", "ISO 3166 alpha-3 codes of countries; WLD is "
                  "the world.", "CHN,HKG,TWN,VNM,USA,JPN,SGP,MYS,WLD"),
        hp.Option("flows", "export, import or both.", "export,import"),
        hp.Option("hs", "HS codes of 2, 4, 6 or 10 digits.",
                  "8541,8542,8486,8471,8473"),
        hp.Option("since", "The first month.", "2016-01"),
        hp.Option("base_url", "Where the API is.", BASE_URL),
    ],
    secrets=[hp.Secret(KEY, "A service key of https://www.data.go.kr, free.",
                       required=True)],
    hosts=["apis.data.go.kr"],
    limits=[hp.Limit("apis.data.go.kr", per_second=5)],
    terms=hp.Terms(
        "allowed", "Korea Open Government License type 1: free use with the "
        "source named.", "https://www.kogl.or.kr/info/license.do"),
    default_schedule="0 9 * * *",
))

#!/usr/bin/python3
"""e-Stat: Japan's trade by HS code and partner (Ministry of Finance).

Series, monthly, in JPY (the tables have thousands):
  trade_value_jpy{reporter="JPN",partner,flow,hs,source="japan_customs"}
the series of the bundled trade_japan.csv. The tables have lines of nine
digits; a code of fewer is the sum of its lines. There is no line for the world.

A table holds some years and is replaced as a whole when a month is added, or
figures become firmer: 速報, 確報, 確々報 and at last 確定 (final), which a
table's title says for its months, and which alone is FINAL here. All of a table
is asked for at each read, so every revision in it is seen; the day of its last
update is the known_at of its values (NATIVE). Months that are not published
yet stand there as 0: those after the last that the title names are left out.

Publisher's limits: none stated but 100,000 values an answer, which are paged;
one request a second is kept. https://www.e-stat.go.jp/api/ has the keys.

    source {
      name: "estat"
      plugin: "estat"
      supersedes: "trade-japan-sample"
      config { key: "tables" value: "0003425293,0004049306" }
      config { key: "partners" value: "CHN" }
      config { key: "hs" value: "8542,8486" }
      config { key: "since" value: "2021-01" }
    }
Tables: exports 0003313965 (2016-2020), 0003425293 (2021-2025), 0004049306
(from 2026); imports 0003313966, 0003425294, 0004049326. A table says itself
which flow it is of.
Schedule: the months' detailed figures come out at 08:50, near the end of the
next month:
    schedule { cron: "0 9 * * *" time_zone: "Asia/Tokyo" }
Terms: Government of Japan Standard Terms of Use 2.0 (as CC BY 4.0).
"""

import re
import urllib.parse

import answers
import headway_plugin as hp
import trade_codes as tc

BASE_URL = "https://api.e-stat.go.jp/rest/3.0"
KEY = "ESTAT_APP_ID"
SOURCE_NAME = ("Ministry of Finance of Japan, trade statistics, by e-Stat "
               "(Standard Terms of Use 2.0)")
PAGE = 100000
# The table's code of each month's value.
MONTHS = {str(140 + 30 * month): month for month in range(1, 13)}
VALUE_NAME = re.compile(r"(\d{1,2})月_金額")
THOUSAND_YEN = "千円"
FLOWS = {"輸出": "export", "輸入": "import"}
FINAL = "確定"
# What stands where there is no number.
NO_NUMBER = ("", "-", "…", "***", "X", "x")
# Parts of a title: "(1-12月：確定) 2021年～2024年".
STAGES = re.compile(r"[(（]([^)）]*月[：:][^)）]*)[)）]\s*(\d{4})年"
                    r"(?:\s*[～~-]\s*(\d{4})年)?")
STAGE = re.compile(r"(?:(\d{1,2})\s*-\s*)?(\d{1,2})月[：:]\s*([^、，,\d\s]+)")

# The Ministry's numbers of countries; the tables have 50 before them.
AREAS = {
    "KOR": 103, "CHN": 105, "TWN": 106, "MNG": 107, "HKG": 108, "VNM": 110,
    "THA": 111, "SGP": 112, "MYS": 113, "BRN": 116, "PHL": 117, "IDN": 118,
    "KHM": 120, "LAO": 121, "MMR": 122, "IND": 123, "PAK": 124, "LKA": 125,
    "BGD": 127, "MAC": 129, "IRN": 133, "BHR": 135, "SAU": 137, "KWT": 138,
    "QAT": 140, "OMN": 141, "ISR": 143, "ARE": 147, "AZE": 150, "ARM": 151,
    "UZB": 152, "KAZ": 153, "KGZ": 154, "GEO": 157, "NOR": 202, "SWE": 203,
    "DNK": 204, "GBR": 205, "IRL": 206, "NLD": 207, "BEL": 208, "LUX": 209,
    "FRA": 210, "DEU": 213, "CHE": 215, "PRT": 217, "ESP": 218, "ITA": 220,
    "MLT": 221, "FIN": 222, "POL": 223, "RUS": 224, "AUT": 225, "HUN": 227,
    "GRC": 230, "ROU": 231, "BGR": 232, "CYP": 233, "TUR": 234, "EST": 235,
    "LVA": 236, "LTU": 237, "UKR": 238, "BLR": 239, "HRV": 241, "SVN": 242,
    "CZE": 245, "SVK": 246, "CAN": 302, "USA": 304, "MEX": 305, "CRI": 311,
    "COL": 401, "PER": 407, "CHL": 409, "BRA": 410, "ARG": 413, "MAR": 501,
    "EGY": 506, "ZAF": 551, "AUS": 601, "NZL": 606,
}
AREA_CODES = {iso: f"50{number}" for iso, number in AREAS.items()}


def as_list(value):
    """The service writes a list of one without the list."""
    return value if isinstance(value, list) else [value]


def stages(title):
    """{year: [(last month, stage)]}, what a title says of its months."""
    found = {}
    for part, first, last in STAGES.findall(title):
        of_months = [(int(end), stage)
                     for _, end, stage in STAGE.findall(part)]
        for year in range(int(first), int(last or first) + 1):
            found.setdefault(year, []).extend(of_months)
    return {year: sorted(months) for year, months in found.items()}


def stage_of(months, month):
    """The stage of a month, None after the last that is published."""
    return next((stage for last, stage in months if month <= last), None)


class Estat:
    def __init__(self, request):
        self.base = answers.base_url(request)
        self.key = request.secret(KEY)
        self.http = hp.Http()

    def pages(self, table, hs, areas, year):
        """The STATISTICAL_DATA of each page of an answer."""
        start = 1
        while start is not None:
            url = f"{self.base}/app/json/getStatsData?" + (
                urllib.parse.urlencode({
                    "lang": "J", "statsDataId": table,
                    "cdCat01From": hs.ljust(9, "0"),
                    "cdCat01To": hs.ljust(9, "9"),
                    "cdCat02": ",".join(MONTHS), "cdArea": ",".join(areas),
                    "cdTimeFrom": f"{year}000000", "metaGetFlg": "Y",
                    "limit": PAGE, "startPosition": start}, safe=","))
            data = self.ask(url)
            if data is None:
                return
            yield url, data
            following = tc.field(data, "RESULT_INF", url).get("NEXT_KEY")
            if following is not None and int(following) <= start:
                raise hp.PluginError(f"{url}: the next page begins at "
                                     f"{following}, not after {start}")
            start = None if following is None else int(following)

    def ask(self, url):
        response = self.http.get(url, secret_parameters={"appId": self.key},
                                 accept_statuses=(400, 403))
        answer = tc.field(response.json(url), "GET_STATS_DATA", url)
        result = tc.field(answer, "RESULT", url)
        status = int(tc.field(result, "STATUS", url))
        said = f"{url}: status {status}, {result.get('ERROR_MSG', '')}"
        if status == 1:
            return None
        if status == 100:
            raise hp.ConfigError(
                f"{said}; check the application id in {KEY}; it is had at "
                "https://www.e-stat.go.jp/api/")
        if 100 < status < 200:
            raise hp.ConfigError(f"{said}; check the options")
        if status >= 200:
            raise hp.TransientError(said)
        return tc.field(answer, "STATISTICAL_DATA", url)


class Table:
    """What the pages of one table and code come to."""

    def __init__(self, table, hs, partner_of):
        self.hs = hs
        self.partner_of = partner_of
        self.flow = self.title = self.updated = None
        self.sums = {}  # (partner, year, month) -> yen
        self.where = f"table {table}, HS {hs}"

    def add(self, url, data):
        info = tc.field(data, "TABLE_INF", url)
        name = str(tc.field(info, "TITLE", url)) + str(
            info.get("STATISTICS_NAME", ""))
        self.title = name
        self.flow = next((flow for word, flow in FLOWS.items()
                          if word in name), None)
        if self.flow is None:
            raise hp.PluginError(f"{url}: the table's title names neither "
                                 f"{' nor '.join(FLOWS)}: {name}")
        self.updated = tc.field(info, "UPDATED_DATE", url)
        self.check_classes(url, tc.field(data, "CLASS_INF", url))
        body = tc.field(data, "DATA_INF", url)
        for cell in as_list(tc.field(body, "VALUE", url)):
            self.add_cell(url, cell)

    @staticmethod
    def check_classes(url, classes):
        """That the codes of months still mean what they did."""
        for one in as_list(tc.field(classes, "CLASS_OBJ", url)):
            if one.get("@id") != "cat02":
                continue
            for code in as_list(tc.field(one, "CLASS", url)):
                match = VALUE_NAME.fullmatch(code.get("@name", ""))
                if not match or MONTHS.get(code.get("@code")) != int(match[1]):
                    raise hp.PluginError(
                        f"{url}: code {code.get('@code')} is now "
                        f"\"{code.get('@name')}\"; the table has changed")

    def add_cell(self, url, cell):
        text = str(tc.field(cell, "$", url)).strip()
        if text in NO_NUMBER:
            return
        if tc.field(cell, "@unit", url) != THOUSAND_YEN:
            raise hp.PluginError(f"{url}: a value in \"{cell['@unit']}\", not "
                                 f"in {THOUSAND_YEN}")
        month = MONTHS.get(tc.field(cell, "@cat02", url))
        partner = self.partner_of.get(tc.field(cell, "@area", url))
        line = str(tc.field(cell, "@cat01", url))
        if month is None or partner is None or not line.startswith(self.hs):
            raise hp.PluginError(f"{url}: a cell that was not asked for: "
                                 f"{cell}")
        key = partner, int(tc.field(cell, "@time", url)[:4]), month
        self.sums[key] = (self.sums.get(key, 0)
                          + 1000 * tc.amount(text, f"{url}: {cell}"))

    def values(self, since, out):
        """{(partner, period): (yen, status)} of the published months."""
        said = stages(self.title)
        if not said:
            out.warn(f"{self.where}: the title does not say which months are "
                     f"published: {self.title}; those after the last with any "
                     "trade are left out")
        traded = {}
        for (_, year, month), value in self.sums.items():
            if value:
                traded[year] = max(traded.get(year, 0), month)
        found = {}
        for (partner, year, month), value in sorted(self.sums.items()):
            months = said.get(year, [(traded.get(year, 0), FINAL)])
            stage = stage_of(months, month)
            period = f"{year}-{month:02}"
            if stage is None and value:
                raise hp.PluginError(
                    f"{self.where}: {period} has a value, but the title says "
                    f"it is not published: {self.title}")
            if stage is not None and period >= since:
                found[partner, period] = (
                    value, "FINAL" if stage == FINAL else "PROVISIONAL")
        return found


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.service = Estat(request)
        self.since = tc.since(request)
        self.partners = tc.countries(request, "partners", AREA_CODES)
        self.hs = tc.hs_codes(request, (2, 4, 6, 9))
        self.tables = request.list_option("tables")
        self.defined = set()
        for table in self.tables:
            if not re.fullmatch(r"\d{10}", table):
                raise hp.ConfigError(f'option tables: "{table}" is no '
                                     "statsDataId of ten digits")
        if not self.tables:
            raise hp.ConfigError("option tables names no table")

    def read(self):
        streams = [(t, hs) for t in self.tables for hs in self.hs]
        for done, (table, hs) in enumerate(streams):
            self.out.progress(done, len(streams), f"{table} {hs}")
            self.read_stream(table, hs)

    def fetch(self, number, hs):
        areas = {code: iso for iso, code in self.partners.items()}
        table = Table(number, hs, areas)
        for url, data in self.service.pages(number, hs, areas,
                                            self.since[:4]):
            table.add(url, data)
        return table

    def read_stream(self, number, hs):
        stream = f"{number}/{hs}"
        state = answers.last_state(self.request, stream)
        table = self.fetch(number, hs)
        if table.flow is None:
            self.out.warn(f"{table.where}: no values since {self.since}")
            self.out.checkpoint(stream, answers.state_text(self.request))
            return
        values = table.values(self.since, self.out)
        # Of the values: the answer itself holds the time of the request.
        digest = hp.content_hash(repr(sorted(values.items())).encode())
        # The definitions are wanted also where nothing is new.
        trades = {partner: self.define(partner, table.flow, hs)
                  for partner in sorted({p for p, _ in values})}
        if state.get("sha256") == digest:
            self.out.info(f"{table.where}: unchanged since the update of "
                          f"{state.get('updated')}")
            updated = state.get("updated")
        else:
            updated = table.updated
            self.deliver(trades, values, table, state)
        self.out.checkpoint(stream, answers.state_text(
            self.request, updated=updated, sha256=digest))

    def deliver(self, trades, values, table, state):
        known_at = tc.day_end(table.updated, table.where, self.request.now)
        if state.get("updated") == table.updated:
            # It has changed all the same: then when this was seen.
            known_at = self.request.now
        for (partner, period), (value, status) in values.items():
            self.out.observe(trades[partner].id, period, value, known_at,
                             status)
        for partner in self.partners.keys() - trades.keys():
            self.out.info(f"{table.where}: no trade with {partner}")
        self.out.info(f"{table.where}: {len(values)} values as updated "
                      f"{table.updated}")

    def define(self, partner, flow, hs):
        trade = tc.Trade("JPN", partner, flow, hs)
        if trade.id not in self.defined:
            self.defined.add(trade.id)
            trade.define(
                self.out, "trade_value_jpy", "JPY", "japan_customs",
                frequency="monthly", vintage_kind="NATIVE",
                description="Exports FOB, imports CIF, nine-digit lines added",
                source_name=SOURCE_NAME)
        return trade


def read(request, out):
    Reader(request, out).read()


def check(request):
    reader = Reader(request, None)
    table = reader.fetch(reader.tables[-1], reader.hs[0])
    if table.flow is None:
        return f"the service answers; {table.where} has no values"
    return f"{table.title}, updated {table.updated}"


hp.run(hp.Plugin(
    name="estat",
    version="1.0",
    evidence=("recorded", "2026-07-10"),
    summary="Reads Japan's trade by HS code and partner from e-Stat.",
    read=read,
    check=check,
    options=[
        hp.Option("tables", "The statsDataId of tables of trade by code and "
                  "country; the default are exports since 2021.",
                  "0003425293,0004049306"),
        hp.Option("partners", "ISO 3166 alpha-3 codes of countries.",
                  "CHN,HKG,TWN,KOR,MYS,SGP,VNM,USA,NLD"),
        hp.Option("hs", "Codes of 2, 4, 6 or 9 digits.", "8542,8486"),
        hp.Option("since", "The first month.", "2021-01"),
        hp.Option("base_url", "Where the API is.", BASE_URL),
    ],
    secrets=[hp.Secret(KEY, "An application id of e-Stat, free at "
                       "https://www.e-stat.go.jp/api/.", required=True)],
    hosts=["api.e-stat.go.jp"],
    limits=[hp.Limit("api.e-stat.go.jp", per_second=1)],
    terms=hp.Terms(
        "allowed", "Government of Japan Standard Terms of Use 2.0: reuse with "
        "the source named.", "https://www.e-stat.go.jp/en/terms-of-use"),
    default_schedule="0 0 * * *",
))

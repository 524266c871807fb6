#!/usr/bin/python3
"""Eurostat's Comext: trade of the EU's members by HS and CN code (DS-045409).

Series, monthly, in EUR:
  trade_value_eur{reporter,partner,flow,hs,source="eurostat"}
the series of the bundled trade_eurostat.csv. EU27 is the Union as a whole and
contains its members: never add them.

The data set is updated as a whole in the middle of the month at 11:00, and any
recent month may change with it. So each read asks for all months since the
first, one request for a reporter, and the time of the update, which each
answer names, is the known_at of its values (NATIVE). What an earlier answer had
and this one lacks is withdrawn. An answer that has not changed is passed over.

Answers come as JSON-stat or as SDMX-CSV; both say the same. A request that the
service finds too big, or puts into its queue (more than 500,000 cells), is
asked in halves. No key, no stated limit of requests; one a second is kept.

    source {
      name: "eurostat"
      plugin: "eurostat"
      supersedes: "trade-eurostat-sample"
      config { key: "reporters" value: "NLD,DEU" }
      config { key: "partners" value: "CHN" }
      config { key: "flows" value: "export" }
      config { key: "hs" value: "8542,8486" }
      config { key: "since" value: "2021-01" }
    }
Schedule: half an hour after the updates:
    schedule { cron: "30 11 * * *" time_zone: "Europe/Luxembourg" }
Eurostat's data may be reused with the source named (CC BY 4.0).
"""

import datetime
import re
import urllib.parse
import zoneinfo

import answers
import headway_plugin as hp
import trade_codes as tc

BASE_URL = "https://ec.europa.eu/eurostat/api/comext/dissemination"
SOURCE_NAME = "Eurostat, Comext DS-045409 (CC BY 4.0)"
REPORTERS = {**tc.ALPHA2, "EU27": "EU27_2020"}
PARTNERS = {**tc.ALPHA2, tc.WORLD: "WORLD"}
FLOW_CODES = {"import": "1", "export": "2"}
INDICATOR = "VALUE_IN_EUROS"
FORMATS = ("json", "csv")
# The service's clock, for times without a zone.
ZONE = "Europe/Luxembourg"
STATUSES = {"p": "PROVISIONAL", "e": "ESTIMATED", "s": "ESTIMATED",
            "b": "BREAK"}
NOTHING = ("NO_RESULTS", "NO_RECORDS_FOUND")


class TooBig(Exception):
    """The service does not answer this at once."""


def status_of(flags):
    """Of several flags the first that has a status."""
    return next((STATUSES[flag] for flag in str(flags or "")
                 if flag in STATUSES), "FINAL")


def jsonstat_cells(text, where):
    """(time of the update, [(codes by dimension, value, flags)])."""
    answer = hp.parse_json(text, where)
    ids = tc.field(answer, "id", where)
    sizes = tc.field(answer, "size", where)
    dimensions = tc.field(answer, "dimension", where)
    codes = []
    for name, size in zip(ids, sizes):
        one = category_codes(tc.field(dimensions, name, where),
                             f"{where}: dimension {name}")
        if len(one) != size:
            raise hp.PluginError(f"{where}: dimension {name} has {len(one)} "
                                 f"codes, its size is {size}")
        codes.append(one)
    values = sparse(tc.field(answer, "value", where))
    flags = sparse(answer.get("status", {}))
    cells = [(dict(zip(ids, place(int(flat), codes, where))), value,
              flags.get(flat)) for flat, value in values.items()
             if value is not None]
    return parse_time(tc.field(answer, "updated", where), where), cells


def category_codes(dimension, where):
    """The codes of a dimension in their order; one of a single code need not
    say it."""
    category = tc.field(dimension, "category", where)
    index = category.get("index", list(category.get("label", {})))
    return sorted(index, key=index.get) if isinstance(index, dict) else index


def sparse(values):
    """{flat index as text: value} of either form that JSON-stat has."""
    if isinstance(values, list):
        return {str(i): value for i, value in enumerate(values)}
    return values


def place(flat, codes, where):
    """The code in each dimension of a cell; the last dimension runs
    fastest."""
    rest, found = flat, []
    for one in reversed(codes):
        rest, at = divmod(rest, len(one))
        found.append(one[at])
    if rest:
        raise hp.PluginError(f"{where}: cell {flat} lies outside the "
                             "dimensions")
    return reversed(found)


def csv_cells(text, where):
    updated, cells = None, []
    for row in hp.csv_rows(text, where):
        line = f"{where}:{row.line}"
        updated = updated or parse_time(
            tc.field(row, "LAST UPDATE", line), line)
        if not tc.field(row, "OBS_VALUE", line).strip():
            continue
        codes = {name: tc.field(row, name, line) for name in (
            "freq", "reporter", "partner", "product", "flow", "indicators")}
        codes["time"] = tc.field(row, "TIME_PERIOD", line)
        cells.append((codes, row["OBS_VALUE"], row.get("OBS_FLAG")))
    return updated, cells


def parse_time(text, where):
    """"2026-08-14T11:00:00+0200", or "15/09/26 11:00:00" of the service's
    clock."""
    zone = zoneinfo.ZoneInfo(ZONE)
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%d/%m/%y %H:%M:%S"):
        try:
            at = datetime.datetime.strptime(str(text), form)
        except ValueError:
            continue
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        return at.astimezone(datetime.timezone.utc)
    raise hp.PluginError(f'{where}: the time of the update "{text}" is written '
                         "in another way than before")


class Comext:
    """The service: a request for some partners and goods of a reporter."""

    def __init__(self, request):
        self.base = answers.base_url(request)
        self.since = tc.since(request)
        self.flows = [FLOW_CODES[flow] for flow in tc.flows(request)]
        self.form = request.option("format")
        if self.form not in FORMATS:
            raise hp.ConfigError(f'option format = "{self.form}" is neither '
                                 "json nor csv")
        self.http = hp.Http(
                            max_response_bytes=128 << 20)

    def url(self, reporter, partners, hs):
        if self.form == "csv":
            key = ".".join(("M", reporter, "+".join(partners), "+".join(hs),
                            "+".join(self.flows), INDICATOR))
            return (f"{self.base}/sdmx/2.1/data/DS-045409/{key}?startPeriod="
                    f"{self.since}&format=SDMX-CSV&compressed=false")
        query = [("format", "JSON"), ("lang", "EN"), ("freq", "M"),
                 ("reporter", reporter), *(("partner", p) for p in partners),
                 *(("product", code) for code in hs),
                 *(("flow", f) for f in self.flows),
                 ("indicators", INDICATOR), ("sinceTimePeriod", self.since)]
        return (f"{self.base}/statistics/1.0/data/ds-045409?"
                + urllib.parse.urlencode(query))

    def fetch(self, reporter, partners, hs):
        """[(address, text)] of the answers, more than one where the service
        finds the whole too big; none for what it has nothing of."""
        url = self.url(reporter, partners, hs)
        try:
            text = self.ask(url)
        except TooBig as e:
            if len(partners) == len(hs) == 1:
                raise hp.TransientError(
                    f"{e}; the request is of one partner and one code, so it "
                    "cannot be made smaller; a later month as `since` makes "
                    "it so", 300) from None
            parts = ([(half, hs) for half in halves(partners)]
                     if len(partners) > 1 else
                     [(partners, half) for half in halves(hs)])
            return [answer for part in parts
                    for answer in self.fetch(reporter, *part)]
        return [(url, text)] if text is not None else []

    def ask(self, url):
        response = self.http.get(url, accept_statuses=(400, 404, 413))
        text = response.text()
        if "<queued>" in text or "EXTRACTION_TOO_BIG" in text or (
                response.status == 413):
            raise TooBig(f"{url}: the service finds the request too big: "
                         f"{hp.beginning(fault(text), 200)}")
        if any(word in text for word in NOTHING) and "Fault" in text:
            return None
        if response.status != 200 or "Fault" in text[:200]:
            raise hp.ConfigError(f"{url}: HTTP {response.status}, saying "
                                 f"{hp.beginning(fault(text), 200)}; check "
                                 "the options and base_url")
        return text


def halves(items):
    middle = (len(items) + 1) // 2
    return items[:middle], items[middle:]


def fault(text):
    """What an XML fault says."""
    match = re.search(r"<faultstring>(.*?)</faultstring>", text, re.S)
    return match[1] if match else text


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.service = Comext(request)
        self.reporters = tc.countries(request, "reporters", REPORTERS)
        self.partners = tc.countries(request, "partners", PARTNERS)
        self.hs = tc.hs_codes(request, (2, 4, 6, 8))
        self.flows = tc.flows(request)

    def define(self):
        for trade in tc.plan(self.reporters, self.partners, self.flows,
                             self.hs):
            trade.define(
                self.out, "trade_value_eur", "EUR", "eurostat",
                frequency="monthly", vintage_kind="NATIVE",
                source_name=SOURCE_NAME, description=(
                    "Statistical value: FOB for exports, CIF for imports"))

    def read(self):
        self.define()
        for done, (reporter, code) in enumerate(self.reporters.items()):
            self.out.progress(done, len(self.reporters), reporter)
            self.read_reporter(reporter, code)

    def read_reporter(self, reporter, code):
        state = answers.last_state(self.request, reporter)
        partners = [theirs for partner, theirs in self.partners.items()
                    if partner != reporter]
        if not partners:
            self.out.warn(f"{reporter}: no partner but itself; nothing is "
                          "asked")
            return
        documents = self.service.fetch(code, partners, self.hs)
        digest = hp.content_hash("\n".join(
            hp.content_hash(text.encode()) for _, text in documents).encode())
        if not documents:
            self.out.warn(f"{reporter}: the service has no trade since "
                          f"{self.service.since}")
        elif state.get("sha256") == digest:
            self.out.info(f"{reporter}: unchanged since the update of "
                          f"{state.get('updated')}")
        else:
            state = self.deliver(reporter, code, documents, state)
            state["sha256"] = digest
        state.pop("fingerprint", None)
        self.out.checkpoint(reporter, answers.state_text(self.request, **state))

    def deliver(self, reporter, code, documents, state):
        updated, values, statuses = self.values(reporter, code, documents)
        if updated is None:
            self.out.warn(f"{reporter}: a table without a row; nothing is "
                          "changed")
            return state
        known_at = min(updated, self.request.now)
        if state.get("updated") == updated.isoformat():
            # It has changed all the same: then when this was seen.
            known_at = self.request.now
        count = 0
        for trade in tc.plan([reporter], self.partners, self.flows, self.hs):
            series = values.get(trade, {})
            count += len(series)
            if series:
                self.out.batch(trade.id, dict(sorted(series.items())),
                               known_at, snapshot=True,
                               statuses=statuses.get(trade))
            else:
                self.out.info(f"{trade.id}: no trade since "
                              f"{self.service.since}")
        self.out.info(f"{reporter}: {count} values as updated "
                      f"{updated.isoformat()}")
        return {"updated": updated.isoformat()}

    def values(self, reporter, code, documents):
        """(update, {trade: {period: value}}, {trade: {period: status}})."""
        times, values, statuses = [], {}, {}
        parse = csv_cells if self.service.form == "csv" else jsonstat_cells
        for url, text in documents:
            updated, cells = parse(text, url)
            times += [updated] if updated else []
            for codes, value, flags in cells:
                trade = self.trade(reporter, code, codes, url)
                where = f"{url}: {trade.id} of {codes['time']}"
                series = values.setdefault(trade, {})
                if codes["time"] in series:
                    raise hp.PluginError(f"{where}: comes a second time")
                series[codes["time"]] = tc.amount(value, where)
                if status_of(flags) != "FINAL":
                    statuses.setdefault(trade, {})[codes["time"]] = (
                        status_of(flags))
        return max(times, default=None), values, statuses

    def trade(self, reporter, code, codes, where):
        partner_of = {theirs: iso for iso, theirs in self.partners.items()}
        flow_of = {number: flow for flow, number in FLOW_CODES.items()}
        partner = partner_of.get(tc.field(codes, "partner", where))
        flow = flow_of.get(tc.field(codes, "flow", where))
        hs = tc.field(codes, "product", where)
        tc.field(codes, "time", where)
        if (tc.field(codes, "reporter", where) != code or partner is None
                or flow not in self.flows or hs not in self.hs
                or codes.get("freq") != "M"
                or codes.get("indicators") != INDICATOR):
            raise hp.PluginError(f"{where}: a cell that was not asked for: "
                                 f"{codes}")
        return tc.Trade(reporter, partner, flow, hs)


def read(request, out):
    Reader(request, out).read()


def discover(request, out):
    Reader(request, out).define()


def check(request):
    reader = Reader(request, None)
    reporter, code = next(iter(reader.reporters.items()))
    partner = next(iter(reader.partners.values()))
    documents = reader.service.fetch(code, [partner], reader.hs[:1])
    if not documents:
        return f"the service answers; it has no such trade of {reporter}"
    updated, values, _ = reader.values(reporter, code, documents)
    return (f"the data set was updated {updated}; {reporter} has "
            f"{sum(map(len, values.values()))} values of the first code")


hp.run(hp.Plugin(
    name="eurostat",
    version="1.0",
    evidence=("recorded", "2026-08-14"),
    summary="Reads trade of the EU's members from Eurostat's Comext.",
    read=read,
    discover=discover,
    check=check,
    options=[
        hp.Option("reporters", "ISO 3166 alpha-3 codes of members of the EU; "
                  "EU27 is the Union.", "NLD,DEU"),
        hp.Option("partners", "Their partners; WLD is the world.",
                  "CHN,HKG,TWN,KOR,JPN,MYS,SGP,USA"),
        hp.Option("flows", "export, import or both.", "export"),
        hp.Option("hs", "Codes of 2, 4, 6 (HS) or 8 digits (CN).",
                  "8542,8486"),
        hp.Option("since", "The first month.", "2021-01"),
        hp.Option("format", "json (JSON-stat) or csv (SDMX-CSV).", "json"),
        hp.Option("base_url", "Where the API is.", BASE_URL),
    ],
    hosts=["ec.europa.eu"],
    limits=[hp.Limit("ec.europa.eu", per_second=1)],
    terms=hp.Terms(
        "allowed", "Reuse with the source named (CC BY 4.0).",
        "https://ec.europa.eu/eurostat/help/copyright-notice"),
    default_schedule="30 10 * * *",
))

#!/usr/bin/python3
"""Indicators of the World Bank (API v2): any of them, for any countries.

Indicators are named as the World Bank does; those in KNOWN have a metric and a
unit here, others are given both: "SL.UEM.TOTL.ZS=unemployment_percent:percent".
Taiwan is none of its countries.

An answer says when its database was last updated, and no more of vintages: the
series are NATIVE, known at the end of that day. The World Bank revises whole
histories, so each indicator is read whole, and a value that it takes back is
withdrawn. An answer that is the same as at the last read is passed over.

Series, annual (quarterly and monthly where the indicator is):
  METRIC{country}   country is ISO 3166 alpha-3, as the World Bank has it

    source {
      name: "worldbank"
      plugin: "worldbank"
      # pipeline: schedule { cron: "0 9 * * 2" time_zone: "America/New_York" }
      config { key: "indicators" value: "NY.GDP.MKTP.CD,TX.VAL.TECH.CD" }
      config { key: "countries" value: "CHN,USA,KOR,JPN,NLD,DEU" }
    }
"""

import re
import urllib.parse

import answers
import headway_plugin as hp

KNOWN = {
    "NY.GDP.MKTP.CD": ("gdp_usd", "USD"),
    "NY.GDP.MKTP.KD": ("gdp_usd2015", "USD"),
    "NY.GDP.MKTP.KD.ZG": ("gdp_growth_percent", "percent"),
    "SP.POP.TOTL": ("population", "1"),
    "FP.CPI.TOTL.ZG": ("inflation_percent", "percent"),
    "NE.EXP.GNFS.CD": ("exports_usd", "USD"),
    "NE.IMP.GNFS.CD": ("imports_usd", "USD"),
    "TX.VAL.TECH.CD": ("high_technology_exports_usd", "USD"),
    "TX.VAL.ICTG.ZS.UN": ("ict_goods_exports_percent", "percent"),
    "GB.XPD.RSDV.GD.ZS": ("research_spending_percent_of_gdp", "percent"),
    "EG.USE.ELEC.KH.PC": ("electricity_use_kwh_per_head", "kWh"),
    "IP.PAT.RESD": ("patent_applications_of_residents", "1"),
    "NV.IND.MANF.CD": ("manufacturing_value_added_usd", "USD"),
}
EXAMPLE = "SL.UEM.TOTL.ZS=unemployment_percent:percent"
STATUSES = {"": "FINAL", "E": "ESTIMATED", "F": "ESTIMATED",
            "P": "PROVISIONAL"}
ROWS_A_PAGE = 5000
MOST_PAGES = 100
SOURCE_NAME = "World Bank Open Data (CC BY 4.0)"
# What its errors are called; 120 is a parameter that it does not know, 175 an
# indicator that is gone.
BAD_PARAMETER = ("120", "175")


def indicators_option(request):
    """{indicator: (metric, unit)}"""
    indicators = {}
    for part in request.list_option("indicators"):
        code, equals, rest = part.partition("=")
        metric, colon, unit = rest.partition(":")
        if equals and metric and colon and unit:
            indicators[code] = (metric, unit)
        elif equals:
            raise hp.ConfigError(f'option indicators: "{part}" is not of the '
                                 f"form {EXAMPLE}")
        elif code in KNOWN:
            indicators[code] = KNOWN[code]
        else:
            raise hp.ConfigError(
                f'option indicators: "{code}" is none that this plugin knows '
                f"({', '.join(KNOWN)}); give its metric and unit, {EXAMPLE}")
    if not indicators:
        raise hp.ConfigError("option indicators is empty; write NY.GDP.MKTP.CD"
                             f" or {EXAMPLE}")
    return indicators


def countries_option(request):
    countries = request.list_option("countries")
    for country in countries:
        if not re.fullmatch(r"[A-Za-z0-9]{2,3}", country):
            raise hp.ConfigError(f'option countries: "{country}" is no code of'
                                 ' a country; write CHN, USA or "all"')
    return ";".join(countries) or "all"


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.indicators = indicators_option(request)
        self.countries = countries_option(request)
        self.http = hp.Http()

    def address(self, indicator, page):
        return (f"{answers.base_url(self.request)}/country/{self.countries}"
                f"/indicator/{urllib.parse.quote(indicator)}"
                f"?format=json&per_page={ROWS_A_PAGE}&page={page}")

    def read(self):
        for done, indicator in enumerate(self.indicators):
            self.out.progress(done, len(self.indicators), indicator)
            self.read_indicator(indicator)

    def read_indicator(self, indicator):
        last = answers.last_state(self.request, indicator)
        url = self.address(indicator, 1)
        body = self.http.get(url).body
        digest = hp.content_hash(body)
        state = answers.state_text(self.request, sha256=digest)
        if digest == last.get("sha256"):
            self.out.info(f"{indicator}: unchanged, no news")
            self.out.checkpoint(stream=indicator, state=state)
            return
        with answers.known_form(url):
            known_at = self.read_pages(indicator, body, url)
        self.out.checkpoint(stream=indicator, state=state, complete=True,
                            known_at=known_at)

    def read_pages(self, indicator, body, url):
        """Delivers all pages; `body` is the first. Returns since when it is
        known."""
        meta, rows = self.page(body, url, indicator)
        for number in range(2, self.pages(meta, url) + 1):
            url = self.address(indicator, number)
            more, more_rows = self.page(self.http.get(url).body, url,
                                        indicator)
            if int(more.get("page", 0)) != number:
                raise hp.PluginError(f"{url}: page {more.get('page')} in place"
                                     f" of page {number}")
            rows += more_rows
        known_at = self.known_at(meta, url)
        self.deliver(indicator, rows, known_at)
        return known_at

    def pages(self, meta, url):
        pages = int(answers.field(meta, "pages", url))
        if pages > MOST_PAGES:
            raise hp.PluginError(f"{url}: {pages} pages, more than "
                                 f"{MOST_PAGES}; ask for fewer countries")
        return pages

    def page(self, body, url, indicator):
        answer = answers.json_answer(body, url)
        if not isinstance(answer, list) or not answer:
            raise hp.PluginError(f"{url}: not a list of two parts, but "
                                 f"{hp.beginning(body)}")
        if "message" in answer[0]:
            raise self.error(answer[0]["message"], url, indicator)
        if len(answer) < 2 or not answer[1]:
            raise hp.ConfigError(
                f"{url}: no rows of {indicator} for {self.countries}; check "
                "the options indicators and countries")
        return answer[0], answer[1]

    def error(self, messages, url, indicator):
        said = "; ".join(f'{m.get("key", "")}: {m.get("value", "")}'
                         for m in messages)
        if any(str(m.get("id")) in BAD_PARAMETER for m in messages):
            return hp.ConfigError(
                f"{url}: the World Bank says \"{said}\": the indicator "
                f"{indicator} or a country of {self.countries} is not known")
        return hp.PluginError(f'{url}: the World Bank says "{said}"')

    def known_at(self, meta, url):
        text = str(answers.field(meta, "lastupdated", url))
        try:
            return min(hp.parse_instant(text, self.request.now),
                       self.request.now)
        except hp.PluginError as e:
            raise hp.PluginError(f"{url}: lastupdated: {e}") from None

    def deliver(self, indicator, rows, known_at):
        metric, unit = self.indicators[indicator]
        found = {}  # country -> ({period: value}, {period: status})
        title = ""
        for row in rows:
            title = answers.field(answers.field(row, "indicator", indicator),
                                  "value", indicator)
            country = (answers.field(row, "countryiso3code", indicator)
                       or answers.field(row["country"], "id", indicator))
            value = answers.number(answers.field(row, "value", indicator),
                                   f"{indicator}: {country}")
            if value is None:
                continue
            period = period_of(answers.field(row, "date", indicator))
            values, statuses = found.setdefault(country, ({}, {}))
            values[period] = value
            statuses[period] = self.status(row)
        if not found:
            raise hp.PluginError(f"{indicator}: not one value for "
                                 f"{self.countries}")
        for country, (values, statuses) in found.items():
            id = f"{metric} {country}"
            self.out.series(
                id, metric=metric, labels={"country": country},
                frequency=hp.parse_period(next(iter(values)))[0], unit=unit,
                title=f"{title}, {country}", vintage_kind="NATIVE",
                description=f"Indicator {indicator}", source_name=SOURCE_NAME)
            self.out.batch(id, values, known_at, snapshot=True,
                           statuses={p: s for p, s in statuses.items()
                                     if s != "FINAL"})

    def status(self, row):
        text = row.get("obs_status") or ""
        if text not in STATUSES:
            self.out.warn(f'obs_status "{text}" is not known; the value '
                          "counts as final")
        return STATUSES.get(text, "FINAL")


def period_of(text):
    """2024 or 2024-Q1 or 2024-03, of 2024, 2024Q1 and 2024M03."""
    return re.sub(r"^(\d{4})(Q|M)(\d+)$", lambda m: f"{m[1]}-" + (
        "Q" if m[2] == "Q" else "") + m[3], str(text))


def read(request, out):
    Reader(request, out).read()


def check(request):
    reader = Reader(request, None)
    indicator = next(iter(reader.indicators))
    url = reader.address(indicator, 1)
    meta, _ = reader.page(reader.http.get(url).body, url, indicator)
    return (f"{indicator}: {meta.get('total')} values, last updated "
            f"{meta.get('lastupdated')}")


hp.run(hp.Plugin(
    name="worldbank",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads indicators of the World Bank.",
    read=read, check=check,
    options=[
        hp.Option("indicators", "Names of the World Bank, such as "
                  f"NY.GDP.MKTP.CD, or with metric and unit, {EXAMPLE}.",
                  "NY.GDP.MKTP.CD"),
        hp.Option("countries", "Codes such as CHN,USA; \"all\" are all of them "
                  "and all groups.", "CHN,USA,KOR,JPN,NLD,DEU"),
        hp.Option("base_url", "The API.", "https://api.worldbank.org/v2"),
    ],
    hosts=["api.worldbank.org"],
    limits=[hp.Limit("api.worldbank.org", per_second=5)],
    terms=hp.Terms(
        "allowed", "CC BY 4.0: reuse with the source named.",
        "https://datacatalog.worldbank.org/public-licenses"),
    default_schedule="0 14 * * 2",
))

#!/usr/bin/python3
"""Any SDMX service: the European Central Bank, the OECD, the IMF, others.

A service is asked for the series of a dataflow under a key, whose dimensions
are separated by points: an empty one stands for all, + for several, as in
"M.USD+JPY.EUR.SP00.A". What it answers, SDMX-JSON 1 or 2 or SDMX-CSV, becomes
series with a label for each dimension (besides the frequency), by its code:
labels are names in lower case unless the option `labels` gives others or leaves
some out. Values are multiplied by UNIT_MULT where the service says one.

`preset` knows where a service is and how it wants to be asked:
  ecb   data-api.ecb.europa.eu
  oecd  sdmx.oecd.org; a dataflow is "AGENCY,DATAFLOW,VERSION"
  imf   api.imf.org; a dataflow is "AGENCY,DATAFLOW,VERSION"
  ecb_exchange_rates   no dataflow: the reference rates of `currencies` by
                       month, as exchange_rate{currency} in USD for one unit,
                       by way of the euro
For others give base_url, the address before "/data/". No service is sent a key
of access: these want none.

SDMX says of no value since when it was public: the series are OBSERVED or, with
release_lag_days, ASSUMED. The answer is read whole each time, since any value
may be revised, and what it leaves out is withdrawn. Where validator or values
are the same as at the last read, it is passed over. OBS_STATUS E and F are
estimated, P provisional, B a break.

    source {
      name: "exchange-rates"
      plugin: "sdmx"
      supersedes: "exchange-rates-sample"
      # pipeline: schedule { cron: "0 17 1-5 * *" time_zone: "Europe/Berlin" }
      config { key: "preset" value: "ecb_exchange_rates" }
      config { key: "currencies" value: "EUR,JPY" }
      config { key: "start_period" value: "2021-01" }
      config { key: "release_lag_days" value: "1" }
    }
    source {
      name: "euro-area-prices"
      plugin: "sdmx"
      # pipeline: schedule { cron: "0 12 * * 4" time_zone: "Europe/Berlin" }
      config { key: "preset" value: "ecb" }
      config { key: "dataflow" value: "ICP" }
      config { key: "key" value: "M.U2.N.000000.4.ANR" }
      config { key: "metric" value: "inflation_percent" }
      config { key: "unit" value: "percent" }
      config { key: "labels" value: "REF_AREA=area" }
    }
"""

import dataclasses
import json
import re
import urllib.parse

import answers
import headway_plugin as hp
import sdmx_messages


@dataclasses.dataclass
class Service:
    base_url: str
    publisher: str
    format: str


SERVICES = {
    "ecb": Service("https://data-api.ecb.europa.eu/service",
                   "European Central Bank, Data Portal", "json"),
    "oecd": Service("https://sdmx.oecd.org/public/rest",
                    "OECD Data Explorer (CC BY 4.0)", "csv"),
    "imf": Service("https://api.imf.org/external/sdmx/2.1",
                   "International Monetary Fund, IMF Data", "csv"),
}
RATES = "ecb_exchange_rates"
# Asked for by parameter and by header alike: services heed one or the other.
FORMATS = {
    "json": ("jsondata", "application/vnd.sdmx.data+json;version=1.0.0"),
    "csv": ("csvdata", "application/vnd.sdmx.data+csv;version=1.0.0"),
}
OECD_CSV = "csvfile"
EXAMPLE = "REF_AREA=country"
STATUSES = {"E": "ESTIMATED", "F": "ESTIMATED", "I": "ESTIMATED",
            "P": "PROVISIONAL", "B": "BREAK"}


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        preset = answers.choice_option(request, "preset",
                                       ("", *SERVICES, RATES))
        self.rates = preset == RATES
        self.service = SERVICES.get("ecb" if self.rates else preset)
        if self.service is None and not request.option("base_url"):
            raise hp.ConfigError("give an option preset ("
                                 f"{', '.join((*SERVICES, RATES))}) or, for "
                                 "another service, base_url")
        self.format = answers.choice_option(
            request, "format", ("", *FORMATS)) or (
                self.service.format if self.service else "csv")
        self.oecd = preset == "oecd"
        self.labels = answers.pairs_option(request, "labels", EXAMPLE, False)
        self.constants = answers.pairs_option(
            request, "constant_labels", "source=ecb", False)
        self.lag = self.lag_option()
        self.currencies = request.list_option("currencies")
        self.http = hp.Http(min_interval=1)
        for name in () if self.rates else ("dataflow", "metric", "unit"):
            if not request.option(name):
                raise hp.ConfigError(f'option "{name}" is missing; it is '
                                     f"needed unless preset is {RATES}")

    def lag_option(self):
        text = self.request.option("release_lag_days")
        if not text:
            return None
        try:
            lag = float(text)
        except ValueError:
            lag = -1
        if not 0 <= lag <= 3660:
            raise hp.ConfigError(f'option release_lag_days = "{text}" is not '
                                 "a number of days")
        return lag

    def address(self):
        flow, key = self.request.option("dataflow"), self.request.option("key")
        if self.rates:
            asked = [c for c in self.currencies if c != "EUR"]
            flow = "EXR"
            key = f"M.{'+'.join(dict.fromkeys(['USD', *asked]))}.EUR.SP00.A"
        base = self.request.option("base_url") or self.service.base_url
        name = OECD_CSV if self.oecd and self.format == "csv" else (
            FORMATS[self.format][0])
        query = {"format": name}
        if self.request.option("start_period"):
            query["startPeriod"] = self.request.option("start_period")
        return (f"{base.rstrip('/')}/data/{urllib.parse.quote(flow, ',@')}/"
                f"{urllib.parse.quote(key or 'all', '+')}?"
                + urllib.parse.urlencode(query))

    def read(self):
        last = answers.last_state(self.request)
        url = self.address()
        response = self.fetch(url, last)
        if response.status == 304:
            return self.say_unchanged(url, last)
        values = self.values(sdmx_messages.parse(response.body, url), url)
        state = {"etag": response.headers.get("etag", ""),
                 "last_modified": response.headers.get("last-modified", ""),
                 "values": digest(values)}
        if state["values"] == last.get("values"):
            return self.say_unchanged(url, state)
        for series in values:
            self.deliver(series)
        self.out.checkpoint(state=answers.state_text(self.request, **state),
                            complete=True)
        count = sum(len(s.values) for s in values)
        self.out.info(f"{url}: {len(values)} series, {count} values")
        return None

    def fetch(self, url, last):
        response = self.http.get(
            url, headers={"Accept": FORMATS[self.format][1]},
            etag=last.get("etag"), last_modified=last.get("last_modified"),
            accept_statuses=(400, 404, 413))
        said = hp.beginning(" ".join(
            re.sub(r"<[^>]*>", " ", response.body.decode("utf-8", "replace"))
            .split()))
        if response.status == 404:
            raise hp.ConfigError(
                f"{url}: no results, the service says {said}; check dataflow "
                "and key, which has a place for each dimension")
        if response.status == 413:
            raise hp.ConfigError(f"{url}: too much at once, the service says "
                                 f"{said}; narrow key or start_period")
        if response.status == 400:
            raise hp.ConfigError(f"{url}: the service does not take the "
                                 f"question: {said}")
        return response

    def say_unchanged(self, url, state):
        self.out.info(f"{url}: unchanged, no news")
        state = {k: v for k, v in state.items() if k != "fingerprint"}
        self.out.checkpoint(state=answers.state_text(self.request, **state))

    # -- From the dimensions of the service to series of ours --

    def values(self, found, url):
        if not found:
            raise hp.ConfigError(f"{url}: an answer without series; check key "
                                 "and start_period")
        if self.rates:
            return cross_rates(found, self.currencies, url)
        for dimension in self.labels:
            if dimension not in found[0].key:
                raise hp.ConfigError(
                    f'option labels: no dimension "{dimension}"'
                    + answers.nearest(dimension, found[0].key))
        return [self.renamed(series) for series in found]

    def renamed(self, series):
        names = self.labels or {d: d.lower() for d in series.key
                                if d not in ("FREQ", "FREQUENCY")}
        key = {name: series.key[d] for d, name in names.items()
               if series.key.get(d)}
        return dataclasses.replace(series, key={**key, **self.constants})

    def deliver(self, series):
        metric, unit = self.request.option("metric"), self.request.option(
            "unit")
        title = self.request.option("title") or series.title
        if self.rates:
            currency = series.key["currency"]
            metric, unit = "exchange_rate", f"USD/{currency}"
            title = f"US dollars for one {currency}"
        id = " ".join([metric, *series.key.values()])
        self.out.series(
            id, metric=metric, labels=series.key, unit=unit, title=title,
            frequency=hp.parse_period(next(iter(series.values)))[0],
            vintage_kind="OBSERVED" if self.lag is None else "ASSUMED",
            release_lag_days=self.lag, source_name=self.request.option(
                "publisher") or (self.service.publisher if self.service
                                 else "SDMX service"))
        statuses = {p: STATUSES[s] for p, s in series.statuses.items()
                    if s in STATUSES}
        self.out.batch(id, dict(sorted(series.values.items())),
                       snapshot=True, statuses=statuses)


def digest(values):
    """Of what is delivered: a message's head changes with every answer."""
    return hp.content_hash(json.dumps(
        [dataclasses.asdict(s) for s in values], sort_keys=True).encode())


def cross_rates(found, currencies, url):
    """US dollars for one unit of each currency, from rates for the euro."""
    rates = {s.key.get("CURRENCY"): s for s in found}
    dollars = rates.get("USD")
    if dollars is None:
        raise hp.PluginError(f"{url}: no series of the dollar")
    result = []
    for currency in currencies:
        if currency == "EUR":
            values = dollars.values
        elif currency in rates:
            # A quotient has more digits than the rates that it is made of.
            values = {p: float(f"{dollars.values[p] / rate:.10g}")
                      for p, rate in rates[currency].values.items()
                      if p in dollars.values and rate > 0}
        else:
            raise hp.ConfigError(f'option currencies: the ECB has no rate of "'
                                 f'{currency}"' + answers.nearest(
                                     currency, rates))
        result.append(sdmx_messages.Series({"currency": currency}, values))
    return result


def read(request, out):
    Reader(request, out).read()


def check(request):
    reader = Reader(request, None)
    url = reader.address()
    found = reader.values(
        sdmx_messages.parse(reader.fetch(url, {}).body, url), url)
    return f"{url}: {len(found)} series"


hp.run(hp.Plugin(
    name="sdmx",
    version="1.0",
    evidence=("recorded", "2026-07-31"),
    summary="Reads series of SDMX services: ECB, OECD, IMF and others.",
    read=read, check=check,
    options=[
        hp.Option("preset", f"{', '.join((*SERVICES, RATES))}; empty: "
                  "another service, at base_url."),
        hp.Option("base_url", "The address before /data/."),
        hp.Option("dataflow", "Such as EXR, or AGENCY,DATAFLOW,VERSION."),
        hp.Option("key", "Codes of the dimensions with points between them; "
                  "empty: all series."),
        hp.Option("metric", "The metric of the series."),
        hp.Option("unit", "Their unit, such as USD or percent."),
        hp.Option("title", "Their title; empty: what the service says."),
        hp.Option("labels", "The dimensions that become labels, and how they "
                  f"are called: {EXAMPLE}. Empty: all but the frequency."),
        hp.Option("constant_labels", "Labels of every series: source=ecb."),
        hp.Option("start_period", "The first period, such as 2021-01."),
        hp.Option("format", "json or csv; empty: as the preset has it."),
        hp.Option("publisher", "Name and terms of the publisher, where there "
                  "is no preset."),
        hp.Option("release_lag_days", "Days after its end at which a period "
                  "counts as known; empty: when it was seen."),
        hp.Option("currencies", f"With {RATES}: such as EUR,JPY.", "EUR,JPY"),
    ],
    hosts=["data-api.ecb.europa.eu", "sdmx.oecd.org", "api.imf.org"],
    default_schedule="0 16 * * *",
))

"""What a series of FRED becomes in Headway: the table of those that ship, the
option that names others, and what follows from FRED's own description."""

import dataclasses
import datetime
import decimal
import re

import answers
import headway_plugin as hp


@dataclasses.dataclass
class Wanted:
    id: str
    metric: str = ""
    labels: dict = dataclasses.field(default_factory=dict)
    unit: str = ""
    factor: str = "1"
    frequency: str = ""
    title: str = ""
    inverse: bool = False


def known(id, metric, unit, title, factor="1", inverse=False, **labels):
    return Wanted(id, metric, labels, unit, factor, "monthly", title, inverse)


KNOWN = {w.id: w for w in (
    known("IPG3344S", "semiconductor_production_index", "index",
          "US production of semiconductors and electronic components, "
          "2017 = 100", country="USA"),
    known("CAPUTLG3344S", "semiconductor_capacity_utilization_percent",
          "percent", "Use of the US capacity for semiconductors and "
          "electronic components", country="USA"),
    known("PCU334413334413", "semiconductor_producer_price_index", "index",
          "US producer prices of semiconductors", country="USA"),
    known("A34SNO", "computer_electronics_new_orders_usd", "USD",
          "New orders for US computers and electronic products",
          factor="1000000", country="USA"),
    known("EXPCH", "goods_trade_usd", "USD", "US goods trade by partner",
          factor="1000000", reporter="USA", partner="CHN", flow="export"),
    known("IMPCH", "goods_trade_usd", "USD", "US goods trade by partner",
          factor="1000000", reporter="USA", partner="CHN", flow="import"),
    known("EXUSEU", "exchange_rate", "USD/EUR", "US dollars for a euro",
          currency="EUR"),
    known("EXJPUS", "exchange_rate", "USD/JPY", "US dollars for a yen",
          inverse=True, currency="JPY"),
)}

FREQUENCIES = {"A": "annual", "SA": "semiannual", "Q": "quarterly",
               "M": "monthly", "W": "weekly", "D": "daily"}
# The days between two dates of a table that says nothing of its frequency.
GAPS = {"daily": (1, 4), "weekly": (7, 7), "monthly": (28, 31),
        "quarterly": (89, 92), "semiannual": (181, 184), "annual": (365, 366)}

SCALES = {"thousands": "1000", "millions": "1000000",
          "billions": "1000000000", "trillions": "1000000000000"}
CURRENCIES = {
    "u.s. dollar": "USD", "euro": "EUR", "japanese yen": "JPY",
    "chinese yuan renminbi": "CNY", "chinese yuan": "CNY",
    "south korean won": "KRW", "new taiwan dollar": "TWD",
    "taiwan dollar": "TWD", "singapore dollar": "SGD",
    "hong kong dollar": "HKD", "malaysian ringgit": "MYR",
    "indian rupee": "INR", "u.k. pound sterling": "GBP",
}


ENTRY = re.compile(
    r"(?P<id>[A-Za-z0-9_.&-]+)"
    r"(?:=(?P<metric>[A-Za-z_][A-Za-z0-9_]*)(?:\{(?P<labels>[^{}]*)\})?)?"
    r"(?:@(?P<unit>[^@*:\s]+)(?:\*(?P<factor>[0-9]+(?:\.[0-9]+)?))?)?"
    r"(?::(?P<frequency>[a-z]+))?")


def parse_entry(text):
    match = ENTRY.fullmatch(text)
    if match is None:
        raise hp.ConfigError(
            f'option series: "{text}" is not ID, ID=metric{{label=value}}, '
            "ID=metric@UNIT*FACTOR or ID:frequency")
    id = match["id"].upper()
    wanted = dataclasses.replace(KNOWN.get(id, Wanted(id)))
    if match["metric"]:
        wanted.metric, wanted.title = match["metric"], ""
        wanted.labels = {}
        for pair in filter(None, (match["labels"] or "").split(",")):
            name, _, value = (part.strip(' "') for part in pair.partition("="))
            if not name or not value:
                raise hp.ConfigError(f'option series: "{text}": write labels '
                                     "as {country=USA,part=chips}")
            wanted.labels[name] = value
    if match["unit"]:
        wanted.unit, wanted.factor = match["unit"], match["factor"] or "1"
        wanted.inverse = False
    if match["frequency"]:
        wanted.frequency = match["frequency"]
        if wanted.frequency not in FREQUENCIES.values():
            raise hp.ConfigError(
                f'option series: "{text}": the frequency is none of '
                + ", ".join(FREQUENCIES.values()))
    wanted.metric = wanted.metric or "fred_" + re.sub(
        r"[^a-z0-9]", "_", id.lower())
    return wanted


def parse_series(text):
    entries = [parse_entry(e) for e in re.split(r"[,\s]+(?![^{]*\})", text)
               if e]
    if not entries:
        raise hp.ConfigError("option series names none; write ids of FRED, "
                             "such as IPG3344S, separated by commas")
    seen = {}
    for wanted in entries:
        key = (wanted.metric, tuple(sorted(wanted.labels.items())))
        if key in seen:
            raise hp.ConfigError(
                f"option series: {seen[key]} and {wanted.id} would both be "
                f"{wanted.metric} {wanted.labels}; give one another name")
        seen[key] = wanted.id
    return entries


def unit_of(text):
    """(unit, factor) of FRED's words for a unit, or None."""
    match = re.fullmatch(r"(?:(thousands|millions|billions|trillions) of )?"
                         r"(.*)", " ".join(text.lower().split()))
    factor, rest = SCALES.get(match[1], "1"), match[2]
    exchange = re.fullmatch(r"(.+?)s? to (?:one|1) (.+?)s?", rest)
    if exchange:
        pair = [CURRENCIES.get(name) for name in exchange.groups()]
        return ("/".join(pair), factor) if all(pair) else None
    if rest.startswith("index"):
        return "index", factor
    if rest.startswith("percent"):
        return "percent", factor
    dollars = re.fullmatch(r"(?:chained \d{4} |u\.s\. )?dollars"
                           r"(?: per ([a-z]+))?", rest)
    if dollars:
        return "USD" + (f"/{dollars[1]}" if dollars[1] else ""), factor
    if rest in ("persons", "people"):
        return "person", factor
    if rest in ("number", "units", "ratio"):
        return "1", factor
    return None


def complete(wanted, description, where):
    """What FRED says of the series, where nobody has said otherwise."""
    short = answers.field(description, "frequency_short", where)
    if short not in FREQUENCIES:
        raise hp.PluginError(
            f'{where}: the frequency "{description.get("frequency")}" is not '
            "one that Headway keeps; leave the series out")
    if wanted.frequency not in ("", FREQUENCIES[short]):
        raise hp.ConfigError(
            f"{where}: FRED has it {FREQUENCIES[short]}, not "
            f"{wanted.frequency}; leave the frequency out")
    wanted.frequency = FREQUENCIES[short]
    check_unit(wanted, description.get("units", ""), where)
    if not wanted.unit:
        text = answers.field(description, "units", where)
        unit = unit_of(text)
        if unit is None:
            raise hp.ConfigError(
                f'{where}: the unit "{text}" is not known here; write it with '
                f"the series, as {wanted.id}@UNIT or {wanted.id}@UNIT*FACTOR")
        wanted.unit, wanted.factor = unit
    if not wanted.title:
        wanted.title = answers.field(description, "title", where)
        if description.get("seasonal_adjustment_short") not in (
                None, "NSA", "NA"):
            wanted.title += f", {description.get('seasonal_adjustment')}"
        if "chained" in description.get("units", "").lower():
            wanted.title += f", {description['units']}"


def check_unit(wanted, text, where):
    """A series that is known here must not have changed its unit unseen."""
    ours = KNOWN.get(wanted.id)
    if ours is None or (wanted.unit, wanted.factor) != (ours.unit,
                                                        ours.factor):
        return
    unit = wanted.unit
    if wanted.inverse:
        unit = "/".join(reversed(unit.split("/")))
    found = unit_of(text)
    if found is not None and found != (unit, wanted.factor):
        raise hp.PluginError(
            f'{where}: FRED\'s unit is now "{text}", which is not {unit} times '
            f"{wanted.factor}; write {wanted.id}=metric@UNIT*FACTOR until the "
            "table of known series is corrected")


def value_of(wanted, text, where):
    """The number in base units; None where the publisher has none."""
    if text in (".", ""):
        return None
    try:
        value = float(decimal.Decimal(text) * decimal.Decimal(wanted.factor))
    except decimal.InvalidOperation:
        raise hp.PluginError(f'{where}: the value "{text}" is not a number '
                             'or "."') from None
    if not wanted.inverse:
        return value
    if value == 0:
        raise hp.PluginError(f"{where}: a rate of 0 has no inverse")
    return float(f"{1 / value:.12g}")


def period_of(wanted, text, where):
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise hp.PluginError(f'{where}: "{text}" is not a date such as '
                             "2026-07-01") from None
    return hp.period_of(wanted.frequency, day)


def define(out, wanted, kind):
    out.series(
        wanted.id, metric=wanted.metric, labels=wanted.labels,
        frequency=wanted.frequency, unit=wanted.unit, title=wanted.title,
        vintage_kind=kind, source_name=(
            f"FRED, Federal Reserve Bank of St. Louis, series {wanted.id} "
            "(uses the FRED API but is not endorsed or certified by the Bank; "
            "terms of the series' publisher)"))


def frequency_of(days, where):
    """The frequency of a table that says nothing of it, by its shortest and
    longest gap."""
    try:
        dates = sorted(datetime.date.fromisoformat(day) for day in days)
    except ValueError as e:
        raise hp.PluginError(f"{where}: {e}") from None
    gaps = [(b - a).days for a, b in zip(dates, dates[1:])]
    for name, (low, high) in GAPS.items():
        if gaps and low <= min(gaps) and sorted(gaps)[len(gaps) // 2] <= high:
            return name
    raise hp.ConfigError(f"{where}: the frequency cannot be told from the "
                         "dates; write it with the series, as ID:monthly")

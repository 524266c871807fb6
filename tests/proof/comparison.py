"""The totals that are known of the trade data, against what the real plugins
make of the recorded bodies.

Each row says what agrees; what no body holds says why it cannot be compared.
"""

import csv
import dataclasses
import os

from publisher import SHARED

TIDY = os.path.join(SHARED, "trade/exports_to_china_tidy.csv")
CODES = {"DE": "DEU", "NL": "NLD", "US": "USA", "JP": "JPN", "CN": "CHN",
         "EU27": "EU27"}
# Load -> the reporters of the tidy table whose bodies it reads, and the metric.
LOADS = {"census by year": ("trade_value_usd", ("USA",)),
         "eurostat 8486": ("trade_value_eur", ("NLD", "DEU", "EU27")),
         "eurostat 8542": ("trade_value_eur", ("NLD", "DEU", "EU27")),
         "estat by table": ("trade_value_jpy", ("JPN",))}

# facts/README.md: (what, load, metric, labels, {year: sum}, unit).
SUMS = [
    ("US exports of 8542 to China, billion USD", "census by year",
     "trade_value_usd", {"hs": "8542"}, 1e9,
     {"2021": 12.35, "2022": 9.42, "2023": 5.13, "2024": 8.72, "2025": 9.96}),
    ("US exports of 8486 to China, billion USD", "census by year",
     "trade_value_usd", {"hs": "8486"}, 1e9,
     {"2021": 6.81, "2022": 5.12, "2023": 4.41, "2024": 4.18, "2025": 2.26}),
    ("Dutch exports of 8486 to China, billion EUR", "eurostat 8486",
     "trade_value_eur", {"hs": "8486", "reporter": "NLD"}, 1e9,
     {"2021": 2.14, "2022": 2.27, "2023": 6.28, "2024": 9.29, "2025": 7.69}),
    ("Taiwan's exports to Malaysia, all goods, million USD", "taiwan",
     "goods_trade_usd", {"partner": "MYS"}, 1e6,
     {"2024": 19918, "2025": 25781}),
    ("Taiwan's exports of 8542, billion USD", "taiwan",
     "chip_exports_usd", {"partner": "WLD", "hs": "8542"}, 1e9,
     {"2022": 184.14, "2023": 166.62, "2024": 165.04}),
]
NOT_COMPARED = {
    "China's part of Premier and Strategic members, 0.268 and 0.309":
        "the recorded landscape is an excerpt of seven members",
    "TSMC's revenue (twse)":
        "the bodies hold four months, written from the documentation",
    "comtrade, korea": "the bodies were written from the documentation",
}


@dataclasses.dataclass
class Compared:
    what: str
    said: dict  # what the plugin's values come to
    wanted: dict

    def differ(self):
        return {key: (self.said.get(key), value)
                for key, value in self.wanted.items()
                if self.said.get(key) != value}


def digits(value):
    """So many stand after the point of a published sum."""
    return len(str(value).partition(".")[2]) if isinstance(value, float) else 0


def yearly(proof, metric, labels, unit, wanted):
    """{year: its value, or the sum of its months}, rounded as `wanted` is."""
    values = {}
    for one in proof.series:
        if one["metric"] == metric and labels.items() <= one["labels"].items():
            values.update(proof.values_of(one))

    def of_year(year):
        return values.get(year) or sum(
            v for p, v in values.items() if p.startswith(year + "-"))

    return {year: round(of_year(year) / unit, digits(value) or None)
            for year, value in wanted.items()}


def compare_sums(proofs):
    return [Compared(what, yearly(proofs[load], metric, labels, unit, wanted),
                     wanted)
            for what, load, metric, labels, unit, wanted in SUMS]


def tidy():
    """{(reporter, partner, hs, month): value}"""
    with open(TIDY, encoding="utf-8") as file:
        return {(CODES[r["reporter"]], CODES[r["partner"]], r["hs"],
                 r["month"]): float(r["value"]) for r in csv.DictReader(file)}


def compare_tidy(proofs):
    """One for each reporter and code."""
    wanted, said = {}, {}
    for (reporter, partner, hs, month), value in tidy().items():
        wanted.setdefault((reporter, hs, partner), {})[month] = value
    for load, (metric, reporters) in LOADS.items():
        for one in proofs[load].series:
            labels = one["labels"]
            if one["metric"] == metric and labels["reporter"] in reporters:
                said[labels["reporter"], labels["hs"], labels["partner"]] = (
                    proofs[load].values_of(one))
    return [Compared(f"{reporter}: exports of {hs} to {partner}, by month",
                     said.get((reporter, hs, partner), {}), values)
            for (reporter, hs, partner), values in sorted(wanted.items())]


def table(compared):
    """Lines of Markdown."""
    lines = ["| figures | compared | agree |", "|---|---|---|"]
    for one in compared:
        lines.append(f"| {one.what} | {len(one.wanted)} | "
                     f"{len(one.wanted) - len(one.differ())} |")
    lines += [f"| {what} | – | cannot be compared: {why} |"
              for what, why in NOT_COMPARED.items()]
    return lines

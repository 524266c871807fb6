"""Epoch AI's tables of AI chips: hardware, sales, owners, clusters."""

import dataclasses
import datetime

import epoch_tables
import headway_plugin as hp

COLUMNS = {
    "hardware": {
        "chip": ("hardwarename", "name"),
        "manufacturer": ("manufacturer",),
        "date": ("releasedate",),
        "price": ("releasepriceusd",),
        "performance": ("tensorfp16bf16performanceflops",),
        "total performance": ("totalprocessingperformancebitops",),
        "memory": ("memorybytes",),
        "bandwidth": ("memorybandwidthbytes",),
        "power": ("tdpw",),
    },
    "chip_sales": {
        "manufacturer": ("chipmanufacturer", "manufacturer"),
        "start": ("startdate",),
        "end": ("enddate",),
        "cost": ("costestimateusd", "costestimateusdmedian", "costusd"),
        "compute": ("computeestimateinh100emedian", "h100emedian"),
        "incomplete": ("incomplete",),
    },
    "chip_owners": {
        "manufacturer": ("chipmanufacturer", "manufacturer"),
        "owner": ("owner",),
        "start": ("startdate",),
        "end": ("enddate",),
        "compute": ("computeestimateinh100emedian", "h100emedian"),
        "incomplete": ("incomplete",),
    },
    "clusters": {
        "cluster": ("name", "clustername"),
        "status": ("status",),
        "certainty": ("certainty",),
        "country": ("country",),
        "date": ("firstoperationaldate",),
        "compute": ("h100equivalents",),
        "power": ("powercapacitymw",),
        "cost": ("hardwarecost",),
        "duplicate": ("possibleduplicate",),
    },
}
REQUIRED = {
    "hardware": ("chip", "manufacturer", "date"),
    "chip_sales": ("manufacturer", "start", "end", "cost"),
    "chip_owners": ("manufacturer", "owner", "start", "end", "compute"),
    "clusters": ("cluster", "status", "country", "date", "compute"),
}

# What each table calls an idea: its metric, unit, title, and what its cells
# are multiplied by.
DAILY = {
    "hardware": {
        "price": ("ai_chip_price_usd", "USD", "Price of {} at its release", 1),
        "performance": ("ai_chip_flop_per_second", "FLOP/s",
                        "16-bit tensor performance of {}", 1),
        "total performance": (
            "ai_chip_total_processing_performance", "bit*OP/s",
            "Total processing performance of {}", 1),
        "memory": ("ai_chip_memory_bytes", "byte", "Memory of {}", 1),
        "bandwidth": ("ai_chip_memory_bandwidth", "byte/s",
                      "Memory bandwidth of {}", 1),
        "power": ("ai_chip_power_watt", "W", "Thermal design power of {}", 1),
    },
    "clusters": {
        "compute": ("ai_cluster_h100e", "H100e",
                    "Computing power of {} in H100 equivalents", 1),
        "power": ("ai_cluster_power_watt", "W", "Power capacity of {}", 1e6),
        "cost": ("ai_cluster_cost_usd", "USD", "Hardware cost of {}", 1),
    },
}
BOUNDS = (-1e-9, 1e30)  # 0 is a value
# A fiscal quarter has 13 or 14 weeks.
DAYS_OF_A_QUARTER = range(84, 100)
# Estimates of a quarter come out about two months after it.
RELEASE_LAG_DAYS = 60
NVIDIA = "nvidia"

MAKERS = {
    "amazon": "USA", "amazon aws": "USA", "amd": "USA", "cerebras": "USA",
    "google": "USA", "groq": "USA", "intel": "USA", "meta": "USA",
    "microsoft": "USA", "nvidia": "USA", "tesla": "USA",
    "alibaba": "CHN", "biren": "CHN", "cambricon": "CHN", "huawei": "CHN",
    "hygon": "CHN", "iluvatar corex": "CHN", "kunlunxin baidu": "CHN",
    "metax": "CHN", "moore threads (tencent)": "CHN", "moore threads": "CHN",
    "national university of defense technology": "CHN", "sunway": "CHN",
    "graphcore": "GBR", "pezy": "JPN",
}


@dataclasses.dataclass
class Series:
    metric: str
    labels: dict
    frequency: str
    unit: str
    title: str
    values: dict = dataclasses.field(default_factory=dict)
    partial: set = dataclasses.field(default_factory=set)  # periods


class Table:
    """The series of a table; what it could not use is counted and said."""

    noun = "rows of use"

    def __init__(self, dataset, now, out):
        self.dataset = dataset
        self.out = out
        self.cells = epoch_tables.Cells(now, out)
        self.series = {}
        self.rows = self.used = 0
        self.left_out = {}  # why -> how many

    def __len__(self):
        return self.used

    def summary(self):
        reasons = "".join(f"; {count} {why} are left out"
                          for why, count in sorted(self.left_out.items()))
        return (f"{len(self.series)} series of {self.used} of {self.rows} "
                f"rows{reasons}")

    def read(self, text, name):
        read_row = {"hardware": self._hardware, "clusters": self._cluster,
                    "chip_sales": self._sale,
                    "chip_owners": self._owner}[self.dataset]
        columns = None
        for row in hp.csv_rows(text, name):
            if columns is None:
                columns = epoch_tables.find_columns(
                    list(row), COLUMNS[self.dataset], REQUIRED[self.dataset],
                    name)
            self.rows += 1
            cells = {idea: row[column].strip()
                     for idea, column in columns.items()}
            why = read_row(cells, f"{name}:{row.line}")
            if why:
                self.left_out[why] = self.left_out.get(why, 0) + 1
            else:
                self.used += 1
        if self.dataset in ("chip_sales", "chip_owners"):
            self._check_quarters(name)
        if not self.used:
            raise hp.PluginError(f"{name}: no row can be used"
                                 + "".join(f"; {count} {why}" for why, count
                                           in self.left_out.items()))

    def _check_quarters(self, name):
        other = self.left_out.get(NO_QUARTER, 0)
        if 2 * other > self.rows:
            raise hp.PluginError(
                f"{name}: {other} of {self.rows} rows are not of a quarter: a "
                "cumulative table? Name another with the option file")
        if self.dataset != "chip_owners":
            return
        # Not all owners have reported when the newest quarter comes out.
        newest = max((p for s in self.series.values() for p in s.values),
                     default=None)
        for series in self.series.values():
            if newest in series.values:
                series.partial.add(newest)

    def _add(self, metric, labels, frequency, unit, title, period, value):
        """Rows of one series and period are added."""
        series = self.series.setdefault(
            (metric, *labels.items()),
            Series(metric, labels, frequency, unit, title))
        series.values[period] = series.values.get(period, 0) + value
        return series

    # -- A row of each table; returns why it is left out, or nothing --

    def _hardware(self, cells, where):
        chip = epoch_tables.as_label(cells["chip"])
        if not chip:
            return "without a name"
        maker = epoch_tables.as_label(cells["manufacturer"])
        labels = {"chip": chip}
        if maker:
            labels["manufacturer"] = maker
        if maker.lower() in MAKERS:
            labels["country"] = MAKERS[maker.lower()]
        return self._daily(cells, chip, labels, where,
                           ("ai_chip_release", "Release of {}"))

    def _cluster(self, cells, where):
        name = epoch_tables.as_label(cells["cluster"])
        if not name:
            return "without a name"
        if cells.get("duplicate", "").lower() == "true":
            return "perhaps listed twice"
        if cells.get("certainty", "").lower() == "unlikely":
            return "unlikely"
        labels = {"cluster": name}
        if cells["status"]:
            labels["status"] = epoch_tables.as_label(cells["status"]).lower()
        countries = self.cells.countries(cells["country"], where)
        if countries:
            labels["country"] = ",".join(countries)
        return self._daily(cells, name, labels, where)

    def _daily(self, cells, name, labels, where, release=None):
        if not cells["date"]:
            return "without a date"
        day = self.cells.date(cells["date"], where)
        if day is None:
            return "with a date that is none"
        values = [(metric, unit, title, value * scale)
                  for idea, (metric, unit, title, scale)
                  in DAILY[self.dataset].items()
                  if (value := self._number(idea, cells, where)) is not None]
        if release:
            values.append((release[0], "1", release[1], 1))
        for metric, unit, title, value in values:
            self._add(metric, labels, "daily", unit, title.format(name),
                      day.isoformat(), value)
        return "" if values else "without a value"

    def _sale(self, cells, where):
        quarter = self._quarter(cells, where)
        if not quarter:
            return NO_QUARTER
        cost = self._number("cost", cells, where)
        spent = self._add("ai_chip_sales_usd", {}, "quarterly", "USD",
                          "World spending on AI chips", quarter, cost or 0)
        found = [spent]
        compute = self._number("compute", cells, where)
        if compute is not None and cells["manufacturer"]:
            maker = epoch_tables.as_label(cells["manufacturer"])
            found.append(self._add(
                "ai_chip_sales_h100e", {"manufacturer": maker}, "quarterly",
                "H100e", f"AI chips sold by {maker}, in H100 equivalents",
                quarter, compute))
        for series in found:
            if is_true(cells.get("incomplete", "")):
                series.partial.add(quarter)
        if cost is None:
            spent.partial.add(quarter)
        return ""

    def _owner(self, cells, where):
        quarter = self._quarter(cells, where)
        if not quarter:
            return NO_QUARTER
        owner = epoch_tables.as_label(cells["owner"])
        maker = epoch_tables.as_label(cells["manufacturer"])
        compute = self._number("compute", cells, where)
        if not owner or compute is None:
            return "without an owner or a value"
        if maker.lower() == NVIDIA:
            series = self._add(
                "compute_owned_h100e", {"owner": owner}, "quarterly", "H100e",
                f"Nvidia compute acquired by {owner}, in H100 equivalents",
                quarter, compute)
        else:
            series = self._add(
                "other_compute_owned_h100e",
                {"owner": owner, "manufacturer": maker or "unknown"},
                "quarterly", "H100e", f"{maker} compute acquired by {owner}, "
                "in H100 equivalents", quarter, compute)
        if is_true(cells.get("incomplete", "")):
            series.partial.add(quarter)
        return ""

    def _quarter(self, cells, where):
        """The calendar quarter that holds the middle of the row's span; ""
        where that is no quarter."""
        if not (cells["start"] and cells["end"]):
            return ""
        start = self.cells.date(cells["start"], where, "start date")
        end = self.cells.date(cells["end"], where, "end date")
        if start is None or end is None:
            return ""
        days = (end - start).days + 1
        if days not in DAYS_OF_A_QUARTER:
            return ""
        return hp.period_of("quarterly",
                            start + datetime.timedelta(days=days // 2))

    def _number(self, idea, cells, where):
        return self.cells.number(idea, cells.get(idea, ""), BOUNDS, where)

    def deliver(self, known_at):
        for number, series in enumerate(self.series.values()):
            quarterly = series.frequency == "quarterly"
            id = f"{number} {series.metric}"
            self.out.series(
                id, metric=series.metric, labels=series.labels,
                frequency=series.frequency, unit=series.unit,
                title=series.title,
                vintage_kind="NATIVE" if known_at else
                             "ASSUMED" if quarterly else "OBSERVED",
                release_lag_days=RELEASE_LAG_DAYS if quarterly else None,
                source_name=epoch_tables.SOURCE_NAME)
            self.out.batch(
                id, dict(sorted(series.values.items())), known_at,
                snapshot=True,
                statuses={p: "PARTIAL" for p in sorted(series.partial)})


NO_QUARTER = "not of a quarter"


def is_true(text):
    return text.lower() in ("true", "yes", "1", "checked", "incomplete")

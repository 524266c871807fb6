"""How records become series: what the sources of tables have in common.

A record is a dict of JSON values by column. The options have the names and the
meaning that those of the csv source have (docs/csv.md).
"""

import contextlib
import dataclasses
import datetime
import difflib
import json
import math
import os
import re

import headway_plugin as hp

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([T ].*)?")
_MAX_LABEL_BYTES = 256
FREQUENCIES = ("annual", "semiannual", "quarterly", "monthly", "weekly",
               "daily")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def options(labels_by_default):
    return [
        hp.Option("metric", "The metric, where no column holds it."),
        hp.Option("metric_column", "The column that holds the metric.",
                  "metric"),
        hp.Option("period_column", "The column that holds the period: 2024, "
                  "2024-S1, 2024-Q1, 2024-03, 2024-W09, a day or an instant.",
                  "period"),
        hp.Option("value_column", "The column that holds the value.", "value"),
        hp.Option("value_columns", "For several columns of values: "
                  '"metric=column,…".'),
        hp.Option("labels", 'Columns that are labels: "partner,hs=code"; '
                  '"none". An empty cell is an absent label. Default: '
                  + ("every column that nothing else uses."
                     if labels_by_default else "none.")),
        hp.Option("constant_labels", 'Labels of every series: "source=erp".'),
        hp.Option("frequency", "annual, semiannual, quarterly, monthly, weekly "
                  "or daily. Default: that of the form of the period. A day "
                  "stands for the period of this frequency that holds it."),
        hp.Option("unit", "The unit of all values: USD, percent, 1.", "1"),
        hp.Option("unit_column", "The column that holds the unit."),
        hp.Option("scale", "Values are multiplied by it: 1e6 for millions.",
                  "1"),
        hp.Option("known_at_column", "The column that holds the date or the "
                  "RFC 3339 instant since when the value is public. Default: "
                  "it is known since it was seen."),
        hp.Option("title", "A title; {label} and {metric} are filled in."),
        hp.Option("source", "Where the figures come from, for people."),
    ]


def nearest(name, names):
    """What to say of a name that is missing: the nearest one, and all."""
    close = difflib.get_close_matches(name, names, 1, 0.5)
    hint = f'; the nearest is "{close[0]}"' if close else ""
    return f"{hint}; there are {', '.join(sorted(names)) or 'none'}"


def pairs(text, option):
    """The parts of "a=b,c" as (a, b) and (c, c)."""
    found = []
    for part in (p.strip() for p in text.split(",")):
        if not part:
            continue
        name, is_pair, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if not name or (is_pair and not value):
            raise hp.ConfigError(f'option {option}: "{part}" is not of the '
                                 "form name or name=value")
        found.append((name, value if is_pair else name))
    return found


def cell(record, column):
    """The value of a column; "a.b" is b within the object a."""
    if column in record:
        return record[column]
    value = record
    for part in column.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


@dataclasses.dataclass
class _Series:
    metric: str
    labels: dict
    frequency: str
    unit: str
    # by the instant of knowledge, None where it is observed
    values: dict = dataclasses.field(default_factory=dict)
    withdrawn: list = dataclasses.field(default_factory=list)


class Mapping:
    """Collects the values of records, and delivers them as series. With
    `last_counts` a record may replace an earlier one; else two that differ are
    refused."""

    def __init__(self, request, labels_by_default, last_counts):
        self._request = request
        self._last_counts = last_counts
        option = request.option
        self._period = option("period_column")
        self._known_at = option("known_at_column")
        self._unit = option("unit_column")
        self._frequency = option("frequency")
        self._scale = self._parse_scale(option("scale"))
        self._metrics = pairs(option("value_columns"), "value_columns")
        self._metric_column = ""
        if not self._metrics:
            self._metrics = [(option("metric"), option("value_column"))]
            if not option("metric"):
                self._metric_column = option("metric_column")
        elif option("metric"):
            raise hp.ConfigError("options metric and value_columns both name "
                                 "metrics; give one of them")
        self._constant = dict(pairs(option("constant_labels"),
                                    "constant_labels"))
        labels = option("labels")
        self._labels = None
        if labels == "none" or not labels and not labels_by_default:
            self._labels = []
        elif labels:
            self._labels = pairs(labels, "labels")
        if self._frequency and self._frequency not in FREQUENCIES:
            raise hp.ConfigError(f'option frequency = "{self._frequency}" is '
                                 "none of " + ", ".join(FREQUENCIES))
        self._series = {}
        self._defined = set()
        self.empty = 0

    @staticmethod
    def _parse_scale(text):
        if not _NUMBER.fullmatch(text) or float(text) == 0:
            raise hp.ConfigError(f'option scale = "{text}" is not a number '
                                 "such as 1e6")
        return float(text)

    def _used(self):
        return [c for c in (self._period, self._known_at, self._unit,
                            self._metric_column,
                            *(column for _, column in self._metrics),
                            *(column for _, column in self._labels or []))
                if c]

    def check_columns(self, columns, what):
        """Fails where a column that the options name is not among these."""
        for column in self._used():
            if column not in columns and column.split(".")[0] not in columns:
                raise hp.ConfigError(f'{what} has no column "{column}"'
                                     + nearest(column, columns))
        if self._labels is None:
            used = set(self._used())
            self._labels = [(c, c) for c in columns if c not in used]

    def take(self, record, where, withdrawn=False):
        """Adds the values of a record; `where` stands for it in errors."""
        period, frequency = self._read_period(record, where)
        labels = self._read_labels(record, where)
        known_at = self._read_known_at(record, where)
        for metric, column in self._metrics:
            metric = metric or cell(record, self._metric_column)
            if not isinstance(metric, str) or not metric:
                raise hp.PluginError(f'{where}: column "{self._metric_column}" '
                                     f"is {metric!r}, not a metric's name")
            value = self._read_value(record, column, where)
            if value is None and not withdrawn:
                self.empty += 1
                continue
            series = self._find(metric, labels, frequency, record, where)
            if withdrawn:
                series.values.get(known_at, {}).pop(period, None)
                series.withdrawn.append(period)
                continue
            values = series.values.setdefault(known_at, {})
            if (not self._last_counts
                    and values.get(period, value) != value):
                raise hp.PluginError(
                    f"{where}: {metric} {labels} of {period} is {value:g}, and "
                    f"{values[period]:g} in an earlier row; a column that "
                    "tells them apart must be a label, or the query add them "
                    "up")
            values[period] = value
            if period in series.withdrawn:
                series.withdrawn.remove(period)

    def _find(self, metric, labels, frequency, record, where):
        unit = self._request.option("unit")
        if self._unit:
            unit = cell(record, self._unit)
            if not isinstance(unit, str) or not unit:
                raise hp.PluginError(f'{where}: column "{self._unit}" is '
                                     f"{unit!r}, not a unit")
        key = (metric, tuple(sorted(labels.items())), frequency)
        series = self._series.setdefault(
            key, _Series(metric, labels, frequency, unit))
        if series.unit != unit:
            raise hp.PluginError(f"{where}: {metric} {labels} is in {unit}, "
                                 f"and in {series.unit} in an earlier row")
        return series

    def _read_period(self, record, where):
        text = cell(record, self._period)
        day = None
        if isinstance(text, int) and not isinstance(text, bool):
            text = str(text)
        elif isinstance(text, str) and (match := _DAY.fullmatch(text.strip())):
            # A date counts as it is written, whatever that is in UTC.
            text = match[1]
            with contextlib.suppress(ValueError):
                day = datetime.date.fromisoformat(text)
        if not isinstance(text, str):
            raise hp.PluginError(f'{where}: column "{self._period}" is '
                                 f"{text!r}, not a period")
        if day and self._frequency:
            text = hp.period_of(self._frequency, day)
        try:
            frequency, _ = hp.parse_period(text.strip(),
                                           self._frequency or None)
        except hp.PluginError as e:
            raise hp.PluginError(
                f'{where}: column "{self._period}": {e}') from None
        return text.strip(), frequency

    def _read_labels(self, record, where):
        labels = dict(self._constant)
        for name, column in self._labels or []:
            value = cell(record, column)
            if value is None or value == "":
                continue
            if isinstance(value, (dict, list)):
                raise hp.PluginError(f'{where}: column "{column}" is not one '
                                     "value; a label needs one")
            if isinstance(value, bool):
                value = str(value).lower()
            value = " ".join(str(value).split())
            if len(value.encode()) > _MAX_LABEL_BYTES:
                raise hp.PluginError(
                    f'{where}: column "{column}" is longer than '
                    f"{_MAX_LABEL_BYTES} bytes; it cannot be a label")
            if value:
                labels[name] = value
        return labels

    def _read_known_at(self, record, where):
        if not self._known_at:
            return None
        text = cell(record, self._known_at)
        if not isinstance(text, str):
            raise hp.PluginError(f'{where}: column "{self._known_at}" is '
                                 f"{text!r}, not a date or an instant")
        try:
            return hp.parse_instant(text.strip(), self._request.now)
        except hp.PluginError as e:
            raise hp.PluginError(
                f'{where}: column "{self._known_at}": {e}') from None

    def _read_value(self, record, column, where):
        value = cell(record, column)
        if value is None or value == "":
            return None
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        if (isinstance(value, bool) or not isinstance(value, (int, float))
                or not math.isfinite(value)):
            raise hp.PluginError(f'{where}: column "{column}" is {value!r}, '
                                 "not a finite number")
        return value * self._scale if self._scale != 1 else float(value)

    @property
    def dated(self):
        """Whether records say since when they are known."""
        return bool(self._known_at)

    def count(self):
        return sum(len(values) for series in self._series.values()
                   for values in series.values.values())

    def deliver(self, out, snapshot=False):
        """Says what was collected since the last time."""
        for key in sorted(self._series):
            series = self._series[key]
            name = json.dumps([series.metric, series.labels, series.frequency],
                              ensure_ascii=False)
            if name not in self._defined:
                self._define(name, series, out)
            for known_at in sorted(series.values, key=lambda at: (
                    at.timestamp() if at else 0)):
                if series.values[known_at]:
                    out.batch(name, series.values[known_at], known_at,
                              snapshot=snapshot)
            if series.withdrawn:
                at = None
                if self._known_at:
                    at = self._request.now
                out.batch(name, {}, at,
                          withdrawn=sorted(set(series.withdrawn)))
        self._series.clear()

    def _define(self, name, series, out):
        title = self._request.option("title")
        for key, value in (*series.labels.items(), ("metric", series.metric)):
            title = title.replace("{" + key + "}", value)
        out.series(
            name, metric=series.metric, labels=series.labels,
            frequency=series.frequency, unit=series.unit, title=title,
            vintage_kind="NATIVE" if self._known_at else "OBSERVED",
            source_name=self._request.option("source"))
        self._defined.add(name)


# ---- Documents of the pull: what was read, kept as it came -------------------


def replayed(name):
    """The lines of the document of an earlier pull, or None where this is no
    replay."""
    directory = os.environ.get("HEADWAY_HTTP_REPLAY")
    if not directory:
        return None
    path = os.path.join(directory, name)
    try:
        with open(path, "rb") as file:
            return file.readlines()
    except OSError as e:
        raise hp.PluginError(
            f"{path}: cannot read the document: {e.strerror}") from None


def kept(lines, name):
    """Yields the lines, and keeps them as a document of this pull."""
    directory = os.environ.get("HEADWAY_HTTP_RECORD")
    if not directory:
        yield from lines
        return
    with open(os.path.join(directory, name), "wb") as file:
        for line in lines:
            file.write(line)
            yield line

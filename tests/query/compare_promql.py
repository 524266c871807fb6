#!/usr/bin/env python3
"""Evaluates the cases that mean the same in PromQL against a real Prometheus.

    tests/query/compare_promql.py [--list]

Reads tests/query/cases/*.test, takes the questions whose expression holds nothing but what PromQL has
too, loads what they load into a Prometheus of its own (a sample at the first instant of each period),
asks for each period, and compares with what the case expects. A question that PromQL answers otherwise
stands in DIFFERENCES, with the row of docs/query.md that says why; one that stands there and does not
differ is a fault, too. --list prints the questions that would be asked, and asks none.

Needs prometheus and promtool: tools/setup --bench installs them.
"""

import collections
import datetime
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

CASES = Path(__file__).resolve().parent / "cases"
DOCUMENT = CASES.parents[2] / "docs" / "query.md"
FUNCTIONS = {"sum", "avg", "max", "min", "count", "stddev", "quantile", "topk", "abs", "ln", "exp", "sqrt",
             "round", "clamp"}
WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "bool", "and", "or", "unless"}
# What PromQL says in other words.
IN_PROMQL = ((re.compile(r"\bmean\b"), "avg"),
             (re.compile(r"\bmedian((?: (?:by|without) \([^)]*\) ?)?)\("), r"quantile\1(0.5, "))

# By case and expression: the first cell of the row of docs/query.md that says why PromQL answers otherwise.
ONE_TO_MANY = "many-to-one needs `group_left`"
ONE_TO_ONE = "one-to-one with `ignoring(a)` drops `a`"
NO_SERIES = "an expression may be a number or a string"
DIFFERENCES = {
    ("GivesTheShareOfOneInATotal", '100 * billings{region="China"} / ignoring(region) sum(billings)'): ONE_TO_ONE,
    ("GivesTheShareOfEachInATotal", "100 * billings / ignoring(region) sum(billings)"): ONE_TO_MANY,
    ("ASideWithALabelOfItsOwnKeepsItsLabelsHoweverManyThereAre", "part / ignoring(region) whole"): ONE_TO_ONE,
    ("ASideWithALabelOfItsOwnKeepsItsLabelsHoweverManyThereAre", "two / ignoring(region) whole"): ONE_TO_MANY,
    ("ASideWithALabelOfItsOwnKeepsItsLabelsHoweverManyThereAre", "whole / ignoring(region) two"): ONE_TO_MANY,
    ("TheMetricGoesBeforeTheBraces", '{__name__="exports_usd"}'): '`{__name__="x"}`',
    ("RefusesSeriesThatShareTheirLabels", 'sum({x="1"})'): "the metric is the label `__name__`, which some operators keep",
    ("SumKeepsASmallTermBesideLargeOnes", "sum(part)"): "sums round at each term in some versions",
    ("TheInstantIsNotPartOfAnExpression", "x @ 1609746000"): "instants and ranges, `[5m]`, `offset`, `@`",
    ("ThereIsNoRemainder", "x % 2"): "`%`, `atan2`, `group`, `count_values`, `bottomk`, `stdvar`, "
                                     "`histogram_quantile`, `label_replace`",
    ("AStringIsNoExpression", '"x"'): NO_SERIES,
    ("AStringIsNoExpression", "`x`"): NO_SERIES,
}

Load = collections.namedtuple("Load", "metric labels values")
Ask = collections.namedtuple("Ask", "place case expression loads expected")


def first_instant(period):
    """The first second of a period, as the file writes it."""
    quarter = re.fullmatch(r"(\d{4})-Q([1-4])", period)
    if quarter:
        year, month, day = int(quarter[1]), 3 * int(quarter[2]) - 2, 1
    elif half := re.fullmatch(r"(\d{4})-S(\d)", period):
        year, month, day = int(half[1]), 6 * int(half[2]) - 5, 1
    elif re.fullmatch(r"\d{4}-W\d\d", period):
        date = datetime.date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
        year, month, day = date.year, date.month, date.day
    else:
        year, month, day = (int(part) for part in (period + "-01-01").split("-")[:3])
    return int(datetime.datetime(year, month, day, tzinfo=datetime.timezone.utc).timestamp())


def following(period):
    """The period after this one."""
    if "-Q" in period:
        year, quarter = int(period[:4]), int(period[-1])
        return f"{year + quarter // 4}-Q{quarter % 4 + 1}"
    if "-S" in period:
        year, half = int(period[:4]), int(period[-1])
        return f"{year}-S2" if half == 1 else f"{year + 1}-S1"
    if "-W" in period:
        date = datetime.date.fromisocalendar(int(period[:4]), int(period[6:]), 1) + datetime.timedelta(7)
        return "{}-W{:02}".format(*date.isocalendar()[:2])
    if len(period) == 4:
        return str(int(period) + 1)
    if len(period) == 7:
        year, month = int(period[:4]), int(period[5:])
        return f"{year + month // 12}-{month % 12 + 1:02}"
    return str(datetime.date.fromisoformat(period) + datetime.timedelta(1))


def observations(text):
    """2024-01=1 2x3 2024-09=5 as {instant: value}."""
    values, period = {}, None
    for token in text.split():
        if "=" in token:
            period, token = token.split("=")
        value, _, times = token.partition("x")
        for _ in range(int(times or 1)):
            values[first_instant(period)] = float(value)
            period = following(period)
    return values


def labels_of(text):
    return tuple(sorted(re.findall(r'(\w+)="([^"]*)"', text)))


def read_load(line):
    metric, labels, rest = re.fullmatch(r"load (\w+)(\{.*?\})? \S+ (?:native |assumed )?(?:known \S+ )?(.*)",
                                        line).groups()
    return Load(metric, labels_of(labels or ""), observations(rest))


def asks_of(path):
    """The questions of a file with all that is loaded for them; what is expected of an error is None."""
    shared, loads, ask, case = [], [], None, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("case "):
            loads, case = list(shared), line[5:]
        elif line.startswith("load "):
            (loads if case else shared).append(read_load(line))
        elif line.startswith("define "):
            loads.append(None)
        elif line.startswith("eval ") and " as of " not in line:
            ask = Ask(f"{path.name}:{number}", case, line[5:], loads, {})
        elif line.startswith(("eval ", "check ")):
            ask = None
        elif line.startswith("expect ") and ask is not None:
            column = re.fullmatch(r"expect \S+ (\{.*?\}) (\d.*)", line)
            if column:
                ask.expected[labels_of(column[1])] = observations(column[2])
                yield ask
            elif line.endswith(" nothing"):
                yield ask
            elif line.startswith("expect error "):
                yield ask._replace(expected=None)


def is_common(ask):
    """Whether PromQL has every word of it."""
    if None in ask.loads:
        return False
    text = re.sub(r"\{[^}]*\}|\"[^\"]*\"|'[^']*'", "", in_promql(ask.expression))
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", text)
    known = FUNCTIONS | WORDS | {load.metric for load in ask.loads}
    return all(word in known for word in re.findall(r"[A-Za-z_]\w*", text))


def in_promql(expression):
    for ours, theirs in IN_PROMQL:
        expression = ours.sub(theirs, expression)
    return expression


def open_metrics(loads):
    """The latest value of each period, as promtool reads it."""
    series = collections.defaultdict(dict)
    for load in loads:
        series[load.metric, load.labels].update(load.values)
    lines, last = [], None
    for (metric, labels), values in sorted(series.items()):
        if metric != last:
            lines.append(f"# TYPE {metric} gauge")
        last = metric
        text = ",".join(f'{name}="{value}"' for name, value in labels)
        lines += [f"{metric}{{{text}}} {value!r} {instant}" for instant, value in sorted(values.items())]
    return "\n".join(lines + ["# EOF", ""])


class Prometheus:
    def __init__(self, loads):
        self.directory = tempfile.TemporaryDirectory(prefix="headway-promql-")
        root = Path(self.directory.name)
        (root / "samples").write_text(open_metrics(loads))
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", root / "samples", root / "data"],
                       check=True, stdout=subprocess.DEVNULL)
        (root / "prometheus.yml").write_text("{}\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:{}".format(free.getsockname()[1])
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={root}/prometheus.yml", f"--storage.tsdb.path={root}/data",
             f"--web.listen-address={self.address}", "--storage.tsdb.retention.time=100y"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://{self.address}/-/ready")
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("Prometheus did not become ready within 30 seconds")

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()
        self.directory.cleanup()

    def ask(self, expression, instant):
        """The finite values by their labels, or the text of an error."""
        query = urllib.parse.urlencode({"query": in_promql(expression), "time": instant})
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{query}") as response:
                data = json.load(response)["data"]
        except urllib.error.HTTPError as refused:
            return json.load(refused)["error"]
        if data["resultType"] == "string":
            return {}
        # A scalar is a pair of the instant and the value.
        rows = [{"metric": {}, "value": data["result"]}] if data["resultType"] == "scalar" else data["result"]
        values = {labels_of_row(row["metric"]): float(row["value"][1]) for row in rows}
        return {labels: f"{value:.6g}" for labels, value in values.items() if value - value == 0}


def labels_of_row(metric):
    return tuple(sorted(pair for pair in metric.items() if pair[0] != "__name__"))


def difference(ask, prometheus):
    """What Prometheus says that the case does not expect, or None."""
    for instant in sorted({i for load in ask.loads for i in load.values}):
        if ask.expected is None:
            got = prometheus.ask(ask.expression, instant)
            return None if isinstance(got, str) else f"an error, Prometheus gives {got}"
        expected = {labels: f"{values[instant]:.6g}" for labels, values in ask.expected.items() if instant in values}
        got = prometheus.ask(ask.expression, instant)
        if got != expected:
            return f"at {instant} expected {expected}, Prometheus gives {got}"
    return None


def differences(asks):
    """Pairs of a question and its difference; each set of loads has a server of its own."""
    found = []
    for loads in {repr(ask.loads): ask.loads for ask in asks}.values():
        with Prometheus(loads) as prometheus:
            for ask in asks:
                if ask.loads == loads:
                    found.append((ask, difference(ask, prometheus)))
    return found


def faults(found):
    """A sentence for each difference without a reason, and for each reason without a difference."""
    texts = []
    reasons = dict(DIFFERENCES)
    document = DOCUMENT.read_text()
    for ask, differing in found:
        reason = reasons.pop((ask.case, ask.expression), None)
        if differing is not None and reason is None:
            texts.append(f"{ask.place}: {ask.expression}: {differing}")
        if differing is None and reason is not None:
            texts.append(f"{ask.place}: {ask.expression}: no different from PromQL; take it from DIFFERENCES")
        if reason is not None and f"| {reason} |" not in document:
            texts.append(f"{ask.place}: docs/query.md has no row {reason!r}")
    return texts + [f"{case}: {expression}: is not asked; take it from DIFFERENCES" for case, expression in reasons]


def main():
    asks = {}
    for path in sorted(CASES.glob("*.test")):
        for ask in asks_of(path):
            asks[ask.place] = ask
    common = [ask for ask in asks.values() if is_common(ask)]
    if "--list" in sys.argv[1:]:
        for ask in common:
            print(f"{ask.place}: {ask.expression}")
        return 0
    missing = [program for program in ("prometheus", "promtool") if shutil.which(program) is None]
    if missing:
        print(f"{' and '.join(missing)} not installed; run tools/setup --bench", file=sys.stderr)
        return 1
    found = differences(common)
    texts = faults(found)
    same = sum(differing is None for _, differing in found)
    print("\n".join(texts + [f"{len(found)} questions of {len({ask.case for ask, _ in found})} cases put to Prometheus: "
                             f"{same} answers are the same, {len(found) - same} differ, "
                             f"{len(DIFFERENCES)} of them as docs/query.md says"]))
    return 1 if texts else 0


if __name__ == "__main__":
    sys.exit(main())

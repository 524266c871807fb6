#!/usr/bin/env python3
"""Evaluates the cases that mean the same in PromQL against a real Prometheus.

    tests/query/compare_promql.py [--list]

Reads tests/query/cases/*.test, takes the questions whose expression holds nothing but what PromQL has
too, loads what they load into a Prometheus of its own (a sample at the first instant of each period),
asks for each period, and compares with what the case expects. Differences that docs/query.md lists are
left out, by the reasons below. --list prints the questions that would be asked, and asks none.

Needs prometheus and promtool (apt install prometheus); without them it says so and succeeds.
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
import urllib.parse
import urllib.request
from pathlib import Path

CASES = Path(__file__).resolve().parent / "cases"
FUNCTIONS = {"sum", "avg", "max", "min", "count", "stddev", "quantile", "topk", "abs", "ln", "exp", "sqrt",
             "round", "clamp"}
WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "bool", "and", "or", "unless"}
# PromQL wants group_left where a side has several columns, and drops ignored labels where it has one.
NEEDS_GROUP = re.compile(r"\b(on|ignoring)\b(?!.*\bgroup_(left|right)\b)")

Load = collections.namedtuple("Load", "metric labels values")
Ask = collections.namedtuple("Ask", "place expression loads expected")


def first_instant(period):
    """The first second of a period, as the file writes it."""
    quarter = re.fullmatch(r"(\d{4})-Q([1-4])", period)
    if quarter:
        year, month, day = int(quarter[1]), 3 * int(quarter[2]) - 2, 1
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
    """The questions of a file that expect columns, with all that is loaded for them."""
    shared, loads, ask, in_case = [], [], None, False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("case "):
            loads, in_case = list(shared), True
        elif line.startswith("load "):
            (loads if in_case else shared).append(read_load(line))
        elif line.startswith("define "):
            loads.append(None)
        elif line.startswith("eval ") and " as of " not in line:
            ask = Ask(f"{path.name}:{number}", line[5:], loads, {})
        elif line.startswith(("eval ", "check ")):
            ask = None
        elif line.startswith("expect ") and ask is not None:
            column = re.fullmatch(r"expect \S+ (\{.*?\}) (\d.*)", line)
            if column:
                ask.expected[labels_of(column[1])] = observations(column[2])
                yield ask
            elif line.endswith(" nothing"):
                yield ask


def is_common(ask):
    """Whether PromQL has all of it, with the same meaning."""
    # Not every version of Prometheus compensates its sums.
    if ask.place.startswith("sums.test") or None in ask.loads or NEEDS_GROUP.search(ask.expression):
        return False
    text = re.sub(r"\{[^}]*\}|\"[^\"]*\"|'[^']*'", "", ask.expression)
    if re.search(r"(?<![\w.)}])\d+(\.\d+)?\s*\^|\^", text):
        return False
    metrics = {load.metric for load in ask.loads}
    for word in re.findall(r"[A-Za-z_]\w*(?!\w)", re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", "", text)):
        if word not in FUNCTIONS | WORDS | metrics:
            return False
    return not any("/ 0" in ask.expression or value == 0 for load in ask.loads for value in load.values.values()
                   if "/" in text or "ln" in text)


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
        query = urllib.parse.urlencode({"query": expression, "time": instant})
        with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{query}") as response:
            result = json.load(response)["data"]["result"]
        answer = {}
        for row in result:
            labels = tuple(sorted(pair for pair in row["metric"].items() if pair[0] != "__name__"))
            answer[labels] = float(row["value"][1])
        return {labels: value for labels, value in answer.items() if value - value == 0}


def difference(ask):
    """What Prometheus says that the case does not expect, or None."""
    with Prometheus(ask.loads) as prometheus:
        for instant in sorted({i for load in ask.loads for i in load.values}):
            expected = {labels: f"{values[instant]:.6g}" for labels, values in ask.expected.items()
                        if instant in values}
            got = {labels: f"{value:.6g}" for labels, value in prometheus.ask(ask.expression, instant).items()}
            if got != expected:
                return f"{ask.place}: {ask.expression}: at {instant} expected {expected}, Prometheus gives {got}"
    return None


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
        print(f"skipped: {' and '.join(missing)} not installed (apt install prometheus); "
              f"{len(common)} questions would be asked")
        return 0
    differences = [text for text in map(difference, common) if text is not None]
    print("\n".join(differences + [f"{len(common)} questions, {len(differences)} differences"]))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())

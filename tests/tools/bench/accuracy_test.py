"""What accuracy and forecast_bench print, on a competition of a few made-up series: run as
accuracy_test.py ACCURACY FORECAST_BENCH AS_TABLE."""

import csv
import gzip
import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ACCURACY, FORECAST_BENCH, AS_TABLE = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)

SETS = {"m3_monthly": ("m3", "Monthly", 18, 60), "m3_quarterly": ("m3", "Quarterly", 8, 40),
        "m3_yearly": ("m3", "Yearly", 6, 20), "m3_other": ("m3", "Other", 8, 60)}
MEASURES = {"owa", "mase", "smape", "msis", "coverage95", "ms_per_series"}


def value(series, t):
    return 100 + 3 * series + 2 * t + 7 * math.sin(t * (1 + series)) + 5 * math.cos(t * t)


def make_data(directory):
    """Four series a set; R failed on the last, and statsforecast was never run."""
    for competition, frequency, horizon, length in SETS.values():
        folder = directory / "competitions" / competition
        reference = directory / "reference" / "r"
        folder.mkdir(parents=True, exist_ok=True)
        reference.mkdir(parents=True, exist_ok=True)
        ids = [f"{frequency[0]}{i}" for i in range(4)]
        stem = f"{competition}_{frequency}"
        (reference / f"order_{stem}.txt").write_text("\n".join(ids) + "\n")
        rows = {"train": range(length), "test": range(length, length + horizon)}
        for part, periods in rows.items():
            with open(folder / f"{frequency}-{part}.csv", "w", encoding="utf-8") as file:
                for i, name in enumerate(ids):
                    print(name, *(f"{value(i, t):.6f}" for t in periods), sep=",", file=file)
        with gzip.open(reference / f"{stem}_forecasts.csv.gz", "wt", encoding="utf-8") as file:
            print("id,method,h,forecast,lo95,hi95,actual", file=file)
            for i, name in enumerate(ids[:3]):
                for h in range(horizon):
                    actual = value(i, length + h)
                    print(name, "thetaf", h + 1, actual, actual - 1, actual + 1, actual, sep=",",
                          file=file)
        with open(reference / f"{stem}_timing.csv", "w", encoding="utf-8") as file:
            print("id,method,n,cpu_s,elapsed_s,status", file=file)
            for name in ids[:3]:
                print(name, "thetaf", length, 0.25, 0.25, "ok", sep=",", file=file)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                          **options)


def lines_of(result):
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


class Benchmarks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.data = Path(cls.folder.name)
        make_data(cls.data)
        cls.flags = ("--data", str(cls.data), "--methods", "theta", "--sets", ",".join(SETS))
        cls.result = run(ACCURACY, *cls.flags)
        cls.lines = lines_of(cls.result)
        cls.own = {line["metric"]: line for line in cls.lines if line["peer"] is None}
        cls.peers = {line["metric"]: line for line in cls.lines if line["peer"]}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_measure_of_every_set_is_there_and_of_all_m3(self):
        for name in [*SETS, "m3_all"]:
            for measure in MEASURES:
                number = self.own[f"{measure}.{name}.theta"]["value"]
                self.assertTrue(math.isfinite(number) and number >= 0, (measure, name))
        self.assertIn("16 series", self.own["owa.m3_all.theta"]["note"])

    def test_a_peer_is_compared_on_the_series_that_it_did_not_fail_on(self):
        line = self.peers["owa.m3_quarterly.theta"]
        self.assertLess(line["peer_value"], 1e-6)
        self.assertIn("the 3 series", line["note"])
        self.assertNotEqual(line["value"], self.own["owa.m3_quarterly.theta"]["value"])
        self.assertFalse(line["met"])

    def test_the_actual_values_are_covered_by_the_peer(self):
        self.assertEqual(self.peers["coverage95.m3_yearly.theta"]["peer_value"], 1)

    def test_holdout_forecasts_the_end_of_the_training_part(self):
        dump = self.data / "dump.csv"
        lines = lines_of(run(ACCURACY, *self.flags, "--holdout", "--skip", "1", "--first", "2",
                             "--dump", str(dump)))
        self.assertFalse([line for line in lines if line["peer"]])
        with open(dump, encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["id"] == "Q2"]
        self.assertEqual([int(row["h"]) for row in rows], list(range(1, 9)))
        for h, row in enumerate(rows):
            self.assertAlmostEqual(float(row["actual"]), value(2, 32 + h), places=5)
            self.assertLess(float(row["lo95"]), float(row["hi95"]))
        with open(dump, encoding="utf-8") as file:
            self.assertEqual({row["id"][1] for row in csv.DictReader(file)}, {"1", "2"})

    def test_times_stand_beside_those_of_the_reference(self):
        lines = lines_of(run(FORECAST_BENCH, *self.flags, "--r-series", "0"))
        own = {line["metric"]: line for line in lines if line["peer"] is None}
        for suffix in ("", ".median", ".longest", ".2_threads"):
            self.assertGreater(own[f"ms_per_series.m3_monthly.theta{suffix}"]["value"], 0)
        stored = next(line for line in lines if line["peer"] == "R forecast")
        self.assertEqual(stored["peer_value"], 250)
        self.assertGreaterEqual(own["noise"]["value"], 1)

    def test_quick_has_the_same_lines_and_takes_no_other_number_of_series(self):
        for program in (ACCURACY, FORECAST_BENCH):
            lines = lines_of(run(program, *self.flags, "--quick"))
            self.assertIn("ms_per_series.m3_other.theta", {line["metric"] for line in lines})
            self.assertFalse([line for line in lines
                              if line["peer"] == "R forecast, this run" and line["peer_value"]])
            result = run(program, *self.flags, "--quick", "--first", "2")
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("--first", result.stdout + result.stderr)

    def test_the_table_has_a_row_a_method_and_a_peer(self):
        table = run(AS_TABLE, input=self.result.stdout)
        self.assertEqual(table.returncode, 0, table.stderr)
        rows = table.stdout.splitlines()
        self.assertEqual(sum(row.startswith("| `theta` |") for row in rows), 5)
        self.assertEqual(sum(row.startswith("| R forecast, thetaf |") for row in rows), 4)

    def test_an_unknown_method_and_absent_data_are_named(self):
        result = run(ACCURACY, "--methods", "thetta")
        self.assertEqual(result.returncode, 1)
        self.assertIn('unknown method "thetta"', result.stderr)
        result = run(ACCURACY, "--data", "/nowhere", "--sets", "m3_other")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nowhere", result.stderr)


if __name__ == "__main__":
    unittest.main()

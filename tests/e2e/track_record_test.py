"""What forecasts are worth: their track record, changes by hand and backtests, through the
command line of a real daemon; a model that is a program among them."""

import csv
import io
import json
import os
import shutil
import subprocess
import tempfile

import daemon as e2e

PIPELINE = """
pipeline {
  name: "sales"
  indicator {
    name: "sales" expression: "sales_usd" unit: "USD"
    forecast { method: "naive" horizon: 3 bounds: BOUNDS_NON_NEGATIVE }
  }
}
"""

# Always 1000, and sure of it.
FAR_OFF = """#!/usr/bin/python3
import headway_plugin as hp

def forecast(series, ask):
    return [hp.normal(1000, 1, ask)] * ask.horizon

hp.run(hp.Plugin(name="far-off", version="1", summary="Far too high.", forecast=forecast))
"""


def month(i):
    return f"{2020 + i // 12}-{i % 12 + 1:02d}"


class TrackRecord(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines={"sales.textproto": PIPELINE}, plugins={"far-off": FAR_OFF})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copy(os.path.join(e2e.SOURCE, "plugins/sdk/python/headway_plugin.py"),
                    cls.daemon.plugins_folder)
        # Each month is known at the end of the next one, 50 too low; all are put right later.
        # In one import: a run between two would be issued, and scored, from the low ones.
        cls.push([(month(i), 100 + i - 50, f"{month(i + 2)}-01T00:00:00Z") for i in range(36)]
                 + [(month(i), 100 + i, "2023-06-01T00:00:00Z") for i in range(36)])
        cls.daemon.run("sales")
        cls.before = cls.issued()
        cls.adjusted = cls.headway("adjust", "sales", "--point", f"{month(36)}=150", "--reason",
                                   "a plant opens", "--author", "Ada")
        cls.after = cls.issued()
        for i, value in ((36, 140), (37, 141)):
            cls.push([(month(i), value, f"2024-0{i - 35}-01T00:00:00Z")])
            cls.daemon.run("sales")

    @classmethod
    def issued(cls):
        text = cls.headway("forecast", "sales", "--format", "json").stdout
        return json.loads(text)["forecasts"][0]

    @classmethod
    def push(cls, values):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("metric,labels,unit,period,value,known_at\n")
            for period, value, known_at in values:
                file.write(f"sales_usd,{{}},USD,{period},{value},{known_at}\n")
            file.flush()
            result = cls.headway("store", "import", file.name)
        assert result.returncode == 0, result.stderr

    @classmethod
    def headway(cls, *arguments):
        return subprocess.run(
            [os.path.join(e2e.BIN, "headway"), "--address", cls.daemon.address, *arguments],
            capture_output=True, text=True, timeout=e2e.PATIENCE)

    def succeed(self, *arguments):
        result = self.headway(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def strata(self):
        rows = csv.DictReader(io.StringIO(
            self.succeed("track-record", "sales", "--format", "csv")))
        return {(row["method"], row["steps"], row["actuals"]): row for row in rows}

    def test_the_record_is_told_by_distance_and_kind_of_actual(self):
        strata = self.strata()
        # From 135 to 140 and 141, and from 140 to 141.
        one_ahead = strata["naive", "1", "latest"]
        self.assertEqual((one_ahead["outcomes"], one_ahead["mae"]), ("2", "3"))
        self.assertEqual(strata["naive", "2-3", "latest"]["mae"], "6")
        self.assertEqual(strata["naive", "all", "first"]["outcomes"], "3")
        self.assertIn("MAE", self.succeed("track-record", "sales"))

    def test_a_change_by_hand_is_an_issue_that_says_who_made_it(self):
        self.assertEqual(self.adjusted.returncode, 0, self.adjusted.stderr)
        self.assertIn("changed by hand by Ada: a plant opens", self.adjusted.stdout)
        self.assertEqual([step["point"] for step in self.after["steps"]], [150, 135, 135])
        self.assertEqual(self.after["method"], "by_hand")
        self.assertEqual(self.after["adjustment"], {"adjusted": self.before["name"],
                                                    "author": "Ada", "reason": "a plant opens"})

    def test_a_change_by_hand_is_scored_beside_the_forecast_that_it_changed(self):
        self.assertEqual(self.strata()["by_hand", "1", "latest"]["mae"], "10")

    def test_a_change_beyond_the_bounds_is_refused(self):
        result = self.headway("adjust", "sales", "--point", f"{month(38)}=-1", "--reason", "r",
                              "--author", "a")
        self.assertEqual(result.returncode, 1)
        self.assertIn("below the bound 0", result.stderr)

    def test_a_backtest_sees_what_was_public_at_each_origin(self):
        out = os.path.join(self.daemon.folder, "windows.csv")
        self.succeed("backtest", "--indicator", "sales", "--windows", "2", "--step", "1",
                     "--horizon", "6", "--methods", "naive", "--out", out)
        with open(out, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        # At the end of July 2022 the newest month was June, 50 too low.
        first = rows[0]
        self.assertEqual((first["cutoff"], first["ds"]), ("2022-06", "2022-07"))
        self.assertEqual((first["naive"], first["y"]), ("79", "130"))

    def test_a_bad_program_scores_badly_in_a_backtest(self):
        text = self.succeed("backtest", "--indicator", "sales", "--windows", "3", "--horizon", "2",
                            "--methods", "naive,plugin:far-off", "--format", "csv")
        mae = {row["method"]: float(row["mae"]) for row in csv.DictReader(io.StringIO(text))
               if row["steps"] == "all"}
        self.assertGreater(mae["plugin:far-off"], 5 * mae["naive"])

    def test_a_program_forecasts_on_request(self):
        text = self.succeed("forecast", "sales", "--method", "plugin:far-off", "--format", "json")
        self.assertEqual(json.loads(text)["forecasts"][0]["steps"][0]["point"], 1000)

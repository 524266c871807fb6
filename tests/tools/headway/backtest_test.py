"""headway backtest of a file: run as backtest_test.py HEADWAY."""

import csv
import io
import os
import unittest

from command_line import TemporaryFolder, run


class BacktestOfAFile(TemporaryFolder):
    LONG = "unique_id,ds,y\n" + "".join(
        f"A,2024-{month:02d}-01,{month * 10}\n" for month in range(1, 13))

    def backtest(self, text, *arguments):
        """The result, and the rows that it wrote."""
        path, out = self.write("m.csv", text), os.path.join(self.folder, "out.csv")
        result = run("backtest", "--csv", path, "--out", out, "--format", "csv", *arguments)
        with open(out, encoding="utf-8") as file:
            return result, list(csv.DictReader(file))

    def test_has_a_row_for_each_step_of_each_origin(self):
        result, rows = self.backtest(self.LONG, "--windows", "2", "--step", "3", "--horizon", "2",
                                     "--methods", "naive")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([(row["unique_id"], row["ds"], row["cutoff"], row["y"], row["naive"])
                          for row in rows],
                         [("A", "2024-08-01", "2024-07-01", "80", "70"),
                          ("A", "2024-09-01", "2024-07-01", "90", "70"),
                          ("A", "2024-11-01", "2024-10-01", "110", "100"),
                          ("A", "2024-12-01", "2024-10-01", "120", "100")])

    def test_knows_nothing_of_what_follows_an_origin(self):
        changed = self.LONG.replace("2024-12-01,120", "2024-12-01,999")
        points = [[row["auto_ets"] for row in
                   self.backtest(text, "--horizon", "3", "--methods", "auto_ets")[1]]
                  for text in (self.LONG, changed)]
        self.assertEqual(points[0], points[1])

    def test_each_method_has_a_point_and_its_intervals(self):
        _, rows = self.backtest(self.LONG, "--horizon", "1", "--methods", "naive,theta",
                                "--levels", "80,95")
        self.assertEqual(list(rows[0])[4:],
                         [f"{method}{end}" for method in ("naive", "theta")
                          for end in ("", "-lo-80", "-hi-80", "-lo-95", "-hi-95")])
        self.assertLess(float(rows[0]["naive-lo-95"]), float(rows[0]["naive-lo-80"]))

    def test_scores_are_by_method_and_distance(self):
        result, _ = self.backtest(self.LONG, "--windows", "3", "--horizon", "2",
                                  "--methods", "naive", "--levels", "80")
        scores = {row["steps"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
        self.assertEqual(set(scores), {"all", "1", "2-3"})
        self.assertEqual((scores["1"]["outcomes"], scores["1"]["mae"]), ("3", "10"))
        self.assertEqual(scores["2-3"]["mae"], "20")
        # Without a season the naive method is its own benchmark.
        self.assertEqual(scores["all"]["skill"], "0")

    def test_a_series_that_is_too_short_is_named_and_the_others_go_on(self):
        result, rows = self.backtest("A,1,2,3,4,5\nB,1,2\n", "--horizon", "2",
                                     "--methods", "naive")
        self.assertEqual(result.returncode, 1)
        self.assertIn("B: has 2 values; a backtest needs the horizon, 2, and at least 2 before it",
                      result.stderr)
        self.assertEqual([row["ds"] for row in rows], ["4", "5"])

    def test_a_plugin_is_for_indicators(self):
        path = self.write("m.csv", self.LONG)
        result = run("backtest", "--csv", path, "--methods", "plugin:walk")
        self.assertEqual(result.returncode, 1)
        self.assertIn("plugin:walk is run by the daemon", result.stderr)


if __name__ == "__main__":
    unittest.main()

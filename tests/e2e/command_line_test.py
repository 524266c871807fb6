"""Every command of the command line, against a real daemon."""

import csv
import io
import json
import os
import subprocess
import unittest

import daemon as e2e

PIPELINE = """
pipeline {
  name: "farm" title: "The farm"
  schedule { cron: "0 6 * * *" }
  source { name: "harvest" plugin: "harvest" }
  indicator {
    name: "harvest_of_the_hill" title: "Wheat harvest" meaning: "What the hill farm brings in."
    expression: "sum(wheat_tonnes)" unit: "tonne"
    forecast { method: "drift" horizon: 3 }
  }
  indicator {
    name: "harvest_growth" title: "Growth" expression: "pct_change(sum(wheat_tonnes))"
    unit: "percent" forecast { disabled: true }
  }
}
pipeline {
  name: "ruin"
  source {
    name: "ruin" plugin: "naughty" config { key: "how" value: "refuse" }
  }
}
"""


class CommandLine(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines={"farm.textproto": PIPELINE})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.followed = cls.headway("run", "farm", "--follow")

    @classmethod
    def headway(cls, *arguments):
        return subprocess.run(
            [os.path.join(e2e.BIN, "headway"), "--address", cls.daemon.address, *arguments],
            capture_output=True, text=True, timeout=e2e.PATIENCE)

    def succeed(self, *arguments):
        result = self.headway(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        return result.stdout

    def complaint_of(self, *arguments):
        result = self.headway(*arguments)
        self.assertEqual(result.returncode, 1, result.stdout)
        return result.stderr

    def json(self, *arguments):
        return json.loads(self.succeed(*arguments, "--format", "json"))

    def csv(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.succeed(*arguments, "--format", "csv"))))

    def test_run_follow_writes_plain_lines_when_piped(self):
        self.assertEqual(self.followed.returncode, 0, self.followed.stderr)
        lines = self.followed.stdout.splitlines()
        self.assertRegex(lines[0], "^pipelines/farm/runs/")
        self.assertIn("running  pull      harvest", lines)
        self.assertRegex(self.followed.stdout,
                         r"done     pull      harvest +10 observations read, 10 changed")
        self.assertRegex(lines[-1], r"succeeded in [\d.]+ s$")
        self.assertNotIn("\x1b", self.followed.stdout)

    def test_run_follow_fails_when_the_run_fails_and_says_why(self):
        result = self.headway("run", "ruin", "--follow")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"FAILED   pull      ruin .*ask for one")
        self.assertRegex(result.stderr, r"pipelines/ruin/runs/\S+ failed")

    def test_run_returns_at_once_with_the_name_of_the_run(self):
        name = self.succeed("run", "farm").strip()
        self.assertEqual(e2e.state_name(self.daemon.wait_for_run(name)), "SUCCEEDED")

    def test_status_shows_health_counts_pipelines_and_what_is_wrong(self):
        text = self.succeed("status")
        self.assertIn(f"daemon      {self.daemon.address}, degraded", text)
        self.assertRegex(text, r"series +1\n")
        self.assertRegex(text, r"farm +active +0 6 \* \* \* .*succeeded")
        status = self.json("status")
        self.assertEqual(status["health"]["state"], "DEGRADED")
        self.assertIn("failed_step", {problem["kind"] for problem in status["health"]["problems"]})
        self.assertEqual(status["series"], 1)
        self.assertEqual({pipeline["name"] for pipeline in status["pipelines"]},
                         {"pipelines/farm", "pipelines/ruin"})

    def test_indicators_have_value_change_and_forecast(self):
        self.assertRegex(self.succeed("indicators"),
                         r"harvest_of_the_hill +124 +2024 +\+1 +tonne +125 ")
        rows = {row["indicator"]: row for row in self.csv("indicators")}
        row = rows["harvest_of_the_hill"]
        self.assertEqual((row["last"], row["period"], row["change"], row["forecast"],
                          row["for"]), ("124", "2024", "1", "125", "2025"))
        self.assertLessEqual(float(row["lo80"]), 125)
        self.assertEqual(rows["harvest_growth"]["forecast"], "")
        answer = self.json("indicators", "--filter", "name:hill")
        self.assertEqual([each["name"] for each in answer["indicators"]],
                         ["indicators/harvest_of_the_hill"])
        self.assertEqual(len(answer["forecasts"]), 1)

    def test_show_tells_meaning_history_and_forecast(self):
        text = self.succeed("show", "harvest_of_the_hill")
        for part in ("Wheat harvest", "What the hill farm brings in.", "sum(wheat_tonnes)",
                     "▁", "2015 to 2024, 10 observations", "by method drift; issued", "track record  none yet",
                     "2027"):
            self.assertIn(part, text)
        self.assertEqual(len(self.csv("show", "harvest_of_the_hill")), 10)
        answer = self.json("show", "indicators/harvest_of_the_hill")
        self.assertEqual(set(answer), {"indicator", "series", "forecasts", "track_records"})

    def test_as_of_hides_what_was_not_yet_known(self):
        # The plugin gives no dates of publication: all is known since it was pulled.
        self.assertIn("no observations",
                      self.succeed("show", "harvest_of_the_hill", "--as-of", "2020-01-01"))
        before = self.headway("query", "wheat_tonnes", "--as-of", "2020-01-01", "--format", "csv")
        self.assertEqual(before.stdout.splitlines()[1:], [])
        self.assertIn("note: column 1: nothing of wheat_tonnes was known", before.stderr)
        self.assertEqual(len(self.csv("query", "wheat_tonnes", "--as-of", "2999-01-01")), 10)

    def test_forecast_shows_what_was_issued_or_computes(self):
        self.assertIn("; issued ", self.succeed("forecast", "harvest_of_the_hill"))
        computed = self.succeed("forecast", "harvest_of_the_hill", "--method", "naive")
        self.assertIn("computed now and not kept", computed)
        rows = self.csv("forecast", "harvest_of_the_hill", "--horizon", "7", "--method", "drift")
        self.assertEqual([row["point"] for row in rows], [str(125 + i) for i in range(7)])
        self.assertIn("no forecast of harvest_growth was issued",
                      self.complaint_of("forecast", "harvest_growth"))

    def test_series_and_query(self):
        row, = self.csv("series", 'wheat_tonnes{farm=~"h.*"}')
        self.assertEqual((row["key"], row["frequency"], row["observations"]),
                         ('wheat_tonnes{farm="hill"}', "annual", "10"))
        self.assertEqual(self.csv("series", 'wheat_tonnes{farm="dale"}'), [])
        rows = self.csv("query", "2 * wheat_tonnes")
        self.assertEqual(rows[-1], {"labels": 'farm="hill"', "period": "2024", "value": "248",
                                    "unit": "tonne", "status": ""})

    def test_a_citation_answers_again(self):
        citation = self.json("cite", "2 * wheat_tonnes")
        self.assertIn(citation["reference"], citation["text"])
        self.assertEqual(self.csv("cite", citation["reference"]),
                         self.csv("query", "2 * wheat_tonnes"))
        self.assertIn("no reference", self.complaint_of("cite", "headway:x"))

    def test_a_query_that_finds_nothing_says_why(self):
        self.assertIn('did you mean "wheat_tonnes"?', self.complaint_of("query", "wheat_tons"))
        answer = self.json("query", 'wheat_tonnes{farm="Hill"}')
        self.assertEqual(answer["series"], [])
        self.assertIn('did you mean "hill"?', answer["notes"][0])

    def test_revisions_of_series(self):
        row, = self.csv("series", "revisions", "wheat_tonnes", "--from", "2016", "--to", "2024")
        self.assertEqual((row["key"], row["releases"], row["revised"], row["mean_revision"],
                          row["mean_absolute_revision"]),
                         ('wheat_tonnes{farm="hill"}', "9", "0", "0", "0"))
        self.assertIn("first_period", self.complaint_of("series", "revisions", "wheat_tonnes",
                                                        "--from", "soon"))

    def test_pause_and_resume(self):
        self.assertIn("farm is paused", self.succeed("pause", "farm"))
        self.assertRegex(self.succeed("pipelines"), r"farm +paused")
        self.assertIn("farm is active; next run", self.succeed("resume", "farm"))
        self.assertRegex(self.succeed("pipelines"), r"farm +active")

    def test_pipelines_list_ten_fire_times(self):
        pipeline = next(each for each in self.json("pipelines")["pipelines"]
                        if each["name"] == "pipelines/farm")
        self.assertEqual(len(pipeline["nextFireTimes"]), 10)

    def test_runs_are_listed_and_filtered(self):
        runs = self.csv("runs", "farm")
        self.assertTrue(all(run["run"].startswith("pipelines/farm/runs/") for run in runs))
        self.headway("run", "ruin", "--follow")
        failed = self.csv("runs", "--filter", "state=FAILED")
        self.assertEqual({run["run"].split("/")[1] for run in failed}, {"ruin"})
        self.assertEqual(len(self.csv("runs", "--limit", "1")), 1)

    def test_plugins_are_listed_with_their_sources(self):
        rows = {row["plugin"]: row for row in self.csv("plugins")}
        self.assertEqual(rows["harvest"]["sources"], "harvest")
        self.assertEqual(rows["harvest"]["version"], "1.0")

    def test_watch_prints_the_state_of_now_and_changes(self):
        with subprocess.Popen(
                [os.path.join(e2e.BIN, "headway"), "--address", self.daemon.address, "watch",
                 "harvest_of_the_hill", "--format", "json"],
                stdout=subprocess.PIPE, text=True) as watch:
            self.addCleanup(watch.kill)
            first = json.loads(watch.stdout.readline())
            self.assertEqual(first["indicator"]["name"], "indicators/harvest_of_the_hill")
            self.daemon.push("wheat_tonnes", "tonne", {"2024": 1.0}, frequency="ANNUAL",
                             farm="dale")
            for line in watch.stdout:
                change = json.loads(line)
                if change["series"] and change["series"][0]["observations"][-1]["value"] == 125:
                    break
            else:
                raise AssertionError("the watch ended without the change")
            self.daemon.series.WriteObservations(self.withdrawal(), timeout=e2e.PATIENCE)
            watch.kill()

    @staticmethod
    def withdrawal():
        request = e2e.series_pb2.WriteObservationsRequest(source="test")
        request.batches.add(metric="wheat_tonnes", labels={"farm": "dale"}, frequency="ANNUAL",
                            unit="tonne", withdrawn_periods=["2024"])
        return request

    def test_errors_of_the_daemon_are_passed_on(self):
        self.assertIn('did you mean "harvest_of_the_hill"?',
                      self.complaint_of("show", "harvest_of_the_hil"))
        self.assertIn("column", self.complaint_of("query", "sum(wheat_tonnes"))
        self.assertIn('did you mean "farm"?', self.complaint_of("run", "frm"))
        error = self.complaint_of("indicators", "--filter", "colour=red")
        self.assertIn("filter", error)
        self.assertEqual(error.count("colour"), 1)


if __name__ == "__main__":
    unittest.main()

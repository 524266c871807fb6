"""What store_bench prints, on a few series: run as store_bench_test.py STORE_BENCH AS_TABLE
DIRECTORY."""

import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

STORE_BENCH, AS_TABLE, DIRECTORY = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)

# Named by those who read the figures; peers that need a program beside ours may be absent.
METRICS = {
    "ingest_points_per_s", "ingest_points_per_s.2_threads", "unchanged_points_per_s",
    "bytes_per_point.synthetic", "current_read_us", "asof_read_us.1", "asof_read_us.12",
    "asof_read_us.120", "scan_points_per_s", "scan_points_per_s.2_threads",
    "scan_points_per_s.current", "memory_peak_mb.ingest", "memory_peak_mb.scan", "open_ms",
}
COMPARED = {"ingest_points_per_s", "unchanged_points_per_s", "current_read_us",
            "scan_points_per_s"}


def run(*arguments, **environment):
    return subprocess.run([STORE_BENCH, "--dir", DIRECTORY, *arguments], capture_output=True,
                          text=True, timeout=120, env={**os.environ, **environment})


def lines_of(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Real data are no part of the tree: a folder without them stands in.
        with tempfile.TemporaryDirectory() as empty:
            result = run("--quick", "--series", "60", "--peers", "rocksdb,sqlite", "--data", empty)
        assert result.returncode == 0, result.stderr
        cls.lines = lines_of(result)
        cls.own = {line["metric"]: line for line in cls.lines if line["peer"] is None}

    def test_every_line_has_the_same_fields(self):
        for line in self.lines:
            self.assertLessEqual({"metric", "value", "unit", "peer", "peer_value", "note"},
                                 set(line), line)

    def test_every_metric_is_there_and_positive(self):
        for metric in METRICS:
            value = self.own[metric]["value"]
            self.assertTrue(math.isfinite(value) and value > 0, self.own[metric])

    def test_a_target_is_said_to_be_met_or_not(self):
        for metric in ("ingest_points_per_s", "current_read_us", "asof_read_us.120"):
            line = self.own[metric]
            reached = (line["value"] >= line["target"] if metric == "ingest_points_per_s"
                       else line["value"] <= line["target"])
            self.assertEqual(line["met"], reached, line)

    def test_absent_data_are_named_and_not_measured(self):
        for metric in ("bytes_per_point.tsmc", "bytes_per_point.epoch"):
            self.assertIsNone(self.own[metric]["value"])
            self.assertIn("--data", self.own[metric]["note"])

    def test_the_table_has_a_row_for_each_target(self):
        text = "".join(json.dumps(line) + "\n" for line in self.lines)
        table = subprocess.run([AS_TABLE], input=text, capture_output=True, text=True, check=True)
        rows = [line.split("|") for line in table.stdout.splitlines()]
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        names = {row[1].strip() for row in rows}
        for metric, line in self.own.items():
            if "target" in line:
                self.assertIn(f"`{metric}`", names)

    def test_peers_stand_beside_the_figure_of_the_store(self):
        for peer in ("rocksdb", "sqlite"):
            beside = {line["metric"]: line for line in self.lines if line["peer"] == peer}
            for metric in COMPARED:
                self.assertGreater(beside[metric]["peer_value"], 0, beside[metric])
                self.assertEqual(beside[metric]["value"], self.own[metric]["value"])

    def test_a_peer_that_is_not_installed_has_no_value_and_a_note(self):
        result = run("--quick", "--series", "10", "--only", "ingest",
                     "--peers", "victoria-metrics", PATH="/nowhere")
        self.assertEqual(result.returncode, 0, result.stderr)
        beside = [line for line in lines_of(result) if line["peer"] == "victoria-metrics"]
        self.assertTrue(beside)
        for line in beside:
            self.assertIsNone(line["peer_value"])
            self.assertIn("not installed", line["note"])


class Usage(unittest.TestCase):
    def test_only_the_parts_asked_for_are_measured(self):
        result = run("--quick", "--series", "10", "--only", "ingest", "--no-peers")
        metrics = {line["metric"] for line in lines_of(result)}
        self.assertIn("ingest_points_per_s", metrics)
        self.assertFalse([m for m in metrics if m.startswith(("scan", "asof", "bytes"))])

    def test_an_unknown_part_is_refused(self):
        result = run("--only", "speed")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("speed", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

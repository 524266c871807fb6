"""What calibration prints: run as calibration_test.py CALIBRATION."""

import json
import subprocess
import sys
import unittest

CALIBRATION = sys.argv.pop(1)


def run(*arguments):
    return subprocess.run([CALIBRATION, *arguments], capture_output=True, text=True, timeout=60,
                          check=False)


class CalibrationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        result = run("--series", "10", "--processes", "random_walk,poisson04", "--lengths",
                     "20,60", "--methods", "auto_fast")
        assert result.returncode == 0, result.stderr
        cls.lines = {line["metric"]: line
                     for line in map(json.loads, result.stdout.splitlines())}

    def test_has_a_coverage_for_each_level_process_length_and_distance(self):
        for level in (50, 80, 95):
            for process in ("random_walk", "poisson04"):
                for length in (20, 60):
                    for h in (1, 24):
                        name = f"coverage{level}.{process}.n{length}.h{h}.auto_fast"
                        self.assertLessEqual(0, self.lines[name]["value"])
                        self.assertIn("met", self.lines[name])

    def test_has_a_pit_of_counts(self):
        self.assertIn("pit.poisson04.n60.h1.auto_fast", self.lines)

    def test_sums_up_which_cells_reach_their_target(self):
        self.assertIn("24 cells",
                      self.lines["within.long.auto_fast"]["note"])
        self.assertIn("beyond6.atoms.auto_fast", self.lines)

    def test_every_point_lies_within_its_intervals(self):
        self.assertEqual(self.lines["ordered.auto_fast"]["value"], 1)

    def test_an_unknown_process_is_an_error(self):
        result = run("--processes", "random_wolk")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("--processes", result.stderr)


unittest.main()

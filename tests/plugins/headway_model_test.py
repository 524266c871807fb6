"""Tests of what the Python SDK has for models."""

import json
import os
import subprocess
import sys
import unittest

import headway_plugin as hp

FIRST_MODEL = os.path.join(
    os.path.dirname(os.path.abspath(__file__)),
    "../../plugins/sdk/templates/model.py")


class ForecastTest(unittest.TestCase):
    ASK = hp.Ask(horizon=2, probabilities=[0.1, 0.5, 0.9])

    def series(self, **more):
        return hp.Series("0", [1.0, 2.0, 4.0], [], [0, 1, 3], [], **more)

    def test_fills_missing_values_on_a_line(self):
        self.assertEqual(self.series().filled(), [1, 2, 3, 4])

    def test_clips_to_the_bounds(self):
        series = self.series(lower=0, upper=5)
        self.assertEqual([series.clip(v) for v in (-1, 3, 9)], [0, 3, 5])

    def test_gives_the_quantiles_of_a_normal_law(self):
        low, middle, high = hp.normal(10, 2, self.ASK)
        self.assertEqual(middle, 10)
        self.assertAlmostEqual(high - middle, 2 * 1.2815515655)
        self.assertAlmostEqual(middle - low, high - middle)

    def test_a_law_without_spread_is_a_single_value(self):
        self.assertEqual(hp.normal(3, 0, self.ASK), [3, 3, 3])

    def message(self, answer, **more):
        return hp._forecast_message(self.series(**more), self.ASK, answer)

    def test_rows_are_steps_within_the_bounds(self):
        message = self.message([[-1, 1, 2], [0, 1, 9]], lower=0, upper=8)
        self.assertEqual([s["quantiles"] for s in message["steps"]],
                         [[0, 1, 2], [0, 1, 8]])

    def test_paths_are_said_as_paths(self):
        message = self.message(hp.Paths([[1, 2], [3, 4]], model="M"))
        self.assertEqual(message["paths"][1], {"values": [3, 4]})
        self.assertEqual(message["model"], "M")

    def test_refuses_what_is_not_finite(self):
        with self.assertRaisesRegex(hp.PluginError, "step 1 is nan"):
            self.message([[float("nan"), 1, 2]])


class FirstModelTest(unittest.TestCase):
    """The model that `plugin new` writes, run as the daemon runs it."""

    def run_model(self, verb, request):
        done = subprocess.run(
            [sys.executable, "-B", FIRST_MODEL, verb],
            input=json.dumps(request).encode(), capture_output=True,
            env={"PYTHONPATH": os.environ["PYTHONPATH"]}, check=False)
        return done.returncode, [json.loads(line)
                                 for line in done.stdout.splitlines()]

    def test_forecasts_in_ten_lines(self):
        with open(FIRST_MODEL) as file:
            code = [line for line in file if line.strip()]
        self.assertLessEqual(len(code), 11)
        status, messages = self.run_model("forecast", {"table": {
            "horizon": 2, "probabilities": [0.1, 0.5, 0.9],
            "series": [{"id": "0", "values": [1, 2, 4]}]}})
        self.assertEqual(status, 0)
        steps = messages[0]["forecast"]["steps"]
        self.assertEqual([step["quantiles"][1] for step in steps], [4, 4])

    def test_a_defect_is_of_its_series_alone(self):
        status, messages = self.run_model("forecast", {"table": {
            "horizon": 1, "probabilities": [0.5],
            "series": [{"id": "0"}, {"id": "1", "values": [1]}]}})
        self.assertEqual(status, 0)
        self.assertIn("IndexError", messages[0]["forecast"]["error"])
        self.assertEqual(messages[1]["forecast"]["steps"],
                         [{"quantiles": [1.0]}])

    def test_knows_no_verbs_of_sources(self):
        self.assertNotEqual(self.run_model("read", {})[0], 0)


if __name__ == "__main__":
    unittest.main()

"""A plugin of fifteen lines of shell, without an SDK, is enough."""

import os
import subprocess
import unittest

from headway.v1 import forecast_pb2

import daemon as e2e

PLUGIN = os.path.join(e2e.PLUGINS, "harvest.sh")

PIPELINE = """
pipeline {
  name: "farm"
  source { name: "harvest" plugin: "harvest" }
  indicator {
    name: "harvest_of_the_hill"
    title: "Wheat harvest of the hill farm"
    expression: "wheat_tonnes{farm=\\"hill\\"}"
    unit: "tonne"
    forecast { method: "drift" horizon: 4 }
  }
}
"""


class ShellPlugin(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines={"farm.textproto": PIPELINE})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.last_run = cls.daemon.run("farm")

    def test_has_at_most_fifteen_lines(self):
        with open(PLUGIN) as file:
            self.assertLessEqual(len(file.readlines()), 15)

    def test_it_passes_the_conformance_suite(self):
        result = subprocess.run([os.path.join(e2e.BIN, "headway"), "plugin", "test", PLUGIN],
                                capture_output=True, text=True, timeout=e2e.PATIENCE)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_its_series_becomes_an_indicator(self):
        self.assert_succeeded(self.last_run)
        self.assertEqual(self.daemon.read("harvest_of_the_hill"),
                         {(("farm", "hill"),): {str(year): year - 1900.0
                                                for year in range(2015, 2025)}})

    def test_its_series_gets_a_forecast(self):
        forecast, = self.daemon.forecasts.GetForecast(
            forecast_pb2.GetForecastRequest(name="indicators/harvest_of_the_hill"),
            timeout=e2e.PATIENCE).forecasts
        self.assertEqual(forecast.error, "")
        self.assertEqual([(step.period, step.point) for step in forecast.steps],
                         [("2025", 125), ("2026", 126), ("2027", 127), ("2028", 128)])

    def test_its_data_carry_their_provenance(self):
        series, = self.daemon.find_series("wheat_tonnes")
        vintage, = self.daemon.vintages(series.name)
        self.assertEqual(vintage.provenance.plugin, "harvest")
        self.assertEqual(vintage.provenance.plugin_version, "1.0")
        self.assertEqual(vintage.provenance.source, "harvest")
        self.assertEqual(vintage.provenance.run, self.last_run.name)
        self.assertRegex(vintage.provenance.plugin_hash, "^[0-9a-f]{64}$")


if __name__ == "__main__":
    unittest.main()

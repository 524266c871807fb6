"""New data lead to the derivation of what depends on them, and of nothing else."""

import unittest

import daemon as e2e

PIPELINES = """
pipeline {
  name: "farm"
  indicator { name: "wheat" title: "Wheat" expression: "sum(wheat_sold_usd)" unit: "USD" }
  indicator { name: "milk" title: "Milk" expression: "sum(milk_sold_usd)" unit: "USD" }
  indicator { name: "sales" title: "Sales" expression: "wheat + milk" unit: "USD" }
  indicator { name: "milk_growth" title: "Growth" expression: "yoy(milk)" unit: "percent" }
}
pipeline {
  name: "mill"
  indicator { name: "flour" title: "Flour" expression: "3 * wheat" unit: "USD" }
}
pipeline {
  name: "dairy"
  indicator { name: "butter" title: "Butter" expression: "2 * milk" unit: "USD" }
}
"""


class OnChange(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines={"all.textproto": PIPELINES})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        months = e2e.months(36)
        cls.daemon.push("wheat_sold_usd", "USD", {month: 100.0 + i
                                                  for i, month in enumerate(months)})
        cls.daemon.push("milk_sold_usd", "USD", {month: 200.0 + i
                                                 for i, month in enumerate(months)})
        for name in ("farm", "mill", "dairy"):
            cls.settle(name)

    @classmethod
    def settle(cls, pipeline):
        """Waits until the runs that are queued or at work have ended; all runs, newest first."""
        cls.daemon.run(pipeline)
        for run in cls.daemon.runs(pipeline):
            cls.daemon.wait_for_run(run.name)
        return cls.daemon.runs(pipeline)

    def change_wheat(self, value):
        """Pushes one month of wheat and returns the runs that this queued, by pipeline."""
        before = {run.name for name in ("farm", "mill", "dairy") for run in self.daemon.runs(name)}
        watch = self.daemon.indicators.WatchIndicators(
            e2e.indicator_pb2.WatchIndicatorsRequest(names=["indicators/flour"]),
            timeout=e2e.PATIENCE)
        for response in watch:
            if response.caught_up:
                break
        self.daemon.push("wheat_sold_usd", "USD", {"2017-12": value})
        change = next(watch)
        self.assertEqual(e2e.tables(change)[()]["2017-12"], 3 * value)
        watch.cancel()
        new = {}
        for name in ("farm", "mill", "dairy"):
            new[name] = [run for run in self.settle(name)
                         if run.name not in before and
                         e2e.pipeline_pb2.Run.Trigger.Name(run.trigger) == "ON_CHANGE"]
        return new

    def test_queues_the_pipelines_that_use_the_series_and_no_other(self):
        new = self.change_wheat(1000.0)
        self.assertEqual({name: len(runs) for name, runs in new.items()},
                         {"farm": 1, "mill": 1, "dairy": 0})
        for runs in new.values():
            for run in runs:
                self.assert_succeeded(run)

    def test_derives_and_forecasts_only_what_depends_on_the_series(self):
        run, = self.change_wheat(2000.0)["farm"]
        states = {key: e2e.state_name(step) for key, step in e2e.steps(run).items()}
        for kind in ("DERIVE", "FORECAST"):
            self.assertEqual({name: states[kind, name]
                              for name in ("wheat", "sales", "milk", "milk_growth")},
                             {"wheat": "SUCCEEDED", "sales": "SUCCEEDED", "milk": "SKIPPED",
                              "milk_growth": "SKIPPED"}, kind)

    def test_pushing_what_is_known_already_queues_nothing(self):
        self.change_wheat(3000.0)
        before = [run.name for run in self.daemon.runs("-")]
        response = self.daemon.push("wheat_sold_usd", "USD", {"2017-12": 3000.0})
        self.assertEqual(response.observations_changed, 0)
        # A change after it is served; had the first queued a run, it would stand before.
        self.daemon.push("milk_sold_usd", "USD", {"2018-01": self.daemon.read("milk")[()].get(
            "2018-01", 0) + 1})
        self.settle("dairy")
        self.settle("farm")
        new = [run.name for run in self.daemon.runs("-") if run.name not in before and
               e2e.pipeline_pb2.Run.Trigger.Name(run.trigger) == "ON_CHANGE"]
        self.assertEqual([name for name in new if "/mill/" in name], [])


if __name__ == "__main__":
    unittest.main()

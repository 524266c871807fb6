"""kill -9 of the daemon in the middle of an ingest."""

import os
import random
import shutil
import tempfile
import unittest

import daemon as e2e

METRIC = "step_count"


def pipeline(months, batch, gate=""):
    return f"""
pipeline {{
  name: "steps"
  source {{
    name: "steps"
    plugin: "step-by-step"
    config {{ key: "months" value: "{months}" }}
    config {{ key: "batch" value: "{batch}" }}
    config {{ key: "gate" value: "{gate}" }}
  }}
  indicator {{
    name: "steps" title: "Steps" expression: "sum(step_count)" unit: "1"
    forecast {{ disabled: true }}
  }}
}}
"""


class KilledDaemon(unittest.TestCase):
    def start(self, months, batch, gate=""):
        daemon = e2e.Daemon(pipelines={"steps.textproto": pipeline(months, batch, gate)})
        self.addCleanup(daemon.close)
        return daemon

    def stored(self, daemon):
        """{period: value}, as a client is told."""
        found = daemon.find_series(METRIC)
        return daemon.read_series(found[0].name) if found else {}

    def assert_whole(self, daemon, months):
        """Every month is there with its value, and was written once."""
        values = self.stored(daemon)
        self.assertEqual(sorted(values.values()), [i + 0.5 for i in range(months)])
        series, = daemon.find_series(METRIC)
        written = [observation.period for vintage in daemon.vintages(series.name)
                   for observation in vintage.changed]
        self.assertEqual(len(written), months)
        self.assertEqual(set(written), set(values))

    def resumed_at(self, run):
        """The checkpoint that the plugin was given in the last attempt of this run's pull."""
        lines = e2e.steps(run)["PULL", "steps"].log
        return int(next(line for line in lines if "resuming at" in line).split()[-1])

    def wait_until_read(self, daemon, months):
        watch = daemon.indicators.WatchIndicators(
            e2e.indicator_pb2.WatchIndicatorsRequest(names=["indicators/steps"]),
            timeout=e2e.PATIENCE)
        for response in watch:
            if any(len(series.observations) >= months for series in response.series):
                return

    def test_goes_on_from_its_checkpoint_with_nothing_lost_and_nothing_doubled(self):
        folder = tempfile.mkdtemp(prefix="headway-e2e-")
        self.addCleanup(shutil.rmtree, folder)
        gate = os.path.join(folder, "gate")
        os.mkfifo(gate)
        os.chmod(gate, 0o666)  # the plugin may be another user
        hold = os.open(gate, os.O_RDWR)
        self.addCleanup(os.close, hold)

        daemon = self.start(months=100, batch=10, gate=gate)
        run = daemon.start_run("steps")
        os.write(hold, b"xxx")  # three checkpoints, and the plugin waits
        self.wait_until_read(daemon, 30)
        acknowledged = self.stored(daemon)
        self.assertEqual(len(acknowledged), 30)
        daemon.kill()

        os.write(hold, b"x" * 10)
        daemon.start()
        self.assertLessEqual(acknowledged.items(), self.stored(daemon).items())
        last = daemon.wait_for_run(run.name)  # taken up again under its name
        self.assert_succeeded(daemon, last)
        self.assertEqual(self.resumed_at(last), 30)
        self.assert_whole(daemon, 100)

    def assert_succeeded(self, daemon, run):
        self.assertEqual(e2e.state_name(run), "SUCCEEDED", f"{run}\n{daemon.log.text()}")

    def test_survives_kills_at_random_instants(self):
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        months = 1500
        daemon = self.start(months=months, batch=5)
        run = daemon.start_run("steps")
        kills = 0
        for _ in range(5):
            target = len(self.stored(daemon)) + chance.randrange(1, months // 8)
            while len(acknowledged := self.stored(daemon)) < target and \
                    not daemon.runs("steps")[0].HasField("end_time"):
                pass  # each question is a call that takes its time
            if len(acknowledged) < months:
                kills += 1
            daemon.kill()
            daemon.start()
            self.assertLessEqual(acknowledged.items(), self.stored(daemon).items())
        self.assertGreater(kills, 1)
        self.assert_succeeded(daemon, daemon.wait_for_run(run.name))
        self.assert_whole(daemon, months)


if __name__ == "__main__":
    unittest.main()

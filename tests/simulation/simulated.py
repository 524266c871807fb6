"""The program simulated_pulls, driven from Python.

    with Simulation(pipelines, start="2026-01-01T00:00:00Z") as simulation:
        simulation.configure({"fred": {"base_url": publisher.url}})
        pulls = simulation.until("2026-01-02T00:00:00Z")
"""

import json
import os
import subprocess
import tempfile

BIN = os.environ["HEADWAY_BIN"]
PLUGINS = os.path.join(BIN, "plugins")


class Simulation:
    """Pulls of the sources that stand in the folder `pipelines`. `secrets` are
    environment variables. Its store lives as long as it does."""

    def __init__(self, pipelines, start, secrets=None, plugins=PLUGINS):
        self._folder = tempfile.TemporaryDirectory(prefix="headway-simulated-")
        self._log = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [os.path.join(BIN, "tests", "simulated_pulls"), pipelines, plugins,
             os.path.join(self._folder.name, "store"), start],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            text=True, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                            "HEADWAY_CONTACT": "data@example.org",
                            **(secrets or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()
        self._folder.cleanup()

    def configure(self, sources):
        """Switches these sources on, with these options besides their own; of
        none, all that are on already."""
        self._say(configure=sources)

    def until(self, instant):
        """The pulls that schedules start by then."""
        return self._say(until=instant)

    def pull(self, source):
        [pull] = self._say(pull=source)
        return pull

    def series(self):
        return self._say(series=True)

    def _say(self, **command):
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        lines = []
        for line in self._process.stdout:
            said = json.loads(line)
            if "done" in said:
                return lines
            lines.append(said)
        self._log.seek(0)
        raise AssertionError(f"simulated_pulls ended at {command}: "
                             f"{self._log.read()[-2000:]}")

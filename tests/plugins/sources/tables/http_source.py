"""Reads by the http plugin, as the daemon starts it."""

import json
import os
import subprocess
import unittest

from publisher import PLUGINS, Answer, Publisher, Said


def http(config, checkpoints=None, secrets=None, verb="read",
         now="2026-09-15T12:00:00Z"):
    """What the plugin says with these options."""
    request = {"protocol_version": 1, "source": "test", "config": config,
               "checkpoints": checkpoints or {}, "now": now}
    done = subprocess.run(
        [os.path.join(PLUGINS, "http"), verb, "--json"],
        input=json.dumps(request).encode() + b"\n", capture_output=True,
        env={"PATH": "/usr/bin:/bin", **(secrets or {})}, timeout=110,
        check=False)
    return Said(done.returncode, done.stdout.decode().splitlines(),
                done.stderr.decode())


class HttpTest(unittest.TestCase):
    """A publisher, and reads of what it answers at /data."""

    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__, None, None, None)

    @property
    def url(self):
        return self.publisher.url + "/data"

    def read(self, body, headers=None, **config):
        """What is said of one answer; its series are of metric m, unit 1."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        self.publisher.answer("/data", Answer(200, body, headers or {}))
        return self.ask(**config)

    def ask(self, verb="read", checkpoints=None, secrets=None, **config):
        defaults = {"url": self.url, "metric": "m", "unit": "1"}
        return http({**defaults, **config}, checkpoints, secrets, verb)

    def assert_refused(self, said, *parts):
        self.assertIsNotNone(said.error, said.messages)
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertEqual(said.checkpoints, [])
        for part in parts:
            self.assertIn(part, said.error["message"])

"""Long operations as an operator sees them: they go on without the command that started them."""

import json
import os
import signal
import subprocess
import time
import unittest

import daemon as e2e

PIPELINE = 'pipeline { name: "sea" source { name: "%s" plugin: "%s" } }'

# Its checks hang for as long as they may.
HUNG = """#!/bin/sh
if [ "$1" = describe ]; then
  echo '{"description":{"name":"hung","version":"1","protocol_version":1}}'; exit 0
fi
while :; do sleep 0.1; done
"""
QUICK = HUNG.replace("hung", "quick").replace(
    "while :; do sleep 0.1; done", """echo '{"check":{"ok":true,"message":"calm"}}'""")


def wait_for(condition):
    limit = time.monotonic() + e2e.PATIENCE
    while time.monotonic() < limit:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("it did not come about")


class LongOperations(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        daemon = e2e.Daemon(pipelines={
            "hung.textproto": PIPELINE % ("deep", "hung"),
            "quick.textproto": (PIPELINE % ("calm", "quick")).replace('"sea"', '"lake"')},
            with_backups=True, plugins={"hung": HUNG, "quick": QUICK})
        return daemon

    def headway(self, *arguments):
        return subprocess.run(self.command(*arguments), capture_output=True, text=True,
                              timeout=e2e.PATIENCE)

    def command(self, *arguments):
        return [os.path.join(e2e.BIN, "headway"), *arguments, "--address", self.daemon.address]

    def operations(self, *arguments):
        result = self.headway("operations", "--format", "json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)["operations"]

    def start_hung_check(self):
        """The command, and the number of the operation that it waits for."""
        process = subprocess.Popen(self.command("source", "check", "sea/deep"),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        running = wait_for(lambda: self.operations("--filter",
                                                   "kind=CHECK_SOURCE AND state=RUNNING"))
        return process, running[0]["name"].split("/")[1]

    def test_a_check_prints_its_result(self):
        result = self.headway("source", "check", "lake/calm", "--format", "csv")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "source,result,message\ncalm,passed,calm\n")

    def test_ctrl_c_leaves_it_running_until_it_is_cancelled(self):
        process, number = self.start_hung_check()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=e2e.PATIENCE)
        self.assertEqual((process.returncode, out), (1, ""))
        self.assertIn(f"operations/{number} goes on", err)
        self.assertIn(f"headway operation cancel {number}", err)
        self.assertEqual(len(self.operations("--filter", "state=RUNNING")), 1)
        result = self.headway("operation", "cancel", number)
        self.assertEqual((result.returncode, result.stdout),
                         (0, f"operations/{number} is asked to stop\n"))
        result = self.headway("operation", "watch", number, "--format", "csv")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"operations/{number} was cancelled", result.stderr)
        self.assertIn(f"{number},check source,deep,cancelled,", result.stdout)

    def test_one_under_way_when_the_daemon_is_killed_has_failed_afterwards(self):
        _, number = self.start_hung_check()
        self.daemon.kill()
        self.daemon.start()
        result = self.headway("operation", "watch", number)
        self.assertEqual(result.returncode, 1)
        self.assertIn("the daemon ended while this was under way; start it again", result.stderr)

    def test_a_hung_check_does_not_keep_the_daemon_from_stopping(self):
        process, number = self.start_hung_check()
        begun = time.monotonic()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertLess(time.monotonic() - begun, 10)
        _, err = process.communicate(timeout=e2e.PATIENCE)
        self.assertIn("start it again", err)
        self.daemon.start()
        self.assertEqual(self.operations()[0]["state"], "FAILED")

    def test_the_listing_is_for_people_too(self):
        self.assertEqual(self.headway("store", "backup").returncode, 0)
        result = self.headway("operations", "--filter", "kind=CREATE_BACKUP")
        self.assertEqual(result.returncode, 0, result.stderr)
        header, row = result.stdout.splitlines()
        self.assertEqual(header.split()[:3], ["OPERATION", "KIND", "SUBJECT"])
        self.assertIn("create backup", row)
        self.assertIn("succeeded", row)


if __name__ == "__main__":
    unittest.main()

"""How the daemon starts, refuses to start, and ends: run as headwayd_test.py HEADWAYD."""

import contextlib
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HEADWAYD = sys.argv.pop(1)

PIPELINE = """
pipeline {
  name: "good"
  indicator { name: "%s" expression: "sum(m)" unit: "1" }
}
"""


def wait_for(condition):
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("it did not come about within a minute")


def pid_of(plugin):
    """Of the shell that runs it, as it is numbered outside of its sandbox."""
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if words[:3] == [b"/bin/sh", os.fsencode(plugin), b"read"]:
                    return int(folder.name)
    return None


class Daemon(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.root = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.data = self.root / "data"
        self.pipelines = self.root / "pipelines"
        self.pipelines.mkdir()
        (self.pipelines / "good.textproto").write_text(PIPELINE % "first")

    def command(self, **flags):
        flags = {"data_dir": self.data, "pipelines": self.pipelines, "listen": "127.0.0.1:0",
                 **flags}
        command = [HEADWAYD]
        for name, value in flags.items():
            if value is not None:
                command += ["--" + name.replace("_", "-"), str(value)]
        return command

    def start(self, **flags):
        """A daemon that serves, with its address; its log goes to a file."""
        log = self.stack.enter_context(open(self.root / "log", "a+"))
        process = subprocess.Popen(self.command(**flags), stdout=subprocess.PIPE, stderr=log,
                                   text=True)
        self.stack.callback(process.stdout.close)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        line = process.stdout.readline()
        self.assertTrue(line.startswith("listening on "), line + self.log())
        return process, line.split()[-1]

    def log(self):
        return (self.root / "log").read_text()

    def refuse(self, status=1, **flags):
        """The error with which the daemon refuses to start."""
        result = subprocess.run(self.command(**flags), capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        return result.stderr

    def refuse_in_a_line(self, **flags):
        error = self.refuse(**flags)
        errors = [line for line in error.splitlines() if line.startswith("headwayd: ")]
        self.assertEqual(len(errors), 1, error)
        self.assertEqual(errors[0], error.splitlines()[-1])
        return errors[0]


class Ends(Daemon):
    def test_with_0_after_sigterm_and_sigint(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                process, _ = self.start()
                process.send_signal(number)
                self.assertEqual(process.wait(30), 0, self.log())

    def test_with_3_when_the_store_was_lost_and_starts_again(self):
        (self.pipelines / "often.textproto").write_text(
            'pipeline { name: "often" schedule { cron: "* * * * * *" }'
            ' indicator { name: "twice" expression: "2 * m" unit: "1" } }')
        process, _ = self.start()
        wait_for(lambda: list(self.data.glob("*.log")))
        # No file may grow any more, its log's neither.
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        self.assertEqual(process.wait(60), 3, self.log())
        process, _ = self.start()
        process.terminate()
        self.assertEqual(process.wait(30), 0, self.log())

    def test_and_ends_the_plugin_that_is_running(self):
        plugins = self.root / "plugins"
        plugins.mkdir()
        plugin = plugins / "stuck"
        plugin.write_text(
            '#!/bin/sh\nif [ "$1" = describe ]; then echo \'{"description":{"name":"stuck",'
            '"version":"1","protocol_version":1}}\'; exit 0; fi\n'
            "while :; do sleep 1; done\n")
        plugin.chmod(0o755)
        (self.pipelines / "stuck.textproto").write_text(
            'pipeline { name: "stuck" schedule { cron: "* * * * * *" }'
            ' source { name: "s" plugin: "stuck" } }')
        process, _ = self.start(plugins=plugins)
        wait_for(lambda: pid_of(plugin))
        process.terminate()
        self.assertEqual(process.wait(30), 0, self.log())
        self.assertIsNone(pid_of(plugin))


class StoppedAsAGroup(Daemon):
    def test_takes_up_the_pull_that_the_signal_ended_too(self):
        """As a service manager does: SIGTERM to every process of the service."""
        plugins = self.root / "plugins"
        plugins.mkdir()
        plugin = plugins / "slow"
        done = self.root / "done"
        os.mkfifo(done)
        done.chmod(0o666)  # the plugin may be another user
        reader = os.open(done, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        plugin.write_text(
            '#!/bin/sh\nif [ "$1" = describe ]; then echo \'{"description":{"name":"slow",'
            '"version":"1","protocol_version":1,"config":[{"name":"done","kind":"PATH"}]}}\'; exit 0; fi\n'
            # Its own directory is what it sees.
            f"if [ -e {plugins}/go ]; then echo '{{\"checkpoint\":{{}}}}'\n"
            f"echo x > {done}; exit 0; fi\n"
            "while :; do sleep 1; done\n")
        plugin.chmod(0o755)
        source = (f'source {{ name: "s" plugin: "slow" retry {{ max_attempts: 1 }}'
                  f' config {{ key: "done" value: "{done}" }} }}')
        # It fires once: a run that failed for good would not pull again.
        (self.pipelines / "slow.textproto").write_text(
            'pipeline { name: "slow" schedule { cron: "* * * * * *" } ' + source + " }")
        process, _ = self.start(plugins=plugins)
        pid = wait_for(lambda: pid_of(plugin))
        (self.pipelines / "slow.textproto").write_text('pipeline { name: "slow" ' + source + " }")
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: "read the pipeline definitions again" in self.log())
        os.kill(pid, signal.SIGTERM)
        process.terminate()
        self.assertEqual(process.wait(30), 0, self.log())
        self.assertNotIn("step failed", self.log())
        (plugins / "go").write_text("")
        self.start(plugins=plugins)

        def is_done():
            with contextlib.suppress(BlockingIOError):
                return os.read(reader, 2) == b"x\n"

        wait_for(is_done)


class Address(Daemon):
    def test_is_printed_and_kept_in_a_file_while_the_daemon_runs(self):
        process, address = self.start(http="127.0.0.1:0")
        self.assertEqual((self.data / "address").read_text(), address + "\n")
        http = (self.data / "http_address").read_text().strip()
        self.assertEqual(process.stdout.readline(), f"dashboard at http://{http}/\n")
        for where in (address, http):
            host, port = where.split(":")
            socket.create_connection((host, int(port)), timeout=30).close()
        process.terminate()
        process.wait(30)
        self.assertFalse((self.data / "address").exists())
        self.assertFalse((self.data / "http_address").exists())

    def test_may_be_a_unix_socket(self):
        path = self.root / "socket"
        _, address = self.start(listen=f"unix:{path}")
        self.assertEqual(address, f"unix:{path}")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))

    def test_that_an_earlier_daemon_left_is_removed(self):
        process, _ = self.start()
        process.kill()
        process.wait()
        self.assertTrue((self.data / "address").exists())
        (self.root / "no").mkdir()
        self.refuse_in_a_line(pipelines=self.root / "missing")
        _, address = self.start()
        self.assertEqual((self.data / "address").read_text(), address + "\n")


class Refuses(Daemon):
    def test_a_port_in_use(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = "127.0.0.1:%d" % other.getsockname()[1]
            for flag in ("listen", "http"):
                with self.subTest(flag=flag):
                    error = self.refuse_in_a_line(**{flag: address})
                    self.assertIn(f"cannot listen on {address}: another program is listening "
                                  "there; stop it, or choose another address", error)

    def test_a_public_address(self):
        for flag in ("listen", "http"):
            with self.subTest(flag=flag):
                error = self.refuse_in_a_line(**{flag: "0.0.0.0:7311"})
                self.assertIn('"0.0.0.0:7311" is not a loopback address', error)
                self.assertIn("SSH tunnel", error)

    def test_a_data_directory_that_another_daemon_uses(self):
        process, _ = self.start()
        error = self.refuse_in_a_line()
        self.assertIn(str(self.data), error)
        self.assertIsNone(process.poll())

    def test_a_data_directory_that_cannot_be_made(self):
        (self.root / "file").write_text("")
        error = self.refuse_in_a_line(data_dir=self.root / "file" / "data")
        self.assertIn(str(self.root / "file" / "data"), error)

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_a_data_directory_without_permission(self):
        self.data.mkdir(mode=0)
        self.stack.callback(self.data.chmod, 0o700)
        error = self.refuse_in_a_line()
        self.assertIn(str(self.data), error)
        self.assertIn("ermission", error)

    def test_a_pipelines_directory_that_is_not_there(self):
        error = self.refuse_in_a_line(pipelines=self.root / "missing")
        self.assertIn(str(self.root / "missing"), error)

    def test_a_broken_configuration_with_file_line_and_column(self):
        config = self.root / "daemon.textproto"
        for text, wanted in (
                ("worker_threads: 2\nmax_concurent_runs: 3\n", 'did you mean "max_concurrent_runs"?'),
                ("worker_threads: 2\n  max_concurrent_runs: -3\n", "must be 1 to 64, is -3")):
            with self.subTest(text=text):
                config.write_text(text)
                error = self.refuse_in_a_line(config=config)
                self.assertIn(f"{config}:2:", error)
                self.assertIn(wanted, error)

    def test_a_configuration_that_is_not_there(self):
        error = self.refuse_in_a_line(config=self.root / "missing")
        self.assertIn(f"{self.root}/missing: cannot be read: No such file", error)

    def test_wrong_flags_with_status_2(self):
        for flags in ({"data_dir": None}, {"pipelines": None}, {"sharks": "1"},
                      {"plugins": self.root / "missing"}):
            with self.subTest(flags=flags):
                self.assertIn("--", self.refuse(status=2, **flags))


class Definitions(Daemon):
    def test_that_are_broken_do_not_stop_the_daemon(self):
        (self.pipelines / "bad.textproto").write_text("pipeline {\n  nam: \"x\"\n}\n")
        process, _ = self.start()
        self.assertIn(f"{self.pipelines}/bad.textproto:2:", self.log())
        self.assertIsNone(process.poll())

    def test_are_read_again_after_sighup(self):
        process, _ = self.start()
        (self.pipelines / "bad.textproto").write_text("pipeline {\n  nam: \"x\"\n}\n")
        self.assertNotIn("bad.textproto", self.log())
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: "read the pipeline definitions again" in self.log())
        self.assertIn(f"{self.pipelines}/bad.textproto:2:", self.log())
        line = next(line for line in self.log().splitlines()
                    if "read the pipeline definitions again" in line)
        self.assertNotIn("OK", line)
        self.assertRegex(line, r'errors\W+1\b.*bad\.textproto:2:')


if __name__ == "__main__":
    unittest.main()

"""headway plugin run and install, without a daemon: run as NAME_test.py HEADWAY."""

import csv
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import unittest

from command_line import HEADWAY, TemporaryFolder, run

PLUGIN = """#!/usr/bin/python3
import headway_plugin as hp

def read(request, out):
    out.series("x", metric="apples", frequency="monthly", unit="1")
    out.observe("x", "2024-01", 1.5)
    out.observe("x", "2024-02", 2.5)
    out.checkpoint(state="feb")

hp.run(hp.Plugin(name="apples", version="%s", summary="Counts apples.", read=read,
                 hosts=["apples.example.org"], evidence=("documented", "2026-11-30"),
                 secrets=[hp.Secret("APPLE_KEY", "Of the orchard.", required=False)]))
"""


class PluginCommands(TemporaryFolder):
    def setUp(self):
        super().setUp()
        # Plugins of root's are run by others.
        os.chmod(self.folder, 0o755)
        run("plugin", "new", "other", "--lang", "python", "--directory", self.folder)
        self.plugin = self.write_plugin("1.9")
        self.installed = os.path.join(self.folder, "installed")

    def write_plugin(self, version, text=PLUGIN):
        path = self.write("apples", text % version)
        os.chmod(path, 0o755)
        return path

    def install(self, *arguments):
        return run("plugin", "install", self.plugin, "--dir", self.installed, *arguments)

    def succeed(self, *arguments):
        result = run(*arguments)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout


class Run(PluginCommands):
    def test_a_line_for_each_series_says_what_would_be_delivered(self):
        output = self.succeed("plugin", "run", self.plugin, "--format", "csv")
        row, = csv.DictReader(io.StringIO(output))
        self.assertEqual((row["series"], row["frequency"], row["unit"]), ("apples{}", "monthly", "1"))
        self.assertEqual((row["periods"], row["first_period"], row["last_period"], row["newest"]),
                         ("2", "2024-01", "2024-02", "2.5"))

    def test_it_says_where_the_next_read_goes_on(self):
        self.assertIn("the next read goes on with --checkpoint 'feb'",
                      self.succeed("plugin", "run", self.plugin))

    def test_rows_are_all_observations(self):
        output = self.succeed("plugin", "run", self.plugin, "--rows", "--format", "csv")
        self.assertEqual([(row["period"], row["value"])
                          for row in csv.DictReader(io.StringIO(output))],
                         [("2024-01", "1.5"), ("2024-02", "2.5")])

    def test_json_holds_all_of_it(self):
        document = json.loads(self.succeed("plugin", "run", self.plugin, "--format", "json"))
        self.assertEqual(document["checkpoints"], {"": "feb"})
        series, = document["series"]
        self.assertEqual([point["value"] for point in series["observations"]], [1.5, 2.5])

    def test_a_read_that_delivers_nothing_says_so(self):
        path = self.write("idle", """#!/bin/sh
test "$1" = describe && echo '{"description":{"name":"idle","version":"1","protocolVersion":1}}'
exit 0
""")
        os.chmod(path, 0o755)
        self.assertIn("it delivered no observations", self.succeed("plugin", "run", path))

    def test_an_error_names_the_message_and_what_came_before_is_shown(self):
        self.write_plugin("1", PLUGIN.replace('    out.checkpoint(state="feb")', """\
    out.checkpoint(state="feb")
    out.observe("x", "2024-13", 1.0)
    out.checkpoint(state="mar")"""))
        result = run("plugin", "run", self.plugin)
        self.assertEqual(result.returncode, 1)
        self.assertIn("apples{}", result.stdout)
        self.assertIn("2024-13", result.stderr)

    def test_a_config_given_twice_is_an_error(self):
        result = run("plugin", "run", self.plugin, "--config", "a=1", "a=2")
        self.assertIn("--config names a twice", result.stderr)

    def test_watch_reads_again_when_the_plugin_is_saved_and_ends_on_interrupt(self):
        watching = subprocess.Popen([HEADWAY, "plugin", "run", self.plugin, "--watch"],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(watching.kill)
        self.assertIn("SERIES", watching.stdout.readline())
        fresh = self.write("fresh", PLUGIN.replace('"apples"', '"pears"', 1) % "2")
        os.chmod(fresh, 0o755)
        os.replace(fresh, self.plugin)
        lines = iter(watching.stdout.readline, "")
        self.assertTrue(any("was saved" in line for line in lines))
        self.assertTrue(any("pears{}" in line for line in lines))
        watching.send_signal(signal.SIGINT)
        self.assertEqual(watching.wait(30), 0)
        watching.communicate()


class Install(PluginCommands):
    def test_it_copies_the_plugin_with_the_modules_that_it_imports(self):
        self.write("unrelated.py", "")
        self.assertEqual(self.install("--yes").returncode, 0)
        self.assertEqual(set(os.listdir(self.installed)),
                         {"apples", "headway_plugin.py", "plugins.sha256"})
        self.assertTrue(os.access(os.path.join(self.installed, "apples"), os.X_OK))

    def test_it_shows_what_an_operator_approves(self):
        output = self.install("--yes").stdout
        with open(self.plugin, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        for part in ("apples 1.9: Counts apples.", "secret APPLE_KEY: Of the orchard.",
                     "reaches apples.example.org", "unproven", "2026-11-30",
                     f"SHA-256 {digest}"):
            self.assertIn(part, output)

    def test_the_manifest_is_one_of_sha256sum(self):
        self.install("--yes")
        checked = subprocess.run(["sha256sum", "--strict", "-c", "plugins.sha256"],
                                 cwd=self.installed, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertIn("apples: OK", checked.stdout)

    def test_without_an_answer_nothing_is_installed(self):
        result = run("plugin", "install", self.plugin, "--dir", self.installed)
        self.assertEqual(result.returncode, 1)
        self.assertIn("--yes", result.stderr)
        self.assertFalse(os.path.exists(self.installed))

    def test_an_older_version_needs_to_be_asked_for(self):
        self.write_plugin("1.10")
        self.install("--yes")
        self.write_plugin("1.9")
        result = self.install("--yes")
        self.assertEqual(result.returncode, 1)
        self.assertIn("installed in version 1.10, and this is 1.9", result.stderr)
        self.assertEqual(self.install("--yes", "--downgrade").returncode, 0)

    def test_a_newer_version_names_the_one_that_it_replaces(self):
        self.install("--yes")
        self.write_plugin("2")
        self.assertIn("apples 2 (installed: 1.9)", self.install("--yes").stdout)

    def test_a_second_file_of_one_plugin_name_is_refused(self):
        os.mkdir(self.installed)
        shutil.copy(self.plugin, os.path.join(self.installed, "apples.py"))
        result = self.install("--yes")
        self.assertEqual(result.returncode, 1)
        self.assertIn("apples.py is a plugin of the name apples already", result.stderr)

    def test_a_plugin_is_approved_where_it_lies(self):
        result = run("plugin", "install", self.plugin, "--dir", self.folder, "--yes")
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(os.path.join(self.folder, "plugins.sha256")) as file:
            self.assertIn("  apples\n", file.read())

    def test_a_plugin_that_does_not_describe_itself_is_not_installed(self):
        path = self.write("broken", "#!/bin/sh\necho hello\n")
        os.chmod(path, 0o755)
        result = run("plugin", "install", path, "--dir", self.installed, "--yes")
        self.assertEqual(result.returncode, 1)
        self.assertIn("hello", result.stderr)
        self.assertFalse(os.path.exists(self.installed))

    def test_a_directory_of_plugins_is_installed_whole(self):
        result = run("plugin", "install", self.folder, "--dir", self.installed, "--yes")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("installed 2 plugins", result.stdout)


if __name__ == "__main__":
    unittest.main()

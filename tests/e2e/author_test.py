"""An author's path by commands alone, from nothing to an indicator, in each language; and what
is said of a plugin that is broken in one of six ways."""

import os
import signal
import subprocess
import unittest

import daemon as e2e

BUILD = os.path.dirname(e2e.BIN)

PIPELINE = """
pipeline {{
  name: "moons"
  source {{ name: "moons" plugin: "moons" {config} }}
  indicator {{ name: "moons" expression: "my_metric" unit: "1" forecast {{ disabled: true }} }}
}}
"""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=e2e.PATIENCE, **options)


class Author:
    """Of one language. `edits` are by breakage: (old text, new text)."""

    language = None
    # What `plugin new` wrote, and what runs, in the author's folder.
    source = "moons"
    program = "moons"
    takes_a_table = True
    most_lines = None
    edits = {}

    @classmethod
    def start_daemon(cls):
        return e2e.Daemon()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = os.path.join(cls.daemon.folder, "author")
        os.mkdir(cls.folder)
        os.chmod(cls.daemon.folder, 0o755)
        cls.table = os.path.join(cls.folder, "table.csv")
        with open(cls.table, "w") as file:
            file.write("period,value\n2023,145\n2024,146\n")
        cls.new = cls.headway("plugin", "new", "moons", "--lang", cls.language)
        cls.build()
        with open(os.path.join(cls.folder, cls.source)) as file:
            cls.text = file.read()

    @classmethod
    def build(cls):
        """Makes the program of what was written."""

    @classmethod
    def headway(cls, *arguments):
        return run(os.path.join(e2e.BIN, "headway"), "--address", cls.daemon.address, *arguments,
                   cwd=cls.folder)

    def succeed(self, *arguments):
        result = self.headway(*arguments)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def config(self):
        return ["--config", f"url=file://{self.table}"] if self.takes_a_table else []

    def test_the_path_leads_from_nothing_to_an_indicator(self):
        self.assertEqual(self.new.returncode, 0, self.new.stderr)
        self.assertIn("my_metric", self.succeed("plugin", "run", self.program, *self.config()))
        self.succeed("plugin", "test", self.program, *self.config())
        self.succeed("plugin", "install", self.program, "--dir", self.daemon.plugins_folder,
                     "--yes")
        self.reload()
        self.succeed("run", "moons", "--follow")
        self.assertTrue(self.daemon.read("moons"))

    def reload(self):
        config = (f'config {{ key: "url" value: "file://{self.table}" }}' if self.takes_a_table
                  else "")
        path = os.path.join(self.daemon.pipelines_folder, "moons.textproto")
        with open(path, "w") as file:
            file.write(PIPELINE.format(config=config))
        self.succeed("check", path, "--plugins", self.daemon.plugins_folder)
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.log.wait_for("read the pipeline definitions again")

    def test_it_begins_with_few_lines(self):
        self.assertLessEqual(self.text.count("\n"), self.most_lines)

    def complaint_of(self, old, new, config=None):
        """What `plugin run` says of the plugin with a part of its text replaced."""
        self.assertIn(old, self.text)
        path = os.path.join(self.folder, self.source)
        mode = os.stat(path).st_mode
        try:
            with open(path, "w") as file:
                file.write(self.text.replace(old, new, 1))
            os.chmod(path, mode)
            self.build()
            result = self.headway("plugin", "run", self.program,
                                  *(self.config() if config is None else config))
        finally:
            with open(path, "w") as file:
                file.write(self.text)
        self.assertEqual(result.returncode, 1, result.stdout)
        return result.stderr

    def assert_complaint(self, breakage, *parts):
        complaint = self.complaint_of(*self.edits[breakage])
        for part in parts:
            self.assertIn(part, complaint)

    def test_a_wrong_option_is_named(self):
        result = self.headway("plugin", "run", self.program, *self.config(), "--config", "ulr=x")
        self.assertEqual(result.returncode, 1)
        self.assertIn("ulr", result.stderr)


class ShellAuthor(Author, e2e.DaemonTestCase):
    language = "sh"
    takes_a_table = False
    most_lines = 15
    edits = {
        "period": ("%Y-%m-%d", "%Y-%m"),
        "unit": ('"unit": "1"', '"unit": "1 apple"'),
        "label": ('"metric": "my_metric"', '"metric": "my_metric", "labels": {"a-b": "c"}'),
        "column": ('"series": "x", "periods"', '"sereis": "x", "periods"'),
        "crash": ("  date -u", "  exit 3\n  date -u"),
    }

    def test_a_wrong_period_is_named_with_its_message(self):
        self.assert_complaint("period", "line 2", "daily")

    def test_an_unknown_unit_is_named(self):
        self.assert_complaint("unit", "1 apple")

    def test_a_bad_label_is_named(self):
        self.assert_complaint("label", "a-b")

    def test_a_misspelt_field_is_named(self):
        self.assert_complaint("column", "line 2", "sereis")

    def test_a_crash_is_said_with_its_status(self):
        self.assert_complaint("crash", "status 3 without saying why")


class PythonAuthor(Author, e2e.DaemonTestCase):
    language = "python"
    most_lines = 20
    edits = {
        "period": ('row["period"]', 'row["period"] + "-13"'),
        "unit": ('unit="1"', 'unit="1 apple"'),
        "label": ('unit="1"', 'unit="1", labels={"a-b": "c"}'),
        "column": ('row["value"]', 'row["valeu"]'),
        "crash": ("    out.series", "    1 / 0\n    out.series"),
    }

    def test_a_wrong_period_is_named(self):
        self.assert_complaint("period", "2023-13")

    def test_an_unknown_unit_is_named(self):
        self.assert_complaint("unit", "1 apple")

    def test_a_bad_label_is_named(self):
        self.assert_complaint("label", "a-b")

    def test_a_missing_column_is_named(self):
        self.assert_complaint("column", "valeu")

    def test_an_exception_is_said(self):
        self.assert_complaint("crash", "division by zero")


class CppAuthor(Author, e2e.DaemonTestCase):
    language = "cpp"
    source = "moons/main.cc"
    program = "moons/build/moons"
    most_lines = 35
    edits = {
        "all": ("    out.Observe(id, rows.cell(period), number);",
                """    if (number == 1) out.Observe(id, "2024-13", number);
    if (number == 2) out.Define({"y", "m", {}, Frequency::kAnnual, "1 apple"});
    if (number == 3) out.Define({"y", "m", {{"a-b", "c"}}, Frequency::kAnnual, "1"});
    if (number == 4) RETURN_IF_ERROR(rows.Column("valeu").status());
    if (number == 5) std::abort();
    out.Observe(id, rows.cell(period), number);"""),
    }

    @classmethod
    def build(cls):
        prefix = os.path.join(cls.folder, "prefix")
        moons = os.path.join(cls.folder, "moons")
        if not os.path.exists(prefix):
            cls.make("--install", BUILD, "--prefix", prefix, "--component", "plugin")
            cls.make("-S", moons, "-B", os.path.join(moons, "build"),
                     f"-DCMAKE_PREFIX_PATH={prefix}")
        cls.make("--build", os.path.join(moons, "build"))

    @classmethod
    def make(cls, *arguments):
        result = subprocess.run(["cmake", *arguments], capture_output=True, text=True,
                                timeout=280)
        assert result.returncode == 0, result.stdout + result.stderr

    def test_a_plugin_that_is_broken_in_any_way_says_how(self):
        # Built once, for it takes a while; the table says which way.
        old, new = self.edits["all"]
        path = os.path.join(self.folder, self.source)
        with open(path, "w") as file:
            file.write(self.text.replace(old, new, 1).replace("  plugin.read = Read;", """\
  plugin.read = Read;
  plugin.evidence = {Evidence::Kind::kRecorded, "2026-11-30"};"""))
        self.build()
        self.assertIn("tried on recorded answers of 2026-11-30", self.headway(
            "plugin", "install", self.program, "--dir", self.folder).stdout)
        for value, part in ((1, "2024-13"), (2, "1 apple"), (3, "a-b"), (4, "valeu"),
                            (5, "Aborted")):
            with self.subTest(value=value):
                table = os.path.join(self.folder, "broken.csv")
                with open(table, "w") as file:
                    file.write(f"period,value\n2024,{value}\n")
                result = self.headway("plugin", "run", self.program, "--config",
                                      f"url=file://{table}")
                self.assertEqual(result.returncode, 1, result.stdout)
                self.assertIn(part, result.stderr)


if __name__ == "__main__":
    unittest.main()

"""How the command line behaves without a daemon: run as command_test.py HEADWAY."""

import csv
import io
import json
import os
import socket
import subprocess
import unittest

from command_line import HEADWAY, TemporaryFolder, run


def unused_address():
    """An address at which nothing listens: the port is free and not reused at once."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % listener.getsockname()[1]


class WithoutDaemon(unittest.TestCase):
    def test_error_names_the_address_and_how_to_start_a_daemon(self):
        address = unused_address()
        result = run("status", "--address", address)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertIn(f"no daemon answers at {address}", result.stderr)
        self.assertIn(f"headwayd --data-dir DIR --pipelines DIR --listen {address}", result.stderr)

    def test_every_command_that_needs_one_fails_the_same_way(self):
        address = unused_address()
        for command in (["indicators"], ["show", "x"], ["forecast", "x"],
                        ["forecast", "x", "--method", "naive"],
                        ["forecast", "x", "--method", "plugin:walk"], ["track-record", "x"],
                        ["adjust", "x", "--point", "2027=1", "--reason", "r", "--author", "a"],
                        ["backtest", "--indicator", "x"], ["series"],
                        ["series", "revisions", "x"], ["query", "x"], ["pipelines"],
                        ["run", "x"], ["run", "x", "--follow"], ["runs"], ["pause", "x"],
                        ["operations"], ["operation", "watch", "1"],
                        ["operation", "cancel", "1"], ["source", "check", "x"],
                        ["source", "replay", "x"], ["sources"], ["source", "list"],
                        ["source", "enable", "x"], ["source", "disable", "x"], ["catalogue"],
                        ["resume", "x"], ["cancel", "x"], ["plugins"], ["watch"], ["store", "stats"],
                        ["store", "verify"], ["store", "verify", "--backups"],
                        ["store", "compact"], ["store", "backup"], ["store", "backups"],
                        ["store", "delete-backup", "1"], ["store", "export", "--format", "csv"],
                        ["store", "import", "/dev/null", "--format", "csv"]):
            with self.subTest(command=command):
                result = run(*command, "--address", address)
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"no daemon answers at {address}", result.stderr)

    def test_address_comes_from_the_environment_unless_it_is_given(self):
        first, second = unused_address(), unused_address()
        self.assertIn(first, run("status", HEADWAY_ADDRESS=first).stderr)
        self.assertIn(second, run("status", "--address", second, HEADWAY_ADDRESS=first).stderr)

    def test_a_unix_socket_is_named_too(self):
        result = run("status", "--address", "unix:/nowhere/headway.sock")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no daemon answers at unix:/nowhere/headway.sock", result.stderr)


class Usage(unittest.TestCase):
    def test_unknown_command_gets_a_suggestion(self):
        result = run("indicatrs")
        self.assertEqual(result.returncode, 2)
        self.assertIn('unknown command "indicatrs"; did you mean "indicators"?', result.stderr)

    def test_no_command_prints_help_and_fails(self):
        result = run()
        self.assertEqual(result.returncode, 2)
        self.assertIn("indicators", result.stderr)

    def test_help_and_version_succeed(self):
        for arguments in (["--help"], ["show", "--help"], ["--version"], ["--help-all"]):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertTrue(result.stdout)

    def test_wrong_options_exit_with_2_and_name_the_value(self):
        for arguments, named in ((["show", "x", "--as-of", "yesterday"], '"yesterday"'),
                                 (["indicators", "--format", "xml"], "xml"),
                                 (["status", "--bogus"], "--bogus"),
                                 (["show"], "name"),
                                 (["forecast"], "--csv FILE"),
                                 (["backtest"], "--csv FILE"),
                                 (["backtest", "--csv", "x", "--methods", "naive,autoetz"],
                                  "autoetz"),
                                 (["backtest", "--csv", "x", "--levels", "100"], "--levels"),
                                 (["forecast", "x", "--method", "autoetz"], "autoetz"),
                                 (["forecast", "x", "--horizon", "0"], "--horizon"),
                                 (["forecast", "--csv", "x", "--season", "0"], "--season"),
                                 (["forecast", "--csv", "x", "--bounds", "up"], "--bounds"),
                                 (["forecast", "x", "--out", "y"], "--csv"),
                                 (["forecast", "x", "--season", "12"], "--csv"),
                                 (["runs", "--limit", "many"], "many"),
                                 (["check"], "files"),
                                 (["plugin", "new", "farm", "--lang", "cobol"], "cobol"),
                                 (["plugin", "test", "/nowhere"], "/nowhere"),
                                 (["store", "import", "--data-dir", "x"], "file"),
                                 (["store"], "subcommand"),
                                 (["store", "restore", "--from", "x"], "--to"),
                                 (["store", "restore", "--from", "x", "--to", "y", "--at", "noon"],
                                  '"noon"'),
                                 (["store", "restore", "--from", "x", "--to", "y", "--at",
                                   "2024-01-01", "--backup", "3"], "--backup"),
                                 (["store", "verify", "--data-dir", "x", "--backup-dir", "y"],
                                  "--backup-dir"),
                                 (["store", "backup", "--data-dir", "x"], "--backup-dir"),
                                 (["store", "delete-backup"], "id"),
                                 (["status", "--timeout", "-1"], "--timeout")):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertIn(named, result.stderr)


class Check(TemporaryFolder):
    GOOD = """
pipeline {
  name: "farm"
  indicator { name: "wheat" title: "Wheat" expression: "sum(wheat_tonnes)" unit: "tonne" }
}
"""
    BAD = """pipeline {
  name: "farm"
  indicator {
    name: "wheat" title: "Wheat" expression: "sum(wheat_tonnes" unit: "tonne"
    forecast { method: "autoetz" }
  }
}
"""

    def test_a_good_file_passes(self):
        result = run("check", self.write("good.textproto", self.GOOD))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(result.stdout, "1 pipelines, 0 sources, 1 indicators: no errors\n")

    def test_every_error_is_named_with_file_line_and_column(self):
        path = self.write("bad.textproto", self.BAD)
        result = run("check", path)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, rf"{path}:4:\d+: ")
        self.assertRegex(result.stdout, rf'{path}:5:\d+: .*"autoetz"; did you mean "auto_ets"\?')
        self.assertIn("2 errors", result.stderr)

    def test_a_plugin_or_an_option_that_there_is_not_is_an_error(self):
        path = self.write("p.textproto", '''pipeline { name: "a"
  source { name: "x" plugin: "cvs" config { key: "url" value: "file:///x" } }
  source { name: "y" plugin: "csv" config { key: "url" value: "file:///x" }
           config { key: "labls" value: "none" } } }
''')
        result = run("check", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn('there is no plugin "cvs"', result.stdout)
        self.assertIn('did you mean "csv"?', result.stdout)
        self.assertIn('has no option "labls"; did you mean "labels"?', result.stdout)

    def test_errors_come_as_csv_too(self):
        result = run("check", self.write("bad.textproto", self.BAD), "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual([row["line"] for row in rows], ["4", "5"])

    def test_a_name_that_two_files_share_is_an_error(self):
        result = run("check", self.write("a.textproto", self.GOOD),
                     self.write("b.textproto", self.GOOD))
        self.assertEqual(result.returncode, 1)
        self.assertIn("b.textproto:3:", result.stdout)

    def test_a_file_that_is_not_there_is_named(self):
        path = os.path.join(self.folder, "missing.textproto")
        result = run("check", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn(path, result.stdout)


class Plugins(TemporaryFolder):
    def test_a_new_plugin_passes_the_conformance_suite(self):
        table = self.write("table.csv", "period,value\n2023,1.5\n2024,2.5\n")
        for language, config in (("python", ["--config", f"url=file://{table}"]), ("sh", [])):
            with self.subTest(language=language):
                folder = os.path.join(self.folder, language)
                result = run("plugin", "new", "farm", "--lang", language, "--directory", folder)
                self.assertEqual(result.returncode, 0, result.stderr)
                tested = run("plugin", "test", os.path.join(folder, "farm"), *config,
                             "--format", "csv")
                self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)
                results = [row["result"] for row in csv.DictReader(io.StringIO(tested.stdout))]
                self.assertGreater(results.count("passed"), 5)
                self.assertNotIn("failed", results)

    def test_a_plugin_that_breaks_the_protocol_fails_with_what_is_wrong(self):
        # Plugins of root's are run by others.
        os.chmod(self.folder, 0o755)
        path = self.write("broken", "#!/bin/sh\necho hello\n")
        os.chmod(path, 0o755)
        result = run("plugin", "test", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("FAILED", result.stdout)
        self.assertIn("hello", result.stdout)
        self.assertRegex(result.stderr, rf"{path} failed \d+ of \d+ checks")

    def test_nothing_is_overwritten(self):
        for returncode in (0, 1):
            result = run("plugin", "new", "farm", "--lang", "sh", "--directory", self.folder)
            self.assertEqual(result.returncode, returncode)
        self.assertIn("is there already", result.stderr)

    def test_a_config_without_equals_sign_is_named(self):
        path = self.write("any", "#!/bin/sh\n")
        result = run("plugin", "test", path, "--config", "url")
        self.assertEqual(result.returncode, 1)
        self.assertIn('"url" is not NAME=VALUE', result.stderr)


class ForecastOfAFile(TemporaryFolder):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.folder, "m.csv")

    def write(self, text):
        super().write("m.csv", text)

    def forecast(self, *arguments, method="naive"):
        return run("forecast", "--csv", self.path, "--method", method, *arguments)

    def test_prints_a_row_for_each_series_and_step_in_the_order_of_the_file(self):
        self.write("id,V1,V2,V3\nB,1,2,3\nA,10,NA,12,,\n")
        result = self.forecast("--horizon", "2", "--format", "csv")
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual([(row["id"], row["h"], row["point"]) for row in rows],
                         [("B", "1", "3"), ("B", "2", "3"), ("A", "1", "12"), ("A", "2", "12")])
        for row in rows:
            self.assertLess(float(row["lo95"]), float(row["point"]))
            self.assertGreater(float(row["hi95"]), float(row["point"]))

    def test_uses_the_season(self):
        self.write("A," + ",".join(str(value) for value in [1, 5, 2, 6, 3, 7]) + "\n")
        result = self.forecast("--horizon", "3", "--season", "2", "--format", "csv",
                               method="seasonal_naive")
        self.assertEqual(result.returncode, 0, result.stderr)
        points = [row["point"] for row in csv.DictReader(io.StringIO(result.stdout))]
        self.assertEqual(points, ["3", "7", "3"])

    def test_gives_the_same_text_on_any_number_of_threads(self):
        self.write("".join(f"S{i},{i},{i * 2},{i + 7},{i * 3}\n" for i in range(50)))
        texts = {self.forecast("--horizon", "3", "--format", "csv", "--threads", str(n),
                               method="auto").stdout for n in (1, 2, 7)}
        self.assertEqual(len(texts), 1)
        self.assertEqual(texts.pop().count("\n"), 151)

    def test_a_series_that_cannot_be_forecast_is_named_and_the_rest_goes_on(self):
        self.write("good,1,2,3\nshort,1\nalso,4,5,6\n")
        result = self.forecast("--horizon", "1", "--format", "csv")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{self.path}:2: short: ", result.stderr)
        self.assertIn("1 of 3 series could not be forecast", result.stderr)
        ids = [row["id"] for row in csv.DictReader(io.StringIO(result.stdout))]
        self.assertEqual(ids, ["good", "also"])

    def test_prints_json_with_quantiles(self):
        self.write("A,1,2,3\n")
        result = self.forecast("--horizon", "1", "--format", "json")
        forecast = json.loads(result.stdout)["forecasts"][0]
        self.assertEqual(forecast["labels"], {"id": "A"})
        self.assertEqual([quantile["probability"] for quantile in forecast["steps"][0]["quantiles"]],
                         [0.025, 0.975])

    def test_a_bad_cell_is_named_with_line_and_column_and_the_rest_goes_on(self):
        self.write("A,1,2\nB,1,two\nC,3,4\n")
        result = self.forecast("--horizon", "1", "--format", "csv")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f'{self.path}:2:5: "two" is not a finite number', result.stderr)
        self.assertIn("leave the cell empty", result.stderr)
        self.assertIn("1 of 3 series could not be forecast", result.stderr)
        ids = [row["id"] for row in csv.DictReader(io.StringIO(result.stdout))]
        self.assertEqual(ids, ["A", "C"])

    def test_the_layout_of_the_competitions_is_read(self):
        self.write('"V1","V2","V3","V4","V5"\r\n"N1","5","7.5",,""\r\n"N,2","1",,"3","4"\r\n')
        result = self.forecast("--horizon", "1", "--format", "csv")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual([(row["id"], row["point"]) for row in rows], [("N1", "7.5"), ("N,2", "4")])

    def test_twelve_periods_without_a_season_are_the_default(self):
        self.write("A," + ",".join(str(7 + i * i % 11) for i in range(40)) + "\n")
        short = run("forecast", "--csv", self.path, "--format", "csv")
        full = run("forecast", "--csv", self.path, "--format", "csv", "--horizon", "12",
                   "--season", "1", "--method", "auto", "--bounds", "none")
        self.assertEqual((short.returncode, short.stdout.count("\n")), (0, 13))
        self.assertEqual(short.stdout, full.stdout)

    def test_methods_may_be_written_with_hyphens(self):
        self.write("A,1,5,2,6\n")
        texts = {self.forecast("--season", "2", "--format", "csv", method=method).stdout
                 for method in ("seasonal-naive", "seasonal_naive")}
        self.assertEqual(len(texts), 1)
        self.assertIn("A,1,2,", texts.pop())

    def test_bounds_keep_the_intervals_at_zero_or_above(self):
        self.write("A,9,1,8,2,7,1,9,2,8,1\n")
        for bounds, negative in (("none", True), ("nonnegative", False)):
            result = self.forecast("--bounds", bounds, "--format", "csv")
            self.assertEqual(result.returncode, 0, result.stderr)
            lows = [float(row["lo95"]) for row in csv.DictReader(io.StringIO(result.stdout))]
            self.assertEqual(min(lows) < 0, negative)

    def test_long_seasons_follow_the_season_and_must_rise(self):
        self.write("A," + ",".join(str(i % 6 + i % 3) for i in range(60)) + "\n")
        self.assertEqual(self.forecast("--season", "3,6").returncode, 0)
        result = self.forecast("--season", "6,3")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("long season 3 is out of order"), 1)

    def test_people_get_a_table_and_a_file_gets_csv(self):
        self.write("A,1,2,3\n")
        table = self.forecast("--horizon", "2")
        self.assertEqual(table.stdout.splitlines()[0].split(),
                         ["ID", "H", "POINT", "LO95", "HI95"])
        out = os.path.join(self.folder, "out.csv")
        result = self.forecast("--horizon", "2", "--out", out)
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        with open(out, encoding="utf-8") as file:
            self.assertEqual(file.read(),
                             self.forecast("--horizon", "2", "--format", "csv").stdout)
        result = self.forecast("--out", os.path.join(self.folder, "none", "x"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("none/x", result.stderr)

    def test_the_levels_asked_for_are_nested_columns_in_rising_order(self):
        self.write("A,1,5,2,6,3,7,4\n")
        result = self.forecast("--horizon", "2", "--format", "csv", "--levels", "95,50,80")
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        names = ["lo95", "lo80", "lo50", "point", "hi50", "hi80", "hi95"]
        self.assertEqual(result.stdout.splitlines()[0],
                         "id,h,point,lo50,hi50,lo80,hi80,lo95,hi95")
        for row in rows:
            values = [float(row[name]) for name in names]
            self.assertEqual(values, sorted(values))
            self.assertEqual(len(set(values)), 7)

    def test_paths_are_a_second_file_with_a_row_for_each_path_and_step(self):
        self.write("A,1,5,2,6,3,7,4\nB,2,9,4,1,1,6,3\n")
        texts, forecasts = set(), set()
        for threads in ("1", "2"):
            out = os.path.join(self.folder, "paths.csv")
            result = self.forecast("--horizon", "2", "--format", "csv", "--paths", "20",
                                   "--out-paths", out, "--threads", threads)
            self.assertEqual(result.returncode, 0, result.stderr)
            forecasts.add(result.stdout)
            with open(out, encoding="utf-8") as file:
                texts.add(file.read())
        self.assertEqual(len(texts), 1)
        self.assertEqual(forecasts,
                         {self.forecast("--horizon", "2", "--format", "csv").stdout})
        rows = list(csv.DictReader(io.StringIO(texts.pop())))
        self.assertEqual([(row["id"], row["path"], row["h"]) for row in rows],
                         [(name, str(path), step) for name in "AB" for path in range(1, 21)
                          for step in "12"])
        # Two series do not go together by their seed.
        last = {"A": 4, "B": 3}
        signs = [float(row["value"]) > last[row["id"]] for row in rows if row["h"] == "1"]
        self.assertNotEqual(signs[:20], signs[20:])

    def test_paths_and_the_file_they_go_to_are_given_together(self):
        self.write("A,1,5,2\n")
        for arguments in (["--paths", "3"], ["--out-paths", "x.csv"]):
            result = self.forecast(*arguments)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("--paths", result.stderr)

    def test_a_file_that_is_not_there_is_named(self):
        result = self.forecast("--horizon", "1")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"cannot read {self.path}: No such file", result.stderr)


class StoreMaintenance(TemporaryFolder):
    """headway store on the directory of a daemon that is stopped."""

    def setUp(self):
        super().setUp()
        self.data = os.path.join(self.folder, "data")
        self.backups = os.path.join(self.folder, "backups")
        self.target = os.path.join(self.folder, "restored")
        self.imports(1)

    def imports(self, value):
        path = self.write("wheat.csv", "metric,labels,unit,period,value,known_at\n"
                          f"wheat_tonnes,{{}},tonne,2023,{value},2024-0{value}-10T00:00:00Z\n")
        self.succeed("import", path, "--data-dir", self.data)

    def succeed(self, *arguments):
        result = run("store", *arguments)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def complaint_of(self, *arguments):
        result = run("store", *arguments)
        self.assertEqual(result.returncode, 1, result.stdout)
        return result.stderr

    def backup(self):
        return json.loads(self.succeed("backup", "--data-dir", self.data, "--backup-dir",
                                       self.backups, "--keep", "2", "--format", "json"))

    def test_stats_verify_and_compact_need_no_daemon(self):
        stats = json.loads(self.succeed("stats", "--data-dir", self.data, "--format", "json"))
        self.assertEqual((stats["series"], stats["commits"]), ("1", "1"))
        self.assertIn("no problem in", self.succeed("verify", "--data-dir", self.data))
        self.assertIn("tables took", self.succeed("compact", "--data-dir", self.data))

    def test_a_damaged_table_is_named_and_exits_with_1(self):
        self.succeed("compact", "--data-dir", self.data)
        tables = [name for name in os.listdir(self.data) if name.endswith(".sst")]
        largest = max((os.path.join(self.data, name) for name in tables), key=os.path.getsize)
        with open(largest, "r+b") as file:
            file.seek(20)
            file.write(b"!!")
        result = run("store", "verify", "--data-dir", self.data, "--format", "csv")
        self.assertEqual(result.returncode, 1)
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertIn(largest, [row["thing"] for row in rows])
        self.assertRegex(result.stderr, r"\d+ problems? in ")

    def test_backups_are_made_kept_listed_and_deleted(self):
        names = [self.backup()["name"] for _ in range(3)]
        self.assertEqual(names, ["backups/1", "backups/2", "backups/3"])
        listed = ["backups", "--backup-dir", self.backups, "--format", "csv"]
        rows = csv.DictReader(io.StringIO(self.succeed(*listed)))
        self.assertEqual([row["backup"] for row in rows], ["2", "3"])
        self.succeed("delete-backup", "2", "--backup-dir", self.backups)
        rows = csv.DictReader(io.StringIO(self.succeed(*listed)))
        self.assertEqual([row["backup"] for row in rows], ["3"])
        self.assertIn("no such backup",
                      self.complaint_of("delete-backup", "2", "--backup-dir", self.backups))

    def test_a_backup_is_restored(self):
        self.backup()
        self.imports(2)
        said = self.succeed("restore", "--from", self.backups, "--to", self.target)
        self.assertIn("after commit 1, recorded at", said)
        exported = self.succeed("export", "--data-dir", self.target, "--format", "csv")
        self.assertEqual([row["value"] for row in csv.DictReader(io.StringIO(exported))], ["1"])

    def test_a_store_of_a_wrong_clock_is_repaired_in_a_copy(self):
        how = ["restamp", "--data-dir", self.data, "--after", "2024-06-01", "--to",
               "2024-05-01T00:00:00Z"]
        said = self.succeed(*how, "--dry-run")
        self.assertIn("1 vintages of 1 series are recorded anew", said)
        self.assertFalse(os.path.exists(self.target))
        self.assertIn("repaired and verified in", self.succeed(*how, "--output", self.target))
        exported = self.succeed("export", "--data-dir", self.target, "--format", "csv")
        self.assertEqual([row["recorded_at"] for row in csv.DictReader(io.StringIO(exported))],
                         ["2024-05-01T00:00:00Z"])
        self.assertEqual(sorted(os.listdir(self.folder)), ["data", "restored", "wheat.csv"])
        self.assertIn("is there already", self.complaint_of(*how, "--output", self.target))

    def test_a_damaged_backup_is_named_by_verify_and_refused_by_restore(self):
        self.backup()
        folder = os.path.join(self.backups, "shared_checksum")
        path = os.path.join(folder, sorted(os.listdir(folder))[0])
        with open(path, "r+b") as file:
            file.write(b"!")
        result = run("store", "verify", "--backup-dir", self.backups)
        self.assertEqual(result.returncode, 1)
        self.assertIn(path, result.stdout)
        self.assertIn(path, self.complaint_of("restore", "--from", self.backups, "--to",
                                              self.target))
        self.assertFalse(os.path.exists(self.target))

    def test_a_target_that_is_not_empty_is_refused(self):
        self.backup()
        self.assertIn("is not empty", self.complaint_of("restore", "--from", self.backups, "--to",
                                                        self.data))

    def test_a_directory_without_backups_or_store_is_named(self):
        self.assertIn(f"no backups in {self.folder}",
                      self.complaint_of("verify", "--backup-dir", self.folder))
        self.assertIn("there is no store in",
                      self.complaint_of("verify", "--data-dir", self.target))
        self.assertFalse(os.path.exists(self.target))


class StoreTransfer(TemporaryFolder):
    HISTORY = """metric,labels,unit,period,value,withdrawn,known_at,run
wheat_tonnes,"{""farm"":""hill""}",tonne,2023,10.1,,2024-01-10T00:00:00Z,first
wheat_tonnes,"{""farm"":""hill""}",tonne,2023,10.25,,2024-06-10T00:00:00Z,second
wheat_tonnes,"{""farm"":""vale""}",tonne,2023,0.1,,2024-01-10T00:00:00Z,first
wheat_tonnes,"{""farm"":""vale""}",tonne,2023,,true,2024-06-10T00:00:00Z,second
"""

    def setUp(self):
        super().setUp()
        self.data = os.path.join(self.folder, "data")

    def path(self, name):
        return os.path.join(self.folder, name)

    def imports(self, path, data=None):
        result = run("store", "import", path, "--data-dir", data or self.data)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def exports(self, *arguments, data=None):
        result = run("store", "export", "--data-dir", data or self.data, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def test_what_is_imported_is_exported_and_imported_again(self):
        path = self.write("history.csv", self.HISTORY)
        self.assertEqual(self.imports(path), "imported 2 series, 4 vintages, 4 observations, "
                                             "4 of them news\n")
        self.exports("--output", self.path("out.ndjson"))
        copy = self.path("copy")
        self.imports(self.path("out.ndjson"), copy)
        rows = [list(csv.DictReader(io.StringIO(self.exports("--format", "csv", data=data).stdout)))
                for data in (self.data, copy)]
        for row in rows[0] + rows[1]:
            del row["recorded_at"]
        self.assertEqual(rows[0], rows[1])
        self.assertEqual([row["value"] for row in rows[0]], ["10.1", "10.25", "0.1", ""])

    def test_importing_again_is_no_news(self):
        path = self.write("history.csv", self.HISTORY)
        self.imports(path)
        self.assertIn("0 of them news", self.imports(path))

    def test_standard_input_and_output_carry_the_text(self):
        self.imports(self.write("history.csv", self.HISTORY))
        text = self.exports("--format", "ndjson", "--selector", 'wheat_tonnes{farm="hill"}',
                            "--as-of", "2024-03-01").stdout
        objects = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([each["type"] for each in objects], ["series", "vintage"])
        self.assertEqual(objects[1]["values"], [10.1])
        result = subprocess.run([HEADWAY, "store", "import", "-", "--format", "ndjson",
                                 "--data-dir", self.path("copy")],
                                input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("imported 1 series, 1 vintage, 1 observation, 1 of them news",
                      result.stdout)

    def test_a_bad_line_is_named(self):
        path = self.write("history.csv", self.HISTORY.replace("10.25", "10,25"))
        result = run("store", "import", path, "--data-dir", self.data)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{path}:3: the row has 9 cells, the header 8", result.stderr)

    def test_a_directory_without_a_store_is_not_made_into_one(self):
        result = run("store", "export", "--format", "csv", "--data-dir", self.data)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f'there is no store in "{self.data}"', result.stderr)
        self.assertFalse(os.path.exists(self.data))

    def test_a_file_whose_name_tells_no_format_needs_one(self):
        result = run("store", "import", self.write("history.txt", ""), "--data-dir", self.data)
        self.assertEqual(result.returncode, 1)
        self.assertIn("give --format csv or ndjson", result.stderr)

    def test_a_file_that_cannot_be_written_is_named_and_left_alone(self):
        self.imports(self.write("history.csv", self.HISTORY))
        path = self.path("none/out.csv")
        result = run("store", "export", "--data-dir", self.data, "--output", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"cannot write {path}: No such file", result.stderr)


if __name__ == "__main__":
    unittest.main()

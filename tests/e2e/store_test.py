"""What an operator does with the store: backups of a running daemon, and what comes back."""

import csv
import io
import json
import os
import re
import subprocess
import unittest

import daemon as e2e


def headway(*arguments):
    return subprocess.run([os.path.join(e2e.BIN, "headway"), *arguments], capture_output=True,
                          text=True, timeout=e2e.PATIENCE)


class StoreOfARunningDaemon(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(with_backups=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Three backups, with values of their own before each; two before the last.
        cls.backups = []
        for values in ([1], [2], [3, 4]):
            for value in values:
                cls.daemon.push("ships", "1", {"2024-01": value}, port="A")
            cls.backups.append(cls.ask("backup", "--format", "json"))

    @classmethod
    def ask(cls, *arguments):
        return json.loads(cls.succeed(*arguments))

    @classmethod
    def succeed(cls, *arguments):
        result = headway("store", *arguments, "--address", cls.daemon.address)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def restored(self, name):
        return os.path.join(self.daemon.folder, name)

    def value_in(self, data_dir):
        """What a daemon on a restored directory answers."""
        process = e2e.start_process(data_dir, self.daemon.pipelines_folder)
        log = e2e.Log(process.stderr)
        try:
            address = log.wait_for(r"\baddress=(127\.0\.0\.1:\d+)").group(1)
            result = headway("query", "ships", "--format", "csv", "--address", address)
            self.assertEqual(result.returncode, 0, result.stderr)
            row, = csv.DictReader(io.StringIO(result.stdout))
            return float(row["value"])
        finally:
            process.terminate()
            process.wait(e2e.PATIENCE)
            log.wait_for_end()

    def test_stats_tell_series_commits_and_the_last_backup(self):
        stats = self.ask("stats", "--format", "json")
        self.assertEqual(int(stats["series"]), 1)
        self.assertEqual(stats["lastBackup"]["name"], "backups/3")
        text = self.succeed("stats")
        self.assertRegex(text, r"series +1\n")
        self.assertRegex(text, r"vintages +\d")
        rows = {row["what"]: row["value"]
                for row in csv.DictReader(io.StringIO(self.succeed("stats", "--format", "csv")))}
        self.assertEqual(rows["series"], "1")
        self.assertIn("family.vintages.bytes", rows)

    def test_the_store_and_its_backups_verify(self):
        self.assertRegex(self.succeed("verify"), r"no problem in \d+ tables, \d+ commits, 1 series")
        self.assertRegex(self.succeed("verify", "--backups"),
                         r"no problem in 3 backups, \d+ files, 2 journals")
        self.assertRegex(self.succeed("verify", "--backup", "2"), r"no problem in 1 backups")

    def test_compaction_goes_on_beside_the_daemon(self):
        self.assertRegex(self.succeed("compact"), r"tables took .*, take ")

    def test_backups_are_listed(self):
        rows = list(csv.DictReader(io.StringIO(self.succeed("backups", "--format", "csv"))))
        self.assertEqual([row["backup"] for row in rows], ["1", "2", "3"])
        self.assertEqual([row["any_instant_since_last"] for row in rows], ["no", "yes", "yes"])

    def test_the_newest_backup_is_restored_and_served(self):
        target = self.restored("newest")
        result = headway("store", "restore", "--from", self.daemon.backups, "--to", target)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("no problem in 1 series", result.stdout)
        self.assertEqual(self.value_in(target), 4)

    def test_an_instant_between_backups_is_restored(self):
        series, = self.daemon.find_series("ships")
        third = self.daemon.vintages(series.name)[2]
        target = self.restored("instant")
        result = headway("store", "restore", "--from", self.daemon.backups, "--to", target,
                         "--at", third.recorded_at.ToJsonString())
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, "from backup 2 and [1-9] commits after it")
        self.assertEqual(self.value_in(target), 3)

    def test_an_instant_before_the_first_backup_names_the_nearest(self):
        result = headway("store", "restore", "--from", self.daemon.backups, "--to",
                         self.restored("early"), "--at", "2001-01-01T00:00:00Z")
        self.assertEqual(result.returncode, 1)
        first = re.sub(r"\.?0*Z$", "", self.backups[0]["recordedAt"])
        self.assertIn(first, result.stderr)
        self.assertFalse(os.path.exists(self.restored("early")))

    def test_a_directory_that_the_daemon_holds_says_to_ask_the_daemon(self):
        for command in (["stats"], ["verify"], ["compact"]):
            result = headway("store", *command, "--data-dir", self.daemon.data)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, "leave --data-dir out")

    def test_a_backup_directory_inside_the_data_directory_keeps_the_daemon_from_starting(self):
        config = os.path.join(self.daemon.folder, "bad.textproto")
        data = self.restored("unused")
        with open(config, "w") as file:
            file.write(f'backup_directory: "{data}/backups"\n')
        error = e2e.fails_to_start(data, self.daemon.pipelines_folder, config=config)
        self.assertIn(f"{data}/backups", error)
        self.assertRegex(error, "apart from it")


class TransferThroughARunningDaemon(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon()

    def store(self, *arguments):
        return headway("store", *arguments, "--address", self.daemon.address)

    def file(self, name):
        return os.path.join(self.daemon.folder, name)

    def test_what_goes_in_comes_out_and_is_seen_at_once(self):
        path = self.file("in.csv")
        with open(path, "w") as file:
            file.write("metric,labels,unit,period,value,known_at\n"
                       'ships,"{""port"":""A""}",1,2024-01,7,2024-02-01T00:00:00Z\n'
                       'ships,"{""port"":""A""}",1,2024-01,8.5,2024-03-01T00:00:00Z\n')
        result = self.store("import", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout,
                         "imported 1 series, 2 vintages, 2 observations, 2 of them news\n")
        for as_of, value in (("2024-02-15", "7"), ("2024-03-15", "8.5")):
            result = headway("query", "ships", "--as-of", as_of, "--format", "csv",
                             "--address", self.daemon.address)
            row, = csv.DictReader(io.StringIO(result.stdout))
            self.assertEqual(row["value"], value)
        result = self.store("export", "--output", self.file("out.ndjson"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("exported 1 series, 2 vintages, 2 observations", result.stderr)
        self.assertEqual(self.store("import", self.file("out.ndjson")).stdout,
                         "imported 1 series, 2 vintages, 2 observations, 0 of them news\n")

    def test_a_bad_line_is_named_by_its_file(self):
        path = self.file("bad.csv")
        with open(path, "w") as file:
            file.write("metric,unit,period,value,known_at\nm,1,2024,x,2024-02-01T00:00:00Z\n")
        result = self.store("import", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f'{path}:2: column value: "x" is not a finite number', result.stderr)

    def test_an_export_that_fails_leaves_no_file(self):
        path = self.file("none.csv")
        result = self.store("export", "--selector", "{", "--output", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("filter", result.stderr)
        self.assertFalse(os.path.exists(path) or os.path.exists(path + ".partial"))


if __name__ == "__main__":
    unittest.main()

"""The sources of a daemon as its operator sees them: listed, switched, searched, approved."""

import csv
import io
import json
import os
import subprocess
import unittest

import daemon as e2e

PIPELINE = """
pipeline {
  name: "orchard"
  source { name: "sample" plugin: "sample" }
  source { name: "live" plugin: "live" disabled: true supersedes: "sample" }
  indicator { name: "harvest" expression: "apples" unit: "1" forecast { disabled: true } }
}
"""

PLUGIN = """#!/bin/sh
series='{"series":{"id":"a","metric":"apples","labels":{"tree":"old"},"frequency":"ANNUAL","unit":"1",
"title":"Apples of the old tree"}}'
case "$1" in
describe) echo '{"description":{"name":"NAME","version":"1","protocolVersion":1,MORE
"summary":"Counts what the orchard bears"}}' | tr -d '\\n' ;;
check) echo '{"check":{"ok":true,"message":"it stands"}}' ;;
discover | read)
  echo "$series" | tr -d '\\n'; echo
  test "$1" = discover && exit
  echo '{"observations":{"series":"a","periods":["2023","2024"],"values":[10,VALUE]}}'
  echo '{"checkpoint":{"complete":true}}' ;;
*) exit 2 ;;
esac
"""


def plugin(name, value, more=""):
    return (PLUGIN.replace("NAME", name).replace("VALUE", str(value)).replace("MORE", more))


class Commands(e2e.DaemonTestCase):
    def headway(self, *arguments):
        return subprocess.run(
            [os.path.join(e2e.BIN, "headway"), "--address", self.daemon.address, *arguments],
            capture_output=True, text=True, timeout=e2e.PATIENCE)

    def succeed(self, *arguments):
        result = self.headway(*arguments)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def sources(self):
        rows = csv.DictReader(io.StringIO(self.succeed("sources", "--format", "csv")))
        return {row["source"]: row for row in rows}


class SwitchedSources(Commands):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(
            pipelines={"orchard.textproto": PIPELINE},
            plugins={"sample": plugin("sample", 11),
                     "live": plugin("live", 12, '"secrets":[{"name":"ORCHARD_KEY"}],'
                                    '"evidence":{"kind":"DOCUMENTED","date":"2026-11-30"},')})

    def setUp(self):
        self.headway("source", "disable", "live")

    def test_the_list_says_what_is_off_unproven_and_what_it_would_supersede(self):
        live = self.sources()["live"]
        self.assertEqual((live["enabled"], live["supersedes"], live["evidence"], live["pipeline"]),
                         ("disabled", "sample", "documented 2026-11-30", "orchard"))

    def test_the_list_says_when_a_source_was_pulled_last(self):
        self.assert_succeeded(self.daemon.run("orchard"))
        self.assertTrue(self.sources()["sample"]["last_success"])

    def test_a_live_source_that_is_enabled_takes_over_from_the_sample(self):
        self.assert_succeeded(self.daemon.run("orchard"))
        output = self.succeed("source", "enable", "live")
        self.assertIn("source sample is not pulled meanwhile", output)
        self.assertIn("unproven", output)
        self.assert_succeeded(self.daemon.run("orchard"))
        self.assertEqual(self.daemon.read("harvest"),
                         {(("tree", "old"),): {"2023": 10.0, "2024": 12.0}})
        self.assertEqual(self.sources()["sample"]["enabled"], "superseded")

    def test_a_switch_survives_a_restart(self):
        self.succeed("source", "enable", "live")
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(self.sources()["live"]["enabled"], "enabled")

    def test_a_dry_run_switches_nothing(self):
        self.assertIn("is pulled by each run", self.succeed("source", "enable", "live", "--dry-run"))
        self.assertEqual(self.sources()["live"]["enabled"], "disabled")

    def test_a_switch_that_changes_nothing_says_so(self):
        self.assertIn("nothing changes", self.succeed("source", "disable", "live"))

    def test_a_source_whose_place_is_taken_is_not_enabled(self):
        self.succeed("source", "enable", "live")
        result = self.headway("source", "enable", "sample")
        self.assertEqual(result.returncode, 1)
        self.assertIn("headway source disable live", result.stderr)

    def test_an_unknown_source_gets_the_nearest_name(self):
        self.assertIn('did you mean "live"', self.headway("source", "enable", "lvie").stderr)


class LimitsAndTerms(Commands):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(
            pipelines={"orchard.textproto": PIPELINE},
            plugins={"sample": plugin("sample", 11),
                     "live": plugin(
                         "live", 12, '"hosts":["api.example.org"],'
                         '"limits":[{"host":"api.example.org","requestsPerDay":500}],'
                         '"terms":{"sharing":"FORBIDDEN","summary":"For your own use.",'
                         '"url":"https://example.org/terms"},')})

    def test_the_list_says_how_much_of_a_day_was_used(self):
        self.assertEqual(self.sources()["live"]["requests"], "0 of 500 today")

    def test_the_list_says_whose_numbers_are_for_operators_alone(self):
        live = self.sources()["live"]
        self.assertEqual((live["shown_to"], live["terms"], live["terms_url"]),
                         ("restricted", "For your own use.", "https://example.org/terms"))

    def test_json_has_the_quota_as_numbers(self):
        listed = json.loads(self.succeed("sources", "--format", "json"))
        live = next(each for each in listed["sources"] if each["name"] == "live")
        self.assertEqual(live["quotas"][0]["host"], "api.example.org")
        self.assertEqual(int(live["quotas"][0]["requestsPerDay"]), 500)

    def test_a_plugin_without_a_publisher_reads_any_file(self):
        self.assertEqual(self.sources()["sample"]["evidence"], "any file")


class MissingSecret(Commands):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(
            pipelines={"orchard.textproto": PIPELINE},
            plugins={"sample": plugin("sample", 11),
                     "live": plugin("live", 12,
                                    '"secrets":[{"name":"ORCHARD_KEY","required":true}],')})

    def test_it_is_listed(self):
        self.assertEqual(self.sources()["live"]["missing_secrets"], "ORCHARD_KEY")

    def test_enabling_says_which_is_missing_and_where_to_set_it(self):
        self.assertIn("it needs ORCHARD_KEY, which the daemon's environment does not have",
                      self.succeed("source", "enable", "live", "--dry-run"))


class Catalogue(Commands):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(
            pipelines={"orchard.textproto": PIPELINE},
            plugins={"sample": plugin("sample", 11), "live": plugin("live", 12),
                     "spare": plugin("spare", 1,
                                     '"config":[{"name":"url","required":true}],')})

    def test_it_finds_series_before_anything_was_pulled(self):
        rows = list(csv.DictReader(io.StringIO(
            self.succeed("catalogue", "OLD", "tree", "--format", "csv"))))
        self.assertEqual({(row["source"], row["series"]) for row in rows},
                         {("sample", 'apples{tree="old"}'), ("live", 'apples{tree="old"}')})

    def test_it_prints_what_is_to_be_pasted(self):
        output = self.succeed("catalogue", "sample", "--textproto")
        self.assertIn('expression: "apples{tree=\\"old\\"}"', output)
        self.assertIn('unit: "1"', output)

    def test_what_it_prints_is_a_valid_indicator(self):
        text = self.succeed("catalogue", "sample", "--textproto")
        path = os.path.join(self.daemon.folder, "pasted.textproto")
        with open(path, "w") as file:
            file.write('pipeline { name: "pasted" %s }' % text)
        self.succeed("check", path)

    def test_it_names_plugins_that_no_pipeline_uses(self):
        self.assertIn("no pipeline uses the plugin spare", self.succeed("catalogue", "orchard"))
        self.assertIn('config { key: "url"', self.succeed("catalogue", "spare", "--textproto"))

    def test_words_that_nothing_has_are_an_error(self):
        result = self.headway("catalogue", "pears")
        self.assertEqual(result.returncode, 1)
        self.assertIn("has all of: pears", result.stderr)


class ApprovedPlugins(Commands):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines={"orchard.textproto": PIPELINE},
                          plugins={"sample": plugin("sample", 11), "live": plugin("live", 12)})

    def approve(self):
        for name in ("sample", "live"):
            self.succeed("plugin", "install", os.path.join(self.daemon.plugins_folder, name),
                         "--dir", self.daemon.plugins_folder, "--yes")

    def problems(self):
        health = json.loads(self.succeed("status", "--format", "json"))
        return json.dumps(health)

    def test_an_executable_that_was_changed_is_said(self):
        self.approve()
        self.assert_succeeded(self.daemon.run("orchard"))
        self.assertNotIn("another executable", self.succeed("plugins"))
        self.daemon.install("sample", plugin("sample", 13))
        self.assertIn("sample", self.succeed("plugins"))
        self.assertIn("is another executable than the one that was approved",
                      self.succeed("plugins"))
        self.assertIn("unapproved_plugin", self.problems())


if __name__ == "__main__":
    unittest.main()

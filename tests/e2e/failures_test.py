"""What goes wrong is named with its value and the remedy, and the rest goes on."""

import os
import shutil
import socket
import tempfile
import unittest

import grpc
from headway.v1 import indicator_pb2

import daemon as e2e

GOOD = """
pipeline {
  name: "good"
  source { name: "harvest" plugin: "harvest" }
  indicator {
    name: "harvest_of_the_hill" title: "Harvest" expression: "wheat_tonnes{farm=\\"hill\\"}"
    unit: "tonne"
  }
}
"""


class BrokenDefinitions(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines={
            "good.textproto": GOOD,
            "typo.textproto": 'pipeline {\n  name: "typo"\n  titel: "Typo"\n}\n',
            "model.textproto": """pipeline {
  name: "model"
  indicator {
    name: "modelled" title: "M" expression: "wheat_tonnes" unit: "tonne"
    forecast { method: "autoetz" }
  }
  indicator { name: "beside_it" title: "B" expression: "wheat_tonnes" unit: "tonne" }
}
""",
            "cycle.textproto": """pipeline {
  name: "cycle"
  indicator { name: "hen" title: "Hen" expression: "2 * egg" unit: "1" }
  indicator { name: "egg" title: "Egg" expression: "hen + 1" unit: "1" }
}
""",
            "unit.textproto": """pipeline {
  name: "unit"
  indicator { name: "clash" title: "C" expression: "wheat_tonnes + milk_litres" unit: "tonne" }
}
""",
            "cron.textproto": """pipeline {
  name: "cron"
  schedule { cron: "61 * * * *" }
}
"""})

    def pipeline(self, name):
        return self.daemon.pipelines.GetPipeline(
            e2e.pipeline_pb2.GetPipelineRequest(name=f"pipelines/{name}"), timeout=e2e.PATIENCE)

    def errors(self, name):
        return "\n".join(self.pipeline(name).errors)

    def test_the_good_one_runs(self):
        self.assert_succeeded(self.daemon.run("good"))
        self.assertEqual(len(self.daemon.read("harvest_of_the_hill")), 1)

    def test_a_file_that_is_not_text_format_is_named_with_line_and_column(self):
        self.assertRegex(self.daemon.log.text(), r'typo\.textproto:3:\d+: .*titel.*did you mean')

    def test_an_unknown_model_gets_a_suggestion(self):
        self.assertRegex(self.errors("model"),
                         r'model\.textproto:5:\d+: .*"autoetz".*did you mean "auto_ets"\?')

    def test_an_indicator_beside_a_broken_one_is_derived(self):
        self.daemon.run("good")
        self.daemon.run("model")
        self.assertEqual(len(self.daemon.read("beside_it")), 1)

    def test_a_cycle_is_named(self):
        self.assertRegex(self.errors("cycle"), r"cycle\.textproto:\d+:\d+: .*(egg.*hen|hen.*egg)")

    def test_a_broken_indicator_is_refused_with_its_error(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.daemon.read_indicator("hen")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
        self.assertIn("cycle.textproto", caught.exception.details())

    def test_a_bad_schedule_is_named(self):
        self.assertRegex(self.errors("cron"), r"cron\.textproto:3:\d+: .*61")

    def test_a_unit_clash_is_an_error_of_the_indicator_and_no_wrong_number(self):
        # The units are known once there are series.
        self.daemon.run("good")
        self.daemon.push("milk_litres", "litre", {"2024": 1.0}, frequency="ANNUAL")
        run = self.daemon.run("unit")
        self.assertEqual(e2e.state_name(run), "FAILED")
        error = e2e.steps(run)["DERIVE", "clash"].error
        self.assertIn("tonne", error)
        self.assertIn("litre", error)
        with self.assertRaises(grpc.RpcError):
            self.daemon.read_indicator("clash")

    def test_an_unknown_indicator_gets_a_suggestion(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.daemon.read_indicator("harvest_of_the_hil")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
        self.assertIn('did you mean "harvest_of_the_hill"?', caught.exception.details())

    def test_a_wrong_request_names_the_field(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.daemon.indicators.ListIndicators(
                indicator_pb2.ListIndicatorsRequest(order_by="colour"), timeout=e2e.PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        details = dict(caught.exception.trailing_metadata())["grpc-status-details-bin"]
        self.assertIn(b"order_by", details)
        self.assertIn(b"google.rpc.BadRequest", details)


def naughty(how, plugin="naughty", limits=""):
    return f"""
pipeline {{
  name: "{how.replace('_', '-')}"
  source {{
    name: "{how.replace('_', '-')}" plugin: "{plugin}"
    config {{ key: "how" value: "{how}" }}
    retry {{ max_attempts: 1 }}
    limits {{ {limits} }}
  }}
}}
"""


class BadPlugins(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines={
            "good.textproto": GOOD,
            "crash.textproto": naughty("crash"),
            "fail.textproto": naughty("fail"),
            "hang.textproto": naughty("hang", limits="wall_time { seconds: 1 }"),
            "garbage.textproto": naughty("garbage"),
            "flood.textproto": naughty("flood", limits="output_bytes: 1000000"),
            "refuse.textproto": naughty("refuse"),
            "bad_period.textproto": naughty("bad_period"),
            "missing.textproto": naughty("missing", plugin="harvesd")})

    def failure_of(self, pipeline):
        run = self.daemon.run(pipeline)
        self.assertEqual(e2e.state_name(run), "FAILED")
        return e2e.steps(run)["PULL", pipeline].error

    def tearDown(self):
        # Whatever it was, the daemon serves on and nothing half-valid was stored.
        self.assert_succeeded(self.daemon.run("good"))
        self.assertEqual(self.daemon.find_series("naughty"), [])

    def test_a_missing_plugin_is_named_with_the_nearest_one(self):
        error = self.failure_of("missing")
        self.assertIn('"harvesd"', error)
        self.assertIn('did you mean "harvest"?', error)

    def test_a_crash_names_the_plugin_and_the_signal(self):
        self.assertRegex(self.failure_of("crash"), r"naughty.*([Ss]egmentation|SIGSEGV|signal 11)")

    def test_an_exit_code_is_named_with_what_it_said(self):
        error = self.failure_of("fail")
        self.assertRegex(error, r"naughty.*\b7\b")
        self.assertIn("no such farm", error)

    def test_a_hang_is_ended_at_the_limit_that_the_error_names(self):
        self.assertRegex(self.failure_of("hang"), r"naughty.*\b1 ?s.*wall_time|wall_time.*\b1 ?s")

    def test_garbage_is_quoted(self):
        self.assertRegex(self.failure_of("garbage"), r"naughty.*<html>")

    def test_a_flood_is_cut_at_the_limit_that_the_error_names(self):
        self.assertRegex(self.failure_of("flood"), r"naughty.*output_bytes")

    def test_what_the_plugin_says_is_wrong_is_passed_on(self):
        self.assertIn("the key abc is not known; ask for one", self.failure_of("refuse"))

    def test_a_bad_record_is_named(self):
        self.assertRegex(self.failure_of("bad-period"), r"2021-13")


class DaemonThatCannotStart(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="headway-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = os.path.join(self.folder, "data")
        self.pipelines = os.path.join(self.folder, "pipelines")
        os.mkdir(self.pipelines)

    def test_a_locked_data_directory_names_the_directory_and_the_other_daemon(self):
        with e2e.Daemon() as first:
            error = e2e.fails_to_start(first.data, self.pipelines)
            self.assertIn(first.data, error)
            self.assertRegex(error, "another daemon|another process|in use|locked")
            # The first one is not disturbed.
            self.assertEqual(first.find_series(""), [])

    def test_an_unreadable_data_directory_is_named(self):
        os.mkdir(self.data, mode=0)
        # Root may read everything, unless it gives that up.
        prefix = [] if os.geteuid() != 0 else [
            "setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        error = e2e.fails_to_start(self.data, self.pipelines, prefix=prefix)
        self.assertIn(self.data, error)
        self.assertRegex(error, "[Pp]ermission")

    def test_a_file_in_place_of_the_data_directory_is_named(self):
        with open(self.data, "w"):
            pass
        self.assertIn(self.data, e2e.fails_to_start(self.data, self.pipelines))

    def test_a_corrupt_store_is_named(self):
        with e2e.Daemon() as daemon:
            daemon.stop()
            shutil.copytree(daemon.data, self.data)
        current = next(os.path.join(folder, "CURRENT")
                       for folder, _, files in os.walk(self.data) if "CURRENT" in files)
        with open(current, "w") as file:
            file.write("no manifest\n")
        self.assertIn(self.data, e2e.fails_to_start(self.data, self.pipelines))

    def test_a_port_in_use_is_named(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = "127.0.0.1:%d" % other.getsockname()[1]
            error = e2e.fails_to_start(self.data, self.pipelines, listen=address)
        self.assertIn(address, error)
        self.assertRegex(error, "another program is listening there; .*choose another address")

    def test_a_pipelines_directory_that_is_not_there_is_named(self):
        missing = os.path.join(self.folder, "nowhere")
        self.assertIn(missing, e2e.fails_to_start(self.data, missing))

    def test_a_public_address_is_refused(self):
        error = e2e.fails_to_start(self.data, self.pipelines, listen="0.0.0.0:0")
        self.assertIn("0.0.0.0", error)


if __name__ == "__main__":
    unittest.main()

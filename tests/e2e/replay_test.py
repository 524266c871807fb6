"""A parser is corrected: what it had misread is put right, without the publisher."""

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import unittest

import daemon as e2e

PLUGIN = """#!/usr/bin/python3
import headway_plugin as hp

def read(request, out):
    http = hp.Http(max_attempts=1)
    out.series("t", metric="temperature", frequency="monthly", unit="1")
    for page in ("1", "2"):
        url = request.option("url") + "/" + page
        for row in hp.csv_rows(http.get(url).text(), url):
            out.observe("t", row["month"], PARSE(row["tenths"]))
        out.checkpoint(stream=page, state="read")

hp.run(hp.Plugin(name="thermometer", version="VERSION", summary="Reads a thermometer.", read=read,
                 options=[hp.Option("url", "Where it is.", required=True)]))
"""

PAGES = {"/1": "month,tenths\n2024-01,15\n2024-02,31\n", "/2": "month,tenths\n2024-03,72\n"}

PIPELINE = """
pipeline {
  name: "weather"
  source {
    name: "roof" plugin: "thermometer"
    config { key: "url" value: "URL" }
    documents { keep_days: 30 }
  }
  indicator {
    name: "warmth" title: "Warmth" expression: "temperature" unit: "1"
    forecast { disabled: true }
  }
}
"""


class Publisher(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class CorrectedParser(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        cls.publisher = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
        threading.Thread(target=cls.publisher.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{cls.publisher.server_port}"
        return e2e.Daemon(pipelines={"weather.textproto": PIPELINE.replace("URL", url)})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copy(os.path.join(e2e.SOURCE, "plugins/sdk/python/headway_plugin.py"),
                    cls.daemon.plugins_folder)
        cls.install("1", "float")
        cls.run_name = cls.daemon.run("weather").name
        # From here on there is no publisher.
        cls.publisher.shutdown()
        cls.publisher.server_close()
        cls.series, = cls.daemon.find_series("temperature")
        cls.wrong = cls.daemon.vintages(cls.series.name)
        cls.wrong_indicator = cls.daemon.read("warmth")
        # Those that the daemon took over at one time may come in any order.
        cls.documents = {"/" + document["address"].rsplit("/", 1)[1]: document
                         for document in cls.json("source", "documents", "roof")["documents"]}
        cls.install("2", "lambda text: float(text) / 10")
        cls.dry = cls.json("source", "replay", "weather/roof", "--dry-run")["replays"]
        cls.after_dry = cls.daemon.read_series(cls.series.name)
        cls.replay = cls.headway("source", "replay", "weather/roof", "--run", cls.run_name)

    @classmethod
    def install(cls, version, parse):
        cls.daemon.install("thermometer",
                           PLUGIN.replace("VERSION", version).replace("PARSE", f"({parse})"))

    @classmethod
    def headway(cls, *arguments):
        return subprocess.run(
            [os.path.join(e2e.BIN, "headway"), "--address", cls.daemon.address, *arguments],
            capture_output=True, timeout=e2e.PATIENCE)

    @classmethod
    def json(cls, *arguments):
        result = cls.headway(*arguments, "--format", "json")
        if result.returncode != 0:
            raise AssertionError(result.stderr.decode())
        return json.loads(result.stdout)

    def run_on_change(self):
        deadline = time.monotonic() + e2e.PATIENCE
        while time.monotonic() < deadline:
            for run in self.daemon.runs("weather"):
                if e2e.pipeline_pb2.Run.Trigger.Name(run.trigger) == "ON_CHANGE":
                    return run
        raise AssertionError("no run on change:\n" + self.daemon.log.text())

    def test_every_answer_of_the_publisher_is_a_document(self):
        self.assertEqual(self.documents.keys(), PAGES.keys())
        for page, document in self.documents.items():
            digest = hashlib.sha256(PAGES[page].encode()).hexdigest()
            self.assertEqual(document["name"], f"documents/{digest}")
            self.assertEqual(document["httpStatus"], 200)
            self.assertEqual(document["mediaType"], "text/csv")
            self.assertEqual(document["run"], self.run_name)
            self.assertEqual(document["pluginVersion"], "1")

    def test_a_document_is_fetched_as_it_was_sent(self):
        digest = self.documents["/1"]["name"].removeprefix("documents/")
        printed = self.headway("source", "document", digest)
        self.assertEqual(printed.stdout.decode(), PAGES["/1"])
        path = os.path.join(self.daemon.folder, "document.csv")
        self.assertEqual(
            self.headway("source", "document", digest, "--output", path).returncode, 0)
        with open(path) as file:
            self.assertEqual(file.read(), PAGES["/1"])

    def test_a_dry_run_says_what_would_change_and_changes_nothing(self):
        replay, = self.dry
        self.assertEqual([(c["period"], c["before"], c["after"]) for c in replay["changes"]],
                         [("2024-01", 15, 1.5), ("2024-02", 31, 3.1), ("2024-03", 72, 7.2)])
        self.assertEqual((replay["oldPluginVersion"], replay["pluginVersion"]), ("1", "2"))
        self.assertEqual(self.after_dry, {"2024-01": 15, "2024-02": 31, "2024-03": 72})

    def test_the_corrected_parser_corrects_the_vintages_that_there_were(self):
        self.assertEqual(self.replay.returncode, 0, self.replay.stderr)
        self.assertIn(b"3 values changed", self.replay.stdout)
        vintages = self.daemon.vintages(self.series.name)
        self.assertEqual([v.known_at for v in vintages], [v.known_at for v in self.wrong])
        self.assertEqual([[o.value for o in v.changed] for v in vintages], [[1.5, 3.1], [7.2]])
        self.assertEqual({v.provenance.run for v in vintages}, {self.run_name + "/replay"})
        self.assertEqual({v.provenance.plugin_version for v in vintages}, {"2"})

    def test_the_indicators_that_use_the_series_are_derived_again(self):
        self.assertEqual(self.wrong_indicator,
                         {(): {"2024-01": 15, "2024-02": 31, "2024-03": 72}})
        self.assertEqual(self.daemon.read("warmth"),
                         {(): {"2024-01": 1.5, "2024-02": 3.1, "2024-03": 7.2}})
        run = self.daemon.wait_for_run(self.run_on_change().name)
        self.assert_succeeded(run)
        self.assertEqual(e2e.state_name(e2e.steps(run)["DERIVE", "warmth"]), "SUCCEEDED")


if __name__ == "__main__":
    unittest.main()

"""The bundled sample, then the live sources in its place, then the sample again."""

import csv
import datetime
import http.server
import io
import os
import re
import threading
import unittest
import urllib.parse

import daemon as e2e

SAMPLE = os.path.join(e2e.SOURCE, "pipelines", "sample", "models.csv")
SHARED = os.environ.get("HEADWAY_SHARED_DATA",
                        os.path.join(e2e.SOURCE, "..", "shared", "data"))
COUNTRIES = {"USA": "United States of America", "CHN": "China"}
# What the sample has, and the live table calls otherwise, or has no more.
RENAMED, DROPPED, ADDED = "Claude 3 Opus", "Claude 2", "Brand New Model"
BEFORE = "2026-03-01T00:00:00Z"

CENSUS = [["ALL_VAL_MO", "E_COMMODITY", "COMM_LVL", "CTY_CODE", "time"],
          ["700000001", "8542", "HS4", "5700", "2026-01"],
          ["700000002", "8542", "HS4", "5700", "2026-02"]]


def live_models():
    """The table of models as Epoch lays it out, after the bundled one."""
    models = {}
    with open(SAMPLE, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["country"] not in COUNTRIES or row["model"] == DROPPED:
                continue
            model = models.setdefault(row["model"], {
                "Model": row["model"] + (" (March)" if row["model"] == RENAMED else ""),
                "Publication date": row["period"],
                "Country (of organization)": COUNTRIES[row["country"]],
                "Training compute (FLOP)": "", "Open model weights?": ""})
            if row["metric"] == "model_training_compute_flop":
                model["Training compute (FLOP)"] = row["value"]
    models[ADDED] = {"Model": ADDED, "Publication date": "2026-04-02",
                     "Country (of organization)": "China",
                     "Training compute (FLOP)": "1e26", "Open model weights?": ""}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(models[ADDED]))
    writer.writeheader()
    writer.writerows(models.values())
    return text.getvalue()


def recorded(*path):
    """A recorded answer of a service; None where there are none on this machine."""
    path = os.path.join(SHARED, *path)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()


class Services:
    """What the live sources ask, on loopback."""

    def __init__(self, models, census):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                query = urllib.parse.parse_qs(url.query)
                if url.path == "/models.csv":
                    self.answer(200, models)
                elif (query.get("E_COMMODITY") == ["8542"] and query.get("CTY_CODE") == ["5700"]
                      and url.path.endswith("/exports/hs")):
                    self.answer(200, census)
                else:
                    # As the service says that there are no rows.
                    self.answer(204, "")

            def answer(self, status, text):
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Takeover(e2e.DaemonTestCase):
    """Of the bundled pipelines with tables of our own in the services' layouts."""

    MODELS = live_models()
    CENSUS = str(CENSUS).replace("'", '"')

    @classmethod
    def start_daemon(cls):
        cls.services = Services(cls.MODELS, cls.CENSUS)
        cls.addClassCleanup(cls.services.close)
        return e2e.Daemon(pipelines_from=os.path.join(e2e.SOURCE, "pipelines"))

    @classmethod
    def setUpClass(cls):
        if cls.MODELS is None or cls.CENSUS is None:
            raise unittest.SkipTest("the recorded answers are not on this machine: "
                                    "HEADWAY_SHARED_DATA names their directory")
        super().setUpClass()
        cls.sample = cls.pull_and_look()
        cls.switch(live=True)
        cls.live = cls.pull_and_look()
        cls.switch(live=False)
        cls.back = cls.pull_and_look()

    @classmethod
    def switch(cls, live):
        """Enables the live sources, or disables them again, and starts the daemon anew."""
        for file, source, option in (
                ("model-releases", "epoch-models", f"url\" value: \"{cls.services.address}/models.csv"),
                ("chip-trade", "census", f"base_url\" value: \"{cls.services.address}")):
            path = os.path.join(cls.daemon.pipelines_folder, file + ".textproto")
            with open(path, encoding="utf-8") as definitions:
                text = definitions.read()
            on = f'name: "{source}"\n    config {{ key: "{option}" }}'
            off = f'name: "{source}"\n    disabled: true # off'
            if live:
                text = re.sub(rf'(name: "{source}"\n(?:.*\n)*?)    disabled: true\n', r"\1", text)
                text = text.replace(f'name: "{source}"', on)
            else:
                text = text.replace(on, off)
            with open(path, "w", encoding="utf-8") as definitions:
                definitions.write(text)
        cls.daemon.stop()
        cls.daemon.start()

    @classmethod
    def pull_and_look(cls):
        look = {"runs": [cls.daemon.run(name) for name in ("model-releases", "chip-trade")]}
        look["now"] = cls.look_at(None)
        look["models"] = cls.models()
        # The past of this instant must stay what it is now.
        look["instant"] = datetime.datetime.now(datetime.timezone.utc).strftime(
            "%Y-%m-%dT%H:%M:%S.%fZ")
        look["before"] = cls.look_at(BEFORE)
        return look

    @classmethod
    def look_at(cls, as_of):
        return {name: cls.daemon.read(name, as_of)
                for name in ("notable_model_releases", "frontier_training_compute",
                             "us_chip_exports_to_china", "us_equipment_exports_to_china")}

    @classmethod
    def models(cls):
        """The models that are read now."""
        return {series.labels["model"] for series in cls.daemon.find_series("model_release")
                if series.observation_count > 0}

    def test_every_pull_succeeds(self):
        for look in (self.sample, self.live, self.back):
            for run in look["runs"]:
                self.assert_succeeded(run)

    def test_no_model_of_the_sample_is_left_beside_the_live_ones(self):
        rows = csv.DictReader(io.StringIO(self.MODELS))
        column = "Model" if "Model" in rows.fieldnames else "Model version"
        named = {" ".join(row[column].split()) for row in rows}
        self.assertTrue(self.live["models"])
        self.assertEqual(self.live["models"] - named, set())

    def test_the_live_trade_replaces_that_of_the_sample(self):
        exports = self.live["now"]["us_chip_exports_to_china"]
        (values,) = exports.values()
        self.assertEqual(
            {period: values[period] for period in values},
            {row[4]: float(row[0]) for row in self.census_rows()})

    def census_rows(self):
        return [re.findall(r'"([^"]*)"', row)
                for row in re.findall(r"\[([^\[\]]*)\]", self.CENSUS)][1:]

    def test_the_sample_comes_back_as_it_was(self):
        self.assertEqual(self.back["models"], self.sample["models"])
        for name, series in self.sample["now"].items():
            for labels, values in series.items():
                with self.subTest(indicator=name, labels=labels):
                    again = self.back["now"][name][labels]
                    self.assertEqual({period: again.get(period) for period in values}, values)

    def test_what_was_known_before_stays_what_it_was(self):
        self.assertEqual(self.look_at(self.sample["instant"]), self.sample["now"])
        self.assertEqual(self.look_at(self.live["instant"]), self.live["now"])

    def test_an_earlier_date_knows_nothing_of_the_live_sources(self):
        self.assertTrue(self.sample["before"]["notable_model_releases"])
        self.assertEqual(self.live["before"], self.sample["before"])
        self.assertEqual(self.back["before"], self.sample["before"])


class RecordedTakeover(Takeover):
    """The same with what the services once answered, byte for byte."""

    MODELS = recorded("models", "notable_ai_models__2026-07-vintage.csv")
    CENSUS = recorded("api", "census", "RECORDED_exports_hs_8542_CN_2026_vintage20260804.json")


if __name__ == "__main__":
    unittest.main()

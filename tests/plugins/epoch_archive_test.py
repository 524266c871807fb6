"""The epoch plugin on ZIP archives, as the capability index is published."""

import io
import json
import os
import subprocess
import tempfile
import unittest
import zipfile

INDEX = ("Model version,ECI Score,Release date,Country\n"
         "a-1,150,2026-01-01,China\n")
MODELS = "Model,Publication date,Training compute (FLOP),Country\n"


class EpochArchiveTest(unittest.TestCase):
    def read(self, members, **config):
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members.items():
                archive.writestr(name, text)
        with tempfile.NamedTemporaryFile(suffix=".zip") as file:
            file.write(body.getvalue())
            file.flush()
            config["url"] = "file://" + file.name
            done = subprocess.run(
                [os.environ["EPOCH_PLUGIN"], "read"],
                input=json.dumps({"config": config}).encode(),
                capture_output=True, env={}, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_finds_the_index_among_the_benchmarks(self):
        said = self.read({"README.md": "x", "gpqa.csv": "a\n",
                          "index/epoch_capabilities_index.csv": INDEX},
                         dataset="capability_index")
        self.assertEqual(said[0]["series"]["metric"], "model_capability")
        self.assertEqual(said[0]["series"]["labels"],
                         {"model": "a-1", "country": "CHN"})
        self.assertEqual(said[1]["observations"]["values"], [150])

    def test_takes_the_table_that_the_option_names(self):
        said = self.read({"notable_ai_models.csv": MODELS + "N,2026-01-01,,\n",
                          "all_ai_models.csv": MODELS + "A,2026-01-01,,\n"},
                         file="all_ai_models.csv")
        self.assertEqual(said[0]["series"]["labels"], {"model": "A"})

    def test_reads_the_columns_of_2024(self):
        header = ("System,Domain,Country (from Organization),Publication date,"
                  "Training compute (FLOP),Training compute cost (2023 USD),"
                  "Model accessibility\n")
        row = "N 7B,Language,China,2024-05-02,1e23,,Open access (unrestricted)\n"
        said = self.read({"notable_ai_models.csv": header + row})
        metrics = {line["series"]["metric"]: line["series"]["labels"]
                   for line in said if "series" in line}
        self.assertEqual(metrics, dict.fromkeys(
            ("model_release", "model_training_compute_flop", "model_open_weights"),
            {"model": "N 7B", "country": "CHN"}))

    def test_lists_what_an_archive_holds_instead(self):
        said = self.read({"other.csv": INDEX}, dataset="capability_index")
        self.assertEqual(said[0]["error"]["class"], "SYSTEM")
        self.assertIn("eci_scores.csv or epoch_capabilities_index.csv; it holds "
                      "other.csv", said[0]["error"]["message"])


if __name__ == "__main__":
    unittest.main()

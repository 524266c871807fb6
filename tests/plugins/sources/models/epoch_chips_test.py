"""The epoch source on hardware, chip sales, owners of chips and clusters."""

import csv
import io
import os
import unittest
import zipfile

from manners import Manners
from publisher import SHARED, Answer, Conversation, Publisher

PATH = "/data/table"
SAMPLE = os.path.join(os.path.dirname(__file__), "../../../../pipelines/sample",
                      "nvidia_chips_by_owner.csv")
HARDWARE = ("Hardware name,Manufacturer,Release date,Release price (USD),"
            "Tensor-FP16/BF16 performance (FLOP/s),TDP (W),"
            "Total processing performance (bit-OP/s)\n")
SALES = ("Name,Chip manufacturer,Start date,End date,Cost estimate (USD),"
         "Compute estimate in H100e (median),Incomplete\n")
OWNERS = ("Name,Chip manufacturer,Owner,Start date,End date,"
          "Compute estimate in H100e (median)\n")
CLUSTERS = ("Name,Status,Certainty,H100 equivalents,Country,"
            "First Operational Date,Power Capacity (MW),Hardware Cost,"
            "Possible Duplicate\n")


def archive(**members):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as file:
        for name, text in members.items():
            file.writestr(name.replace("_csv", ".csv"), text)
    return body.getvalue()


class EpochChipsTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def read(self, dataset, body, checkpoints=None, **config):
        body = body if isinstance(body, bytes) else body.encode()
        self.publisher.answer(PATH, Answer(200, body))
        return Conversation("epoch", {
            "dataset": dataset, "url": self.publisher.url + PATH,
            **config}).read(checkpoints)

    def shared(self, dataset, path, **config):
        file = os.path.join(SHARED, "models", path)
        if not os.path.exists(file):
            self.skipTest(f"needs {file}; HEADWAY_SHARED_DATA names the folder")
        with open(file, "rb") as table:
            return self.read(dataset, table.read(), **config)

    # -- Hardware --

    def test_a_chip_has_its_release_and_figures(self):
        said = self.read("hardware", HARDWARE + (
            "Ascend 910C,Huawei,2024-10-01,,8e14,310,1.28e16\n"))
        self.assertEqual(
            {s["metric"]: s["unit"] for s in said.series.values()},
            {"ai_chip_release": "1", "ai_chip_flop_per_second": "FLOP/s",
             "ai_chip_power_watt": "W",
             "ai_chip_total_processing_performance": "bit*OP/s"})
        self.assertEqual(said.values(
            "ai_chip_power_watt", chip="Ascend 910C", manufacturer="Huawei",
            country="CHN"), {"2024-10-01": 310})

    def test_the_real_table_of_hardware_is_read(self):
        said = self.shared("hardware", "ml_hardware__2026-07-vintage.csv")
        self.assertEqual(said.error, None)
        self.assertEqual(said.values("ai_chip_flop_per_second",
                                     chip="Meta MTIA 300"),
                         {"2026-03-11": 6e14})

    # -- Sales --

    def test_sales_are_summed_over_chips(self):
        said = self.read("chip_sales", SALES + (
            "a,Nvidia,2026-01-01,2026-03-31,100,7,\n"
            "b,AMD,2026-01-01,2026-03-31,20,3,\n"))
        self.assertEqual(said.values("ai_chip_sales_usd"), {"2026-Q1": 120})
        self.assertEqual(said.values("ai_chip_sales_h100e",
                                     manufacturer="AMD"), {"2026-Q1": 3})

    def test_the_series_of_sales_is_that_of_the_sample(self):
        said = self.read("chip_sales", SALES + (
            "a,Nvidia,2026-01-01,2026-03-31,100,,\n"))
        series = next(iter(said.series.values()))
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"], series["vintageKind"], series["releaseLag"]),
            ("ai_chip_sales_usd", {}, "QUARTERLY", "USD", "ASSUMED",
             "5184000s"))

    def test_an_incomplete_quarter_is_partial(self):
        said = self.read("chip_sales", SALES + (
            "a,Nvidia,2026-01-01,2026-03-31,100,,\n"
            "a,Nvidia,2026-04-01,2026-06-30,90,,True\n"))
        self.assertEqual(said.batches[0]["statuses"], ["FINAL", "PARTIAL"])

    def test_a_quarter_with_a_row_without_cost_is_partial(self):
        said = self.read("chip_sales", SALES + (
            "a,Nvidia,2026-01-01,2026-03-31,100,,\n"
            "b,AMD,2026-01-01,2026-03-31,,3,\n"))
        self.assertEqual(said.batches[0]["statuses"], ["PARTIAL"])

    def test_a_fiscal_quarter_stands_where_its_middle_is(self):
        said = self.read("chip_sales", SALES + (
            "a,Nvidia,2021-11-01,2022-01-30,100,,\n"))
        self.assertEqual(said.values("ai_chip_sales_usd"), {"2021-Q4": 100})

    def test_a_cumulative_table_is_refused(self):
        said = self.read("chip_sales", SALES + (
            "a,Nvidia,2022-01-01,2022-03-31,1,,\n"
            "a,Nvidia,2022-01-01,2022-06-30,2,,\n"
            "a,Nvidia,2022-01-01,2022-09-30,3,,\n"))
        self.assertIn("2 of 3 rows are not of a quarter: a cumulative table?",
                      said.error["message"])

    # -- Owners --

    def test_owners_of_nvidia_are_the_series_of_the_sample(self):
        said = self.read("chip_owners", OWNERS + (
            "x,Nvidia,China,1/1/2025,3/31/2025,50,\n"
            "x,Nvidia,China,4/1/2025,6/30/2025,60,\n").replace(",\n", "\n"))
        self.assertEqual(said.values("compute_owned_h100e", owner="China"),
                         {"2025-Q1": 50, "2025-Q2": 60})

    def test_the_newest_quarter_of_owners_is_partial(self):
        said = self.read("chip_owners", OWNERS + (
            "x,Nvidia,China,1/1/2025,3/31/2025,50\n"
            "x,Nvidia,China,4/1/2025,6/30/2025,60\n"))
        self.assertEqual(said.batches[0]["statuses"], ["FINAL", "PARTIAL"])

    def test_other_makers_are_another_metric(self):
        said = self.read("chip_owners", OWNERS + (
            "x,AMD,Meta,1/1/2025,3/31/2025,50\n"))
        self.assertEqual(said.values("other_compute_owned_h100e",
                                     owner="Meta", manufacturer="AMD"),
                         {"2025-Q1": 50})

    def test_the_real_table_of_owners_comes_to_the_sample(self):
        said = self.shared("chip_owners",
                           "ai_chip_counts/nvidia_owners_quarters.csv")
        with open(SAMPLE, newline="", encoding="utf-8") as file:
            wanted = {(row["owner"], row["period"]): (
                float(row["value"]), row["status"].upper() or "FINAL")
                      for row in csv.DictReader(file)}
        found = {(said.series[batch["series"]]["labels"]["owner"], period):
                 (value, status) for batch in said.batches
                 for period, value, status in zip(
                     batch["periods"], batch["values"], batch["statuses"])}
        self.assertEqual(found, wanted)

    def test_rows_by_chip_come_to_the_same_as_by_owner(self):
        one, other = (self.shared(
            "chip_owners", f"ai_chip_counts/nvidia_owners_quarters{name}.csv")
            for name in ("", "_by_chip"))
        for owner in ("Microsoft", "China"):
            sums = [s.values("compute_owned_h100e", owner=owner)["2024-Q1"]
                    for s in (one, other)]
            # Medians of parts are nearly parts of the median.
            self.assertAlmostEqual(sums[0] / sums[1], 1, 1)

    def test_the_owners_lie_in_an_archive(self):
        said = self.read("chip_owners", archive(
            README="x", nvidia_owners_quarters_csv=OWNERS
            + "x,Nvidia,Meta,2025-01-01,2025-03-31,5\n"))
        self.assertEqual(said.values("compute_owned_h100e"), {"2025-Q1": 5})

    def test_an_archive_without_the_table_lists_what_it_holds(self):
        said = self.read("chip_owners", archive(other_csv="a\n"))
        self.assertIn("it holds other.csv", said.error["message"])

    # -- Clusters --

    def test_megawatts_are_watts(self):
        said = self.read("clusters", CLUSTERS + (
            "Colossus,Existing,Likely,1e5,United States of America,"
            "2024-09-01,150,4e9,\n"))
        self.assertEqual(said.values(
            "ai_cluster_power_watt", cluster="Colossus", status="existing",
            country="USA"), {"2024-09-01": 1.5e8})

    def test_clusters_of_one_name_and_day_are_added(self):
        said = self.read("clusters", CLUSTERS + 2 * (
            "Anonymized Chinese System,Existing,Likely,1000,China,"
            "2024-09-15,,,\n"))
        self.assertEqual(said.values("ai_cluster_h100e"),
                         {"2024-09-15": 2000})

    def test_rows_that_do_not_count_are_counted(self):
        said = self.read("clusters", CLUSTERS + (
            "A,Existing,Likely,1000,China,2024-09-15,,,\n"
            "B,Existing,Likely,1000,China,2024-09-15,,,True\n"
            "C,Planned,Unlikely,1000,China,2024-09-15,,,\n"
            "D,Planned,Likely,1000,China,,,,\n"))
        self.assertIn("1 series of 1 of 4 rows; 1 perhaps listed twice are "
                      "left out; 1 unlikely are left out; 1 without a date "
                      "are left out", said.logs[-1])

    def test_the_real_table_of_clusters_is_read(self):
        said = self.shared("clusters", "gpu_clusters__2026-08-vintage.csv")
        self.assertEqual(said.error, None)
        self.assertGreater(len(said.series), 400)

    # -- All --

    def test_a_renamed_column_is_named_with_those_there_are(self):
        said = self.read("clusters", CLUSTERS.replace("H100 equ", "B200 equ")
                         + "A,Existing,Likely,1,China,2024-09-15,,,\n")
        self.assertIn("no column for the compute; known names, without case "
                      "and punctuation, are h100equivalents; the table has "
                      "Name, Status,", said.error["message"])

    def test_a_table_cut_short_is_refused(self):
        row = "{},Huawei,2024-10-01,,8e14,310,1\n"
        first = self.read("hardware", HARDWARE + "".join(
            row.format(c) for c in "ABCD"))
        said = self.read("hardware", HARDWARE + row.format("A"),
                         first.states())
        self.assertIn("the table holds 1 rows of use, the last one held 4",
                      said.error["message"])

    def test_a_corrected_estimate_changes_its_value_alone(self):
        rows = ("a,Nvidia,2026-01-01,2026-03-31,100,,\n"
                "a,Nvidia,2026-04-01,2026-06-30,{},,\n")
        first = self.read("chip_sales", SALES + rows.format(90))
        said = self.read("chip_sales", SALES + rows.format(95),
                         first.states())
        self.assertEqual(said.values("ai_chip_sales_usd"),
                         {"2026-Q1": 100, "2026-Q2": 95})

    def test_an_unchanged_table_is_no_news(self):
        table = SALES + "a,Nvidia,2026-01-01,2026-03-31,100,,\n"
        first = self.read("chip_sales", table)
        again = self.read("chip_sales", table, first.states())
        self.assertEqual(again.batches, [])
        self.assertIn("unchanged", again.logs[0])

    def test_an_old_vintage_has_its_date(self):
        said = self.read("chip_sales", SALES + (
            "a,Nvidia,2026-01-01,2026-03-31,100,,\n"), known_at="2026-05-01")
        self.assertEqual(said.batches[0]["knownAt"],
                         "2026-05-01T23:59:59.999999Z")


class EpochManners(Manners, unittest.TestCase):
    plugin = "epoch"
    path = "/ai_chip_sales_timelines_by_chip.csv"
    good = (SALES + "a,Nvidia,2026-01-01,2026-03-31,100,,\n").encode()
    config = {"dataset": "chip_sales"}


if __name__ == "__main__":
    unittest.main()

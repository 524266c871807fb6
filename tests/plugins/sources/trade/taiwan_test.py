"""The taiwan plugin against a publisher on the loopback."""

import csv
import io
import os
import unittest
import zipfile
from xml.sax import saxutils

from publisher import Answer, Conversation, Publisher, SHARED, recorded

PRODUCTS = "taiwan_mof/RECORDED_table4_major_exports_2025-08.xlsx"
CHINA = "taiwan_mof/RECORDED_table11_exports_to_china_hongkong_2025-08.xlsx"
SOUTH = "taiwan_mof/RECORDED_table12_exports_to_southbound_2025-08.xlsx"
FACTS = os.path.join(SHARED, "../facts/taiwan_trade.csv")
SAMPLE = os.path.join(os.path.dirname(__file__),
                      "../../../../pipelines/sample/taiwan_chip_exports.csv")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = ("http://schemas.openxmlformats.org/officeDocument/2006/"
             "relationships")
GROUPS = ("電子零組件", "資通與視聽產品", "機\u3000械")


def workbook(rows):
    """An XLSX file of one sheet, with its texts in the cells."""
    def cell(column, value):
        at = chr(ord("A") + column)
        if isinstance(value, str):
            return (f'<c r="{at}1" t="inlineStr"><is><t>'
                    f"{saxutils.escape(value)}</t></is></c>")
        return f'<c r="{at}1"><v>{value}</v></c>'

    sheet = "".join("<row>" + "".join(
        cell(i, value) for i, value in enumerate(row) if value is not None)
        + "</row>" for row in rows)
    parts = {
        "xl/workbook.xml":
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet '
            'name="t" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels":
            '<Relationships><Relationship Id="r1" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml":
            f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData>'
            "</worksheet>",
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in parts.items():
            # With the time of an archive, equal tables would be other bytes.
            archive.writestr(zipfile.ZipInfo(name), text)
    return Answer(200, body.getvalue())


def table(months, title="表11、對中國大陸與香港之出口主要貨品", total=None,
          groups=GROUPS, unit="單位：百萬美元；％", month_rows=True):
    """Table 11 of one year, with {month: (value, growth)} of the next, the
    same in all three columns."""
    def row(label, value, growth=None):
        return [label] + [cell for _ in groups for cell in (value, growth)]

    names = ["年(月)別"] + [cell for name in groups for cell in (name, None)]
    below = [None] + ["金額", "年增率"] * len(groups)
    total = sum(value for value, _ in months.values()) if total is None else (
        total)
    last = max(months)
    return workbook([
        [title], [unit], names, below, row("113年", 100),
        row(f"{last}月", 9),
        row(f"114年1-{last}月" if last > 1 else "114年1月", total),
        *(row(f"{m}月", *months[m]) for m in sorted(months) if month_rows),
        row("較上月增減", -3)])


class TaiwanTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def conversation(self, now="2025-09-10T12:00:00Z", **config):
        return Conversation("taiwan", {
            "base_url": self.publisher.url, "workbooks": "t.xlsx", **config},
            now=now)

    def read(self, *answers, checkpoints=None, **config):
        self.publisher.answer("/t.xlsx", *answers)
        return self.conversation(**config).read(checkpoints)

    def electronics(self, said, frequency="MONTHLY"):
        """The values of one column of table 11."""
        return self.values_of(
            said, f"{frequency.lower()} product_trade_usd CHN+HKG electronic "
            "components")

    @staticmethod
    def values_of(said, id):
        return {period: value for batch in said.batches
                if batch["series"] == id
                for period, value in zip(batch["periods"], batch["values"])}

    @staticmethod
    def statuses_of(said, id):
        return {period: status for batch in said.batches
                if batch["series"] == id
                for period, status in zip(batch["periods"], batch["statuses"])}

    def facts(self, table_name, product, partner):
        recorded(PRODUCTS)  # skips where the reference data are absent
        with open(FACTS, encoding="utf-8") as file:
            return {r["period"]: 1000 * round(1000 * float(r["value_musd"]))
                    for r in csv.DictReader(file)
                    if r["source"].endswith(table_name)
                    and r["product"] == product and r["partner"] == partner
                    and ".." not in r["period"]}

    def check(self, said, metric, what, partner, facts):
        """Annual and monthly values are the known ones, those that follow
        from growth to a thousand dollars."""
        found = {}
        for frequency in ("annual", "monthly"):
            found.update(self.values_of(
                said, f"{frequency} {metric} {partner} {what}"))
        self.assertEqual(found.keys(), facts.keys())
        for period, value in found.items():
            self.assertAlmostEqual(value, facts[period], delta=1000)

    def test_reads_the_recorded_chip_exports(self):
        said = self.read(Answer(200, recorded(PRODUCTS)))
        self.check(said, "chip_exports_usd", "integrated circuits", "WLD",
                   self.facts("table4", "integrated circuits", "WLD"))

    def test_reads_the_recorded_products(self):
        said = self.read(Answer(200, recorded(PRODUCTS)))
        self.check(said, "product_trade_usd",
                   "machines for making semiconductors", "WLD",
                   self.facts("table4", "machines for making semiconductors",
                              "WLD"))

    def test_reads_the_recorded_exports_to_china(self):
        said = self.read(Answer(200, recorded(CHINA)))
        self.check(said, "product_trade_usd", "electronic components",
                   "CHN+HKG",
                   self.facts("table11", "electronic components", "CHN+HKG"))

    def test_reads_the_recorded_exports_to_malaysia(self):
        said = self.read(Answer(200, recorded(SOUTH)))
        self.check(said, "goods_trade_usd", "all goods", "MYS",
                   self.facts("table12", "all goods", "MYS"))

    def test_countries_without_growth_have_no_estimates(self):
        said = self.read(Answer(200, recorded(SOUTH)))
        self.assertEqual(
            min(self.values_of(said,
                               "monthly goods_trade_usd IDN all goods")),
            "2024-08")

    def test_the_annual_chip_exports_are_those_of_the_sample(self):
        said = self.read(Answer(200, recorded(PRODUCTS)))
        with open(SAMPLE, encoding="utf-8") as file:
            sample = {r["period"]: float(r["value"])
                      for r in csv.DictReader(file)
                      if r["partner"] == "WLD" and r["period"] > "2015"}
        values = self.values_of(
            said, "annual chip_exports_usd WLD integrated circuits")
        self.assertEqual({p: values[p] for p in sample}, sample)

    def test_writes_the_series_of_the_sample(self):
        series = self.read(Answer(200, recorded(PRODUCTS))).series[
            "annual chip_exports_usd WLD integrated circuits"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"]),
            ("chip_exports_usd",
             {"reporter": "TWN", "partner": "WLD", "hs": "8542"}, "ANNUAL",
             "USD"))

    def test_names_the_publisher_and_its_terms(self):
        series = self.read(table({1: (5, None)})).series
        self.assertEqual(
            {s["sourceName"] for s in series.values()},
            {"Ministry of Finance of Taiwan, preliminary trade statistics "
             "(Open Government Data License 1.0)"})

    def test_months_belong_to_the_year_above_them(self):
        said = self.read(table({1: (5, None), 2: (6, None)}))
        self.assertEqual(self.electronics(said), {
            "2024-02": 9e6, "2025-01": 5e6, "2025-02": 6e6})

    def test_years_are_annual_series(self):
        said = self.read(table({1: (5, None)}))
        self.assertEqual(self.electronics(said, "ANNUAL"), {"2024": 100e6})

    def test_a_january_without_a_row_of_its_own_is_the_total(self):
        said = self.read(table({1: (5, None)}, month_rows=False))
        self.assertEqual(self.electronics(said)["2025-01"], 5e6)

    def test_months_of_the_running_year_are_provisional(self):
        said = self.read(table({1: (6, 20), 2: (6, None)}))
        self.assertEqual(
            self.statuses_of(said, "monthly product_trade_usd CHN+HKG "
                             "electronic components"),
            {"2024-01": "ESTIMATED", "2024-02": "FINAL",
             "2025-01": "PROVISIONAL", "2025-02": "PROVISIONAL"})

    def test_the_month_a_year_before_follows_from_growth(self):
        said = self.read(table({1: (6, 20), 2: (6, None)}))
        self.assertEqual(self.electronics(said)["2024-01"], 5e6)

    def test_a_month_once_listed_is_not_estimated(self):
        first = self.read(table({1: (6, None), 2: (6, None)}))
        said = self.read(table({1: (6, None), 2: (6, 20), 3: (6, None)}),
                         checkpoints=first.states())
        self.assertNotIn("2024-02", self.electronics(said))

    def test_a_second_read_with_nothing_new_says_so(self):
        first = self.read(table({1: (5, None)}))
        said = self.read(table({1: (5, None)}), checkpoints=first.states())
        self.assertEqual(
            (said.observation_count(), said.logs, said.states()),
            (0, [f"{self.publisher.url}/t.xlsx: unchanged"], first.states()))

    def test_a_revised_month_has_its_new_value(self):
        first = self.read(table({1: (5, None), 2: (6, None)}))
        said = self.read(table({1: (5, None), 2: (7, None)}),
                         checkpoints=first.states())
        self.assertEqual(self.electronics(said), {
            "2024-02": 9e6, "2025-01": 5e6, "2025-02": 7e6})

    def test_other_options_read_all_again(self):
        first = self.read(table({1: (5, None)}))
        self.publisher.answer("/u.xlsx", table({1: (5, None)}))
        said = self.read(table({1: (5, None)}), checkpoints=first.states(),
                         workbooks="t.xlsx,u.xlsx")
        self.assertGreater(said.observation_count(), 0)

    def test_a_checkpoint_follows_each_workbook(self):
        self.publisher.answer("/u.xlsx", table({1: (5, None)}))
        said = self.read(table({1: (5, None)}), workbooks="t.xlsx,u.xlsx")
        self.assertEqual([c["stream"] for c in said.checkpoints],
                         ["t.xlsx", "u.xlsx"])

    def test_an_address_names_the_newest_month(self):
        self.publisher.answer("/11408/2025-08.xlsx", table({1: (5, None)}))
        said = self.conversation(
            workbooks="{roc}{month}/{year}-{month}.xlsx").read()
        self.assertEqual(self.electronics(said)["2025-01"], 5e6)

    def test_before_the_release_the_month_before_is_read(self):
        self.publisher.answer("/11407.xlsx", table({1: (5, None)}))
        said = self.conversation(workbooks="{roc}{month}.xlsx").read()
        self.assertEqual(self.publisher.paths(), ["/11408.xlsx",
                                                  "/11407.xlsx"])
        self.assertIsNone(said.error)

    def test_no_table_of_two_months_is_an_error(self):
        error = self.conversation(workbooks="{roc}{month}.xlsx").read().error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("there is no table of the last two months",
                      error["message"])

    def test_an_unknown_part_of_an_address_is_refused(self):
        self.assertIn("known are {roc}, {year} and {month}",
                      self.conversation(workbooks="{day}.xlsx").read()
                      .error["message"])

    def test_workbooks_must_be_named(self):
        self.assertIn('option "workbooks" is missing',
                      self.conversation(workbooks="").read()
                      .error["message"])

    def test_another_table_is_refused(self):
        self.assertIn('the table "表8、對主要國家" is none of those',
                      self.read(table({1: (5, None)}, "表8、對主要國家"))
                      .error["message"])

    def test_another_unit_is_refused(self):
        self.assertIn("does not say that it is in 百萬美元", self.read(
            table({1: (5, None)}, unit="單位：千美元")).error["message"])

    def test_a_renamed_column_names_the_nearest(self):
        said = self.read(table({1: (5, None)},
                               groups=("電子零組件", "資通與視聽產品類",
                                       "機械")))
        self.assertIn('no column "資通與視聽產品"; the nearest is '
                      '"資通與視聽產品類"', said.error["message"])

    def test_months_that_do_not_come_to_their_total_are_refused(self):
        said = self.read(table({1: (5, None), 2: (6, None)}, total=20))
        self.assertIn("the months of 2025 come to 11000000, their total is "
                      "20000000", said.error["message"])

    def test_a_page_instead_of_a_workbook_is_shown(self):
        self.assertIn("<html>", self.read(
            Answer(200, b"<html>maintenance</html>")).error["message"])

    def test_an_empty_answer_is_no_workbook(self):
        self.assertIn("not a ZIP archive", self.read(Answer(200, b""))
                      .error["message"])

    def test_waits_as_long_as_429_says(self):
        said = self.read(Answer(429, b"", {"Retry-After": "0"}),
                         table({1: (5, None)}))
        self.assertIsNone(said.error)

    def test_asks_again_after_500(self):
        said = self.read(Answer(500, b"", {"Retry-After": "0"}),
                         table({1: (5, None)}))
        self.assertIsNone(said.error)

    def test_a_body_cut_short_is_asked_for_again(self):
        whole = table({1: (5, None)})
        said = self.read(Answer(200, whole.body, cut_after=50), whole)
        self.assertIsNone(said.error)

    def test_check_names_the_table(self):
        self.publisher.answer("/t.xlsx", table({1: (5, None)}))
        said = self.conversation().say("check")
        self.assertEqual(said.messages[0]["check"]["message"],
                         f"{self.publisher.url}/t.xlsx: table 11 up to "
                         "2025-01")


if __name__ == "__main__":
    unittest.main()

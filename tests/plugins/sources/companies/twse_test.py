"""The twse source: the Exchange's newest month, MOPS, FinMind."""

import csv
import json
import os
import unittest

from manners import Manners
from publisher import SHARED, Answer, Conversation, Publisher, recorded

NEWEST = "/opendata/t187ap05_L"
FINMIND = "/api/v4/data"
SAMPLE = os.path.join(os.path.dirname(__file__), "../../../../pipelines/sample",
                      "tsmc_revenue.csv")


def row(code="2330", month="11508", revenue="514805337", before="467580548"):
    return {"出表日期": "1150910", "資料年月": month, "公司代號": code,
            "公司名稱": "台積電", "營業收入-當月營收": revenue,
            "營業收入-上月營收": before}


def newest(*rows):
    return Answer(200, json.dumps(rows, ensure_ascii=False).encode())


def mops(month, *rows, column="當月營收"):
    """A page as MOPS has it: Big5, a table in a table, cells left open."""
    cells = "".join(f"<tr><td>{code}<td>x<td align=right>{value}<td>1"
                    for code, value in rows)
    return Answer(200, (
        f"<html><title>x</title><body>上市公司{month}月份營業收入統計表"
        "<table><tr><td><table><tr><th rowspan=2>公司<br>代號</th>"
        "<th rowspan=2>公司名稱</th><th colspan=2>營業收入</th></tr>"
        f"<tr><th>{column}</th><th>上月營收</th></tr>{cells}</table>"
        "</td></tr></table>").encode("cp950"))


def page(month):
    return f"/nas/t21/sii/t21sc03_{month}_0.html"


class TwseTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())
        self.publisher.answer(NEWEST, newest(row()))

    def conversation(self, **config):
        secrets = config.pop("secrets", None)
        url = self.publisher.url
        return Conversation("twse", {
            "base_url": url, "mops_url": url, "finmind_url": url, "since": "",
            **config}, secrets)

    def read(self, checkpoints=None, **config):
        return self.conversation(**config).read(checkpoints)

    def test_the_series_is_that_of_the_sample(self):
        series = self.read().series["TSMC"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"], series["vintageKind"]),
            ("company_revenue_twd", {"company": "TSMC"}, "MONTHLY", "TWD",
             "ASSUMED"))

    def test_the_newest_month_of_the_documented_body(self):
        self.publisher.answer(NEWEST, Answer(
            200, recorded("twse_mops/t187ap05_L.sample.json")))
        self.assertEqual(self.read().values("company_revenue_twd"),
                         {"2026-07": 467580548000, "2026-08": 514805337000})

    def test_the_documented_page_of_mops(self):
        self.publisher.answer(page("114_5"), Answer(
            200, recorded("twse_mops/mops_t21sc03.sample.html")))
        self.publisher.answer(NEWEST, newest(row(month="11406")))
        self.assertEqual(
            self.read(since="2025-05").batches[0],
            {"series": "TSMC", "periods": ["2025-05"],
             "values": [320515951000.0]})

    def test_a_page_in_big5_with_headers_of_two_rows(self):
        self.publisher.answer(page("115_7"), mops("115年7", ("2330", "5,000")))
        said = self.read(since="2026-07")
        self.assertEqual(said.batches[0]["values"], [5000000.0])

    def test_missed_months_are_read_before_the_newest(self):
        for month in ("6", "7"):
            self.publisher.answer(page("115_" + month),
                                  mops("115年" + month, ("2330", month)))
        first = self.read(since="2026-06")
        self.publisher.answer(NEWEST, newest(row(month="11510", before="9")))
        self.publisher.answer(page("115_9"), mops("115年9", ("2330", "8")))
        self.publisher.asked.clear()
        said = self.read(first.states(), since="2026-06")
        self.assertEqual(said.error, None)
        self.assertEqual(self.publisher.paths(), [NEWEST, page("115_9")])
        self.assertEqual(
            [p for batch in said.batches for p in batch["periods"]],
            ["2026-09", "2026-09", "2026-10"])

    def test_each_page_has_its_checkpoint(self):
        for month in ("6", "7"):
            self.publisher.answer(page("115_" + month),
                                  mops("115年" + month, ("2330", month)))
        through = [json.loads(c["state"])["through"] for c in
                   self.read(since="2026-06").checkpoints]
        self.assertEqual(through, ["2026-06", "2026-07", "2026-08"])

    def test_a_page_of_another_month_is_refused(self):
        self.publisher.answer(page("115_7"), mops("115年6", ("2330", "5")))
        said = self.read(since="2026-07")
        self.assertIn("the page is of 115/6, not of 115/7",
                      said.error["message"])

    def test_a_refusal_of_mops_is_transient(self):
        self.publisher.answer(page("115_7"), Answer(200, (
            "<html><body>查詢過於頻繁,請稍後再試</body></html>").encode()))
        error = self.read(since="2026-07").error
        self.assertEqual((error["class"], error["retryAfter"]),
                         ("TRANSIENT", "900.000s"))

    def test_a_renamed_column_of_mops_is_named(self):
        self.publisher.answer(page("115_7"), mops(
            "115年7", ("2330", "5"), column="當月合併營收"))
        said = self.read(since="2026-07")
        self.assertIn('no column "當月營收"; the nearest name there is '
                      '"當月合併營收"', said.error["message"])

    def test_a_renamed_field_of_the_exchange_is_named(self):
        renamed = row()
        renamed["營業收入-本月營收"] = renamed.pop("營業收入-當月營收")
        self.publisher.answer(NEWEST, newest(renamed))
        self.assertIn('no field "營業收入-當月營收"; the nearest name there is '
                      '"營業收入-本月營收"', self.read().error["message"])

    def test_an_unchanged_table_is_no_news(self):
        first = self.read()
        again = self.read(first.states())
        self.assertEqual(again.batches, [])
        self.assertIn("unchanged, no news", again.logs[0])
        self.assertEqual(again.states(), first.states())

    def test_a_corrected_month_before_is_delivered(self):
        first = self.read()
        self.publisher.answer(NEWEST, newest(row(before="467580549")))
        self.assertEqual(
            self.read(first.states()).values("company_revenue_twd"),
            {"2026-07": 467580549000, "2026-08": 514805337000})

    def test_a_company_that_is_nowhere_is_an_error(self):
        said = self.read(companies="2330=TSMC,9999=Nobody")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("no company 9999 (Nobody)", said.error["message"])

    def test_a_company_that_has_not_reported_yet_is_said(self):
        first = self.read()
        self.publisher.answer(NEWEST, newest(row("2303", "11509")))
        said = self.read(first.states(), history="mops")
        self.assertEqual(said.error, None)
        self.assertIn("TSMC (2330) has not reported yet", said.logs)

    def test_an_empty_table_is_an_error(self):
        self.publisher.answer(NEWEST, Answer(200, b"[]"))
        self.assertIn("no rows", self.read().error["message"])

    def test_finmind_dates_a_month_by_its_own_fields(self):
        self.publisher.answer(FINMIND, Answer(
            200, recorded("twse_mops/finmind_month_revenue.sample.json")))
        said = self.read(since="2016-01", history="finmind")
        self.assertEqual(said.batches[0]["periods"], ["2016-01"])
        self.assertEqual(said.batches[0]["values"], [70855235000])

    def test_the_history_of_finmind_comes_to_the_sample(self):
        table = os.path.join(SHARED, "chip_sales",
                             "tsmc_monthly_revenue_finmind_2016-2025.csv")
        if not os.path.exists(table):
            self.skipTest(f"needs {table}")
        with open(table, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.publisher.answer(FINMIND, Answer(200, json.dumps(
            {"msg": "success", "status": 200, "data": rows}).encode()))
        said = self.read(since="2016-01", history="finmind")
        with open(SAMPLE, newline="", encoding="utf-8") as file:
            wanted = {row["period"]: float(row["value"])
                      for row in csv.DictReader(file)}
        values = said.values("company_revenue_twd")
        self.assertGreater(len(values), 110)
        self.assertEqual(values, {p: wanted[p] for p in values})

    def test_a_used_up_quota_of_finmind_is_transient(self):
        self.publisher.answer(FINMIND, Answer(402, json.dumps({
            "msg": "Requests reach the upper limit.", "status": 402}).encode()))
        error = self.read(since="2016-01", history="finmind").error
        self.assertEqual((error["class"], error["retryAfter"]),
                         ("TRANSIENT", "3600.000s"))

    def test_a_wrong_token_of_finmind_is_a_config_error(self):
        self.publisher.answer(FINMIND, Answer(400, json.dumps({
            "msg": "Token is illegal", "status": 400}).encode()))
        error = self.read(since="2016-01", history="finmind",
                          secrets={"FINMIND_TOKEN": "secret99"}).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("FINMIND_TOKEN", error["message"])
        self.assertNotIn("secret99", error["message"])

    def test_companies_are_checked(self):
        error = self.read(companies="2330").error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn('"2330" is not of the form', error["message"])


class TwseManners(Manners, unittest.TestCase):
    plugin = "twse"
    path = NEWEST
    good = newest(row()).body
    config = {"since": ""}


if __name__ == "__main__":
    unittest.main()

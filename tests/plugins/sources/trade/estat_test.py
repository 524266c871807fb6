"""The estat plugin against a publisher on the loopback."""

import csv
import json
import os
import unittest

from publisher import Answer, Conversation, Publisher, recorded

SAMPLE = os.path.join(os.path.dirname(__file__),
                      "../../../../pipelines/sample/trade_japan.csv")
PATH = "/app/json/getStatsData"
JUNE = "estat_japan/RECORDED_getStatsData_8486_CN_2026.json"
RAW = "../trade/raw/{}_estat_jp_hs{}_exports_to_cn_{}.json"
SECRET = {"ESTAT_APP_ID": "app-id-1234567890"}
FIRST_MONTHS = "確報 品別国別表 輸出(1-2月：確報) 2026年"


def cell(month, value, line="848620000", area="50105", unit="千円",
         year="2026"):
    return {"@cat01": line, "@cat02": str(140 + 30 * month), "@area": area,
            "@time": year + "000000", "@unit": unit, "$": value}


def answer(cells, title=FIRST_MONTHS, updated="2026-06-26", following=None,
           names=None):
    names = names or {170: "1月_金額", 200: "2月_金額"}
    result = {"TOTAL_NUMBER": len(cells), "FROM_NUMBER": 1,
              "TO_NUMBER": len(cells)}
    if following:
        result["NEXT_KEY"] = following
    return Answer(200, json.dumps({"GET_STATS_DATA": {
        "RESULT": {"STATUS": 0, "ERROR_MSG": "正常に終了しました。"},
        "STATISTICAL_DATA": {
            "RESULT_INF": result,
            "TABLE_INF": {"TITLE": title, "UPDATED_DATE": updated},
            "CLASS_INF": {"CLASS_OBJ": [{"@id": "cat02", "CLASS": [
                {"@code": str(code), "@name": name}
                for code, name in names.items()]}]},
            "DATA_INF": {"VALUE": cells}}}}).encode())


def refusal(status, message):
    return Answer(200, json.dumps({"GET_STATS_DATA": {
        "RESULT": {"STATUS": status, "ERROR_MSG": message}}}).encode())


class EstatTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def conversation(self, secrets=SECRET, **config):
        return Conversation("estat", {
            "base_url": self.publisher.url, "tables": "0004049306",
            "partners": "CHN", "hs": "8486", **config}, secrets)

    def read(self, *answers, checkpoints=None, secrets=SECRET, **config):
        self.publisher.answer(PATH, *answers)
        return self.conversation(secrets, **config).read(checkpoints)

    def test_reads_the_recorded_answer(self):
        said = self.read(Answer(200, recorded(JUNE)))
        self.assertEqual(said.values("trade_value_jpy"), {
            "2026-01": 101449288000, "2026-02": 97621204000,
            "2026-03": 205892757000, "2026-04": 111798923000,
            "2026-05": 110774110000})

    def test_recorded_answers_come_to_the_bundled_sample(self):
        said = self.read(
            *(Answer(200, recorded(RAW.format(*name))) for name in (
                ("20260716", "8542", "0003425293"),
                ("20260730", "8542", "0004049306"))),
            tables="0003425293,0004049306", hs="8542")
        with open(SAMPLE, encoding="utf-8") as file:
            self.assertEqual(
                said.values("trade_value_jpy"),
                {r["period"]: float(r["value"]) for r in csv.DictReader(file)
                 if r["hs"] == "8542"})

    def test_writes_the_series_of_the_sample(self):
        series = self.read(answer([cell(1, "5")])).series[
            "JPN/export/8486/CHN"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"], series["vintageKind"]),
            ("trade_value_jpy", {
                "reporter": "JPN", "partner": "CHN", "flow": "export",
                "hs": "8486", "source": "japan_customs"}, "MONTHLY", "JPY",
             "NATIVE"))

    def test_lines_are_added(self):
        said = self.read(answer([cell(1, "5"), cell(1, "7", "848610000")]))
        self.assertEqual(said.values("trade_value_jpy"), {"2026-01": 12000})

    def test_months_that_are_not_published_are_left_out(self):
        said = self.read(answer([cell(2, "0"), cell(3, "0")]))
        self.assertEqual(said.values("trade_value_jpy"), {"2026-02": 0})

    def test_a_value_of_an_unpublished_month_is_refused(self):
        self.assertIn("2026-03 has a value, but the title says it is not "
                      "published", self.read(answer([cell(3, "1")]))
                      .error["message"])

    def test_a_title_without_months_ends_at_the_last_trade(self):
        said = self.read(answer([cell(1, "1"), cell(2, "0")],
                                "品別国別表 輸出 2026年"))
        self.assertEqual(said.values("trade_value_jpy"), {"2026-01": 1000})

    def test_only_what_is_fixed_is_final(self):
        said = self.read(answer(
            [cell(1, "1", year="2024"), cell(1, "1", year="2025")],
            "確報 品別国別表 輸出(1-12月：確定) 2021年～2024年 , "
            "(1-12月：確々報) 2025年"))
        self.assertEqual(said.batches[0]["statuses"],
                         ["FINAL", "PROVISIONAL"])

    def test_months_of_a_year_have_their_own_stages(self):
        said = self.read(answer(
            [cell(1, "1"), cell(2, "1")],
            "品別国別表 輸出(1月：確定、2月：速報) 2026年"))
        self.assertEqual(said.batches[0]["statuses"],
                         ["FINAL", "PROVISIONAL"])

    def test_values_are_known_at_the_end_of_the_day_of_the_update(self):
        said = self.read(answer([cell(1, "5")]))
        self.assertEqual(said.batches[0]["knownAt"],
                         "2026-06-26T23:59:59.999999Z")

    def test_imports_are_known_by_the_title(self):
        said = self.read(answer([cell(1, "5")],
                                "品別国別表 輸入(1-2月：確報) 2026年"))
        self.assertEqual(said.values("trade_value_jpy", flow="import"),
                         {"2026-01": 5000})

    def test_asks_for_the_lines_of_a_code(self):
        self.read(answer([cell(1, "5")]), partners="CHN,TWN")
        query = self.publisher.asked[0].query
        self.assertEqual(
            [query[n] for n in ("cdCat01From", "cdCat01To", "cdArea",
                                "cdTimeFrom")],
            ["848600000", "848699999", "50105,50106", "2021000000"])

    def test_pages_are_put_together(self):
        said = self.read(answer([cell(1, "5")], following=2),
                         answer([cell(1, "6", "848610000")]))
        self.assertEqual(
            (said.values("trade_value_jpy"),
             [a.query["startPosition"] for a in self.publisher.asked]),
            ({"2026-01": 11000}, ["1", "2"]))

    def test_a_checkpoint_follows_each_table_and_code(self):
        said = self.read(answer([cell(1, "5")]),
                         answer([cell(1, "5", "854231100")]), hs="8486,8542")
        self.assertEqual([c["stream"] for c in said.checkpoints],
                         ["0004049306/8486", "0004049306/8542"])

    def test_a_later_vintage_brings_the_new_month(self):
        first = self.read(Answer(200, recorded(JUNE)))
        said = self.read(
            Answer(200, recorded(RAW.format("20260730", "8486",
                                            "0004049306"))),
            checkpoints=first.states())
        self.assertEqual(
            (said.values("trade_value_jpy")["2026-06"],
             said.batches[0]["knownAt"]),
            (157062803000, "2026-07-30T23:59:59.999999Z"))

    def test_a_revised_month_has_its_new_value(self):
        first = self.read(answer([cell(1, "5"), cell(2, "6")]))
        said = self.read(answer([cell(1, "5"), cell(2, "7")],
                                updated="2026-07-30"),
                         checkpoints=first.states())
        self.assertEqual(said.values("trade_value_jpy"),
                         {"2026-01": 5000, "2026-02": 7000})

    def test_a_change_without_an_update_is_known_when_it_is_seen(self):
        first = self.read(answer([cell(1, "5")]))
        said = self.read(answer([cell(1, "6")]), checkpoints=first.states())
        self.assertEqual(said.batches[0]["knownAt"], "2026-09-15T12:00:00Z")

    def test_a_second_read_with_nothing_new_says_so(self):
        first = self.read(answer([cell(1, "5")]))
        said = self.read(answer([cell(1, "5")]), checkpoints=first.states())
        self.assertEqual(
            (said.observation_count(), said.logs, said.states()),
            (0, ["table 0004049306, HS 8486: unchanged since the update of "
                 "2026-06-26"], first.states()))

    def test_a_body_with_merge_conflicts_is_refused(self):
        error = self.read(Answer(200, recorded(
            "estat_japan/MALFORMED_body_with_merge_conflict_markers.json.txt"))
        ).error
        self.assertEqual(error["class"], "SYSTEM")
        self.assertIn('not JSON, or cut short after 22856 bytes; ',
                      error["message"])
        self.assertIn('it begins with "<<<<<<< HEAD', error["message"])

    def test_no_values_are_said(self):
        said = self.read(refusal(
            1, "正常に終了しましたが、該当データはありませんでした。"))
        self.assertEqual(
            said.logs, ["table 0004049306, HS 8486: no values since 2021-01"])

    def test_no_trade_with_a_partner_is_said(self):
        said = self.read(answer([cell(1, "5")]), partners="CHN,TWN")
        self.assertIn("table 0004049306, HS 8486: no trade with TWN",
                      said.logs)

    def test_a_missing_key_names_the_variable(self):
        error = self.read(answer([]), secrets={}).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("ESTAT_APP_ID is not set", error["message"])

    def test_a_wrong_key_names_the_variable(self):
        error = self.read(refusal(
            100, "認証に失敗しました。アプリケーションIDを確認して下さい。"
        )).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("check the application id in ESTAT_APP_ID; it is had at "
                      "https://www.e-stat.go.jp/api/", error["message"])

    def test_the_key_shows_in_no_error(self):
        self.assertNotIn(SECRET["ESTAT_APP_ID"], self.read(
            refusal(100, "認証")).error["message"])

    def test_a_wrong_parameter_is_a_fault_of_the_options(self):
        self.assertEqual(self.read(refusal(102, "x")).error["class"],
                         "CONFIG")

    def test_a_fault_of_the_service_is_tried_again(self):
        self.assertEqual(self.read(refusal(200, "x")).error["class"],
                         "TRANSIENT")

    def test_waits_as_long_as_429_says(self):
        said = self.read(Answer(429, b"", {"Retry-After": "0"}),
                         answer([cell(1, "5")]))
        self.assertEqual(said.observation_count(), 1)

    def test_asks_again_after_500(self):
        said = self.read(Answer(500, b"", {"Retry-After": "0"}),
                         answer([cell(1, "5")]))
        self.assertEqual(said.observation_count(), 1)

    def test_a_body_cut_short_is_asked_for_again(self):
        whole = answer([cell(1, "5")])
        said = self.read(Answer(200, whole.body, cut_after=50), whole)
        self.assertEqual(said.observation_count(), 1)

    def test_a_page_instead_of_data_is_shown(self):
        self.assertIn("<html>", self.read(
            Answer(200, b"<html>maintenance</html>")).error["message"])

    def test_another_unit_is_refused(self):
        self.assertIn('a value in "百万円", not in 千円', self.read(
            answer([cell(1, "5", unit="百万円")])).error["message"])

    def test_other_meanings_of_the_months_codes_are_refused(self):
        self.assertIn('code 170 is now "1月_数量"', self.read(
            answer([cell(1, "5")], names={170: "1月_数量"}))
            .error["message"])

    def test_a_renamed_field_names_the_nearest(self):
        renamed = cell(1, "5")
        renamed["@areas"] = renamed.pop("@area")
        self.assertIn('no "@area"; the nearest is "@areas"', self.read(
            answer([renamed])).error["message"])

    def test_the_world_is_not_offered(self):
        self.assertIn('"WLD" is no country code', self.read(
            answer([]), partners="WLD").error["message"])

    def test_check_names_the_table(self):
        self.publisher.answer(PATH, answer([cell(1, "5")]))
        said = self.conversation().say("check")
        self.assertEqual(said.messages[0]["check"]["message"],
                         FIRST_MONTHS + ", updated 2026-06-26")


if __name__ == "__main__":
    unittest.main()

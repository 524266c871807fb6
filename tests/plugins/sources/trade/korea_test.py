"""The korea plugin against a publisher on the loopback."""

import unittest

from publisher import Answer, Conversation, Publisher, recorded

BY_COUNTRY = "/nitemtrade/getNitemtradeList"
OF_ALL = "/Itemtrade/getItemtradeList"
SECRET = {"DATA_GO_KR_KEY": "ab+cd/ef=="}
TOTAL = ("<item><expDlr>9</expDlr><hsCd>-</hsCd><impDlr>9</impDlr>"
         "<statCd>-</statCd><year>총계</year></item>")


def item(year, exports, imports=1, line="8542", country="CN"):
    return (f"<item><balPayments>0</balPayments><expDlr>{exports}</expDlr>"
            f"<hsCd>{line}</hsCd><impDlr>{imports}</impDlr>"
            f"<statCd>{country}</statCd><year>{year}</year></item>")


def answer(*items, code="00", message="정상서비스."):
    return Answer(200, (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response>'
        f"<header><resultCode>{code}</resultCode><resultMsg>{message}"
        f"</resultMsg></header><body><items>{''.join(items)}</items></body>"
        "</response>").encode())


def portal_error(code, text):
    return Answer(200, (
        "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
        f"<returnAuthMsg>{text}</returnAuthMsg><returnReasonCode>{code}"
        "</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
        ).encode())


class KoreaTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def conversation(self, secrets=SECRET, now="2026-09-15T12:00:00Z",
                     **config):
        return Conversation("korea", {
            "base_url": self.publisher.url, "partners": "CHN", "hs": "8542",
            "flows": "export", "since": "2026-01", **config}, secrets, now)

    def read(self, *answers, checkpoints=None, path=BY_COUNTRY, **config):
        self.publisher.answer(path, *answers)
        return self.conversation(**config).read(checkpoints)

    def test_reads_the_documented_answer(self):
        said = self.read(Answer(200, recorded(
            "korea_customs/nitemtrade.sample.xml")), flows="export,import")
        self.assertEqual(
            (said.values("trade_value_usd", flow="export"),
             said.values("trade_value_usd", flow="import")),
            ({"2026-06": 12345678901}, {"2026-06": 4567890123}))

    def test_the_world_is_read_of_the_table_by_code(self):
        said = self.read(Answer(200, recorded(
            "korea_customs/itemtrade_hs10.sample.xml")), path=OF_ALL,
            partners="WLD", hs="8541")
        self.assertEqual(said.values("trade_value_usd", partner="WLD"),
                         {"2026-01": 7170747})

    def test_series_carry_labels_unit_and_publisher(self):
        series = self.conversation().say("discover").series[
            "KOR/export/8542/CHN"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"], series["vintageKind"], series["sourceName"]),
            ("trade_value_usd", {
                "reporter": "KOR", "partner": "CHN", "flow": "export",
                "hs": "8542", "source": "korea_customs"}, "MONTHLY", "USD",
             "OBSERVED", "Korea Customs Service (KOGL type 1)"))

    def test_lines_are_added(self):
        said = self.read(answer(TOTAL, item("2026.01", 5, line="854231"),
                                item("2026.01", 7, line="854232")))
        self.assertEqual(said.values("trade_value_usd"), {"2026-01": 12})

    def test_the_line_of_the_code_itself_is_the_whole(self):
        said = self.read(answer(item("2026.01", 12),
                                item("2026.01", 5, line="854231")))
        self.assertEqual(said.values("trade_value_usd"), {"2026-01": 12})

    def test_lines_that_may_contain_others_are_refused(self):
        error = self.read(answer(item("2026.01", 5, line="854231"),
                                 item("2026.01", 5, line="8542311000"))).error
        self.assertIn("lines of several lengths, 854231, 8542311000",
                      error["message"])

    def test_a_lost_zero_is_put_back(self):
        said = self.read(answer(item("2026.01", 5, line="106")), hs="0106")
        self.assertEqual(said.values("trade_value_usd"), {"2026-01": 5})

    def test_asks_for_twelve_months_at_a_time(self):
        self.read(answer(), since="2024-07")
        self.assertEqual(
            [(a.query["strtYymm"], a.query["endYymm"])
             for a in self.publisher.asked],
            [("202407", "202506"), ("202507", "202606"),
             ("202607", "202608")])

    def test_a_checkpoint_follows_each_request(self):
        said = self.read(answer(), since="2024-07")
        self.assertEqual(len(said.checkpoints), 3)

    def test_goes_on_where_a_read_was_cut_off(self):
        first = self.read(answer(), since="2022-01")
        cut_off = {"8542/CHN": first.checkpoints[1]["state"]}
        self.publisher.asked.clear()
        self.read(answer(), since="2022-01", checkpoints=cut_off)
        self.assertEqual(self.publisher.asked[0].query["strtYymm"], "202401")

    def test_later_reads_go_back_to_january_of_last_year(self):
        first = self.read(answer(), since="2016-01")
        self.publisher.asked.clear()
        self.read(answer(), since="2016-01", checkpoints=first.states())
        self.assertEqual(
            [a.query["strtYymm"] for a in self.publisher.asked],
            ["202501", "202601"])

    def test_other_options_read_all_again(self):
        first = self.read(answer(), since="2016-01")
        self.publisher.asked.clear()
        self.read(answer(), since="2020-01", checkpoints=first.states())
        self.assertEqual(self.publisher.asked[0].query["strtYymm"], "202001")

    def test_a_second_read_with_nothing_new_says_so(self):
        first = self.read(answer(item("2026.01", 5)))
        said = self.read(answer(item("2026.01", 5)),
                         checkpoints=first.states())
        self.assertEqual(
            (said.observation_count(), said.logs, said.states()),
            (0, ["8542/CHN: unchanged"], first.states()))

    def test_a_revised_month_has_its_new_value(self):
        first = self.read(answer(item("2026.01", 5), item("2026.02", 6)))
        said = self.read(answer(item("2026.01", 5), item("2026.02", 7)),
                         checkpoints=first.states())
        self.assertEqual(said.values("trade_value_usd"),
                         {"2026-01": 5, "2026-02": 7})

    def test_no_trade_is_said(self):
        self.assertEqual(self.read(answer(TOTAL)).logs,
                         ["8542/CHN: no trade in the months asked for"])

    def test_a_missing_key_names_the_variable(self):
        error = self.read(answer(), secrets={}).error
        self.assertIn("DATA_GO_KR_KEY is not set", error["message"])

    def test_a_wrong_key_names_the_variable(self):
        error = self.read(portal_error(
            "30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR")).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("SERVICE_KEY_IS_NOT_REGISTERED_ERROR; check the key in "
                      "DATA_GO_KR_KEY", error["message"])

    def test_a_key_without_subscription_names_the_data_sets(self):
        error = self.read(Answer(403, b"Forbidden")).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("15100475 and 15101609", error["message"])

    def test_a_used_up_quota_is_tried_later(self):
        error = self.read(portal_error(
            "22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR")).error
        self.assertEqual((error["class"], error["retryAfter"]),
                         ("TRANSIENT", "3600.000s"))

    def test_a_key_that_is_percent_encoded_is_the_same_key(self):
        self.read(answer(), secrets={"DATA_GO_KR_KEY": "ab%2Bcd%2Fef%3D%3D"})
        self.assertEqual(self.publisher.asked[0].query["serviceKey"],
                         "ab+cd/ef==")

    def test_the_key_shows_in_no_error(self):
        self.assertNotIn("ab+cd", self.read(Answer(403, b""))
                         .error["message"])

    def test_waits_as_long_as_429_says(self):
        said = self.read(Answer(429, b"", {"Retry-After": "0"}),
                         answer(item("2026.01", 5)))
        self.assertEqual(said.observation_count(), 1)

    def test_asks_again_after_500(self):
        said = self.read(Answer(500, b"", {"Retry-After": "0"}),
                         answer(item("2026.01", 5)))
        self.assertEqual(said.observation_count(), 1)

    def test_a_body_cut_short_is_asked_for_again(self):
        whole = answer(item("2026.01", 5))
        said = self.read(Answer(200, whole.body, cut_after=50), whole)
        self.assertEqual(said.observation_count(), 1)

    def test_a_page_instead_of_data_is_shown(self):
        self.assertIn("an answer without a resultCode, of <html>", self.read(
            Answer(200, b"<html><body>maintenance</body></html>"))
            .error["message"])

    def test_text_instead_of_data_is_shown(self):
        self.assertIn("Unexpected errors", self.read(
            Answer(200, b"Unexpected errors")).error["message"])

    def test_a_renamed_field_names_the_nearest(self):
        renamed = item("2026.01", 5).replace("expDlr", "expDlrs")
        self.assertIn('no "expDlr"; the nearest is "expDlrs"',
                      self.read(answer(renamed)).error["message"])

    def test_another_form_of_months_is_refused(self):
        self.assertIn('the month "2026-01" is not written like 2026.06',
                      self.read(answer(item("2026-01", 5))).error["message"])

    def test_another_country_is_refused(self):
        self.assertIn("was not asked for", self.read(
            answer(item("2026.01", 5, country="JP"))).error["message"])

    def test_korea_is_no_partner_of_its_own(self):
        self.assertIn('"KOR" is no country code', self.read(
            answer(), partners="KOR").error["message"])

    def test_check_says_how_far_the_data_go(self):
        self.publisher.answer(BY_COUNTRY, answer(item("2026.08", 5)))
        said = self.conversation().say("check")
        self.assertEqual(said.messages[0]["check"]["message"],
                         "8542/CHN is there up to 2026-08")


if __name__ == "__main__":
    unittest.main()

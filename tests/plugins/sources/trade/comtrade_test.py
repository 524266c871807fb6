"""The comtrade plugin against a publisher on the loopback. The envelope, the
fields and the texts of errors are those of the service."""

import json
import unittest

from publisher import Answer, Conversation, Publisher, recorded

SECRET = {"COMTRADE_API_KEY": "key-1234567890"}
AVAILABLE = "/data/v1/getDa/C/M/HS"
DATA = "/data/v1/get/C/M/HS"
PREVIEW = "/public/v1/preview/C/M/HS"


def envelope(rows, **more):
    return Answer(200, json.dumps({
        "elapsedTime": "0.35 secs", "count": len(rows), "data": rows,
        "error": "", **more}).encode())


def dataset(period, released="2025-04-02T07:26:00", **more):
    return {"datasetCode": 20250101, "typeCode": "C", "freqCode": "M",
            "period": period, "reporterCode": 458, "reporterISO": "MYS",
            "classificationCode": "H6", "isOriginalClassification": True,
            "totalRecords": 9, "datasetChecksum": 1,
            "firstReleased": "2025-03-20T00:00:00", "lastReleased": released,
            **more}


def row(value, period="202501", partner=0, **more):
    return {"typeCode": "C", "freqCode": "M", "period": period,
            "reporterCode": 458, "flowCode": "X", "partnerCode": partner,
            "partner2Code": 0, "cmdCode": "8542", "customsCode": "C00",
            "motCode": 0, "primaryValue": value, **more}


def of_period(values):
    """Answers each request with the rows of the periods it asks for."""
    def answer(asked):
        return envelope([row(values[p], p)
                         for p in asked.query["period"].split(",")
                         if p in values])
    return answer


class ComtradeTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())
        self.publisher.answer(AVAILABLE, envelope([dataset("202501")]))
        self.publisher.answer(DATA, envelope([row(7.5)]))

    def conversation(self, secrets=SECRET, **config):
        return Conversation("comtrade", {
            "base_url": self.publisher.url, "reporters": "MYS",
            "partners": "WLD,CHN", "flows": "export", "hs": "8542",
            "since": "2024-11", **config}, secrets)

    def requests(self, path):
        return [a for a in self.publisher.asked if a.path == path]

    def test_reads_the_documented_rows(self):
        rows = json.loads(recorded(
            "comtrade/get_C_A_and_M_HS_8542.sample.json"))["data"]
        self.publisher.answer(DATA, envelope(
            [r for r in rows if r["freqCode"] == "M"]))
        said = self.conversation().read()
        self.assertEqual(said.values("trade_value_usd", partner="WLD"),
                         {"2025-01": 7100791865.963})

    def test_reads_annual_rows(self):
        rows = json.loads(recorded(
            "comtrade/get_C_A_and_M_HS_8542.sample.json"))["data"]
        self.publisher.answer("/data/v1/getDa/C/A/HS",
                              envelope([dataset(2024)]))
        self.publisher.answer("/data/v1/get/C/A/HS", envelope(
            [r for r in rows if r["freqCode"] == "A"]))
        said = self.conversation(reporters="USA", frequency="annual",
                                 since="2020").read()
        self.assertEqual(said.values("trade_value_usd", partner="WLD"),
                         {"2024": 50634521686})

    def test_series_carry_labels_unit_and_publisher(self):
        said = self.conversation(partners="TWN").say("discover")
        series = said.series["MYS/export/8542/TWN"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"], series["vintageKind"], series["sourceName"]),
            ("trade_value_usd", {
                "reporter": "MYS", "partner": "TWN", "flow": "export",
                "hs": "8542", "source": "comtrade"}, "MONTHLY", "USD",
             "NATIVE", "UN Comtrade (no redistribution without permission)"))

    def test_asks_for_taiwan_as_other_asia(self):
        self.publisher.answer(DATA, envelope([row(3, partner=490)]))
        said = self.conversation(partners="TWN").read()
        self.assertEqual(said.values("trade_value_usd", partner="TWN"),
                         {"2025-01": 3})

    def test_values_are_known_at_the_release_of_their_dataset(self):
        said = self.conversation().read()
        self.assertEqual(said.batches[0]["knownAt"],
                         "2025-04-02T23:59:59.999999Z")

    def test_parts_are_not_added_to_the_whole(self):
        self.publisher.answer(DATA, envelope([
            row(7.5), row(5, motCode=1000), row(2, customsCode="C05"),
            row(1, partner2Code=344)]))
        said = self.conversation().read()
        self.assertEqual(said.values("trade_value_usd", partner="WLD"),
                         {"2025-01": 7.5})

    def test_asks_for_the_whole_alone(self):
        self.conversation().read()
        query = self.requests(DATA)[0].query
        self.assertEqual(
            {n: query[n] for n in ("partner2Code", "customsCode", "motCode",
                                   "partnerCode", "flowCode", "cmdCode")},
            {"partner2Code": "0", "customsCode": "C00", "motCode": "0",
             "partnerCode": "0,156", "flowCode": "X", "cmdCode": "8542"})

    def test_asks_for_twelve_periods_at_a_time(self):
        periods = [f"2025{m:02}" for m in range(1, 13)] + ["202601"]
        self.publisher.answer(AVAILABLE,
                              envelope([dataset(p) for p in periods]))
        self.publisher.answer(DATA, of_period({p: 1 for p in periods}))
        self.conversation().read()
        self.assertEqual([len(a.query["period"].split(","))
                          for a in self.requests(DATA)], [12, 1])

    def test_a_checkpoint_follows_each_request(self):
        periods = [f"2025{m:02}" for m in range(1, 13)] + ["202601"]
        self.publisher.answer(AVAILABLE,
                              envelope([dataset(p) for p in periods]))
        self.publisher.answer(DATA, of_period({p: 1 for p in periods}))
        said = self.conversation().read()
        self.assertEqual([c["stream"] for c in said.checkpoints],
                         ["MYS", "MYS"])

    def test_goes_on_where_a_read_was_cut_off(self):
        periods = [f"2025{m:02}" for m in range(1, 13)] + ["202601"]
        self.publisher.answer(AVAILABLE,
                              envelope([dataset(p) for p in periods]))
        self.publisher.answer(DATA, of_period({p: 1 for p in periods}))
        first = self.conversation().read()
        said = self.conversation().read(
            {"MYS": first.checkpoints[0]["state"]})
        self.assertEqual(said.values("trade_value_usd", partner="WLD"),
                         {"2026-01": 1})

    def test_without_a_key_reads_the_preview_a_period_at_a_time(self):
        self.publisher.answer("/public/v1/getDa/C/M/HS", envelope(
            [dataset("202501"), dataset("202502")]))
        self.publisher.answer(PREVIEW, of_period({"202501": 1, "202502": 2}))
        said = self.conversation(secrets=None).read()
        self.assertEqual(said.values("trade_value_usd", partner="WLD"),
                         {"2025-01": 1, "2025-02": 2})

    def test_an_answer_as_long_as_may_be_is_refused(self):
        self.publisher.answer("/public/v1/getDa/C/M/HS",
                              envelope([dataset("202501")]))
        self.publisher.answer(PREVIEW, envelope([row(1)] * 500))
        said = self.conversation(secrets=None).read()
        self.assertIn("name fewer partners or HS codes, or set "
                      "COMTRADE_API_KEY", said.error["message"])

    def test_a_second_read_with_nothing_new_says_so(self):
        first = self.conversation().read()
        said = self.conversation().read(first.states())
        self.assertEqual(
            (said.observation_count(), said.logs),
            (0, ["MYS: unchanged, none of 1 datasets was released since the "
                 "last read"]))

    def test_the_same_checkpoint_twice_gives_the_same_state(self):
        first = self.conversation().read()
        said = self.conversation().read(first.states())
        self.assertEqual(said.states(), first.states())

    def test_a_dataset_released_again_is_read_again(self):
        first = self.conversation().read()
        self.publisher.answer(AVAILABLE, envelope(
            [dataset("202501", "2025-09-01T00:00:00")]))
        self.publisher.answer(DATA, envelope([row(8)]))
        said = self.conversation().read(first.states())
        self.assertEqual(
            [(b["values"], b["knownAt"]) for b in said.batches if b["values"]],
            [([8], "2025-09-01T23:59:59.999999Z")])

    def test_what_a_new_release_lacks_is_withdrawn(self):
        first = self.conversation(partners="WLD").read()
        self.publisher.answer(AVAILABLE, envelope(
            [dataset("202501", "2025-09-01T00:00:00")]))
        self.publisher.answer(DATA, envelope([]))
        said = self.conversation(partners="WLD").read(first.states())
        self.assertEqual([b["withdrawnPeriods"] for b in said.batches],
                         [["2025-01"]])

    def test_other_options_read_all_again(self):
        first = self.conversation().read()
        said = self.conversation(partners="WLD").read(first.states())
        self.assertEqual(said.observation_count(), 1)

    def test_conversions_to_other_classifications_are_no_releases(self):
        first = self.conversation().read()
        self.publisher.answer(AVAILABLE, envelope([
            dataset("202501"),
            dataset("202501", "2025-12-01T00:00:00",
                    isOriginalClassification=False)]))
        said = self.conversation().read(first.states())
        self.assertEqual(said.observation_count(), 0)

    def test_waits_as_long_as_429_says(self):
        self.publisher.answer(
            DATA, Answer(429, b'{"statusCode":429,"message":"Rate limit is '
                         b'exceeded. Try again in 1 seconds."}',
                         {"Retry-After": "0"}), envelope([row(7.5)]))
        self.assertEqual(self.conversation().read().observation_count(), 1)

    def test_asks_again_after_500(self):
        self.publisher.answer(DATA, Answer(500, b"", {"Retry-After": "0"}),
                              envelope([row(7.5)]))
        self.assertEqual(self.conversation().read().observation_count(), 1)

    def test_a_body_cut_short_is_asked_for_again(self):
        whole = envelope([row(7.5)])
        self.publisher.answer(DATA, Answer(200, whole.body, cut_after=40),
                              whole)
        self.assertEqual(self.conversation().read().observation_count(), 1)

    def test_a_used_up_quota_says_when_to_come_back(self):
        self.publisher.answer(DATA, Answer(
            403, b'{"statusCode":403,"message":"Out of call volume quota. '
            b'Quota will be replenished in 03:14:17."}'))
        error = self.conversation().read().error
        self.assertEqual((error["class"], error["retryAfter"]),
                         ("TRANSIENT", "11657.000s"))

    def test_a_quota_of_days_is_understood(self):
        self.publisher.answer(DATA, Answer(
            403, b'{"statusCode":403,"message":"Out of call volume quota. '
            b'Quota will be replenished in 1.00:00:01."}'))
        self.assertEqual(self.conversation().read().error["retryAfter"],
                         "86401.000s")

    def test_a_wrong_key_names_the_variable(self):
        self.publisher.answer(AVAILABLE, Answer(
            401, b'{"statusCode":401,"message":"Access denied due to invalid '
            b'subscription key. Make sure to provide a valid key for an active'
            b' subscription."}'))
        error = self.conversation().read().error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("check the key in COMTRADE_API_KEY; keys are had at "
                      "https://comtradedeveloper.un.org", error["message"])

    def test_the_key_shows_in_no_error(self):
        self.publisher.answer(AVAILABLE, Answer(401, b"denied"))
        self.assertNotIn(SECRET["COMTRADE_API_KEY"],
                         self.conversation().read().error["message"])

    def test_a_renamed_field_names_the_nearest(self):
        renamed = row(7.5)
        renamed["primaryVal"] = renamed.pop("primaryValue")
        self.publisher.answer(DATA, envelope([renamed]))
        self.assertIn('no "primaryValue"; the nearest is "primaryVal"',
                      self.conversation().read().error["message"])

    def test_a_page_instead_of_data_is_shown(self):
        self.publisher.answer(DATA, Answer(200, b"<html>maintenance</html>"))
        self.assertIn("<html>maintenance",
                      self.conversation().read().error["message"])

    def test_an_error_in_the_envelope_is_an_error(self):
        self.publisher.answer(DATA, envelope([], error="Invalid cmdCode"))
        self.assertIn("Invalid cmdCode",
                      self.conversation().read().error["message"])

    def test_a_row_that_was_not_asked_for_is_refused(self):
        self.publisher.answer(DATA, envelope([row(1, reporterCode=702)]))
        self.assertIn("was not asked for",
                      self.conversation().read().error["message"])

    def test_a_row_that_comes_twice_is_refused(self):
        self.publisher.answer(DATA, envelope([row(1), row(1)]))
        self.assertIn("comes a second time",
                      self.conversation().read().error["message"])

    def test_a_reporter_without_data_is_said(self):
        self.publisher.answer(AVAILABLE, envelope([]))
        self.assertEqual(self.conversation().read().logs,
                         ["MYS: no monthly dataset since 2024-11"])

    def test_taiwan_is_no_reporter(self):
        self.assertIn("TWN does not report",
                      self.conversation(reporters="TWN").read()
                      .error["message"])

    def test_an_unknown_country_names_the_nearest(self):
        self.assertIn('"MAL" is no country code that is known here; the '
                      'nearest is "', self.conversation(reporters="MAL").read()
                      .error["message"])

    def test_check_says_how_far_the_data_go(self):
        said = self.conversation().say("check")
        self.assertEqual(said.messages, [{"check": {
            "ok": True, "message": "1 datasets of MYS, up to 2025-01"}}])


if __name__ == "__main__":
    unittest.main()

"""The ooni source against a publisher on the loopback."""

import json
import unittest

from publisher import Answer, Conversation, Publisher, recorded
from troubles import Troubles

AGGREGATION = "/api/v1/aggregation"


def row(day, country, anomaly, confirmed, failure, ok):
    return {"measurement_start_day": day, "probe_cc": country,
            "anomaly_count": anomaly, "confirmed_count": confirmed,
            "failure_count": failure, "ok_count": ok,
            "measurement_count": anomaly + confirmed + failure + ok}


def found(*rows):
    return Answer(200, json.dumps(
        {"v": 0, "dimension_count": 2, "result": rows}).encode())


def ooni(url, **config):
    return Conversation("ooni", {
        "base_url": url, "domains": "chatgpt.com", "countries": "CHN,USA",
        "since": "2026-04", **config})


class OoniTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, *answers, checkpoints=None, **config):
        self.publisher.answer(AGGREGATION, *answers)
        return ooni(self.publisher.url, **config).read(checkpoints)

    def test_counts_the_outcomes_by_country_and_month(self):
        said = self.read(found(row("2026-08-01", "CN", 12, 1, 3, 4),
                               row("2026-09-01", "CN", 6, 0, 1, 1)))
        self.assertEqual(
            {outcome: said.values("ooni_measurements", country="CHN",
                                  domain="chatgpt.com", outcome=outcome)
             for outcome in ("anomaly", "confirmed", "failure", "ok")},
            {"anomaly": {"2026-08": 12, "2026-09": 6},
             "confirmed": {"2026-08": 1, "2026-09": 0},
             "failure": {"2026-08": 3, "2026-09": 1},
             "ok": {"2026-08": 4, "2026-09": 1}})

    def test_reads_the_documented_rows(self):
        said = self.read(Answer(200, recorded(
            "ooni/aggregation_2d.sample.json")))
        self.assertEqual(
            [said.values("ooni_measurements", country=country,
                         outcome="anomaly")
             for country in ("CHN", "USA")],
            [{"2026-04": 12}, {"2026-04": 3}])

    def test_names_the_licence(self):
        said = self.read(found(row("2026-08-01", "CN", 1, 0, 0, 0)))
        self.assertIn("CC BY-NC-SA 4.0",
                      next(iter(said.series.values()))["sourceName"])

    def test_asks_for_countries_by_two_letters(self):
        self.read(found(row("2026-08-01", "CN", 1, 0, 0, 0)))
        self.assertEqual(self.publisher.asked[0].query["probe_cc"], "CN,US")

    def test_asks_a_year_at_a_time(self):
        self.read(found(row("2026-08-01", "CN", 1, 0, 0, 0)), since="2024-11")
        self.assertEqual(
            [(a.query["since"], a.query["until"])
             for a in self.publisher.asked],
            [("2024-11-01", "2025-01-01"), ("2025-01-01", "2026-01-01"),
             ("2026-01-01", "2026-09-16")])

    def test_commits_each_year(self):
        said = self.read(found(row("2026-08-01", "CN", 1, 0, 0, 0)),
                         Answer(400, b'{"msg":"no"}'), since="2024-11")
        self.assertEqual(len(said.checkpoints), 1)

    def test_marks_the_running_month_as_partial(self):
        said = self.read(found(row("2026-09-01", "CN", 6, 0, 1, 1)))
        self.assertEqual(said.batches[0]["statuses"], ["PARTIAL"])

    def test_asks_again_from_two_months_before(self):
        answer = found(row("2026-08-01", "CN", 12, 1, 3, 4))
        first = self.read(answer)
        self.read(answer, checkpoints=first.states())
        self.assertEqual(self.publisher.asked[-1].query["since"], "2026-07-01")

    def test_sends_a_month_that_has_grown(self):
        first = self.read(found(row("2026-08-01", "CN", 12, 1, 3, 4)))
        said = self.read(found(row("2026-08-01", "CN", 13, 1, 3, 4)),
                         checkpoints=first.states())
        self.assertEqual(said.values("ooni_measurements", outcome="anomaly"),
                         {"2026-08": 13})

    def test_says_that_nothing_is_new(self):
        answer = found(row("2026-08-01", "CN", 12, 1, 3, 4))
        second = self.read(answer, checkpoints=self.read(answer).states())
        said = self.read(answer, checkpoints=second.states())
        self.assertEqual((said.batches, said.logs),
                         ([], ["chatgpt.com: nothing is new"]))

    def test_says_the_same_with_the_same_checkpoint(self):
        answer = found(row("2026-08-01", "CN", 12, 1, 3, 4))
        states = self.read(answer).states()
        self.assertEqual(self.read(answer, checkpoints=states).messages,
                         self.read(answer, checkpoints=states).messages)

    def test_asks_for_days_where_the_series_are_daily(self):
        said = self.read(found(row("2026-08-02", "CN", 12, 1, 3, 4)),
                         frequency="daily")
        self.assertEqual(self.publisher.asked[0].query["time_grain"], "day")
        self.assertEqual(said.values("ooni_measurements", outcome="ok"),
                         {"2026-08-02": 4})

    def test_finds_the_error_in_an_answer_with_status_200(self):
        said = self.read(Answer(
            200, b'{"msg":"Axis X and Y cannot be the same","v":0}'))
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn("Axis X and Y cannot be the same",
                      said.error["message"])

    def test_shows_the_error_of_a_refused_question(self):
        said = self.read(Answer(
            400, b'{"msg":"Invalid since and until values","v":0}'))
        self.assertIn("Invalid since and until values", said.error["message"])

    def test_names_the_field_that_was_renamed(self):
        changed = row("2026-08-01", "CN", 12, 1, 3, 4)
        changed["anomalies"] = changed.pop("anomaly_count")
        said = self.read(found(changed))
        self.assertIn("anomaly_count", said.error["message"])

    def test_warns_of_outcomes_that_do_not_add_up(self):
        changed = {**row("2026-08-01", "CN", 12, 1, 3, 4),
                   "measurement_count": 99}
        said = self.read(found(changed))
        self.assertIn("come to 20, not to the 99 measurements", said.logs[0])

    def test_warns_of_a_domain_without_measurements(self):
        said = self.read(found())
        self.assertIn("has no measurements", said.logs[-1])

    def test_refuses_a_country_of_two_letters(self):
        said = self.read(found(), countries="CN")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn('"CN"', said.error["message"])

    def test_refuses_an_address_in_place_of_a_domain(self):
        said = self.read(found(), domains="https://chatgpt.com/")
        self.assertEqual(said.error["class"], "CONFIG")

    def test_checks_by_one_question(self):
        self.publisher.answer(AGGREGATION, found())
        said = ooni(self.publisher.url).say("check")
        self.assertEqual((len(self.publisher.asked),
                          said.messages[-1]["check"]["ok"]), (1, True))


class OoniTroublesTest(Troubles, unittest.TestCase):
    path = AGGREGATION
    body = found(row("2026-08-01", "CN", 12, 1, 3, 4)).body

    def conversation(self, url):
        return ooni(url)


if __name__ == "__main__":
    unittest.main()

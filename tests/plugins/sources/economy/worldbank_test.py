"""The worldbank source: pages of rows, and errors that come with 200."""

import json
import unittest

from manners import Manners
from publisher import Answer, Conversation, Publisher, recorded

PATH = "/country/CHN;USA/indicator/NY.GDP.MKTP.CD"
COUNTRIES = {"countries": "CHN,USA"}


def row(country, date, value, status=""):
    return {"indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP"},
            "country": {"id": country[:2], "value": country},
            "countryiso3code": country, "date": date, "value": value,
            "unit": "", "obs_status": status, "decimal": 0}


def answer(*rows, page=1, pages=1, updated="2026-07-01"):
    return Answer(200, json.dumps([
        {"page": page, "pages": pages, "per_page": 5000, "total": len(rows),
         "sourceid": "2", "lastupdated": updated}, list(rows)]).encode())


class WorldBankTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def read(self, *found, checkpoints=None, **config):
        if found:
            self.publisher.answer(PATH, *found)
        return Conversation("worldbank", {
            "base_url": self.publisher.url, **COUNTRIES, **config}).read(
                checkpoints)

    def test_the_documented_body(self):
        said = self.read(Answer(200, recorded(
            "worldbank/indicator.sample.json")))
        self.assertEqual(said.values("gdp_usd", country="CHN"),
                         {"2022": 17963170521079.8})

    def test_values_are_known_since_the_last_update(self):
        said = self.read(answer(row("CHN", "2024", 1)))
        self.assertEqual(said.batches[0]["knownAt"],
                         "2026-07-01T23:59:59.999999Z")

    def test_an_update_of_tomorrow_is_known_now(self):
        said = self.read(answer(row("CHN", "2024", 1), updated="2026-09-16"))
        self.assertEqual(said.batches[0]["knownAt"], "2026-09-15T12:00:00Z")

    def test_pages_are_put_together(self):
        def pages(asked):
            number = int(asked.query["page"])
            return answer(row("CHN", str(2020 + number), number),
                          page=number, pages=3)
        said = self.read(pages)
        self.assertEqual(said.values("gdp_usd", country="CHN"),
                         {"2021": 1, "2022": 2, "2023": 3})

    def test_a_page_that_comes_again_is_refused(self):
        said = self.read(answer(row("CHN", "2024", 1), pages=2))
        self.assertIn("page 1 in place of page 2", said.error["message"])

    def test_estimates_are_marked(self):
        said = self.read(answer(row("CHN", "2023", 1),
                                row("CHN", "2024", 2, "E")))
        self.assertEqual(said.batches[0]["statuses"], ["FINAL", "ESTIMATED"])

    def test_quarters_and_months_are_read(self):
        said = self.read(answer(row("CHN", "2024Q2", 1)))
        self.assertEqual(said.batches[0]["periods"], ["2024-Q2"])

    def test_each_series_is_delivered_whole(self):
        said = self.read(answer(row("CHN", "2024", 1), row("USA", "2024", 2)))
        self.assertEqual([b["snapshot"] for b in said.batches], [True, True])

    def test_a_revision_changes_its_value_alone(self):
        rows = [row("CHN", "2023", 1), row("CHN", "2024", 2)]
        first = self.read(answer(*rows))
        rows[0]["value"] = 1.5
        said = self.read(answer(*rows, updated="2026-08-01"),
                         checkpoints=first.states())
        self.assertEqual(said.values("gdp_usd"), {"2023": 1.5, "2024": 2})

    def test_an_unchanged_answer_is_no_news(self):
        first = self.read(answer(row("CHN", "2024", 1)))
        again = self.read(checkpoints=first.states())
        self.assertEqual((again.batches, again.states()),
                         ([], first.states()))
        self.assertIn("NY.GDP.MKTP.CD: unchanged, no news", again.logs)

    def test_other_options_read_again(self):
        first = self.read(answer(row("CHN", "2024", 1)))
        self.publisher.answer(PATH.replace(";USA", ""),
                              answer(row("CHN", "2024", 1)))
        again = self.read(checkpoints=first.states(), countries="CHN")
        self.assertEqual(again.observation_count(), 1)

    def test_an_error_with_status_200_is_a_config_error(self):
        error = self.read(Answer(200, json.dumps([{"message": [
            {"id": "120", "key": "Invalid value",
             "value": "The provided parameter value is not valid"}]}]).encode())
        ).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("the indicator NY.GDP.MKTP.CD or a country of CHN;USA is "
                      "not known", error["message"])

    def test_no_rows_are_said(self):
        error = self.read(Answer(200, json.dumps(
            [{"page": 0, "pages": 0, "total": 0}, None]).encode())).error
        self.assertIn("no rows of NY.GDP.MKTP.CD", error["message"])

    def test_a_renamed_field_is_named(self):
        renamed = row("CHN", "2024", 1)
        renamed["values"] = renamed.pop("value")
        self.assertIn('no field "value"; the nearest name there is "values"',
                      self.read(answer(renamed)).error["message"])

    def test_another_indicator_needs_a_metric(self):
        error = self.read(indicators="SL.UEM.TOTL.ZS").error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("give its metric and unit", error["message"])

    def test_another_indicator_has_the_metric_given(self):
        self.publisher.answer(PATH.replace("NY.GDP.MKTP.CD", "SL.X"),
                              answer(row("CHN", "2024", 4)))
        said = self.read(indicators="SL.X=joblessness:percent")
        self.assertEqual(said.values("joblessness"), {"2024": 4})


class WorldBankManners(Manners, unittest.TestCase):
    plugin = "worldbank"
    path = PATH
    good = answer(row("CHN", "2024", 1)).body
    config = COUNTRIES


if __name__ == "__main__":
    unittest.main()

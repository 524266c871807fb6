"""The nbs source: easyquery's nodes, and how it refuses."""

import json
import unittest

from manners import HTML, Manners
from publisher import Answer, Conversation, Publisher, recorded

PATH = "/easyquery.htm"


def answer(values, names=None, units=None):
    """{(code, month): value}; None has no data."""
    names = names or {"A1": "集成电路产量_当期值", "A2": "集成电路产量_同比增长"}
    units = units or {"A1": "亿块", "A2": "%"}
    return Answer(200, json.dumps({"returncode": 200, "returndata": {
        "datanodes": [{
            "code": "x", "data": {"data": value or 0,
                                  "hasdata": value is not None},
            "wds": [{"wdcode": "zb", "valuecode": code},
                    {"wdcode": "sj", "valuecode": month}]}
            for (code, month), value in values.items()],
        "wdnodes": [{"wdcode": "zb", "nodes": [
            {"code": code, "cname": name, "unit": units[code]}
            for code, name in names.items()]}]}}).encode())


class NbsTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def read(self, *found, checkpoints=None, **config):
        self.publisher.answer(PATH, *found)
        return Conversation("nbs", {
            "base_url": self.publisher.url, "groups": "A020H",
            **config}).read(checkpoints)

    def test_the_documented_body(self):
        said = self.read(Answer(200, recorded(
            "nbs_gacc/easyquery_month.sample.json")))
        self.assertEqual(said.values("chip_output_units", country="CHN"),
                         {"2025-10": 41770000000.0})

    def test_growth_is_the_series_of_the_sample(self):
        said = self.read(answer({("A2", "202510"): 17.7}))
        series = said.series["chip_output_growth_percent"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"], series["title"], series["releaseLag"]),
            ("chip_output_growth_percent", {"country": "CHN"}, "MONTHLY",
             "percent",
             "China's output of integrated circuits, growth on the year",
             "1382400s"))

    def test_a_month_without_data_is_left_out(self):
        said = self.read(answer({("A2", "202501"): None,
                                 ("A2", "202503"): 9.2}))
        self.assertEqual(said.values("chip_output_growth_percent"),
                         {"2025-03": 9.2})

    def test_a_group_is_asked_for_since_a_month(self):
        self.read(answer({("A2", "202503"): 9.2}), since="2020-01")
        self.assertEqual(json.loads(self.publisher.asked[0].query["dfwds"]), [
            {"wdcode": "zb", "valuecode": "A020H"},
            {"wdcode": "sj", "valuecode": "202001-"}])

    def test_a_group_that_nbs_does_not_know_is_passed_over(self):
        bad = Answer(200, b'{"returncode":501,"returndata":"bad"}')
        said = self.read(bad, answer({("A2", "202503"): 9.2}),
                         groups="A0209,A020H")
        self.assertIn('NBS says 501, "bad"', said.logs[0])
        self.assertEqual(said.observation_count(), 1)

    def test_an_item_that_is_in_no_group_is_named(self):
        error = self.read(answer({("A2", "202503"): 9.2}),
                          items="集成电路块=x").error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn('no values of "集成电路块" in A020H; the nearest',
                      error["message"])

    def test_another_unit_is_refused(self):
        error = self.read(answer({("A1", "202503"): 9},
                                 units={"A1": "吨", "A2": "%"})).error
        self.assertIn('the unit "吨" is none of', error["message"])

    def test_outside_china_the_way_by_hand_is_shown(self):
        error = self.read(Answer(403, HTML)).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("HTTP 403: NBS lets no program in from here, as it does "
                      "outside China; enter the figures by hand",
                      error["message"])

    def test_a_renamed_field_is_named(self):
        body = answer({("A2", "202503"): 9.2}).body.replace(
            b'"datanodes"', b'"dataNodes"')
        self.assertIn('no field "datanodes"; the nearest name there is '
                      '"dataNodes"',
                      self.read(Answer(200, body)).error["message"])

    def test_a_revision_changes_its_value_alone(self):
        first = self.read(answer({("A2", "202503"): 9, ("A2", "202504"): 4}))
        said = self.read(answer({("A2", "202503"): 9, ("A2", "202504"): 5}),
                         checkpoints=first.states())
        self.assertEqual(said.values("chip_output_growth_percent"),
                         {"2025-03": 9, "2025-04": 5})

    def test_unchanged_answers_are_no_news(self):
        first = self.read(answer({("A2", "202503"): 9}))
        again = self.read(answer({("A2", "202503"): 9}),
                          checkpoints=first.states())
        self.assertEqual((again.batches, again.logs, again.states()),
                         ([], ["unchanged, no news"], first.states()))


class NbsManners(Manners, unittest.TestCase):
    plugin = "nbs"
    path = PATH
    good = answer({("A2", "202503"): 9.2}).body
    config = {"groups": "A020H"}


if __name__ == "__main__":
    unittest.main()

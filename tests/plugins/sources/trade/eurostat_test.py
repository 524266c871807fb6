"""The eurostat plugin against a publisher on the loopback."""

import csv
import json
import os
import unittest

from publisher import Answer, Conversation, Publisher, recorded

SAMPLE = os.path.join(os.path.dirname(__file__),
                      "../../../../pipelines/sample/trade_eurostat.csv")
JSON = "/statistics/1.0/data/ds-045409"
JULY = "eurostat/RECORDED_jsonstat_NL_8486_CN_vintage20260709.json"
AUGUST = "eurostat/RECORDED_jsonstat_NL_8486_CN_vintage20260814.json"
TOO_BIG = Answer(413, b"""<S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/\
envelope/"><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: The \
requested extraction is too big, estimated 7644780 rows, max authorised is \
5000000</faultstring></S:Fault>""")
QUEUED = Answer(200, b"<env:Envelope><queued><id>8f2c</id></queued>"
                b"</env:Envelope>")
NOTHING = Answer(404, b"""<S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/\
envelope/"><faultcode>100</faultcode><faultstring>NO_RESULTS: The query did \
not return any results.</faultstring></S:Fault>""")
HEADER = ("DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,"
          "TIME_PERIOD,OBS_VALUE")


def cube(months, updated="2026-08-14T11:00:00+0200", partner="CN",
         product="8486", **more):
    """A JSON-stat answer with the values of some months, None for none."""
    one = {"freq": "M", "reporter": "NL", "partner": partner,
           "product": product, "flow": "2", "indicators": "VALUE_IN_EUROS"}
    dimension = {name: {"category": {"label": {code: code}}}
                 for name, code in one.items()}
    dimension["time"] = {"category": {"index": {
        m: i for i, m in enumerate(months)}}}
    return Answer(200, json.dumps({
        "version": "2.0", "updated": updated, "id": [*one, "time"],
        "size": [1] * 6 + [len(months)], "dimension": dimension,
        "value": {str(i): v for i, v in enumerate(months.values())
                  if v is not None}, **more}).encode())


def table(*rows, header=HEADER):
    return Answer(200, "\n".join((header, *rows)).encode())


def csv_row(month, value, partner="CN"):
    return ("ESTAT:DS-045409(1.0),15/09/26 11:00:00,M,NL," + partner +
            f",8486,2,VALUE_IN_EUROS,{month},{value}")


class EurostatTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def conversation(self, **config):
        return Conversation("eurostat", {
            "base_url": self.publisher.url, "reporters": "NLD",
            "partners": "CHN", "hs": "8486", **config},
            now="2026-09-20T12:00:00Z")

    def read(self, *answers, checkpoints=None, **config):
        self.publisher.answer(JSON, *answers)
        return self.conversation(**config).read(checkpoints)

    def read_table(self, answer, key="M.NL.CN.8486.2.VALUE_IN_EUROS"):
        self.publisher.answer(f"/sdmx/2.1/data/DS-045409/{key}", answer)
        return self.conversation(format="csv").read()

    def test_reads_the_recorded_answer(self):
        body = recorded(AUGUST)
        said = self.read(Answer(200, body))
        times = json.loads(body)["dimension"]["time"]["category"]["index"]
        values = json.loads(body)["value"]
        self.assertEqual(
            said.values("trade_value_eur"),
            {m: values[str(i)] for m, i in times.items()
             if str(i) in values})

    def test_the_recorded_year_comes_to_the_known_sum(self):
        values = self.read(Answer(200, recorded(AUGUST))).values(
            "trade_value_eur")
        self.assertEqual(
            round(sum(v for m, v in values.items() if m[:4] == "2024") / 1e9,
                  2), 9.29)

    def test_recorded_answers_come_to_the_bundled_sample(self):
        said = self.read(
            *(Answer(200, recorded(
                f"../trade/raw/20260814_eurostat_{reporter}_hs8542_exports_to_"
                "cn.json")) for reporter in ("NL", "DE")),
            reporters="NLD,DEU", hs="8542")
        with open(SAMPLE, encoding="utf-8") as file:
            rows = [r for r in csv.DictReader(file) if r["hs"] == "8542"]
        self.assertEqual(
            {**said.values("trade_value_eur", reporter="NLD"), **{
                m + "D": v for m, v in said.values(
                    "trade_value_eur", reporter="DEU").items()}},
            {r["period"] + ("D" if r["reporter"] == "DEU" else ""):
             float(r["value"]) for r in rows})

    def test_months_to_come_have_no_value(self):
        values = self.read(Answer(200, recorded(AUGUST))).values(
            "trade_value_eur")
        self.assertEqual(max(values), "2026-06")

    def test_writes_the_series_of_the_sample(self):
        series = self.read(cube({"2026-01": 5})).series["NLD/export/8486/CHN"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"]),
            ("trade_value_eur", {
                "reporter": "NLD", "partner": "CHN", "flow": "export",
                "hs": "8486", "source": "eurostat"}, "MONTHLY", "EUR"))

    def test_names_the_publisher_and_its_terms(self):
        series = self.read(cube({"2026-01": 5})).series["NLD/export/8486/CHN"]
        self.assertEqual(series["sourceName"],
                         "Eurostat, Comext DS-045409 (CC BY 4.0)")

    def test_values_are_known_at_the_update(self):
        said = self.read(cube({"2026-01": 5}))
        self.assertEqual(said.batches[0]["knownAt"], "2026-08-14T09:00:00Z")

    def test_a_later_vintage_is_known_at_its_own_update(self):
        first = self.read(Answer(200, recorded(JULY)))
        said = self.read(Answer(200, recorded(AUGUST)),
                         checkpoints=first.states())
        self.assertEqual([b["knownAt"] for b in first.batches + said.batches],
                         ["2026-06-15T09:00:00Z", "2026-08-14T09:00:00Z"])

    def test_a_revised_month_has_its_new_value_and_the_others_theirs(self):
        first = self.read(cube({"2026-01": 5, "2026-02": 6}))
        said = self.read(cube({"2026-01": 5, "2026-02": 7},
                              "2026-09-15T11:00:00+0200"),
                         checkpoints=first.states())
        self.assertEqual(said.values("trade_value_eur"),
                         {"2026-01": 5, "2026-02": 7})

    def test_the_answer_is_the_whole_series(self):
        self.assertTrue(self.read(cube({"2026-01": 5})).batches[0]["snapshot"])

    def test_a_second_read_with_nothing_new_says_so(self):
        first = self.read(cube({"2026-01": 5}))
        said = self.read(cube({"2026-01": 5}), checkpoints=first.states())
        self.assertEqual(
            (said.observation_count(), said.logs), (0, [
                "NLD: unchanged since the update of "
                "2026-08-14T09:00:00+00:00"]))

    def test_the_same_checkpoint_twice_gives_the_same_state(self):
        first = self.read(cube({"2026-01": 5}))
        said = self.read(cube({"2026-01": 5}), checkpoints=first.states())
        self.assertEqual(said.states(), first.states())

    def test_a_change_without_an_update_is_known_when_it_is_seen(self):
        first = self.read(cube({"2026-01": 5}))
        said = self.read(cube({"2026-01": 6}), checkpoints=first.states())
        self.assertEqual(said.batches[0]["knownAt"], "2026-09-20T12:00:00Z")

    def test_other_options_read_all_again(self):
        first = self.read(cube({"2026-01": 5}))
        said = self.read(cube({"2026-01": 5}), checkpoints=first.states(),
                         since="2025-01")
        self.assertEqual(said.observation_count(), 1)

    def test_flags_are_statuses(self):
        said = self.read(cube({"2026-01": 5, "2026-02": 6, "2026-03": 7},
                              status={"0": "p", "2": "bp"}))
        self.assertEqual(said.batches[0]["statuses"],
                         ["PROVISIONAL", "FINAL", "BREAK"])

    def test_reads_dense_values(self):
        answer = json.loads(cube({"2026-01": 5, "2026-02": 6}).body)
        answer["value"] = [5, None]
        said = self.read(Answer(200, json.dumps(answer).encode()))
        self.assertEqual(said.values("trade_value_eur"), {"2026-01": 5})

    def test_reads_the_documented_csv(self):
        header = recorded(
            "eurostat/comext_ds-045409.sample.csv").decode().splitlines()[0]
        said = self.read_table(table(csv_row("2026-06", "45.5"),
                                     csv_row("2026-07", "1"), header=header))
        self.assertEqual(said.values("trade_value_eur"),
                         {"2026-06": 45.5, "2026-07": 1})

    def test_the_csv_dates_its_update_by_the_clock_of_luxembourg(self):
        said = self.read_table(table(csv_row("2026-06", "45.5")))
        self.assertEqual(said.batches[0]["knownAt"], "2026-09-15T09:00:00Z")

    def test_a_renamed_column_names_the_nearest(self):
        said = self.read_table(table(
            csv_row("2026-06", "1"),
            header=HEADER.replace("OBS_VALUE", "OBSERVATION_VALUE")))
        self.assertIn('no "OBS_VALUE"; the nearest is "OBSERVATION_VALUE"',
                      said.error["message"])

    def test_a_table_without_a_row_changes_nothing(self):
        said = self.read_table(table())
        self.assertEqual(
            (said.observation_count(), said.logs, said.error), (0, [
                "NLD: a table without a row; nothing is changed"], None))

    def test_a_renamed_dimension_names_the_nearest(self):
        answer = json.loads(cube({"2026-01": 5}).body)
        answer["dimensions"] = answer.pop("dimension")
        said = self.read(Answer(200, json.dumps(answer).encode()))
        self.assertIn('no "dimension"; the nearest is "dimensions"',
                      said.error["message"])

    def test_too_big_a_request_is_asked_in_halves(self):
        said = self.read_by_partner(TOO_BIG)
        self.assertEqual(said.values("trade_value_eur", partner="TWN"),
                         {"2026-01": 5})

    def test_a_queued_request_is_asked_in_halves(self):
        said = self.read_by_partner(QUEUED)
        self.assertEqual(said.values("trade_value_eur", partner="CHN"),
                         {"2026-01": 5})

    def read_by_partner(self, whole):
        """Of two partners: the whole is refused, each by itself answered."""
        return self.read(whole, cube({"2026-01": 5}),
                         cube({"2026-01": 5}, partner="TW"),
                         partners="CHN,TWN")

    def test_goods_are_halved_where_one_partner_is_left(self):
        said = self.read(TOO_BIG, cube({"2026-01": 5}),
                         cube({"2026-01": 6}, product="8542"),
                         hs="8486,8542")
        self.assertEqual(said.values("trade_value_eur", hs="8542"),
                         {"2026-01": 6})

    def test_the_smallest_request_too_big_is_tried_later(self):
        error = self.read(TOO_BIG).error
        self.assertEqual((error["class"], error["retryAfter"]),
                         ("TRANSIENT", "300.000s"))

    def test_the_words_of_the_service_are_shown(self):
        self.assertIn("estimated 7644780 rows",
                      self.read(TOO_BIG).error["message"])

    def test_no_results_are_said(self):
        said = self.read(NOTHING)
        self.assertEqual(said.logs,
                         ["NLD: the service has no trade since 2021-01"])

    def test_a_reporter_is_no_partner_of_its_own(self):
        said = self.read(cube({"2026-01": 5}), partners="NLD")
        self.assertEqual((said.logs, self.publisher.asked), (
            ["NLD: no partner but itself; nothing is asked"], []))

    def test_no_values_are_said(self):
        said = self.read(cube({"2026-01": None}))
        self.assertIn("NLD/export/8486/CHN: no trade since 2021-01", said.logs)

    def test_waits_as_long_as_429_says(self):
        said = self.read(Answer(429, b"", {"Retry-After": "0"}),
                         cube({"2026-01": 5}))
        self.assertEqual(said.observation_count(), 1)

    def test_asks_again_after_500(self):
        said = self.read(Answer(500, b"", {"Retry-After": "0"}),
                         cube({"2026-01": 5}))
        self.assertEqual(said.observation_count(), 1)

    def test_a_body_cut_short_is_asked_for_again(self):
        whole = cube({"2026-01": 5})
        said = self.read(Answer(200, whole.body, cut_after=50), whole)
        self.assertEqual(said.observation_count(), 1)

    def test_a_page_instead_of_data_is_shown(self):
        self.assertIn("<html>maintenance", self.read(
            Answer(200, b"<html>maintenance</html>")).error["message"])

    def test_a_refused_request_is_a_fault_of_the_options(self):
        error = self.read(Answer(
            400, b"<S:Fault><faultstring>INVALID_QUERY_FILTER</faultstring>"
            b"</S:Fault>")).error
        self.assertEqual(error["class"], "CONFIG")

    def test_a_cell_that_was_not_asked_for_is_refused(self):
        self.assertIn("a cell that was not asked for", self.read(
            cube({"2026-01": 5}, partner="JP")).error["message"])

    def test_an_unknown_format_is_refused(self):
        self.assertIn('option format = "xml" is neither json nor csv',
                      self.conversation(format="xml").read().error["message"])

    def test_check_says_when_the_data_set_was_updated(self):
        self.publisher.answer(JSON, cube({"2026-01": 5}))
        said = self.conversation().say("check")
        self.assertIn("was updated 2026-08-14 09:00:00+00:00; NLD has 1 values",
                      said.messages[0]["check"]["message"])


if __name__ == "__main__":
    unittest.main()

"""The fred plugin against a service on the loopback that answers as FRED."""

import json
import unittest

from publisher import Answer, Conversation, Publisher, recorded

KEY = "0123456789abcdef0123456789abcdef"
END = "9999-12-31"


def described(id="IPG3344S", units="Index 2017=100", updated="1",
              frequency="M"):
    return Answer(body=json.dumps({"seriess": [{
        "id": id, "title": "A title", "frequency": "Monthly",
        "frequency_short": frequency, "units": units,
        "seasonal_adjustment": "Seasonally Adjusted",
        "seasonal_adjustment_short": "SA", "last_updated": updated}]}).encode())


def observed(*rows, count=None):
    """Rows are (date, from, to, value)."""
    return Answer(body=json.dumps({
        "count": len(rows) if count is None else count,
        "observations": [dict(zip(
            ("date", "realtime_start", "realtime_end", "value"), row))
            for row in rows]}).encode())


def refused(message):
    return Answer(400, json.dumps({
        "error_code": 400,
        "error_message": "Bad Request.  " + message}).encode())


FIRST = ("2026-01-01", "2026-02-17", "2026-03-16", "100.0")
REVISED = ("2026-01-01", "2026-03-17", END, "101.5")
NEXT = ("2026-02-01", "2026-03-17", END, "102")


class FredTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)
        self.publisher.answer("/series", described())
        self.publisher.answer("/series/observations",
                              observed(FIRST, REVISED, NEXT))

    def conversation(self, secrets=None, **config):
        return Conversation(
            "fred", {"base_url": self.publisher.url,
                     "csv_url": self.publisher.url,
                     **config},
            secrets={"FRED_API_KEY": KEY} if secrets is None else secrets)

    def read(self, checkpoints=None, **config):
        return self.conversation(**config).read(checkpoints)

    def test_writes_the_series_of_the_bundled_sample(self):
        series = self.read().series["IPG3344S"]
        self.assertEqual(series["metric"], "semiconductor_production_index")
        self.assertEqual(series["labels"], {"country": "USA"})
        self.assertEqual((series["frequency"], series["unit"]),
                         ("MONTHLY", "index"))

    def test_dates_each_release_by_its_day(self):
        self.assertEqual(
            [(b["knownAt"], b["periods"], b["values"])
             for b in self.read().batches],
            [("2026-02-17T23:59:59.999999Z", ["2026-01"], [100]),
             ("2026-03-17T23:59:59.999999Z", ["2026-01", "2026-02"],
              [101.5, 102])])

    def test_asks_for_the_whole_real_time_period(self):
        self.read()
        query = self.publisher.asked[-1].query
        self.assertEqual((query["realtime_start"], query["realtime_end"],
                          query["output_type"]), ("1776-07-04", END, "1"))

    def test_keeps_the_key_out_of_all_that_it_says(self):
        self.publisher.answer("/series", Answer(403, b"no"))
        said = self.read()
        self.assertNotIn(KEY, json.dumps(said.messages) + said.stderr)

    def test_withdraws_a_value_that_ends_without_another(self):
        self.publisher.answer("/series/observations", observed(
            ("2026-01-01", "2026-02-17", "2026-03-16", "100"), NEXT))
        said = self.read()
        self.assertEqual(said.batches[1].get("withdrawnPeriods"), ["2026-01"])

    def test_a_missing_value_is_no_value(self):
        self.publisher.answer("/series/observations", observed(
            ("2026-01-01", "2026-02-17", END, "."), NEXT))
        self.assertEqual(self.read().values("semiconductor_production_index"),
                         {"2026-02": 102})

    def test_goes_on_over_pages(self):
        self.publisher.answer("/series/observations",
                              observed(FIRST, REVISED, count=3),
                              observed(NEXT, count=3))
        said = self.read()
        self.assertEqual(said.observation_count(), 3)
        self.assertEqual(self.publisher.asked[-1].query["offset"], "2")

    def test_an_empty_page_before_the_end_is_an_error(self):
        self.publisher.answer("/series/observations", observed(FIRST, count=3),
                              observed(count=3))
        said = self.read()
        self.assertEqual(said.error["class"], "TRANSIENT")
        self.assertIn("only 1 of 3 came", said.error["message"])

    def test_asks_in_parts_where_there_are_too_many_vintages(self):
        days = ["2026-02-17", "2026-03-17", "2026-04-16"]
        self.publisher.answer("/series/vintagedates", Answer(body=json.dumps(
            {"count": 3, "vintage_dates": days}).encode()))

        def answer(asked):
            start = asked.query["realtime_start"]
            end = asked.query["realtime_end"]
            if start == "1776-07-04":
                return refused(
                    f"There are 3 vintage dates in the specified real-time "
                    f"period: {start} to {end}. This exceeds the maximum "
                    "number of vintage dates allowed for this file type (2).")
            if start == "2026-02-17":
                return observed(FIRST, (*REVISED[:2], end, "101.5"),
                                (*NEXT[:2], end, "102"))
            return observed(("2026-01-01", start, END, "101.5"),
                            ("2026-02-01", start, END, "103"))

        self.publisher.answer("/series/observations", answer)
        said = self.read()
        self.assertEqual(
            [(b["knownAt"][:10], b["periods"]) for b in said.batches],
            [("2026-02-17", ["2026-01"]),
             ("2026-03-17", ["2026-01", "2026-02"]),
             ("2026-04-16", ["2026-02"])])
        self.assertEqual(self.publisher.asked[-2].query["realtime_end"],
                         "2026-04-15")

    def test_withdraws_what_a_later_part_lacks(self):
        self.publisher.answer("/series/vintagedates", Answer(body=json.dumps(
            {"count": 2, "vintage_dates": ["2026-02-17", "2026-03-17"]}
        ).encode()))
        self.publisher.answer(
            "/series/observations",
            refused("There are 2 vintage dates. This exceeds the maximum "
                    "number of vintage dates allowed for this file type (1)."),
            observed(FIRST), observed(NEXT))
        said = self.read()
        self.assertEqual(
            [(b["knownAt"][:10], b["periods"], b.get("withdrawnPeriods"))
             for b in said.batches],
            [("2026-02-17", ["2026-01"], None),
             ("2026-03-17", ["2026-02"], ["2026-01"])])

    def test_reads_initial_releases_alone(self):
        self.publisher.answer("/series/observations", observed(FIRST, NEXT))
        said = self.read(vintages="first")
        self.assertEqual(self.publisher.asked[-1].query["output_type"], "4")
        self.assertEqual(said.values("semiconductor_production_index"),
                         {"2026-01": 100, "2026-02": 102})

    def test_reads_a_series_that_alfred_has_not_as_seen_now(self):
        self.publisher.answer(
            "/series/observations",
            refused("The series does not exist in ALFRED but may exist in "
                    "FRED."), observed(NEXT))
        said = self.read()
        self.assertEqual(said.series["IPG3344S"]["vintageKind"], "OBSERVED")
        self.assertIn("ALFRED keeps no vintages", said.logs[0])

    def test_reads_nothing_more_where_nothing_was_updated(self):
        states = self.read().states()
        asked = len(self.publisher.asked)
        said = self.read(states)
        self.assertEqual(len(self.publisher.asked), asked + 1)
        self.assertEqual(said.observation_count(), 0)
        self.assertIn("unchanged", said.logs[0])

    def test_an_unchanged_read_leaves_the_checkpoint_as_it_was(self):
        states = self.read().states()
        self.assertEqual(self.read(states).states(), states)

    def test_a_later_read_sends_the_later_vintages_alone(self):
        states = self.read().states()
        self.publisher.answer("/series", described(updated="2"))
        self.publisher.answer("/series/observations", observed(
            ("2026-01-01", "2026-09-13", END, "101.5"),
            ("2026-02-01", "2026-09-13", "2026-09-14", "102"),
            ("2026-02-01", "2026-09-15", END, "99")))
        said = self.read(states)
        self.assertEqual(self.publisher.asked[-1].query["realtime_start"],
                         "2026-09-13")
        self.assertEqual([(b["periods"], b["values"]) for b in said.batches],
                         [(["2026-02"], [99])])

    def test_an_update_without_news_is_said(self):
        states = self.read().states()
        self.publisher.answer("/series", described(updated="2"))
        self.publisher.answer("/series/observations", observed(
            ("2026-01-01", "2026-09-13", END, "101.5")))
        self.assertIn("nothing is new", self.read(states).logs[0])

    def test_other_options_read_everything_again(self):
        states = self.read().states()
        said = self.read(states, series="IPG3344S=other")
        self.assertEqual(said.observation_count(), 3)

    def test_takes_unit_and_frequency_from_the_description(self):
        self.publisher.answer("/series", described(
            "GDP", "Billions of Chained 2017 Dollars", frequency="Q"))
        self.publisher.answer("/series/observations", observed(FIRST))
        said = self.read(series="GDP")
        series = said.series["GDP"]
        self.assertEqual(
            (series["metric"], series["unit"], series["frequency"]),
            ("fred_gdp", "USD", "QUARTERLY"))
        self.assertIn("Seasonally Adjusted", series["title"])
        self.assertEqual(said.batches[0]["values"], [100e9])

    def test_an_exchange_rate_has_the_unit_of_its_words(self):
        self.publisher.answer("/series", described(
            "EXCHUS", "Chinese Yuan Renminbi to One U.S. Dollar"))
        self.assertEqual(self.read(series="EXCHUS").series["EXCHUS"]["unit"],
                         "CNY/USD")

    def test_the_yen_is_turned_into_dollars_for_a_yen(self):
        self.publisher.answer("/series", described(
            "EXJPUS", "Japanese Yen to One U.S. Dollar"))
        self.publisher.answer("/series/observations", observed(
            ("2026-01-01", "2026-02-17", END, "160")))
        said = self.read(series="EXJPUS")
        self.assertEqual(said.values("exchange_rate", currency="JPY"),
                         {"2026-01": 0.00625})

    def test_a_known_series_whose_unit_has_changed_is_refused(self):
        self.publisher.answer("/series", described(
            "EXPCH", "Billions of Dollars"))
        said = self.read(series="EXPCH")
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn("which is not USD times 1000000", said.error["message"])

    def test_another_frequency_than_freds_is_refused(self):
        said = self.read(series="X=x:daily")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("FRED has it monthly, not daily", said.error["message"])

    def test_two_values_of_one_period_are_refused(self):
        self.publisher.answer("/series/observations", observed(
            NEXT, ("2026-02-15", *NEXT[1:])))
        self.assertIn("two values of 2026-02", self.read().error["message"])

    def test_an_unknown_unit_names_the_remedy(self):
        self.publisher.answer("/series", described("X", "Bushels"))
        said = self.read(series="X")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("write it with the series, as X@UNIT",
                      said.error["message"])

    def test_an_option_gives_metric_labels_unit_and_factor(self):
        said = self.read(series="X=wheat{land=FRA,kind=soft}@tonne*1000")
        self.assertEqual(said.series["X"]["labels"],
                         {"land": "FRA", "kind": "soft"})
        self.assertEqual(said.batches[0]["values"], [100000])

    def test_two_ids_of_one_series_are_refused(self):
        said = self.read(series="A=x,B=x")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("A and B would both be x", said.error["message"])

    def test_a_missing_key_names_where_one_is_had(self):
        said = self.read(secrets={})
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("FRED_API_KEY is not set", said.error["message"])
        self.assertIn("docs/api/api_key.html", said.error["message"])

    def test_a_key_that_fred_does_not_know_is_a_matter_of_configuration(self):
        self.publisher.answer("/series", refused(
            "The value for variable api_key is not registered."))
        said = self.read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("FRED_API_KEY", said.error["message"])

    def test_a_text_that_is_no_key_is_not_sent(self):
        said = self.read(secrets={"FRED_API_KEY": "MY-KEY"})
        self.assertIn("32 lower-case letters", said.error["message"])
        self.assertEqual(self.publisher.asked, [])

    def test_a_series_that_does_not_exist_names_a_near_one(self):
        self.publisher.answer("/series", refused("The series does not exist."))
        said = self.read(series="IPG3344N")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("did you mean IPG3344S?", said.error["message"])

    def test_waits_where_too_much_was_asked(self):
        self.publisher.answer(
            "/series", Answer(429, headers={"Retry-After": "0"}), described())
        self.assertEqual(self.read().observation_count(), 3)

    def test_a_quota_that_is_used_up_says_when_to_try_again(self):
        self.publisher.answer("/series",
                              Answer(429, headers={"Retry-After": "300"}))
        said = self.read()
        self.assertEqual((said.error["class"], said.error["retryAfter"]),
                         ("TRANSIENT", "300.000s"))

    def test_tries_again_after_an_error_of_the_server(self):
        self.publisher.answer("/series", Answer(500), described())
        self.assertEqual(self.read().observation_count(), 3)

    def test_tries_again_where_a_body_was_cut_short(self):
        whole = described()
        self.publisher.answer("/series", Answer(
            body=whole.body, cut_after=20), whole)
        self.assertEqual(self.read().observation_count(), 3)

    def test_a_renamed_field_is_named_with_the_nearest(self):
        body = {"count": 1, "observation": []}
        self.publisher.answer("/series/observations",
                              Answer(body=json.dumps(body).encode()))
        said = self.read()
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn("no field \"observations\"; the nearest name there is "
                      "\"observation\"", said.error["message"])

    def test_a_series_without_values_is_an_error(self):
        self.publisher.answer("/series/observations", observed())
        self.assertIn("no value of the series", self.read().error["message"])

    def test_a_page_instead_of_data_is_an_error(self):
        self.publisher.answer("/series", Answer(body=b"<html>Sorry</html>"))
        said = self.read()
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn("not JSON", said.error["message"])

    def test_discover_defines_what_read_delivers(self):
        said = self.conversation().say("discover")
        self.assertEqual(said.series, self.read().series)

    def test_check_asks_once(self):
        said = self.conversation().say("check")
        self.assertIn("A title", said.messages[0]["check"]["message"])
        self.assertEqual(self.publisher.paths(), ["/series"])


class TableWithoutKeyTest(unittest.TestCase):
    PATH = "/graph/fredgraph.csv"

    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, body, checkpoints=None, series="IPG3344S", **config):
        self.publisher.answer(self.PATH, Answer(body=body))
        return Conversation("fred", {
            "csv_url": self.publisher.url, "keyless": "true",
            "series": series, **config}).read(checkpoints)

    def test_reads_the_values_as_seen_now(self):
        said = self.read(b"observation_date,IPG3344S\n2026-03-01,176.4\n"
                         b"2026-04-01,\n2026-05-01,.\n")
        self.assertEqual(said.series["IPG3344S"]["vintageKind"], "OBSERVED")
        self.assertEqual(said.values("semiconductor_production_index"),
                         {"2026-03": 176.4})

    def test_tells_the_frequency_from_the_dates(self):
        said = self.read(b"DATE,GDP\n2026-01-01,1\n2026-04-01,2\n",
                         series="GDP@USD*1000000000")
        self.assertEqual(said.series["GDP"]["frequency"], "QUARTERLY")

    def test_an_unchanged_table_is_not_read_again(self):
        body = b"observation_date,IPG3344S\n2026-03-01,176.4\n"
        said = self.read(body, self.read(body).states())
        self.assertEqual(said.observation_count(), 0)
        self.assertIn("unchanged", said.logs[0])

    def test_a_revision_changes_its_value_alone(self):
        head = b"observation_date,IPG3344S\n2026-03-01,176.4\n2026-04-01,"
        first = self.read(head + b"178.2\n")
        second = self.read(head + b"177.9\n", first.states())
        self.assertEqual(second.values("semiconductor_production_index"),
                         {"2026-03": 176.4, "2026-04": 177.9})

    def test_a_unit_that_nobody_named_is_asked_for(self):
        said = self.read(b"observation_date,X\n2026-03-01,1\n2026-04-01,2\n",
                         series="X")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("write X@UNIT", said.error["message"])

    def test_a_renamed_column_is_named_with_the_nearest(self):
        said = self.read(b"observation_date,IPG3344\n2026-03-01,1\n")
        self.assertIn("the nearest name there is \"IPG3344\"", said.error["message"])

    def test_a_page_instead_of_a_table_is_an_error(self):
        said = self.read(b"<!DOCTYPE html><html></html>")
        self.assertIn("a page came instead", said.error["message"])


class DocumentedAnswersTest(unittest.TestCase):
    """Answers as the service's documentation has them."""

    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, observations, **config):
        # Its observations are monthly, its description is of a quarterly one.
        self.publisher.answer("/series", Answer(body=recorded(
            "fred/series.sample.json").replace(b'"Q"', b'"M"')))
        self.publisher.answer("/series/observations", Answer(
            body=recorded(observations)))
        return Conversation(
            "fred", {"base_url": self.publisher.url, "series": "GDP",
                     **config},
            {"FRED_API_KEY": KEY}).read()

    def test_current_values_in_base_units(self):
        said = self.read("fred/observations.sample.json", vintages="current")
        self.assertEqual(said.values("fred_gdp"), {"2025-01": 4.1e9})

    def test_initial_releases_by_their_day(self):
        said = self.read("fred/observations_vintages_output_type4.sample.json",
                         vintages="first")
        self.assertEqual(
            [(b["knownAt"][:10], b["periods"], b["values"])
             for b in said.batches],
            [("2025-02-15", ["2025-01"], [103.3e9])])

    def test_the_table_behind_a_graph(self):
        self.publisher.answer("/graph/fredgraph.csv", Answer(
            body=recorded("fred/fredgraph_csv.sample.csv")))
        said = Conversation("fred", {
            "csv_url": self.publisher.url, "keyless": "true",
            "series": "UNRATE@percent"}).read()
        self.assertEqual(said.values("fred_unrate"), {
            "2026-06": 4.2, "2026-07": 4.1, "2026-08": 4.1})


if __name__ == "__main__":
    unittest.main()

"""The sdmx source: SDMX-JSON in its forms, SDMX-CSV, the ECB's rates."""

import csv
import json
import os
import unittest

from manners import Manners
from publisher import Answer, Conversation, Publisher, recorded

SAMPLE = os.path.join(os.path.dirname(__file__), "../../../../pipelines/sample",
                      "exchange_rates.csv")
RATES = "/data/EXR/M.USD+JPY.EUR.SP00.A"
EURO = "/data/EXR/M.USD.EUR.SP00.A"
PRICES = "/data/ICP/M.U2.N"
PRICES_OPTIONS = {"dataflow": "ICP", "key": "M.U2.N", "metric": "inflation",
                  "unit": "percent"}


def dimension(id, *codes):
    return {"id": id, "values": [{"id": code} for code in codes]}


def message(rates, months=("2026-01", "2026-02"), prepared="1"):
    """SDMX-JSON 1.0 of {currency: values}, as the ECB has it; None is left
    out."""
    series = {f"0:{i}": {"observations": {
        str(at): [value, 0] for at, value in enumerate(values)
        if value is not None}} for i, values in enumerate(rates.values())}
    return Answer(200, json.dumps({
        "header": {"id": prepared, "prepared": prepared},
        "dataSets": [{"series": series}],
        "structure": {"dimensions": {
            "series": [dimension("FREQ", "M"), dimension("CURRENCY", *rates)],
            "observation": [{**dimension(TIME, *months), "role": "time"}]},
            "attributes": {"series": [], "observation": [
                {"id": "OBS_STATUS", "values": [{"id": "A"}]}]}}}).encode())


TIME = "TIME_PERIOD"
CSV = ("DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT\n"
       "ECB:ICP(1.0),M,U2,2026-01,2.5,A,0\n"
       "ECB:ICP(1.0),M,U2,2026-02,,M,0\n"
       "ECB:ICP(1.0),M,DE,2026-01,3,P,3\n")


class SdmxTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def read(self, path, *found, checkpoints=None, **config):
        if found:
            self.publisher.answer(path, *found)
        return Conversation("sdmx", {
            "base_url": self.publisher.url, **config}).read(checkpoints)

    def rates(self, *found, checkpoints=None, **config):
        return self.read(RATES, *found, checkpoints=checkpoints,
                         preset="ecb_exchange_rates", **config)

    def prices(self, body, **config):
        return self.read(PRICES, Answer(200, body.encode()),
                         **{**PRICES_OPTIONS, **config})

    # -- Exchange rates --

    def test_the_recorded_rates_of_the_dollar(self):
        body = recorded("ecb_sdmx/RECORDED_EXR_M_USD_EUR_20260731.json")
        said = self.read(EURO, Answer(200, body), preset="ecb_exchange_rates",
                         currencies="EUR")
        values = said.values("exchange_rate", currency="EUR")
        self.assertEqual((len(values), values["2021-01"], values["2026-07"]),
                         (67, 1.217085, 1.1417478260869562))

    def test_the_recorded_rates_come_to_the_sample(self):
        body = recorded("ecb_sdmx/RECORDED_EXR_M_USD_EUR_20260731.json")
        said = self.read(EURO, Answer(200, body), preset="ecb_exchange_rates",
                         currencies="EUR")
        values = said.values("exchange_rate", currency="EUR")
        with open(SAMPLE, newline="", encoding="utf-8") as file:
            wanted = {row["period"]: float(row["value"])
                      for row in csv.DictReader(file)
                      if row["currency"] == "EUR"}
        self.assertEqual(values.keys(), wanted.keys())
        # The sample has five decimals.
        self.assertLess(max(abs(values[p] - wanted[p]) for p in values), 6e-6)

    def test_the_series_is_that_of_the_sample(self):
        said = self.rates(message({"USD": [1.2, 1.25], "JPY": [150, 160]}),
                          release_lag_days="1")
        found = {s["labels"]["currency"]: (s["metric"], s["unit"],
                                           s["frequency"], s["releaseLag"])
                 for s in said.series.values()}
        self.assertEqual(found, {
            "EUR": ("exchange_rate", "USD/EUR", "MONTHLY", "86400s"),
            "JPY": ("exchange_rate", "USD/JPY", "MONTHLY", "86400s")})

    def test_other_currencies_go_by_way_of_the_euro(self):
        said = self.rates(message({"USD": [1.2, 1.25], "JPY": [150, 160]}))
        self.assertEqual(said.values("exchange_rate", currency="JPY"),
                         {"2026-01": 0.008, "2026-02": 0.0078125})

    def test_a_month_without_both_rates_is_left_out(self):
        said = self.rates(message({"USD": [1.2, None], "JPY": [150, 160]}))
        self.assertEqual(said.values("exchange_rate", currency="JPY"),
                         {"2026-01": 0.008})

    def test_a_currency_without_a_rate_is_named(self):
        error = self.rates(message({"USD": [1.2, 1.2]})).error
        self.assertIn('the ECB has no rate of "JPY"', error["message"])

    # -- News and none --

    def test_another_head_alone_is_no_news(self):
        rates = {"USD": [1.2, 1.25], "JPY": [150, 160]}
        first = self.rates(message(rates))
        again = self.rates(message(rates, prepared="2"),
                           checkpoints=first.states())
        self.assertEqual((again.batches, again.states()),
                         ([], first.states()))
        self.assertIn("unchanged, no news", again.logs[0])

    def test_a_validator_spares_the_answer(self):
        answer = message({"USD": [1.2, 1.25], "JPY": [150, 160]})
        answer.headers["ETag"] = '"7"'
        first = self.rates(answer)
        again = self.rates(Answer(304), checkpoints=first.states())
        self.assertEqual(self.publisher.asked[-1].headers["if-none-match"],
                         '"7"')
        self.assertEqual((again.error, again.batches), (None, []))
        self.assertEqual(again.states(), first.states())

    def test_a_revision_changes_its_value_alone(self):
        first = self.rates(message({"USD": [1.2, 1.25], "JPY": [150, 160]}))
        said = self.rates(message({"USD": [1.2, 1.5], "JPY": [150, 160]}),
                          checkpoints=first.states())
        self.assertEqual(said.values("exchange_rate", currency="EUR"),
                         {"2026-01": 1.2, "2026-02": 1.5})

    # -- Any dataflow --

    def test_sdmx_csv(self):
        said = self.prices(CSV)
        self.assertEqual(said.values("inflation", ref_area="U2"),
                         {"2026-01": 2.5})

    def test_the_multiplier_is_applied(self):
        self.assertEqual(self.prices(CSV).values("inflation", ref_area="DE"),
                         {"2026-01": 3000})

    def test_the_status_is_kept(self):
        self.assertIn(["PROVISIONAL"], [b.get("statuses") for b in
                                        self.prices(CSV).batches])

    def test_labels_are_named_by_the_option(self):
        said = self.prices(CSV, labels="REF_AREA=area",
                           constant_labels="source=ecb")
        self.assertEqual([s["labels"] for s in said.series.values()],
                         [{"area": "U2", "source": "ecb"},
                          {"area": "DE", "source": "ecb"}])

    def test_a_dimension_that_is_not_there_is_named(self):
        error = self.prices(CSV, labels="REF_ARE=area").error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn('no dimension "REF_ARE"; the nearest name there is '
                      '"REF_AREA"', error["message"])

    def test_a_renamed_column_is_named(self):
        error = self.prices(CSV.replace("OBS_VALUE", "OBSVALUE")).error
        self.assertIn('no column "OBS_VALUE"; the nearest name there is '
                      '"OBSVALUE"', error["message"])

    def test_sdmx_json_2_with_flat_observations(self):
        said = self.prices(json.dumps({"data": {
            "dataSets": [{"observations": {"0:0": [2.5], "0:1": [2.6]}}],
            "structures": [{"dimensions": {"observation": [
                dimension("REF_AREA", "U2"),
                {"id": TIME, "values": [{"value": "2026-01"},
                                        {"value": "2026-M02"}]}]}}]}}))
        self.assertEqual(said.values("inflation", ref_area="U2"),
                         {"2026-01": 2.5, "2026-02": 2.6})

    def test_an_error_within_the_message_is_said(self):
        error = self.prices('{"errors":[{"code":500,"title":"no way"}]}').error
        self.assertIn("no way", error["message"])

    def test_a_truncated_message_is_refused(self):
        self.assertIn("cut short",
                      self.prices('{"dataSets":[{"ser').error["message"])

    def test_a_key_that_does_not_fit_is_refused(self):
        error = self.prices(json.dumps({
            "dataSets": [{"series": {"0:0:0": {"observations": {}}}}],
            "structure": {"dimensions": {"series": [dimension("A", "x")],
                                         "observation": []}}})).error
        self.assertIn('"0:0:0" has 3 places for 1 dimensions',
                      error["message"])

    def test_no_results_are_a_config_error(self):
        error = self.read(PRICES, Answer(404, b"No results found."),
                          **PRICES_OPTIONS).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("No results found.", error["message"])

    def test_too_much_at_once_is_a_config_error(self):
        error = self.read(PRICES, Answer(413, b"<e>too large</e>"),
                          **PRICES_OPTIONS).error
        self.assertIn('"too large"; narrow key or start_period',
                      error["message"])

    def test_an_empty_table_is_said(self):
        error = self.prices(CSV.split("\n", 1)[0] + "\n").error
        self.assertIn("without series", error["message"])

    def test_the_oecd_is_asked_for_its_own_format(self):
        self.read("/data/OECD.X,DF_Y,1.0/all", Answer(200, CSV.encode()),
                  preset="oecd", dataflow="OECD.X,DF_Y,1.0", metric="m",
                  unit="1")
        self.assertEqual(self.publisher.asked[0].query,
                         {"format": "csvfile"})

    def test_a_missing_preset_is_a_config_error(self):
        error = Conversation("sdmx", {"dataflow": "X"}).read().error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("give an option preset", error["message"])


class SdmxManners(Manners, unittest.TestCase):
    plugin = "sdmx"
    path = PRICES
    good = CSV.encode()
    config = PRICES_OPTIONS


if __name__ == "__main__":
    unittest.main()

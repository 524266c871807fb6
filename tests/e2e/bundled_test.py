"""The pipelines that ship, on the bundled data, read by a Python client."""

import json
import os
import subprocess
import unittest

from headway.v1 import common_pb2, evidence_pb2, forecast_pb2, indicator_pb2

import daemon as e2e

PIPELINES = ("chip-trade", "chip-sales", "model-releases")


class BundledPipelines(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines_from=os.path.join(e2e.SOURCE, "pipelines"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = {name: cls.daemon.run(name) for name in PIPELINES}

    def list_indicators(self):
        return self.daemon.indicators.ListIndicators(
            indicator_pb2.ListIndicatorsRequest(page_size=1000), timeout=e2e.PATIENCE).indicators

    def test_every_run_succeeds(self):
        for run in self.runs.values():
            self.assert_succeeded(run)

    def test_definitions_have_no_errors(self):
        for pipeline in self.daemon.pipelines.ListPipelines(
                e2e.pipeline_pb2.ListPipelinesRequest(), timeout=e2e.PATIENCE).pipelines:
            self.assertEqual(list(pipeline.errors), [])

    def test_lists_indicators_with_values(self):
        indicators = self.list_indicators()
        self.assertGreaterEqual(len(indicators), 10)
        for indicator in indicators:
            with self.subTest(indicator=indicator.name):
                self.assertTrue(indicator.title and indicator.meaning and indicator.unit)
                self.assertTrue(indicator.summaries)
                for summary in indicator.summaries:
                    self.assertEqual(summary.error, "")
                    self.assertTrue(summary.last.period)

    def test_at_least_ten_monthly_indicators_have_60_observations(self):
        long = [indicator.name for indicator in self.list_indicators()
                if any(summary.frequency == common_pb2.MONTHLY and
                       summary.observation_count >= 60 for summary in indicator.summaries)]
        self.assertGreaterEqual(len(long), 10, long)

    def test_names_that_analysts_look_for_are_there(self):
        names = {indicator.name.split("/")[1] for indicator in self.list_indicators()}
        self.assertLessEqual(
            {"us_chip_exports_to_china", "equipment_exports_to_china_index", "tsmc_revenue_yoy",
             "nvidia_china_share", "notable_model_releases", "frontier_training_compute",
             "frontier_lag_months"}, names)

    def test_us_trade_was_revised_between_two_dates(self):
        before = self.daemon.read("us_goods_balance_with_china", "2025-04-10T00:00:00Z")[()]
        after = self.daemon.read("us_goods_balance_with_china", "2026-06-30T00:00:00Z")[()]
        revised = [period for period in before if before[period] != after[period]]
        self.assertTrue(revised)
        self.assertGreater(len(after), len(before))

    def test_nothing_is_known_before_it_was_published(self):
        as_of = "2025-04-10T00:00:00Z"
        response = self.daemon.read_indicator("us_goods_balance_with_china", as_of)
        self.assertTrue(response.series)
        for series in response.series:
            self.assertLessEqual(series.known_at.ToJsonString(), as_of)
            self.assertLess(series.observations[-1].period, "2025-04")
        self.assertFalse(
            self.daemon.read_indicator("us_goods_balance_with_china",
                                       "2025-04-02T00:00:00Z").series)

    def test_frontier_lag_differs_between_vintages_of_the_capability_index(self):
        readings = [self.daemon.read("frontier_lag_months", as_of)[()]
                    for as_of in ("2026-03-15T00:00:00Z", "2026-04-20T00:00:00Z",
                                  "2026-05-20T00:00:00Z")]
        for earlier, later in zip(readings, readings[1:]):
            self.assertTrue(earlier)
            self.assertNotEqual(earlier, later)

    def test_forecasts_carry_rising_quantiles(self):
        for indicator, periods in (("tsmc_revenue", 12), ("us_chip_exports_to_china", 12),
                                   ("frontier_lag_months", 52)):
            with self.subTest(indicator=indicator):
                forecasts = self.daemon.forecasts.GetForecast(
                    forecast_pb2.GetForecastRequest(name=f"indicators/{indicator}"),
                    timeout=e2e.PATIENCE).forecasts
                self.assertEqual(len(forecasts), 1)
                self.assertEqual(forecasts[0].error, "")
                self.assertEqual(len(forecasts[0].steps), periods)
                for step in forecasts[0].steps:
                    self.check_quantiles(step)

    def check_quantiles(self, step):
        probabilities = [quantile.probability for quantile in step.quantiles]
        values = [quantile.value for quantile in step.quantiles]
        self.assertLessEqual({0.025, 0.1, 0.5, 0.9, 0.975}, {round(p, 6) for p in probabilities})
        self.assertEqual(probabilities, sorted(set(probabilities)))
        self.assertEqual(values, sorted(values))
        self.assertLess(values[0], values[-1])

    def test_forecasts_keep_the_bounds_of_their_indicator(self):
        forecast = self.daemon.forecasts.GetForecast(
            forecast_pb2.GetForecastRequest(name="indicators/china_part_of_us_east_asian_imports"),
            timeout=e2e.PATIENCE).forecasts[0]
        values = [quantile.value for step in forecast.steps for quantile in step.quantiles]
        self.assertGreaterEqual(min(values), 0)
        self.assertLessEqual(max(values), 100)

    def list_claims(self, as_of=None):
        request = evidence_pb2.ListClaimsRequest(page_size=1000)
        if as_of:
            request.as_of.FromJsonString(as_of)
        return self.daemon.evidence.ListClaims(request, timeout=e2e.PATIENCE).claims

    def test_each_claim_has_a_verdict_or_says_what_is_missing(self):
        claims = self.list_claims()
        self.assertEqual(len(claims), 14)
        decided = 0
        for claim in claims:
            with self.subTest(claim=claim.name):
                verdict = claim.verdict
                self.assertTrue(verdict.sentence and claim.caveats)
                for test in verdict.tests:
                    if test.outcome == evidence_pb2.TestResult.NO_DATA:
                        self.assertTrue(test.reason)
                    else:
                        self.assertLessEqual(test.low, test.estimate)
                        self.assertLessEqual(test.estimate, test.high)
                if verdict.kind != evidence_pb2.Verdict.INSUFFICIENT_DATA:
                    decided += 1
        self.assertGreater(decided, 0)

    def test_verdicts_of_the_past_rest_on_what_was_known_then_and_repeat_bit_by_bit(self):
        def bytes_of(claims):
            return [claim.SerializeToString(deterministic=True) for claim in claims]
        then = bytes_of(self.list_claims("2025-06-30T00:00:00Z"))
        self.assertEqual(bytes_of(self.list_claims("2025-06-30T00:00:00Z")), then)
        now = self.list_claims()
        self.assertNotEqual([claim.verdict.tests[0].last_period for claim in now],
                            [evidence_pb2.Claim.FromString(claim).verdict.tests[0].last_period
                             for claim in then])

    def test_acts_of_governments_are_listed_by_day(self):
        events = self.daemon.evidence.ListEvents(
            evidence_pb2.ListEventsRequest(page_size=1000), timeout=e2e.PATIENCE).events
        days = [event.announced for event in events]
        self.assertEqual(days, sorted(days))
        self.assertIn("events/us-rules-2022-10", [event.name for event in events])

    def test_the_command_line_shows_a_claim_with_its_tests(self):
        command = [os.path.join(e2e.BIN, "headway"), "--address", self.daemon.address]
        listed = json.loads(subprocess.run(
            command + ["--format", "json", "claims"], capture_output=True, text=True,
            timeout=e2e.PATIENCE, check=True).stdout)["claims"]
        self.assertEqual(len(listed), 14)
        shown = subprocess.run(command + ["claim", "chinese-ai-dominance"], capture_output=True,
                               text=True, timeout=e2e.PATIENCE, check=True).stdout
        self.assertIn("open-weight-majority", shown)
        self.assertIn("what it must not be taken for", shown)

    def test_a_second_run_changes_and_issues_nothing(self):
        run = self.daemon.run("chip-trade")
        self.assert_succeeded(run)
        for (kind, subject), step in e2e.steps(run).items():
            with self.subTest(kind=kind, subject=subject):
                self.assertEqual(step.items_out, 0)
                if kind != "PULL":
                    self.assertEqual(e2e.state_name(step), "SKIPPED")


class WatchedIndicator(e2e.DaemonTestCase):
    @classmethod
    def start_daemon(cls):
        return e2e.Daemon(pipelines_from=os.path.join(e2e.SOURCE, "pipelines"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.run("chip-sales")

    def watch(self, **request):
        return self.daemon.indicators.WatchIndicators(
            indicator_pb2.WatchIndicatorsRequest(**request), timeout=e2e.PATIENCE)

    def add_month(self, month, value):
        """The publisher releases one more month, and the daemon pulls it."""
        path = os.path.join(self.daemon.pipelines_folder, "sample", "tsmc_revenue.csv")
        with open(path, "a") as file:
            file.write(f"company_revenue_twd,TSMC,monthly,{month},{value},TWD,10,"
                       "TSMC monthly revenue,made for the test\n")
        self.assert_succeeded(self.daemon.run("chip-sales"))

    @staticmethod
    def next_month(response):
        year, month = map(int, response.series[0].observations[-1].period.split("-"))
        return f"{year + month // 12}-{month % 12 + 1:02d}"

    def read_until_caught_up(self, stream):
        responses = []
        for response in stream:
            responses.append(response)
            if response.caught_up:
                return responses
        raise AssertionError("the watch ended")

    def test_sends_the_state_of_now_then_the_change_while_data_come_in(self):
        stream = self.watch(names=["indicators/tsmc_revenue"])
        first = self.read_until_caught_up(stream)[0]
        month = self.next_month(first)
        self.add_month(month, 123456789000)
        change = next(stream)
        self.assertEqual(change.indicator.name, "indicators/tsmc_revenue")
        self.assertEqual(e2e.tables(change)[()][month], 123456789000)
        stream.cancel()

    def test_resumes_after_its_token_with_what_it_missed_and_no_more(self):
        stream = self.watch(names=["indicators/tsmc_revenue", "indicators/ai_chip_spending"])
        seen = self.read_until_caught_up(stream)
        token = seen[-1].resume_token
        stream.cancel()
        month = self.next_month(next(r for r in seen if r.indicator.name.endswith("tsmc_revenue")))
        self.add_month(month, 987654321000)
        resumed = self.read_until_caught_up(
            self.watch(names=["indicators/tsmc_revenue", "indicators/ai_chip_spending"],
                       resume_token=token))
        changed = [response.indicator.name for response in resumed if response.HasField("indicator")]
        self.assertEqual(changed, ["indicators/tsmc_revenue"])
        self.assertEqual(e2e.tables(resumed[0])[()][month], 987654321000)


if __name__ == "__main__":
    unittest.main()

"""headway test granger|var, scenario and nowcast: systems_test.py HEADWAY."""

import json
import math
import os
import random
import unittest

from command_line import TemporaryFolder, run

SHARED = os.path.join(
    os.environ.get("HEADWAY_SHARED_DATA", os.path.join(
        os.path.dirname(__file__), "..", "..", "..", "..", "shared", "data")),
    "reference", "evidence")


def noise(count, seed):
    generator = random.Random(seed)
    return [generator.gauss(0, 1) for _ in range(count)]


def quarters(count, first=1980):
    return [f"{first + i // 4}Q{i % 4 + 1}" for i in range(count)]


def table(periods, **series):
    """CSV of the series; None is an empty cell."""
    rows = [",".join(["period", *series])]
    for i, period in enumerate(periods):
        cells = ["" if column[i] is None else repr(column[i])
                 for column in series.values()]
        rows.append(",".join([period, *cells]))
    return "\n".join(rows) + "\n"


class Systems(TemporaryFolder):
    def answer(self, *arguments):
        result = run(*arguments, "--format", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def refusal(self, *arguments):
        result = run(*arguments)
        self.assertEqual(result.returncode, 1, result.stdout)
        return result.stderr

    def leading(self, count=160):
        """A leader, and what follows it a quarter later."""
        lead, own = noise(count, 1), noise(count, 2)
        follower = [0.8 * (lead[i - 1] if i else 0) + own[i]
                    for i in range(count)]
        return self.write("lead.csv", table(quarters(count), lead=lead,
                                            follower=follower))

    def walks(self, count=120):
        columns = []
        for seed in (3, 4, 5):
            walk, level = [], 0
            for step in noise(count, seed):
                level += step
                walk.append(level)
            columns.append(walk)
        return self.write("walks.csv", table(
            quarters(count), a=columns[0], b=columns[1], c=columns[2]))


class Granger(Systems):
    def test_says_the_direction_in_words_and_both_ways(self):
        answer = self.answer("test", "granger", "--csv", self.leading(),
                             "--lags", "1")
        verdicts = [row["verdict"] for row in answer["pair"]]
        self.assertEqual(verdicts,
                         ["lead helps to predict follower",
                          "follower is not seen to help to predict lead"])
        self.assertEqual(set(answer["results"]),
                         {"lead->follower", "follower->lead"})

    def test_warns_of_walks_and_gives_toda_yamamoto(self):
        answer = self.answer("test", "granger", "--csv", self.walks(),
                             "--lags", "2")
        self.assertTrue(any("13.6 %" in text for text in answer["warnings"]))
        # A test at five percent takes one walk in twenty for a walk of steps.
        self.assertIn(answer["setup"]["d_max"], (1, 2))
        self.assertEqual(len(answer["toda_yamamoto"]), 6)

    def test_chooses_lags_and_shows_the_table(self):
        answer = self.answer("test", "granger", "--csv", self.leading(),
                             "--lag-criterion", "bic", "--max-lags", "6")
        self.assertEqual(answer["setup"]["lags"], 1)
        self.assertEqual(len(answer["lag_selection"]["criteria"]), 6)

    def test_one_series_is_refused(self):
        self.assertIn("at least 2 series", self.refusal(
            "test", "granger", "--csv", self.leading(), "--series", "lead"))

    def test_an_unknown_series_gets_the_nearest_name(self):
        self.assertIn('"follower"', self.refusal(
            "test", "granger", "--csv", self.leading(),
            "--series", "lead,folower"))

    def test_a_gap_names_series_and_period(self):
        a, b = noise(40, 1), noise(40, 2)
        b[20] = None
        path = self.write("gap.csv", table(quarters(40), a=a, b=b))
        self.assertIn("b has no value in 1985Q1",
                      self.refusal("test", "granger", "--csv", path))

    def test_a_missing_row_is_refused(self):
        periods = quarters(41)
        del periods[20]
        path = self.write("rows.csv", table(periods, a=noise(40, 1),
                                            b=noise(40, 2)))
        self.assertIn("1984Q4 is followed by 1985Q2",
                      self.refusal("test", "granger", "--csv", path))

    def test_a_missing_edge_is_left_out_and_said(self):
        a, b = noise(60, 1), noise(60, 2)
        a[0] = None
        path = self.write("edge.csv", table(quarters(60), a=a, b=b))
        answer = self.answer("test", "granger", "--csv", path, "--lags", "1")
        self.assertEqual(answer["setup"]["from"], "1980Q2")
        self.assertTrue(any("left out" in text for text in answer["warnings"]))

    def test_a_column_of_words_is_left_out_and_said(self):
        a, b = noise(60, 1), noise(60, 2)
        text = "".join(
            f"{line},{'note' if i == 0 else 'x'}\n" for i, line in enumerate(
                table(quarters(60), a=a, b=b).splitlines()))
        answer = self.answer("test", "granger", "--csv",
                             self.write("w.csv", text), "--lags", "1")
        self.assertEqual(answer["setup"]["series"], ["a", "b"])
        self.assertTrue(any("note is left out" in w
                            for w in answer["warnings"]))

    def test_a_year_and_its_quarter_make_the_period(self):
        rows = ["year,quarter,a,b"] + [
            f"{1990 + i // 4}.0,{i % 4 + 1}.0,{x!r},{y!r}"
            for i, (x, y) in enumerate(zip(noise(60, 1), noise(60, 2)))]
        answer = self.answer("test", "granger", "--csv",
                             self.write("y.csv", "\n".join(rows) + "\n"),
                             "--lags", "1")
        self.assertEqual(answer["setup"]["time"], "year,quarter")
        self.assertEqual(answer["setup"]["series"], ["a", "b"])


class Var(Systems):
    def test_holds_every_part(self):
        answer = self.answer("test", "var", "--csv", self.leading(), "--lags",
                             "1", "--draws", "100", "--steps", "4",
                             "--horizon", "3")
        for name in ("coefficients", "roots", "lag_selection", "forecast",
                     "impulse_responses", "variance_decomposition",
                     "residual_tests"):
            self.assertIn(name, answer)
        self.assertEqual(answer["forecast"][0]["period"], "2020-Q1")
        self.assertEqual(answer["setup"]["seed"], 1)

    def test_the_same_seed_gives_the_same_bands(self):
        arguments = ("test", "var", "--csv", self.leading(), "--lags", "1",
                     "--draws", "100", "--seed", "5")
        self.assertEqual(self.answer(*arguments), self.answer(*arguments))

    def test_too_many_lags_say_how_many_periods_are_needed(self):
        path = self.write("short.csv", table(quarters(12), a=noise(12, 1),
                                             b=noise(12, 2)))
        self.assertIn("12 periods are too few for 5 lags", self.refusal(
            "test", "var", "--csv", path, "--lags", "5"))


class Scenario(Systems):
    def scenario(self, *arguments):
        return self.answer("scenario", "--csv", self.walks(), "--lags", "2",
                           "--tightness", "0.2", "--horizon", "4", *arguments)

    def path(self, answer, series, member):
        return [row[member] for row in answer["paths"]
                if row["series"] == series]

    def test_a_given_path_is_kept_and_the_others_move(self):
        answer = self.scenario("--condition", "a@+1..+4=10")
        self.assertEqual(self.path(answer, "a", "mean"), [10] * 4)
        self.assertEqual(self.path(answer, "a", "sd"), [0] * 4)
        self.assertEqual(answer["reading"],
                         "given the path, not because of it")
        self.assertEqual(answer["plausibility"]["df"], 4)

    def test_the_baselines_own_path_changes_nothing(self):
        baseline = self.path(self.scenario(), "b", "baseline")
        arguments = []
        for step, value in enumerate(baseline):
            arguments += ["--condition", f"b@+{step + 1}={value!r}"]
        answer = self.scenario(*arguments)
        for row in answer["paths"]:
            self.assertAlmostEqual(row["difference"], 0, places=9)

    def test_a_far_path_is_implausible(self):
        answer = self.scenario("--condition", "a@+1=1000")
        self.assertEqual(answer["plausibility"]["verdict"], "implausible")

    def test_conditions_come_from_a_table_too(self):
        paths = self.write("paths.csv", table(
            ["2010Q1", "2010Q2"], a=[3.0, 4.0], c=[None, 1.5]))
        answer = self.scenario("--conditions", paths)
        self.assertEqual(self.path(answer, "a", "mean")[:2], [3, 4])
        self.assertEqual(self.path(answer, "c", "mean")[1], 1.5)

    def test_a_period_outside_of_the_forecast_is_named(self):
        self.assertIn("2010-Q1 to 2010-Q4", self.refusal(
            "scenario", "--csv", self.walks(), "--horizon", "4",
            "--condition", "a@2009Q4=1"))

    def test_a_condition_that_is_none_says_how_to_write_one(self):
        self.assertIn("SERIES@PERIOD=VALUE", self.refusal(
            "scenario", "--csv", self.walks(), "--condition", "a=1"))

    def test_the_tightness_is_chosen_and_said(self):
        answer = self.answer("scenario", "--csv", self.walks(), "--lags", "1")
        self.assertEqual(answer["setup"]["tightness_chosen_by"],
                         "marginal likelihood")


class Nowcast(Systems):
    def setUp(self):
        super().setUp()
        months = noise(243, 7)
        for i in range(1, 243):
            months[i] += 0.6 * months[i - 1]
        self.months = months
        own = noise(80, 8)
        self.gdp = [sum(months[3 * i:3 * i + 3]) / 3 + 0.1 * own[i]
                    for i in range(80)]
        self.low = self.write("gdp.csv", table(quarters(80), gdp=self.gdp))
        periods = [f"{1980 + i // 12}-{i % 12 + 1:02d}" for i in range(243)]
        self.periods = periods
        self.high = self.write("jobs.csv", table(periods, jobs=months))

    def test_a_bridge_finds_the_mean_and_forecasts_the_next_quarter(self):
        answer = self.answer("nowcast", "--csv", self.low, "--with",
                             self.high, "--method", "bridge")
        self.assertAlmostEqual(answer["results"]["jobs.delta"]["estimate"], 1,
                               delta=0.1)
        self.assertEqual(answer["forecast"]["period"], "2000-Q1")
        self.assertAlmostEqual(answer["forecast"]["estimate"],
                               sum(self.months[240:243]) / 3, delta=0.3)

    def test_midas_weights_add_up_to_one(self):
        for weights in ("nealmon", "nbeta"):
            answer = self.answer("nowcast", "--csv", self.low, "--with",
                                 self.high, "--weights", weights, "--lags",
                                 "0..5", "--ar", "1")
            total = sum(row["weight"]
                        for row in answer["lag_coefficients"]["jobs"])
            self.assertAlmostEqual(total, 1, places=9)
            self.assertGreaterEqual(answer["restriction_test"]["p"], 0)

    def test_umidas_has_a_coefficient_for_every_lag(self):
        answer = self.answer("nowcast", "--csv", self.low, "--with",
                             self.high, "--method", "umidas", "--lags", "0..5")
        self.assertEqual(len(answer["lag_coefficients"]["jobs"]), 6)

    def test_one_table_may_hold_both(self):
        gdp = [self.gdp[i // 3] if i % 3 == 2 and i // 3 < 80 else None
               for i in range(243)]
        path = self.write("both.csv", table(self.periods, jobs=self.months,
                                            gdp=gdp))
        one = self.answer("nowcast", "--csv", path, "--target", "gdp",
                          "--method", "bridge")
        two = self.answer("nowcast", "--csv", self.low, "--with", self.high,
                          "--method", "bridge")
        self.assertAlmostEqual(one["fit"]["rss"], two["fit"]["rss"], places=9)

    def test_indicators_that_are_not_more_frequent_are_refused(self):
        self.assertIn("must be more frequent", self.refusal(
            "nowcast", "--csv", self.low, "--with", self.low))

    def vintages(self):
        """Three monthly series and a quarterly one; the newer has a month
        more, and one value revised."""
        factor = noise(120, 11)
        for i in range(1, 120):
            factor[i] += 0.7 * factor[i - 1]
        series = {name: [load * f + 0.5 * e
                         for f, e in zip(factor, noise(120, seed))]
                  for name, load, seed in (("a", 1, 12), ("b", -1, 13),
                                           ("c", 0.7, 14))}
        weights = (1, 2, 3, 2, 1)
        series["gdp"] = [
            sum(w * factor[i - k] for k, w in enumerate(weights))
            if i % 3 == 2 and i > 4 and i < 117 else None
            for i in range(120)]
        months = [f"{2000 + i // 12}-{i % 12 + 1:02d}" for i in range(120)]
        new = self.write("new.csv", table(months[:119], **{
            name: values[:119] for name, values in series.items()}))
        series["a"][100] += 0.3
        old = self.write("old.csv", table(months[:118], **{
            name: values[:118] for name, values in series.items()}))
        return old, new

    def model(self):
        """One factor, which the quarterly series follows as well."""
        return self.write("model.json", json.dumps({
            "design": [[1], [-1], [0.7], [2]],
            "obs_cov_diag": [0.25, 0.25, 0.25, 1],
            "transition": [[0.7]], "selection": [[1]], "state_cov": [[0.5]],
            "initial_state_t0": [0], "initial_state_cov_t0": [[1]]}))

    def news(self, old, new):
        return ("nowcast", "--method", "news", "--csv", old, "--new", new,
                "--target", "gdp", "--at", "2009Q4")

    def test_news_add_up(self):
        old, new = self.vintages()
        answer = self.answer(*self.news(old, new), "--state-space",
                             self.model())
        parts = {name: value["estimate"]
                 for name, value in answer["results"].items()}
        self.assertAlmostEqual(
            parts["old_nowcast"] + parts["revisions"] + parts["news"]
            + parts["reestimation"], parts["new_nowcast"], places=9)
        self.assertEqual([row["series"] for row in answer["news"]],
                         ["a", "b", "c"])
        self.assertEqual([row["series"] for row in answer["revisions"]],
                         ["a"])

    def test_two_vintages_alike_say_that_there_is_nothing_new(self):
        old, _ = self.vintages()
        answer = self.answer(*self.news(old, old), "--state-space",
                             self.model())
        self.assertTrue(any("neither news nor revisions" in w
                            for w in answer["warnings"]))

    def test_news_without_a_model_are_refused(self):
        old, new = self.vintages()
        self.assertIn("--state-space", self.refusal(*self.news(old, new)))


@unittest.skipUnless(os.path.isdir(SHARED), "the examples are not there")
class PublishedExamples(Systems):
    """The command line gives what the examples publish."""

    def file(self, *parts):
        return os.path.join(SHARED, *parts)

    def expected(self, folder):
        with open(self.file(folder, "expected.json")) as file:
            return json.load(file)["computed"]

    def assert_relative(self, actual, expected, tolerance):
        self.assertLess(abs(actual / expected - 1), tolerance,
                        (actual, expected))

    def test_granger_of_canada(self):
        expected = self.expected("granger_var")["canada"]
        answer = self.answer("test", "granger", "--csv",
                             self.file("granger_var", "canada.csv"), "--lags",
                             "2", "--d-max", "1", "--hac-lags", "4")
        for row in answer["system"]:
            goal = expected["var2_const"][f"granger_{row['from']}"]
            self.assert_relative(row["F"], goal["F"], 1e-6)
            self.assert_relative(row["p"], goal["p"], 1e-6)
            self.assertEqual((row["df1"], row["df2"]), (6, 292))
        for form, key, member in (
                ("pair", "pairwise_grangertest_lag2", "F"),
                ("equation", "single_equation_exclusion_F_lag2", "F"),
                ("toda_yamamoto", "toda_yamamoto_p2_d1_wald_chi2", "chi2")):
            for row in answer[form]:
                goal = expected[key][f"{row['from']}->{row['to']}"]
                self.assert_relative(row[member], goal[member], 1e-6)
                self.assert_relative(row["p"], goal["p"], 1e-6)
        chosen = answer["lag_selection"]
        self.assertEqual([chosen[name] for name in ("aic", "hq", "bic",
                                                    "fpe")], [3, 2, 1, 3])

    def test_granger_of_growth(self):
        expected = self.expected("granger_var")["macrodata_dlog_bivariate"]
        answer = self.answer(
            "test", "granger", "--csv",
            self.file("granger_var", "macrodata.csv"), "--series",
            "realcons,realgdp", "--transform", "dlog", "--lags", "2")
        row, = [row for row in answer["pair"] if row["from"] == "realgdp"]
        self.assert_relative(row["F"], expected["lag2"]["F"], 1e-6)
        self.assertEqual(row["df2"], 195)

    def test_scenario_of_the_bill_rate(self):
        expected = self.expected("bvar_conditional")
        answer = self.answer(
            "scenario", "--csv", self.file("bvar_conditional", "data.csv"),
            "--lags", "4", "--tightness", "0.2", "--horizon", "8",
            "--condition", "tbill@+1..+8=2")
        goal = expected["lambda0.2"]["scenario_tbill_2pct_8q"]
        names = ["lgdp", "lcpi", "unemp", "tbill"]
        for row in answer["paths"]:
            at = row["step"] - 1, names.index(row["series"])
            self.assertAlmostEqual(row["mean"], goal["mean"][at[0]][at[1]],
                                   delta=1e-6)
            self.assertAlmostEqual(row["sd"], goal["sd"][at[0]][at[1]],
                                   delta=1e-5)
        self.assertAlmostEqual(answer["plausibility"]["mahalanobis"],
                               goal["plausibility_mahalanobis_chi2"], 6)
        self.assertAlmostEqual(
            answer["log_marginal_likelihood"],
            expected["lambda0.2"]["log_marginal_likelihood"], 5)

    def test_news_of_the_fed(self):
        expected = self.expected("nowcast_news")["frbny_112"]
        answer = self.answer(
            "nowcast", "--method", "news", "--csv",
            self.file("nowcast_news", "panel_2016-06-29.csv"), "--new",
            self.file("nowcast_news", "panel_2016-07-29.csv"), "--target",
            "GDPC1", "--at", "2016Q3", "--state-space",
            self.file("nowcast_news", "state_space.json"))
        results = answer["results"]
        for name, key in (("old_nowcast", "nowcast_old"),
                          ("revisions", "impact_of_revisions"),
                          ("news", "impact_of_news"),
                          ("new_nowcast", "nowcast_new")):
            self.assertAlmostEqual(results[name]["estimate"], expected[key],
                                   delta=1e-7)
        weights = {row["series"]: row["weight"] for row in answer["news"]}
        for row in expected["news"]:
            self.assertAlmostEqual(weights[row["series"]], row["weight"],
                                   delta=1e-7)

    def test_midas_of_payrolls_and_bridge(self):
        expected = self.expected("midas_bridge")["gdp_payroll"]
        common = ("nowcast", "--csv",
                  self.file("midas_bridge", "us_gdp_quarterly.csv"),
                  "--transform", "100dlog", "--from", "1985", "--to",
                  "2009.0", "--ar", "1", "--with",
                  self.file("midas_bridge", "us_payrolls_monthly.csv"),
                  "--with-transform", "100dlog", "--with-from", "1985")
        midas = self.answer(*common, "--lags", "3..11", "--weights", "nbeta")
        self.assertEqual(midas["fit"]["observations"], 94)
        self.assert_relative(midas["fit"]["rss"], expected["nbeta"]["rss"],
                             1e-6)
        free = self.answer(*common, "--lags", "3..11", "--method", "umidas")
        self.assert_relative(free["fit"]["rss"], expected["umidas"]["rss"],
                             1e-8)
        bridge = self.answer(*common, "--method", "bridge")
        goal = expected["bridge_same_quarter_mean"]
        self.assertEqual(bridge["fit"]["observations"], goal["n"])
        self.assert_relative(bridge["fit"]["rss"], goal["rss"], 1e-8)

    def test_midas_of_okun(self):
        expected = self.expected("midas_bridge")["okun"]
        for lags in (12, 15, 18, 24):
            goal = expected[f"k{lags}"]
            for method, key in (("umidas", "umidas"), ("midas", "nealmon")):
                answer = self.answer(
                    "nowcast", "--csv",
                    self.file("midas_bridge", "us_gdp_annual.csv"),
                    "--transform", "dlog", "--trend", "--with",
                    self.file("midas_bridge", "us_unemployment_monthly.csv"),
                    "--with-transform", "diff", "--with-from", "1949",
                    "--from", "1949", "--lags", f"0..{lags - 1}", "--method",
                    method)
                self.assertEqual(answer["fit"]["observations"], goal["n"])
                self.assert_relative(answer["fit"]["rss"], goal[key]["rss"],
                                     1e-6)
                self.assertTrue(math.isclose(
                    answer["results"]["trend"]["estimate"], goal[key]["trend"],
                    rel_tol=1e-3))


if __name__ == "__main__":
    unittest.main()

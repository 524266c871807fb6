"""headway impact --method bsts and structural: run with HEADWAY."""

import json
import math
import random
import unittest

from command_line import TemporaryFolder, run

EFFECT = 8.0


def rows(count=72, before=54, season=0.0, seed=3):
    """Months with an outcome that follows one of two controls."""
    draw = random.Random(seed)
    near, far = 50.0, 80.0
    result = []
    for i in range(count):
        near += draw.gauss(0, 1)
        far += draw.gauss(0, 1)
        ours = 1.5 * near + draw.gauss(0, 0.3)
        ours += season * math.sin(i * math.pi / 6)
        ours += EFFECT if i >= before else 0
        month = f"{2018 + i // 12}-{i % 12 + 1:02d}"
        result.append([month, ours, near, far])
    return result


def table(cells, header="month,ours,near,far"):
    lines = [",".join(str(cell) for cell in row) for row in cells]
    return "\n".join([header, *lines]) + "\n"


class StructuralImpact(TemporaryFolder):
    def impact(self, text, method, *more):
        path = self.write("table.csv", text)
        return run("impact", "--csv", path, "--time", "month", "--treated",
                   "ours", "--at", "2022-07", "--method", method,
                   "--format", "json", *more)

    def answer(self, text, method, *more):
        result = self.impact(text, method, *more)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def refusal(self, text, method, *more):
        result = self.impact(text, method, *more)
        self.assertNotEqual(result.returncode, 0, result.stdout)
        return result.stderr

    def assert_holds(self, estimate):
        self.assertLess(estimate["low"], EFFECT)
        self.assertGreater(estimate["high"], EFFECT)
        self.assertGreater(estimate["low"], 0)

    def test_bsts_finds_the_effect(self):
        answer = self.answer(table(rows()), "bsts", "--draws", "1000")
        self.assert_holds(answer["results"]["average_effect"])

    def test_structural_finds_the_effect_in_a_season(self):
        answer = self.answer(table(rows(season=4.0)), "structural")
        self.assertEqual(answer["setup"]["season"], 12)
        self.assert_holds(answer["results"]["average_effect"])
        self.assert_holds(answer["results"]["step_effect"])

    def test_p_of_bsts_has_the_floor_of_its_draws(self):
        answer = self.answer(table(rows()), "bsts", "--draws", "1000")
        self.assertGreaterEqual(answer["results"]["average_effect"]["p"],
                                1 / 1001)

    def test_the_same_seed_gives_the_same_answer(self):
        once = self.impact(table(rows()), "bsts", "--draws", "500")
        twice = self.impact(table(rows()), "bsts", "--draws", "500")
        self.assertEqual(once.stdout, twice.stdout)

    def test_periods_have_observed_and_counterfactual(self):
        answer = self.answer(table(rows()), "bsts", "--draws", "500")
        last = answer["periods"][-1]
        self.assertEqual(last["period"], "2023-12")
        self.assertAlmostEqual(last["observed"] - last["counterfactual"],
                               last["effect"])

    def test_placebo_dates_say_their_folds_and_floor(self):
        answer = self.answer(table(rows()), "structural", "--season", "none",
                             "--placebo-dates", "all")
        placebo = answer["placebo_dates"]
        self.assertEqual(placebo["dates"], len(placebo["runs"]))
        self.assertAlmostEqual(placebo["p_floor"],
                               1 / (1 + placebo["independent_folds"]))

    def test_a_missing_outcome_is_passed_over_and_said(self):
        cells = rows()
        cells[5][1] = ""
        cells[60][1] = "NA"
        answer = self.answer(table(cells), "bsts", "--draws", "500")
        self.assertEqual(answer["posterior"]["periods_compared"], 17)
        self.assertTrue(any("2 periods have no outcome" in warning
                            for warning in answer["warnings"]))

    def test_a_missing_control_is_named(self):
        cells = rows()
        cells[30][3] = ""
        self.assertIn("control far has no value in 2020-07",
                      self.refusal(table(cells), "bsts"))

    def test_a_constant_control_is_named(self):
        cells = [[month, ours, near, 7] for month, ours, near, _ in rows()]
        self.assertIn('"far" does not vary',
                      self.refusal(table(cells), "bsts"))

    def test_a_logarithm_of_nothing_is_refused(self):
        cells = rows()
        cells[3][1] = 0
        self.assertIn("ours is 0 in 2018-04",
                      self.refusal(table(cells), "structural", "--log"))

    def test_too_few_periods_before_are_refused(self):
        self.assertIn("before the event the outcome has",
                      self.refusal(table(rows()[50:]), "structural"))

    def test_an_option_of_the_other_method_is_refused(self):
        self.assertIn("--draws", self.refusal(table(rows()), "structural",
                                              "--draws", "500"))

    def test_an_unknown_season_is_refused(self):
        self.assertIn('--season "monthly"',
                      self.refusal(table(rows()), "bsts", "--season",
                                   "monthly"))


if __name__ == "__main__":
    unittest.main()

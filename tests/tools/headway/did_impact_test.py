"""headway impact --method did: run as did_impact_test.py HEADWAY."""

import json
import os
import unittest

from command_line import TemporaryFolder, run

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "../../../../shared/data/reference/evidence")
YEARS = range(2001, 2007)


def rows(starts=(2003, 2003, 2005, 2005, "", "", ""), effect=4.0):
    """Units that are treated from `starts` on, "" for never."""
    result = []
    for unit, start in enumerate(starts):
        for year in YEARS:
            y = 10 * unit + 2 * year + (unit * 7 + year * 3) % 5 / 100
            y += effect if start and year >= int(start) else 0
            result.append([f"u{unit}", year, start, y])
    return result


def table(cells, header="unit,year,start,y"):
    lines = [",".join(str(cell) for cell in row) for row in cells]
    return "\n".join([header, *lines]) + "\n"


def dummies(effect=3.0):
    """Rows of treat, post, y and a cluster; a cell has four of them."""
    result = []
    for i in range(16):
        treat, post = i % 2, i // 2 % 2
        y = 1 + treat + 2 * post + effect * treat * post + i * i % 3 / 10
        result.append([treat, post, y, f"s{i % 8}"])
    return table(result, "treat,post,y,shop")


PANEL = ("--unit", "unit", "--time", "year", "--outcome", "y")
GROUPS = (*PANEL, "--group", "start")
DUMMIES = ("--outcome", "y", "--post", "post", "--treat", "treat")


class DifferencesCase(TemporaryFolder):
    def impact(self, path, *more):
        return run("impact", "--csv", path, "--method", "did", "--format",
                   "json", *more)

    def answer(self, text, *more):
        return self.answer_of(self.write("table.csv", text), *more)

    def answer_of(self, path, *more):
        result = self.impact(path, *more)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def refusal(self, text, *more):
        result = self.impact(self.write("table.csv", text), *more)
        self.assertNotEqual(result.returncode, 0, result.stdout)
        return result.stderr

    def assert_warned(self, answer, text):
        self.assertTrue(any(text in warning for warning in
                            answer["warnings"]), answer["warnings"])


class TwoByTwo(DifferencesCase):
    def test_finds_the_effect(self):
        att = self.answer(dummies(), *DUMMIES, "--cluster",
                          "shop")["results"]["att"]
        self.assertAlmostEqual(att["estimate"], 3, delta=0.2)

    def test_refuses_to_choose_a_covariance(self):
        self.assertIn("--cluster COLUMN", self.refusal(dummies(), *DUMMIES))

    def test_refuses_a_column_that_is_no_dummy(self):
        text = dummies().replace("\n1,1,", "\n1,2,")
        self.assertIn('column "post" is not a dummy',
                      self.refusal(text, *DUMMIES, "--covariance", "hc2"))

    def test_refuses_an_option_of_cs(self):
        self.assertIn("--control-group is of --estimator cs",
                      self.refusal(dummies(), *DUMMIES, "--control-group",
                                   "never"))

    def test_says_what_rows_are_left_out(self):
        text = dummies() + "1,1,NA,s1\n"
        answer = self.answer(text, *DUMMIES, "--covariance", "hc2")
        self.assert_warned(answer, "1 of 17 rows have a missing value")


class Staggered(DifferencesCase):
    def test_cs_finds_the_effect(self):
        answer = self.answer(table(rows()), *GROUPS)
        self.assertEqual(answer["setup"]["estimator"], "cs")
        self.assertAlmostEqual(answer["results"]["simple"]["estimate"], 4,
                               delta=0.1)

    def test_twfe_finds_the_effect(self):
        answer = self.answer(table(rows()), *GROUPS, "--estimator", "twfe")
        self.assertAlmostEqual(answer["results"]["att"]["estimate"], 4,
                               delta=0.1)
        self.assertEqual(answer["setup"]["reference_periods"], [-1])

    def test_marks_of_never_mean_the_same(self):
        empty = self.answer(table(rows()), *GROUPS)["results"]
        for mark in ("0", "NA", "Inf"):
            text = table(rows()).replace(",,", f",{mark},")
            self.assertEqual(self.answer(text, *GROUPS)["results"], empty)

    def test_groups_are_read_as_the_column_of_time_is(self):
        cells = [[unit, f"{year}-01", start and f"Jan {start}", y]
                 for unit, year, start, y in rows()]
        self.assertEqual(self.answer(table(cells), *GROUPS)["results"],
                         self.answer(table(rows()), *GROUPS)["results"])

    def test_a_group_between_periods_is_refused(self):
        cells = [row for row in rows() if row[1] != 2003]
        self.assertIn("next to it are 2002 and 2004",
                      self.refusal(table(cells), *GROUPS))

    def test_a_group_after_the_last_period_is_said(self):
        cells = rows((2003, 2003, 2005, 2005, 2010, "", ""))
        self.assert_warned(self.answer(table(cells), *GROUPS),
                           "1 units begin after 2006")

    def test_a_unit_of_two_groups_is_named(self):
        cells = rows()
        cells[2][2] = 2004
        self.assertIn('unit "u0" has two first treated periods, 2003 and 2004',
                      self.refusal(table(cells), *GROUPS))

    def test_twfe_without_never_treated_units_has_two_references(self):
        cells = rows((2003, 2003, 2005, 2005, 2006, 2006))
        answer = self.answer(table(cells), *GROUPS, "--estimator", "twfe")
        self.assertEqual(answer["setup"]["reference_periods"], [-1, -5])
        self.assert_warned(answer, "no unit is never treated")

    def test_twfe_names_units_that_are_always_treated(self):
        cells = rows((2001, 2003, 2005, 2005, "", "", ""))
        self.assertIn("1 units are treated from the first period, 2001, on: u0",
                      self.refusal(table(cells), *GROUPS, "--estimator",
                                   "twfe"))

    def test_twfe_refuses_a_cluster(self):
        self.assertIn("--cluster is of --estimator 2x2, not of twfe",
                      self.refusal(table(rows()), *GROUPS, "--estimator",
                                   "twfe", "--cluster", "unit"))

    def test_group_refuses_treated(self):
        self.assertIn("leave out --treated",
                      self.refusal(table(rows()), *GROUPS, "--treated", "u0"))

    def test_the_same_seed_gives_the_same_answer(self):
        path = self.write("table.csv", table(rows()))
        self.assertEqual(self.impact(path, *GROUPS).stdout,
                         self.impact(path, *GROUPS).stdout)


class Published(DifferencesCase):
    def reference(self, folder, file):
        path = os.path.join(REFERENCE, folder, file)
        if not os.path.exists(path):
            self.skipTest(f"the published example {folder} is not here")
        return path

    def card_krueger(self, *more):
        return self.answer_of(self.reference("card_krueger",
                                             "card_krueger.csv"),
                              "--outcome", "fte", "--post", "d", "--treat",
                              "nj", *more)["results"]["att"]

    def mpdta(self, *more):
        return self.answer_of(self.reference("staggered_mpdta", "mpdta.csv"),
                              "--unit", "countyreal", "--time", "year",
                              "--outcome", "lemp", "--group", "first.treat",
                              *more)

    def test_card_and_krueger_pooled(self):
        att = self.card_krueger("--covariance", "hc2")
        self.assertAlmostEqual(att["estimate"], 2.75360578298057, 8)
        self.assertAlmostEqual(att["standard_error"], 1.80119967008469, 8)

    def test_card_and_krueger_clustered_by_store(self):
        att = self.card_krueger("--cluster", "id")
        self.assertAlmostEqual(att["standard_error"], 1.30660701241911, 8)

    def test_callaway_and_santanna_group_times(self):
        with open(self.reference("staggered_mpdta", "expected.json"),
                  encoding="utf-8") as file:
            expected = json.load(file)["computed"]["att_gt"]
        found = {f"{one['group']}_{one['period']}": one
                 for one in self.mpdta()["att_gt"]}
        self.assertEqual(found.keys(), expected.keys())
        for name, one in expected.items():
            self.assertAlmostEqual(found[name]["estimate"], one["att"], 8)
            self.assertAlmostEqual(found[name]["standard_error"], one["se"], 8)

    def test_callaway_and_santanna_averages(self):
        results = self.mpdta()["results"]
        for name, value in (("simple", -0.0399512751551763),
                            ("dynamic", -0.0772398214573151),
                            ("group", -0.0310182822287484)):
            self.assertAlmostEqual(results[name]["estimate"], value, 8)

    def test_two_way_fixed_effects(self):
        att = self.mpdta("--estimator", "twfe")["results"]["att"]
        self.assertAlmostEqual(att["estimate"], -0.0365489366740353, 8)
        self.assertAlmostEqual(att["standard_error"], 0.0132651554293377, 8)


if __name__ == "__main__":
    unittest.main()

"""headway impact of a table: run as impact_test.py HEADWAY."""

import csv
import io
import json
import os
import random
import unittest

from command_line import TemporaryFolder, run


def periods(kind, count):
    """`count` periods of a kind, as tables write them."""
    if kind == "years":
        return [str(1990 + i) for i in range(count)]
    if kind == "quarters":
        return [f"{2015 + i // 4}Q{i % 4 + 1}" for i in range(count)]
    if kind == "months":
        return [f"{2020 + i // 12}-{i % 12 + 1:02d}" for i in range(count)]
    if kind == "dates":
        return [f"{2020 + i // 12}-{i % 12 + 1:02d}-01" for i in range(count)]
    if kind == "german":
        return [f"01.{i % 12 + 1:02d}.{2020 + i // 12}" for i in range(count)]
    return [str(i + 1) for i in range(count)]


def panel(units=8, count=20, before=14, effect=5, seed=1):
    """{unit: values}; A is half B and half C, and has the effect after."""
    draw = random.Random(seed)
    names = [chr(ord("A") + i) for i in range(units)]
    values = {}
    for name in names:
        level, row = draw.gauss(50, 5), []
        for _ in range(count):
            level += draw.gauss(0, 1)
            row.append(level)
        values[name] = row
    values["A"] = [(b + c) / 2 + draw.gauss(0, 0.05)
                   for b, c in zip(values["B"], values["C"])]
    for i in range(before, count):
        values["A"][i] += effect
    return values


def long_table(values, times, **columns):
    """Rows unit,when,y and further columns, each {unit: [value a period]}."""
    lines = [",".join(["unit", "when", "y", *columns])]
    for unit, row in values.items():
        for i, value in enumerate(row):
            more = [str(columns[name][unit][i]) for name in columns]
            lines.append(",".join([unit, times[i], repr(value), *more]))
    return "\n".join(lines) + "\n"


def wide_table(values, times):
    lines = [",".join(["when", *values])]
    for i, time in enumerate(times):
        lines.append(",".join([time, *(repr(row[i]) for row in values.values())]))
    return "\n".join(lines) + "\n"


class Impact(TemporaryFolder):
    LONG = ("--unit", "unit", "--time", "when", "--outcome", "y", "--treated", "A")

    def impact(self, text, *arguments):
        return run("impact", "--csv", self.write("panel.csv", text), *arguments)

    def answer(self, text, *arguments):
        result = self.impact(text, *arguments, "--format", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def refusal(self, text, *arguments):
        result = self.impact(text, *arguments)
        self.assertEqual(result.returncode, 1, result.stdout)
        return result.stderr


class SyntheticControl(Impact):
    def test_finds_the_donors_and_the_effect(self):
        answer = self.answer(long_table(panel(), periods("years", 20)), *self.LONG,
                             "--at", "2004", "--method", "synth")
        self.assertAlmostEqual(answer["results"]["att"]["estimate"], 5, delta=0.3)
        self.assertAlmostEqual(answer["weights"]["B"], 0.5, delta=0.05)
        self.assertAlmostEqual(sum(answer["weights"].values()), 1, places=9)

    def test_says_what_it_used(self):
        setup = self.answer(long_table(panel(), periods("years", 20)), *self.LONG,
                            "--at", "2004", "--method", "synth")["setup"]
        self.assertEqual((setup["at"], setup["from"], setup["to"]), ("2004", "1990", "2009"))
        self.assertEqual((setup["v_method"], setup["donors"]), ("outcomes", list("BCDEFGH")))
        self.assertEqual((setup["periods_before"], setup["periods_after"]), (14, 6))

    def test_effects_are_observed_less_counterfactual_in_every_period(self):
        answer = self.answer(long_table(panel(), periods("years", 20)), *self.LONG,
                             "--at", "2004", "--method", "synth")
        self.assertEqual([one["period"] for one in answer["periods"]], periods("years", 20))
        for one in answer["periods"]:
            self.assertAlmostEqual(one["observed"] - one["counterfactual"], one["effect"])

    def test_p_and_its_floor_count_all_units(self):
        answer = self.answer(long_table(panel(effect=40), periods("years", 20)), *self.LONG,
                             "--at", "2004", "--method", "synth")
        self.assertEqual(answer["placebos"]["rank"], 1)
        self.assertEqual(answer["placebos"]["least_p"], 1 / 8)
        self.assertEqual(answer["results"]["att"]["p"], 1 / 8)
        self.assertIn("cannot be below 1/8", " ".join(answer["warnings"]))

    def test_predictors_are_means_over_their_periods(self):
        values = panel()
        answer = self.answer(long_table(values, periods("years", 20)), *self.LONG, "--at", "2004",
                             "--method", "synth", "--predictor", "y:2000-2003",
                             "--predictor", "y:1990,1995", "--v-method", "equal")
        self.assertAlmostEqual(answer["predictors"][0]["treated"], sum(values["A"][10:14]) / 4)
        self.assertAlmostEqual(answer["predictors"][1]["treated"],
                               (values["A"][0] + values["A"][5]) / 2)

    def test_fixed_v_of_a_nested_search_gives_its_weights(self):
        text = long_table(panel(), periods("years", 20))
        arguments = (*self.LONG, "--at", "2004", "--method", "synth", "--predictor", "y:2003",
                     "--predictor", "y:1990-1999", "--no-placebos")
        nested = self.answer(text, *arguments)
        fixed = self.answer(text, *arguments, "--v",
                            ",".join(repr(one["v"]) for one in nested["predictors"]))
        self.assertTrue(nested["v_search"]["starts"])
        for donor, weight in nested["weights"].items():
            self.assertAlmostEqual(fixed["weights"][donor], weight, places=6)

    def test_earlier_dates_and_held_out_periods_are_reported(self):
        answer = self.answer(long_table(panel(), periods("years", 20)), *self.LONG, "--at", "2004",
                             "--method", "synth", "--placebo-at", "1998,2000", "--hold-out", "3")
        self.assertEqual([one["at"] for one in answer["placebos_in_time"]], ["1998", "2000"])
        self.assertEqual(answer["held_out"][0]["at"], "2001")
        self.assertLess(abs(answer["held_out"][0]["effect"]), 1)

    def test_several_treated_units_have_a_mean_and_a_part_each(self):
        values = panel(units=9)
        values["D"] = [value + (5 if i >= 14 else 0) for i, value in enumerate(values["E"])]
        answer = self.answer(long_table(values, periods("years", 20)), *self.LONG[:-1], "A,D",
                             "--at", "2004", "--method", "synth")
        self.assertEqual([one["unit"] for one in answer["units"]], ["A", "D"])
        self.assertAlmostEqual(answer["results"]["att"]["estimate"],
                               sum(one["effect"] for one in answer["units"]) / 2)

    def test_draws_what_it_found(self):
        path = os.path.join(self.folder, "effect.svg")
        self.answer(long_table(panel(), periods("years", 20)), *self.LONG, "--at", "2004",
                    "--method", "synth", "--plot", path)
        with open(path, encoding="utf-8") as file:
            self.assertIn("<svg", file.read())

    def test_csv_is_one_table_by_name(self):
        text = long_table(panel(), periods("years", 20))
        for rows, column in (("periods", "counterfactual"), ("weights", "donor"),
                             ("placebos", "mspe_ratio")):
            result = self.impact(text, *self.LONG, "--at", "2004", "--method", "synth",
                                 "--format", "csv", "--rows", rows)
            self.assertIn(column, next(csv.reader(io.StringIO(result.stdout))))


class SyntheticDifference(Impact):
    def test_has_three_estimates_with_errors(self):
        results = self.answer(long_table(panel(), periods("years", 20)), *self.LONG,
                              "--at", "2004", "--method", "sdid")["results"]
        self.assertEqual(set(results), {"sdid", "synth", "did"})
        for one in results.values():
            self.assertLess(one["low"], one["estimate"])
            self.assertLess(one["estimate"], one["high"])

    def test_bootstrap_needs_several_treated_units(self):
        self.assertIn("need at least two treated units",
                      self.refusal(long_table(panel(), periods("years", 20)), *self.LONG,
                                   "--at", "2004", "--method", "sdid", "--se", "bootstrap"))

    def test_one_donor_has_an_estimate_and_no_error(self):
        answer = self.answer(long_table(panel(), periods("years", 20)), *self.LONG, "--at", "2004",
                             "--method", "sdid", "--controls", "B")
        self.assertNotIn("standard_error", answer["results"]["sdid"])
        self.assertIn("no standard error", " ".join(answer["warnings"]))


    def test_errors_from_few_placebos_are_warned_of(self):
        answer = self.answer(long_table(panel(), periods("years", 20)), *self.LONG, "--at", "2004",
                             "--method", "sdid", "--controls", "B,C,D")
        self.assertIn("rest on 3 estimates", " ".join(answer["warnings"]))

    def test_several_dates_are_refused(self):
        self.assertIn("all treated units begin at one period",
                      self.refusal(long_table(panel(), periods("years", 20)), *self.LONG,
                                   "--at", "2004,2005", "--method", "sdid"))


class Tables(Impact):
    def test_periods_may_be_of_any_kind(self):
        for kind in ("years", "quarters", "months", "dates", "numbers"):
            times = periods(kind, 20)
            answer = self.answer(long_table(panel(), times), *self.LONG, "--at", times[14],
                                 "--method", "synth", "--no-placebos")
            self.assertEqual(answer["setup"]["periods_before"], 14, kind)

    def test_a_format_says_what_may_mean_several_things(self):
        times = periods("german", 20)
        answer = self.answer(long_table(panel(), times), *self.LONG, "--at", times[14],
                             "--time-format", "%d.%m.%Y", "--method", "synth", "--no-placebos")
        self.assertEqual(answer["setup"]["periods_before"], 14)

    def test_rows_may_stand_in_any_order(self):
        text = long_table(panel(), periods("years", 20))
        header, *rows = text.splitlines()
        random.Random(2).shuffle(rows)
        arguments = (*self.LONG, "--at", "2004", "--method", "sdid", "--se", "none")
        self.assertAlmostEqual(
            self.answer(text, *arguments)["results"]["sdid"]["estimate"],
            self.answer("\n".join([header, *rows]), *arguments)["results"]["sdid"]["estimate"],
            places=9)

    def test_a_wide_table_is_the_long_one(self):
        values, times = panel(), periods("years", 20)
        wide = self.answer(wide_table(values, times), "--time", "when", "--treated", "A",
                           "--at", "2004", "--method", "synth")
        long = self.answer(long_table(values, times), *self.LONG, "--at", "2004", "--method", "synth")
        self.assertEqual(wide["results"], long["results"])

    def test_names_may_hold_commas(self):
        values = panel()
        values['"A, north"'] = values.pop("A")
        answer = self.answer(long_table(values, periods("years", 20)), *self.LONG[:-1], "A, north",
                             "--at", "2004", "--method", "synth", "--no-placebos")
        self.assertEqual(answer["setup"]["treated"], ["A, north"])

    def test_incomplete_units_are_refused_by_unit_and_period(self):
        text = long_table(panel(), periods("years", 20)).replace("D,1995,", "D,1995,NA#")
        text = "\n".join(line.split("#")[0] for line in text.splitlines())
        message = self.refusal(text, *self.LONG, "--at", "2004", "--method", "synth")
        self.assertIn('"D" has no y in 1995', message)
        self.assertIn("--drop-incomplete", message)

    def test_incomplete_units_are_dropped_on_demand_and_named(self):
        lines = long_table(panel(), periods("years", 20)).splitlines()
        text = "\n".join(line for line in lines if not line.startswith("D,1995,"))
        answer = self.answer(text, *self.LONG, "--at", "2004", "--method", "synth",
                             "--drop-incomplete", "--no-placebos")
        self.assertNotIn("D", answer["weights"])
        self.assertIn("D was left out: no y in 1995", " ".join(answer["warnings"]))


class BadTables(Impact):
    TEXT = long_table(panel(), periods("years", 20))

    def refused(self, *arguments, text=TEXT, base=Impact.LONG):
        return self.refusal(text, *base, *arguments)

    def test_unknown_columns_are_named_with_the_nearest(self):
        self.assertIn('no column "unitt"; did you mean "unit"?',
                      self.refused("--at", "2004", "--method", "synth",
                                   base=("--unit", "unitt", *self.LONG[2:])))

    def test_unknown_units_are_named(self):
        self.assertIn('--treated: no unit is "Atlantis"',
                      self.refused("--at", "2004", "--method", "synth",
                                   base=(*self.LONG[:-1], "Atlantis")))

    def test_a_treated_unit_is_no_control(self):
        self.assertIn('"A" is both treated and in --controls',
                      self.refused("--at", "2004", "--method", "synth", "--controls", "A,B"))

    def test_a_date_outside_the_table_is_refused_with_its_range(self):
        self.assertIn("the table goes from 1990 to 2009",
                      self.refused("--at", "2030", "--method", "synth"))

    def test_the_first_period_leaves_none_before_it(self):
        self.assertIn("none is left before it",
                      self.refused("--at", "1990", "--method", "sdid"))

    def test_a_missing_date_is_asked_for(self):
        self.assertIn("--at", self.refused("--method", "synth"))

    def test_two_rows_of_one_unit_and_period_are_refused_by_line(self):
        self.assertIn("lines 2 and 162 are both of A in 1990",
                      self.refused("--at", "2004", "--method", "synth",
                                   text=self.TEXT + "A,1990,3\n"))

    def test_words_among_numbers_are_refused_by_line(self):
        text = self.TEXT.replace("C,1990,", "C,1990,about ")
        message = self.refused("--at", "2004", "--method", "synth", text=text)
        self.assertIn("panel.csv:42:", message)
        self.assertIn("is not a finite number", message)

    def test_periods_of_two_kinds_are_refused(self):
        self.assertIn("write all alike",
                      self.refused("--at", "2004", "--method", "synth",
                                   text=self.TEXT.replace("D,1995,", "D,1995-03,")))

    def test_predictors_of_the_treatment_are_refused(self):
        self.assertIn("is not before the treatment",
                      self.refused("--at", "2004", "--method", "synth", "--predictor", "y:2000-2006"))

    def test_options_of_another_method_are_refused(self):
        self.assertIn("--se is an option of --method sdid, not of synth",
                      self.refused("--at", "2004", "--method", "synth", "--se", "placebo"))

    def test_unknown_methods_are_refused_with_those_there_are(self):
        self.assertIn('no method is "synht"', self.refused("--at", "2004", "--method", "synht"))

    def test_another_separator_is_recognised(self):
        self.assertIn("--separator ';'",
                      self.refused("--at", "2004", "--method", "synth",
                                   text=self.TEXT.replace(",", ";")))


if __name__ == "__main__":
    unittest.main()

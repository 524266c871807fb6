"""What sources share: states, options, numbers, names, tables of HTML."""

import contextlib
import io
import os
import sys
import unittest

import headway_plugin as hp

sys.path.append(os.environ["HEADWAY_PLUGINS_DIR"])
import answers  # noqa: E402 (it lies where the plugins are)


def request(now="2026-09-15T12:00:00Z", checkpoint="", fingerprint="f",
            **options):
    return hp.Request("test", options, {"": checkpoint}, hp.parse_instant(now),
                      fingerprint)


class StateTest(unittest.TestCase):
    def test_the_same_fields_are_the_same_bytes(self):
        self.assertEqual(answers.state_text(request(), a=1, b=2),
                         answers.state_text(request(), b=2, a=1))

    def test_a_state_is_read_again(self):
        text = answers.state_text(request(), through="2026-08")
        self.assertEqual(answers.last_state(request(checkpoint=text))[
            "through"], "2026-08")

    def test_other_options_discard_it(self):
        text = answers.state_text(request(), through="2026-08")
        self.assertEqual(answers.last_state(
            request(checkpoint=text, fingerprint="other")), {})

    def test_a_state_of_another_kind_is_none(self):
        self.assertEqual(answers.last_state(request(checkpoint="2026-08")), {})


class OptionTest(unittest.TestCase):
    def test_pairs_are_read(self):
        self.assertEqual(answers.pairs_option(
            request(x="1=a, 2=b"), "x", "1=a"), {"1": "a", "2": "b"})

    def test_a_pair_that_is_none_is_named(self):
        with self.assertRaisesRegex(hp.ConfigError,
                                    'option x: "2" is not of the form 1=a'):
            answers.pairs_option(request(x="1=a,2"), "x", "1=a")

    def test_a_pair_given_twice_is_named(self):
        with self.assertRaisesRegex(hp.ConfigError, 'names "1" twice'):
            answers.pairs_option(request(x="1=a,1=b"), "x", "1=a")

    def test_a_month_before_the_first_is_refused(self):
        with self.assertRaisesRegex(hp.ConfigError, "nothing before 2010-01"):
            answers.month_option(request(x="2009-12"), "x", "2010-01")

    def test_a_number_below_its_least_is_refused(self):
        with self.assertRaisesRegex(hp.ConfigError, 'option x = "0" is not'):
            answers.whole_number(request(x="0"), "x")

    def test_other_digits_are_no_number(self):
        with self.assertRaises(hp.ConfigError):
            answers.whole_number(request(x="\u0663"), "x")

    def test_a_choice_names_the_others(self):
        with self.assertRaisesRegex(hp.ConfigError,
                                    'option x = "c" is none of a, b'):
            answers.choice_option(request(x="c"), "x", ("a", "b"))


class NumberTest(unittest.TestCase):
    def test_thousands_have_commas(self):
        self.assertEqual(answers.number("1,234.5", ""), 1234.5)

    def test_a_minus_of_print_is_one(self):
        self.assertEqual(answers.number("\u22126.4", ""), -6.4)

    def test_a_dash_is_nothing(self):
        self.assertIsNone(answers.number(" - ", ""))

    def test_words_are_refused(self):
        with self.assertRaisesRegex(hp.PluginError,
                                    'row 3: "many" is not a number'):
            answers.number("many", "row 3")


class MonthTest(unittest.TestCase):
    def test_december_is_followed_by_january(self):
        self.assertEqual(answers.next_month("2025-12"), "2026-01")

    def test_january_follows_december(self):
        self.assertEqual(answers.next_month("2026-01", -1), "2025-12")

    def test_a_month_far_ahead_is_not_plausible(self):
        with self.assertRaisesRegex(hp.PluginError, "lies in the future"):
            answers.check_plausible("2026-11", request(), "x")


class FormTest(unittest.TestCase):
    def test_a_text_where_a_list_should_be_names_the_answer(self):
        with self.assertRaisesRegex(
                hp.PluginError, "https://x: the answer has another form than "
                "the one that is known: TypeError"):
            with contextlib.redirect_stderr(io.StringIO()), (
                    answers.known_form("https://x")):
                "text"["rows"]

    def test_an_error_with_a_name_is_kept(self):
        with self.assertRaisesRegex(hp.ConfigError, "^no key$"):
            with answers.known_form("https://x"):
                raise hp.ConfigError("no key")


class HtmlTablesTest(unittest.TestCase):
    def test_cells_need_not_be_closed(self):
        self.assertEqual(
            answers.html_tables("<table><tr><td>a<td>b<tr><td>c</table>"),
            [[["a", "b"], ["c"]]])

    def test_a_cell_over_two_rows_stands_in_both(self):
        self.assertEqual(answers.html_tables(
            "<table><tr><th rowspan=2>a<th colspan=2>b"
            "<tr><th>c<th>d</table>"), [[["a", "b", "b"], ["a", "c", "d"]]])

    def test_a_table_in_a_table_is_one_of_its_own(self):
        self.assertEqual(answers.html_tables(
            "<table><tr><td><table><tr><td>in</table><td>out</table>"),
            [[["", "out"]], [["in"]]])

    def test_a_cell_over_a_million_columns_is_bounded(self):
        tables = answers.html_tables("<table><tr><td colspan=1000000>a")
        self.assertEqual(len(tables[0][0]), 100)


if __name__ == "__main__":
    unittest.main()

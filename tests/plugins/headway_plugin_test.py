"""Tests of the Python SDK: readers, periods, what a plugin says. Those of its
HTTP client are in sdk/python."""

import datetime
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile

import headway_plugin as hp

TEMPLATES = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../plugins/sdk/templates")
FIRST_PLUGIN = os.path.join(TEMPLATES, "plugin.py")


class CsvTest(unittest.TestCase):
    def rows(self, text, **options):
        return [dict(row) for row in hp.csv_rows(text, "t.csv", **options)]

    def test_reads_cells_of_several_lines_and_counts_lines(self):
        rows = list(hp.csv_rows('\ufeffa, b\r\n\r\n1,"x\ny, ""z"""\r\n2,3\r\n',
                                "t.csv"))
        self.assertEqual(rows[0], {"a": "1", "b": 'x\ny, "z"'})
        self.assertEqual([row.line for row in rows], [3, 5])

    def test_refuses_a_row_of_another_length(self):
        with self.assertRaisesRegex(hp.PluginError,
                                    "t.csv:3: the row has 1 cells, the head"):
            self.rows("a,b\n1,2\n3\n")

    def test_refuses_a_column_named_twice_and_an_empty_text(self):
        with self.assertRaisesRegex(hp.PluginError, 'column "a" twice'):
            self.rows("a,b,a\n")
        with self.assertRaisesRegex(hp.PluginError, "t.csv:1: is empty"):
            self.rows("")

    def test_names_the_column_that_is_nearest_to_one_that_is_not_there(self):
        (row,) = hp.csv_rows("period,value\n2024,1\n", "t.csv")
        with self.assertRaisesRegex(
                hp.PluginError, 't.csv:2: there is no column "valeu"; the '
                'nearest is "value"'):
            row["valeu"]
        with self.assertRaisesRegex(hp.PluginError, "there are period, value"):
            row["country"]

    def test_a_column_that_is_not_there_is_a_key_that_is_not_there(self):
        (row,) = hp.csv_rows("a\n1\n", "t.csv")
        with self.assertRaises(KeyError):
            row["b"]
        self.assertEqual(row.get("b", "none"), "none")

    def test_refuses_a_cell_that_is_not_closed(self):
        with self.assertRaisesRegex(hp.PluginError, "t.csv:2: "):
            self.rows('a,b\n1,"2\n')

    def test_takes_another_delimiter_and_bounds_cells(self):
        self.assertEqual(self.rows("a;b\n1;2\n", delimiter=";"),
                         [{"a": "1", "b": "2"}])
        with self.assertRaisesRegex(hp.PluginError, "field limit"):
            self.rows("a,b\n1,xxxxx\n", max_cell_bytes=4)


def workbook():
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "xl/workbook.xml":
            f'<workbook xmlns="{space}" xmlns:r="{office}"><sheets>'
            '<sheet name="Notes" r:id="r1"/><sheet name="Data" r:id="r2"/>'
            "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels":
            "<Relationships xmlns="
            '"http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
            '<Relationship Id="r2" Target="/xl/worksheets/sheet2.xml"/>'
            "</Relationships>",
        "xl/sharedStrings.xml":
            f'<sst xmlns="{space}"><si><t>Month</t></si>'
            "<si><r><t>Ameri</t></r><r><t>cas</t></r></si></sst>",
        "xl/worksheets/sheet1.xml":
            f'<worksheet xmlns="{space}"><sheetData/></worksheet>',
        "xl/worksheets/sheet2.xml":
            f'<worksheet xmlns="{space}"><sheetData>'
            '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
            '<row><c r="A2"><v>45352</v></c>'
            '<c r="B2" t="inlineStr"><is><t>x</t></is></c>'
            '<c r="C2"><v>12.5</v></c><c r="D2" t="b"><v>1</v></c>'
            '<c r="E2" t="e"><v>#N/A</v></c></row></sheetData></worksheet>',
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for path, text in parts.items():
            archive.writestr(path, text)
    return body.getvalue()


class ReadersTest(unittest.TestCase):
    def test_reads_the_cells_of_a_sheet(self):
        rows = hp.xlsx_rows(workbook(), "Data")
        self.assertEqual(rows[0], ["Month", None, "Americas"])
        self.assertEqual(rows[1], [45352.0, "x", 12.5, True, None])
        self.assertEqual(hp.xlsx_date(rows[1][0]), datetime.date(2024, 3, 1))
        self.assertEqual(hp.xlsx_rows(workbook()), [])

    def test_names_a_sheet_that_is_not_there(self):
        with self.assertRaisesRegex(hp.PluginError,
                                    'no sheet "X"; there are Notes, Data'):
            hp.xlsx_rows(workbook(), "X")

    def test_refuses_a_cell_that_names_no_string(self):
        body = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(workbook())) as whole, \
                zipfile.ZipFile(body, "w") as broken:
            for name in whole.namelist():
                if name != "xl/sharedStrings.xml":
                    broken.writestr(name, whole.read(name))
        with self.assertRaisesRegex(hp.PluginError, "w: not as XLSX has it"):
            hp.xlsx_rows(body.getvalue(), "Data", what="w")

    def test_refuses_what_is_no_workbook_and_what_unpacks_too_far(self):
        with self.assertRaisesRegex(hp.PluginError, "not a ZIP archive"):
            hp.xlsx_rows(b"<html>")
        with self.assertRaisesRegex(hp.PluginError, "more than 10"):
            hp.open_zip(workbook(), "w", max_bytes=10)

    def test_names_the_beginning_of_bad_json_and_xml(self):
        with self.assertRaisesRegex(hp.PluginError,
                                    'reply: not JSON.* begins with "<html>"'):
            hp.parse_json("<html>", "reply")
        with self.assertRaisesRegex(hp.PluginError, "reply: not XML"):
            hp.parse_xml(b"{}", "reply")
        self.assertEqual(hp.parse_xml(b"<a><b>1</b></a>", "r").findtext("b"),
                         "1")

    def test_refuses_xml_that_declares_entities(self):
        with self.assertRaisesRegex(hp.PluginError, "declares entities"):
            hp.parse_xml(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "reply")


class NearestTest(unittest.TestCase):
    def test_finds_the_name_that_was_meant(self):
        names = ["Country Code", "Value", "Year"]
        self.assertEqual(hp.nearest("value", names), "Value")
        self.assertEqual(hp.nearest("country_code", names), "Country Code")

    def test_finds_none_that_is_far_off(self):
        self.assertIsNone(hp.nearest("xyz", ["Value"]))
        self.assertIsNone(hp.nearest("xyz", []))


class PeriodTest(unittest.TestCase):
    def test_reads_each_form(self):
        for text, frequency, first in (
                ("2024", "annual", (2024, 1, 1)),
                ("2024-S2", "semiannual", (2024, 7, 1)),
                ("2024-Q3", "quarterly", (2024, 7, 1)),
                ("2024-03", "monthly", (2024, 3, 1)),
                ("2020-W53", "weekly", (2020, 12, 28)),
                ("2024-02-29", "daily", (2024, 2, 29))):
            day = datetime.date(*first)
            self.assertEqual(hp.parse_period(text), (frequency, day))
            self.assertEqual(hp.period_of(frequency, day), text)

    def test_refuses_what_is_no_period(self):
        for text in ("24", "2024-S3", "2024-Q5", "2024-13", "2024-W54", "2023-W53",
                     "2023-02-29", "2024-3", "1500", "٢٠٢٤"):
            with self.assertRaises(hp.PluginError, msg=text):
                hp.parse_period(text)
        with self.assertRaisesRegex(hp.PluginError, "is annual, not monthly"):
            hp.parse_period("2024", "monthly")

    def test_a_date_is_the_end_of_that_day(self):
        end = datetime.datetime(2024, 3, 5, 23, 59, 59, 999999,
                                tzinfo=datetime.timezone.utc)
        noon = end.replace(hour=12)
        self.assertEqual(hp.parse_instant("2024-03-05"), end)
        self.assertEqual(hp.parse_instant("2024-03-05", noon), noon)
        later = noon + datetime.timedelta(days=1)
        self.assertEqual(hp.parse_instant("2024-03-05", later), end)
        earlier = noon - datetime.timedelta(days=1)
        self.assertEqual(hp.parse_instant("2024-03-05", earlier), end)

    def test_reads_instants_with_a_time_zone_only(self):
        utc = datetime.timezone.utc
        self.assertEqual(hp.parse_instant("2024-03-05T08:30:00-05:00"),
                         datetime.datetime(2024, 3, 5, 13, 30, tzinfo=utc))
        for text in ("2024-03-05T08:30:00", "soon"):
            with self.assertRaises(hp.PluginError):
                hp.parse_instant(text)


class WriterTest(unittest.TestCase):
    def setUp(self):
        self.said = []
        self.out = hp.Writer(self.said.append, ["s3cret"])

    def define(self, **extra):
        self.out.series("x", metric="m", frequency="monthly", unit="USD",
                        **extra)

    def test_orders_the_vintages_of_a_series(self):
        self.define(vintage_kind="NATIVE")
        for day in (3, 1, 2):
            self.out.observe("x", "2024-01", day,
                             hp.parse_instant(f"2024-03-0{day}"))
        self.out.checkpoint()
        batches = [m["observations"] for m in self.said if "observations" in m]
        self.assertEqual([b["knownAt"] for b in batches],
                         [f"2024-03-0{d}T23:59:59.999999Z" for d in (1, 2, 3)])

    def test_says_how_firm_values_are(self):
        self.define()
        self.out.observe("x", "2024-01", 1)
        self.out.observe("x", "2024-02", 2, status="PARTIAL")
        self.out.checkpoint()
        batch = next(m["observations"] for m in self.said
                     if "observations" in m)
        self.assertEqual(batch["statuses"], ["FINAL", "PARTIAL"])

    def test_says_nothing_where_all_values_are_final(self):
        self.define()
        self.out.batch("x", {"2024-01": 1})
        self.assertNotIn("statuses", self.said[-1]["observations"])

    def test_refuses_what_the_daemon_would_refuse(self):
        self.define()
        with self.assertRaisesRegex(hp.PluginError, "2024-01 is 'part'; write"):
            self.out.batch("x", {"2024-01": 1}, statuses={"2024-01": "part"})
        with self.assertRaisesRegex(hp.PluginError, "a status and no value"):
            self.out.batch("x", {}, statuses={"2024-01": "PARTIAL"})
        for values, message in (({"2024": 1}, "is annual, not monthly"),
                                ({"2024-01": float("nan")}, "not a number")):
            with self.assertRaisesRegex(hp.PluginError, message):
                self.out.batch("x", values)
        with self.assertRaisesRegex(hp.PluginError, "no such series"):
            self.out.batch("y", {})
        with self.assertRaisesRegex(hp.PluginError, "NATIVE"):
            self.out.batch("x", {}, known_at=hp.parse_instant("2024-01-01"))
        with self.assertRaisesRegex(hp.PluginError, "defined twice"):
            self.define()
        self.out.observe("x", "2024-01", 1)
        with self.assertRaisesRegex(hp.PluginError, "occurs twice"):
            self.out.observe("x", "2024-01", 2)
        with self.assertRaisesRegex(hp.PluginError, "longer than"):
            self.out.checkpoint(state="x" * (hp.MAX_STATE_BYTES + 1))

    def test_refuses_values_that_no_checkpoint_covers(self):
        self.define()
        self.out.observe("x", "2024-01", 1)
        with self.assertRaisesRegex(hp.PluginError, "last checkpoint"):
            self.out.finish()
        self.out.checkpoint()
        self.out.finish()

    def test_strikes_secrets_out_of_all_text(self):
        self.out.info("key=s3cret")
        self.out.progress(1, 2, "s3cret")
        self.out.fail(hp.TransientError("https://x/?key=s3cret", 90))
        self.assertNotIn("s3cret", json.dumps(self.said))
        self.assertEqual(self.said[2]["error"]["retryAfter"], "90.000s")


class FirstPluginTest(unittest.TestCase):
    """The plugin of fifteen lines, run as the daemon runs it."""

    def run_plugin(self, verb, request):
        done = subprocess.run(
            [sys.executable, "-B", FIRST_PLUGIN, verb],
            input=json.dumps(request).encode(), capture_output=True,
            env={"PYTHONPATH": os.environ["PYTHONPATH"]}, check=False)
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, messages, done.stderr.decode()

    def request(self, text):
        file = tempfile.NamedTemporaryFile(suffix=".csv")
        self.addCleanup(file.close)
        file.write(text)
        file.flush()
        return {"config": {"url": "file://" + file.name},
                "now": "2026-08-20T12:00:00.123456789Z"}

    def test_delivers_a_series_in_fifteen_lines(self):
        with open(FIRST_PLUGIN) as file:
            self.assertLessEqual(len(file.readlines()), 15)
        status, messages, _ = self.run_plugin(
            "read", self.request(b"period,value\n2024,1\n2025,2\n"))
        self.assertEqual(status, 0)
        self.assertEqual(messages[1]["observations"],
                         {"series": "x", "periods": ["2024", "2025"],
                          "values": [1.0, 2.0]})
        self.assertTrue(messages[2]["checkpoint"]["complete"])

    def test_describes_discovers_and_checks(self):
        _, messages, _ = self.run_plugin("describe", {})
        self.assertEqual(messages[0]["description"]["protocolVersion"], 1)
        request = self.request(b"period,value\n2024,1\n")
        _, messages, _ = self.run_plugin("discover", request)
        self.assertEqual([list(m) for m in messages], [["series"]])
        # Without a check of its own it asks the publisher nothing.
        _, messages, _ = self.run_plugin(
            "check", {**request, "config": {"url": "http://127.0.0.1:1/"}})
        self.assertTrue(messages[0]["check"]["ok"])
        self.assertIn("the publisher was not asked", messages[0]["check"]["message"])

    def test_reports_config_errors_and_defects_by_class(self):
        status, messages, _ = self.run_plugin("read", {"config": {"ulr": "x"}})
        self.assertEqual(status, 1)
        self.assertEqual(messages[0]["error"]["class"], "CONFIG")
        self.assertIn("it has url", messages[0]["error"]["message"])
        _, messages, _ = self.run_plugin("read", {})
        self.assertIn('option "url" is missing', messages[0]["error"]["message"])
        status, messages, errors = self.run_plugin(
            "read", self.request(b"period,value\n2024,many\n"))
        self.assertEqual(status, 1)
        self.assertEqual(messages[-1]["error"]["class"], "SYSTEM")
        self.assertIn("ValueError", messages[-1]["error"]["message"])
        self.assertIn("Traceback", errors)

    def test_names_the_line_of_the_plugin_in_an_error(self):
        _, messages, _ = self.run_plugin(
            "read", self.request(b"period,value\n2024,many\n"))
        with open(FIRST_PLUGIN) as file:
            line = 1 + next(number for number, text in enumerate(file)
                            if "float(" in text)
        self.assertIn(f"(plugin.py, line {line}, in read)",
                      messages[-1]["error"]["message"])

    def test_names_the_nearest_column_in_an_error(self):
        _, messages, _ = self.run_plugin(
            "read", self.request(b"period,values\n2024,1\n"))
        self.assertRegex(messages[-1]["error"]["message"],
                         ':2: there is no column "value"; the nearest is '
                         '"values"$')

    def test_explains_itself_without_a_verb(self):
        status, _, errors = self.run_plugin("dance", {})
        self.assertNotEqual(status, 0)
        self.assertIn("usage: my-plugin describe|check|discover|read", errors)


class DescriptionTest(unittest.TestCase):
    def test_says_its_limits_and_that_it_needs_a_contact(self):
        described = hp._describe(hp.Plugin(
            "p", "1", "s", limits=[hp.Limit("a.example", per_day=500)],
            needs_contact=True))
        self.assertEqual(described["limits"], [
            {"host": "a.example", "requestsPerSecond": 0,
             "requestsPerMinute": 0, "requestsPerDay": 500}])
        self.assertTrue(described["needsContact"])

    def test_describes_on_what_terms_the_numbers_are_given(self):
        terms = hp.Terms("forbidden", "For your own use.", "https://a.org/t")
        described = hp._describe(hp.Plugin(
            name="p", version="1", summary="", terms=terms))
        self.assertEqual(described["terms"], {
            "sharing": "FORBIDDEN", "summary": "For your own use.",
            "url": "https://a.org/t"})

    def test_terms_that_say_neither_of_the_two_are_an_error(self):
        plugin = hp.Plugin(name="p", version="1", summary="",
                           terms=hp.Terms("maybe", "", ""))
        with self.assertRaisesRegex(ValueError, '"maybe" is neither'):
            hp._describe(plugin)

    def test_refuses_to_read_without_the_contact_that_it_needs(self):
        plugin = hp.Plugin("p", "1", "s", needs_contact=True)
        with self.assertRaisesRegex(hp.ConfigError,
                                    "set HEADWAY_CONTACT to an address"):
            hp.make_request(plugin, "{}")


if __name__ == "__main__":
    unittest.main()

"""Tests of the Python SDK, with a real HTTP server on the loopback."""

import datetime
import http.server
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile

import headway_plugin as hp

TEMPLATES = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../plugins/sdk/templates")
FIRST_PLUGIN = os.path.join(TEMPLATES, "plugin.py")


class Server:
    """Answers (status, headers, body) in turn, the last of them for ever."""

    def __init__(self, *answers):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append((self.path, dict(self.headers)))
                answer = answers[min(len(outer.requests), len(answers)) - 1]
                if callable(answer):
                    answer = answer(self)
                status, headers, body = answer
                self.send_response(status)
                headers = {"Content-Length": str(len(body)), **headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        class QuietServer(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # a client that hung up, on purpose

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/x"
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *args):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class HttpTest(unittest.TestCase):
    def setUp(self):
        self.waits = []
        self.now = 0.0

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def client(self, **options):
        return hp.Http(sleep=self.sleep, clock=lambda: self.now, seed=1,
                       **options)

    def test_retries_a_server_error_with_rising_backoff(self):
        with Server((500, {}, b""), (503, {}, b""), (200, {}, b"ok")) as server:
            self.assertEqual(self.client().get(server.url).body, b"ok")
        self.assertEqual(len(self.waits), 2)
        self.assertTrue(0.5 <= self.waits[0] <= 1 <= self.waits[1] <= 2)

    def test_gives_up_with_a_transient_error(self):
        with Server((502, {}, b"bad gateway")) as server:
            with self.assertRaisesRegex(
                    hp.TransientError, r'502 saying "bad gateway".*4 attempts'):
                self.client().get(server.url)
            self.assertEqual(len(server.requests), 4)

    def test_waits_as_long_as_retry_after_says(self):
        with Server((429, {"Retry-After": "7"}, b""), (200, {}, b"")) as server:
            self.client().get(server.url)
        self.assertEqual(self.waits, [7])

    def test_passes_a_long_retry_after_on(self):
        with Server((429, {"Retry-After": "3600"}, b"")) as server:
            with self.assertRaises(hp.TransientError) as raised:
                self.client().get(server.url)
        self.assertEqual(raised.exception.retry_after, 3600)
        self.assertEqual(self.waits, [])

    def test_reads_retry_after_as_seconds_and_as_a_date(self):
        now = datetime.datetime(2026, 8, 20, 12, tzinfo=datetime.timezone.utc)
        self.assertEqual(hp.parse_retry_after("120"), 120)
        self.assertEqual(
            hp.parse_retry_after("Thu, 20 Aug 2026 12:00:30 GMT", now), 30)
        self.assertEqual(
            hp.parse_retry_after("Thu, 20 Aug 2026 11:00:00 GMT", now), 0)
        self.assertIsNone(hp.parse_retry_after("soon"))
        self.assertIsNone(hp.parse_retry_after(None))

    def test_retries_a_body_that_is_cut_short(self):
        with Server((200, {"Content-Length": "10"}, b"half"),
                    (200, {}, b"whole")) as server:
            self.assertEqual(self.client().get(server.url).body, b"whole")

    def test_refuses_a_body_beyond_the_limit(self):
        with Server((200, {}, b"x" * 1001)) as server:
            with self.assertRaisesRegex(hp.PluginError,
                                        "larger than 1000 bytes"):
                self.client(max_response_bytes=1000).get(server.url)

    def test_decodes_gzip_and_bounds_the_decoded_size(self):
        import gzip
        body = gzip.compress(b"x" * 100000)
        headers = {"Content-Encoding": "gzip"}
        with Server((200, headers, body)) as server:
            self.assertEqual(self.client().get(server.url).body,
                             b"x" * 100000)
            with self.assertRaisesRegex(hp.PluginError, "larger than 99999"):
                self.client(max_response_bytes=99999).get(server.url)

    def test_refuses_a_redirect_and_says_where_it_leads(self):
        with Server((302, {"Location": "http://elsewhere/"}, b"")) as server:
            with self.assertRaisesRegex(hp.ConfigError,
                                        'redirect to "http://elsewhere/"'):
                self.client().get(server.url)

    def test_takes_a_refused_key_and_a_missing_page_for_config_errors(self):
        for status in (401, 403, 404):
            with Server((status, {}, b"")) as server:
                with self.assertRaises(hp.ConfigError):
                    self.client().get(server.url)
                self.assertEqual(len(server.requests), 1)

    def test_takes_a_port_that_nobody_listens_on_for_transient(self):
        with Server((200, {}, b"")) as server:
            url = server.url
        with self.assertRaises(hp.TransientError):
            self.client().get(url)

    def test_times_out_on_a_server_that_does_not_answer(self):
        done = threading.Event()

        def wait(handler):
            done.wait()
            return 200, {}, b""

        with Server(wait) as server:
            try:
                with self.assertRaisesRegex(hp.TransientError, "timed out"):
                    self.client(timeout=0.05, max_attempts=1).get(server.url)
            finally:
                done.set()

    def test_keeps_a_distance_between_requests(self):
        with Server((200, {}, b"")) as server:
            client = self.client(min_interval=2)
            for _ in range(3):
                client.get(server.url)
        self.assertEqual(self.waits, [2, 2])

    def test_sends_secrets_and_keeps_them_out_of_errors(self):
        with Server((404, {}, b"")) as server:
            with self.assertRaises(hp.ConfigError) as raised:
                self.client().get(server.url,
                                  secret_parameters={"key": "s3cr&t"})
            self.assertIn("key=s3cr%26t", server.requests[0][0])
        self.assertNotIn("s3cr", str(raised.exception))
        with self.assertRaisesRegex(hp.ConfigError, "not sent over http"):
            self.client().get("http://example.com/",
                              secret_parameters={"key": "s3cret"})

    def test_delivers_a_document_only_when_it_changed(self):
        def answer(handler):
            if handler.headers.get("If-None-Match") == '"1"':
                return 304, {}, b""
            return 200, {"ETag": '"1"'}, b"one"

        with Server(answer) as server:
            client = self.client()
            body, state = client.get_if_changed(server.url, "", "rules 1")
            self.assertEqual(body, b"one")
            self.assertEqual(client.get_if_changed(server.url, state,
                                                   "rules 1"), (None, state))
            body, _ = client.get_if_changed(server.url, state, "rules 2")
            self.assertEqual(body, b"one")

    def test_compares_bodies_where_the_server_knows_no_conditions(self):
        with Server((200, {}, b"one"), (200, {}, b"one"),
                    (200, {}, b"two")) as server:
            client = self.client()
            _, state = client.get_if_changed(server.url, "", "f")
            body, state = client.get_if_changed(server.url, state, "f")
            self.assertIsNone(body)
            body, _ = client.get_if_changed(server.url, state, "f")
            self.assertEqual(body, b"two")

    def test_reads_files_and_names_one_that_is_not_there(self):
        with tempfile.NamedTemporaryFile(prefix="a file") as file:
            file.write(b"content")
            file.flush()
            url = "file://" + file.name.replace(" ", "%20")
            self.assertEqual(self.client().get(url).text(), "content")
        with self.assertRaisesRegex(hp.ConfigError, "No such file"):
            self.client().get("file:///no/such/file")
        with self.assertRaisesRegex(hp.ConfigError, "not an address"):
            self.client().get("ftp://example.com/x")

    def test_replays_what_it_recorded_without_the_secret(self):
        with tempfile.TemporaryDirectory() as directory:
            secret = {"key": "s3cret"}
            with Server((200, {"ETag": "e"}, b"\xff not UTF-8")) as server:
                os.environ["HEADWAY_HTTP_RECORD"] = directory
                try:
                    self.client().get(server.url, secret_parameters=secret)
                finally:
                    del os.environ["HEADWAY_HTTP_RECORD"]
            os.environ["HEADWAY_HTTP_REPLAY"] = directory
            try:
                response = self.client().get(server.url,
                                             secret_parameters=secret)
                self.assertEqual(response.body, b"\xff not UTF-8")
                self.assertEqual(response.headers["etag"], "e")
                with self.assertRaisesRegex(hp.PluginError, "no recording"):
                    self.client().get("https://other/")
            finally:
                del os.environ["HEADWAY_HTTP_REPLAY"]
            (name,) = os.listdir(directory)
            with open(os.path.join(directory, name)) as file:
                self.assertNotIn("s3cret", file.read())


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

    def test_explains_itself_without_a_verb(self):
        status, _, errors = self.run_plugin("dance", {})
        self.assertNotEqual(status, 0)
        self.assertIn("usage: my-plugin describe|check|discover|read", errors)


if __name__ == "__main__":
    unittest.main()

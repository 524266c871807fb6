"""The http source: what it asks of a publisher, and when."""

import json
import unittest

from http_source import HttpTest, http
from publisher import Answer


def rows(*periods, **fields):
    return Answer(200, json.dumps(
        {"data": [{"period": p, "value": int(p)} for p in periods],
         **fields}).encode())


class RequestTest(HttpTest):

    def setUp(self):
        super().setUp()
        self.publisher.answer("/data", rows("2024"))

    def json(self, **config):
        return self.ask(format="json", rows="$.data[*]", **config)

    def queries(self):
        return [asked.query for asked in self.publisher.asked]

    def test_parameters_are_encoded(self):
        self.json(query="time=from 2021-01&q=a:b")
        self.assertEqual(self.queries(), [{"time": "from 2021-01",
                                           "q": "a:b"}])

    def test_the_time_of_the_read_fills_the_address(self):
        self.json(query="end={now:%Y-%m}&q={now:%Y-Q%q}")
        self.assertEqual(self.queries(), [{"end": "2026-09",
                                           "q": "2026-Q3"}])

    def test_headers_are_sent(self):
        self.json(headers="Accept: application/json\nX-Client: h")
        self.assertEqual(self.publisher.asked[0].headers["x-client"], "h")

    def test_every_combination_is_asked(self):
        self.json(query="hs={hs}&p={partner}",
                  each="hs=8541,8542; partner=CHN:156,TWN:490")
        self.assertEqual(
            [(q["hs"], q["p"]) for q in self.queries()],
            [("8541", "156"), ("8541", "490"), ("8542", "156"),
             ("8542", "490")])

    def test_what_was_asked_is_a_label(self):
        said = self.json(query="p={partner}", each="partner=CHN:156")
        self.assertEqual(said.values("m", partner="CHN"), {"2024": 2024})

    def test_ranges_of_months_are_written_out(self):
        self.json(query="m={month}", each="month=202511..202602")
        self.assertEqual([q["m"] for q in self.queries()],
                         ["202511", "202512", "202601", "202602"])

    def test_the_first_read_asks_from_since(self):
        self.json(query="from={from}", since="2015-01-01")
        self.assertEqual(self.queries(), [{"from": "2015-01-01"}])

    def test_the_next_read_looks_back_from_the_last(self):
        options = {"query": "from={from:%Y-%m}", "since": "2015-01-01",
                   "look_back_days": "60"}
        said = self.json(**options)
        self.json(checkpoints=said.states(), **options)
        self.assertEqual(self.queries()[1], {"from": "2026-07"})

    def test_a_placeholder_without_a_value_is_refused(self):
        self.assert_refused(self.json(query="p={partner}"), "{partner}")

    def test_an_open_brace_is_refused_at_its_column(self):
        self.assert_refused(self.json(query="p={now"), "column 1")

    def test_a_list_that_nothing_uses_is_refused(self):
        self.assert_refused(self.json(each="hs=1,2"), "{hs}")

    def test_too_many_requests_are_refused(self):
        self.assert_refused(
            self.json(query="a={a}&b={b}", each="a=1..100; b=1..100"),
            "more than 2000 requests")

    def test_options_of_another_format_are_refused(self):
        self.assert_refused(self.ask(format="csv", rows="$[*]"),
                            "option rows", "format = csv")

    def test_from_and_snapshot_contradict(self):
        self.assert_refused(
            self.json(query="from={from}", since="2015-01-01",
                      snapshot="true"), "snapshot and {from}")

    def test_wrong_options_are_said_before_anything_is_asked(self):
        self.json(verb="check", period_format="%Q")
        self.assertEqual(self.publisher.asked, [])

    def test_check_reads_the_header(self):
        said = self.json(verb="check")
        self.assertIn("a table of 2 columns",
                      said.messages[-1]["check"]["message"])

    def test_an_empty_answer_is_an_error(self):
        self.publisher.answer("/data", rows())
        self.assert_refused(self.json(), "no rows", "allow_empty")

    def test_an_empty_answer_may_be_in_order(self):
        self.publisher.answer("/data", Answer(204))
        said = self.json(allow_empty="true")
        self.assertIsNone(said.error)
        self.assertIn("the answer has no rows", said.logs[0])

    def test_one_empty_answer_among_others_is_a_warning(self):
        self.publisher.answer("/data", rows(), rows("2025"))
        said = self.json(query="hs={hs}", each="hs=1,2")
        self.assertEqual(said.values("m", hs="2"), {"2025": 2025})
        self.assertTrue(any("hs=1: the answer has no rows" in log
                            for log in said.logs))


class SecretTest(HttpTest):

    def setUp(self):
        super().setUp()
        self.publisher.answer("/data", rows("2024"))

    def json(self, secrets=None, **config):
        return self.ask(format="json", rows="$.data[*]", secrets=secrets,
                        **config)

    def test_a_secret_parameter_is_sent(self):
        self.json({"SOME_KEY": "hunter2"}, secret_query="key=SOME_KEY")
        self.assertEqual(self.publisher.asked[0].query, {"key": "hunter2"})

    def test_a_secret_header_is_sent(self):
        self.json({"SOME_KEY": "hunter2"},
                  secret_header="Authorization=Bearer {SOME_KEY}")
        self.assertEqual(self.publisher.asked[0].headers["authorization"],
                         "Bearer hunter2")

    def test_a_secret_shows_nowhere(self):
        self.publisher.answer("/data", Answer(400, b"bad request"))
        said = self.json({"SOME_KEY": "hunter2"}, secret_query="key=SOME_KEY")
        self.assertNotIn("hunter2", str(said.messages) + said.stderr)

    def test_a_secret_that_is_not_there_is_named_with_the_remedy(self):
        said = self.json(secret_query="key=SOME_KEY")
        self.assert_refused(said, "SOME_KEY", 'secret: "SOME_KEY"')

    def test_a_secret_is_not_sent_over_plain_http(self):
        said = http({"url": "http://stats.example/x", "format": "json",
                     "rows": "$", "secret_header": "X-Key=SOME_KEY"},
                    secrets={"SOME_KEY": "hunter2"})
        self.assert_refused(said, "over http", "https://")


class PagingTest(HttpTest):

    def json(self, *answers, **config):
        self.publisher.answer("/data", *answers)
        return self.ask(format="json", rows="$.data[*]", **config)

    def asked(self, parameter):
        return [a.query.get(parameter) for a in self.publisher.asked]

    def test_pages_are_counted_until_one_is_empty(self):
        said = self.json(rows("2023"), rows("2024"), rows(), paging="page")
        self.assertEqual(said.values("m"), {"2023": 2023, "2024": 2024})
        self.assertEqual(self.asked("page"), ["1", "2", "3"])

    def test_the_number_of_pages_is_believed(self):
        self.json(rows("2023", pages=2), rows("2024", pages=2),
                  paging="page", last_page="$.pages")
        self.assertEqual(self.asked("page"), ["1", "2"])

    def test_offsets_grow_until_a_page_is_not_full(self):
        self.json(rows("2021", "2022"), rows("2023"), paging="offset",
                  page_size="2", page_parameter="skip")
        self.assertEqual(self.asked("skip"), ["0", "2"])

    def test_a_cursor_is_followed(self):
        said = self.json(rows("2023", next="xyz"), rows("2024", next=None),
                         paging="cursor", next="$.next", page_first="*")
        self.assertEqual(self.asked("cursor"), ["*", "xyz"])
        self.assertEqual(len(said.values("m")), 2)

    def test_the_address_of_the_next_page_is_followed_without_secrets(self):
        self.publisher.answer("/more", rows("2024"))
        said = self.json(
            rows("2023", next=self.publisher.url + "/more?key=k&a=1"),
            paging="cursor", next="$.next", secret_query="key=KEY_NAME",
            secrets={"KEY_NAME": "k"})
        self.assertEqual(len(said.values("m")), 2)
        self.assertEqual(self.publisher.asked[1].query,
                         {"a": "1", "key": "k"})

    def test_the_header_link_is_followed(self):
        first = rows("2023")
        first.headers["Link"] = '</last>; rel="last", </more?p=2>; rel=next'
        self.publisher.answer("/more", rows("2024"))
        self.assertEqual(len(self.json(first, paging="link").values("m")), 2)

    def test_a_next_page_at_another_server_is_refused(self):
        said = self.json(rows("2023", next="https://elsewhere.example/x"),
                         paging="cursor", next="$.next")
        self.assert_refused(said, "https://elsewhere.example", "not followed")

    def test_a_repeating_page_is_an_error(self):
        said = self.json(rows("2023"), paging="page")
        self.assert_refused(said, "page 2 is page 1 again")

    def test_endless_pages_are_an_error(self):
        said = self.json(rows("2021"), rows("2022"), rows("2023"),
                         rows("2024"), paging="page", max_pages="3")
        self.assert_refused(said, "more than 3 pages", "max_pages")

    def test_a_cursor_needs_its_path(self):
        self.assert_refused(self.json(rows(), paging="cursor"), "option next")


class UnchangedTest(HttpTest):

    OPTIONS = {"format": "json", "rows": "$.data[*]"}

    def reread(self, *answers, **config):
        """The second read of answers, which are given in turn."""
        self.publisher.answer("/data", *answers)
        options = {**self.OPTIONS, **config}
        said = self.ask(**options)
        return self.ask(checkpoints=said.states(), **options)

    def test_the_same_document_is_skipped_and_said(self):
        said = self.reread(rows("2024"))
        self.assertEqual(said.batches, [])
        self.assertIn("unchanged", said.logs[0])

    def test_the_state_of_an_unchanged_document_stays(self):
        self.publisher.answer("/data", rows("2024"))
        first = self.ask(**self.OPTIONS).states()
        self.assertEqual(
            self.ask(checkpoints=first, **self.OPTIONS).states(), first)

    def test_a_validator_is_sent(self):
        first = rows("2024")
        first.headers["ETag"] = '"v1"'
        said = self.reread(first, Answer(304))
        self.assertEqual(self.publisher.asked[1].headers["if-none-match"],
                         '"v1"')
        self.assertEqual(said.batches, [])

    def test_other_options_read_the_same_document_again(self):
        self.publisher.answer("/data", rows("2024"))
        said = self.ask(**self.OPTIONS)
        again = self.ask(checkpoints=said.states(), scale="2",
                         **self.OPTIONS)
        self.assertEqual(again.values("m"), {"2024": 4048})

    def test_of_several_documents_the_changed_one_is_read(self):
        said = self.reread(rows("2023"), rows("2024"), rows("2023"),
                           rows("2025"), query="hs={hs}", each="hs=1,2")
        self.assertEqual([s["labels"] for s in said.series.values()],
                         [{"hs": "2"}])

    def test_a_snapshot_of_several_is_read_whole(self):
        said = self.reread(rows("2023"), rows("2024"), rows("2023"),
                           rows("2025"), query="hs={hs}", each="hs=1,2",
                           snapshot="true")
        self.assertEqual(len(said.series), 2)
        self.assertTrue(said.checkpoints[0]["complete"])

    def test_pages_that_are_all_the_same_are_skipped(self):
        said = self.reread(rows("2023"), rows(), rows("2023"), rows(),
                           paging="page")
        self.assertEqual(said.batches, [])

    def test_a_revision_is_a_changed_value(self):
        changed = Answer(200, b'{"data": [{"period": "2024", "value": 7}]}')
        said = self.reread(rows("2024"), changed)
        self.assertEqual(said.values("m"), {"2024": 7})


if __name__ == "__main__":
    unittest.main()

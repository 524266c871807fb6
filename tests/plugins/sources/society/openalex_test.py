"""The openalex source against a publisher on the loopback."""

import json
import unittest

from publisher import Answer, Conversation, Publisher, recorded
from troubles import Troubles

KEY = {"OPENALEX_API_KEY": "oa-key-123"}
WORKS = "/works"


def found(total, cursor=None, **countries):
    return Answer(200, json.dumps({
        "meta": {"count": total, "next_cursor": cursor},
        "results": [],
        "group_by": [{"key": f"https://openalex.org/countries/{code}",
                      "count": count} for code, count in countries.items()]
    }).encode())


def openalex(url, secrets=None, **config):
    return Conversation("openalex", {
        "base_url": url, "topics": 'risc-v=default.search:"RISC-V"',
        "since": "2025", **config}, secrets=KEY if secrets is None else secrets)


class OpenAlexTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, *answers, checkpoints=None, secrets=None, **config):
        self.publisher.answer(WORKS, *answers)
        return openalex(self.publisher.url, secrets, **config).read(checkpoints)

    def test_counts_works_by_country_and_year(self):
        said = self.read(found(9, CN=5, US=4), found(3, CN=2))
        self.assertEqual(said.values("research_works", country="CHN"),
                         {"2025": 5, "2026": 2})

    def test_counts_all_works_of_a_year(self):
        said = self.read(found(9, CN=5, US=4), found(3, CN=2))
        self.assertEqual(said.values("research_works_total", topic="risc-v"),
                         {"2025": 9, "2026": 3})

    def test_reads_the_documented_groups_without_the_unknown(self):
        said = self.read(Answer(200, recorded(
            "openalex/works_group_by_country.sample.json")), since="2026")
        self.assertEqual(
            {s["labels"].get("country"): batch["values"] for s, batch in
             zip(said.series.values(), said.batches)},
            {"CHN": [1100], "USA": [980], None: [4200]})

    def test_takes_bare_codes_of_older_answers(self):
        body = found(9, CN=5).body.replace(
            b"https://openalex.org/countries/", b"")
        said = self.read(Answer(200, body), since="2026")
        self.assertEqual(said.values("research_works", country="CHN"),
                         {"2026": 5})

    def test_follows_the_cursor_to_further_countries(self):
        said = self.read(found(9, cursor="abc", CN=5), found(9, US=4),
                         since="2026")
        self.assertEqual(said.values("research_works", country="USA"),
                         {"2026": 4})
        self.assertEqual(self.publisher.asked[1].query["cursor"], "abc")

    def test_asks_for_one_year_of_the_filter(self):
        self.read(found(9, CN=5), since="2026")
        self.assertEqual(self.publisher.asked[0].query["filter"],
                         'default.search:"RISC-V",publication_year:2026')

    def test_sends_the_key(self):
        self.read(found(9, CN=5), since="2026")
        self.assertEqual(self.publisher.asked[0].query["api_key"],
                         "oa-key-123")

    def test_marks_the_last_two_years(self):
        said = self.read(found(9, CN=5))
        self.assertEqual(said.batches[0]["statuses"],
                         ["PROVISIONAL", "PARTIAL"])

    def test_delivers_a_topic_whole(self):
        said = self.read(found(9, CN=5))
        self.assertTrue(said.checkpoints[-1]["complete"])

    def test_says_that_nothing_is_new(self):
        first = self.read(found(9, CN=5))
        said = self.read(found(9, CN=5), checkpoints=first.states())
        self.assertEqual((said.batches, "nothing is new" in said.logs[-1]),
                         ([], True))

    def test_sends_a_revised_year(self):
        first = self.read(found(9, CN=5))
        said = self.read(found(9, CN=6), found(9, CN=5),
                         checkpoints=first.states())
        self.assertEqual(said.values("research_works", country="CHN"),
                         {"2025": 6, "2026": 5})

    def test_says_the_same_with_the_same_checkpoint(self):
        states = self.read(found(9, CN=5)).states()
        self.assertEqual(self.read(found(8, CN=5), checkpoints=states).messages,
                         self.read(found(8, CN=5), checkpoints=states).messages)

    def test_keeps_a_code_that_is_not_known_and_says_so(self):
        said = self.read(found(9, QX=5), since="2026")
        self.assertIn('country "QX" is not known', said.logs[0])

    def test_refuses_a_topic_of_which_nothing_is_found(self):
        said = self.read(found(0))
        self.assertIn("has no works in any year", said.error["message"])

    def test_names_the_variable_of_a_key_that_is_missing(self):
        said = self.read(found(1), secrets={})
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("OPENALEX_API_KEY", said.error["message"])

    def test_names_the_variable_of_a_key_that_is_refused(self):
        said = self.read(Answer(401, b'{"error":"Invalid API key"}'))
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("OPENALEX_API_KEY", said.error["message"])

    def test_shows_what_the_service_says_of_a_wrong_filter(self):
        said = self.read(Answer(400, b'{"error":"Invalid filter","message":'
                                     b'"Unknown filter field: author_name."}'))
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("author_name", said.error["message"])

    def test_never_shows_the_key(self):
        said = self.read(Answer(400, b"{}"))
        self.assertNotIn("oa-key-123", str(said.messages))

    def test_names_what_a_changed_answer_has(self):
        said = self.read(Answer(200, b'{"meta":{"count":1},"groups":[]}'))
        self.assertIn("no group_by; it has groups, meta",
                      said.error["message"])


class OpenAlexTroublesTest(Troubles, unittest.TestCase):
    path = WORKS
    body = found(3, CN=2).body

    def conversation(self, url):
        return openalex(url)


if __name__ == "__main__":
    unittest.main()

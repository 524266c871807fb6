"""The arxiv source against a publisher on the loopback."""

import unittest

from publisher import Answer, Conversation, Publisher, recorded
from troubles import Troubles

QUERY = "/api/query"
FEED = ('<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:o="http://a9.com/-/spec/opensearch/1.1/">{}</feed>')
ERROR = ("<entry><id>https://arxiv.org/api/errors#x</id><title>Error</title>"
         "<summary>incorrect query syntax</summary></entry>")


def found(count):
    return Answer(200, FEED.format(
        f"<o:totalResults>{count}</o:totalResults>").encode())


def arxiv(url, **config):
    return Conversation("arxiv", {
        "base_url": url, "topics": 'risc-v=all:"RISC-V"', "since": "2026-Q2",
        **config})


class ArxivTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, *answers, checkpoints=None, **config):
        self.publisher.answer(QUERY, *answers)
        return arxiv(self.publisher.url, **config).read(checkpoints)

    def test_counts_papers_of_each_period(self):
        said = self.read(found(30), found(20))
        self.assertEqual(said.values("arxiv_papers", topic="risc-v"),
                         {"2026-Q2": 30, "2026-Q3": 20})

    def test_reads_the_documented_feed(self):
        said = self.read(Answer(200, recorded("arxiv/query.sample.xml")),
                         since="2026-Q3")
        self.assertEqual(said.values("arxiv_papers"), {"2026-Q3": 312})

    def test_asks_for_the_minutes_of_the_period(self):
        self.read(found(30))
        self.assertEqual(
            self.publisher.asked[0].query["search_query"],
            '(all:"RISC-V") AND submittedDate:[202604010000 TO 202606302359]')

    def test_sends_what_was_revised_alone(self):
        first = self.read(found(30), found(20))
        said = self.read(found(31), found(20), checkpoints=first.states())
        self.assertEqual(said.values("arxiv_papers"), {"2026-Q2": 31})

    def test_says_that_nothing_is_new(self):
        first = self.read(found(30))
        said = self.read(found(30), checkpoints=first.states())
        self.assertEqual((said.batches, "nothing is new" in said.logs[-1]),
                         ([], True))

    def test_shows_why_a_query_is_refused(self):
        said = self.read(Answer(400, FEED.format(ERROR).encode()))
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("incorrect query syntax", said.error["message"])

    def test_takes_a_sudden_zero_for_a_passing_trouble(self):
        first = self.read(found(30))
        said = self.read(found(0), checkpoints=first.states())
        self.assertEqual(said.error["class"], "TRANSIENT")

    def test_names_what_a_changed_feed_lacks(self):
        said = self.read(Answer(200, FEED.format("<total>1</total>").encode()))
        self.assertIn("totalResults", said.error["message"])

    def test_refuses_a_topic_without_a_query(self):
        said = self.read(found(1), topics="risc-v")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("name=query", said.error["message"])

    def test_refuses_a_first_period_of_another_frequency(self):
        said = self.read(found(1), since="2026-04")
        self.assertIn("option since", said.error["message"])


class ArxivTroublesTest(Troubles, unittest.TestCase):
    path = QUERY
    body = found(3).body

    def conversation(self, url):
        return arxiv(url)


if __name__ == "__main__":
    unittest.main()

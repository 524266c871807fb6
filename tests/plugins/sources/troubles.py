"""What every source that asks over HTTP must get over, as tests of their own
that a test of a source takes in.

    class FredTroublesTest(Troubles, unittest.TestCase):
        path = "/fred/series"
        body = b"{...}"

        def conversation(self, url):
            return Conversation("fred", {"base_url": url})
"""

from publisher import Answer, Publisher


class Troubles:
    """`path` is asked first, and `body` is a good answer; what else is asked
    is in `others`, by path."""

    path = ""
    body = b""
    headers = {}
    others = {}

    def ask(self, *answers):
        with Publisher() as publisher:
            for path, body in self.others.items():
                publisher.answer(path, Answer(200, body))
            publisher.answer(self.path, *answers,
                             Answer(200, self.body, self.headers))
            return self.conversation(publisher.url).read()

    def ask_only(self, answer):
        with Publisher() as publisher:
            for path, body in self.others.items():
                publisher.answer(path, Answer(200, body))
            publisher.answer(self.path, answer)
            return self.conversation(publisher.url).read()

    def test_waits_when_it_asks_too_often(self):
        said = self.ask(Answer(429, b"slow down", {"Retry-After": "0"}))
        self.assertIsNone(said.error)

    def test_leaves_a_long_wait_to_the_daemon(self):
        said = self.ask(Answer(429, b"come back", {"Retry-After": "4000"}))
        self.assertEqual((said.error["class"], said.error["retryAfter"]),
                         ("TRANSIENT", "4000.000s"))

    def test_asks_again_after_an_error_of_the_server(self):
        self.assertIsNone(self.ask(Answer(500, b"oops")).error)

    def test_asks_again_for_a_body_that_is_cut_short(self):
        said = self.ask(Answer(200, self.body, self.headers,
                               cut_after=len(self.body) // 2))
        self.assertIsNone(said.error)

    def test_shows_how_a_page_begins_that_is_no_data(self):
        said = self.ask_only(Answer(200, b"<!DOCTYPE html><title>Hi</title>"))
        self.assertIn("<!DOCTYPE html>", said.error["message"])

    def test_delivers_nothing_of_an_empty_object(self):
        said = self.ask_only(Answer(200, b"{}"))
        self.assertEqual((said.error["class"], said.observation_count()),
                         ("SYSTEM", 0))

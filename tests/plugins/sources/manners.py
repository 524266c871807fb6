"""How every source behaves towards a publisher that is busy, broken or
something else: a mixin for tests.

    class FredManners(Manners, unittest.TestCase):
        plugin = "fred"
        path = "/v1/data"
        good = b"[...]"
"""

import tempfile

from publisher import Answer, Conversation, Publisher

HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"


class Manners:
    """`path` is the first that the source asks for, `good` what is there.
    `config` are options besides base_url; `prepare` answers other paths."""

    plugin = path = good = None
    config = {}
    # How the error about a page of HTML begins to say it.
    html_error = "HTML"

    def prepare(self, publisher):
        pass

    def read_after(self, *answers):
        with Publisher() as publisher:
            self.prepare(publisher)
            publisher.answer(self.path, *answers)
            return Conversation(self.plugin, {
                "base_url": publisher.url, **self.config}).read()

    def test_a_busy_publisher_is_asked_again(self):
        said = self.read_after(Answer(429, b"", {"Retry-After": "0"}),
                               Answer(200, self.good))
        self.assertEqual(said.error, None)
        self.assertGreater(said.observation_count(), 0)

    def test_a_body_that_is_cut_short_is_asked_for_again(self):
        said = self.read_after(Answer(200, self.good, cut_after=20),
                               Answer(200, self.good))
        self.assertEqual(said.error, None)
        self.assertGreater(said.observation_count(), 0)

    def test_a_failing_publisher_is_a_transient_error(self):
        said = self.read_after(Answer(500, b"oops", {"Retry-After": "0"}))
        self.assertEqual(said.error["class"], "TRANSIENT")

    def test_a_day_of_waiting_is_left_to_the_daemon(self):
        said = self.read_after(Answer(429, b"", {"Retry-After": "86400"}))
        self.assertEqual(said.error["class"], "TRANSIENT")
        self.assertEqual(said.error["retryAfter"], "86400.000s")

    def test_a_replay_says_the_same_without_the_publisher(self):
        with tempfile.TemporaryDirectory() as folder, Publisher() as publisher:
            self.prepare(publisher)
            publisher.answer(self.path, Answer(200, self.good))
            config = {"base_url": publisher.url, **self.config}
            first = Conversation(self.plugin, config, record=folder).read()
            asked = len(publisher.asked)
            again = Conversation(self.plugin, config, replay=folder).read()
            self.assertEqual(again.messages, first.messages)
            self.assertEqual(len(publisher.asked), asked)

    def test_html_in_place_of_data_is_named(self):
        said = self.read_after(Answer(200, HTML))
        self.assertIn(self.html_error, said.error["message"])

"""How the Python SDK passes over documents that did not change."""

import unittest

import headway_plugin as hp
from sdk_server import HttpTestCase, Server


def tagged(body, tag):
    """Answers 304 to who has it."""
    def answer(asked):
        if asked.headers.get("If-None-Match") == tag:
            return 304, {}, b""
        return 200, {"ETag": tag}, body

    return answer


class DocumentsTest(HttpTestCase):
    def documents(self, state="", fingerprint="f"):
        return hp.Documents(self.client(), state, fingerprint)

    def read(self, urls, state=""):
        """(the bodies of those that changed, the state)."""
        documents = self.documents(state)
        found = [documents.get(url) for url in urls]
        return [r.body if r else None for r in found], documents.state()

    def test_gives_the_one_of_several_that_changed(self):
        with Server(tagged(b"a", '"1"')) as a, Server(
                (200, {}, b"b"), (200, {}, b"B")) as b:
            bodies, state = self.read([a.url, b.url])
            self.assertEqual(bodies, [b"a", b"b"])
            bodies, state = self.read([a.url, b.url], state)
            self.assertEqual(bodies, [None, b"B"])
            bodies, _ = self.read([a.url, b.url], state)
            self.assertEqual(bodies, [None, None])

    def test_says_whether_anything_changed(self):
        with Server((200, {}, b"a")) as server:
            documents = self.documents()
            documents.get(server.url)
            self.assertTrue(documents.changed)
            documents = self.documents(documents.state())
            documents.get(server.url)
            self.assertFalse(documents.changed)

    def test_reads_all_anew_for_another_version_or_other_options(self):
        with Server((200, {}, b"a")) as server:
            _, state = self.read([server.url])
            documents = self.documents(state, "another")
            self.assertEqual(documents.get(server.url).body, b"a")

    def test_takes_the_state_of_another_helper_for_none(self):
        with Server((200, {}, b"a")) as server:
            for state in ("2024-05", "[1]", '{"fingerprint":"f"}'):
                bodies, _ = self.read([server.url], state)
                self.assertEqual(bodies, [b"a"])

    def test_gives_all_of_them_if_one_changed(self):
        with Server(tagged(b"a", '"1"')) as a, Server(
                (200, {}, b"b"), (200, {}, b"B")) as b:
            documents = self.documents()
            documents.get_all([a.url, b.url])
            documents = self.documents(documents.state())
            found = documents.get_all([a.url, b.url])
            self.assertEqual([r.body for r in found], [b"a", b"B"])
            documents = self.documents(documents.state())
            self.assertIsNone(documents.get_all([a.url, b.url]))

    def test_gives_all_of_them_if_one_has_gone(self):
        with Server((200, {}, b"a")) as a, Server((200, {}, b"b")) as b:
            documents = self.documents()
            documents.get_all([a.url, b.url])
            documents = self.documents(documents.state())
            self.assertEqual(
                [r.body for r in documents.get_all([a.url])], [b"a"])

    def test_says_that_the_state_is_too_long(self):
        documents = self.documents()
        documents._now = {str(n): {"etag": "x" * 100} for n in range(1000)}
        with self.assertRaisesRegex(hp.PluginError, "several streams"):
            documents.state()


if __name__ == "__main__":
    unittest.main()

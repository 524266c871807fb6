"""Tests of the Python SDK's HTTP client, with a real server."""

import datetime
import gzip
import ssl
import subprocess
import tempfile
import threading
import unittest
import zlib

import headway_plugin as hp
from sdk_server import HttpTestCase, Server, environment


class HttpTest(HttpTestCase):
    def test_retries_a_server_error_with_rising_backoff(self):
        with Server((500, {}, b""), (503, {}, b""), (200, {}, b"ok")) as server:
            self.assertEqual(self.client().get(server.url).body, b"ok")
        self.assertEqual(len(self.waits), 2)
        self.assertTrue(0 <= self.waits[0] <= 1)
        self.assertTrue(0 <= self.waits[1] <= 2)

    def test_waits_any_part_of_the_backoff(self):
        with Server((500, {}, b"")) as server:
            for seed in range(40):
                with self.assertRaises(hp.TransientError):
                    self.client(seed=seed, max_attempts=2).get(server.url)
        self.assertLess(min(self.waits), 0.1)
        self.assertGreater(max(self.waits), 0.9)

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
        body = gzip.compress(b"x" * 100000)
        headers = {"Content-Encoding": "gzip"}
        with Server((200, headers, body)) as server:
            self.assertEqual(self.client().get(server.url).body,
                             b"x" * 100000)
            with self.assertRaisesRegex(hp.PluginError, "larger than 99999"):
                self.client(max_response_bytes=99999).get(server.url)

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

        def wait(asked):
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
            self.assertIn("key=s3cr%26t", server.requests[0].path)
        self.assertNotIn("s3cr", str(raised.exception))
        with self.assertRaisesRegex(hp.ConfigError, "not sent over http"):
            self.client().get("http://example.com/",
                              secret_parameters={"key": "s3cret"})

    def test_delivers_a_document_only_when_it_changed(self):
        def answer(asked):
            if asked.headers.get("If-None-Match") == '"1"':
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

    def test_decodes_deflate_with_and_without_its_head(self):
        bare = zlib.compressobj(wbits=-15)
        headers = {"Content-Encoding": "deflate"}
        with Server((200, headers, zlib.compress(b"one" * 9)),
                    (200, headers, bare.compress(b"two" * 9) + bare.flush())
                    ) as server:
            self.assertEqual(self.client().get(server.url).body, b"one" * 9)
            self.assertEqual(self.client().get(server.url).body, b"two" * 9)

    def test_decodes_gzip_of_several_members(self):
        body = gzip.compress(b"one ") + gzip.compress(b"two")
        with Server((200, {"Content-Encoding": "gzip"}, body)) as server:
            self.assertEqual(self.client().get(server.url).body, b"one two")

    def test_retries_a_compressed_body_that_is_cut_short(self):
        whole = gzip.compress(b"x" * 1000)
        headers = {"Content-Encoding": "gzip"}
        with Server((200, headers, whole[:-9]), (200, headers, whole)
                    ) as server:
            self.assertEqual(self.client().get(server.url).body, b"x" * 1000)

    def test_refuses_a_coding_that_it_did_not_ask_for(self):
        with Server((200, {"Content-Encoding": "br"}, b"?")) as server:
            with self.assertRaisesRegex(hp.PluginError, "encoded as br"):
                self.client().get(server.url)

    def test_says_who_asks_where_the_operator_gives_a_contact(self):
        with Server((200, {}, b"")) as server:
            with environment(HEADWAY_CONTACT="data@example.org"):
                self.client().get(server.url)
                self.client(user_agent="own/1").get(server.url)
            with environment(HEADWAY_CONTACT=None):
                self.client().get(server.url)
        self.assertEqual(
            [asked.headers["User-Agent"] for asked in server.requests],
            ["headway/0.1 (+data@example.org)", "own/1", "headway/0.1"])

    def test_refuses_a_contact_that_would_break_the_header(self):
        for contact in ("a\r\nX: y", "a (b)", "é@example.org"):
            with environment(HEADWAY_CONTACT=contact):
                with self.assertRaisesRegex(hp.ConfigError, "HEADWAY_CONTACT"):
                    hp.Http()

    def test_goes_by_the_proxy_of_the_environment(self):
        with Server((200, {}, b"by proxy")) as proxy:
            with environment(http_proxy=f"http://127.0.0.1:{proxy.port}",
                             no_proxy=None, NO_PROXY=None):
                body = self.client().get("http://example.test/a").body
        self.assertEqual(body, b"by proxy")
        self.assertEqual(proxy.paths, ["http://example.test/a"])

    def test_refuses_a_certificate_that_nobody_vouches_for(self):
        directory = self.directory()
        key, certificate = directory + "/key", directory + "/certificate"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=localhost", "-days", "2", "-keyout", key,
             "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with Server((200, {}, b"")) as server:
            server.http.socket = context.wrap_socket(server.http.socket,
                                                     server_side=True)
            with self.assertRaisesRegex(hp.ConfigError, "cannot be verified"):
                self.client().get(f"https://localhost:{server.port}/")
        self.assertEqual(server.requests, [])

    def test_keeps_each_line_of_a_header_that_comes_in_several(self):
        with Server((200, [("Link", "<a>; rel=x"), ("Link", "<b>; rel=y")],
                     b"")) as server:
            self.assertEqual(self.client().get(server.url).headers["link"],
                             "<a>; rel=x, <b>; rel=y")


class RecordingTest(HttpTestCase):
    def record(self, server, directory, **asked):
        with environment(HEADWAY_HTTP_RECORD=directory):
            return self.client().get(server.url, **asked)

    def replay(self, url, directory, **asked):
        with environment(HEADWAY_HTTP_REPLAY=directory):
            return self.client().get(url, **asked)

    def test_replays_what_it_recorded_without_the_secret(self):
        directory = self.directory()
        secret = {"key": "s3cret"}
        with Server((200, {"ETag": "e"}, b"\xff not UTF-8")) as server:
            self.record(server, directory, secret_parameters=secret)
        response = self.replay(server.url, directory, secret_parameters=secret)
        self.assertEqual(response.body, b"\xff not UTF-8")
        self.assertEqual(response.headers["etag"], "e")
        self.assertNotIn("s3cret", self.recorded(directory))

    def test_names_an_address_that_was_not_recorded(self):
        with self.assertRaisesRegex(hp.PluginError,
                                    "https://other/: no recording at"):
            self.replay("https://other/", self.directory())

    def test_strikes_secrets_out_of_recorded_headers(self):
        directory = self.directory()
        with Server((200, {"Link": "</x?key=s3cr%26t&p=2>; rel=next",
                           "X-Token": "t0ken", "Set-Cookie": "id=1"}, b"")
                    ) as server:
            self.record(server, directory, secret_headers={"X-Key": "t0ken"},
                        secret_parameters={"key": "s3cr&t"})
        recorded = self.recorded(directory)
        for secret in ("s3cr", "t0ken", "id=1"):
            self.assertNotIn(secret, recorded)

    def test_says_in_a_replay_where_the_answer_came_from(self):
        directory = self.directory()
        with Server((302, {"Location": "/moved/?key=s3cret"}, b""),
                    (200, {}, b"here")) as server:
            self.record(server, directory,
                        secret_parameters={"key": "s3cret"})
        response = self.replay(server.url, directory)
        self.assertTrue(response.url.endswith("/moved/"), response.url)
        self.assertNotIn("s3cret", self.recorded(directory))


if __name__ == "__main__":
    unittest.main()

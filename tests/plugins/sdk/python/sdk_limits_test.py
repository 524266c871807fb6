"""How often the Python SDK's HTTP client asks a host that it declares a limit
of: by itself, and where a daemon counts for all its plugins."""

import unittest

import headway_plugin as hp
from sdk_server import HttpTestCase, Server, environment

HOST = "127.0.0.1"


class OwnLimitTest(HttpTestCase):
    def setUp(self):
        super().setUp()
        hp._serving.asked.clear()
        self.addCleanup(hp._serving.asked.clear)

    def ask(self, times, *clients):
        with Server((200, {}, b"")) as server:
            for n in range(times):
                clients[n % len(clients)].get(server.url)

    def test_waits_for_the_next_second(self):
        self.ask(5, self.client(limits=[hp.Limit(HOST, per_second=2)]))
        self.assertEqual(self.waits, [1, 1])

    def test_keeps_the_limits_of_all_spans(self):
        self.ask(5, self.client(limits=[
            hp.Limit(HOST, per_second=1, per_minute=3)]))
        self.assertEqual(self.waits, [1, 1, 58, 1])

    def test_is_one_of_all_clients_of_a_process(self):
        limits = [hp.Limit(HOST, per_second=1)]
        self.ask(2, self.client(limits=limits), self.client(limits=limits))
        self.assertEqual(self.waits, [1])

    def test_says_when_the_day_is_used_up(self):
        client = self.client(limits=[hp.Limit(HOST, per_day=1)])
        with self.assertRaises(hp.TransientError) as raised:
            self.ask(2, client)
        self.assertEqual(raised.exception.retry_after, 86400)
        self.assertEqual(self.waits, [])

    def test_is_of_its_host_alone(self):
        self.ask(3, self.client(limits=[hp.Limit("other", per_second=1)]))
        self.assertEqual(self.waits, [])

    def test_counts_each_attempt(self):
        client = self.client(limits=[hp.Limit(HOST, per_minute=1)])
        with Server((503, {"Retry-After": "0"}, b""), (200, {}, b"")) as server:
            client.get(server.url)
        self.assertEqual(self.waits, [0, 60])

    def test_counts_for_nothing_in_a_replay(self):
        directory = self.directory()
        client = self.client(limits=[hp.Limit(HOST, per_day=1)])
        with Server((200, {}, b"")) as server:
            with environment(HEADWAY_HTTP_RECORD=directory):
                client.get(server.url)
        with environment(HEADWAY_HTTP_REPLAY=directory):
            client.get(server.url)
        self.assertEqual(self.waits, [])


class KeeperTest(HttpTestCase):
    """A server stands for the daemon's proxy."""

    def ask(self, *answers):
        with Server(*answers) as keeper, Server((200, {}, b"ok")) as server:
            with environment(
                    HEADWAY_QUOTA=f"http://127.0.0.1:{keeper.port}"):
                client = self.client(limits=[hp.Limit(HOST, per_second=1)])
                try:
                    return client.get(server.url)
                finally:
                    self.keeper, self.server = keeper, server

    def test_asks_the_daemon_before_each_request(self):
        self.ask((200, {}, b"0"))
        self.assertEqual(
            self.keeper.paths,
            ["/take?host=127.0.0.1&requests=1&longest_wait=60"])
        self.assertEqual(self.waits, [])

    def test_waits_as_long_as_the_daemon_says(self):
        self.ask((200, {}, b"2.5"))
        self.assertEqual(self.waits, [2.5])

    def test_passes_a_refusal_on(self):
        with self.assertRaisesRegex(hp.TransientError, "used up") as raised:
            self.ask((429, {"Retry-After": "5000"}, b"used up"))
        self.assertEqual(raised.exception.retry_after, 5000)
        self.assertEqual(self.server.requests, [])

    def test_says_what_the_daemon_does_not_allow(self):
        with self.assertRaisesRegex(hp.PluginError, "declares no limit"):
            self.ask((403, {}, b"it declares no limit"))


if __name__ == "__main__":
    unittest.main()

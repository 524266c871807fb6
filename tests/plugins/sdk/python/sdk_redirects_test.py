"""Which redirects the Python SDK's HTTP client follows, and what goes along."""

import unittest

import headway_plugin as hp
from sdk_server import HttpTestCase, Server

MOVED = (302, {"Location": "/there"}, b"")


def to(url, status=302):
    return status, {"Location": url}, b""


class RedirectsTest(HttpTestCase):
    def test_follows_one_on_the_same_host(self):
        with Server(MOVED, (200, {}, b"ok")) as server:
            response = self.client().get(server.url)
        self.assertEqual(server.paths, ["/x", "/there"])
        self.assertEqual(response.url, server.url.replace("/x", "/there"))

    def test_follows_one_to_a_declared_host(self):
        with Server((200, {}, b"ok")) as other, Server(to(other.url)) as server:
            client = self.client(hosts=[f"127.0.0.1:{other.port}"])
            self.assertEqual(client.get(server.url).body, b"ok")

    def test_refuses_one_to_another_host_and_says_where_it_leads(self):
        with Server(to("http://elsewhere/")) as server:
            with self.assertRaisesRegex(
                    hp.ConfigError, 'redirect to "http://elsewhere/", is not '
                    "followed, for elsewhere:80 is none of the hosts"):
                self.client().get(server.url)

    def test_refuses_one_to_another_port_of_the_host(self):
        with Server((200, {}, b"")) as other, Server(to(other.url)) as server:
            with self.assertRaisesRegex(hp.ConfigError, "is not followed"):
                self.client().get(server.url)
            self.assertEqual(other.requests, [])

    def test_refuses_one_to_a_file(self):
        with Server(to("file:///etc/passwd")) as server:
            with self.assertRaisesRegex(hp.ConfigError, "away from http"):
                self.client().get(server.url)

    def test_gives_up_after_five(self):
        with Server(MOVED) as server:
            with self.assertRaisesRegex(hp.ConfigError, "more than 5 times"):
                self.client().get(server.url)
            self.assertEqual(len(server.requests), 6)

    def test_keeps_secrets_on_the_same_host(self):
        with Server(MOVED, (200, {}, b"")) as server:
            self.client().get(server.url, secret_parameters={"key": "s3cret"},
                              secret_headers={"X-Key": "t0ken"})
        self.assertEqual(server.requests[1].path, "/there?key=s3cret")
        self.assertEqual(server.requests[1].headers["X-Key"], "t0ken")

    def test_drops_secrets_and_headers_at_a_change_of_host(self):
        with Server((200, {}, b"")) as other, Server(
                to(other.url + "?a=1&key=s3cret")) as server:
            self.client(hosts=[f"127.0.0.1:{other.port}"]).get(
                server.url, secret_parameters={"key": "s3cret"},
                secret_headers={"X-Key": "t0ken"},
                headers={"Authorization": "Bearer b", "Accept": "text/csv"})
        asked = other.requests[0]
        self.assertEqual(asked.path, "/x?a=1")
        self.assertNotIn("X-Key", asked.headers)
        self.assertNotIn("Authorization", asked.headers)
        self.assertEqual(asked.headers["Accept"], "text/csv")

    def test_takes_the_conditions_along_to_another_host(self):
        def answer(asked):
            is_known = asked.headers.get("If-None-Match") == '"1"'
            return (304, {}, b"") if is_known else (200, {"ETag": '"1"'}, b"a")

        with Server(answer) as other, Server(to(other.url)) as server:
            client = self.client(hosts=[f"127.0.0.1:{other.port}"])
            _, state = client.get_if_changed(server.url, "", "f")
            self.assertEqual(client.get_if_changed(server.url, state, "f"),
                             (None, state))

    def test_names_no_secret_of_an_address_that_it_refuses(self):
        with Server(to("http://elsewhere/?key=s3cret&t=t0ken")) as server:
            with self.assertRaises(hp.ConfigError) as raised:
                self.client().get(server.url,
                                  secret_parameters={"key": "s3cret"},
                                  secret_headers={"X-Key": "t0ken"})
        self.assertNotIn("s3cret", str(raised.exception))
        self.assertNotIn("t0ken", str(raised.exception))

    def test_returns_one_that_the_caller_accepts(self):
        with Server(MOVED) as server:
            response = self.client().get(server.url, accept_statuses=[302])
        self.assertEqual(response.headers["location"], "/there")

    def test_says_that_one_leads_nowhere(self):
        with Server((302, {}, b"")) as server:
            with self.assertRaisesRegex(hp.ConfigError, "leads nowhere"):
                self.client().get(server.url)

    def test_gets_what_a_post_is_redirected_to(self):
        with Server(to("/there", 303), (200, {}, b"ok")) as server:
            self.client().post(server.url, json={"a": 1})
        self.assertEqual([r.method for r in server.requests], ["POST", "GET"])
        self.assertEqual(server.requests[1].body, b"")

    def test_posts_again_where_the_redirect_says_so(self):
        with Server(to("/there", 307), (200, {}, b"ok")) as server:
            self.client().post(server.url, json={"a": 1})
        self.assertEqual([r.body for r in server.requests],
                         [b'{"a":1}', b'{"a":1}'])

    def test_posts_no_secret_to_another_host(self):
        with Server((200, {}, b"")) as other, Server(
                to(other.url, 308)) as server:
            self.client(hosts=[f"127.0.0.1:{other.port}"]).post(
                server.url, json={"a": 1}, secret_fields={"key": "s3cret"})
        self.assertEqual(other.requests[0].body, b'{"a":1}')


class HostsTest(unittest.TestCase):
    """Rules mean to the SDK what they mean to the daemon."""

    def fits(self, rule, host, port):
        return hp._host_fits(rule, host, port)

    def test_a_name_is_that_host_at_the_usual_ports(self):
        self.assertTrue(self.fits("api.example.org", "api.example.org", 443))
        self.assertTrue(self.fits("API.example.org", "api.example.org", 80))
        self.assertFalse(self.fits("api.example.org", "api.example.org", 8443))
        self.assertFalse(self.fits("example.org", "api.example.org", 443))

    def test_a_star_is_every_name_below(self):
        self.assertTrue(self.fits("*.example.org", "a.b.example.org", 443))
        self.assertFalse(self.fits("*.example.org", "example.org", 443))
        self.assertFalse(self.fits("*.example.org", "badexample.org", 443))

    def test_a_port_is_that_port_alone(self):
        self.assertTrue(self.fits("[::1]:8080", "::1", 8080))
        self.assertFalse(self.fits("[::1]:8080", "::1", 443))

    def test_hosts_are_those_declared_named_and_allowed(self):
        plugin = hp.Plugin("p", "1", "s", hosts=["a.example"])
        self.assertEqual(
            hp._hosts_of(plugin, {"url": "https://b.example/x", "n": "3"}),
            ["a.example", "b.example:443"])


if __name__ == "__main__":
    unittest.main()

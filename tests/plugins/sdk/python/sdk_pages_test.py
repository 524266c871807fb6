"""How the Python SDK reads what a publisher gives in pages."""

import json
import unittest
import urllib.parse

import headway_plugin as hp
from sdk_server import HttpTestCase, Server, environment


def page(*items, **extra):
    return 200, {}, json.dumps({"items": items, **extra}).encode()


def parameters(path):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))


class PagesTestCase(HttpTestCase):
    def items(self, pages):
        return [item for response in pages
                for item in response.json()["items"]]


class PagesByNumberTest(PagesTestCase):
    def test_ends_at_the_first_page_without_items(self):
        with Server(page(1, 2), page(3), page()) as server:
            found = self.items(self.client().pages_by_number(
                server.url + "?q=a", "items"))
        self.assertEqual(found, [1, 2, 3])
        self.assertEqual([parameters(p) for p in server.paths],
                         [{"q": "a", "page": str(n)} for n in (1, 2, 3)])

    def test_asks_for_no_page_after_the_last(self):
        with Server(page(1, pages=2), page(2, pages=2)) as server:
            found = self.items(self.client().pages_by_number(
                server.url, "items", parameter="p", first=0, last=lambda r:
                r.json()["pages"] - 1))
            self.assertEqual(found, [1, 2])
            self.assertEqual(len(server.requests), 2)

    def test_ends_at_a_status_that_the_caller_accepts(self):
        with Server(page(1), (404, {}, b"")) as server:
            self.assertEqual(self.items(self.client().pages_by_number(
                server.url, "items", accept_statuses=[404])), [1])

    def test_says_that_the_publisher_heeds_no_number(self):
        with Server(page(1)) as server:
            with self.assertRaisesRegex(
                    hp.PluginError, "page 2 is the same as page 1"):
                self.items(self.client().pages_by_number(server.url, "items"))

    def test_says_that_there_are_more_than_it_may_ask_for(self):
        with Server(page(1), page(2), page(3)) as server:
            with self.assertRaisesRegex(hp.PluginError, "more than 2 pages"):
                self.items(self.client().pages_by_number(
                    server.url, "items", max_pages=2))
            self.assertEqual(len(server.requests), 2)

    def test_names_what_is_not_in_a_page(self):
        with Server(page(1)) as server:
            with self.assertRaisesRegex(
                    hp.PluginError, 'no "item" of "item".*mean "items"'):
                self.items(self.client().pages_by_number(server.url, "item"))
        with Server(page(1, count=None)) as server:
            with self.assertRaisesRegex(hp.PluginError, "not a list"):
                self.items(self.client().pages_by_number(server.url, "count"))


class PagesByOffsetTest(PagesTestCase):
    def test_goes_on_by_the_items_that_came(self):
        with Server(page(1, 2), page(3), page()) as server:
            found = self.items(self.client().pages_by_offset(
                server.url, 100, "items"))
        self.assertEqual(found, [1, 2, 3])
        self.assertEqual([parameters(p) for p in server.paths],
                         [{"offset": n, "limit": "100"} for n in "023"])

    def test_ends_at_the_total(self):
        with Server(page(1, 2, total="3"), page(3, total="3")) as server:
            found = self.items(self.client().pages_by_offset(
                server.url, 2, "items", total="total"))
            self.assertEqual(found, [1, 2, 3])
            self.assertEqual(len(server.requests), 2)

    def test_says_that_the_total_is_no_number(self):
        with Server(page(1, total="many")) as server:
            with self.assertRaisesRegex(hp.PluginError, "'many', not a number"):
                self.items(self.client().pages_by_offset(
                    server.url, 2, "items", total="total"))


class PagesByCursorTest(PagesTestCase):
    def test_asks_with_the_cursor_of_the_page_before(self):
        with Server(page(1, meta={"next": "b/c"}), page(2, meta={})) as server:
            found = self.items(self.client().pages_by_cursor(
                server.url, "meta.next", parameter="cursor"))
        self.assertEqual(found, [1, 2])
        self.assertEqual(parameters(server.paths[1]), {"cursor": "b/c"})

    def test_follows_an_address(self):
        with Server(page(1, next="/y?n=2"), page(2, next=None)) as server:
            found = self.items(self.client().pages_by_cursor(
                server.url, lambda response: response.json()["next"]))
        self.assertEqual(found, [1, 2])
        self.assertEqual(server.paths[1], "/y?n=2")

    def test_says_that_the_pages_go_round(self):
        with Server(page(1, next="/y"), page(2, next="/x")) as server:
            with self.assertRaisesRegex(hp.PluginError, "round in a circle"):
                self.items(self.client().pages_by_cursor(server.url, "next"))

    def test_takes_a_missing_parent_of_the_cursor_for_an_error(self):
        with Server(page(1)) as server:
            with self.assertRaisesRegex(hp.PluginError, 'no "meta" of'):
                self.items(self.client().pages_by_cursor(server.url,
                                                         "meta.next"))


class PagesByLinkTest(PagesTestCase):
    def test_follows_the_header(self):
        with Server((200, {"Link": '</x?p=0>; rel="prev", </x?p=2>; '
                           'rel="last next"'}, page(1)[2]),
                    page(2)) as server:
            found = self.items(self.client().pages_by_link(server.url))
        self.assertEqual(found, [1, 2])
        self.assertEqual(server.paths[1], "/x?p=2")

    def test_asks_with_the_secret_anew_and_records_it_nowhere(self):
        directory = self.directory()
        secret = {"key": "s3cret"}
        with Server((200, {"Link": "</x?p=2&key=s3cret>; rel=next"},
                     page(1)[2]), page(2)) as server:
            with environment(HEADWAY_HTTP_RECORD=directory):
                self.items(self.client().pages_by_link(
                    server.url, secret_parameters=secret))
        self.assertEqual(server.paths[1], "/x?p=2&key=s3cret")
        self.assertNotIn("s3cret", self.recorded(directory))
        with environment(HEADWAY_HTTP_REPLAY=directory):
            self.assertEqual(self.items(self.client().pages_by_link(
                server.url, secret_parameters=secret)), [1, 2])

    def test_refuses_a_page_of_another_host(self):
        with Server((200, {"Link": "<http://elsewhere/>; rel=next"},
                     page(1)[2])) as server:
            with self.assertRaisesRegex(hp.ConfigError,
                                        "elsewhere:80 is none of the hosts"):
                self.items(self.client().pages_by_link(server.url))

    def test_asks_another_host_without_the_secrets(self):
        with Server(page(2)) as other, Server(
                (200, {"Link": f"<{other.url}>; rel=next"}, page(1)[2])
                ) as server:
            client = self.client(hosts=[f"127.0.0.1:{other.port}"])
            self.items(client.pages_by_link(
                server.url, secret_parameters={"key": "s3cret"},
                secret_headers={"X-Key": "t0ken"}))
        self.assertEqual(other.requests[0].path, "/x")
        self.assertNotIn("X-Key", other.requests[0].headers)


class LinksTest(unittest.TestCase):
    def test_reads_quoted_plain_and_absent_values(self):
        self.assertEqual(
            hp.parse_links('<a,b>; rel="next"; title="x, \\"y\\"" ,'
                           "<c>;rel=prev;crossorigin"),
            [("a,b", {"rel": "next", "title": 'x, "y"'}),
             ("c", {"rel": "prev", "crossorigin": ""})])

    def test_of_an_attribute_that_comes_twice_the_first_counts(self):
        self.assertEqual(hp.parse_links("<a>; rel=next; rel=prev"),
                         [("a", {"rel": "next"})])

    def test_finds_none_in_what_is_no_link(self):
        self.assertEqual(hp.parse_links("next page"), [])


class AtTest(unittest.TestCase):
    def test_goes_by_names_and_numbers(self):
        value = {"data": [{"id": 1}], "a.b": 2}
        self.assertEqual(hp.at(value, "data.0.id"), 1)
        self.assertEqual(hp.at(value, ["a.b"]), 2)

    def test_names_the_part_that_is_not_there(self):
        with self.assertRaisesRegex(hp.PluginError,
                                    'no "ids" of "data.ids".*did you mean "id"'):
            hp.at({"data": {"id": 1}}, "data.ids")

    def test_with_a_default_only_the_last_part_may_be_missing(self):
        self.assertIsNone(hp.at({"data": {}}, "data.next", None))
        for value in ({}, {"data": 3}):
            with self.assertRaises(hp.PluginError):
                hp.at(value, "data.next", None)


class UrlWithTest(unittest.TestCase):
    def test_puts_parameters_in_the_place_of_those_of_their_names(self):
        self.assertEqual(
            hp.url_with("https://h/x?a=%2F&page=1#f", {"page": 2, "b": "ü"}),
            "https://h/x?a=%2F&page=2&b=%C3%BC#f")


if __name__ == "__main__":
    unittest.main()

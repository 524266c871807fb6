"""What the Python SDK's HTTP client posts, records and replays."""

import unittest

import headway_plugin as hp
from sdk_server import HttpTestCase, Server, environment


class PostTest(HttpTestCase):
    def post(self, *answers, **asked):
        with Server(*answers or [(200, {}, b"ok")]) as server:
            self.response = self.client().post(server.url, **asked)
        return server.requests[-1]

    def test_sends_a_value_as_json(self):
        asked = self.post(json={"a": ["é", 1]})
        self.assertEqual(asked.method, "POST")
        self.assertEqual(asked.body, '{"a":["é",1]}'.encode())
        self.assertEqual(asked.headers["Content-Type"], "application/json")

    def test_sends_the_fields_of_a_form(self):
        asked = self.post(form={"a": "1 2", "b": "&"})
        self.assertEqual(asked.body, b"a=1+2&b=%26")
        self.assertEqual(asked.headers["Content-Type"],
                         "application/x-www-form-urlencoded")

    def test_sends_a_body_under_the_type_that_the_caller_names(self):
        asked = self.post(body="<q/>", headers={"Content-Type": "text/xml"})
        self.assertEqual((asked.body, asked.headers["Content-Type"]),
                         (b"<q/>", "text/xml"))

    def test_wants_one_of_body_json_and_form(self):
        for asked in ({}, {"body": b"", "json": 1}):
            with self.assertRaisesRegex(hp.PluginError, "one of body, json"):
                self.post(**asked)

    def test_is_retried_as_a_get_is(self):
        self.post((503, {}, b""), (200, {}, b"late"), json=1)
        self.assertEqual(self.response.body, b"late")

    def test_adds_secret_fields_to_what_is_sent(self):
        self.assertEqual(
            self.post(json={"a": 1}, secret_fields={"key": "s"}).body,
            b'{"a":1,"key":"s"}')
        self.assertEqual(
            self.post(form={"a": 1}, secret_fields={"key": "s"}).body,
            b"a=1&key=s")

    def test_refuses_secret_fields_that_have_no_place(self):
        for asked in ({"body": b"x"}, {"json": [1]}):
            with self.assertRaisesRegex(hp.PluginError, "secret_fields"):
                self.post(secret_fields={"key": "s"}, **asked)

    def test_sends_no_secret_field_over_http_to_another_host(self):
        with self.assertRaisesRegex(hp.ConfigError, "not sent over http"):
            self.client().post("http://example.test/", json={},
                               secret_fields={"key": "s3cret"})


class PostRecordingTest(HttpTestCase):
    def test_each_body_has_an_answer_of_its_own(self):
        directory = self.directory()
        with Server((200, {}, b"one"), (200, {}, b"two")) as server:
            with environment(HEADWAY_HTTP_RECORD=directory):
                self.client().post(server.url, json={"page": 1})
                self.client().post(server.url, json={"page": 2})
        with environment(HEADWAY_HTTP_REPLAY=directory):
            answers = [self.client().post(server.url, json={"page": n}).body
                       for n in (2, 1)]
            with self.assertRaisesRegex(hp.PluginError, "no recording"):
                self.client().get(server.url)
        self.assertEqual(answers, [b"two", b"one"])

    def test_a_secret_field_is_no_part_of_the_recording(self):
        directory = self.directory()
        with Server((200, {}, b"one")) as server:
            with environment(HEADWAY_HTTP_RECORD=directory):
                self.client().post(server.url, json={"a": "x"},
                                   secret_fields={"key": "s3cret"})
        self.assertNotIn("s3cret", self.recorded(directory))
        with environment(HEADWAY_HTTP_REPLAY=directory):
            self.assertEqual(
                self.client().post(server.url, json={"a": "x"},
                                   secret_fields={"key": "another"}).body,
                b"one")

    def test_is_recorded_under_the_name_that_both_sdks_use(self):
        # The C++ SDK's test has the same name.
        call = hp._Call("POST", "https://example.test/x", {}, {}, {}, {200},
                        b'{"a":1}')
        self.assertTrue(hp._recording_path("d", call).endswith(
            "/dfdc1bef669dfdf3.json"), hp._recording_path("d", call))


if __name__ == "__main__":
    unittest.main()

"""The github source against a publisher on the loopback."""

import json
import time
import unittest

from publisher import Answer, Conversation, Publisher, recorded
from troubles import Troubles

SEARCH = "/search/repositories"


def found(count, incomplete=False):
    return Answer(200, json.dumps({
        "total_count": count, "incomplete_results": incomplete,
        "items": []}).encode())


def github(url, **config):
    return Conversation("github", {
        "base_url": url, "repositories": "risc-v=topic:risc-v",
        "since": "2024", **config})


class GithubTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, *answers, checkpoints=None, secrets=None, **config):
        self.publisher.answer(SEARCH, *answers)
        conversation = github(self.publisher.url, **config)
        conversation.environment.update(secrets or {})
        return conversation.read(checkpoints)

    def test_counts_what_was_created_in_each_period(self):
        said = self.read(found(10), found(20), found(5))
        self.assertEqual(
            said.values("github_repositories_created", topic="risc-v"),
            {"2024": 10, "2025": 20, "2026": 5})

    def test_reads_the_documented_answer(self):
        said = self.read(Answer(200, recorded(
            "github/search_repositories.sample.json")), since="2026")
        self.assertEqual(said.values("github_repositories_created"),
                         {"2026": 1234})

    def test_asks_for_the_days_of_the_period(self):
        self.read(found(10), since="2026-Q3", frequency="quarterly")
        self.assertEqual(self.publisher.asked[0].query["q"],
                         "topic:risc-v created:2026-07-01..2026-09-30")

    def test_marks_the_running_period_as_partial(self):
        said = self.read(found(10), since="2025")
        self.assertEqual(said.batches[-1]["statuses"], ["PARTIAL"])

    def test_marks_an_incomplete_count_as_estimated(self):
        said = self.read(found(10, incomplete=True), found(1), since="2025")
        self.assertEqual(said.batches[0]["statuses"], ["ESTIMATED"])

    def test_asks_again_for_the_last_periods_alone(self):
        first = self.read(found(10), since="2015")
        self.publisher.asked.clear()
        self.read(found(10), since="2015", checkpoints=first.states())
        self.assertEqual(len(self.publisher.asked), 3)

    def test_sends_what_was_revised_alone(self):
        first = self.read(found(10), since="2015")
        said = self.read(found(10), found(11), found(10), since="2015",
                         checkpoints=first.states())
        self.assertEqual(said.values("github_repositories_created"),
                         {"2025": 11})

    def test_says_that_nothing_is_new(self):
        first = self.read(found(10))
        said = self.read(found(10), checkpoints=first.states())
        self.assertEqual(said.batches, [])
        self.assertIn("nothing is new", said.logs[-1])

    def test_goes_on_where_a_first_read_was_cut_short(self):
        first = self.read(found(10), found(20), Answer(422, b"{}"))
        said = self.read(found(5), checkpoints=first.states())
        self.assertEqual(said.values("github_repositories_created"),
                         {"2026": 5})

    def test_goes_on_when_the_requests_of_a_read_are_used_up(self):
        first = self.read(found(10), max_requests="2")
        said = self.read(found(10), checkpoints=first.states(),
                         max_requests="2")
        self.assertEqual(list(said.values("github_repositories_created")),
                         ["2026"])

    def test_says_the_same_with_the_same_checkpoint(self):
        states = self.read(found(10)).states()
        self.assertEqual(self.read(found(9), checkpoints=states).messages,
                         self.read(found(9), checkpoints=states).messages)

    def test_begins_anew_when_the_options_change(self):
        first = self.read(found(10))
        said = self.read(found(10), checkpoints=first.states(),
                         repositories="risc-v=topic:riscv")
        self.assertEqual(len(said.values("github_repositories_created")), 3)

    def test_takes_a_sudden_zero_for_a_passing_trouble(self):
        first = self.read(found(10))
        said = self.read(found(0), checkpoints=first.states())
        self.assertEqual(said.error["class"], "TRANSIENT")

    def test_counts_users_of_the_day(self):
        self.publisher.answer("/search/users", found(77))
        said = self.read(found(1), users="verilog-china=location:china")
        self.assertEqual(said.values("github_users", topic="verilog-china"),
                         {"2026-09-15": 77})

    def test_sends_the_token_that_is_set(self):
        self.read(found(1), secrets={"GITHUB_TOKEN": "ghp_abc"})
        self.assertEqual(self.publisher.asked[0].headers["authorization"],
                         "Bearer ghp_abc")

    def test_names_the_variable_of_a_token_that_is_refused(self):
        said = self.read(Answer(401, b'{"message":"Bad credentials"}'),
                         secrets={"GITHUB_TOKEN": "ghp_abc"})
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("GITHUB_TOKEN", said.error["message"])

    def test_leaves_a_used_up_hour_to_the_daemon(self):
        said = self.read(Answer(
            403, b'{"message":"API rate limit exceeded for 127.0.0.1"}',
            {"x-ratelimit-remaining": "0",
             "x-ratelimit-reset": str(int(time.time()) + 1800)}))
        self.assertEqual(said.error["class"], "TRANSIENT")
        self.assertGreater(float(said.error["retryAfter"][:-1]), 1700)

    def test_shows_why_a_query_is_refused(self):
        said = self.read(Answer(422, b'{"message":"Validation Failed"}'))
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("Validation Failed", said.error["message"])

    def test_refuses_a_query_that_github_would_cut(self):
        said = self.read(found(1), repositories="long=" + "x" * 250)
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("256 characters", said.error["message"])

    def test_names_what_a_changed_answer_has(self):
        said = self.read(Answer(200, b'{"totalCount":1,"items":[]}'))
        self.assertIn("no total_count; it has items, totalCount",
                      said.error["message"])

    def test_asks_for_topics(self):
        said = self.read(found(1), repositories="")
        self.assertEqual(said.error["class"], "CONFIG")

    def test_checks_by_one_question(self):
        self.publisher.answer(SEARCH, found(10))
        said = github(self.publisher.url).say("check")
        self.assertEqual((len(self.publisher.asked),
                          said.messages[-1]["check"]["ok"]), (1, True))


class GithubTroublesTest(Troubles, unittest.TestCase):
    path = SEARCH
    body = found(3).body

    def conversation(self, url):
        return github(url, since="2026")


if __name__ == "__main__":
    unittest.main()

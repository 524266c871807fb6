"""The huggingface source against a publisher on the loopback."""

import json
import unittest

from publisher import Answer, Conversation, Publisher, recorded
from troubles import Troubles

MODELS = "/api/models"
TOKEN = {"HF_TOKEN": "hf_abcdef"}


def model(name, downloads, total=None, likes=1):
    return {"id": name, "downloads": downloads, "likes": likes,
            **({} if total is None else {"downloadsAllTime": total})}


def listed(*models, link=""):
    return Answer(200, json.dumps(models).encode(),
                  {"Link": link} if link else {})


def huggingface(url, secrets=None, **config):
    return Conversation("huggingface", {
        "base_url": url, "authors": "Qwen", **config}, secrets=secrets)


class HuggingFaceTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, *answers, checkpoints=None, secrets=None, now=None,
             **config):
        self.publisher.answer(MODELS, *answers)
        conversation = huggingface(self.publisher.url, secrets, **config)
        conversation.now = now or conversation.now
        return conversation.read(checkpoints)

    def test_adds_up_the_models_of_an_author(self):
        said = self.read(listed(model("Qwen/a", 10, 100, 3),
                                model("Qwen/b", 5, 50, 4)))
        self.assertEqual(
            [said.values(metric, author="Qwen", country="CHN")
             for metric in ("open_model_downloads_30d",
                            "open_model_downloads_total", "open_model_likes",
                            "open_models")],
            [{"2026-09-15": 15}, {"2026-09-15": 150}, {"2026-09-15": 7},
             {"2026-09-15": 2}])

    def test_reads_the_documented_list(self):
        said = self.read(Answer(200, recorded(
            "huggingface_hub/models_list.sample.json")), authors="acme",
            countries="acme=USA")
        self.assertEqual(
            [said.values(metric, author="acme", country="USA")
             for metric in ("open_model_downloads_30d",
                            "open_model_downloads_total", "open_model_likes",
                            "open_models")],
            [{"2026-09-15": 1000}, {"2026-09-15": 5000}, {"2026-09-15": 13},
             {"2026-09-15": 2}])

    def test_follows_the_link_to_the_next_page(self):
        link = f'<{self.publisher.url}/api/models?cursor=abc>; rel="next"'
        said = self.read(listed(model("Qwen/a", 10, 100), link=link),
                         listed(model("Qwen/b", 5, 50)))
        self.assertEqual(said.values("open_models"), {"2026-09-15": 2})

    def test_counts_a_model_once_that_moves_to_the_next_page(self):
        link = f'<{self.publisher.url}/api/models?cursor=abc>; rel="next"'
        said = self.read(listed(model("Qwen/a", 10, 100), link=link),
                         listed(model("Qwen/a", 10, 100)))
        self.assertEqual(said.values("open_model_downloads_30d"),
                         {"2026-09-15": 10})

    def test_follows_no_link_to_another_host(self):
        said = self.read(listed(model("Qwen/a", 10, 100),
                                link='<https://evil.example/x>; rel="next"'))
        self.assertIn("https://evil.example/x", said.error["message"])

    def test_makes_a_series_of_each_model_where_asked(self):
        said = self.read(listed(model("Qwen/a", 10, 100),
                                model("Qwen/b", 5, 50)), detail="model")
        self.assertEqual(
            said.values("open_model_downloads_30d", model="Qwen/b"),
            {"2026-09-15": 5})

    def test_asks_for_a_hundred_models_of_the_author(self):
        self.read(listed(model("Qwen/a", 10, 100)))
        query = self.publisher.asked[0].query
        self.assertEqual((query["author"], query["limit"]), ("Qwen", "100"))

    def test_writes_the_next_day_beside_the_last(self):
        first = self.read(listed(model("Qwen/a", 10, 100)))
        said = self.read(listed(model("Qwen/a", 10, 100)),
                         checkpoints=first.states(), now="2026-09-16T04:00:00Z")
        self.assertEqual(said.values("open_model_downloads_30d"),
                         {"2026-09-16": 10})

    def test_says_that_nothing_is_new_on_the_same_day(self):
        first = self.read(listed(model("Qwen/a", 10, 100)))
        said = self.read(listed(model("Qwen/a", 10, 100)),
                         checkpoints=first.states())
        self.assertEqual((said.batches, "nothing is new" in said.logs[0]),
                         ([], True))

    def test_brings_the_day_up_to_date(self):
        first = self.read(listed(model("Qwen/a", 10, 100)))
        said = self.read(listed(model("Qwen/a", 11, 100)),
                         checkpoints=first.states())
        self.assertEqual(said.values("open_model_downloads_30d"),
                         {"2026-09-15": 11})

    def test_says_the_same_with_the_same_checkpoint(self):
        states = self.read(listed(model("Qwen/a", 10, 100))).states()
        answer = listed(model("Qwen/a", 11, 100))
        self.assertEqual(self.read(answer, checkpoints=states).messages,
                         self.read(answer, checkpoints=states).messages)

    def test_commits_each_author(self):
        said = self.read(listed(model("Qwen/a", 10, 100)), Answer(400, b"{}"),
                         authors="Qwen,google")
        self.assertEqual([c["stream"] for c in said.checkpoints], ["Qwen"])

    def test_warns_of_an_author_without_models(self):
        said = self.read(listed(model("Qwen/a", 10, 100)), listed(),
                         authors="Qwen,Qwem")
        self.assertIn("Qwem: the hub has no models of this author; is it "
                      "written as in its address?", said.logs)

    def test_fails_when_no_author_has_models(self):
        said = self.read(listed())
        self.assertEqual(said.error["class"], "CONFIG")

    def test_warns_of_a_maker_of_no_known_country(self):
        said = self.read(listed(model("acme/a", 10, 100)), authors="acme")
        self.assertIn("acme: the country of the maker is not known; name it in "
                      "the option countries", said.logs)

    def test_names_the_field_that_was_renamed(self):
        said = self.read(listed({"id": "Qwen/a", "likes": 3, "loads": 1}))
        self.assertIn("no model has downloads; they have id, likes, loads",
                      said.error["message"])

    def test_sends_the_token_that_is_set(self):
        self.read(listed(model("Qwen/a", 10, 100)), secrets=TOKEN)
        self.assertEqual(self.publisher.asked[0].headers["authorization"],
                         "Bearer hf_abcdef")

    def test_names_the_variable_of_a_token_that_is_refused(self):
        said = self.read(
            Answer(401, b'{"error":"Invalid username or password."}'),
            secrets=TOKEN)
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("HF_TOKEN", said.error["message"])

    def test_shows_why_a_question_is_refused(self):
        said = self.read(Answer(
            400, b'{"error":"Invalid value for \'expand\'"}'))
        self.assertIn("Invalid value", said.error["message"])

    def test_checks_by_one_question(self):
        self.publisher.answer(MODELS, listed(model("Qwen/a", 10, 100)))
        said = huggingface(self.publisher.url).say("check")
        self.assertEqual((len(self.publisher.asked),
                          said.messages[-1]["check"]["ok"]), (1, True))


class HuggingFaceTroublesTest(Troubles, unittest.TestCase):
    path = MODELS
    body = listed(model("Qwen/a", 10, 100)).body

    def conversation(self, url):
        return huggingface(url)


if __name__ == "__main__":
    unittest.main()

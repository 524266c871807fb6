"""The arena plugin against a service on the loopback that answers as Hugging
Face's datasets-server."""

import json
import unittest

from publisher import Answer, Conversation, Publisher, recorded

COLUMNS = ("model_name", "organization", "rating", "vote_count", "category",
           "leaderboard_publish_date")


def page(*rows, total=None, columns=COLUMNS, partial=False):
    """Rows are (model, organisation, rating, votes, day)."""
    return Answer(body=json.dumps({
        "features": [{"name": name} for name in columns],
        "rows": [{"row_idx": i, "row": dict(zip(
            columns, (*row[:4], "overall", row[4]))), "truncated_cells": []}
            for i, row in enumerate(rows)],
        "num_rows_total": len(rows) if total is None else total,
        "num_rows_per_page": 100, "partial": partial}).encode())


A1 = ("gpt-9", "openai", 1450.5, 900, "2026-09-03")
A2 = ("gpt-8", "OpenAI", 1440, 900, "2026-09-03")
B1 = ("glm-6", "Z.ai", 1430, 90, "2026-09-03")
A3 = ("gpt-9", "openai", 1451.5, 990, "2026-09-10")


class ArenaTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def conversation(self, secrets=None, **config):
        return Conversation("arena", {
            "base_url": self.publisher.url, "since": "2026-09-01",
            **config}, secrets)

    def read(self, *answers, checkpoints=None, **config):
        self.publisher.answer("/filter", *answers)
        return self.conversation(**config).read(checkpoints)

    def test_writes_the_series_of_the_bundled_sample(self):
        series = self.read(page(A1)).series["OpenAI USA"]
        self.assertEqual(
            (series["metric"], series["labels"], series["frequency"],
             series["unit"], series["title"]),
            ("arena_rating", {"lab": "OpenAI", "country": "USA"}, "DAILY",
             "index", "LMArena text rating, best model of OpenAI on the day"))

    def test_the_best_model_of_a_lab_counts(self):
        said = self.read(page(A2, A1, B1))
        self.assertEqual(said.values("arena_rating", lab="OpenAI"),
                         {"2026-09-03": 1450.5})
        self.assertEqual(said.values("arena_rating", country="CHN"),
                         {"2026-09-03": 1430})

    def test_a_leaderboard_is_known_since_its_day(self):
        self.assertEqual(
            [b["knownAt"][:10] for b in self.read(page(A1, A3)).batches],
            ["2026-09-03", "2026-09-10"])

    def test_asks_for_a_category_month_by_month(self):
        self.read(page(A1), since="2026-08-15", category="it's")
        self.assertEqual(
            [asked.query["where"] for asked in self.publisher.asked],
            [f'"category"=\'it\'\'s\' AND "leaderboard_publish_date">=\'{a}\' '
             f'AND "leaderboard_publish_date"<\'{b}\'' for a, b in (
                 ("2026-08-15", "2026-09-01"), ("2026-09-01", "2026-10-01"))])

    def test_goes_on_over_pages(self):
        said = self.read(page(A1, total=2), page(A3, total=2))
        self.assertEqual(said.observation_count(), 2)
        self.assertEqual([a.query["offset"] for a in self.publisher.asked],
                         ["0", "1"])

    def test_an_empty_page_before_the_end_is_an_error(self):
        said = self.read(page(A1, total=2), page(total=2))
        self.assertEqual(said.error["class"], "TRANSIENT")
        self.assertIn("only 1 of 2 rows came", said.error["message"])

    def test_a_checkpoint_follows_each_month(self):
        said = self.read(page(A1), page(A3, total=9), page(total=9),
                         since="2026-08-01")
        self.assertEqual(len(said.checkpoints), 1)
        self.assertEqual(said.observation_count(), 1)

    def test_goes_on_with_the_day_of_the_last_leaderboard(self):
        states = self.read(page(A1)).states()
        said = self.read(page(A1, A3), checkpoints=states)
        self.assertIn(">='2026-09-03'",
                      self.publisher.asked[-1].query["where"])
        self.assertEqual(said.values("arena_rating", lab="OpenAI"),
                         {"2026-09-03": 1450.5, "2026-09-10": 1451.5})

    def test_nothing_newer_is_said(self):
        states = self.read(page(A1)).states()
        said = self.read(page(A1), checkpoints=states)
        self.assertEqual(said.logs, ["no leaderboard is newer than 2026-09-03"])
        self.assertEqual(said.states(), states)

    def test_other_options_read_everything_again(self):
        states = self.read(page(A1)).states()
        self.read(page(A1), checkpoints=states, min_votes="1")
        self.assertIn(">='2026-09-01'",
                      self.publisher.asked[-1].query["where"])

    def test_a_day_that_was_not_whole_is_made_up_for(self):
        states = self.read(page(A2)).states()
        said = self.read(page(A2, A1), checkpoints=states)
        self.assertEqual(said.values("arena_rating", lab="OpenAI"),
                         {"2026-09-03": 1450.5})

    def test_an_unknown_organisation_keeps_its_name_and_is_said(self):
        said = self.read(page(("m", "New Lab", 1, 1, "2026-09-03")))
        self.assertEqual(said.series["New Lab"]["labels"], {"lab": "New Lab"})
        self.assertIn("New Lab=Lab:CHN", said.logs[0])

    def test_a_lab_is_known_by_its_own_name_too(self):
        said = self.read(page(B1, ("glm-7", "GLM", 1500, 1, "2026-09-03")))
        self.assertEqual(said.values("arena_rating", lab="GLM"),
                         {"2026-09-03": 1500})

    def test_an_option_names_further_labs(self):
        said = self.read(page(("m", "New Lab", 1, 1, "2026-09-03")),
                         labs="new-lab=Newest:DEU")
        self.assertEqual(said.series["Newest DEU"]["labels"],
                         {"lab": "Newest", "country": "DEU"})

    def test_a_model_without_a_maker_is_left_out_and_said(self):
        said = self.read(page(A1, ("m", None, 1, 1, "2026-09-03")))
        self.assertEqual(list(said.series), ["OpenAI USA"])
        self.assertIn("models without a maker are left out", said.logs[0])

    def test_other_boards_and_categories_are_other_series(self):
        said = self.read(page(A1), board="vision", category="chinese")
        self.assertEqual(said.series["OpenAI USA"]["labels"], {
            "lab": "OpenAI", "country": "USA", "board": "vision",
            "category": "chinese"})

    def test_models_with_few_votes_are_left_out_on_request(self):
        said = self.read(page(A1, B1), min_votes="100")
        self.assertEqual(list(said.series), ["OpenAI USA"])

    def test_a_rating_that_is_no_number_is_left_out_and_said(self):
        said = self.read(page(A1, ("m", "google", None, 1, "2026-09-03")))
        self.assertEqual(list(said.series), ["OpenAI USA"])
        self.assertIn('the rating of "m" is None', said.logs[0])

    def test_a_leaderboard_dated_ahead_waits_for_its_day(self):
        said = self.read(page(A1, ("m", "google", 1, 1, "2026-09-16")))
        self.assertEqual(list(said.series), ["OpenAI USA"])
        self.assertIn("dated ahead", said.logs[0])

    def test_no_rows_are_an_error(self):
        said = self.read(page())
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn('no leaderboard of the category "overall" has come since '
                      "2026-09-01", said.error["message"])

    def test_a_renamed_column_is_named_with_the_nearest(self):
        columns = tuple("ratings" if c == "rating" else c for c in COLUMNS)
        said = self.read(page(A1, columns=columns))
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn("no field \"rating\"", said.error["message"])
        self.assertIn("the nearest name there is \"ratings\"", said.error["message"])

    def test_an_index_of_a_part_is_said(self):
        self.assertIn("indexed only a part",
                      self.read(page(A1, partial=True)).logs[0])

    def test_waits_where_too_much_was_asked(self):
        said = self.read(Answer(429, headers={"Retry-After": "0"}), page(A1))
        self.assertEqual(said.observation_count(), 1)

    def test_a_quota_that_is_used_up_says_when_to_try_again(self):
        said = self.read(page(A1), Answer(429, headers={"Retry-After": "300"}),
                         since="2026-08-01")
        self.assertEqual((said.error["class"], said.error["retryAfter"]),
                         ("TRANSIENT", "300.000s"))
        self.assertEqual(len(said.checkpoints), 1)

    def test_tries_again_after_an_error_of_the_server(self):
        self.assertEqual(self.read(Answer(500), page(A1)).observation_count(),
                         1)

    def test_tries_again_where_a_body_was_cut_short(self):
        cut = Answer(body=page(A1).body, cut_after=30)
        self.assertEqual(self.read(cut, page(A1)).observation_count(), 1)

    def test_a_page_instead_of_data_is_an_error(self):
        said = self.read(Answer(body=b"<html></html>"))
        self.assertIn("not JSON", said.error["message"])

    def test_a_dataset_that_is_not_there_names_the_options(self):
        said = self.read(Answer(404, b'{"error":"The dataset does not exist"}'))
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn('board = "text"', said.error["message"])

    def test_a_condition_that_is_not_understood_is_an_error(self):
        said = self.read(Answer(422, b'{"error":"Parameter \'where\'"}'))
        self.assertEqual(said.error["class"], "SYSTEM")

    def test_sends_the_token(self):
        self.publisher.answer("/filter", page(A1))
        self.conversation({"HF_TOKEN": "hf_abcdef"}).read()
        self.assertEqual(self.publisher.asked[0].headers["authorization"],
                         "Bearer hf_abcdef")

    def test_a_token_that_is_refused_names_where_one_is_had(self):
        self.publisher.answer("/filter", Answer(401, b'{"error":"Invalid"}'))
        said = self.conversation({"HF_TOKEN": "hf_abcdef"}).read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("huggingface.co/settings/tokens", said.error["message"])
        self.assertNotIn("hf_abcdef", json.dumps(said.messages) + said.stderr)

    def test_a_token_does_not_go_over_http(self):
        said = self.conversation({"HF_TOKEN": "hf_abcdef"},
                                 base_url="http://example.org").read()
        self.assertIn("is not sent over http", said.error["message"])

    def test_check_asks_once(self):
        self.publisher.answer("/filter", page(A1, B1))
        said = self.conversation().say("check")
        self.assertIn("has 2 models", said.messages[0]["check"]["message"])
        self.assertEqual(len(self.publisher.asked), 1)

    def test_discover_names_known_labs_and_those_of_the_newest(self):
        self.publisher.answer("/filter", page(
            ("m", "New Lab", 1, 1, "2026-09-03")))
        said = self.conversation().say("discover")
        self.assertIn("New Lab", said.series)
        self.assertIn("DeepSeek CHN", said.series)

    def test_the_documented_rows(self):
        body = recorded("huggingface_arena/rows.sample.json")
        answer = json.loads(body)
        answer["rows"] = [r for r in answer["rows"]
                          if r["row"]["category"] == "overall"]
        answer["num_rows_total"] = len(answer["rows"])
        said = self.read(Answer(body=json.dumps(answer).encode()),
                         since="2026-09-01")
        self.assertEqual(said.values("arena_rating", lab="Anthropic"),
                         {"2026-07-02": 1456.4})
        self.assertEqual(said.values("arena_rating", lab="GLM"),
                         {"2026-06-25": 1446})


if __name__ == "__main__":
    unittest.main()

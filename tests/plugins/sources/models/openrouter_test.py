"""The openrouter source against a publisher on the loopback: its three data
sets."""

import csv
import json
import os
import tempfile
import unittest

from publisher import Answer, Conversation, Publisher, recorded
from troubles import Troubles

HISTORY = "/historical-v1.json"
CATALOGUE = "/api/v1/models"
REPOSITORY = "johnbean393/openrouter-inference-stats"
CONTENTS = f"/repos/{REPOSITORY}/contents/data"
SAMPLES = os.path.join(os.path.dirname(__file__), "../../../..",
                       "pipelines/sample")


def sample(name):
    with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
        return list(csv.DictReader(file))


def price(model, output, begin=None, end=None, vendor="deepseek"):
    return {"id": model, "vendor": vendor, "name": model, "input": 1,
            "output": output, "from_date": begin, "to_date": end}


def history(*prices):
    return Answer(200, json.dumps({"prices": prices}).encode())


class SourceTest(unittest.TestCase):
    dataset = ""
    path = ""

    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)

    def read(self, *answers, checkpoints=None, now=None, **config):
        self.publisher.answer(self.path, *answers)
        conversation = Conversation("openrouter", {
            "base_url": self.publisher.url, "raw_url": self.publisher.url,
            "dataset": self.dataset, **config})
        conversation.now = now or conversation.now
        return conversation.read(checkpoints)


class ListPricesTest(SourceTest):
    dataset = "list_prices"
    path = HISTORY
    metric = "model_list_price_usd_per_mtok"

    def table(self, *rows):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "a table.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("model,vendor,period\n" + "\n".join(rows))
        return path

    def test_dates_prices_by_the_history(self):
        said = self.read(history(price("chat", 0.28, "2024-05-01", "2025-02-08"),
                                 price("chat", 1.1, "2025-02-08")))
        self.assertEqual(said.values(self.metric, model="chat", country="CHN"),
                         {"2024-05-01": 0.28, "2025-02-08": 1.1})

    def test_dates_a_price_without_a_start_by_the_table(self):
        said = self.read(history(price("chat", 0.28, None, "2025-02-08")),
                         first_listed=self.table("chat,deepseek,2025-01-21"))
        self.assertEqual(said.values(self.metric, model="chat"),
                         {"2025-01-21": 0.28})

    def test_reads_the_recorded_history(self):
        said = self.read(
            Answer(200, recorded("llm_prices/"
                                 "RECORDED_deepseek_2026-08-05.json")),
            first_listed=os.path.join(SAMPLES, "list_prices.csv"))
        bundled = {}
        for row in sample("list_prices.csv"):
            if row["vendor"] == "deepseek":
                bundled.setdefault(row["model"], {})[
                    row["period"]] = float(row["value"])
        self.assertEqual({model: said.values(self.metric, model=model)
                          for model in bundled}, bundled)

    def test_writes_the_series_of_the_bundled_sample(self):
        said = self.read(history(price("chat", 1.1, "2025-02-08")))
        row = next(r for r in sample("list_prices.csv")
                   if r["vendor"] == "deepseek")
        series = said.series["deepseek/chat"]
        self.assertEqual(
            (series["metric"], set(series["labels"]), series["frequency"],
             series["unit"], series["title"], series["sourceName"]),
            (row["metric"], {"model", "vendor", "country"},
             row["frequency"].upper(), row["unit"], row["title"],
             row["source"]))

    def test_leaves_out_what_was_there_before_the_first_read(self):
        said = self.read(history(price("old", 2), price("new", 1, "2026-01-02")))
        self.assertEqual(list(said.series), ["deepseek/new"])
        self.assertIn("first_listed", said.logs[0])

    def test_dates_a_model_by_the_day_on_which_it_appears(self):
        first = self.read(history(price("old", 2)))
        said = self.read(history(price("old", 2), price("new", 1)),
                         checkpoints=first.states(), now="2026-10-01T05:00:00Z")
        self.assertEqual(said.values(self.metric), {"2026-10-01": 1})

    def test_remembers_the_day_when_the_options_change(self):
        first = self.read(history(price("old", 2)))
        second = self.read(history(price("new", 1)),
                           checkpoints=first.states())
        said = self.read(history(price("new", 1)), since="2025-01-01",
                         checkpoints=second.states(),
                         now="2026-10-01T05:00:00Z")
        self.assertEqual(said.values(self.metric), {"2026-09-15": 1})

    def test_drops_a_price_that_was_over_before_the_model_was_listed(self):
        said = self.read(history(price("a", 22.5, None, "2026-07-30"),
                                 price("a", 18, "2026-07-30")),
                         first_listed=self.table("a,deepseek,2026-07-30"))
        self.assertEqual(said.values(self.metric), {"2026-07-30": 18})

    def test_delivers_the_whole_history(self):
        said = self.read(history(price("chat", 1.1, "2025-02-08")))
        self.assertEqual((said.batches[0]["snapshot"],
                          said.checkpoints[-1]["complete"]), (True, True))

    def test_sends_a_corrected_price(self):
        first = self.read(history(price("chat", 1.1, "2025-02-08")))
        said = self.read(history(price("chat", 1.2, "2025-02-08")),
                         checkpoints=first.states())
        self.assertEqual(said.values(self.metric), {"2025-02-08": 1.2})

    def test_passes_over_an_unchanged_history(self):
        answer = history(price("chat", 1.1, "2025-02-08"))
        first = self.read(answer)
        said = self.read(answer, checkpoints=first.states())
        self.assertEqual((said.batches, said.states(),
                          "unchanged" in said.logs[0]),
                         ([], first.states(), True))

    def test_says_the_same_with_the_same_checkpoint(self):
        states = self.read(history(price("old", 2))).states()
        answer = history(price("new", 1))
        self.assertEqual(self.read(answer, checkpoints=states).messages,
                         self.read(answer, checkpoints=states).messages)

    def test_names_what_an_entry_lacks(self):
        renamed = price("chat", 1.1, "2025-02-08")
        renamed["output_price"] = renamed.pop("output")
        said = self.read(history(renamed))
        self.assertIn('no "output"; it has from_date, id, input, name, '
                      "output_price", said.error["message"])

    def test_refuses_an_empty_history(self):
        self.assertIn("is empty", self.read(history()).error["message"])

    def test_refuses_a_price_below_zero(self):
        said = self.read(history(price("chat", -1, "2025-02-08")))
        self.assertIn("deepseek/chat: the price -1", said.error["message"])

    def test_names_the_column_that_the_table_lacks(self):
        path = self.table()
        with open(path, "w", encoding="utf-8") as file:
            file.write("model,vendor,day\na,b,2025-01-01\n")
        said = self.read(history(price("chat", 1)), first_listed=path)
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn('no column "period"', said.error["message"])

    def test_names_the_data_sets(self):
        said = self.read(history(), dataset="prices")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("list_prices, models, tokens", said.error["message"])


def catalogue(**prices):
    return Answer(200, json.dumps({"data": [
        {"id": name.replace("__", "/"),
         "pricing": {"prompt": prompt, "completion": completion}}
        for name, (prompt, completion) in prices.items()]}).encode())


class ModelsTest(SourceTest):
    dataset = "models"
    path = CATALOGUE
    metric = "openrouter_price_usd_per_mtok"

    def test_reads_the_documented_catalogue(self):
        said = self.read(Answer(200, recorded("openrouter/models.sample.json")))
        self.assertEqual(
            {direction: said.values(self.metric, direction=direction,
                                    model="deepseek/deepseek-v3.2",
                                    maker="deepseek", country="CHN")
             for direction in ("input", "output")},
            {"input": {"2026-09-15": 0.252}, "output": {"2026-09-15": 0.378}})

    def test_leaves_out_what_has_no_one_price(self):
        said = self.read(catalogue(openrouter__auto=("-1", "-1"),
                                   qwen__a=("0.000001", "0.000002")))
        self.assertEqual({s["labels"]["model"] for s in said.series.values()},
                         {"qwen/a"})

    def test_says_that_nothing_is_new_on_the_same_day(self):
        answer = catalogue(qwen__a=("0.000001", "0.000002"))
        said = self.read(answer, checkpoints=self.read(answer).states())
        self.assertEqual((said.batches, "nothing is new" in said.logs[0]),
                         ([], True))

    def test_writes_the_next_day_beside_the_last(self):
        answer = catalogue(qwen__a=("0.000001", "0.000002"))
        said = self.read(answer, checkpoints=self.read(answer).states(),
                         now="2026-09-16T05:00:00Z")
        self.assertEqual(said.values(self.metric, direction="output"),
                         {"2026-09-16": 2})

    def test_warns_of_makers_of_no_known_country(self):
        said = self.read(catalogue(acme__a=("0.000001", "0.000002")))
        self.assertIn("acme", said.logs[0])

    def test_names_the_model_of_a_price_that_is_none(self):
        said = self.read(catalogue(qwen__a=("free", "0.000002")))
        self.assertIn("the input of qwen/a is 'free'", said.error["message"])

    def test_names_the_field_that_was_renamed(self):
        said = self.read(Answer(200, b'{"data":[{"id":"a","price":{}}]}'))
        self.assertIn("pricing", said.error["message"])

    def test_refuses_an_empty_catalogue(self):
        said = self.read(Answer(200, b'{"data":[]}'))
        self.assertIn("no models under data", said.error["message"])


def listing(**files):
    return Answer(200, json.dumps([
        {"name": "2026-" + name[1:].replace("_", "-") + ".json", "sha": sha}
        for name, sha in files.items()] + [{"name": "README.md"}]).encode())


def week(**tokens):
    return Answer(200, json.dumps({"models": [
        {"slug": maker + "/m", "total_tokens": count}
        for maker, count in tokens.items()]}).encode())


class TokensTest(SourceTest):
    dataset = "tokens"
    path = CONTENTS
    metric = "openrouter_tokens"

    def answer_week(self, date, answer):
        self.publisher.answer(f"/{REPOSITORY}/main/data/{date}.json", answer)

    def countries(self, said):
        return {country: said.values(self.metric, country=country)
                for country in ("USA", "CHN", "other")}

    def test_reads_the_recorded_week_as_the_bundled_sample_has_it(self):
        self.answer_week("2026-05-04", Answer(200, recorded(
            "openrouter/RECORDED_third_party_week_2026-05-04.json")))
        said = self.read(listing(_05_04="abc"))
        bundled = {row["country"]: {row["period"]: float(row["value"])}
                   for row in sample("openrouter_tokens.csv")
                   if row["period"] == "2026-W19"}
        self.assertEqual(self.countries(said), bundled)

    def test_writes_the_series_of_the_bundled_sample(self):
        self.answer_week("2026-05-04", week(qwen=1))
        said = self.read(listing(_05_04="abc"))
        self.assertEqual(
            {(s["metric"], s["labels"]["country"], s["frequency"], s["unit"],
              s["title"], s["sourceName"]) for s in said.series.values()},
            {(r["metric"], r["country"], r["frequency"].upper(), r["unit"],
              r["title"], r["source"])
             for r in sample("openrouter_tokens.csv")})

    def test_counts_makers_elsewhere_as_other(self):
        self.answer_week("2026-05-04", week(qwen=1, google=2, mistralai=4,
                                            openrouter=8))
        self.assertEqual(
            self.countries(self.read(listing(_05_04="abc"))),
            {"USA": {"2026-W19": 2}, "CHN": {"2026-W19": 1},
             "other": {"2026-W19": 12}})

    def test_warns_of_makers_of_no_known_country(self):
        self.answer_week("2026-05-04", week(acme=1))
        said = self.read(listing(_05_04="abc"))
        self.assertIn("acme", said.logs[0])

    def test_fetches_new_and_changed_weeks_alone(self):
        for date in ("2026-04-27", "2026-05-04"):
            self.answer_week(date, week(qwen=1))
        first = self.read(listing(_04_27="abc", _05_04="abc"))
        self.answer_week("2026-05-04", week(qwen=3))
        said = self.read(listing(_04_27="abc", _05_04="def"),
                         checkpoints=first.states())
        self.assertEqual(said.values(self.metric, country="CHN"),
                         {"2026-W19": 3})

    def test_says_that_nothing_is_new(self):
        self.answer_week("2026-05-04", week(qwen=1))
        first = self.read(listing(_05_04="abc"))
        said = self.read(listing(_05_04="abc"), checkpoints=first.states())
        self.assertEqual((said.batches, "nothing is new" in said.logs[-1]),
                         ([], True))

    def test_goes_on_where_a_first_read_was_cut_short(self):
        self.answer_week("2026-04-27", week(qwen=1))
        first = self.read(listing(_04_27="abc", _05_04="abc"))
        self.answer_week("2026-05-04", week(qwen=3))
        said = self.read(listing(_04_27="abc", _05_04="abc"),
                         checkpoints=first.states())
        self.assertEqual(said.values(self.metric, country="CHN"),
                         {"2026-W19": 3})

    def test_leaves_out_weeks_before_the_first(self):
        self.answer_week("2026-05-04", week(qwen=1))
        said = self.read(listing(_04_27="abc", _05_04="abc"),
                         since="2026-05-01")
        self.assertIsNone(said.error)

    def test_names_the_field_that_was_renamed(self):
        self.answer_week("2026-05-04", Answer(
            200, b'{"models":[{"slug":"qwen/a","tokens":1}]}'))
        said = self.read(listing(_05_04="abc"))
        self.assertIn("total_tokens", said.error["message"])

    def test_refuses_a_repository_without_weeks(self):
        said = self.read(Answer(200, b"[]"))
        self.assertIn("no file such as", said.error["message"])


class ListPricesTroublesTest(Troubles, unittest.TestCase):
    path = HISTORY
    body = history(price("chat", 1.1, "2025-02-08")).body

    def conversation(self, url):
        return Conversation("openrouter", {"base_url": url,
                                           "dataset": "list_prices"})


class ModelsTroublesTest(Troubles, unittest.TestCase):
    path = CATALOGUE
    body = catalogue(qwen__a=("0.000001", "0.000002")).body

    def conversation(self, url):
        return Conversation("openrouter", {"base_url": url,
                                           "dataset": "models"})


class TokensTroublesTest(Troubles, unittest.TestCase):
    path = CONTENTS
    body = listing(_05_04="abc").body
    others = {f"/{REPOSITORY}/main/data/2026-05-04.json": week(qwen=1).body}

    def conversation(self, url):
        return Conversation("openrouter", {"base_url": url, "raw_url": url,
                                           "dataset": "tokens"})


if __name__ == "__main__":
    unittest.main()

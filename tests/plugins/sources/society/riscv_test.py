"""The riscv source against a publisher on the loopback, which stands for
GitHub's API and its files."""

import csv
import json
import os
import time
import unittest

import publisher as shared
from publisher import Answer, Conversation, Publisher, recorded
from troubles import Troubles

REPOSITORY = "riscv-admin/riscv-landscape"
COMMITS = f"/repos/{REPOSITORY}/commits"


def file_at(commit):
    return f"/{REPOSITORY}/{commit}/landscape.yml"


def commit(sha):
    return Answer(200, json.dumps([{"sha": sha}]).encode())


def landscape(category="RISC-V Members", **tiers):
    lines = ["landscape:", "  - category:", f"    name: {category}",
             "    subcategories:"]
    for tier, members in tiers.items():
        lines += ["      - subcategory:", f"        name: {tier}",
                  "        items:"]
        for name, address in members:
            lines += ["          - item:",
                      f'            name: "{name} (member)"',
                      f"            homepage_url: {address}"]
    return "\n".join(lines).encode()


GOOGLE = ("Google LLC", "https://google.com/")
HUAWEI = ("Huawei Technologies Co., Ltd", "https://huawei.com/")
BOSC = ("Beijing Institute of Open Source Chip", "https://bosc.ac.cn/")
ANDES = ("Andes Technology Corporation", "https://andestech.com/")
BODY = landscape(Premier=[GOOGLE, HUAWEI], Strategic=[BOSC, ANDES, HUAWEI])


def riscv(url, **config):
    return Conversation("riscv", {"base_url": url, "raw_url": url,
                                  "since": "2026-07", **config})


class RiscvTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)
        self.publisher.answer(file_at("aaa"), Answer(200, BODY))

    def read(self, *commits, checkpoints=None, **config):
        self.publisher.answer(COMMITS, *commits)
        return riscv(self.publisher.url, **config).read(checkpoints)

    def read_landscape(self, body, **config):
        self.publisher.answer(file_at("aaa"), Answer(200, body))
        return self.read(commit("aaa"), since="2026-08", **config)

    def test_counts_members_by_tier_and_country(self):
        said = self.read(commit("aaa"))
        self.assertEqual(
            {(tier, country): said.values("riscv_members", tier=tier,
                                          country=country)["2026-08"]
             for tier in ("Premier", "Strategic")
             for country in ("CHN", "other")},
            {("Premier", "CHN"): 1, ("Premier", "other"): 1,
             ("Strategic", "CHN"): 2, ("Strategic", "other"): 1})

    def test_reads_the_recorded_landscape(self):
        said = self.read_landscape(
            b"landscape:\n" + recorded(
                "riscv/RECORDED_landscape_excerpt_2026-07-14.yml"),
            tiers="Premier")
        self.assertEqual(
            [said.values("riscv_members", country=country)
             for country in ("CHN", "other")],
            [{"2026-08": 4}, {"2026-08": 3}])

    def test_writes_the_series_of_the_bundled_sample(self):
        sample = os.path.join(os.path.dirname(__file__), "../../../..",
                              "pipelines/sample/riscv_members.csv")
        with open(sample, encoding="utf-8") as file:
            bundled = {(r["metric"], r["tier"], r["country"],
                        r["frequency"].upper(), r["unit"], r["title"])
                       for r in csv.DictReader(file)}
        said = self.read(commit("aaa"))
        self.assertEqual(
            {(s["metric"], s["labels"]["tier"], s["labels"]["country"],
              s["frequency"], s["unit"], s["title"])
             for s in said.series.values()}, bundled)

    def test_knows_a_month_at_its_end(self):
        said = self.read(commit("aaa"), since="2026-08")
        self.assertEqual({b["knownAt"] for b in said.batches},
                         {"2026-08-31T23:59:59.999999Z"})

    def test_leaves_out_the_running_month(self):
        said = self.read(commit("aaa"))
        self.assertEqual(
            list(said.values("riscv_members", tier="Premier", country="CHN")),
            ["2026-07", "2026-08"])

    def test_asks_for_the_last_commit_of_a_month(self):
        self.read(commit("aaa"))
        self.assertEqual(self.publisher.asked[0].query, {
            "path": "landscape.yml", "per_page": "1",
            "until": "2026-07-31T23:59:59Z"})

    def test_fetches_a_file_once_that_did_not_change(self):
        self.read(commit("aaa"))
        self.assertEqual(self.publisher.paths().count(file_at("aaa")), 1)

    def test_asks_for_new_months_alone(self):
        first = self.read(commit("aaa"))
        later = riscv(self.publisher.url)
        later.now = "2026-10-02T12:00:00Z"
        said = later.read(first.states())
        self.assertEqual(
            list(said.values("riscv_members", tier="Premier", country="CHN")),
            ["2026-09"])

    def test_says_that_no_month_is_new(self):
        first = self.read(commit("aaa"))
        said = self.read(commit("aaa"), checkpoints=first.states())
        self.assertEqual((said.error, said.batches), (None, []))
        self.assertIn("nothing is new", said.logs[-1])

    def test_goes_on_where_a_first_read_was_cut_short(self):
        first = self.read(commit("aaa"), commit("gone"))
        said = self.read(commit("aaa"), checkpoints=first.states())
        self.assertEqual(
            list(said.values("riscv_members", tier="Premier", country="CHN")),
            ["2026-08"])

    def test_says_the_same_with_the_same_checkpoint(self):
        states = self.read(commit("aaa"), commit("gone")).states()
        self.assertEqual(self.read(commit("aaa"), checkpoints=states).messages,
                         self.read(commit("aaa"), checkpoints=states).messages)

    def test_reads_all_again_with_another_judgement(self):
        first = self.read(commit("aaa"))
        said = self.read(commit("aaa"), checkpoints=first.states(),
                         countries="google.com=CHN")
        self.assertEqual(
            said.values("riscv_members", tier="Premier", country="CHN"),
            {"2026-07": 2, "2026-08": 2})

    def test_counts_the_parts_of_a_tier_together(self):
        body = landscape(**{"Premier Board": [GOOGLE], "Premier": [HUAWEI],
                            "Strategic": [ANDES]})
        said = self.read_landscape(body)
        self.assertEqual(
            said.values("riscv_members", tier="Premier", country="CHN"),
            {"2026-08": 1})

    def test_counts_no_chinese_characters_under_a_japanese_address(self):
        body = landscape(Premier=[("RISC-V協会", "https://riscv.or.jp/")])
        said = self.read_landscape(body, tiers="Premier")
        self.assertEqual(said.values("riscv_members", country="CHN"),
                         {"2026-08": 0})

    def test_leaves_out_a_month_before_the_file(self):
        said = self.read(Answer(200, b"[]"), commit("aaa"))
        self.assertIn("2026-07: landscape.yml had no commit by then; the month "
                      "is left out", said.logs)

    def test_names_the_categories_when_the_members_are_renamed(self):
        said = self.read_landscape(landscape("Members", Premier=[GOOGLE]))
        self.assertIn('no category "RISC-V Members"; there are Members',
                      said.error["message"])

    def test_names_the_tiers_when_one_is_renamed(self):
        said = self.read_landscape(landscape(Gold=[GOOGLE]))
        self.assertIn('no members of tier "Premier"; the tiers are Gold',
                      said.error["message"])

    def test_says_where_a_file_is_no_yaml(self):
        said = self.read_landscape(b"landscape: [")
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn("not YAML", said.error["message"])

    def test_leaves_a_used_up_hour_to_the_daemon(self):
        said = self.read(Answer(
            403, b'{"message":"API rate limit exceeded"}',
            {"x-ratelimit-remaining": "0",
             "x-ratelimit-reset": str(int(time.time()) + 1800)}))
        self.assertEqual(said.error["class"], "TRANSIENT")
        self.assertIn("GITHUB_TOKEN", said.error["message"])

    def test_refuses_a_correction_of_another_form(self):
        said = self.read(commit("aaa"), countries="google.com")
        self.assertEqual(said.error["class"], "CONFIG")


class JudgementTest(unittest.TestCase):
    def test_agrees_with_members_that_were_classified_by_hand(self):
        path = os.path.join(shared.SHARED, "riscv/members_classified.csv")
        if not os.path.exists(path):
            self.skipTest("needs riscv/members_classified.csv; "
                          "HEADWAY_SHARED_DATA names the folder of test data")
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        tiers = {"CHN": [], "other": []}
        for row in rows:
            country = "CHN" if row["country"] == "CHN" else "other"
            tiers[country].append((row["name"].replace('"', "'"), row["url"]))
        with Publisher() as publisher:
            publisher.answer(COMMITS, commit("aaa"))
            publisher.answer(file_at("aaa"), Answer(200, landscape(**tiers)))
            said = riscv(publisher.url, since="2026-08",
                         tiers="CHN,other").read()
        self.assertEqual(
            [said.values("riscv_members", tier=tier, country=other)
             for tier, other in (("CHN", "other"), ("other", "CHN"))],
            [{"2026-08": 0}, {"2026-08": 0}])


class RiscvTroublesTest(Troubles, unittest.TestCase):
    path = COMMITS
    body = commit("aaa").body
    others = {file_at("aaa"): BODY}

    def conversation(self, url):
        return riscv(url, since="2026-08")


if __name__ == "__main__":
    unittest.main()

"""The federal-register source: documents become candidates for events."""

import json
import unittest

from manners import Manners
from publisher import Answer, Conversation, Publisher, recorded

PATH = "/documents.json"


def document(number, day, title="Additions to the Entity List", **fields):
    return {"title": title, "publication_date": day,
            "document_number": number, "html_url": f"https://x/{number}",
            "abstract": "About entities in China.", **fields}


def answer(*documents, count=None, next_page=None):
    body = {"count": len(documents) if count is None else count,
            "results": list(documents)}
    if next_page:
        body["next_page_url"] = next_page
    return Answer(200, json.dumps(body).encode())


class FederalRegisterTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def read(self, *found, checkpoints=None, **config):
        self.publisher.answer(PATH, *found)
        return Conversation("federal-register", {
            "base_url": self.publisher.url, **config}).read(checkpoints)

    def kind(self, title):
        said = self.read(answer(document("1", "2026-01-05", title)))
        return said.series["policy_act 1"]["labels"]["kind"]

    def test_the_recorded_rules_of_the_entity_list(self):
        said = self.read(Answer(200, recorded(
            "federal_register/RECORDED_bis_entity_list_rules_20260822.json")))
        self.assertEqual(said.error, None)
        self.assertEqual((len(said.series), said.observation_count()),
                         (59, 59))
        self.assertEqual(said.values("policy_act", document="2025-19508",
                                     kind="entity_list_addition",
                                     agency="BIS", target="CHN"),
                         {"2025-10-09": 1})

    def test_title_and_address_are_kept(self):
        series = self.read(answer(document(
            "1", "2026-01-05"))).series["policy_act 1"]
        self.assertEqual((series["title"], series["description"],
                          series["sourceName"]),
                         ("Additions to the Entity List",
                          "About entities in China.",
                          "Federal Register (public domain), https://x/1"))

    def test_a_rule_has_a_day_of_effect(self):
        said = self.read(answer(document("1", "2026-01-05",
                                         effective_on="2026-02-01")))
        self.assertEqual(said.values("policy_act_effective"),
                         {"2026-02-01": 1})

    def test_a_document_is_known_at_the_end_of_its_day(self):
        said = self.read(answer(document("1", "2026-01-05")))
        self.assertEqual(said.batches[0]["knownAt"],
                         "2026-01-05T23:59:59.999999Z")

    def test_a_document_of_tomorrow_is_known_now(self):
        said = self.read(answer(document("1", "2026-09-17")))
        self.assertEqual(said.batches[0]["knownAt"], "2026-09-15T12:00:00Z")

    def test_additions_and_removals_are_a_revision(self):
        self.assertEqual(self.kind("Additions to and Removals From the Entity "
                                   "List"), "entity_list_revision")

    def test_a_removal_has_its_kind(self):
        self.assertEqual(self.kind("Removal From the Entity List"),
                         "entity_list_removal")

    def test_a_rule_on_chips_has_its_kind(self):
        self.assertEqual(self.kind("Export Controls on Semiconductor "
                                   "Manufacturing Items"), "chips")

    def test_a_document_that_does_not_name_china_has_no_target(self):
        said = self.read(answer(document("1", "2026-01-05",
                                         abstract="About Turkey.")))
        self.assertNotIn("target", said.series["policy_act 1"]["labels"])

    def test_the_question_names_agency_type_and_term(self):
        self.read(answer(document("1", "2026-01-05")), term='"entity list"')
        query = self.publisher.asked[0].query
        self.assertEqual(
            (query["conditions[agencies][]"], query["conditions[type][]"],
             query["conditions[term]"],
             query["conditions[publication_date][gte]"]),
            ("industry-and-security-bureau", "RULE", '"entity list"',
             "2018-01-01"))

    def test_pages_are_followed(self):
        following = self.publisher.url + PATH + "?page=2"
        said = self.read(
            answer(document("1", "2026-01-05"), count=2, next_page=following),
            answer(document("2", "2026-01-06"), count=2))
        self.assertEqual(said.observation_count(), 2)
        self.assertEqual(self.publisher.asked[1].query, {"page": "2"})

    def test_pages_that_do_not_end_are_an_error(self):
        following = self.publisher.url + PATH + "?page=2"
        said = self.read(answer(document("1", "2026-01-05"),
                                next_page=following))
        self.assertIn("the pages do not end", said.error["message"])

    def test_a_page_on_another_host_is_not_followed(self):
        said = self.read(answer(document("1", "2026-01-05"),
                                next_page="https://evil.example/2"))
        self.assertIn("on another host", said.error["message"])

    def test_fewer_documents_than_promised_are_an_error(self):
        said = self.read(answer(document("1", "2026-01-05"), count=2))
        self.assertEqual(said.error["class"], "TRANSIENT")
        self.assertIn("promised 2 documents and sent 1",
                      said.error["message"])

    def test_more_documents_than_are_shown_are_a_config_error(self):
        error = self.read(answer(count=2001)).error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("choose a later `since`", error["message"])

    def test_the_next_read_looks_back(self):
        first = self.read(answer(document("1", "2026-03-01")))
        self.publisher.asked.clear()
        self.read(answer(document("1", "2026-03-01")),
                  checkpoints=first.states())
        self.assertEqual(self.publisher.asked[0].query[
            "conditions[publication_date][gte]"], "2026-01-15")

    def test_nothing_new_is_said(self):
        first = self.read(answer(document("1", "2026-03-01")))
        again = self.read(answer(document("1", "2026-03-01")),
                          checkpoints=first.states())
        self.assertIn("0 of them published after 2026-03-01", again.logs[-1])
        self.assertEqual(again.states(), first.states())

    def test_no_documents_are_said(self):
        said = self.read(answer())
        self.assertIn("no documents since 2018-01-01", said.logs[-1])

    def test_a_renamed_field_is_named(self):
        renamed = document("1", "2026-01-05")
        renamed["published_date"] = renamed.pop("publication_date")
        self.assertIn('no field "publication_date"; the nearest name there is '
                      '"published_date"',
                      self.read(answer(renamed)).error["message"])

    def test_the_type_is_checked(self):
        error = self.read(answer(), types="LAW").error
        self.assertIn('"LAW" is none of RULE', error["message"])


class FederalRegisterManners(Manners, unittest.TestCase):
    plugin = "federal-register"
    path = PATH
    good = answer(document("1", "2026-01-05")).body


if __name__ == "__main__":
    unittest.main()

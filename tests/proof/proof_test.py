"""What the real plugins make of the bodies of the folder of test data: the
numbers that changed between two dates are revisions, the others are not, and
the known totals come out."""

import json
import os
import unittest

import bodies
import comparison
import proof
from publisher import SHARED

REFUSED = {
    "estat, corrupt": "JSON",
    "epoch index, a new form": "held back, for it looks wrong",
}


def numbers(path):
    """{month: value} of a recorded body of Eurostat."""
    with open(os.path.join(SHARED, path), encoding="utf-8") as file:
        answer = json.load(file)
    index = answer["dimension"]["time"]["category"]["index"]
    return {month: answer["value"][str(i)] for month, i in index.items()
            if answer["value"].get(str(i)) is not None}


def changed(*paths):
    """(month, before, after) of numbers that a later body has otherwise."""
    before, found = {}, []
    for path in paths:
        for month, value in numbers(path).items():
            if before.get(month, value) != value:
                found.append((month, before[month], value))
            before[month] = value
    return sorted(found)


class Proofs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.path.isdir(os.path.join(SHARED, "api")):
            raise unittest.SkipTest(
                "needs the folder of test data; HEADWAY_SHARED_DATA names it")
        cls.proofs = proof.prove_all()
        print("\n".join(proof.table(cls.proofs.values())))

    def test_each_body_of_the_folder_is_loaded(self):
        self.assertEqual(bodies.not_loaded(), [])

    def test_what_is_no_good_is_refused_and_nothing_else(self):
        self.assertEqual({name for name, one in self.proofs.items()
                          if one.errors}, set(REFUSED))

    def test_a_refusal_says_what_is_wrong(self):
        for name, words in REFUSED.items():
            self.assertIn(words, self.proofs[name].errors[0])

    def test_each_load_delivers_observations(self):
        self.assertEqual([name for name, one in self.proofs.items()
                          if not one.observations() and name not in REFUSED
                          and name != "edgar, a ticker"], [])

    def test_numbers_that_changed_are_revisions_and_no_others(self):
        for hs in ("8486", "8542"):
            for code, reporter in (("NL", "NLD"), ("DE", "DEU"),
                                   ("EU27_2020", "EU27")):
                with self.subTest(hs=hs, reporter=reporter):
                    self.assertEqual(
                        sorted(revision[2:] for revision in
                               self.proofs[f"eurostat {hs}"].revisions()
                               if ("reporter", reporter) in revision[1]),
                        changed(*(f"trade/raw/{day}_eurostat_{code}_hs{hs}_"
                                  "exports_to_cn.json" for day in (
                                      "20260709", "20260716", "20260814"))))

    def test_some_numbers_did_change(self):
        self.assertTrue(self.proofs["eurostat 8542"].revisions())

    def test_numbers_that_are_given_again_are_no_revisions(self):
        self.assertEqual(self.proofs["census"].revisions(), [])

    def test_the_known_sums_come_out(self):
        self.assertEqual(
            {one.what: one.differ() for one
             in comparison.compare_sums(self.proofs) if one.differ()}, {})

    def test_the_tidy_table_comes_out(self):
        compared = comparison.compare_tidy(self.proofs)
        self.assertEqual((sum(len(one.wanted) for one in compared),
                          {one.what: one.differ() for one in compared
                           if one.differ()}), (660, {}))


if __name__ == "__main__":
    unittest.main()

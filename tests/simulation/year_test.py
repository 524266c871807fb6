"""Some days of the shipped schedules. `tools/dev year` runs a year of
them."""

import glob
import os
import re
import unittest

import year
from publishers import SHIPPED

DAYS = 5


def live_sources():
    """Names of those that the shipped pipelines declare and leave off."""
    found = set()
    for path in glob.glob(os.path.join(year.PIPELINES, "*.textproto")):
        with open(path, encoding="utf-8") as file:
            for part in file.read().split("source {")[1:]:
                name = re.search(r'name: "([^"]+)"', part)
                if "disabled: true" in part.split("indicator {")[0]:
                    found.add(name[1])
    return found


class ShippedSchedules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.passed = year.run(DAYS)
        print("\n".join(year.table(cls.passed)))

    def test_all_live_sources_take_part(self):
        self.assertEqual(set(SHIPPED), live_sources())

    def test_each_source_is_pulled_each_day(self):
        self.assertEqual({name: one.pulls for name, one in self.passed.items()},
                         dict.fromkeys(SHIPPED, DAYS))

    def test_all_pulls_succeed(self):
        self.assertEqual({name: one.failures[0] for name, one
                          in self.passed.items() if one.failures}, {})

    def test_all_sources_deliver_something(self):
        self.assertEqual([name for name, one in self.passed.items()
                          if not one.changes], [])

    def test_no_publisher_is_asked_more_than_it_allows(self):
        self.assertEqual(year.too_many(self.passed), [])

    def test_limits_are_stated_of_all_publishers(self):
        self.assertEqual(set(year.by_host(self.passed)) - set(year.limits()),
                         set())


if __name__ == "__main__":
    unittest.main()

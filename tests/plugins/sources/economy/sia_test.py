"""The sia source: figures in the text and the table of press releases."""

import html
import unittest

from manners import Manners
from publisher import Answer, Conversation, Publisher

FEED = "/feed/"
PAGE = "/chip-sales-in-may/"
TEXT = (
    "WASHINGTON\u2014July 7, 2026\u2014The association today announced global "
    "semiconductor sales were $60.5 billion during the month of May 2026, an "
    "increase of 20.0% compared to the May 2025 total of $50.4 billion and "
    "3.4% more than the April 2026 total of $58.5 billion. "
    "Regionally, year-to-year sales in May were up in the Americas (45.2%), "
    "China (20.5%), and Asia Pacific/All Other (30.5%), but decreased in "
    "Europe (-4.1%). Month-to-month sales in May increased in China (5.4%), "
    "and were down in Japan (-0.2%).")
NEXT = ("Global sales were $61.2 billion during the month of June 2026, 1.1% "
        "more than the May 2026 total of $60.5 billion.")
TABLE = (
    "<table><tr><th colspan=4>Year-to-Year Sales</th></tr>"
    "<tr><th>Market</th><th>Last Year</th><th>Current Month</th>"
    "<th>% Change</th></tr>"
    "<tr><td>Americas</td><td>14</td><td>20.30</td><td>45%</td></tr>"
    "<tr><td>China</td><td>14</td><td>{}</td><td>20%</td></tr>"
    "<tr><td>Asia Pacific/All Other</td><td>9</td><td>23.30</td><td></td></tr>"
    "<tr><td>Total</td><td>50</td><td>60.53</td><td>20%</td></tr></table>")


def release(text=TEXT, table="16.93"):
    return "<p>" + html.escape(text) + "</p>" + (
        TABLE.format(table) if table else "")


def feed(page="", link=PAGE, title="Global Chip Sales Rise in May",
         date="Tue, 07 Jul 2026 12:00:00 +0000"):
    return Answer(200, (
        '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        "<channel><item><title>A meeting</title><link>/x/</link></item>"
        f"<item><title>{title}</title><link>{link}</link>"
        f"<pubDate>{date}</pubDate><content:encoded>{html.escape(page)}"
        "</content:encoded></item></channel></rss>").encode())


class SiaTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())

    def read(self, answer=None, checkpoints=None, **config):
        self.publisher.answer(FEED, answer or feed(release()))
        return Conversation("sia", {"base_url": self.publisher.url,
                                    **config}).read(checkpoints)

    def growth(self, said, region, against="year"):
        return said.values("sia_chip_sales_growth_percent", region=region,
                           against=against)

    def test_the_sales_of_the_world_stand_in_the_text(self):
        said = self.read(feed(release(table=None)))
        self.assertEqual(said.values("sia_chip_sales_usd", region="World"),
                         {"2025-05": 50.4e9, "2026-04": 58.5e9,
                          "2026-05": 60.5e9})

    def test_a_release_of_a_quarter_names_its_last_month(self):
        said = self.read(feed(release(
            "Sales totaled $179.7 billion during the second quarter of 2025. "
            "Global sales for the month of June 2025 were $59.9 billion.",
            None)))
        self.assertEqual(said.values("sia_chip_sales_usd", region="World"),
                         {"2025-06": 59.9e9})

    def test_the_sales_of_china_stand_in_the_table(self):
        self.assertEqual(self.read().values("sia_chip_sales_usd",
                                            region="China"),
                         {"2026-05": 16.93e9})

    def test_growth_against_a_year_before(self):
        self.assertEqual(self.growth(self.read(), "China"), {"2026-05": 20.5})

    def test_growth_against_a_month_before(self):
        self.assertEqual(self.growth(self.read(), "Japan", "month"),
                         {"2026-05": -0.2})

    def test_a_fall_is_negative(self):
        self.assertEqual(self.growth(self.read(), "Europe"),
                         {"2026-05": -4.1})

    def test_a_sign_that_contradicts_its_sentence_is_left_out(self):
        said = self.read(feed(release(TEXT.replace("(-4.1%)", "(4.1%)"))))
        self.assertIn('"Europe (4.1%)" contradicts its sentence',
                      said.logs[0])

    def test_a_table_that_does_not_add_up_is_left_out(self):
        said = self.read(feed(release(table="99.9")))
        self.assertIn("the regions of the table come to 143.50 billion, not "
                      "to 60.53; it is left out", said.logs[0])

    def test_figures_are_known_since_the_release(self):
        self.assertEqual({b["knownAt"] for b in self.read().batches},
                         {"2026-07-07T12:00:00Z"})

    def test_a_release_without_text_in_the_feed_is_fetched(self):
        self.publisher.answer(PAGE, Answer(200, release().encode()))
        self.assertEqual(self.growth(self.read(feed()), "China"),
                         {"2026-05": 20.5})

    def test_an_older_release_is_dated_by_its_dateline(self):
        self.publisher.answer("/old/", Answer(200, release().encode()))
        said = self.read(feed(title="Nothing"), releases="/old/")
        self.assertEqual(said.batches[0]["knownAt"],
                         "2026-07-07T23:59:59.999999Z")

    def test_an_older_release_is_fetched_once(self):
        self.publisher.answer("/old/", Answer(200, release().encode()))
        first = self.read(feed(title="Nothing"), releases="/old/")
        self.publisher.asked.clear()
        self.read(feed(title="Nothing"), first.states(), releases="/old/")
        self.assertEqual(self.publisher.paths(), [FEED])

    def test_copies_elsewhere_are_not_taken(self):
        error = self.read(releases="https://copy.example/sia").error
        self.assertEqual(error["class"], "CONFIG")
        self.assertIn("copies have mistakes", error["message"])

    def test_other_words_are_said(self):
        self.publisher.answer(PAGE, Answer(200, b"Business was good."))
        said = self.read(feed())
        self.assertIn("tells no month's sales in the words that are known",
                      said.logs[0])

    def test_a_release_that_was_read_is_no_news(self):
        first = self.read()
        again = self.read(checkpoints=first.states())
        self.assertEqual((again.batches, again.states()),
                         ([], first.states()))
        self.assertIn("no news in 1 releases", again.logs[0])

    def test_a_corrected_release_is_read_again(self):
        first = self.read()
        said = self.read(feed(release(TEXT.replace("20.5%", "20.6%"))),
                         first.states())
        self.assertEqual(self.growth(said, "China"), {"2026-05": 20.6})

    def test_a_total_that_is_repeated_rounded_is_no_revision(self):
        first = self.read()
        said = self.read(feed(release(NEXT, None), link="/june/"),
                         first.states())
        self.assertEqual(said.values("sia_chip_sales_usd", region="World"),
                         {"2026-06": 61.2e9})

    def test_a_total_that_is_repeated_otherwise_is_a_revision(self):
        first = self.read()
        said = self.read(feed(release(NEXT.replace("$60.5", "$60.7"), None),
                              link="/june/"), first.states())
        self.assertEqual(said.values("sia_chip_sales_usd", region="World"),
                         {"2026-05": 60.7e9, "2026-06": 61.2e9})

    def test_a_feed_that_is_none_is_refused(self):
        self.assertIn("not XML", self.read(Answer(200, b"oops")).error[
            "message"])


class SiaManners(Manners, unittest.TestCase):
    plugin = "sia"
    path = FEED
    good = feed(release()).body


if __name__ == "__main__":
    unittest.main()

"""The edgar plugin against a service on the loopback that answers as EDGAR."""

import csv
import json
import os
import sys
import unittest

from publisher import (PLUGINS, SHARED, Answer, Conversation, Publisher,
                       recorded)

sys.path.insert(0, PLUGINS)
import edgar_filing  # noqa: E402  (lies beside the plugin)

REVENUE = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
CHINA = "country:CN"
Q1 = ("2025-10-27", "2026-01-25")
Q2 = ("2026-01-26", "2026-04-26")
Q3 = ("2026-04-27", "2026-07-26")
Q4 = ("2026-07-27", "2026-10-25")
HALF = (Q1[0], Q2[1])
NINE = (Q1[0], Q3[1])
YEAR = (Q1[0], Q4[1])


def document(*facts, extra=b""):
    """An inline XBRL document of facts (span, member or None, millions) and
    optionally (…, tag, decimals)."""
    contexts, numbers = [], []
    for index, (span, member, text, *more) in enumerate(facts):
        tag, decimals = (*more, REVENUE, "-6")[:2] if len(more) < 2 else more
        segment = (
            '<xbrli:segment><xbrldi:explicitMember '
            'dimension="srt:StatementGeographicalAxis">'
            f"{member}</xbrldi:explicitMember></xbrli:segment>"
            if member else "")
        contexts.append(
            f'<xbrli:context id="c-{index}"><xbrli:entity>{segment}'
            f"</xbrli:entity><xbrli:period><xbrli:startDate>{span[0]}"
            f"</xbrli:startDate><xbrli:endDate>{span[1]}</xbrli:endDate>"
            "</xbrli:period></xbrli:context>")
        numbers.append(
            f'<p>$<ix:nonFraction unitRef="u" contextRef="c-{index}" '
            f'decimals="{decimals}" name="{tag}" '
            f'format="ixt:num-dot-decimal" scale="6">{text}</ix:nonFraction>'
            "</p>")
    return Answer(body=(
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" '
        'xmlns:xbrli="http://www.xbrl.org/2003/instance" '
        'xmlns:xbrldi="http://xbrl.org/2006/xbrldi"><body>'
        '<xbrli:unit id="u"><xbrli:measure>iso4217:USD</xbrli:measure>'
        "</xbrli:unit>" + "".join(contexts + numbers)).encode()
        + extra + b"</body></html>")


def listed(*reports, files=()):
    """The answer of /submissions; reports are (number, filed, form)."""
    return Answer(body=json.dumps({
        "name": "A COMPANY", "filings": {"recent": columns(*reports),
                                         "files": list(files)}}).encode())


def columns(*reports):
    return {"accessionNumber": [f"0000000000-26-{n:06}" for n, _, _ in reports],
            "filingDate": [filed for _, filed, _ in reports],
            "form": [form for _, _, form in reports],
            "isInlineXBRL": [1] * len(reports),
            "primaryDocument": [f"r{n}.htm" for n, _, _ in reports]}


def path(number, cik=6951):
    return f"/Archives/edgar/data/{cik}/000000000026{number:06}/r{number}.htm"


class EdgarTest(unittest.TestCase):
    def setUp(self):
        self.publisher = Publisher()
        self.publisher.__enter__()
        self.addCleanup(self.publisher.__exit__)
        self.list = "/submissions/CIK0000006951.json"
        self.contact = "a@example.org"

    def conversation(self, **config):
        return Conversation("edgar", {
            "companies": "AMAT", "base_url": self.publisher.url,
            "archives_url": self.publisher.url, **config},
            {"HEADWAY_CONTACT": self.contact}, now="2026-12-20T12:00:00Z")

    def read(self, checkpoints=None, **config):
        return self.conversation(**config).read(checkpoints)

    def publish(self, *reports, cik=6951):
        """Reports are (number, filed, form, document)."""
        self.publisher.answer(f"/submissions/CIK{cik:010}.json",
                              listed(*[r[:3] for r in reports]))
        for number, _, _, body in reports:
            self.publisher.answer(path(number, cik), body)

    def quarters(self, said, region="China"):
        return said.values("toolmaker_revenue_usd", region=region)


class GeographyTest(EdgarTest):
    def test_writes_the_series_of_the_bundled_sample(self):
        self.publish((1, "2026-08-20", "10-Q", document(
            (Q3, None, "9,115"), (Q3, CHINA, "2,506"))))
        said = self.read()
        series = said.series["AMAT China quarterly"]
        self.assertEqual(
            (series["metric"], series["labels"], series["title"]),
            ("toolmaker_revenue_usd",
             {"company": "Applied Materials", "region": "China"},
             "Applied Materials revenue, China"))
        self.assertEqual(self.quarters(said), {"2026-Q2": 2506e6})
        self.assertEqual(self.quarters(said, "total"), {"2026-Q2": 9115e6})

    def test_a_figure_is_known_since_its_day_of_filing(self):
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9,115"))))
        self.assertEqual(self.read().batches[0]["knownAt"],
                         "2026-08-20T23:59:59.999999Z")

    def test_the_fourth_quarter_is_the_year_less_nine_months(self):
        self.publish(
            (1, "2026-08-20", "10-Q", document(
                (Q3, None, "9"), (NINE, None, "27"))),
            (2, "2026-12-11", "10-K", document((YEAR, None, "40"))))
        said = self.read()
        self.assertEqual(self.quarters(said, "total"),
                         {"2026-Q2": 9e6, "2026-Q3": 13e6})
        last = [b for b in said.batches if "2026-Q3" in b["periods"]][0]
        self.assertEqual(last["statuses"], ["ESTIMATED"])

    def test_a_year_less_three_quarters_over_three_reports(self):
        self.publish(
            (1, "2026-02-19", "10-Q", document((Q1, None, "7"))),
            (2, "2026-05-21", "10-Q", document((Q2, None, "8"))),
            (3, "2026-08-20", "10-Q", document((Q3, None, "9"))),
            (4, "2026-12-11", "10-K", document((YEAR, None, "40"))))
        self.assertEqual(self.quarters(self.read(), "total"), {
            "2025-Q4": 7e6, "2026-Q1": 8e6, "2026-Q2": 9e6, "2026-Q3": 16e6})

    def test_the_differences_go_on_over_reads(self):
        first = (1, "2026-08-20", "10-Q", document((NINE, None, "27")))
        self.publish(first)
        states = self.read().states()
        self.publish(first,
                     (2, "2026-12-11", "10-K", document((YEAR, None, "40"))))
        self.assertEqual(self.quarters(self.read(states), "total"),
                         {"2026-Q3": 13e6})

    def test_a_year_is_a_series_of_its_own(self):
        self.publish((2, "2026-12-11", "10-K", document(
            (YEAR, None, "40"), (YEAR, CHINA, "10"))))
        self.assertEqual(
            self.read().values("toolmaker_annual_revenue_usd", region="China"),
            {"2026": 10e6})

    def test_a_restated_figure_is_a_revision_alone(self):
        first = (1, "2026-05-21", "10-Q", document(
            (Q1, None, "7"), (Q2, None, "8")))
        self.publish(first)
        states = self.read().states()
        self.publish(first, (2, "2026-08-20", "10-Q", document(
            (Q1, None, "7"), (Q2, None, "8.5"))))
        said = self.read(states)
        self.assertEqual(
            [(b["knownAt"][:10], b["periods"], b["values"])
             for b in said.batches], [("2026-08-20", ["2026-Q1"], [8.5e6])])

    def test_no_new_report_is_said(self):
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9"))))
        states = self.read().states()
        said = self.read(states)
        self.assertEqual(said.observation_count(), 0)
        self.assertIn("no new report among 1", said.logs[0])
        self.assertEqual(said.states(), states)

    def test_other_options_read_the_reports_again(self):
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9"))))
        states = self.read().states()
        said = self.read(states, since="2022-01-01")
        self.assertEqual(said.observation_count(), 1)

    def test_a_checkpoint_follows_each_report(self):
        self.publish((1, "2026-05-21", "10-Q", document((Q2, None, "8"))),
                     (2, "2026-08-20", "10-Q", Answer(body=b"<html>")))
        said = self.read()
        self.assertEqual(len(said.checkpoints), 1)
        self.assertIn("not XML", said.error["message"])

    def test_a_report_that_cannot_be_read_does_not_stop_other_companies(self):
        self.publish((1, "2026-08-20", "10-Q", Answer(body=b"<html>")))
        self.publish((2, "2026-07-30", "10-Q", document((Q3, None, "9"))),
                     cik=319201)
        said = self.read(companies="AMAT,KLAC")
        self.assertEqual(said.values("toolmaker_revenue_usd", company="KLA"),
                         {"2026-Q2": 9e6})
        self.assertIn("Applied Materials: ", said.error["message"])

    def test_facts_of_two_axes_are_passed_over(self):
        two = document((Q3, None, "9"), (Q3, CHINA, "2"))
        cut = two.body.replace(
            b"</xbrli:segment>", b'<xbrldi:explicitMember dimension="us-gaap:'
            b'ProductAxis">x:AMember</xbrldi:explicitMember></xbrli:segment>')
        self.publish((1, "2026-08-20", "10-Q", Answer(body=cut)))
        self.assertEqual(list(self.read().series), ["AMAT total quarterly"])

    def test_the_most_exact_of_repeated_facts_counts(self):
        self.publish((1, "2026-08-20", "10-Q", document(
            (Q3, None, "9,115"), (Q3, None, "9,100", REVENUE, "-8"))))
        self.assertEqual(self.quarters(self.read(), "total"),
                         {"2026-Q2": 9115e6})

    def test_finds_china_under_a_members_own_name(self):
        self.publish((1, "2026-08-28", "10-Q", document(
            (Q3, None, "96,221", "us-gaap:Revenues"),
            (Q3, "nvda:ChinaIncludingHongKongMember", "7,880",
             "us-gaap:Revenues"))), cik=1045810)
        said = self.read(companies="NVDA")
        self.assertEqual(
            said.values("company_revenue_usd", region="China", basis="hq"),
            {"2026-Q2": 7880e6})

    def test_a_change_of_basis_begins_another_series(self):
        facts = ((Q3, None, "46"), (Q3, CHINA, "3"))
        self.publish((1, "2025-08-28", "10-Q", document(*facts)),
                     (2, "2025-11-20", "10-Q", document(*facts)), cik=1045810)
        said = self.read(companies="NVDA")
        self.assertEqual({s["labels"]["basis"] for s in said.series.values()},
                         {"billing", "hq"})

    def test_the_tag_of_revenue_may_switch(self):
        self.publish(
            (1, "2026-05-21", "10-Q", document(
                (Q2, None, "8", "us-gaap:Revenues"))),
            (2, "2026-08-20", "10-Q", document((Q3, None, "9"))))
        self.assertEqual(self.quarters(self.read(), "total"),
                         {"2026-Q1": 8e6, "2026-Q2": 9e6})

    def test_a_report_without_revenue_names_the_nearest_tag(self):
        self.publish((1, "2026-08-20", "10-Q", document(
            (Q3, None, "9", "amat:RevenueFromContractWithCustomers"))))
        said = self.read()
        self.assertEqual(said.error["class"], "SYSTEM")
        self.assertIn("the nearest tag is RevenueFromContractWithCustomers",
                      said.error["message"])

    def test_an_amendment_without_revenue_is_said(self):
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9"))),
                     (2, "2026-09-01", "10-Q/A", document()))
        said = self.read()
        self.assertIsNone(said.error)
        self.assertIn("the amendment holds no revenue", said.logs[0])

    def test_a_company_that_never_names_china_is_said(self):
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9"))))
        self.assertIn("0 of them name China's part", self.read().logs[-1])

    def test_more_from_china_than_in_all_is_refused(self):
        self.publish((1, "2026-08-20", "10-Q", document(
            (Q3, None, "9"), (Q3, CHINA, "10"))))
        self.assertIn("China's revenue of 2026-04-27 to 2026-07-26 is 10000000",
                      self.read().error["message"])

    def test_older_pages_of_the_list_are_read(self):
        self.publisher.answer(self.list, listed(
            (2, "2026-08-20", "10-Q"),
            files=[{"name": "CIK0000006951-submissions-001.json",
                    "filingTo": "2026-05-30"},
                   {"name": "older.json", "filingTo": "2013-02-18"}]))
        self.publisher.answer(
            "/submissions/CIK0000006951-submissions-001.json",
            Answer(body=json.dumps(
                columns((1, "2026-05-21", "10-Q"))).encode()))
        self.publisher.answer(path(1), document((Q2, None, "8")))
        self.publisher.answer(path(2), document((Q3, None, "9")))
        self.assertEqual(self.quarters(self.read(), "total"),
                         {"2026-Q1": 8e6, "2026-Q2": 9e6})

    def test_a_renamed_column_of_the_list_is_named(self):
        self.publisher.answer(self.list, Answer(body=json.dumps({"filings": {
            "recent": {"accession": []}}}).encode()))
        self.assertIn("no field \"accessionNumber\"; the nearest name there is "
                      "\"accession\"", self.read().error["message"])

    def test_a_difference_below_nothing_is_left_out_and_said(self):
        self.publish(
            (1, "2026-08-20", "10-Q", document((NINE, CHINA, "27"),
                                               (NINE, None, "90"))),
            (2, "2026-12-11", "10-K", document((YEAR, CHINA, "20"),
                                               (YEAR, None, "130"))))
        said = self.read()
        self.assertNotIn("AMAT China quarterly", said.series)
        self.assertEqual(
            [log for log in said.logs if "2026-Q3 would be -7000000" in log],
            said.logs[:1])

    def test_the_facts_of_nvidias_reports(self):
        facts = json.loads(
            recorded("sec/inline_xbrl_dimension_facts.sample.json"))

        def report(wanted):
            return document(*(
                ((f["period_start"], f["period_end"]),
                 f["dimensions"].get("srt:StatementGeographicalAxis"),
                 f"{int(f['value_numeric']) // 10**6}", f["concept"])
                for f in facts if bool(f.get("accn")) == wanted),
                *([(Q3, None, "96,221", "us-gaap:Revenues")]
                  if wanted else []))

        self.publish((1, "2026-02-25", "10-K", report(False)),
                     (2, "2026-08-26", "10-Q", report(True)), cik=1045810)
        said = self.read(companies="NVDA")
        self.assertEqual(said.values("company_annual_revenue_usd",
                                     region="China"), {"2025": 19677e6})
        self.assertEqual(said.values("company_revenue_usd", region="China"),
                         {"2025-Q2": 3985e6, "2026-Q2": 7880e6})

    def test_the_recorded_list_and_facts_of_applied_materials(self):
        self.publisher.answer(self.list, Answer(
            body=recorded("sec/RECORDED_submissions_AMAT.json")))
        self.publisher.answer(
            "/Archives/edgar/data/6951/000162828026037227/amat-20260426.htm",
            document((Q3, None, "9,115"), (NINE, None, "24,037"),
                     extra=recorded("sec/RECORDED_ixbrl_china_facts_AMAT_10Q_"
                                    "2026-07-26.html.txt")))
        said = self.read(since="2026-05-01")
        self.assertEqual(self.quarters(said),
                         {"2025-Q2": 2548e6, "2026-Q2": 2506e6})


class QuartersTest(unittest.TestCase):
    def test_the_fourth_quarters_of_three_tool_makers(self):
        """Against figures that others drew from the same filings."""
        path = os.path.join(SHARED, "companies/us_toolmakers_china_revenue.csv")
        if not os.path.exists(path):
            self.skipTest(f"needs {path}")
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        wanted, reported = {}, {}
        for row in rows:
            span = (row["period_start"], row["period_end"])
            value = float(row["china_usd"])
            if row["status"] == "derived: year minus three quarters":
                wanted[row["company"], span] = value
            else:
                reported.setdefault(row["company"], {})[span] = value
        found = {(company, span): edgar_filing.with_differences(
            reported[company]).get(span) for company, span in wanted}
        self.assertEqual(found, {k: (v, True) for k, v in wanted.items()})
        self.assertEqual(len(wanted), 6)


class Manners(EdgarTest):
    def test_says_whom_to_write_to(self):
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9"))))
        self.read()
        self.assertIn("a@example.org",
                      self.publisher.asked[0].headers["user-agent"])

    def test_a_contact_that_is_no_address_is_refused(self):
        self.contact = "https://example.org/us"
        said = self.read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("set HEADWAY_CONTACT to an e-mail address",
                      said.error["message"])
        self.assertEqual(self.publisher.asked, [])

    def test_a_missing_contact_is_a_matter_of_configuration(self):
        said = Conversation("edgar").read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("set HEADWAY_CONTACT", said.error["message"])

    def test_the_page_for_undeclared_tools_asks_for_a_contact(self):
        self.publisher.answer(self.list, Answer(
            403, b"<html>Your Request Originates from an Undeclared Automated "
            b"Tool</html>"))
        said = self.read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("contact a@example.org", said.error["message"])

    def test_the_page_for_too_many_requests_is_waited_for(self):
        self.publisher.answer(self.list, Answer(
            403, b"<title>SEC.gov | Request Rate Threshold Exceeded</title>"))
        said = self.read()
        self.assertEqual((said.error["class"], said.error["retryAfter"]),
                         ("TRANSIENT", "600.000s"))

    def test_tries_again_after_429_and_500(self):
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9"))))
        self.publisher.answer(
            self.list, Answer(429, headers={"Retry-After": "0"}), Answer(500),
            listed((1, "2026-08-20", "10-Q")))
        self.assertEqual(self.read().observation_count(), 1)

    def test_tries_again_where_a_filing_was_cut_short(self):
        whole = document((Q3, None, "9"))
        self.publish((1, "2026-08-20", "10-Q", whole))
        self.publisher.answer(path(1), Answer(body=whole.body, cut_after=99),
                              whole)
        self.assertEqual(self.read().observation_count(), 1)

    def test_a_page_instead_of_data_is_an_error(self):
        self.publisher.answer(self.list, Answer(body=b"<html>Sorry</html>"))
        self.assertIn("not JSON", self.read().error["message"])

    def test_an_empty_list_is_said(self):
        self.publisher.answer(self.list, listed())
        self.assertIn("no new report among 0", self.read().logs[0])

    def test_a_ticker_is_looked_up(self):
        self.publisher.answer("/files/company_tickers.json", Answer(
            body=recorded("sec/company_tickers.sample.json")))
        self.publish((1, "2026-08-20", "10-Q", document((Q3, None, "9"))),
                     cik=320193)
        said = self.read(companies="AAPL")
        self.assertEqual(said.values("company_revenue_usd",
                                     company="Apple Inc."), {"2026-Q2": 9e6})

    def test_an_unknown_ticker_names_a_near_one(self):
        self.publisher.answer("/files/company_tickers.json",
                              Answer(body=b"{}"))
        said = self.read(companies="AMATT")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("did you mean AMAT?", said.error["message"])

    def test_check_asks_once(self):
        self.publisher.answer(self.list, listed())
        said = self.conversation().say("check")
        self.assertIn("A COMPANY", said.messages[0]["check"]["message"])
        self.assertEqual(len(self.publisher.asked), 1)

    def test_discover_asks_nothing(self):
        said = self.conversation().say("discover")
        self.assertEqual(len(said.series), 4)
        self.assertEqual(self.publisher.asked, [])


class FactsTest(EdgarTest):
    FACTS = "/api/xbrl/companyfacts/CIK0000006951.json"

    def publish_tags(self, **tags):
        self.publisher.answer(self.FACTS, Answer(body=json.dumps({
            "facts": {"us-gaap": {tag: {"units": {"USD": rows}}
                                  for tag, rows in tags.items()}}}).encode()))

    @staticmethod
    def row(span, value, filed):
        start = {"start": span[0]} if span[0] else {}
        return {**start, "end": span[1], "val": value, "filed": filed,
                "form": "10-Q"}

    def read(self, checkpoints=None, concepts="m=A|B", **config):
        return super().read(checkpoints, dataset="facts", concepts=concepts,
                            **config)

    def test_each_day_of_filing_is_a_vintage(self):
        self.publish_tags(A=[self.row(Q2, 8, "2026-05-21"),
                             self.row(Q2, 9, "2026-08-20"),
                             self.row(Q3, 7, "2026-08-20")])
        self.assertEqual(
            [(b["knownAt"][:10], b["periods"], b["values"])
             for b in self.read().batches],
            [("2026-05-21", ["2026-Q1"], [8]),
             ("2026-08-20", ["2026-Q1", "2026-Q2"], [9, 7])])

    def test_goes_on_with_the_tag_that_follows(self):
        self.publish_tags(B=[self.row(Q2, 8, "2026-05-21")],
                          A=[self.row(Q3, 9, "2026-08-20")])
        self.assertEqual(self.read().values("m"),
                         {"2026-Q1": 8, "2026-Q2": 9})

    def test_the_preferred_of_two_tags_counts(self):
        self.publish_tags(A=[self.row(Q3, 9, "2026-08-20")],
                          B=[self.row(Q3, 8, "2026-08-20")])
        self.assertEqual(self.read().values("m"), {"2026-Q2": 9})

    def test_what_stands_at_the_end_of_a_quarter_belongs_to_it(self):
        self.publish_tags(A=[self.row((None, Q3[1]), 5, "2026-08-20")])
        self.assertEqual(self.read().values("m"), {"2026-Q2": 5})

    def test_unchanged_facts_are_not_read_again(self):
        self.publish_tags(A=[self.row(Q3, 9, "2026-08-20")])
        said = self.read(self.read().states())
        self.assertEqual(said.observation_count(), 0)
        self.assertIn("unchanged", said.logs[0])

    def test_a_tag_that_nobody_filed_names_the_nearest(self):
        self.publish_tags(InventoryNet=[])
        said = self.read(concepts="m=InventoryNett|Inventories")
        self.assertIn("the nearest tag is InventoryNet", said.logs[0])
        self.assertEqual(said.error["class"], "CONFIG")

    def test_an_unknown_unit_names_those_that_are_known(self):
        self.publisher.answer(self.FACTS, Answer(body=json.dumps({
            "facts": {"us-gaap": {"A": {"units": {"acre": []}}}}}).encode()))
        self.assertIn("none of the units acre is known; known are USD",
                      self.read().error["message"])

    def test_one_tag_is_asked_for_by_itself(self):
        tag = REVENUE.split(":")[1]
        self.publisher.answer(
            f"/api/xbrl/companyconcept/CIK0000006951/us-gaap/{tag}.json",
            Answer(body=recorded("sec/companyconcept.sample.json")))
        said = self.read(concepts="m=" + tag)
        self.assertEqual(said.values("m"), {"2026-Q2": 109417e6})
        self.assertEqual(len(self.publisher.asked), 1)


class FramesTest(EdgarTest):
    def read(self, checkpoints=None, **config):
        return super().read(checkpoints, **{
            "dataset": "frames", "companies": "ALL", "since": "2026-04-01",
            "concepts": "m=" + REVENUE.split(":")[1], **config})

    def publish_frame(self, frame="CY2026Q2"):
        tag = REVENUE.split(":")[1]
        self.publisher.answer(
            f"/api/xbrl/frames/us-gaap/{tag}/USD/{frame}.json",
            Answer(body=recorded("sec/frames.sample.json")))

    def test_reads_a_quarter_over_all_filers(self):
        self.publish_frame()
        said = self.read()
        self.assertEqual(said.values("m", company="ABBOTT LABORATORIES"),
                         {"2026-Q2": 12593e6})
        self.assertIn("no frame CY2026Q3", said.logs[0])

    def test_an_unchanged_frame_is_not_sent_again(self):
        self.publish_frame()
        said = self.read(self.read().states())
        self.assertEqual(said.observation_count(), 0)
        self.assertIn("0 frames are new or changed", said.logs[-1])

    def test_other_companies_are_left_out(self):
        self.publish_frame()
        self.assertEqual(self.read(companies="NVDA").observation_count(), 0)

    def test_a_tag_without_frames_is_a_matter_of_configuration(self):
        said = self.read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("@instant", said.error["message"])


if __name__ == "__main__":
    unittest.main()

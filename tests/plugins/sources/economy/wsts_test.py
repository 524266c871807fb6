"""The wsts source: a workbook whose name is found on a page."""

import io
import unittest
import xml.sax.saxutils
import zipfile

from manners import Manners
from publisher import Answer, Conversation, Publisher

PAGE = "/67/Historical-Billings-Report"
BOOK = "/f/WST/1/WSTS-Historical-Billings-Report-{}.xlsx"
HEADER = [None, "January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December",
          "Q1", "Total Year"]
REGIONS = ["Americas", "Europe", "Japan", "Asia Pacific"]


def sheet(rows):
    lines = []
    for number, row in enumerate(rows, 1):
        cells = ""
        for column, cell in enumerate(row):
            at = f"{chr(ord('A') + column)}{number}"
            if isinstance(cell, str):
                text = xml.sax.saxutils.escape(cell)
                cells += f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'
            elif cell is not None:
                cells += f'<c r="{at}"><v>{cell}</v></c>'
        lines.append(f'<row r="{number}">{cells}</row>')
    return ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml'
            '/2006/main"><sheetData>' + "".join(lines)
            + "</sheetData></worksheet>")


def workbook(sheets):
    """XLSX of {name: rows}."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = ("http://schemas.openxmlformats.org/officeDocument/2006/"
           "relationships")
    names = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>'
                    for i, n in enumerate(sheets, 1))
    links = "".join(f'<Relationship Id="r{i}" Target="worksheets/s{i}.xml"/>'
                    for i in range(1, len(sheets) + 1))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("xl/workbook.xml",
                         f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
                         f"{names}</sheets></workbook>")
        archive.writestr("xl/_rels/workbook.xml.rels",
                         f"<Relationships>{links}</Relationships>")
        for i, rows in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/s{i}.xml", sheet(rows))
    return body.getvalue()


def table(years, header=HEADER, scale="All numbers are in 1000 US$."):
    """Rows of a sheet: {year: values of January and on of each region}."""
    rows = [["WSTS"], ["Billings"], [scale], header]
    for year, values in years.items():
        filled = list(values) + [0.0] * (12 - len(values))
        rows += [[year]] + [[r, *filled] for r in REGIONS]
        rows += [["Worldwide", *(4 * v for v in filled)], []]
    return rows


def book(monthly=None, means=None, **changes):
    monthly = monthly or {2025: [10.0] * 12, 2026: [11.0, 12.0]}
    means = means or {2025: [0.0, 0.0] + [10.0] * 10, 2026: [10.3, 11.0, 7.7]}
    return workbook({"Monthly Data": table(monthly, **changes),
                     "3MMA": table(means, **changes)})


def page(*editions):
    links = "".join(f'<a href="{BOOK.format(e)}">{e}</a>' for e in editions)
    return Answer(200, f"<html><title>WSTS</title>{links}</html>".encode())


class WstsTest(unittest.TestCase):
    def setUp(self):
        self.publisher = self.enterContext(Publisher())
        self.publisher.answer(PAGE, page("Jan_2026", "Feb_2026"))
        self.put(book())

    def put(self, body, edition="Feb_2026"):
        self.publisher.answer(BOOK.format(edition), Answer(200, body))

    def read(self, checkpoints=None):
        return Conversation(
            "wsts", {"base_url": self.publisher.url}).read(checkpoints)

    def test_thousands_of_dollars_are_dollars(self):
        values = self.read().values("chip_billings_usd", region="Japan")
        self.assertEqual(values["2026-02"], 12000)

    def test_the_world_is_a_metric_of_its_own(self):
        self.assertEqual(
            self.read().values("world_chip_billings_usd")["2026-01"], 44000)

    def test_zero_is_a_month_not_yet_published(self):
        values = self.read().values("chip_billings_usd", region="Japan")
        self.assertEqual(max(values), "2026-02")

    def test_means_end_with_the_months(self):
        values = self.read().values("chip_billings_3mma_usd", region="Japan")
        self.assertEqual((min(values), max(values)), ("2025-03", "2026-02"))

    def test_history_is_assumed_known_forty_days_later(self):
        series = next(iter(self.read().series.values()))
        self.assertEqual((series["vintageKind"], series["releaseLag"]),
                         ("ASSUMED", "3456000s"))

    def test_the_newest_edition_is_taken(self):
        self.read()
        self.assertEqual(self.publisher.paths(),
                         [PAGE, BOOK.format("Feb_2026")])

    def test_the_next_edition_brings_revisions(self):
        first = self.read()
        self.publisher.answer(PAGE, page("Mar_2026"))
        self.put(book({2025: [10.0] * 12, 2026: [11.0, 12.5, 13.0]}),
                 "Mar_2026")
        values = self.read(first.states()).values("chip_billings_usd",
                                                  region="Europe")
        self.assertEqual((values["2026-01"], values["2026-02"],
                          values["2026-03"]), (11000, 12500, 13000))

    def test_an_unchanged_workbook_is_no_news(self):
        first = self.read()
        again = self.read(first.states())
        self.assertEqual(again.batches, [])
        self.assertIn("unchanged, no news", again.logs[0])
        self.assertEqual(again.states(), first.states())

    def test_an_older_edition_is_refused(self):
        first = self.read()
        self.publisher.answer(PAGE, page("Jan_2026"))
        self.assertIn("of 2026-02 was read before",
                      self.read(first.states()).error["message"])

    def test_a_page_without_the_link_is_an_error(self):
        self.publisher.answer(PAGE, Answer(200, b"<title>Moved</title>"))
        self.assertIn('on the page "Moved"', self.read().error["message"])

    def test_another_host_is_not_trusted(self):
        self.publisher.answer(PAGE, Answer(200, (
            b'<a href="https://evil.example/WSTS-Historical-Billings-Report-'
            b'Feb_2026.xlsx">')))
        self.assertIn("lies on another host", self.read().error["message"])

    def test_another_scale_is_refused(self):
        self.put(book(scale="All numbers are in US$"))
        self.assertIn('does not say "All numbers are in 1000 US$"',
                      self.read().error["message"])

    def test_a_renamed_column_is_named(self):
        self.put(book(header=["Mars" if c == "March" else c for c in HEADER]))
        self.assertIn('no column "March"; the nearest name there is "Mars"',
                      self.read().error["message"])

    def test_an_unknown_region_is_named(self):
        rows = table({2026: [1.0]})
        rows[8][0] = "Asia/Pacific"
        self.put(workbook({"Monthly Data": rows, "3MMA": rows}))
        self.assertIn('unknown region "Asia/Pacific" in 2026; the nearest',
                      self.read().error["message"])

    def test_regions_that_do_not_add_up_are_refused(self):
        rows = table({2026: [1.0, 1.0]})
        rows[5][1:3] = [9.0, 9.0]
        self.put(workbook({"Monthly Data": rows, "3MMA": rows}))
        self.assertIn("do not add up to the world in 2 months",
                      self.read().error["message"])

    def test_html_in_place_of_the_workbook_is_named(self):
        self.put(b"<html><body>Please log in</body></html>")
        self.assertIn("HTML in place of a workbook",
                      self.read().error["message"])


class WstsManners(Manners, unittest.TestCase):
    plugin = "wsts"
    path = PAGE
    good = page("Feb_2026").body
    html_error = 'on the page "Sign in"'

    def prepare(self, publisher):
        publisher.answer(BOOK.format("Feb_2026"), Answer(200, book()))


if __name__ == "__main__":
    unittest.main()

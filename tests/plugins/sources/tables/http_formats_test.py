"""The http source: from what publishers answer, in each format, to series."""

import io
import unittest
import zipfile

from http_source import HttpTest
from publisher import recorded

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = ("http://schemas.openxmlformats.org/officeDocument/2006/"
             "relationships")


def workbook(rows, merged=(), sheets=("Data",), styles=""):
    """The bytes of an .xlsx whose last sheet has the rows, in XML."""
    names = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="rId{i}" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1))
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>'
            f"{names}</sheets></workbook>")
        archive.writestr("xl/_rels/workbook.xml.rels",
                         f"<Relationships>{links}</Relationships>")
        archive.writestr("xl/styles.xml", styles or "<styleSheet/>")
        for i in range(1, len(sheets) + 1):
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{SHEET}"><sheetData>'
                f"{rows if i == len(sheets) else ''}</sheetData>"
                f"<mergeCells>{cells}</mergeCells></worksheet>")
    return body.getvalue()


def text_cell(reference, text):
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


class JsonTest(HttpTest):

    def values(self, body, **config):
        said = self.read(body, format="json", **config)
        self.assertIsNone(said.error)
        return said.values("m")

    def test_fields_of_rows_are_columns_by_their_paths(self):
        body = {"data": [{"date": "2024-01", "price": {"usd": 5}},
                         {"date": "2024-02", "price": {"usd": 6.25}}]}
        self.assertEqual(
            self.values(body, rows="$.data[*]", period_column="date",
                        value_column="price.usd"),
            {"2024-01": 5, "2024-02": 6.25})

    def test_fields_of_what_holds_a_row_are_columns(self):
        body = {"series": [
            {"name": "a", "points": [{"period": "2024", "value": 1}]},
            {"name": "b", "points": [{"period": "2024", "value": 2}]}]}
        said = self.read(body, format="json", rows="$.series[*].points[*]",
                         labels="name=^.name")
        self.assertEqual(said.values("m", name="b"), {"2024": 2})

    def test_parallel_arrays_go_together_by_place(self):
        body = {"dates": ["2024-01", "2024-02"], "values": [3, 4]}
        self.assertEqual(
            self.values(body, rows="$.values[*]", value_column="@",
                        period_column="^.dates[#]"),
            {"2024-01": 3, "2024-02": 4})

    def test_an_object_by_period_is_rows(self):
        body = {"CHN": {"2024-01": 5}, "USA": {"2024-01": 7}}
        said = self.read(body, format="json", rows="$.*.*", value_column="@",
                         period_column="~", labels="country=^~")
        self.assertEqual(said.values("m", country="USA"), {"2024-01": 7})

    def test_the_first_of_arrays_names_the_columns(self):
        body = [["value", "period", "hs"], ["5", "2024-01", "8542"]]
        said = self.read(body, format="json", rows="$[*]")
        self.assertEqual(said.values("m", hs="8542"), {"2024-01": 5})

    def test_a_repeated_column_of_equal_cells_counts_once(self):
        body = [["value", "period", "hs", "hs"], ["5", "2024", "1", "1"]]
        said = self.read(body, format="json", rows="$[*]")
        self.assertEqual(said.values("m", hs="1"), {"2024": 5})

    def test_arrays_without_names_are_columns_by_place(self):
        self.assertEqual(
            self.values([["2024-01", 5]], rows="$[*]", header_row="false",
                        period_column="[0]", value_column="[1]"),
            {"2024-01": 5})

    def test_null_is_no_value(self):
        body = [{"period": "2024", "value": None},
                {"period": "2025", "value": 1}]
        self.assertEqual(self.values(body, rows="$[*]"), {"2025": 1})

    def test_rows_are_left_out_by_their_cells(self):
        body = [{"period": "2024", "value": 1, "mode": 0},
                {"period": "2024", "value": 9, "mode": 3}]
        self.assertEqual(self.values(body, rows="$[*]", where="mode=0",
                                     labels="none"), {"2024": 1})

    def test_a_bad_path_is_refused_at_its_column(self):
        said = self.read([], format="json", rows="$.data[x]")
        self.assert_refused(said, "option rows", "$.data[x]", "column 8")

    def test_a_path_that_leads_nowhere_names_what_is_there(self):
        said = self.read({"results": []}, format="json", rows="$.result[*]")
        self.assert_refused(said, "$.result[*]", 'did you mean "results"')

    def test_an_error_in_a_good_answer_is_an_error(self):
        said = self.read({"message": "no such filter", "data": []},
                         format="json", rows="$.data[*]",
                         error_path="$.message")
        self.assert_refused(said, "no such filter")

    def test_a_web_page_in_the_place_of_data_is_named(self):
        said = self.read("<html><title>Sign in</title></html>",
                         format="json", rows="$[*]")
        self.assert_refused(said, "web page", "Sign in")

    def test_a_cut_answer_is_said(self):
        said = self.read('{"data": [{"per', format="json", rows="$.data[*]")
        self.assert_refused(said, "cut short after 15 bytes")

    def test_deep_nesting_is_refused(self):
        said = self.read("[" * 5000, format="json", rows="$[*]")
        self.assert_refused(said, "100 levels")

    def test_a_bad_cell_is_named_by_its_path(self):
        said = self.read({"data": [{"period": "2024", "value": "many"}]},
                         format="json", rows="$.data[*]")
        self.assert_refused(said, '"many"')
        self.assertEqual(said.error["message"].count(self.url), 1)
        self.assertIn(self.url + ": $.data[0]: column", said.error["message"])


class CubeTest(HttpTest):

    JSON_STAT = {
        "version": "2.0", "class": "dataset", "id": ["freq", "geo", "time"],
        "size": [1, 2, 2], "role": {"time": ["time"]},
        "dimension": {
            "freq": {"category": {"label": {"A": "Annual"}}},
            "geo": {"category": {"index": {"NL": 1, "DE": 0}}},
            "time": {"category": {"index": ["2023", "2024"]}}},
        "value": {"0": 1, "3": 4.5}, "status": {"3": "p"}}

    SDMX_STRUCTURE = {
        "dimensions": {
            "series": [{"id": "FREQ", "values": [{"id": "M"}]},
                       {"id": "CURRENCY", "values": [{"id": "USD"},
                                                     {"id": "CNY"}]}],
            "observation": [{"id": "TIME_PERIOD", "values": [
                {"id": "2024-01"}, {"id": "2024-02"}]}]},
        "attributes": {
            "series": [{"id": "UNIT", "values": [{"id": "EUR"}]}],
            "observation": [{"id": "OBS_STATUS", "values": [
                {"id": "A"}, {"id": "P"}]}]}}
    SDMX_SETS = [{"series": {
        "0:0": {"attributes": [0], "observations": {"0": [1.5, 0]}},
        "0:1": {"attributes": [0], "observations": {"1": [7.25, 1]}}}}]

    def statuses(self, said):
        return [batch.get("statuses", []) for batch in said.batches]

    def test_json_stat_places_are_codes(self):
        said = self.read(self.JSON_STAT, format="json-stat")
        self.assertEqual(said.values("m", geo="NL"), {"2024": 4.5})

    def test_json_stat_marks_are_statuses(self):
        said = self.read(self.JSON_STAT, format="json-stat")
        self.assertIn(["PROVISIONAL"], self.statuses(said))

    def test_json_stat_with_a_place_outside_its_sizes_is_refused(self):
        said = self.read({**self.JSON_STAT, "value": {"9": 1}},
                         format="json-stat")
        self.assert_refused(said, "place 9", "4 places")

    def test_sdmx_json_1_keys_are_codes(self):
        said = self.read({"dataSets": self.SDMX_SETS,
                          "structure": self.SDMX_STRUCTURE},
                         format="sdmx-json")
        self.assertEqual(said.values("m", CURRENCY="CNY"), {"2024-02": 7.25})

    def test_sdmx_json_2_is_read_likewise(self):
        said = self.read(
            {"meta": {}, "data": {"structures": [self.SDMX_STRUCTURE],
                                  "dataSets": [{"structure": 0,
                                                **self.SDMX_SETS[0]}]}},
            format="sdmx-json")
        self.assertEqual(said.values("m", CURRENCY="USD"), {"2024-01": 1.5})

    def test_sdmx_statuses_are_kept(self):
        said = self.read({"dataSets": self.SDMX_SETS,
                          "structure": self.SDMX_STRUCTURE},
                         format="sdmx-json")
        self.assertIn(["PROVISIONAL"], self.statuses(said))

    def test_sdmx_csv_has_columns_of_the_message_that_are_no_labels(self):
        said = self.read(
            "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA: Area,TIME_PERIOD,"
            "OBS_VALUE,OBS_STATUS,UNIT_MULT\n"
            "dataflow,X:Y(1.0),I,M,CN: China,2024-03,12.5,E,6\n",
            format="sdmx-csv")
        self.assertEqual(said.values("m"), {"2024-03": 12.5})
        self.assertEqual([s["labels"] for s in said.series.values()],
                         [{"REF_AREA": "CN"}])

    def test_sdmx_csv_that_deletes_is_refused(self):
        said = self.read("ACTION,FREQ,TIME_PERIOD,OBS_VALUE\nD,M,2024-03,\n",
                         format="sdmx-csv")
        self.assert_refused(said, "line 2", "ACTION = D")


class XlsxTest(HttpTest):

    ROWS = ('<row r="1">' + text_cell("A1", "period")
            + text_cell("B1", "value") + "</row>"
            '<row r="2">' + text_cell("A2", "2024")
            + '<c r="B2"><v>0.10000000000000001</v></c></row>')

    def test_cells_are_read_as_they_are_shown(self):
        said = self.read(workbook(self.ROWS), format="xlsx")
        self.assertEqual(said.values("m"), {"2024": 0.1})

    def test_a_sheet_is_named(self):
        said = self.read(workbook(self.ROWS, sheets=("Notes", "Data")),
                         format="xlsx", sheet="Data")
        self.assertEqual(said.values("m"), {"2024": 0.1})

    def test_of_several_sheets_one_must_be_named(self):
        said = self.read(workbook(self.ROWS, sheets=("Notes", "Data")),
                         format="xlsx")
        self.assert_refused(said, "option sheet", "Notes, Data")

    def test_merged_cells_read_as_their_first(self):
        rows = ('<row r="1">' + text_cell("A1", "period")
                + text_cell("B1", "Exports") + "</row>"
                '<row r="2">' + text_cell("B2", "chips")
                + text_cell("C2", "tools") + "</row>"
                '<row r="3"><c r="A3"><v>2024</v></c><c r="B3"><v>5</v></c>'
                '<c r="C3"><v>6</v></c></row>')
        said = self.read(workbook(rows, merged=("B1:C1", "A1:A2")),
                         format="xlsx", header_rows="2",
                         value_columns="chips=Exports chips,"
                                       "tools=Exports tools",
                         value_label="good")
        self.assertEqual(said.values("m", good="tools"), {"2024": 6})

    def test_dates_are_those_of_the_calendar(self):
        styles = ('<styleSheet><cellXfs><xf numFmtId="0"/>'
                  '<xf numFmtId="14"/></cellXfs></styleSheet>')
        rows = ('<row r="1">' + text_cell("A1", "period")
                + text_cell("B1", "value") + "</row>"
                '<row r="2"><c r="A2" s="1"><v>45356</v></c>'
                '<c r="B2"><v>1</v></c></row>')
        said = self.read(workbook(rows, styles=styles), format="xlsx")
        self.assertEqual(said.values("m"), {"2024-03-05": 1})

    def test_an_entity_is_refused(self):
        said = self.read(
            workbook(self.ROWS, styles='<!DOCTYPE x [<!ENTITY e "a">]><x/>'),
            format="xlsx")
        self.assert_refused(said, "xl/styles.xml", "DOCTYPE")

    def test_an_archive_that_unpacks_too_far_is_refused(self):
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("xl/workbook.xml", "w") as part:
                for _ in range(260):
                    part.write(b" " * (1 << 20))
        said = self.read(body.getvalue(), format="xlsx")
        self.assert_refused(said, "xl/workbook.xml", "limit")

    def test_a_cut_workbook_is_refused(self):
        said = self.read(workbook(self.ROWS)[:200], format="xlsx")
        self.assert_refused(said, "cut short after 200 bytes")


class HtmlTest(HttpTest):

    PAGE = ("<html><body><h2>Prices</h2><table><tr><td>no data</table>"
            "<h2>Shipments by year</h2><table id=ship>"
            "<tr><th rowspan=2>period<th colspan=2>Units"
            "<tr><th>old<th>new"
            "<tr><td>2024<td>5<td>1,234 <sup>p</sup></table></body></html>")
    OPTIONS = {"header_rows": "2", "thousands": ",", "marks": "p",
               "value_columns": "old=Units old,new=Units new",
               "value_label": "kind"}

    def test_spans_fill_the_places_that_they_cover(self):
        said = self.read(self.PAGE, format="html", **self.OPTIONS)
        self.assertEqual(said.values("m", kind="new"), {"2024": 1234})

    def test_a_table_is_found_by_its_heading(self):
        said = self.read(self.PAGE, format="html", table="Shipments",
                         **self.OPTIONS)
        self.assertEqual(said.values("m", kind="old"), {"2024": 5})

    def test_a_table_that_is_not_there_lists_those_that_are(self):
        said = self.read(self.PAGE, format="html", table="#none")
        self.assert_refused(said, "#none", '2 #ship "Shipments by year"')

    def test_the_charset_of_the_answer_counts(self):
        page = ("<table><tr><td>period<td>value<td>name"
                "<tr><td>2024<td>1<td>台灣</table>").encode("big5")
        said = self.read(page, {"Content-Type": "text/html; charset=Big5"},
                         format="html")
        self.assertEqual(said.values("m", name="台灣"), {"2024": 1})


class RecordedTest(HttpTest):
    """Blocks of options for real services, over their recorded answers."""

    def read_recorded(self, path, **config):
        said = self.read(recorded(path), **config)
        self.assertIsNone(said.error)
        self.assertLessEqual(len({*config, "url", "metric", "unit"}), 12)
        return said

    def eurostat(self, vintage):
        said = self.read_recorded(
            f"eurostat/RECORDED_jsonstat_NL_8486_CN_vintage{vintage}.json",
            format="json-stat", unit="EUR",
            labels="reporter,partner,hs=product")
        return said.values("m", reporter="NL", partner="CN", hs="8486")

    def test_eurostat(self):
        values = self.eurostat("20260709")
        self.assertEqual(len(values), 34)
        self.assertEqual(values["2023-07"], 451701097)

    def test_eurostat_in_a_later_vintage_goes_on(self):
        self.assertGreater(len(self.eurostat("20260814")),
                           len(self.eurostat("20260709")))

    def test_ecb(self):
        values = self.read_recorded(
            "ecb_sdmx/RECORDED_EXR_M_USD_EUR_20260731.json",
            format="sdmx-json", labels="currency=CURRENCY").values("m")
        self.assertEqual(len(values), 67)
        self.assertEqual(values["2021-01"], 1.217085)

    def test_taiwan(self):
        values = self.read_recorded(
            "taiwan_mof/RECORDED_table11_exports_to_china_hongkong_"
            "2025-08.xlsx",
            format="xlsx", header_rows="2", calendar="roc", unit="USD",
            where="年(月)別=*年", period_column="年(月)別", labels="none",
            value_columns="electronics=電子零組件 金額",
            scale="1e6").values("electronics")
        self.assertEqual((values["2015"], values["2024"]),
                         (44588387000, 91627178000))

    def test_world_bank(self):
        values = self.read_recorded(
            "worldbank/indicator.sample.json", format="json", rows="$[1][*]",
            error_path="$[0].message", period_column="date",
            labels="country=countryiso3code").values("m", country="CHN")
        self.assertEqual(values, {"2022": 17963170521079.8})

    def test_fred(self):
        values = self.read_recorded(
            "fred/observations.sample.json", format="json",
            rows="$.observations[*]", period_column="date", labels="none",
            period_format="%Y-%m-%d", frequency="monthly").values("m")
        self.assertEqual(values, {"2025-01": 4.1})

    def test_census(self):
        values = self.read_recorded(
            "census/RECORDED_exports_hs_8542_CN_2026_vintage20260709.json",
            format="json", rows="$[*]", value_column="ALL_VAL_MO",
            period_column="time", labels="hs=E_COMMODITY").values("m")
        self.assertEqual(values["2026-03"], 1005532950)

    def test_federal_register(self):
        values = self.read_recorded(
            "federal_register/RECORDED_bis_entity_list_rules_20260822.json",
            format="json", rows="$", value_column="count",
            url=self.url + "?year={year}", each="year=2026",
            period_column="year", labels="none").values("m")
        self.assertEqual(values, {"2026": 59})

    def test_openalex(self):
        values = self.read_recorded(
            "openalex/works_group_by_country.sample.json", format="json",
            rows="$.group_by[*]", value_column="count",
            url=self.url + "?filter=publication_year:{year}",
            each="year=2024", period_column="year",
            labels="country=key_display_name").values("m", country="China")
        self.assertEqual(values, {"2024": 1100})


if __name__ == "__main__":
    unittest.main()

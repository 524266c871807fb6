"""Which source reads each body of the folder of test data, on which days, and
by what options.

A load names its rounds in the order of their days: what the publisher answers
to each path then.
"""

import dataclasses
import json
import os
from collections.abc import Callable

from publisher import SHARED, Answer
from publishers import of_tests

API = "api"


@dataclasses.dataclass
class Load:
    """`recorded`: all its bodies are the real service's, byte for byte; else
    some were written from its documentation."""

    name: str
    plugin: str
    rounds: Callable  # of the address of the publisher: [(day, {path: body})]
    recorded: bool
    options: dict
    secrets: dict
    addresses: tuple


LOADS = {}
# Files of the folder api/ that no source reads as they are.
NO_BODIES = {
    "README.md": "text", "PROVENANCE.txt": "text",
    "census/errors.txt": "text", "census/request_examples.txt": "text",
    "census/imports_hs.sample.json":
        "of another question than the source's",
    "census/imports_hs_wide_header.sample.csv":
        "a table made of an answer, not an answer",
    "comtrade/errors.txt": "text",
    "epoch/csv_headers.txt": "headers alone; the tables lie in models/",
    "epoch/urls.txt": "text",
    "eurostat/errors.xml.txt": "text", "eurostat/requests.txt": "text",
    "eurostat/comext_ds-045409.sample.csv":
        "values made up, of several cells; its header is tested",
    "fred/errors.txt": "text",
    "fred/release_dates.sample.json": "the source does not ask for it",
    "fred/vintagedates.sample.json": "asked for with too many vintages alone",
    "github/errors.txt": "text", "github/requests.txt": "text",
    "arxiv/requests.txt": "text",
    "huggingface_arena/hf_model.sample.json": "the source does not ask for it",
    "huggingface_hub/errors.txt": "text", "huggingface_hub/notes.txt": "text",
    "huggingface_hub/requests.txt": "text",
    "korea_customs/flash_10day.sample.xml": "the source does not ask for it",
    "korea_customs/kcs_10day.json": "the source does not ask for it",
    "llm_prices/requests.txt": "text",
    "nbs_gacc/errors.txt": "text", "nbs_gacc/requests.txt": "text",
    "ooni/aggregation_0d.sample.json": "of another question than the source's",
    "ooni/aggregation_1d.sample.csv": "of another question than the source's",
    "ooni/aggregation_1d.sample.json": "of another question than the source's",
    "ooni/errors.txt": "text", "ooni/notes.txt": "text",
    "ooni/requests.txt": "text",
    "openalex/errors.txt": "text", "openalex/notes.txt": "text",
    "openalex/requests.txt": "text",
    "openalex/works_group_by_type_documented.sample.json":
        "of another question than the source's",
    "openrouter/requests.txt": "text",
    "riscv/requests.txt": "text",
    "sec/xbrl_instance_context.sample.xml": "a part of a report",
    "sec/inline_xbrl_dimension_facts.sample.json":
        "facts that another program drew from reports",
    "taiwan_mof/layout.txt": "text",
    "worldbank/errors.txt": "text",
    "wsts/layout.txt": "text", "wsts/sia_press_points.csv":
        "figures of press releases, not the releases",
}


def load(name, plugin, options=None, secrets=None, recorded=True,
         addresses=("base_url",)):
    """`addresses` are the options that lead to the publisher, as OPTION or
    OPTION=PATH."""
    def note(rounds):
        LOADS[name] = Load(name, plugin, rounds, recorded, options or {},
                           secrets or {}, addresses)
        return rounds
    return note


class Bodies:
    """Files of the test data, and which of them were asked for."""

    def __init__(self):
        self.read = set()

    def __call__(self, path, folder=API):
        self.read.add(os.path.normpath(os.path.join(folder, path)))
        with open(os.path.join(SHARED, folder, path), "rb") as file:
            return file.read()


bodies = Bodies()

# ---- Trade -------------------------------------------------------------------

CENSUS = "/data/timeseries/intltrade"
CENSUS_KEY = {"CENSUS_API_KEY": "0123456789abcdef0123456789abcdef01234567"}
CENSUS_URL = ("base_url=" + CENSUS,)


@load("census", "census", {"flows": "export", "hs": "8542", "partners": "CHN"},
      CENSUS_KEY, addresses=CENSUS_URL)
def _census():
    file = "census/RECORDED_exports_hs_8542_CN_2026_vintage2026{}.json"
    return [(f"2026-{day[:2]}-{day[2:]}",
             {CENSUS + "/exports/hs": bodies(file.format(day))})
            for day in ("0709", "0804")]


@load("census, other goods", "census",
      {"flows": "export", "hs": "2710121510", "partners": "CAN"}, CENSUS_KEY,
      addresses=CENSUS_URL)
def _census_other_goods():
    return [("2026-08-04", {
        CENSUS + "/exports/hs": bodies("census/exports_hs.sample.json")})]


RAW = "trade/raw"


def census_years(hs, years):
    """The rows of bodies of a year each, as one answer has them."""
    tables = [json.loads(bodies(
        f"{day}_census_us_hs{hs}_exports_to_cn_{year}.json", RAW))
        for year, day in years.items()]
    return json.dumps(tables[0][:1] + [row for table in tables
                                       for row in table[1:]]).encode()


@load("census by year", "census",
      {"flows": "export", "hs": "8542,8486", "partners": "CHN"}, CENSUS_KEY,
      addresses=CENSUS_URL)
def _census_by_year():
    july = {2021: "20260716", 2022: "20260716", 2023: "20260709",
            2024: "20260709", 2025: "20260709", 2026: "20260709"}

    def answers(years):
        whole = {hs: census_years(hs, years) for hs in ("8542", "8486")}
        return {CENSUS + "/exports/hs":
                lambda asked: Answer(200, whole[asked.query["E_COMMODITY"]])}

    return [("2026-07-16", answers(july)),
            ("2026-08-04", answers({**july, 2026: "20260804"}))]


EUROSTAT = "/statistics/1.0/data/ds-045409"


@load("eurostat", "eurostat",
      {"reporters": "NLD", "partners": "CHN", "hs": "8486"})
def _eurostat():
    file = "eurostat/RECORDED_jsonstat_NL_8486_CN_vintage2026{}.json"
    return [(f"2026-{day[:2]}-{day[2:]}",
             {EUROSTAT: bodies(file.format(day))}) for day in ("0709", "0814")]


def eurostat_of(hs):
    def answers(day):
        whole = {code: bodies(
            f"{day}_eurostat_{code}_hs{hs}_exports_to_cn.json", RAW)
            for code in ("NL", "DE", "EU27_2020")}
        return {EUROSTAT:
                lambda asked: Answer(200, whole[asked.query["reporter"]])}

    return [(f"{day[:4]}-{day[4:6]}-{day[6:]}", answers(day))
            for day in ("20260709", "20260716", "20260814")]


for _hs in ("8486", "8542"):
    load(f"eurostat {_hs}", "eurostat",
         {"reporters": "NLD,DEU,EU27", "partners": "CHN", "hs": _hs})(
             lambda hs=_hs: eurostat_of(hs))

ESTAT = "/app/json/getStatsData"
ESTAT_ID = {"ESTAT_APP_ID": "app-id-1234567890"}


@load("estat", "estat",
      {"tables": "0004049306", "partners": "CHN", "hs": "8486"}, ESTAT_ID)
def _estat():
    return [("2026-07-10", {ESTAT: bodies(
        "estat_japan/RECORDED_getStatsData_8486_CN_2026.json")})]


@load("estat, corrupt", "estat",
      {"tables": "0004049306", "partners": "CHN", "hs": "8486"}, ESTAT_ID)
def _estat_corrupt():
    return [("2026-07-10", {ESTAT: bodies(
        "estat_japan/MALFORMED_body_with_merge_conflict_markers.json.txt")})]


@load("estat by table", "estat",
      {"tables": "0003425293,0004049306", "partners": "CHN",
       "hs": "8542,8486"}, ESTAT_ID)
def _estat_by_table():
    def answers(newest):
        days = {"0003425293": "20260716", "0004049306": newest}
        whole = {(table, hs): bodies(
            f"{day}_estat_jp_hs{hs}_exports_to_cn_{table}.json", RAW)
            for table, day in days.items() for hs in ("8542", "8486")}
        return {ESTAT: lambda asked: Answer(200, whole[
            asked.query["statsDataId"], asked.query["cdCat01From"][:4]])}

    return [("2026-07-16", answers("20260709")),
            ("2026-07-30", answers("20260730"))]


@load("comtrade", "comtrade",
      {"reporters": "MYS", "partners": "WLD", "flows": "export", "hs": "8542",
       "since": "2024-11"}, {"COMTRADE_API_KEY": "key-1234567890"},
      recorded=False)
def _comtrade():
    tests = of_tests("trade", "comtrade")
    rows = json.loads(bodies("comtrade/get_C_A_and_M_HS_8542.sample.json"))
    return [("2026-09-15", {
        tests.AVAILABLE: tests.envelope([tests.dataset("202501")]),
        tests.DATA: tests.envelope([r for r in rows["data"]
                                    if r["freqCode"] == "M"])})]


@load("korea", "korea",
      {"partners": "CHN", "hs": "8542", "since": "2026-01"},
      {"DATA_GO_KR_KEY": "ab+cd/ef=="}, recorded=False)
def _korea():
    tests = of_tests("trade", "korea")
    return [("2026-09-15", {tests.BY_COUNTRY: bodies(
        "korea_customs/nitemtrade.sample.xml")})]


@load("korea, world", "korea",
      {"partners": "WLD", "hs": "8541", "since": "2026-01"},
      {"DATA_GO_KR_KEY": "ab+cd/ef=="}, recorded=False)
def _korea_world():
    tests = of_tests("trade", "korea")
    return [("2026-09-15", {tests.OF_ALL: bodies(
        "korea_customs/itemtrade_hs10.sample.xml")})]


@load("taiwan", "taiwan", {"workbooks": "4.xlsx,11.xlsx,12.xlsx"})
def _taiwan():
    files = {"4": "table4_major_exports",
             "11": "table11_exports_to_china_hongkong",
             "12": "table12_exports_to_southbound"}
    return [("2025-09-10", {f"/{number}.xlsx": bodies(
        f"taiwan_mof/RECORDED_{name}_2025-08.xlsx")
        for number, name in files.items()})]


@load("sdmx", "sdmx", {"preset": "ecb_exchange_rates", "currencies": "EUR"})
def _sdmx():
    return [("2026-07-31", {of_tests("tables", "sdmx").EURO: bodies(
        "ecb_sdmx/RECORDED_EXR_M_USD_EUR_20260731.json")})]


# ---- Economy and companies ---------------------------------------------------

FRED_KEY = {"FRED_API_KEY": "0123456789abcdef0123456789abcdef"}


def fred_of(observations):
    # Its observations are monthly, its description is of a quarterly one.
    return [("2026-09-15", {
        "/series": bodies("fred/series.sample.json").replace(b'"Q"', b'"M"'),
        "/series/observations": bodies(observations)})]


load("fred, first releases", "fred", {"series": "GDP", "vintages": "first"},
     FRED_KEY, recorded=False)(lambda: fred_of(
         "fred/observations_vintages_output_type4.sample.json"))
load("fred", "fred", {"series": "GDP", "vintages": "current"}, FRED_KEY,
     recorded=False)(lambda: fred_of("fred/observations.sample.json"))
load("fred, without a key", "fred",
     {"series": "UNRATE@percent", "keyless": "true"}, recorded=True,
     addresses=("csv_url",))(lambda: [("2026-09-15", {
         "/graph/fredgraph.csv": bodies("fred/fredgraph_csv.sample.csv")})])
load("worldbank", "worldbank", {"countries": "CHN,USA"}, recorded=False)(
    lambda: [("2026-09-15", {of_tests("economy", "worldbank").PATH: bodies(
        "worldbank/indicator.sample.json")})])
load("nbs", "nbs", {"groups": "A020H"}, recorded=False)(
    lambda: [("2026-09-15", {of_tests("economy", "nbs").PATH: bodies(
        "nbs_gacc/easyquery_month.sample.json")})])

TWSE_URLS = ("base_url", "mops_url", "finmind_url")


@load("twse", "twse", {"since": "2025-05", "history": "mops"}, recorded=False,
      addresses=TWSE_URLS)
def _twse():
    tests = of_tests("companies", "twse")
    return [("2025-07-10", {
        tests.NEWEST: tests.newest(tests.row(
            month="11406", before="320515951")),
        tests.page("114_5"): bodies("twse_mops/mops_t21sc03.sample.html")}),
            ("2026-09-15", {
                tests.NEWEST: bodies("twse_mops/t187ap05_L.sample.json"),
                **{tests.page(f"{year}_{month}"): tests.mops(
                    f"{year}年{month}", ("2330", "-"))
                   for year in (114, 115) for month in range(1, 13)}})]


@load("twse by finmind", "twse", {"since": "2016-01", "history": "finmind"},
      recorded=False, addresses=TWSE_URLS)
def _twse_by_finmind():
    tests = of_tests("companies", "twse")
    return [("2026-09-15", {
        tests.NEWEST: bodies("twse_mops/t187ap05_L.sample.json"),
        tests.FINMIND: bodies("twse_mops/finmind_month_revenue.sample.json")})]


EDGAR_URLS = ("base_url", "archives_url")
EDGAR = {"companies": "AMAT"}


@load("edgar", "edgar", {**EDGAR, "since": "2026-05-01"}, addresses=EDGAR_URLS)
def _edgar():
    tests = of_tests("companies", "edgar")
    report = tests.document(
        (tests.Q3, None, "9,115"), (tests.NINE, None, "24,037"),
        extra=bodies("sec/RECORDED_ixbrl_china_facts_AMAT_10Q_2026-07-26"
                     ".html.txt"))
    return [("2026-12-20", {
        "/submissions/CIK0000006951.json": bodies(
            "sec/RECORDED_submissions_AMAT.json"),
        "/Archives/edgar/data/6951/000162828026037227/amat-20260426.htm":
            report})]


def edgar_of_documented(name, path, file, options, more=None):
    load(name, "edgar", {**EDGAR, **options}, recorded=False,
         addresses=EDGAR_URLS)(lambda: [("2026-12-20", {
             path: bodies(file), **(more() if more else {})})])


REVENUE = "RevenueFromContractWithCustomerExcludingAssessedTax"
edgar_of_documented(
    "edgar, one tag",
    f"/api/xbrl/companyconcept/CIK0000006951/us-gaap/{REVENUE}.json",
    "sec/companyconcept.sample.json",
    {"dataset": "facts", "concepts": "m=" + REVENUE})
edgar_of_documented(
    "edgar, all tags", "/api/xbrl/companyfacts/CIK0001045810.json",
    "sec/companyfacts_nvda.sample.json",
    {"dataset": "facts", "companies": "NVDA",
     "concepts": "m=Revenues|" + REVENUE})
edgar_of_documented(
    "edgar, frames", f"/api/xbrl/frames/us-gaap/{REVENUE}/USD/CY2026Q2.json",
    "sec/frames.sample.json",
    {"dataset": "frames", "companies": "ALL", "since": "2026-04-01",
     "concepts": "m=" + REVENUE})
edgar_of_documented(
    "edgar, a ticker", "/files/company_tickers.json",
    "sec/company_tickers.sample.json", {"companies": "AAPL"},
    lambda: {"/submissions/CIK0000320193.json":
             of_tests("companies", "edgar").listed()})

# ---- Models ------------------------------------------------------------------


def epoch_vintages(name, dataset, *files):
    """Downloads of one table, by the day on which each was current."""
    load(name, "epoch", {"dataset": dataset, "max_removed_percent": "90"},
         addresses=("url=/table",))(lambda: [
             (day, {"/table": bodies(file, "models")}) for day, file in files])


epoch_vintages(
    "epoch models", "models",
    *((day, f"notable_ai_models__{vintage}-vintage.csv") for day, vintage in (
        ("2025-02-24", "2025-02-24"), ("2025-06-30", "2025-06"),
        ("2025-11-30", "2025-11"), ("2025-12-02", "2025-12-02"),
        ("2026-01-26", "2026-01-26"), ("2026-07-31", "2026-07"))))
epoch_vintages("epoch all models", "models",
               ("2025-04-30", "all_ai_models__2025-04-vintage.csv"))
epoch_vintages(
    "epoch large models", "models",
    ("2025-12-02", "large_scale_ai_models__2025-12-02-vintage.csv"),
    ("2026-01-31", "large_scale_ai_models__2026-01-vintage.csv"))
epoch_vintages("epoch frontier models", "models",
               ("2026-01-31", "frontier_ai_models__2026-01-vintage.csv"),
               ("2026-05-31", "frontier_ai_models__2026-05-vintage.csv"))
# The new form names models otherwise: a person must say that it is right.
epoch_vintages(
    "epoch index, a new form", "capability_index",
    ("2026-02-28", "eci_scores__2026-02-vintage.csv"),
    ("2026-03-31", "epoch_capabilities_index__2026-03-vintage.csv"))
epoch_vintages(
    "epoch index", "capability_index",
    ("2026-03-31", "epoch_capabilities_index__2026-03-vintage.csv"),
    ("2026-04-11", "epoch_capabilities_index__2026-04-11-vintage.csv"),
    ("2026-05-31", "epoch_capabilities_index__2026-05-vintage.csv"))
epoch_vintages("epoch hardware", "hardware",
               ("2026-01-31", "ml_hardware__2026-01-vintage.csv"),
               ("2026-07-31", "ml_hardware__2026-07-vintage.csv"))
epoch_vintages("epoch clusters", "clusters",
               ("2026-08-31", "gpu_clusters__2026-08-vintage.csv"))
epoch_vintages("epoch chip owners", "chip_owners",
               ("2026-08-27", "ai_chip_counts/nvidia_owners_quarters.csv"))

load("arena", "arena", {"since": "2026-09-01"},
     recorded=False)(lambda: [("2026-09-15", {
         "/filter": arena_rows(bodies("huggingface_arena/rows.sample.json"))})])


def arena_rows(body):
    """What the service answers where the category is asked for."""
    answer = json.loads(body)
    answer["rows"] = [r for r in answer["rows"]
                      if r["row"]["category"] == "overall"]
    answer["num_rows_total"] = len(answer["rows"])
    return json.dumps(answer).encode()


load("huggingface", "huggingface", {"authors": "acme",
                                    "countries": "acme=USA"}, recorded=False)(
    lambda: [("2026-09-15", {"/api/models": bodies(
        "huggingface_hub/models_list.sample.json")})])
load("openrouter list_prices", "openrouter", {
    "dataset": "list_prices", "first_listed": os.path.abspath(os.path.join(
        os.path.dirname(os.path.abspath(__file__)),
        "../../pipelines/sample/list_prices.csv"))})(
    lambda: [("2026-08-05", {"/historical-v1.json": bodies(
        "llm_prices/RECORDED_deepseek_2026-08-05.json")})])
load("openrouter models", "openrouter", {"dataset": "models"}, recorded=False)(
    lambda: [("2026-09-15", {"/api/v1/models": bodies(
        "openrouter/models.sample.json")})])


@load("openrouter tokens", "openrouter", {"dataset": "tokens"},
      addresses=("base_url", "raw_url"))
def _openrouter_tokens():
    tests = of_tests("models", "openrouter")
    return [("2026-05-12", {
        tests.CONTENTS: tests.listing(w05_04="a" * 40),
        f"/{tests.REPOSITORY}/main/data/2026-05-04.json": bodies(
            "openrouter/RECORDED_third_party_week_2026-05-04.json")})]


# ---- Society -----------------------------------------------------------------

load("federal-register", "federal-register")(
    lambda: [("2026-08-22", {"/documents.json": bodies(
        "federal_register/RECORDED_bis_entity_list_rules_20260822.json")})])


@load("riscv", "riscv", {"since": "2026-07", "tiers": "Premier"},
      addresses=("base_url", "raw_url"))
def _riscv():
    tests = of_tests("society", "riscv")
    return [("2026-08-15", {
        tests.COMMITS: tests.commit("aaa"),
        tests.file_at("aaa"): b"landscape:\n" + bodies(
            "riscv/RECORDED_landscape_excerpt_2026-07-14.yml")})]


load("ooni", "ooni", {"domains": "chatgpt.com", "countries": "CHN,USA",
                      "since": "2026-04"}, recorded=False)(
    lambda: [("2026-09-15", {"/api/v1/aggregation": bodies(
        "ooni/aggregation_2d.sample.json")})])
load("openalex", "openalex", {
    "topics": 'risc-v=default.search:"RISC-V"', "since": "2026"},
    {"OPENALEX_API_KEY": "key-1234567890"}, recorded=False)(
    lambda: [("2026-09-15", {of_tests("society", "openalex").WORKS: bodies(
        "openalex/works_group_by_country.sample.json")})])
load("github", "github", {"repositories": "risc-v=topic:risc-v",
                          "since": "2026"}, recorded=False)(
    lambda: [("2026-09-15", {"/search/repositories": bodies(
        "github/search_repositories.sample.json")})])
load("arxiv", "arxiv", {"topics": 'risc-v=all:"RISC-V"', "since": "2026-Q3"},
     recorded=False)(
    lambda: [("2026-09-15", {of_tests("society", "arxiv").QUERY: bodies(
        "arxiv/query.sample.xml")})])


def not_loaded():
    """Files of the folder of answers that no load reads, and that are not
    known to be no bodies."""
    folder = os.path.join(SHARED, API)
    there = {os.path.relpath(os.path.join(at, name), SHARED)
             for at, _, names in os.walk(folder) for name in names}
    known = {os.path.join(API, name) for name in NO_BODIES}
    return sorted(there - known - bodies.read)

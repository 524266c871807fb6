"""The publishers of the shipped sources, on the loopback and on a simulated
day: each answers as the tests of its source have it, with what would be out by
that day.

    with World() as world:
        options = SHIPPED["fred"].open(world)
        world.today = datetime.date(2026, 1, 2)
"""

import contextlib
import dataclasses
import datetime
import importlib
import json
import os
import sys
from collections.abc import Callable

from publisher import Answer, Publisher

# All that the bundled sample holds was known by then.
START = datetime.date(2027, 1, 1)
SOURCES = os.path.dirname(os.path.abspath(sys.modules["publisher"].__file__))


class World(contextlib.ExitStack):
    """Publishers by the names that they have in the world, on a day."""

    def __init__(self):
        super().__init__()
        self.today = None
        self.publishers = {}

    def at(self, host):
        if host not in self.publishers:
            self.publishers[host] = self.enter_context(Publisher())
        return self.publishers[host]

    def days_ago(self, days):
        return self.today - datetime.timedelta(days=days)

    def months(self, count, lag, form="%Y-%m"):
        """The last months that were over `lag` days ago, the older first."""
        day, found = self.days_ago(lag).replace(day=1), []
        for _ in range(count):
            day = (day - datetime.timedelta(days=1)).replace(day=1)
            found.insert(0, day.strftime(form))
        return found


@dataclasses.dataclass
class Shipped:
    """A source of the shipped pipelines: `open` has its publishers answer, and
    returns the options that lead to them. `limits` says by host what the
    publisher allows, and how many of it on a day where that can be counted;
    `short` are options of a few days that need no long first read."""

    open: Callable
    limits: dict
    secrets: dict = dataclasses.field(default_factory=dict)
    short: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Limit:
    said: str
    a_day: int = None


SHIPPED = {}


def shipped(name, secrets=None, short=None, **limits):
    """In the names of hosts _ stands for a dot, __ for a hyphen."""
    def note(function):
        SHIPPED[name] = Shipped(
            function, {host.replace("__", "-").replace("_", "."): limit
                       for host, limit in limits.items()},
            secrets or {}, short or {})
        return function
    return note


def of_tests(room, source):
    """The module of a source's tests: it writes the answers of the service."""
    folder = os.path.join(SOURCES, room)
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(source + "_test")


def growing(text):
    """A value that is the same on all days: of a month, of a day."""
    return 1000 + int("".join(c for c in text if c.isdigit()) or 0) % 997


# ---- Trade -------------------------------------------------------------------


@shipped("census", {"CENSUS_API_KEY": 40 * "a"},
         api_census_gov=Limit("500 a day without a key", 500))
def census(world):
    def answer(asked):
        code = "E_COMMODITY" if "exports" in asked.path else "I_COMMODITY"
        query = asked.query
        rows = [[query["get"], "COMM_LVL", code, "CTY_CODE", "time"]]
        rows += [[str(growing(month)), query["COMM_LVL"], query[code],
                  query["CTY_CODE"], month] for month in world.months(6, 36)]
        return Answer(200, json.dumps(rows).encode())

    publisher = world.at("api.census.gov")
    for flow in ("exports", "imports"):
        publisher.answer(f"/data/timeseries/intltrade/{flow}/hs", answer)
    return {"base_url": publisher.url + "/data/timeseries/intltrade"}


@shipped("eurostat", ec_europa_eu=Limit("none; the plugin keeps 1/s"))
def eurostat(world):
    def answer(asked):
        """Of one reporter and both goods, the months of each."""
        months = world.months(6, 45)
        one = {"freq": "M", "reporter": asked.query["reporter"],
               "partner": "CN", "flow": "2", "indicators": "VALUE_IN_EUROS"}
        goods = ["8486", "8542"]
        dimension = {name: {"category": {"index": [code]}}
                     for name, code in one.items()}
        dimension["product"] = {"category": {"index": goods}}
        dimension["time"] = {"category": {"index": months}}
        values = [growing(month) for _ in goods for month in months]
        return Answer(200, json.dumps({
            "version": "2.0", "id": [*one, "product", "time"],
            "updated": f"{months[-1]}-28T11:00:00+0200",
            "size": [1] * len(one) + [len(goods), len(months)],
            "dimension": dimension, "value": values}).encode())

    publisher = world.at("ec.europa.eu")
    publisher.answer(of_tests("trade", "eurostat").JSON, answer)
    return {"base_url": publisher.url}


@shipped("estat", {"ESTAT_APP_ID": "app-id-1234567890"},
         api_e__stat_go_jp=Limit("none; the plugin keeps 1/s"))
def estat(world):
    tests = of_tests("trade", "estat")

    def answer(asked):
        line = asked.query["cdCat01From"][:4] + "00000"
        return tests.answer(
            [tests.cell(int(month[5:]), str(growing(month)), line,
                        year=month[:4])
             for month in world.months(4, 30)
             if month[:4] == str(world.days_ago(60).year)],
            title=f"品別国別表 輸出 {world.days_ago(60).year}年",
            updated=world.days_ago(2).replace(day=1).isoformat())

    publisher = world.at("api.e-stat.go.jp")
    publisher.answer(tests.PATH, answer)
    return {"base_url": publisher.url}


@shipped("exchange-rates",
         data__api_ecb_europa_eu=Limit("none; the plugin keeps 1/s"))
def exchange_rates(world):
    tests = of_tests("tables", "sdmx")

    def answer(_):
        months = world.months(6, 1)
        return tests.message({"USD": [1.1] * 6, "JPY": [160] * 6}, months,
                             prepared=months[-1])

    publisher = world.at("data-api.ecb.europa.eu")
    publisher.answer(tests.RATES, answer)
    return {"base_url": publisher.url}


@shipped("china-chip-output",
         data_stats_gov_cn=Limit("none; the plugin keeps 1 in 3 s"))
def china_chip_output(world):
    tests = of_tests("economy", "nbs")
    publisher = world.at("data.stats.gov.cn")
    publisher.answer(tests.PATH, lambda _: tests.answer(
        {(code, month): growing(month) for code in ("A1", "A2")
         for month in world.months(6, 17, "%Y%m")}))
    return {"base_url": publisher.url}


@shipped("comtrade", {"COMTRADE_API_KEY": "key-1234567890"},
         comtradeapi_un_org=Limit("500 a day with a free key", 500))
def comtrade(world):
    tests = of_tests("trade", "comtrade")

    def available(asked):
        return tests.envelope([
            {**tests.dataset(month.replace("-", ""), f"{month}-28T00:00:00"),
             "reporterCode": int(asked.query["reporterCode"])}
            for month in world.months(84, 75)])

    def data(asked):
        query = asked.query
        return tests.envelope([
            tests.row(growing(period), period, int(partner), cmdCode=code,
                      flowCode=flow, reporterCode=int(query["reporterCode"]))
            for period in query["period"].split(",")
            for partner in query["partnerCode"].split(",")
            for code in query["cmdCode"].split(",")
            for flow in query["flowCode"].split(",")])

    publisher = world.at("comtradeapi.un.org")
    publisher.answer(tests.AVAILABLE, available)
    publisher.answer(tests.DATA, data)
    return {"base_url": publisher.url}


@shipped("korea", {"DATA_GO_KR_KEY": "ab+cd/ef=="},
         apis_data_go_kr=Limit("10,000 a day for a key", 10000))
def korea(world):
    tests = of_tests("trade", "korea")

    def answer(asked):
        first, last = asked.query["strtYymm"], asked.query["endYymm"]
        return tests.answer(tests.TOTAL, *(
            tests.item(month[:4] + "." + month[4:], growing(month),
                       line=asked.query["hsSgn"],
                       country=asked.query.get("cntyCd", "-"))
            for month in world.months(36, 15, "%Y%m")
            if first <= month <= last))

    publisher = world.at("apis.data.go.kr")
    publisher.answer(tests.BY_COUNTRY, answer)
    publisher.answer(tests.OF_ALL, answer)
    return {"base_url": publisher.url}


# ---- Companies and economy ---------------------------------------------------


@shipped("tsmc-revenue", short={"since": "2026-10"},
         openapi_twse_com_tw=Limit("none"),
         mopsov_twse_com_tw=Limit("none; the plugin keeps 1 in 3 s"))
def tsmc_revenue(world):
    tests = of_tests("companies", "twse")

    def newest(_):
        before, month = world.months(2, 10)
        roc = f"{int(month[:4]) - 1911}{month[5:]}"
        return tests.newest(tests.row("2330", roc, str(growing(month)),
                                      str(growing(before))))

    publisher, mops = world.at("openapi.twse.com.tw"), world.at(
        "mopsov.twse.com.tw")
    publisher.answer(tests.NEWEST, newest)
    for year in range(2016, START.year + 1):
        for month in range(1, 13):
            mops.answer(tests.page(f"{year - 1911}_{month}"), tests.mops(
                f"{year - 1911}年{month}",
                ("2330", str(growing(f"{year}-{month:02}")))))
    return {"base_url": publisher.url, "mops_url": mops.url}


@shipped("fred", {"FRED_API_KEY": "0123456789abcdef0123456789abcdef"},
         api_stlouisfed_org=Limit("120 a minute"))
def fred(world):
    tests = of_tests("economy", "fred")
    publisher = world.at("api.stlouisfed.org")
    publisher.answer("/series", lambda _: tests.described(
        updated=world.months(1, 16)[0]))
    publisher.answer("/series/observations", lambda _: tests.observed(
        *((f"{month}-01", f"{month}-28", tests.END, str(growing(month)))
          for month in world.months(6, 16))))
    return {"base_url": publisher.url}


def edgar_of(world, ciks):
    """Reports of the quarters, each filed some 25 days after its end."""
    tests = of_tests("companies", "edgar")
    quarters = [(f"{end.year}-{end.month:02}-26", start, end)
                for start, end in quarters_of(START.year)]
    lists, archive = world.at("data.sec.gov"), world.at("www.sec.gov")
    for cik in ciks:
        lists.answer(f"/submissions/CIK{cik:010}.json",
                     lambda _: tests.listed(*(
                         (number, end.isoformat(), "10-Q")
                         for number, (_, _, end) in enumerate(quarters, 1)
                         if end < world.today)))
        for number, (_, start, end) in enumerate(quarters, 1):
            over = end - datetime.timedelta(days=25)
            archive.answer(tests.path(number, cik), tests.document(
                ((start.isoformat(), over.isoformat()), None, "9"),
                ((start.isoformat(), over.isoformat()), tests.CHINA, "2")))
    return {"base_url": lists.url, "archives_url": archive.url}


def quarters_of(year):
    """(first day, day of filing) of the quarters of a year and the one
    before."""
    found = []
    for y in (year - 1, year):
        for month in (1, 4, 7, 10):
            start = datetime.date(y, month, 1)
            end = start + datetime.timedelta(days=90)
            found.append((start, end + datetime.timedelta(days=25)))
    return found


SEC = Limit("10 a second")


@shipped("edgar-nvidia", data_sec_gov=SEC, www_sec_gov=SEC)
def edgar_nvidia(world):
    return edgar_of(world, (1045810,))


@shipped("edgar-toolmakers", data_sec_gov=SEC, www_sec_gov=SEC)
def edgar_toolmakers(world):
    return edgar_of(world, (6951, 707549, 319201))


@shipped("wsts", www_wsts_org=Limit("none; the plugin keeps 2/s"))
def wsts(world):
    tests = of_tests("economy", "wsts")

    def edition():
        month = world.months(1, 10)[0]
        return datetime.date.fromisoformat(month + "-01").strftime("%b_%Y")

    def book(_):
        month = world.months(1, 10)[0]
        monthly = {int(month[:4]) - 1: [10.0] * 12,
                   int(month[:4]): [11.0] * int(month[5:])}
        return Answer(200, tests.book(monthly, monthly))

    publisher = world.at("www.wsts.org")
    publisher.answer(tests.PAGE, lambda _: tests.page(edition()))
    for year in (START.year - 1, START.year):
        for month in range(1, 13):
            name = datetime.date(year, month, 1).strftime("%b_%Y")
            publisher.answer(tests.BOOK.format(name), book)
    return {"base_url": publisher.url}


@shipped("sia", www_semiconductors_org=Limit("none; the plugin keeps 1/s"))
def sia(world):
    tests = of_tests("economy", "sia")

    def feed(_):
        month = datetime.date.fromisoformat(world.months(1, 10)[0] + "-01")
        text = (f"Global semiconductor sales were ${50 + month.month}.5 "
                f"billion during the month of {month:%B %Y}.")
        out = (month + datetime.timedelta(days=32)).replace(day=9)
        return tests.feed(tests.release(text, None),
                          f"/chip-sales-{month:%Y-%m}/",
                          date=out.strftime("%a, %d %b %Y 12:00:00 +0000"))

    publisher = world.at("www.semiconductors.org")
    publisher.answer(tests.FEED, feed)
    return {"base_url": publisher.url}


# ---- Models ------------------------------------------------------------------

EPOCH = Limit("none")


def epoch_of(world, file, table):
    """A file of Epoch AI's whose table is what `table` returns, with the
    validator that lets an unchanged one be passed over."""
    def answer(asked):
        text = table()
        mark = f'"{len(text)}"'
        if asked.headers.get("if-none-match") == mark:
            return Answer(304)
        body = text.encode()
        if file.endswith(".zip"):
            member = {"ai_chip_owners.zip": "quarters_by_owner",
                      "benchmark_data.zip": "eci_scores"}[file]
            body = of_tests("models", "epoch_chips").archive(
                **{member + "_csv": text})
        return Answer(200, body, {"ETag": mark})

    publisher = world.at("epoch.ai")
    publisher.answer("/data/" + file, answer)
    return {"base_url": publisher.url + "/data"}


def days_of_months(world):
    return [month + "-15" for month in world.months(12, 20)]


@shipped("epoch-models", epoch_ai=EPOCH)
def epoch_models(world):
    return epoch_of(world, "notable_ai_models.csv", lambda: (
        "Model,Publication date,Training compute (FLOP),Country\n" + "".join(
            f"m-{day},{day},1e25,China\n" for day in days_of_months(world))))


@shipped("epoch-capability-index", epoch_ai=EPOCH)
def epoch_capability_index(world):
    return epoch_of(world, "benchmark_data.zip", lambda: (
        "Model version,ECI Score,Release date,Country\n" + "".join(
            f"m-{day},150,{day},China\n" for day in days_of_months(world))))


@shipped("epoch-chip-sales", epoch_ai=EPOCH)
def epoch_chip_sales(world):
    return epoch_of(
        world, "ai_chip_sales_timelines_by_chip.csv",
        lambda: of_tests("models", "epoch_chips").SALES + "".join(
            f"a,Nvidia,{start},{start + datetime.timedelta(days=90)},100,7,\n"
            for start, out in quarters_of(START.year)
            if out + datetime.timedelta(days=35) < world.today))


@shipped("epoch-chip-owners", epoch_ai=EPOCH)
def epoch_chip_owners(world):
    return epoch_of(
        world, "ai_chip_owners.zip",
        lambda: of_tests("models", "epoch_chips").OWNERS + "".join(
            f"a,Nvidia,Meta,{start},{start + datetime.timedelta(days=90)},7\n"
            for start, out in quarters_of(START.year)
            if out + datetime.timedelta(days=35) < world.today))


@shipped("arena", {"HF_TOKEN": "hf_abcdef"},
         datasets__server_huggingface_co=Limit("some hundred in 5 minutes"))
def arena(world):
    tests = of_tests("models", "arena")

    def answer(asked):
        """The leaderboards of the 3rd, 10th and so on of the month."""
        begin, end = (asked.query["where"].split("date\"" + sign + "'")[1][:10]
                      for sign in (">=", "<"))
        days = [f"{begin[:8]}{day:02}" for day in (3, 10, 17, 24)]
        return tests.page(*(("gpt-9", "openai", 1400, 900, day)
                            for day in days if begin <= day < end
                            and day < world.today.isoformat()))

    publisher = world.at("datasets-server.huggingface.co")
    publisher.answer("/filter", answer)
    return {"base_url": publisher.url}


@shipped("list-prices", www_llm__prices_com=Limit("none"))
def list_prices(world):
    tests = of_tests("models", "openrouter")
    publisher = world.at("www.llm-prices.com")
    publisher.answer(tests.HISTORY, lambda _: tests.history(*(
        tests.price("m-" + month, 1, month + "-01")
        for month in world.months(12, 1))))
    return {"base_url": publisher.url}


GITHUB = Limit("60 an hour, 5,000 with a token", 24 * 5000)
TOKEN = {"GITHUB_TOKEN": "ghp_abcdef"}


@shipped("openrouter-tokens", TOKEN, api_github_com=GITHUB,
         raw_githubusercontent_com=Limit("none"))
def openrouter_tokens(world):
    tests = of_tests("models", "openrouter")
    first = datetime.date(2025, 11, 10)
    weeks = [first + datetime.timedelta(weeks=week) for week in range(115)]

    def listing(_):
        return Answer(200, json.dumps([
            {"name": f"{week}.json", "sha": f"{week:%Y%m%d}"}
            for week in weeks if week < world.days_ago(7)]).encode())

    api, raw = world.at("api.github.com"), world.at("raw.githubusercontent.com")
    api.answer(tests.CONTENTS, listing)
    for week in weeks:
        raw.answer(f"/{tests.REPOSITORY}/main/data/{week}.json",
                   tests.week(deepseek=growing(str(week)), openai=10))
    return {"base_url": api.url, "raw_url": raw.url}


@shipped("riscv", TOKEN, api_github_com=GITHUB,
         raw_githubusercontent_com=Limit("none"))
def riscv(world):
    tests = of_tests("society", "riscv")
    api, raw = world.at("api.github.com"), world.at("raw.githubusercontent.com")
    api.answer(tests.COMMITS, lambda asked: tests.commit(
        asked.query["until"][:7]))
    for year in range(2023, START.year + 1):
        for month in range(1, 13):
            raw.answer(tests.file_at(f"{year}-{month:02}"),
                       Answer(200, tests.BODY))
    return {"base_url": api.url, "raw_url": raw.url}


@shipped("huggingface", {"HF_TOKEN": "hf_abcdef"},
         huggingface_co=Limit("windows of 5 minutes"))
def huggingface(world):
    tests = of_tests("models", "huggingface")
    publisher = world.at("huggingface.co")
    publisher.answer(tests.MODELS, lambda asked: tests.listed(tests.model(
        asked.query["author"] + "/a", growing(world.today.isoformat()), 10**6)))
    return {"base_url": publisher.url}


@shipped("bis-rules",
         www_federalregister_gov=Limit("none; the plugin keeps 1/s"))
def bis_rules(world):
    tests = of_tests("society", "federal_register")

    def answer(asked):
        since = asked.query["conditions[publication_date][gte]"]
        return tests.answer(*(
            tests.document(f"{month}-1", f"{month}-05")
            for month in world.months(12, 6) if f"{month}-05" >= since))

    publisher = world.at("www.federalregister.gov")
    publisher.answer(tests.PATH, answer)
    return {"base_url": publisher.url}


@shipped("ooni", api_ooni_io=Limit("some 4,000 in a window"))
def ooni(world):
    tests = of_tests("society", "ooni")

    def answer(asked):
        return tests.found(*(
            tests.row(f"{month}-01", country, 1, 0, 1, growing(month))
            for month in world.months(24, 1) for country in ("CN", "US", "RU")
            if asked.query["since"] <= f"{month}-01" < asked.query["until"]))

    publisher = world.at("api.ooni.io")
    publisher.answer(tests.AGGREGATION, answer)
    return {"base_url": publisher.url}

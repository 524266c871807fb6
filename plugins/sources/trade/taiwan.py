#!/usr/bin/python3
"""Taiwan's Ministry of Finance: the monthly tables of preliminary trade.

Three of the tables that come with each month's press release are read; each is
known by the number in its title. In USD (the tables have millions):
  4, exports by product, to the world
     chip_exports_usd{reporter="TWN",partner="WLD",hs="8542"}
     product_trade_usd{reporter,partner="WLD",flow="export",product}
  11, exports to China with Hong Kong by group of products
     product_trade_usd{reporter,partner="CHN+HKG",flow="export",product}
  12, exports of all goods to ASEAN, its members, South Asia and others
     goods_trade_usd{reporter,partner,flow="export"}
Annual and monthly series. The annual chip exports to the world are the series
of the bundled taiwan_chip_exports.csv; the same by partner is in none of the
tables, so this source stands beside that sample and does not supersede it. From
2016 on both say the same; of 2015, where the sample's sum over partners is 0.9
percent lower, this one's counts by its greater precedence.

A table holds ten years, the months of last year from the same month on, and
those of this year, which are PROVISIONAL. The months of the year before a
listed one follow from its value and its growth; they are ESTIMATED, and said
only of months that no table listed. The Ministry overwrites and dates nothing,
so what a table says is known when it was seen (OBSERVED). A whole table is read
each time; one that has not changed is passed over.

The tables are at https://www.mof.gov.tw, under press releases on trade; the
addresses of their workbooks are given as options, since no listing of them is
meant for programs. In an address {roc} stands for the year of the Republic
(2026 is 115), {year} for the year, {month} for the month of two digits of the
newest table; where that is not out yet, the month before is asked for. There
is no key and no stated limit; one request in two seconds is kept. Take the
names of the files below from the page: they are not from a recorded answer.

    source {
      name: "taiwan"
      plugin: "taiwan"
      precedence: 1
      config {
        key: "workbooks"
        value: "{roc}{month}/table4.xlsx,{roc}{month}/table11.xlsx"
      }
    }
Schedule: the tables come out on the 7th to the 9th at 16:00:
    schedule { cron: "30 16 7-12 * *" time_zone: "Asia/Taipei" }
Terms: Open Government Data License of Taiwan 1.0 (as CC BY 4.0).
"""

import dataclasses
import re

import answers
import headway_plugin as hp
import trade_codes as tc

BASE_URL = "https://service.mof.gov.tw/public/Data/statistic/trade/news"
SOURCE_NAME = ("Ministry of Finance of Taiwan, preliminary trade statistics "
               "(Open Government Data License 1.0)")
INTERVAL = 2.0
ROC_EPOCH = 1911
MILLION = "百萬美元"
GROWTH = "年增率"
# How far the months of a year may lie from its total, as a part of it.
TOLERANCE = 0.001

CHIPS = ("chip_exports_usd", {"partner": tc.WORLD, "hs": "8542"},
         "integrated circuits")


def product(name, partner=tc.WORLD):
    return ("product_trade_usd",
            {"partner": partner, "flow": "export", "product": name}, name)


def goods(partner):
    return ("goods_trade_usd", {"partner": partner, "flow": "export"},
            "all goods")


# By table: columns that must be there, and what they are.
TABLES = {
    "4": {
        "積體電路(IC)": CHIPS, "DRAM": product("DRAM"),
        "電腦及其附屬單元": product("computers and units"),
        "電腦之零附件": product("computer parts"),
        "生產半導體等機械": product("machines for making semiconductors"),
        "交換器及路由器": product("switches and routers"),
        "儲存媒體": product("storage media"),
        "印刷電路": product("printed circuits"),
    },
    "11": {
        "電子零組件": product("electronic components", "CHN+HKG"),
        "資通與視聽產品": product(
            "information, communication and audio-visual products",
            "CHN+HKG"),
        "機械": product("machinery", "CHN+HKG"),
    },
    "12": {name: goods(partner) for name, partner in (
        ("東協10國", "ASEAN"), ("新加坡", "SGP"), ("馬來西亞", "MYS"),
        ("越南", "VNM"), ("泰國", "THA"), ("菲律賓", "PHL"), ("印尼", "IDN"),
        ("柬埔寨", "KHM"), ("緬甸", "MMR"), ("汶萊", "BRN"), ("寮國", "LAO"),
        ("印度", "IND"), ("孟加拉", "BGD"), ("巴基斯坦", "PAK"),
        ("斯里蘭卡", "LKA"), ("尼泊爾", "NPL"), ("不丹", "BTN"),
        ("澳大利亞", "AUS"), ("紐西蘭", "NZL"))},
}
YEAR = re.compile(r"(\d{2,3})年")
TO_DATE = re.compile(r"(\d{2,3})年1-(\d{1,2})月|(\d{2,3})年(1)月")
MONTH = re.compile(r"(\d{1,2})月")


def squeezed(cell):
    """A cell's text without blanks, of which the wide one is one."""
    return re.sub(r"\s", "", cell) if isinstance(cell, str) else ""


@dataclasses.dataclass
class Column:
    metric: str
    labels: dict
    what: str
    value: int  # the places of the columns
    growth: int = None

    def id(self, frequency):
        return (f"{frequency} {self.metric} {self.labels['partner']} "
                f"{self.what}")


class Table:
    """One workbook."""

    def __init__(self, body, where):
        self.where = where
        self.rows = hp.xlsx_rows(body, what=where)
        head = next((i for i, row in enumerate(self.rows)
                     if row and squeezed(row[0]).startswith("年(月)別")), None)
        if head is None:
            raise hp.PluginError(f"{where}: no row of headers that begins "
                                 "with 年(月)別; the table has changed")
        first = next((i for i in range(head, len(self.rows))
                      if self.label(i) and YEAR.fullmatch(self.label(i))),
                     None)
        if first is None:
            raise hp.PluginError(f"{where}: no row of a year such as 113年")
        above = [squeezed(cell) for row in self.rows[:head] for cell in row]
        self.number = self.read_number(above)
        if not any(MILLION in cell for cell in above):
            raise hp.PluginError(f"{where}: the table does not say that it is "
                                 f"in {MILLION}, millions of USD")
        self.columns = self.read_columns(self.rows[head:first])
        self.periods = list(self.read_periods(first))

    def label(self, i):
        return squeezed(self.rows[i][0]) if self.rows[i] else ""

    def read_number(self, above):
        title = next((cell for cell in above if cell.startswith("表")), "")
        match = re.match(r"表(\d+)", title)
        if not match or match[1] not in TABLES:
            raise hp.PluginError(
                f'{self.where}: the table "{title}" is none of those that are '
                f"known here, 表{'、表'.join(TABLES)}")
        return match[1]

    def read_columns(self, headers):
        *names, below = headers
        known = TABLES[self.number]
        found, seen, last = {}, [], None
        for place in range(1, max(map(len, headers))):
            texts = [squeezed(row[place]) if place < len(row) else ""
                     for row in names]
            name = next((t for t in texts if t and t[0] not in "(（"), "")
            kind = squeezed(below[place]) if place < len(below) else ""
            if kind == GROWTH and last:
                last.growth = place
            if name:
                seen.append(name)
                last = None
            if name in known:
                last = found[name] = Column(*known[name], place)
        for name in known:
            if name not in found:
                raise hp.PluginError(
                    f'{self.where}: no column "{name}"'
                    f"{tc.nearest(name, seen)}; there are {', '.join(seen)}; "
                    "the table has changed")
        return list(found.values())

    def read_periods(self, first):
        """(row, period, whether a total to date)."""
        year = None
        for i in range(first, len(self.rows)):
            label = self.label(i)
            if to_date := TO_DATE.fullmatch(label):
                year = int(to_date[1] or to_date[3]) + ROC_EPOCH
                yield self.rows[i], (
                    f"{year}-{int(to_date[2] or to_date[4]):02}"), True
            elif match := YEAR.fullmatch(label):
                year = int(match[1]) + ROC_EPOCH
                yield self.rows[i], f"{year}", False
            elif match := MONTH.fullmatch(label):
                yield self.rows[i], f"{year}-{int(match[1]):02}", False
            else:
                return  # the changes on the month and the year

    def cell(self, row, place, period):
        value = row[place] if place is not None and place < len(row) else None
        if isinstance(value, float) or value is None:
            return value
        if squeezed(value) in ("", "-", "--", "…"):
            return None
        raise hp.PluginError(f'{self.where}: "{value}" at {period} is not a '
                             "number")

    def dollars(self, column):
        """({period: USD} of years and months, {month: USD} that follow from
        the growth to the next year's)."""
        values, before = {}, {}
        to_date = None
        for row, period, is_to_date in self.periods:
            million = self.cell(row, column.value, period)
            if million is None:
                continue
            # The tables hold thousands, behind the point.
            dollars = 1000 * round(1000 * tc.amount(million, self.where))
            if is_to_date:
                to_date = period, dollars
                # In January there may be no row of the month besides.
                if period[5:] != "01":
                    continue
            values[period] = dollars
            growth = self.cell(row, column.growth, period)
            if len(period) == 7 and growth is not None and growth > -100:
                year_before = f"{int(period[:4]) - 1}{period[4:]}"
                before[year_before] = 1000 * round(
                    dollars / (1 + growth / 100) / 1000)
        self.check_sum(column, values, to_date)
        return values, {m: v for m, v in before.items() if m not in values}

    def check_sum(self, column, values, to_date):
        """The months so far are the total: else they are other months than
        they are taken for."""
        if to_date is None:
            raise hp.PluginError(f"{self.where}: no total of the running year")
        year, months = to_date[0][:4], int(to_date[0][5:])
        total = sum(values.get(f"{year}-{month:02}", 0)
                    for month in range(1, months + 1))
        if abs(total - to_date[1]) > TOLERANCE * max(total, to_date[1]) + 1e4:
            raise hp.PluginError(
                f"{self.where}: {column.what}: the months of {year} come to "
                f"{total}, their total is {to_date[1]}; the table has changed")

    def newest(self):
        return max(period for _, period, _ in self.periods
                   if len(period) == 7)


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.base = answers.base_url(request)
        self.workbooks = request.list_option("workbooks")
        self.http = hp.Http(min_interval=tc.interval(self.base, INTERVAL))
        self.defined = set()

    def address(self, template, month):
        for name, value in (("roc", int(month[:4]) - ROC_EPOCH),
                            ("year", month[:4]), ("month", month[5:])):
            template = template.replace(f"{{{name}}}", str(value))
        if "{" in template:
            raise hp.ConfigError(f'option workbooks: "{template}": known are '
                                 "{roc}, {year} and {month}")
        if re.match(r"(https?|file)://", template):
            return template
        return f"{self.base}/{template.lstrip('/')}"

    def fetch(self, template):
        """(address, body) of the newest workbook there is."""
        now = tc.this_month(self.request.now)
        addresses = list(dict.fromkeys(
            self.address(template, tc.month_text(now - back))
            for back in (1, 2)))
        for address in addresses:
            response = self.http.get(address, accept_statuses=(404,))
            if response.status == 200:
                return address, response.body
        raise hp.ConfigError(
            f"{' and '.join(addresses)}: HTTP 404; there is no table of the "
            "last two months; check option workbooks")

    def read(self):
        for done, template in enumerate(self.workbooks):
            self.out.progress(done, len(self.workbooks), template)
            self.read_workbook(template)

    def read_workbook(self, template):
        state = answers.last_state(self.request, template)
        address, body = self.fetch(template)
        digest = hp.content_hash(body)
        # Months that some table listed are never estimated again.
        listed = state.get("listed_from", "9999-12")
        if state.get("sha256") == digest:
            self.out.info(f"{address}: unchanged")
        else:
            listed = self.deliver(Table(body, address), listed)
        self.out.checkpoint(template, answers.state_text(
            self.request, sha256=digest, listed_from=listed))

    def deliver(self, table, listed):
        columns = [(column, *table.dollars(column))
                   for column in table.columns]
        listed = min(listed, *(period for _, values, _ in columns
                               for period in values if len(period) == 7))
        year = table.newest()[:4]
        count = estimated = 0
        for column, values, before in columns:
            before = {m: v for m, v in before.items() if m < listed}
            count, estimated = count + len(values), estimated + len(before)
            for period, dollars in sorted({**values, **before}.items()):
                status = ("ESTIMATED" if period in before else
                          "PROVISIONAL" if period[:4] == year else "FINAL")
                self.out.observe(self.define(column, period), period, dollars,
                                 status=status)
        self.out.info(f"{table.where}: table {table.number} up to "
                      f"{table.newest()}: {count} values, and {estimated} that "
                      "follow from the growth")
        return listed

    def define(self, column, period):
        frequency = "monthly" if len(period) == 7 else "annual"
        id = column.id(frequency)
        if id not in self.defined:
            self.defined.add(id)
            self.out.series(
                id, metric=column.metric, frequency=frequency, unit="USD",
                labels={"reporter": "TWN", **column.labels},
                title=f"Taiwan's exports of {column.what} to "
                      f"{column.labels['partner']}",
                vintage_kind="OBSERVED", source_name=SOURCE_NAME)
        return id


def read(request, out):
    Reader(request, out).read()


def check(request):
    reader = Reader(request, None)
    address, body = reader.fetch(reader.workbooks[0])
    table = Table(body, address)
    return f"{address}: table {table.number} up to {table.newest()}"


hp.run(hp.Plugin(
    name="taiwan",
    version="1.0",
    evidence=("recorded", "2025-09-03"),
    summary="Reads Taiwan's monthly tables of exports from workbooks.",
    read=read,
    check=check,
    options=[
        hp.Option("workbooks", "Addresses of the XLSX workbooks of tables 4, "
                  "11 and 12, relative to base_url or whole, with commas "
                  "between; {roc}, {year} and {month} are the newest month.",
                  required=True),
        hp.Option("base_url", "Where relative addresses begin.", BASE_URL),
    ],
    hosts=["service.mof.gov.tw", "www.mof.gov.tw"],
    default_schedule="30 8 7-12 * *",
))

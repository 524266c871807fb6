#!/usr/bin/python3
"""Monthly revenue of companies listed in Taiwan: TSMC, and any other.

By the tenth of each month every listed company reports the revenue of the
month before. Three services show it:
  openapi.twse.com.tw    the newest month of all companies, JSON; no key
  mopsov.twse.com.tw     (MOPS) a page of HTML in Big5 for each month
  api.finmindtrade.com   FinMind, a third party: a company's whole history in
                         one answer; a token in FINMIND_TOKEN raises its quota

A first read takes the months from `since` to the last but one from `history`
("mops", "finmind" or "none"), later reads those that were missed; the newest
comes from the Exchange. MOPS is asked slowly, at most PAGES_A_PULL months a
pull, with a checkpoint after each: the next pull goes on. Its pages are of
companies on the main board (sii); those of the OTC market are not there.

The Exchange dates no revision. The series are therefore ASSUMED: a month is
known ten days after its end; what changes afterwards is observed. Each report
repeats the month before it, which shows most corrections.

Series, monthly, with the label company:
  company_revenue_twd   TWD (the publisher's thousands are multiplied)

    source {
      name: "tsmc-revenue"
      plugin: "twse"
      supersedes: "tsmc-sample"
      # pipeline: schedule { cron: "0 18 6-12 * *" time_zone: "Asia/Taipei" }
      config { key: "companies" value: "2330=TSMC" }
      config { key: "since" value: "2016-01" }
    }
"""

import json
import re
import urllib.parse

import answers
import headway_plugin as hp

RELEASE_LAG_DAYS = 10
SOURCE_NAME = "Taiwan Stock Exchange, monthly revenue reports (open data)"
EXAMPLE = "2330=TSMC,2303=UMC"
# MOPS closes its door to those who ask faster.
MOPS_INTERVAL = 3
MOPS_REST = 900
TOO_FAST = re.compile(r"過於頻繁|SECURITY REASONS", re.I)
PAGES_A_PULL = 150
EARLIEST = "2010-01"  # older pages lie under other names
NEWEST = "/opendata/t187ap05_L"
CODE, THIS_MONTH = "公司代號", "當月營收"
TOKEN = "FINMIND_TOKEN"
QUOTA_RENEWED_AFTER = 3600


def roc_month(text, what):
    """2026-08 of "11508", a year of the Republic and a month."""
    match = re.fullmatch(r"(\d{2,3})(0[1-9]|1[0-2])", str(text).strip())
    if not match:
        raise hp.PluginError(f'{what}: the month "{text}" is not of the form '
                             "11508, a year of the Republic and a month")
    return f"{int(match[1]) + 1911}-{match[2]}"


def thousands(text, what):
    value = answers.number(text, what)
    return None if value is None else value * 1000


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.companies = answers.pairs_option(request, "companies", EXAMPLE)
        self.history = answers.choice_option(
            request, "history", ("mops", "finmind", "none"))
        self.since = answers.month_option(request, "since", EARLIEST)
        self.http = hp.Http()
        self.mops = hp.Http(min_interval=MOPS_INTERVAL)
        self.last = answers.last_state(request)
        self.through = self.last.get("through")
        self.found = set(self.last.get("found", ()))
        self.document = self.last.get("document")

    def define(self):
        for company in self.companies.values():
            self.out.series(
                company, metric="company_revenue_twd",
                labels={"company": company}, frequency="monthly", unit="TWD",
                title=f"{company} monthly revenue", vintage_kind="ASSUMED",
                release_lag_days=RELEASE_LAG_DAYS, source_name=SOURCE_NAME)

    def checkpoint(self):
        self.out.checkpoint(state=answers.state_text(
            self.request, through=self.through, found=sorted(self.found),
            document=self.document))

    def read(self):
        self.define()
        url = answers.base_url(self.request) + NEWEST
        body, document = self.http.get_if_changed(
            url, self.document, self.request.fingerprint)
        if body is None:
            self.out.info(f"{url}: unchanged, no news")
            self.checkpoint()
            return
        with answers.known_form(url):
            month, rows = self.newest_rows(answers.json_answer(body, url), url)
        if not self.read_history(month):
            return  # the newest month must not come before the history
        for code, values in rows.items():
            self.deliver(code, values)
        self.say_missing(rows, url)
        self.document = document
        self.through = max(self.through or "", month)
        self.checkpoint()

    def deliver(self, code, values):
        for period, value in values.items():
            self.out.observe(self.companies[code], period, value)
        if values:
            self.found.add(code)

    # -- The newest month --

    def newest_rows(self, answer, url):
        """The month of the table, and {code: {month: value}} of companies
        asked for: of the month and the one before."""
        if not isinstance(answer, list) or not answer:
            raise hp.PluginError(f"{url}: no rows; the Exchange's table is "
                                 "never empty, try again later")
        rows, newest = {}, ""
        for row in answer:
            code = str(answers.field(row, CODE, url)).strip()
            what = f"{url}: company {code}"
            month = roc_month(answers.field(row, "資料年月", what), what)
            newest = max(newest, month)
            if code not in self.companies or code in rows:
                continue
            cells = {
                answers.next_month(month, -1):
                    answers.field(row, "營業收入-上月營收", what),
                month: answers.field(row, "營業收入-當月營收", what)}
            values = {p: thousands(v, f"{what}, {p}")
                      for p, v in cells.items()}
            rows[code] = {p: v for p, v in values.items() if v is not None}
        answers.check_plausible(newest, self.request, url)
        return newest, rows

    def say_missing(self, rows, url):
        for code, company in self.companies.items():
            if code in rows:
                continue
            if code not in self.found:
                raise hp.ConfigError(
                    f"option companies: no company {code} ({company}) in "
                    f"{url}, nor in the months before; check the code: "
                    "companies of the main board alone are there")
            self.out.info(f"{company} ({code}) has not reported yet")

    # -- The months before it --

    def read_history(self, newest):
        """Delivers the months up to the last but one; False if some are left
        for the next pull."""
        first = (answers.next_month(self.through) if self.through
                 else self.since)
        if not first or first >= newest:
            return True
        if self.history == "none":
            self.out.info(f"months from {first} to before {newest} are not "
                          'read: option history is "none"')
            return True
        if self.history == "finmind":
            for code in self.companies:
                self.read_finmind(code, first, newest)
            self.through = answers.next_month(newest, -1)
            self.checkpoint()
            return True
        for pages in range(PAGES_A_PULL + 1):
            if first >= newest:
                return True
            if pages == PAGES_A_PULL:
                break
            self.out.progress(pages, PAGES_A_PULL, first)
            self.read_mops(first)
            self.through = first
            self.checkpoint()
            first = answers.next_month(first)
        self.out.info(f"MOPS: {PAGES_A_PULL} months are read, up to "
                      f"{self.through}; the next pull goes on to {newest}")
        return False

    def read_mops(self, month):
        year, number = int(month[:4]) - 1911, int(month[5:])
        url = (answers.base_url(self.request, "mops_url")
               + f"/nas/t21/sii/t21sc03_{year}_{number}_0.html")
        text = mops_text(self.mops.get(url).body)
        said = re.search(r"(?:資料年月[:：]|公司|民國)\s*(\d{2,3})\s*[/年]"
                         r"\s*(\d{1,2})", text)
        if said and (int(said[1]), int(said[2])) != (year, number):
            raise hp.PluginError(f"{url}: the page is of {said[1]}/{said[2]}, "
                                 f"not of {year}/{number}")
        values = mops_values(text, self.companies, url)
        for code in self.companies:
            if values.get(code) is None:
                self.out.info(f"{url}: nothing of company {code} in {month}")
            else:
                self.deliver(code, {month: values[code]})

    def read_finmind(self, code, first, newest):
        url = (answers.base_url(self.request, "finmind_url") + "/api/v4/data?"
               + urllib.parse.urlencode({"dataset": "TaiwanStockMonthRevenue",
                                         "data_id": code,
                                         "start_date": f"{first}-01"}))
        token = self.request.secret(TOKEN)
        response = self.http.get(
            url, secret_parameters={"token": token} if token else None,
            accept_statuses=(400, 401, 402, 403))
        with answers.known_form(url):
            values = {month: value for month, value in finmind_values(
                finmind_rows(response, url), url)
                      if value is not None and first <= month < newest}
        if not values:
            self.out.info(f"{url}: no months from {first} on")
        self.deliver(code, dict(sorted(values.items())))


def mops_text(body):
    """Big5 as Taiwan's Windows has it; UTF-8 if it is that, which no Big5
    text of Chinese happens to be. Names may hold signs of neither."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp950", "replace")


def mops_values(text, codes, url):
    """{code: TWD} of the rows under a header that names code and revenue."""
    values, columns, seen = {}, None, []
    for row in (row for table in answers.html_tables(text) for row in table):
        names = ["".join(cell.split()) for cell in row]
        if CODE in names:
            seen = names
            if THIS_MONTH in names:
                columns = names.index(CODE), names.index(THIS_MONTH)
            continue
        if columns and len(row) > max(columns) and row[columns[0]] in codes:
            code = row[columns[0]]
            values[code] = thousands(row[columns[1]], f"{url}: {code}")
    if columns is None:
        if TOO_FAST.search(text):
            raise hp.TransientError(f"{url}: MOPS finds the questions too many",
                                    MOPS_REST)
        if seen:
            raise hp.PluginError(f'{url}: no column "{THIS_MONTH}"'
                                 + answers.nearest(THIS_MONTH, seen))
        raise hp.PluginError(f'{url}: no table with a column "{CODE}"; the '
                             f"page begins with {hp.beginning(text)}")
    return values


def finmind_values(rows, url):
    for row in rows:
        # Its `date` is of the month after: the month has its own fields.
        month = (f'{int(answers.field(row, "revenue_year", url)):04}-'
                 f'{int(answers.field(row, "revenue_month", url)):02}')
        yield month, answers.number(answers.field(row, "revenue", url),
                                    f"{url}: {month}")


def finmind_rows(response, url):
    answer = answers.json_answer(response.body, url)
    said = str(answer.get("msg", "")) if isinstance(answer, dict) else ""
    status = answer.get("status", 200) if isinstance(answer, dict) else 200
    if 402 in (status, response.status):
        raise hp.TransientError(
            f"{url}: FinMind's quota of this hour is used up ({said}); a token "
            f"in {TOKEN}, from finmindtrade.com, has a larger one",
            QUOTA_RENEWED_AFTER)
    if status != 200 or response.status != 200:
        if "token" in said.lower() or response.status in (401, 403):
            raise hp.ConfigError(f"{url}: FinMind does not take the token in "
                                 f"{TOKEN} ({said}); finmindtrade.com shows "
                                 "yours after you log in")
        raise hp.PluginError(f"{url}: FinMind says {json.dumps(said)}")
    return answers.field(answer, "data", url)


def read(request, out):
    Reader(request, out).read()


def discover(request, out):
    Reader(request, out).define()


def check(request):
    reader = Reader(request, None)
    url = answers.base_url(request) + NEWEST
    month, rows = reader.newest_rows(
        answers.json_answer(reader.http.get(url).body, url), url)
    return (f"{len(rows)} of {len(reader.companies)} companies have reported "
            f"{month}")


hp.run(hp.Plugin(
    name="twse",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads the monthly revenue of companies listed in Taiwan.",
    read=read, discover=discover, check=check,
    options=[
        hp.Option("companies", "Codes of the Exchange and the names that the "
                  f"label company gets: {EXAMPLE}.", "2330=TSMC"),
        hp.Option("since", "The first month of the history, such as 2016-01; "
                  "empty: the newest month alone.", "2016-01"),
        hp.Option("history", "Where months before the newest come from: mops, "
                  "finmind or none.", "mops"),
        hp.Option("base_url", "The Exchange's open API.",
                  "https://openapi.twse.com.tw/v1"),
        hp.Option("mops_url", "The pages of past months.",
                  "https://mopsov.twse.com.tw"),
        hp.Option("finmind_url", "FinMind's API.",
                  "https://api.finmindtrade.com"),
    ],
    secrets=[hp.Secret(TOKEN, "FinMind's token, from finmindtrade.com; without "
                       "it its quota is small.")],
    hosts=["openapi.twse.com.tw", "mopsov.twse.com.tw",
           "api.finmindtrade.com"],
    default_schedule="0 10 6-12 * *",
))

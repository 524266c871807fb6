#!/usr/bin/python3
"""EDGAR of the US Securities and Exchange Commission: what chip companies earn.

dataset = geography: revenue in all and from China. The tables of facts hold no
regions, so each 10-Q and 10-K is read itself: /submissions lists them, and the
inline XBRL of each tags revenue by srt:StatementGeographicalAxis with
country:CN or a member such as nvda:ChinaIncludingHongKongMember. A fact that is
cut by a second axis (percentages, products) is passed over.
  toolmaker_revenue_usd{company, region}         AMAT, LRCX, KLAC, by quarter
  company_revenue_usd{company, region, basis}    others, by quarter
  toolmaker_annual_revenue_usd, company_annual_revenue_usd   by year
region is China or total; China holds Hong Kong where the company counts it so.
basis says by what customers are put into countries: billing, hq, delivery, or
reported, as the filing defines it. Intel, AMD, Qualcomm and Broadcom tag China
in their yearly reports mainly, so that some have no quarters of it.

dataset = facts: the option `concepts` by company, from companyfacts, or from
companyconcept if one tag is wanted. Tags that follow one another are written
Tag|OtherTag. dataset = frames: one tag over the companies of `companies`, or
`all` filers, by quarter as the SEC has assigned it.

Quarters. Companies report quarters, half-years, nine months and years. The
rule: a span belongs to the calendar quarter, or year, that holds its middle
day; what stands at a day belongs to the quarter whose middle lies 45 days
before. A quarter that nobody files, such as the fourth, is the year less nine
months, or as differences give it, with the status ESTIMATED.

Vintages are NATIVE: known_at is the day of filing, and a figure that a later
filing restates is a revision. Frames carry no day: OBSERVED. The SEC revises
nothing; companies restate the year before, mostly, so that filings are read
once and all that they say of earlier spans counts. State by company: the
filings read and the spans known, of which the next quarters are differences.

Limits: 10 requests a second, 8 of www.sec.gov and 2 of data.sec.gov here, with
the operator's contact (HEADWAY_CONTACT), an e-mail address, in the user agent.
No key. Public domain. The first read takes some 25 filings of 2 to 4 MB for each
company; a checkpoint follows each filing.

    source {
      name: "edgar-toolmakers"
      plugin: "edgar"
      supersedes: "toolmakers-sample"
      config { key: "companies" value: "AMAT,LRCX,KLAC" }
      limits { wall_time { seconds: 1800 } cpu_time { seconds: 1200 } }
      documents { max_pull_bytes: 1073741824 }
    }
    source {
      name: "edgar-nvidia"
      plugin: "edgar"
      supersedes: "nvidia-sample"
      config { key: "companies" value: "NVDA" }
    }

Suggested schedule, after the evening's filings: `cron: "30 22 * * MON-FRI"`,
`America/New_York`.
"""

import datetime
import difflib

import answers
import edgar_facts as facts
import edgar_filing as filing
import edgar_service as service
import headway_plugin as hp

DATASETS = ("geography", "facts", "frames")
FORMS = ("10-Q", "10-K", "10-QT", "10-KT")
COLUMNS = ("accessionNumber", "filingDate", "form", "isInlineXBRL",
           "primaryDocument")
# A report restates three years at most.
KEEP_SPANS = datetime.timedelta(days=6 * 366)
BASES = {"billing": ", by billing location", "delivery": ", by delivery",
         "hq": ", by headquarters of the customer",
         "reported": ", by country as reported"}


# ---- Lists of filings -------------------------------------------------------


def filings_of(edgar, cik, submissions, since, where):
    """(the reports since the day, oldest first, how many have no inline XBRL).
    Older pages of the list are asked for where they reach that far."""
    lists = answers.field(submissions, "filings", where)
    rows = _rows(answers.field(lists, "recent", where), where)
    for page in lists.get("files", []):
        if answers.field(page, "filingTo", where) >= since:
            url = f"{edgar.base}/submissions/{page['name']}"
            rows += _rows(edgar.json(url)[0], url)
    reports = [row for row in rows if row["filingDate"] >= since
               and row["form"].removesuffix("/A") in FORMS]
    readable = [row for row in reports if row["isInlineXBRL"] == 1]
    readable.sort(key=lambda r: (r["filingDate"], r["accessionNumber"]))
    return readable, len(reports) - len(readable)


def _rows(columns, where):
    values = [answers.field(columns, name, where) for name in COLUMNS]
    if len({len(v) for v in values}) != 1:
        raise hp.PluginError(f"{where}: the columns of the list of filings are "
                             "not equally long")
    return [dict(zip(COLUMNS, row)) for row in zip(*values)]


# ---- Revenue by region ------------------------------------------------------


class Geography:
    """Reads the reports of one company."""

    def __init__(self, edgar, request, out, ticker, company):
        self.edgar = edgar
        self.request = request
        self.out = out
        self.ticker = ticker
        self.company = company
        self.state = answers.last_state(request, ticker)
        # {series: {span: value}}
        self.spans = {key: {(s, e): v for s, e, v in spans} for key, spans
                      in self.state.get("spans", {}).items()}
        self.read_before = self.state.get("read", [])
        self.defined = set()

    def read(self, since):
        cik = self.company.cik
        url = f"{self.edgar.base}/submissions/CIK{cik:010}.json"
        try:
            submissions, document = self.edgar.json(url)
        except service.NotThere:
            raise hp.ConfigError(f"{self.ticker}: EDGAR has no filer with CIK "
                                 f"{cik}") from None
        reports, unreadable = filings_of(
            self.edgar, cik, submissions, since, url)
        new = [r for r in reports
               if r["accessionNumber"] not in self.read_before]
        china = 0
        for index, report in enumerate(new):
            self.out.progress(index, len(new), self.company.name)
            china += self.read_report(report)
            self.save(report)
        if not new:
            self.out.info(f"{self.company.name}: no new report among "
                          f"{len(reports)}")
            self.save()
            return
        said = (f"{self.company.name}: {len(new)} reports read, {china} of "
                "them name China's part")
        if unreadable:
            said += f"; {unreadable} without inline XBRL are left out"
        (self.out.info if china else self.out.warn)(said)

    def read_report(self, report):
        """Delivers what a report says; returns whether it names China."""
        number = report["accessionNumber"].replace("-", "")
        url = (f"{self.edgar.archives}/Archives/edgar/data/{self.company.cik}/"
               f"{number}/{report['primaryDocument']}")
        found = filing.facts_of(self.edgar.get(url), url)
        revenue = filing.revenue_of(found, url)
        if not revenue.total:
            if report["form"].endswith("/A"):
                self.out.info(f"{url}: the amendment holds no revenue")
                return False
            raise filing.no_revenue(found, url)
        if len(revenue.members) > 1:
            self.out.warn(f"{url}: several members are China: "
                          + ", ".join(revenue.members))
        for region, spans in (("total", revenue.total),
                              ("China", revenue.china)):
            self.deliver(region, spans, report["filingDate"])
        return bool(revenue.china)

    def deliver(self, region, spans, filed):
        basis = self.company.basis(filed)
        key = f"{region} {basis or ''}".strip()
        known = self.spans.setdefault(key, {})
        after = {**known, **{s: v for s, v in spans.items()
                             if filing.kind_of(s)}}
        known_at = hp.parse_instant(filed, self.request.now)
        for frequency, of in (("quarterly", filing.quarters),
                              ("annual", filing.years)):
            before_of, before_bad = split(of(known))
            after_of, after_bad = split(of(after))
            self.warn_of_negative(before_bad, after_bad, key)
            if before_of != after_of:
                id = define(self.out, self.defined, self.ticker, self.company,
                            region, basis, frequency)
                facts.send(self.out, id, before_of, after_of, known_at)
        self.spans[key] = after

    def warn_of_negative(self, before, after, key):
        """Parts of a year that were restated on another footing do not go
        together."""
        for period in sorted(after.keys() - before.keys()):
            self.out.warn(f"{self.company.name}, {key}: {period} would be "
                          f"{after[period][0]:.0f} as a difference of what was "
                          "filed, and is left out")

    def save(self, report=None):
        if report is not None:
            self.read_before = self.read_before + [report["accessionNumber"]]
            oldest = (datetime.date.fromisoformat(report["filingDate"])
                      - KEEP_SPANS).isoformat()
            self.spans = {key: {s: v for s, v in spans.items()
                                if s[1] >= oldest}
                          for key, spans in self.spans.items()}
        self.out.checkpoint(self.ticker, answers.state_text(
            self.request, read=self.read_before,
            spans={key: [[*s, v] for s, v in sorted(spans.items())]
                   for key, spans in self.spans.items()}))


def split(values):
    """The values without differences below 0, and these."""
    bad = {p: v for p, v in values.items() if v[1] and v[0] < 0}
    return {p: v for p, v in values.items() if p not in bad}, bad


def define(out, defined, ticker, company, region, basis, frequency):
    """The id of a series, which is defined at its first use."""
    id = " ".join(filter(None, (ticker, region, basis, frequency)))
    if id in defined:
        return id
    defined.add(id)
    labels = {"company": company.name, "region": region}
    if basis:
        labels["basis"] = basis
        part = "China incl. Hong Kong" if region == "China" else "all regions"
    else:
        part = "China" if region == "China" else "in all"
    metric = "company_" if basis else "toolmaker_"
    metric += "revenue_usd" if frequency == "quarterly" else (
        "annual_revenue_usd")
    out.series(id, metric=metric, labels=labels, frequency=frequency,
               unit="USD", vintage_kind="NATIVE",
               title=f"{company.name} revenue, {part}" + BASES.get(basis, ""),
               source_name="SEC EDGAR, inline XBRL of 10-Q and 10-K (public "
               "domain)")
    return id


def read_geography(edgar, request, out, companies, since):
    """One company's report that cannot be read does not stop the others."""
    failures = []
    for ticker, company in companies:
        try:
            Geography(edgar, request, out, ticker, company).read(since)
        except (hp.ConfigError, hp.TransientError):
            raise
        except hp.PluginError as e:
            failures.append(f"{company.name}: {e}")
    if failures:
        raise hp.PluginError("; ".join(failures))


# ---- The conversation -------------------------------------------------------


def since_of(request):
    try:
        return datetime.date.fromisoformat(request.option("since"))
    except ValueError:
        raise hp.ConfigError(f'option since = "{request.option("since")}" is '
                             "not a day such as 2021-01-01") from None


def prepare(request):
    """(the service, the companies); all filers are none."""
    dataset = request.option("dataset")
    if dataset not in DATASETS:
        near = difflib.get_close_matches(dataset, DATASETS, 1)
        raise hp.ConfigError(f'option dataset = "{dataset}" is none of '
                             + ", ".join(DATASETS)
                             + (f"; did you mean {near[0]}?" if near else ""))
    since_of(request)
    edgar = service.Edgar(request)
    if dataset != "geography":
        facts.concepts_of(request)
    tickers = [t.upper() for t in request.list_option("companies")]
    if dataset == "frames" and tickers == ["ALL"]:
        return edgar, []
    if not tickers:
        raise hp.ConfigError("option companies names none; write tickers, such "
                             "as NVDA,AMAT")
    return edgar, edgar.companies(tickers)


def read(request, out):
    edgar, companies = prepare(request)
    dataset = request.option("dataset")
    if dataset == "geography":
        read_geography(edgar, request, out, companies,
                       since_of(request).isoformat())
    elif dataset == "frames":
        for concept in facts.concepts_of(request):
            facts.read_frames(edgar, request, out, concept, since_of(request),
                              {c.cik: c.name for _, c in companies})
    else:
        concepts = facts.concepts_of(request)
        found = sum(facts.read_company(edgar, request, out, ticker, company,
                                       concepts)
                    for ticker, company in companies)
        if not found:
            raise hp.ConfigError("option concepts: no company of the option "
                                 "companies has filed any of them")


def discover(request, out):
    if request.option("dataset") != "geography":
        read(request, out)
        return
    _, companies = prepare(request)
    defined = set()
    for ticker, company in companies:
        for _, basis in company.bases or (("", None),):
            for region in ("total", "China"):
                for frequency in ("quarterly", "annual"):
                    define(out, defined, ticker, company, region, basis,
                           frequency)


def check(request):
    edgar, companies = prepare(request)
    if not companies:
        return "the options are in order; all filers are asked for"
    _, company = companies[0]
    url = f"{edgar.base}/submissions/CIK{company.cik:010}.json"
    answer, _ = edgar.json(url)
    return f"EDGAR knows {company.name} as {answers.field(answer, 'name', url)}"


hp.run(hp.Plugin(
    name="edgar",
    version="1.0",
    evidence=("recorded", "2026-07-26"),
    summary="Reads the revenue of companies, in all and from China, and other "
            "facts of their filings, from the SEC's EDGAR.",
    read=read,
    discover=discover,
    check=check,
    options=[
        hp.Option("dataset", "geography (revenue in all and from China), facts "
                  "(concepts by company) or frames (a concept over "
                  "companies).", "geography"),
        hp.Option("companies", "Tickers, separated by commas; with frames also "
                  "all.", ",".join(service.COMPANIES)),
        hp.Option("since", "Reports filed, or frames, from this day on.",
                  "2021-01-01"),
        hp.Option("concepts", "Tags of XBRL for facts and frames, as Tag, "
                  "METRIC=Tag|OtherTag or, for frames of what stands at a "
                  "day, METRIC=Tag@instant.",
                  "company_research_and_development_usd="
                  "ResearchAndDevelopmentExpense,"
                  "company_inventory_usd=InventoryNet"),
        hp.Option("base_url", "Where the lists and tables are.",
                  "https://data.sec.gov"),
        hp.Option("archives_url", "Where the filings are.",
                  "https://www.sec.gov"),
    ],
    hosts=["data.sec.gov", "www.sec.gov"],
    # The SEC counts both together.
    limits=[hp.Limit("data.sec.gov", per_second=2),
            hp.Limit("www.sec.gov", per_second=8)],
    needs_contact=True,
    terms=hp.Terms(
        "allowed", "Filings are in the public domain.",
        "https://www.sec.gov/privacy#dissemination"),
    default_schedule="30 22 * * 1-5",
))

#!/usr/bin/python3
"""World sales of semiconductors by month and region: the Historical Billings
Report of World Semiconductor Trade Statistics (WSTS).

The report is a workbook, from 1986 on, whose name changes with each edition:
it is found on https://www.wsts.org/67/Historical-Billings-Report, where an
edition appears about the tenth day of the second month after the one it ends
with. WSTS revises its history without notice, so each edition is read whole.
A month that is not published yet stands there as 0.0: what follows the last
month with a world total is left out of both sheets.

The series are ASSUMED: a month is known 40 days after its end, when it is first
released; what an edition changes is observed. China is in no region of its own.
(c) WSTS, reproduction prohibited: fetch it for your own use, pass it not on.

Series, monthly, USD (the publisher's thousands are multiplied):
  chip_billings_usd{region}             Americas, Europe, Japan, Asia Pacific
  chip_billings_3mma_usd{region}        the mean of three months
  world_chip_billings_usd               all regions
  world_chip_billings_3mma_usd

    source {
      name: "wsts"
      plugin: "wsts"
      # pipeline: schedule { cron: "0 12 5-15 * *" time_zone: "Europe/Berlin" }
    }
"""

import re
import urllib.parse

import answers
import headway_plugin as hp

PAGE = "/67/Historical-Billings-Report"
LINK = re.compile(r'href\s*=\s*"([^"]*Historical-Billings-Report-'
                  r'([A-Za-z]{3})[a-z]*_(\d{4})\.xlsx)"', re.I)
MONTHS = ["January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December"]
REGIONS = ["Americas", "Europe", "Japan", "Asia Pacific"]
WORLD = "Worldwide"
# Sheet, its metrics, and what their titles say.
MONTHLY = "Monthly Data"
SHEETS = {MONTHLY: ("chip_billings_usd", ""),
          "3MMA": ("chip_billings_3mma_usd", ", mean of three months")}
SCALE = re.compile(r"all numbers are in 1000 us\s?\$", re.I)
RELEASE_LAG_DAYS = 40
SOURCE_NAME = "WSTS, Historical Billings Report (c) WSTS, for own use"
# Regions are rounded by themselves.
MOST_DIFFERENCE = 0.005


def newest_edition(text, page):
    """(month, address) of the newest workbook that the page links to."""
    editions = []
    for address, name, year in LINK.findall(text):
        short = [m[:3].lower() for m in MONTHS]
        if name.lower() in short:
            month = f"{year}-{short.index(name.lower()) + 1:02}"
            editions.append((month, urllib.parse.urljoin(page, address)))
    if not editions:
        raise hp.PluginError(
            f"{page}: no link to a …Historical-Billings-Report-Mon_YYYY.xlsx "
            f'on the page "{answers.page_title(text)}"; WSTS has changed it')
    month, url = max(editions)
    if urllib.parse.urlsplit(url).netloc != urllib.parse.urlsplit(page).netloc:
        raise hp.PluginError(f"{page}: the workbook lies on another host, "
                             f"{url}, which this plugin does not trust")
    return month, url


def sheet_values(rows, what):
    """{region: {month: USD}} of a sheet."""
    texts = [str(row[0]) for row in rows[:8] if row and row[0]]
    if not any(SCALE.search(text) for text in texts):
        raise hp.PluginError(f'{what}: does not say "All numbers are in 1000 '
                             f'US$" above the table, but {texts}')
    columns, year, values = None, None, {}
    for row in rows:
        if MONTHS[0] in row:
            columns = month_columns(row, what)
        elif columns and row and row[0] is not None:
            name = str(row[0]).strip()
            if re.fullmatch(r"(19|20)\d\d(\.0)?", name):
                year = name[:4]
            elif name in (*REGIONS, WORLD):
                put_row(values.setdefault(name, {}), year, row, columns, what)
            elif year and any(isinstance(c, float) for c in row[1:13]):
                raise hp.PluginError(
                    f'{what}: unknown region "{name}" in {year}'
                    + answers.nearest(name, (*REGIONS, WORLD)))
    if columns is None:
        raise hp.PluginError(f'{what}: no row with a column "{MONTHS[0]}"')
    for name in (*REGIONS, WORLD):
        if name not in values:
            raise hp.PluginError(f'{what}: no row "{name}"'
                                 + answers.nearest(name, values))
    return values


def month_columns(row, what):
    for month in MONTHS:
        if month not in row:
            raise hp.PluginError(f'{what}: no column "{month}"'
                                 + answers.nearest(month, map(str, row)))
    return [row.index(month) for month in MONTHS]


def put_row(values, year, row, columns, what):
    if year is None:
        raise hp.PluginError(f'{what}: "{row[0]}" stands before any year')
    for number, column in enumerate(columns, 1):
        month = f"{year}-{number:02}"
        if month in values:
            raise hp.PluginError(f'{what}: "{row[0]}" twice in {year}')
        value = answers.number(row[column] if column < len(row) else None,
                               f"{what}: {row[0]}, {month}")
        # 0.0 stands for what is not published.
        if value:
            values[month] = value * 1000


def check_sums(values, what, out):
    """A column that moved would show here first."""
    wrong = [m for m, world in values[WORLD].items()
             if abs(sum(values[r].get(m, 0) for r in REGIONS) - world)
             > MOST_DIFFERENCE * world]
    if len(wrong) * 10 > len(values[WORLD]):
        raise hp.PluginError(f"{what}: the regions do not add up to the world "
                             f"in {len(wrong)} months, such as {wrong[0]}; the"
                             " sheet has changed its form")
    if wrong:
        out.warn(f"{what}: the regions do not add up to the world in "
                 + ", ".join(wrong[:12]))


def deliver(values, metric, suffix, out):
    for region, months in values.items():
        world = region == WORLD
        id = f"{metric} {region}"
        where = "the world" if world else region
        out.series(
            id, metric=("world_" if world else "") + metric,
            labels={} if world else {"region": region}, frequency="monthly",
            unit="USD", title=f"Sales of semiconductors, {where}{suffix}",
            description="Billings, not seasonally adjusted",
            vintage_kind="ASSUMED", release_lag_days=RELEASE_LAG_DAYS,
            source_name=SOURCE_NAME)
        out.batch(id, months, snapshot=True)


def read(request, out):
    last = answers.last_state(request)
    http = hp.Http(min_interval=0.5)
    page = answers.base_url(request) + PAGE
    edition, url = newest_edition(http.get(page).text(), page)
    if edition < last.get("edition", ""):
        raise hp.PluginError(f"{page}: the newest edition is of {edition}, one "
                             f"of {last['edition']} was read before")
    # Another edition has another address, and no validator of this one.
    known = last.get("document") if last.get("url") == url else None
    body, document = http.get_if_changed(url, known, request.fingerprint)
    state = answers.state_text(request, edition=edition, url=url,
                               document=document)
    if body is None:
        out.info(f"{url}: unchanged, no news")
        out.checkpoint(state=state)
        return
    text = body[:200].decode("latin-1")
    if answers.is_html(text):
        raise hp.PluginError(f"{url}: a page of HTML in place of a workbook")
    sheets = {name: sheet_values(hp.xlsx_rows(body, name, url),
                                 f'{url}: sheet "{name}"') for name in SHEETS}
    newest = max(sheets[MONTHLY][WORLD], default=None)
    if newest is None:
        raise hp.PluginError(f"{url}: no month has a world total")
    answers.check_plausible(newest, request, url)
    check_sums(sheets[MONTHLY], url, out)
    for name, (metric, suffix) in SHEETS.items():
        # Means of three months run on in the workbook's formulas.
        deliver({region: {m: v for m, v in months.items() if m <= newest}
                 for region, months in sheets[name].items()},
                metric, suffix, out)
    out.checkpoint(state=state, complete=True)
    out.info(f"{url}: {len(sheets[MONTHLY][WORLD])} months up to {newest}")


def check(request):
    page = answers.base_url(request) + PAGE
    edition, url = newest_edition(hp.Http().get(page).text(), page)
    return f"the newest edition is of {edition}: {url}"


hp.run(hp.Plugin(
    name="wsts",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads world sales of semiconductors by month and region (WSTS).",
    read=read, check=check,
    options=[hp.Option("base_url", "WSTS's site.", "https://www.wsts.org")],
    hosts=["www.wsts.org"],
    terms=hp.Terms(
        "forbidden", "(c) WSTS, reproduction prohibited: for your own use, not "
        "to be passed on.", "https://www.wsts.org"),
    default_schedule="0 12 5-15 * *",
))

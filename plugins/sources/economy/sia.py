#!/usr/bin/python3
"""Figures in the press releases of the Semiconductor Industry Association
(SIA): monthly sales of the world, and how China and other regions did.

SIA is the only place where WSTS figures of China appear; they stand in the text
of a release each month and in the table below it. The site's feed names the
newest releases; addresses of older ones are given by `releases`. Figures are
means of three months, and the month of a release is the last of them.

Each release is dated: the series are NATIVE, known since it came out. It also
repeats the totals of a year and a month before, which shows revisions that are
larger than the rounding of its text. A
release that was read is passed over as long as its text is the same. What does
not add up, or whose sign contradicts its sentence, is left out with a warning.
(c) SIA and WSTS: facts for your own use.

Series, monthly:
  sia_chip_sales_usd{region}   World, and from the table Americas, Europe,
                               Japan, China, Asia Pacific/All Other; USD
  sia_chip_sales_growth_percent{region,against}   against a year or a month
                                                  before; percent

    source {
      name: "sia-releases"
      plugin: "sia"
      # pipeline: schedule {
      #   cron: "0 17 1-12 * *" time_zone: "America/New_York" }
    }
"""

import datetime
import email.utils
import html
import re
import urllib.parse

import answers
import headway_plugin as hp

FEED = "/feed/"
SOURCE_NAME = "SIA press release, data of WSTS (for own use)"
MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July",
               "August", "September", "October", "November", "December"]
MONTHS = "(" + "|".join(MONTH_NAMES) + ")"
WORLD = "World"
REGIONS = {"americas": "Americas", "europe": "Europe", "japan": "Japan",
           "china": "China", "asia pacific/all other": "Asia Pacific/All Other"}
MONEY = r"\$([\d.,]+) (billion|trillion)"
SALES = (
    # "… sales were $56.5 billion during the month of January 2025"
    re.compile(rf"sales[^.$]*?{MONEY} (?:during|in|for) the month of {MONTHS}"
               r" (\d{4})", re.I),
    # "Sales for the month of June 2025 were $59.9 billion"
    re.compile(rf"sales (?:during|in|for) the month of {MONTHS} (\d{{4}})"
               rf"[^.$]*?{MONEY}", re.I))
# "compared to the January 2024 total of $47.9 billion"
TOTAL = re.compile(rf"{MONTHS} (\d{{4}}) total of {MONEY}", re.I)
GROWTH = re.compile(r"(year|month)-(?:to|over)-(?:year|month) sales.*?"
                    r"(?=\.(?:\s|$)|(?:year|month)-(?:to|over)-)", re.I | re.S)
REGION = re.compile(
    r"(?P<down>\b(?:down|decreas\w+|declin\w+|fell|dropped)\b)|"
    r"(?P<up>\b(?:up|increas\w+|rose|grew)\b)|"
    r"(?P<region>Americas|Europe|Japan|China|Asia Pacific/All Other)"
    r" \((?P<value>[-\u2212]?[\d.]+) ?(?:%|percent)\)", re.I)
DATELINE = re.compile(r"WASHINGTON\W+([A-Z][a-z]+)\.? (\d{1,2}), (\d{4})")
PUBLISHED = re.compile(r'(?:article:published_time"[^>]*content=|'
                       r'"datePublished":\s*)"([^"]+)"')
SUM_TOLERANCE = 0.01
MOST_RELEASES = 60
# The text rounds to tenths of a billion, the table to hundredths.
ROUNDING = 0.051e9
MONTHS_KEPT = 36


def month_of(name, year):
    return f"{year}-{MONTH_NAMES.index(name.capitalize()) + 1:02}"


def dollars(number, scale, what):
    value = answers.number(number.rstrip("."), what)
    # Whole dollars: 59.9 billion as a product has a fraction.
    return round(value * (1e12 if scale.lower() == "trillion" else 1e9), 0)


def plain(page):
    """The text of HTML, on one line."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.I | re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


class Release:
    """The figures of one press release."""

    def __init__(self, page, what, out):
        self.what = what
        self.out = out
        self.text = plain(page)
        self.levels = {}  # (region, month) -> USD
        self.growth = {}  # (region, against) -> percent
        self.month = self._world()
        if self.month:
            for kind, text in ((m[1].lower(), m[0])
                               for m in GROWTH.finditer(self.text)):
                self._growth(kind, text)
            for table in answers.html_tables(page):
                self._table(table)

    def _world(self):
        for form in SALES:
            match = form.search(self.text)
            if not match:
                continue
            told = match.groups()
            number, scale, name, year = (
                told if form is SALES[0] else (*told[2:], *told[:2]))
            for m in TOTAL.finditer(self.text):
                self.levels[WORLD, month_of(m[1], m[2])] = dollars(
                    m[3], m[4], self.what)
            month = month_of(name, year)
            self.levels[WORLD, month] = dollars(number, scale, self.what)
            return month
        return None

    def _growth(self, against, text):
        falling = None
        for match in REGION.finditer(text):
            if not match["region"]:
                falling = match["down"] is not None
                continue
            value = answers.number(match["value"], self.what)
            region = REGIONS[match["region"].lower()]
            if falling is None or value and falling != (value < 0):
                self.out.warn(
                    f'{self.what}: "{match[0]}" contradicts its sentence, '
                    f"{hp.beginning(text)}; it is left out")
            elif (region, against) not in self.growth:
                self.growth[region, against] = value

    def _table(self, rows):
        """Billions of the "Current Month" by region."""
        column, found = None, {}
        for row in rows:
            names = [cell.lower() for cell in row]
            if "current month" in names:
                column = names.index("current month")
            elif column and len(row) > column and row[0]:
                region = REGIONS.get(names[0].strip(), WORLD if names[0] in (
                    "total", "worldwide", "world") else None)
                value = answers.number(row[column].lstrip("$"), self.what)
                if region and value is not None:
                    found[region] = dollars(str(value), "billion", self.what)
        if not found or WORLD not in found:
            return
        parts = sum(v for region, v in found.items() if region != WORLD)
        if abs(parts - found[WORLD]) > SUM_TOLERANCE * found[WORLD]:
            self.out.warn(f"{self.what}: the regions of the table come to "
                          f"{parts / 1e9:.2f} billion, not to "
                          f"{found[WORLD] / 1e9:.2f}; it is left out")
            return
        for region, value in found.items():
            self.levels[region, self.month] = value


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.base = answers.base_url(request)
        self.http = hp.Http(min_interval=1)
        last = answers.last_state(request)
        self.known = last.get("releases", {})
        self.world = last.get("world", {})  # month -> USD, as last delivered
        self.read_now = {}  # address -> hash of the text
        self.defined = set()
        self.observed = 0

    def read(self):
        older = [self.address(r) for r in self.request.list_option("releases")]
        items = self.feed()
        # The older first; what the feed holds needs no further request.
        for url in older:
            if url not in self.known and url not in {i[0] for i in items}:
                self.release(url, self.http.get(url).text(), None)
            else:
                self.read_now.setdefault(url, self.known.get(url, ""))
        for url, page, known_at in items:
            self.release(url, page or self.http.get(url).text(), known_at)
        self.checkpoint()
        if not self.observed:
            self.out.info(f"{self.base}: no news in {len(items)} releases of "
                          "the feed on sales")

    def address(self, text):
        url = urllib.parse.urljoin(self.base + "/", text)
        if (urllib.parse.urlsplit(url)[:2]
                != urllib.parse.urlsplit(self.base)[:2]):
            raise hp.ConfigError(f"{url}: is not on {self.base}; name releases"
                                 " of SIA's own site, copies have mistakes")
        return url

    def feed(self):
        """[(address, text or "", instant)] of releases on sales, oldest
        first."""
        url = self.base + FEED
        body = self.http.get(url).body
        text = body[:500].decode("utf-8", "replace")
        if answers.is_html(text):
            raise hp.PluginError(f"{url}: a page of HTML, "
                                 f'"{answers.page_title(text)}", in place of '
                                 "a feed")
        items = []
        for item in hp.parse_xml(body, url).iter("item"):
            title = item.findtext("title", "")
            if not re.search(r"\bsales\b", title, re.I):
                continue
            page = item.findtext("{http://purl.org/rss/1.0/modules/content/}"
                                 "encoded", "")
            if not any(form.search(plain(page)) for form in SALES):
                page = ""
            items.append((self.address(item.findtext("link", "")), page,
                          self.instant(item.findtext("pubDate", ""), url)))
        return sorted(items[:MOST_RELEASES], key=lambda item: item[2])

    def instant(self, text, url):
        try:
            at = email.utils.parsedate_to_datetime(text)
        except (TypeError, ValueError):
            raise hp.PluginError(f'{url}: pubDate "{text}" is no date'
                                 ) from None
        if at.tzinfo is None:
            at = at.replace(tzinfo=datetime.timezone.utc)
        return min(at, self.request.now)

    def release(self, url, page, known_at):
        digest = hp.content_hash(plain(page).encode())[:16]
        self.read_now[url] = digest
        if self.known.get(url) == digest:
            return
        release = Release(page, url, self.out)
        if not release.month:
            self.out.warn(f"{url}: the release tells no month's sales in the "
                          "words that are known; it begins with "
                          + hp.beginning(release.text))
            return
        answers.check_plausible(release.month, self.request, url)
        self.deliver(release, known_at or self.published(page, url))
        self.checkpoint()

    def published(self, page, url):
        match = PUBLISHED.search(page)
        if match:
            return min(hp.parse_instant(match[1], self.request.now),
                       self.request.now)
        match = DATELINE.search(plain(page))
        short = [name[:3] for name in MONTH_NAMES]
        if match and match[1][:3] in short:
            month = short.index(match[1][:3]) + 1
            day = f"{match[3]}-{month:02}-{int(match[2]):02}"
            return min(hp.parse_instant(day, self.request.now),
                       self.request.now)
        raise hp.PluginError(f"{url}: the release tells no date, neither "
                             "article:published_time nor after WASHINGTON")

    def deliver(self, release, known_at):
        for (region, month), value in release.levels.items():
            if region == WORLD:
                told = self.world.get(month)
                if (month != release.month and told is not None
                        and abs(told - value) <= ROUNDING):
                    continue  # repeated, not revised
                self.world[month] = value
            self.observe("sia_chip_sales_usd", {"region": region}, "USD",
                         f"Chip sales, {region}, mean of three months",
                         month, value, known_at)
        for (region, against), value in release.growth.items():
            self.observe("sia_chip_sales_growth_percent",
                         {"region": region, "against": against}, "percent",
                         f"Growth of chip sales, {region}, against a {against}"
                         " before", release.month, value, known_at)

    def observe(self, metric, labels, unit, title, month, value, known_at):
        id = " ".join((metric, *labels.values()))
        if id not in self.defined:
            self.defined.add(id)
            self.out.series(id, metric=metric, labels=labels, unit=unit,
                            frequency="monthly", title=title,
                            vintage_kind="NATIVE", source_name=SOURCE_NAME)
        self.out.observe(id, month, value, known_at)
        self.observed += 1

    def checkpoint(self):
        self.out.checkpoint(state=answers.state_text(
            self.request, releases={**self.known, **self.read_now}
            if len(self.known) < 300 else self.read_now,
            world=dict(sorted(self.world.items())[-MONTHS_KEPT:])))


def read(request, out):
    Reader(request, out).read()


def check(request):
    reader = Reader(request, None)
    return f"the feed holds {len(reader.feed())} releases on sales"


hp.run(hp.Plugin(
    name="sia",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads chip sales from the press releases of the SIA.",
    read=read, check=check,
    options=[
        hp.Option("releases", "Addresses of older releases on SIA's site, for "
                  "the history."),
        hp.Option("base_url", "SIA's site.", "https://www.semiconductors.org"),
    ],
    hosts=["www.semiconductors.org"],
    terms=hp.Terms(
        "forbidden", "The figures are WSTS's, (c) SIA and WSTS: for your own "
        "use.", "https://www.semiconductors.org"),
    default_schedule="0 21 1-12 * *",
))

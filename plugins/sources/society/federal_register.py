#!/usr/bin/python3
"""Rules of US agencies from the Federal Register: candidates for events.

Of each agency the documents of some types are read, by default the rules of the
Bureau of Industry and Security (BIS), who controls exports. Each document is a
value of 1 on the day of its publication, so that acts can be counted, searched
and taken over as events; what it means is for people to judge.

Series, daily, with the labels agency, document (its number) and kind; and
target, "CHN" where title or abstract name China, Hong Kong or Macau:
  policy_act             1 on the day of publication
  policy_act_effective   1 on the day from which it has effect, where told
Title and abstract are the series' title and description. Kinds, by the title:
  entity_list_addition, entity_list_removal, entity_list_revision (both or
  neither is named), unverified_list, military_end_user, chips (computing and
  semiconductor items), sanctions (Russia, Belarus, Iran, ...), other

The series are NATIVE, known since the end of the day of publication; what is
shown before it, for public inspection, since it was seen. Each read asks again
for DAYS_BACK days, for documents that were added late; nothing is withdrawn,
for the Register corrects by further documents. The service shows no more than
2,000 documents of a search: a narrower `since` or `term` is then asked for.

    source {
      name: "bis-rules"
      plugin: "federal-register"
      # pipeline: schedule {
      #   cron: "30 9 * * 1-5" time_zone: "America/New_York" }
      config { key: "agencies" value: "industry-and-security-bureau=BIS" }
      config { key: "term" value: "\\"entity list\\"" }
      config { key: "since" value: "2018-01-01" }
    }
"""

import datetime
import re
import urllib.parse

import answers
import headway_plugin as hp

EXAMPLE = "industry-and-security-bureau=BIS"
TYPES = ("RULE", "PRORULE", "NOTICE", "PRESDOCU")
DAYS_BACK = 45
EARLIEST = "1994-01-01"
ROWS_A_PAGE = 1000
MOST_SHOWN = 2000
MOST_PAGES = 20
FIELDS = ("title", "publication_date", "document_number", "effective_on",
          "type", "html_url", "abstract")
SOURCE_NAME = "Federal Register (public domain)"
MOST_TEXT = 600

ADDS = re.compile(r"\badd(ition|s|ed|ing)?", re.I)
REMOVES = re.compile(r"\bremov", re.I)
CHINA = re.compile(r"\b(China|Chinese|Hong Kong|Macau)\b", re.I)
# The first that a title fits.
KINDS = (
    ("entity_list", re.compile(r"entity list", re.I)),
    ("unverified_list", re.compile(r"unverified list", re.I)),
    ("military_end_user", re.compile(r"military.{0,20}end.?user", re.I)),
    ("chips", re.compile(r"comput|semiconductor|integrated circuit|artificial "
                         r"intelligence|\bAI\b|\bchips?\b", re.I)),
    ("sanctions", re.compile(r"sanction|russia|belarus|iran\b|nicaragua|burma|"
                             r"venezuela|cuba", re.I)),
)


def kind_of(title):
    kind = next((name for name, form in KINDS if form.search(title)), "other")
    if kind != "entity_list":
        return kind
    adds, removes = ADDS.search(title), REMOVES.search(title)
    if adds and not removes and not re.search(r"revision|modif", title, re.I):
        return "entity_list_addition"
    return ("entity_list_removal" if removes and not adds
            else "entity_list_revision")


def since_option(request):
    text = request.option("since")
    try:
        hp.parse_period(text, "daily")
    except hp.PluginError as e:
        raise hp.ConfigError(f"option since: {e}") from None
    if text < EARLIEST:
        raise hp.ConfigError(f"option since = {text}: the Register's service "
                             f"begins with {EARLIEST}")
    return text


def short(text):
    """One line without HTML, cut at a word."""
    text = " ".join(re.sub(r"<[^>]*>", " ", text or "").split())
    if len(text) <= MOST_TEXT:
        return text
    return text[:MOST_TEXT].rsplit(" ", 1)[0] + " …"


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.agencies = answers.pairs_option(request, "agencies", EXAMPLE)
        self.since = since_option(request)
        self.types = request.list_option("types")
        for name in self.types:
            if name not in TYPES:
                raise hp.ConfigError(f'option types: "{name}" is none of '
                                     + ", ".join(TYPES))
        self.base = answers.base_url(request)
        self.http = hp.Http()

    def address(self, agency, since):
        question = [("conditions[agencies][]", agency)]
        question += [("conditions[type][]", name) for name in self.types]
        if self.request.option("term"):
            question.append(("conditions[term]", self.request.option("term")))
        question += [("conditions[publication_date][gte]", since),
                     ("order", "oldest"), ("per_page", str(ROWS_A_PAGE))]
        question += [("fields[]", name) for name in FIELDS]
        return f"{self.base}/documents.json?" + urllib.parse.urlencode(
            question)

    def read(self):
        for agency, label in self.agencies.items():
            self.read_agency(agency, label)

    def read_agency(self, agency, label):
        last = answers.last_state(self.request, agency)
        since, through = self.since, last.get("through", "")
        if through:
            back = datetime.date.fromisoformat(through) - datetime.timedelta(
                days=DAYS_BACK)
            since = max(self.since, back.isoformat())
        days = {}  # document -> day, of all pages
        url = self.address(agency, since)
        with answers.known_form(url):
            for documents, url in self.pages(url):
                for document in documents:
                    self.deliver(document, label, days, url)
                # The end of the list alone says how far it was read.
                self.checkpoint(agency, through)
        if days:
            self.checkpoint(agency, max([through, *days.values()]))
        new = sum(day > through for day in days.values())
        self.out.info(f"{agency}: {len(days)} documents since {since}, "
                      + (f"{new} of them published after {through}" if through
                         else "read for the first time")
                      if days else f"{agency}: no documents since {since}")

    def checkpoint(self, agency, through):
        self.out.checkpoint(stream=agency, state=answers.state_text(
            self.request, through=through))

    def pages(self, url):
        """Yields (documents, address) of each page; the pages together must
        hold as many documents as the first of them says."""
        asked, came, promised = set(), 0, None
        while url:
            if url in asked or len(asked) == MOST_PAGES:
                raise hp.PluginError(f"{url}: the pages do not end; after "
                                     f"{len(asked)} this one comes again")
            asked.add(url)
            answer = answers.json_answer(self.http.get(url).body, url)
            count = answers.field(answer, "count", url)
            promised = count if promised is None else promised
            if count > MOST_SHOWN:
                raise hp.ConfigError(
                    f"{url}: {count} documents, and the service shows "
                    f"{MOST_SHOWN}; choose a later `since`, a `term` or fewer "
                    "`types`")
            documents = answer.get("results") or []
            came += len(documents)
            yield documents, url
            url = self.following(answer, url)
        if came < promised:
            raise hp.TransientError(f"the Register promised {promised} "
                                    f"documents and sent {came}")

    def following(self, answer, url):
        following = answer.get("next_page_url")
        if following and urllib.parse.urlsplit(following)[:2] != (
                urllib.parse.urlsplit(self.base)[:2]):
            raise hp.PluginError(f"{url}: the next page is on another host, "
                                 f"{following}, which is not trusted")
        return following

    def deliver(self, document, agency, days, url):
        number = str(answers.field(document, "document_number", url))
        what = f"{url}: document {number}"
        day = answers.field(document, "publication_date", what)
        title = short(answers.field(document, "title", what))
        answers.check_plausible(day, self.request, what)
        if number in days:
            self.out.warn(f"{what} is listed again")
            return
        days[number] = day
        labels = {"agency": agency, "document": number,
                  "kind": kind_of(title)}
        if CHINA.search(f'{title} {document.get("abstract") or ""}'):
            labels["target"] = "CHN"
        known_at = min(hp.parse_instant(day, self.request.now),
                       self.request.now)
        dates = {"policy_act": day,
                 "policy_act_effective": document.get("effective_on")}
        for metric, date in dates.items():
            if not date:
                continue
            id = f"{metric} {number}"
            self.out.series(
                id, metric=metric, labels=labels, frequency="daily", unit="1",
                title=title, vintage_kind="NATIVE",
                description=short(document.get("abstract")),
                source_name=f'{SOURCE_NAME}, {document.get("html_url", "")}')
            self.out.batch(id, {date: 1}, known_at)


def read(request, out):
    Reader(request, out).read()


def check(request):
    reader = Reader(request, None)
    agency = next(iter(reader.agencies))
    url = reader.address(agency, reader.since)
    count = answers.field(answers.json_answer(
        reader.http.get(url).body, url), "count", url)
    return f"{agency}: {count} documents since {reader.since}"


hp.run(hp.Plugin(
    name="federal-register",
    version="1.0",
    evidence=("recorded", "2026-08-22"),
    summary="Reads rules of US agencies from the Federal Register.",
    read=read, check=check,
    options=[
        hp.Option("agencies", "The Register's names of agencies and the label "
                  f"that each gets: {EXAMPLE}.", EXAMPLE),
        hp.Option("types", f"Of {', '.join(TYPES)}.", "RULE"),
        hp.Option("term", "Words that a document holds, such as \"entity "
                  "list\" with its quotes; empty: all documents."),
        hp.Option("since", "The first day of publication.", "2018-01-01"),
        hp.Option("base_url", "The Register's API.",
                  "https://www.federalregister.gov/api/v1"),
    ],
    hosts=["www.federalregister.gov"],
    limits=[hp.Limit("www.federalregister.gov", per_second=1)],
    terms=hp.Terms(
        "allowed", "Works of the US government, in the public domain.",
        "https://www.federalregister.gov/reader-aids"),
    default_schedule="30 14 * * 1-5",
))

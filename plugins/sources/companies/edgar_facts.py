"""EDGAR's tables of facts without regions: of one company (companyfacts, or
companyconcept where one tag is wanted), and of one tag and quarter over all
companies (frames)."""

import datetime
import difflib
import re

import answers
import edgar_filing as filing
import edgar_service as service
import headway_plugin as hp

# Half a quarter: what stands at its end belongs to the quarter of its middle.
HALF_QUARTER = datetime.timedelta(days=45)
UNITS = {"USD": "USD", "shares": "share", "USD/shares": "USD/share",
         "pure": "1", "CNY": "CNY", "EUR": "EUR", "TWD": "TWD", "JPY": "JPY"}
# A quarter's frame changes while its companies still report it.
FRAMES_REREAD = 4

CONCEPT = re.compile(r"(?:(?P<metric>[A-Za-z_][A-Za-z0-9_]*)=)?"
                     r"(?P<tags>[A-Za-z0-9_:|-]+?)(?P<instant>@instant)?")


class Concept:
    """METRIC=Tag|Tag: the tags that one quantity has had, the preferred
    first."""

    def __init__(self, text):
        match = CONCEPT.fullmatch(text)
        if match is None:
            raise hp.ConfigError(
                f'option concepts: "{text}" is not Tag, METRIC=Tag|OtherTag '
                "or, for frames of what stands at a day, METRIC=Tag@instant")
        self.tags = [tag for tag in match["tags"].split("|") if tag]
        self.instant = bool(match["instant"])
        self.metric = match["metric"] or "company_" + re.sub(
            r"(?<=[a-z0-9])(?=[A-Z])", "_", filing.local(self.tags[0])).lower()


def concepts_of(request):
    concepts = [Concept(c) for c in request.list_option("concepts")]
    metrics = [c.metric for c in concepts]
    for metric in metrics:
        if metrics.count(metric) > 1:
            raise hp.ConfigError(f"option concepts names {metric} twice; write "
                                 "the tags of one quantity as Tag|OtherTag")
    if not concepts:
        raise hp.ConfigError("option concepts names none; write tags of XBRL, "
                             "such as ResearchAndDevelopmentExpense")
    return concepts


def qualified(tag):
    taxonomy, _, name = tag.rpartition(":")
    return taxonomy or "us-gaap", name


# ---- Of one company ---------------------------------------------------------


def read_company(edgar, request, out, ticker, company, concepts):
    """Delivers the concepts of a company; returns how many were found."""
    state = answers.last_state(request, ticker)
    tables, document = _tables(edgar, company, concepts)
    if state.get("document") == document:
        out.info(f"{company.name}: the facts are unchanged")
        out.checkpoint(ticker, answers.state_text(request, **state))
        return len(concepts)
    found = 0
    for concept in concepts:
        rows = []
        for rank, tag in enumerate(concept.tags):
            table = tables.get(qualified(tag))
            if table is not None:
                unit, of_tag = _rows(table, f"{company.name}: {tag}")
                rows += [(row, unit, -rank) for row in of_tag]
        if not rows:
            names = [name for _, name in tables]
            near = difflib.get_close_matches(
                qualified(concept.tags[0])[1], names, 1)
            out.warn(f"{company.name} has filed no {' or '.join(concept.tags)}"
                     + (f"; the nearest tag is {near[0]}" if near else ""))
            continue
        _deliver(request, out, ticker, company, concept, rows)
        found += 1
    out.checkpoint(ticker, answers.state_text(request, document=document))
    return found


def _tables(edgar, company, concepts):
    """({(taxonomy, tag): table}, hash)."""
    tags = [tag for concept in concepts for tag in concept.tags]
    if len(tags) == 1:
        taxonomy, name = qualified(tags[0])
        url = (f"{edgar.base}/api/xbrl/companyconcept/CIK{company.cik:010}/"
               f"{taxonomy}/{name}.json")
        try:
            table, document = edgar.json(url)
        except service.NotThere:
            return {}, ""
        return {(taxonomy, name): table}, document
    url = f"{edgar.base}/api/xbrl/companyfacts/CIK{company.cik:010}.json"
    answer, document = edgar.json(url)
    return {(taxonomy, name): table
            for taxonomy, tags in answers.field(answer, "facts", url).items()
            for name, table in tags.items()}, document


def _rows(table, where):
    """(the unit, the rows) of a tag; dollars where there are several units."""
    units = answers.field(table, "units", where)
    known = [u for u in units if u in UNITS]
    if not known:
        raise hp.PluginError(f"{where}: none of the units {', '.join(units)} "
                             "is known; known are " + ", ".join(UNITS))
    unit = "USD" if "USD" in known else known[0]
    return UNITS[unit], units[unit]


def _deliver(request, out, ticker, company, concept, rows):
    """A vintage for each day of filing: what it says that differs from what
    was known before."""
    where = f"{company.name}: {concept.metric}"
    unit = rows[0][1]
    id = f"{ticker} {concept.metric}"
    out.series(id, metric=concept.metric, labels={"company": company.name},
               frequency="quarterly", unit=unit,
               title=f"{company.name}, {', '.join(concept.tags)}",
               vintage_kind="NATIVE", source_name="SEC EDGAR, XBRL facts of "
               "filings (public domain)")
    by_day = {}
    for row, row_unit, rank in sorted(rows, key=lambda r: r[2]):
        if row_unit == unit:
            day = by_day.setdefault(answers.field(row, "filed", where), {})
            end = answers.field(row, "end", where)
            day[(row.get("start", ""), end)] = answers.field(row, "val", where)
    spans, before = {}, {}
    for day in sorted(by_day):
        spans.update(by_day[day])
        after = _quarters(spans)
        send(out, id, before, after, hp.parse_instant(day, request.now))
        before = after


def _quarters(spans):
    flows = {span: value for span, value in spans.items() if span[0]}
    stocks = {span: value for span, value in spans.items() if not span[0]}
    found = {quarter_of_end(end): (value, False)
             for (_, end), value in sorted(stocks.items())}
    found.update(filing.quarters(flows))
    return found


def quarter_of_end(text):
    return hp.period_of("quarterly", datetime.date.fromisoformat(text)
                        - HALF_QUARTER)


def send(out, id, before, after, known_at):
    """A batch of what differs between two {period: (value, derived)}; returns
    how much that is."""
    changed = {p: v for p, v in sorted(after.items()) if before.get(p) != v}
    if changed:
        out.batch(id, {p: value for p, (value, _) in changed.items()},
                  known_at, statuses={p: "ESTIMATED" for p, (_, derived)
                                      in changed.items() if derived})
    return len(changed)


# ---- Of one quarter ---------------------------------------------------------


def read_frames(edgar, request, out, concept, since, wanted):
    """Delivers a tag over companies, quarter by quarter; `wanted` is {CIK:
    name}, empty for all filers."""
    stream = "frames " + concept.metric
    state = answers.last_state(request, stream)
    seen = state.get("frames", {})
    taxonomy, tag = qualified(concept.tags[0])
    quarters = quarters_between(since, request.now.date())
    values, names, changed = {}, {}, 0
    for index, (year, quarter) in enumerate(quarters):
        frame = f"CY{year}Q{quarter}" + ("I" if concept.instant else "")
        if frame in seen and index < len(quarters) - FRAMES_REREAD:
            continue
        url = f"{edgar.base}/api/xbrl/frames/{taxonomy}/{tag}/USD/{frame}.json"
        try:
            answer, document = edgar.json(url)
        except service.NotThere:
            out.info(f"{tag}: EDGAR has no frame {frame}")
            continue
        if seen.get(frame) == document:
            continue
        seen[frame] = document
        changed += 1
        for row in answers.field(answer, "data", url):
            cik = answers.field(row, "cik", url)
            if not wanted or cik in wanted:
                names[cik] = wanted.get(cik) or answers.field(
                    row, "entityName", url)
                values.setdefault(cik, {})[f"{year}-Q{quarter}"] = (
                    answers.field(row, "val", url))
    for cik in sorted(values):
        id = f"{concept.metric} {cik}"
        out.series(id, metric=concept.metric, frequency="quarterly",
                   labels={"company": names[cik], "cik": f"{cik:010}"},
                   unit="USD", title=f"{names[cik]}, {tag}",
                   source_name="SEC EDGAR, frames of XBRL facts (public "
                   "domain)")
        out.batch(id, values[cik])
    if not seen:
        raise hp.ConfigError(f"option concepts: EDGAR has no frame of {tag} "
                             f"since {since}; a tag of what stands at a day "
                             f"is written {tag}@instant")
    out.info(f"{tag}: {changed} frames are new or changed, of "
             f"{len(values)} companies")
    out.checkpoint(stream, answers.state_text(request, frames=seen))


def quarters_between(first, last):
    found = []
    year, quarter = first.year, (first.month + 2) // 3
    while (year, quarter) <= (last.year, (last.month + 2) // 3):
        found.append((year, quarter))
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)
    return found

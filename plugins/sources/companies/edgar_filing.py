"""The facts of a filing in inline XBRL, and which of them are China's revenue.

The inline document is XHTML with numbers as they are printed: `format` says
how, `scale` and `sign` what they are worth. A context is a span of days with
the members of the axes that it is cut by.
"""

import dataclasses
import datetime
import decimal
import difflib
import re

import headway_plugin as hp

# The names that the revenue of a whole company has had.
REVENUE_TAGS = (
    "RevenueFromContractWithCustomerExcludingAssessedTax", "Revenues",
    "SalesRevenueNet", "RevenueFromContractWithCustomerIncludingAssessedTax")
GEOGRAPHY = "StatementGeographicalAxis"
CHINA = re.compile(r"country:CN|[^:]+:China\w*")


@dataclasses.dataclass
class Fact:
    tag: str  # without its prefix
    span: tuple  # of the texts of its first and its last day
    dimensions: tuple  # of (axis, member)
    unit: str
    decimals: float
    value: float


def local(name):
    return name.rsplit("}", 1)[-1].rsplit(":", 1)[-1]


def facts_of(body, where):
    """The facts of a document that speak of a span of days."""
    root = hp.parse_xml(body, where)
    contexts, units, numbers = {}, {}, []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = local(element.tag)
        if name == "context":
            contexts[element.get("id")] = _context(element)
        elif name == "unit":
            units[element.get("id")] = "/".join(
                local(e.text or "") for e in element.iter()
                if local(e.tag) == "measure")
        elif name == "nonFraction":
            numbers.append(element)
    facts = []
    for element in numbers:
        reference = element.get("contextRef")
        if reference not in contexts:
            raise hp.PluginError(f"{where}: a fact names the context "
                                 f'"{reference}", which is not there')
        span, dimensions = contexts[reference]
        value = _value(element, where) if span else None
        if value is not None:
            unit = element.get("unitRef", "")
            facts.append(Fact(
                local(element.get("name", "")), span, dimensions,
                units.get(unit, unit).upper(), _decimals(element), value))
    return facts


def _context(element):
    start = end = None
    dimensions = []
    for part in element.iter():
        name = local(part.tag)
        text = "".join(part.itertext()).strip()
        if name == "startDate":
            start = text
        elif name == "endDate":
            end = text
        elif name in ("explicitMember", "typedMember"):
            dimensions.append((local(part.get("dimension", "")), text))
    return (start, end) if start and end else None, tuple(dimensions)


def _decimals(element):
    text = element.get("decimals", "")
    if text == "INF":
        return float("inf")
    try:
        return float(text)
    except ValueError:
        return float("-inf")


def _value(element, where):
    """What the printed number is worth; None where it says nothing."""
    if any(local(name) == "nil" for name in element.attrib):
        return None
    text = "".join("".join(element.itertext()).split())
    form = local(element.get("format", "")).replace("-", "").lower()
    if form in ("zerodash", "fixedzero", "numdash"):
        return 0.0
    if form in ("numcommadecimal", "numcommadot"):
        text = text.replace(".", "").replace(",", ".")
    try:
        value = decimal.Decimal(text.replace(",", "").strip("()")).scaleb(
            int(element.get("scale") or "0"))
    except (decimal.InvalidOperation, ValueError):
        return None  # a number in words; those of revenue are in figures
    return float(-value if element.get("sign") == "-" else value)


@dataclasses.dataclass
class Revenue:
    """{span: USD}, in all and of China, as one filing has them."""

    total: dict
    china: dict
    members: list  # those of China that the filing cuts by


def revenue_of(facts, where):
    plain = [f for f in facts if not f.dimensions and f.unit.endswith("USD")]
    regional = [f for f in facts if len(f.dimensions) == 1
                and f.dimensions[0][0] == GEOGRAPHY
                and f.unit.endswith("USD") and f.tag in REVENUE_TAGS]
    members = sorted({f.dimensions[0][1] for f in regional
                      if CHINA.fullmatch(f.dimensions[0][1])})
    # country:CN comes first: other names may cut China again.
    member = "country:CN" if "country:CN" in members else (members or [None])[0]
    china, tag = _by_span([f for f in regional
                           if f.dimensions[0][1] == member], REVENUE_TAGS)
    # The tag that is cut by regions is that of the whole.
    tags = tuple(dict.fromkeys((*([tag] if tag else []), *REVENUE_TAGS)))
    total, _ = _by_span(plain, tags)
    for span, value in china.items():
        if value > total.get(span, value):
            raise hp.PluginError(
                f"{where}: China's revenue of {span[0]} to {span[1]} is "
                f"{value:.0f}, that of the whole {total[span]:.0f}")
    return Revenue(total, china, members)


def _by_span(facts, tags):
    """({span: value}, the first tag that has any). Of several facts of a span
    the most exact counts, for text repeats them rounded."""
    found, first_tag = {}, None
    for tag in reversed(tags):
        exact = {}
        for fact in facts:
            if fact.tag == tag and fact.decimals >= exact.get(
                    fact.span, fact).decimals:
                exact[fact.span] = fact
        if exact:
            first_tag = tag
            found.update({s: f.value for s, f in exact.items()})
    return found, first_tag


def no_revenue(facts, where):
    """The error of a report in which no revenue is found."""
    tags = sorted({f.tag for f in facts if not f.dimensions})
    near = difflib.get_close_matches(REVENUE_TAGS[0], tags, 1, 0.4) or (
        difflib.get_close_matches("Revenues", tags, 1, 0.4))
    return hp.PluginError(
        f"{where}: none of {', '.join(REVENUE_TAGS)} has a value for the whole "
        f"company among {len(facts)} facts"
        + (f"; the nearest tag is {near[0]}" if near else ""))


# ---- Spans ------------------------------------------------------------------

# The days in what companies report of: 13 or 14 weeks, three months, and so on.
LENGTHS = {"quarter": (80, 100), "half": (165, 200), "nine": (255, 290),
           "year": (350, 380)}


def kind_of(span):
    days = (_day(span[1]) - _day(span[0])).days + 1
    for name, (low, high) in LENGTHS.items():
        if low <= days <= high:
            return name
    return None


def _day(text):
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise hp.PluginError(f'"{text}" is not a date such as '
                             "2026-07-26") from None


def calendar_period(span, frequency):
    """The calendar quarter or year that holds the middle day of a span."""
    start, end = _day(span[0]), _day(span[1])
    return hp.period_of(frequency, start + (end - start) // 2)


def with_differences(values):
    """{span: (value, whether it is a difference)}: what is reported, and what
    follows: the fourth quarter is the year less nine months, and so on, in up
    to three steps. What is reported is never replaced."""
    known = {span: (value, False) for span, value in values.items()
             if kind_of(span)}
    for _ in range(3):
        found = {}
        for whole, (a, _) in known.items():
            for part, (b, _) in known.items():
                rest = _rest(whole, part)
                if rest and rest not in known and kind_of(rest) not in (
                        None, "year"):
                    found.setdefault(rest, (a - b, True))
        if not found:
            break
        known.update(found)
    return known


def _rest(whole, part):
    """What a span has beyond one that begins or ends with it."""
    if whole[0] == part[0] and part[1] < whole[1]:
        return _moved(part[1], 1), whole[1]
    if whole[1] == part[1] and whole[0] < part[0]:
        return whole[0], _moved(part[0], -1)
    return None


def _moved(text, days):
    return (_day(text) + datetime.timedelta(days=days)).isoformat()


def quarters(values):
    """{calendar quarter: (value, whether it is a difference)}."""
    spans = [(derived, span[1], span, value) for span, (value, derived)
             in with_differences(values).items() if kind_of(span) == "quarter"]
    # Of two in one calendar quarter a reported one counts, then the later.
    spans.sort(key=lambda s: (not s[0], s[1]))
    return {calendar_period(span, "quarterly"): (value, derived)
            for derived, _, span, value in spans}


def years(values):
    """{calendar year: (value, False)}."""
    return {calendar_period(span, "annual"): (value, False)
            for span, value in sorted(values.items(), key=lambda v: v[0][1])
            if kind_of(span) == "year"}

"""What several sources share: the state of a checkpoint, documents that are
not what was asked for, names that have changed, months, tables of HTML."""

import contextlib
import datetime
import difflib
import html.parser
import json
import re
import traceback

import headway_plugin as hp

# The newest period may be dated ahead by so much: time zones, early releases.
DAYS_AHEAD = 31


# ---- Checkpoints ------------------------------------------------------------


def last_state(request, stream="", of_any_options=False):
    """The state that `state_text` made, {} where there is none or, but for
    of_any_options, where the options have changed since."""
    try:
        state = json.loads(request.checkpoint(stream) or "{}")
    except ValueError:
        return {}  # of another version
    if not isinstance(state, dict):
        return {}
    is_same = state.get("fingerprint") == request.fingerprint
    return state if is_same or of_any_options else {}


def state_text(request, **fields):
    """The same fields give the same bytes."""
    return json.dumps({"fingerprint": request.fingerprint, **fields},
                      sort_keys=True)


# ---- Options ----------------------------------------------------------------


def pairs_option(request, name, example, required=True):
    """{left: right} of an option such as "2330=TSMC,2303=UMC"."""
    pairs = {}
    for part in request.list_option(name):
        left, equals, right = (p.strip() for p in part.partition("="))
        if not (left and equals and right):
            raise hp.ConfigError(f'option {name}: "{part}" is not of the form '
                                 f"{example}")
        if left in pairs:
            raise hp.ConfigError(f'option {name} names "{left}" twice')
        pairs[left] = right
    if required and not pairs:
        raise hp.ConfigError(f"option {name} is empty; write {example}")
    return pairs


def month_option(request, name, earliest):
    """The month of an option such as 2016-01, or None where it is empty."""
    text = request.option(name)
    if not text:
        return None
    try:
        hp.parse_period(text, "monthly")
    except hp.PluginError as e:
        raise hp.ConfigError(f"option {name}: {e}") from None
    if text < earliest:
        raise hp.ConfigError(f"option {name} = {text}: the publisher has "
                             f"nothing before {earliest}")
    return text


def choice_option(request, name, choices):
    if request.option(name) not in choices:
        raise hp.ConfigError(f'option {name} = "{request.option(name)}" is '
                             "none of " + ", ".join(filter(None, choices)))
    return request.option(name)


def whole_number(request, name, least=1):
    text = request.option(name)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise hp.ConfigError(f'option {name} = "{text}" is not a whole number '
                             f"of {least} or more")
    return int(text)


def base_url(request, name="base_url"):
    return request.option(name).rstrip("/")


# ---- Months, as "2026-08" ---------------------------------------------------


def next_month(month, steps=1):
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + steps
    return f"{count // 12:04}-{count % 12 + 1:02}"


def check_plausible(period, request, what):
    """A period far ahead of the clock is a mistake of the document."""
    _, first_day = hp.parse_period(period)
    limit = request.now.date() + datetime.timedelta(days=DAYS_AHEAD)
    if first_day > limit:
        raise hp.PluginError(f"{what}: the period {period} lies in the future;"
                             " the document has changed its form")


# ---- Documents --------------------------------------------------------------


@contextlib.contextmanager
def known_form(what):
    """What reads an answer within: a text where a list should be, and the
    like, is an error that names the answer."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as e:
        traceback.print_exc()
        raise hp.PluginError(
            f"{what}: the answer has another form than the one that is known: "
            f"{type(e).__name__}: {e}") from None


def page_title(text):
    match = re.search(r"<title[^>]*>(.*?)</title", text, re.I | re.S)
    return " ".join(match[1].split()) if match else ""


def is_html(text):
    return bool(re.match(r"\s*(<!doctype html|<html|<head|<body)", text, re.I))


def json_answer(body, what):
    """The JSON in a body; a page of HTML in its place is named."""
    text = body.decode("utf-8-sig", "replace")
    if is_html(text):
        raise hp.PluginError(
            f"{what}: a page of HTML, \"{page_title(text)[:100]}\", in place "
            "of JSON; look at the address in a browser: it may want a key, "
            "block programs or have moved")
    return hp.parse_json(text, what)


def nearest(name, names):
    """"; the nearest name there is …", for an error."""
    names = [str(n) for n in names if n]
    found = difflib.get_close_matches(name, names, 1, 0.4)
    if found:
        return f'; the nearest name there is "{found[0]}"'
    return f"; there are {', '.join(names[:40])}" if names else ""


def field(record, name, what):
    """A field of a JSON object; one that is missing is named."""
    if not isinstance(record, dict):
        raise hp.PluginError(f'{what}: {hp.beginning(json.dumps(record))} '
                             f'stands where an object with "{name}" should')
    if name not in record:
        raise hp.PluginError(f'{what}: no field "{name}"'
                             + nearest(name, record))
    return record[name]


def number(text, what):
    """A number as publishers write it: 1,234.5; None for nothing or a dash."""
    if text is None:
        return None
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    cleaned = str(text).replace(",", "").replace("\u2212", "-").strip()
    if cleaned in ("", "-", "--", "N/A", "NA", ".", ".."):
        return None
    try:
        value = float(cleaned)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise hp.PluginError(f'{what}: "{text}" is not a number')
    return value


# ---- Tables of HTML ---------------------------------------------------------


class _Tables(html.parser.HTMLParser):
    """Rows of cells of each table, [text, columns, rows]; cells and rows need
    not be closed. A table within a cell is a table of its own."""

    def __init__(self):
        super().__init__()
        self.tables = []
        self._open = []

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self._open.append([])
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open:
            if not self._open[-1]:
                self._open[-1].append([])
            spans = dict(attrs)
            self._open[-1][-1].append(
                ["", _span(spans.get("colspan")), _span(spans.get("rowspan"))])

    def handle_endtag(self, tag):
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data):
        if self._open and self._open[-1] and self._open[-1][-1]:
            self._open[-1][-1][-1][0] += data


def _span(text):
    # A publisher's mistake must not make a table of millions of cells.
    return min(int(text), 100) if (text or "").isdigit() and text != "0" else 1


def html_tables(text):
    """Each table as rows of texts; a cell that spans several columns or rows
    is repeated in each of them, texts have single spaces."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    return [_grid(table) for table in parser.tables]


def _grid(table):
    rows = []
    hanging = {}  # column -> [rows left, text]
    for cells in table:
        row, waiting = [], list(cells)
        while waiting or len(row) in hanging:
            column = len(row)
            if column in hanging:
                hanging[column][0] -= 1
                row.append(hanging[column][1])
                if not hanging[column][0]:
                    del hanging[column]
                continue
            text, columns, depth = waiting.pop(0)
            text = " ".join(text.split())
            for _ in range(columns):
                if depth > 1:
                    hanging[len(row)] = [depth - 1, text]
                row.append(text)
        rows.append(row)
    return rows

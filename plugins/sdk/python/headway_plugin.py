"""The Headway plugin SDK for Python: one file, standard library only.

    #!/usr/bin/python3
    import headway_plugin as hp

    def read(request, out):
        text = hp.Http().get(request.option("url")).text()
        out.series("moons", metric="moons", frequency="annual", unit="1")
        for row in hp.csv_rows(text, "moons.csv"):
            out.observe("moons", row["year"], float(row["count"]))
        out.checkpoint(complete=True)

    hp.run(hp.Plugin(
        name="moons", version="1", summary="Counts moons.", read=read,
        options=[hp.Option("url", "Address of the table.", required=True)]))

A forecasting model is a plugin, too:

    #!/usr/bin/python3
    import statistics
    import headway_plugin as hp

    def forecast(series, ask):
        steps = [b - a for a, b in zip(series.values, series.values[1:])]
        spread = statistics.pstdev(steps or [0])
        return [hp.normal(series.values[-1], spread * h ** 0.5, ask)
                for h in range(1, ask.horizon + 1)]

    hp.run(hp.Plugin(name="walk", version="1", summary="A random walk.",
                     forecast=forecast))

A plugin is an executable file in a plugins directory. Put this file beside it,
not executable: Python finds it there, and the daemon does not take it for a
plugin. The protocol is proto/headway/plugin/v1/plugin.proto. To see what a
plugin says:
    echo '{"config": {"url": "file:///data/moons.csv"}}' | ./moons read
"""

import base64
import contextlib
import csv
import dataclasses
import datetime
import difflib
import email.utils
import hashlib
import http.client
import io
import json
import math
import os
import random
import re
import statistics
import sys
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree
import zipfile
import zlib

PROTOCOL_VERSION = 1
MAX_STATE_BYTES = 64 << 10
# How firm a value is, as its publisher says.
STATUSES = ("FINAL", "PROVISIONAL", "PARTIAL", "ESTIMATED", "BREAK")


# ---- Errors: the class decides what the daemon does with a failure ----------


class PluginError(Exception):
    """A defect of the plugin, or an answer it does not understand."""

    error_class = "SYSTEM"
    retry_after = None


class ConfigError(PluginError):
    """The configuration or a secret is wrong: shown, not retried."""

    error_class = "CONFIG"


class TransientError(PluginError):
    """The publisher or the network: retried, not before retry_after seconds."""

    error_class = "TRANSIENT"

    def __init__(self, message, retry_after=None):
        super().__init__(message)
        self.retry_after = retry_after


# ---- Periods ----------------------------------------------------------------

_PERIOD_FORMS = {
    "annual": re.compile(r"\d{4}"),
    "semiannual": re.compile(r"(\d{4})-S([12])"),
    "quarterly": re.compile(r"(\d{4})-Q([1-4])"),
    "monthly": re.compile(r"\d{4}-(0[1-9]|1[0-2])"),
    "weekly": re.compile(r"(\d{4})-W(\d{2})"),
    "daily": re.compile(r"\d{4}-\d{2}-\d{2}"),
}


def parse_period(text, frequency=None):
    """Returns (frequency, first day) of "2024", "2024-S1", "2024-Q1",
    "2024-03", "2024-W09" or "2024-03-05"; a PluginError names what is wrong."""
    for name, form in _PERIOD_FORMS.items():
        match = form.fullmatch(text) if text.isascii() else None
        if match is None:
            continue
        if frequency is not None and name != frequency:
            raise PluginError(f'period "{text}" is {name}, not {frequency}')
        try:
            return name, _first_day(name, text, match)
        except ValueError as e:
            raise PluginError(f'period "{text}": {e}') from None
    raise PluginError(
        f'period "{text}": write 2024, 2024-S1, 2024-Q1, 2024-03, 2024-W09 or '
        "2024-03-05"
    )


def _first_day(frequency, text, match):
    year = int(text[:4])
    if not 1600 <= year <= 2400:
        raise ValueError("the year is not between 1600 and 2400")
    if frequency == "semiannual":
        return datetime.date(year, 6 * int(match[2]) - 5, 1)
    if frequency == "quarterly":
        return datetime.date(year, 3 * int(match[2]) - 2, 1)
    if frequency == "weekly":
        return datetime.date.fromisocalendar(year, int(match[2]), 1)
    return datetime.date.fromisoformat((text + "-01-01")[:10])


def period_of(frequency, day):
    """The text of the period of `frequency` that contains the date `day`."""
    if frequency == "annual":
        return f"{day.year:04}"
    if frequency == "semiannual":
        return f"{day.year:04}-S{(day.month + 5) // 6}"
    if frequency == "quarterly":
        return f"{day.year:04}-Q{(day.month + 2) // 3}"
    if frequency == "monthly":
        return f"{day.year:04}-{day.month:02}"
    if frequency == "weekly":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    if frequency == "daily":
        return day.isoformat()
    raise PluginError(f'unknown frequency "{frequency}"')


def parse_instant(text, now=None):
    """An RFC 3339 instant, or a date, which means the end of that day in UTC:
    when in its course something became known is not told. With `now`, the time
    of the read, a day that is not over means that."""
    try:
        value = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise PluginError(
            f'"{text}" is neither a date nor an RFC 3339 instant'
        ) from None
    if value.tzinfo is not None:
        return value.astimezone(datetime.timezone.utc)
    if len(text) > 10:
        raise PluginError(f'"{text}": add the time zone, such as Z')
    begin = value.replace(tzinfo=datetime.timezone.utc)
    end = begin + datetime.timedelta(days=1, microseconds=-1)
    return now if now is not None and begin <= now < end else end


# ---- Readers ----------------------------------------------------------------


def nearest(name, names):
    """The name that is most like `name`, or None if none is: for what was
    mistyped, or is called otherwise by now."""
    folded = {each.casefold(): each for each in names}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


class MissingColumn(PluginError, KeyError):
    """A table has no column of this name."""

    def __str__(self):
        return str(self.args[0])  # KeyError would quote it


class Row(dict):
    """A row of a table by column; `line` is where it begins, from 1. A column
    that is not there is a MissingColumn, which names the nearest."""

    line = 0
    table = "the table"

    def __missing__(self, column):
        meant = nearest(str(column), self)
        raise MissingColumn(
            f'{self.table}:{self.line}: there is no column "{column}"; '
            + (f'the nearest is "{meant}"' if meant else
               "there are " + ", ".join(self)))


def csv_rows(text, name, delimiter=",", max_cell_bytes=1 << 20):
    """Yields a Row for each record of RFC 4180 CSV: quoted cells of several
    lines, any line ends, a byte order mark. `name` stands for the text in
    errors. The header is read at the first step."""
    csv.field_size_limit(max_cell_bytes)
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter,
                        strict=True)
    header = None
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as e:
            raise PluginError(f"{name}:{line}: {e}") from None
        first_line, line = line, reader.line_num + 1
        if not cells:
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            if len(set(header)) != len(header):
                twice = next(c for c in header if header.count(c) > 1)
                raise PluginError(
                    f'{name}:{first_line}: the header names column "{twice}" '
                    "twice")
            continue
        if len(cells) != len(header):
            raise PluginError(
                f"{name}:{first_line}: the row has {len(cells)} cells, the "
                f"header {len(header)}")
        row = Row(zip(header, cells))
        row.line = first_line
        row.table = name
        yield row
    if header is None:
        raise PluginError(f"{name}:1: is empty; a header is needed")


def parse_json(text, what):
    try:
        return json.loads(text)
    except ValueError:
        raise PluginError(
            f"{what}: not JSON, or cut short after {len(text)} bytes; it "
            f"begins with {beginning(text)}") from None


def parse_xml(body, what):
    """The root Element. A document that declares entities is refused."""
    if b"<!ENTITY" in body:
        raise PluginError(f"{what}: XML that declares entities is not read")
    try:
        return xml.etree.ElementTree.fromstring(body)
    except xml.etree.ElementTree.ParseError as e:
        raise PluginError(
            f"{what}: not XML: {e}; it begins with {beginning(body)}"
        ) from None


def open_zip(body, what, max_bytes=256 << 20):
    """A ZipFile whose members come to no more than max_bytes."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except zipfile.BadZipFile as e:
        raise PluginError(
            f"{what}: not a ZIP archive ({e}); it begins with "
            f"{beginning(body)}") from None
    size = sum(member.file_size for member in archive.infolist())
    if size > max_bytes:
        raise PluginError(f"{what}: unpacks to {size} bytes, more than "
                          f"{max_bytes}")
    return archive


_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = ("{http://schemas.openxmlformats.org/officeDocument/2006/"
             "relationships}id")


def xlsx_rows(body, sheet=None, what="workbook"):
    """The rows of a sheet (by name; the first by default) as lists of str,
    float, bool or None. Dates are serial numbers: see xlsx_date."""
    try:
        return _xlsx_rows(open_zip(body, what), sheet, what)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as e:
        raise PluginError(f"{what}: not as XLSX has it: {e!r}") from None


def _xlsx_rows(archive, sheet, what):
    def part(path):
        try:
            return parse_xml(archive.read(path), f"{what}: {path}")
        except KeyError:
            raise PluginError(f"{what}: not an XLSX file: no {path}") from None

    sheets = {e.get("name"): e.get(_RELATION)
              for e in part("xl/workbook.xml").iter(_SHEET + "sheet")}
    name = sheet if sheet is not None else next(iter(sheets), None)
    if name not in sheets:
        raise PluginError(f'{what}: no sheet "{name}"; there are '
                          + ", ".join(sheets))
    targets = {e.get("Id"): e.get("Target")
               for e in part("xl/_rels/workbook.xml.rels")}
    target = targets[sheets[name]].removeprefix("/xl/")
    shared = []
    if "xl/sharedStrings.xml" in archive.namelist():
        shared = [_all_text(e) for e in
                  part("xl/sharedStrings.xml").iter(_SHEET + "si")]
    return [_xlsx_row(row, shared)
            for row in part("xl/" + target).iter(_SHEET + "row")]


def _all_text(element):
    return "".join(e.text or "" for e in element.iter(_SHEET + "t"))


def _xlsx_row(row, shared):
    cells = []
    for cell in row.iter(_SHEET + "c"):
        column = 0
        for letter in re.match("[A-Z]*", cell.get("r", ""))[0]:
            column = 26 * column + ord(letter) - ord("A") + 1
        # A cell need not say where it is: then it follows the last one.
        cells.extend([None] * (column - 1 - len(cells)))
        cells.append(_xlsx_cell(cell, shared))
    return cells


def _xlsx_cell(cell, shared):
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _all_text(cell)
    text = cell.findtext(_SHEET + "v")
    if text is None or kind == "e":
        return None
    if kind == "s":
        return shared[int(text)]
    if kind == "b":
        return text == "1"
    return float(text) if kind == "n" else text


def xlsx_date(serial):
    """The date of a serial number in the 1900 system."""
    return datetime.date(1899, 12, 30) + datetime.timedelta(days=int(serial))


def beginning(text, length=120):
    """How a text begins, on one line, for an error."""
    if isinstance(text, bytes):
        text = text[:length + 1].decode("utf-8", "replace")
    return json.dumps(text[:length], ensure_ascii=False) + (
        "…" if len(text) > length else "")


# ---- HTTP -------------------------------------------------------------------

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
# Says where an answer came from that was redirected, in its headers and so in
# its recording.
_FINAL_URL = "headway-url"
# What may go along to another host: it says how to answer, not who asks.
_HARMLESS_HEADERS = ("accept", "accept-language", "content-type",
                     "if-none-match", "if-modified-since")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclasses.dataclass
class Response:
    status: int
    headers: dict  # names in lower case
    body: bytes
    url: str = ""  # where it came from, without secrets

    def text(self):
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as e:
            raise PluginError(f"the response is not UTF-8: {e}") from None

    def json(self, what="response"):
        return parse_json(self.text(), what)


@dataclasses.dataclass
class Limit:
    """How many requests a publisher allows, 0 for any number: of all plugins
    of a daemon together that declare its host."""

    host: str
    per_second: int = 0
    per_minute: int = 0
    per_day: int = 0

    def windows(self):
        """The (seconds, requests) that are limited."""
        return [(seconds, requests) for seconds, requests in (
            (1, self.per_second), (60, self.per_minute),
            (86400, self.per_day)) if requests]


@dataclasses.dataclass
class _Serving:
    """What the client knows of the plugin that this process serves. `run` fills
    it in."""

    hosts: list = dataclasses.field(default_factory=list)
    limits: list = dataclasses.field(default_factory=list)
    secrets: list = dataclasses.field(default_factory=list)
    # When each host was asked, for a process without a daemon.
    asked: dict = dataclasses.field(default_factory=dict)


_serving = _Serving()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def content_hash(body):
    return hashlib.sha256(body).hexdigest()


def url_with(url, parameters):
    """The address with these parameters in its query, in place of those of the
    same names."""
    parts = urllib.parse.urlsplit(url)
    kept = _query_without(parts.query, parameters)
    added = urllib.parse.urlencode(parameters, doseq=True)
    query = "&".join(part for part in (kept, added) if part)
    return urllib.parse.urlunsplit(parts._replace(query=query))


def _query_without(query, names):
    # As it was written: what a publisher signed must not be encoded anew.
    return "&".join(
        part for part in query.split("&")
        if part and urllib.parse.unquote_plus(part.split("=")[0]) not in names)


def _url_without(url, names):
    parts = urllib.parse.urlsplit(url)
    query = _query_without(parts.query, names)
    if not names or query == parts.query:
        return url
    return urllib.parse.urlunsplit(parts._replace(query=query))


def _authority(url):
    """The (host, port) of an address of http or https."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError as e:
        raise ConfigError(f"{url}: not an address: {e}") from None
    return (parts.hostname or "").rstrip("."), port


def _is_same_host(a, b):
    """Whether what one address may be told the other may be, too."""
    here, there = _authority(a), _authority(b)
    return here == there or (here[0] == there[0]
                             and (here[1], there[1]) == (80, 443))


def _host_fits(rule, host, port):
    """Whether HOST, HOST:PORT or *.DOMAIN is the host, as the daemon sees it."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d+))?", rule.strip())
    if match is None:
        return False
    name = match[1].strip("[]").lower()
    if port not in ((int(match[2]),) if match[2] else (80, 443)):
        return False
    return name == host or name.startswith("*.") and host.endswith(name[1:])


def _hosts_of(plugin, options):
    """Those that the plugin declares, its options name or its operator
    allows."""
    allowed = os.environ.get("HEADWAY_ALLOW_HOSTS", "")
    hosts = list(plugin.hosts) + [h for h in allowed.split(",") if h]
    for value in options.values():
        if value.startswith(("https://", "http://")):
            host, port = _authority(value)
            hosts.append(f"[{host}]:{port}" if ":" in host
                         else f"{host}:{port}")
    return hosts


def _user_agent():
    contact = os.environ.get("HEADWAY_CONTACT", "")
    if not contact:
        return "headway/0.1"
    if not (contact.isascii() and contact.isprintable()) or set(contact) & {
            "(", ")"}:
        raise ConfigError(
            f"HEADWAY_CONTACT is {contact!r}; write an address of mail or of a "
            "page in ASCII, without parentheses")
    return f"headway/0.1 (+{contact})"


@dataclasses.dataclass
class _Call:
    """One request. `url` and `body` are without secrets: they stand in errors
    and recordings."""

    method: str
    url: str
    headers: dict
    secret_headers: dict
    secret_parameters: dict
    accepted: set
    body: bytes = None
    sent_body: bytes = None  # with secrets
    secrets: tuple = ()  # what must appear nowhere

    def __post_init__(self):
        # A publisher's next address may name what it was asked with.
        self.url = _url_without(self.url, self.secret_parameters)
        if not self.secrets:
            self.secrets = tuple(
                str(value) for value in (*self.secret_headers.values(),
                                         *self.secret_parameters.values()))

    @property
    def key(self):
        """What tells it from other requests, for its recording."""
        if self.method == "GET":
            return self.url.encode()
        return f"{self.method} {self.url}\n".encode() + (self.body or b"")

    @property
    def sent_url(self):
        if not self.secret_parameters:
            return self.url
        return url_with(self.url, self.secret_parameters)

    def scrub(self, text):
        """The text without the secrets, percent-encoded ones, too."""
        for secret in (*self.secrets, *_serving.secrets):
            # Anything shorter is in any text.
            if len(secret) < 4:
                continue
            for form in (secret, urllib.parse.quote(secret, safe=""),
                         urllib.parse.quote_plus(secret)):
                text = text.replace(form, "***")
        return text

    def elsewhere(self, url):
        """The same request to another address, where secrets go along to the
        same host alone."""
        if _is_same_host(self.url, url):
            return dataclasses.replace(self, url=url)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() in _HARMLESS_HEADERS}
        return dataclasses.replace(
            self, url=_url_without(url, self.secret_parameters),
            headers=headers, secret_headers={}, secret_parameters={},
            sent_body=self.body)


def _post_body(body, json_value, form, secret_fields):
    """(type, body, body with the secrets) of a POST."""
    given = [x for x in (body, json_value, form) if x is not None]
    if len(given) != 1:
        raise PluginError("post needs one of body, json and form")
    if body is not None:
        if secret_fields:
            raise PluginError("secret_fields belong to a json or form of post, "
                              "and a body has none")
        body = body.encode() if isinstance(body, str) else body
        return "application/octet-stream", body, body
    if form is not None:
        encode, kind = urllib.parse.urlencode, (
            "application/x-www-form-urlencoded")
        value = dict(form)
    else:
        encode, kind = _compact_json, "application/json"
        value = json_value
    if not secret_fields:
        return kind, encode(value).encode(), encode(value).encode()
    if not isinstance(value, dict):
        raise PluginError("secret_fields need a json that is an object")
    return (kind, encode(value).encode(),
            encode({**value, **secret_fields}).encode())


def _compact_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"),
                      allow_nan=False)


class _Decoder:
    """Undoes a content coding, a piece at a time."""

    def __init__(self, url, coding):
        self._url = url
        self._coding = coding.strip().lower()
        self._unzip = None
        if self._coding in ("gzip", "x-gzip"):
            self._unzip = zlib.decompressobj(wbits=31)
        elif self._coding not in ("", "identity", "deflate"):
            raise PluginError(f"{url}: the body is encoded as {coding}, which "
                              "was not asked for")

    def decode(self, chunk, room):
        """At most `room` bytes of what it means."""
        if self._unzip is None and self._coding == "deflate":
            # Some send it without the head of zlib that the standard asks for.
            has_head = chunk[0] & 15 == 8 and (
                len(chunk) < 2 or (chunk[0] << 8 | chunk[1]) % 31 == 0)
            self._unzip = zlib.decompressobj(wbits=15 if has_head else -15)
        if self._unzip is None:
            return chunk
        out = self._unzip.decompress(chunk, room)
        while (self._unzip.eof and self._unzip.unused_data
               and self._coding != "deflate" and len(out) < room):
            # gzip may come in several members.
            rest = self._unzip.unused_data
            self._unzip = zlib.decompressobj(wbits=31)
            out += self._unzip.decompress(rest, room - len(out))
        return out

    @property
    def is_whole(self):
        return self._unzip is None or self._unzip.eof


class Http:
    """An HTTP client: careful with the publisher, with secrets and memory.

    It retries what may pass (no connection, a timeout, a body cut short, 408,
    425, 429 and 5xx) after a random part of a backoff that doubles, waits as
    long as Retry-After says up to max_retry_after, keeps min_interval seconds
    between requests and the limits that the plugin declares, and bounds the
    size of a response. Schemes: https, http (secrets go over it to the
    loopback only) and file. Certificates are always verified; a proxy of the
    environment (https_proxy, http_proxy, no_proxy) is used.

    A redirect is followed, five at most, to the same host or one of `hosts`
    (by default those that the plugin declares, its options name or its
    operator allows); another host is sent no secret and no header of the
    caller's but Accept and what makes the request conditional.

    user_agent is by default headway/0.1, with the operator's contact where
    HEADWAY_CONTACT has one.

    HEADWAY_HTTP_RECORD=DIR writes each response to DIR, HEADWAY_HTTP_REPLAY=DIR
    answers from there; the C++ SDK reads and writes the same files. The daemon
    sets the first to keep the documents of a pull, the second to replay one.
    Recordings hold no secrets.
    """

    def __init__(self, user_agent=None, timeout=90, max_attempts=4,
                 initial_backoff=1, max_backoff=30, max_retry_after=60,
                 min_interval=0, max_response_bytes=64 << 20,
                 sleep=time.sleep, clock=time.monotonic, seed=None,
                 hosts=None, limits=None):
        self.user_agent = user_agent or _user_agent()
        self.timeout = timeout
        self.max_attempts = max_attempts
        self.initial_backoff = initial_backoff
        self.max_backoff = max_backoff
        self.max_retry_after = max_retry_after
        # In a replay there is no publisher to be careful with.
        replay = "HEADWAY_HTTP_REPLAY" in os.environ
        self.min_interval = 0 if replay else min_interval
        self.max_response_bytes = max_response_bytes
        self._hosts = hosts
        self._limits = limits
        self._sleep = sleep
        self._clock = clock
        self._jitter = random.Random(seed)
        self._next_start = None
        self._opener = urllib.request.build_opener(_NoRedirect)

    def get(self, url, headers=None, secret_parameters=None, etag=None,
            last_modified=None, accept_statuses=(), secret_headers=None):
        """secret_parameters are added to the query when it is sent, as
        secret_headers are to the headers, and both appear in no error or
        recording. With etag or last_modified a status of 304 is returned, and
        those of accept_statuses; any other but 200 raises."""
        headers = dict(headers or {})
        accepted = {200, *accept_statuses}
        if etag:
            headers["If-None-Match"] = etag
            accepted.add(304)
        if last_modified:
            headers["If-Modified-Since"] = last_modified
            accepted.add(304)
        return self._fetch(_Call("GET", url, headers, secret_headers or {},
                                 secret_parameters or {}, accepted))

    def post(self, url, body=None, json=None, form=None, headers=None,
             secret_parameters=None, secret_headers=None, secret_fields=None,
             accept_statuses=()):
        """Asks with a body: bytes or text, a value that is sent as JSON, or the
        fields of a form. secret_fields are added to the JSON object or the form
        when it is sent. It is for asking: like a GET it may be sent again."""
        kind, body, sent = _post_body(body, json, form, secret_fields)
        headers = dict(headers or {})
        if "content-type" not in (name.lower() for name in headers):
            headers["Content-Type"] = kind
        secrets = [*(secret_headers or {}).values(),
                   *(secret_parameters or {}).values(),
                   *(secret_fields or {}).values()]
        return self._fetch(_Call(
            "POST", url, headers, secret_headers or {}, secret_parameters or {},
            {200, *accept_statuses}, body, sent, tuple(map(str, secrets))))

    def get_if_changed(self, url, checkpoint, fingerprint, **kwargs):
        """Returns (body, state): body is None if the document is what it was
        at `checkpoint`; state goes into the next checkpoint. `fingerprint`
        is request.fingerprint. Documents does so with several."""
        last = _state_of(checkpoint, fingerprint)
        response, validators = self._get_changed(url, last, kwargs)
        if validators is last:
            return None, checkpoint
        state = json.dumps({"fingerprint": fingerprint, **validators})
        return (response.body if response else None), state

    def _get_changed(self, url, last, kwargs):
        """The response, or None for a document that is what it was, and its
        validators: `last` itself where the server said so."""
        response = self.get(url, etag=last.get("etag"),
                            last_modified=last.get("last_modified"), **kwargs)
        if response.status == 304:
            return None, last
        validators = {
            "sha256": content_hash(response.body),
            "etag": response.headers.get("etag", ""),
            "last_modified": response.headers.get("last-modified", "")}
        same = last.get("sha256") == validators["sha256"]
        return (None if same else response), validators

    # -- Pages

    def pages_by_number(self, url, items, parameter="page", first=1, last=None,
                        max_pages=1000, **kwargs):
        """Yields the responses for parameter=1, 2, … up to the first page
        without items, or up to page `last`. `items` and `last` are paths into
        its JSON ("data.items"; see at) or functions of a response: the items
        of a page, and the number of the last one. A page that says what an
        earlier one said, and more than max_pages, are errors; a status of
        accept_statuses ends them. `kwargs` are those of get."""

        def following(response, number):
            return (None if last is not None
                    and first + number - 1 >= _number_at(response, last)
                    else url_with(url, {parameter: first + number}))

        return self._pages(url_with(url, {parameter: first}), following,
                           max_pages, kwargs, items)

    def pages_by_offset(self, url, size, items, parameter="offset",
                        size_parameter="limit", first=0, total=None,
                        max_pages=1000, **kwargs):
        """As pages_by_number, with parameter=0 and then the number of items
        that came so far, `size` at a time, up to the first page without items
        or up to `total` of them."""
        seen = [0]

        def following(response, number):
            seen[0] += len(_items_of(response, items))
            if total is not None and seen[0] >= _number_at(response, total):
                return None
            return url_with(url, {parameter: first + seen[0],
                                  size_parameter: size})

        return self._pages(
            url_with(url, {parameter: first, size_parameter: size}), following,
            max_pages, kwargs, items)

    def pages_by_cursor(self, url, cursor, parameter=None, max_pages=1000,
                        **kwargs):
        """As pages_by_number; `cursor`, a path or a function, finds in each
        page what the next is asked for with, as `parameter`, or without one
        the address of the next page. Without a cursor a page is the last."""

        def following(response, number):
            found = (cursor(response) if callable(cursor)
                     else at(response.json(response.url), cursor, None))
            if found in (None, "", False):
                return None
            if parameter is not None:
                return url_with(url, {parameter: found})
            return urllib.parse.urljoin(response.url, str(found))

        return self._pages(url, following, max_pages, kwargs)

    def pages_by_link(self, url, rel="next", max_pages=1000, **kwargs):
        """As pages_by_number; each page names the next in its Link header (RFC
        8288), and the last does not."""

        def following(response, number):
            for target, attributes in parse_links(
                    response.headers.get("link", "")):
                if rel in attributes.get("rel", "").lower().split():
                    return urllib.parse.urljoin(response.url, target)
            return None

        return self._pages(url, following, max_pages, kwargs)

    def _pages(self, url, following, max_pages, kwargs, items=None):
        asked, bodies = set(), {}
        for number in range(1, max_pages + 1):
            response = self.get(url, **kwargs)
            if response.status != 200 or (
                    items is not None and not _items_of(response, items)):
                return
            earlier = bodies.setdefault(content_hash(response.body), number)
            if earlier != number:
                raise PluginError(
                    f"{url}: page {number} is the same as page {earlier}; the "
                    "publisher does not heed what tells pages apart, or they "
                    "go round in a circle")
            asked.add(url)
            yield response
            there = following(response, number)
            if there is None:
                return
            there = _url_without(there, kwargs.get("secret_parameters") or {})
            if there in asked:
                raise PluginError(f"{url}: page {number} names {there} as the "
                                  "next, which was read before; the pages go "
                                  "round in a circle")
            if not _is_same_host(url, there):
                self._refuse_other_host(url, there, "the next page, ")
                kwargs = _kwargs_elsewhere(kwargs)
            url = there
        raise PluginError(
            f"{url}: there are more than {max_pages} pages; ask for larger "
            "ones or for less, or raise max_pages")

    # -- One request

    def _fetch(self, call):
        for attempt in range(1, self.max_attempts + 1):
            try:
                response = self._answer(call)
                if response.status not in call.accepted:
                    raise _status_error(call, response)
                return response
            except TransientError as e:
                # Full jitter: clients that failed together come back apart.
                wait = self._jitter.uniform(0, min(
                    self.initial_backoff * 2 ** (attempt - 1),
                    self.max_backoff))
                if e.retry_after is not None:
                    if e.retry_after > self.max_retry_after:
                        raise
                    wait = e.retry_after
                if attempt == self.max_attempts:
                    raise TransientError(f"{e} ({attempt} attempts)",
                                         e.retry_after) from None
                self._sleep(wait)
        raise AssertionError("unreachable")

    def _answer(self, call):
        replay = os.environ.get("HEADWAY_HTTP_REPLAY")
        if replay:
            return _replay(replay, call)
        scheme = urllib.parse.urlsplit(call.url).scheme
        if scheme == "file" and call.method == "GET":
            response = self._read_file(call.url)
        elif scheme in ("http", "https"):
            response = self._follow(call)
        else:
            raise ConfigError(
                f"{call.url}: not an address that can be read; write https://…,"
                " http://… or file:///absolute/path")
        record = os.environ.get("HEADWAY_HTTP_RECORD")
        if record:
            _record(record, call, response)
        return response

    def _follow(self, call):
        hop = call
        for _ in range(MAX_REDIRECTS + 1):
            response = self._exchange(hop)
            response.url = hop.url
            if hop is not call:
                response.headers[_FINAL_URL] = hop.url
            location = response.headers.get("location")
            if (response.status not in _REDIRECTS or not location
                    or response.status in call.accepted):
                return response
            hop = self._redirected(hop, response.status, location)
        raise ConfigError(
            f"{call.url}: is redirected more than {MAX_REDIRECTS} times, at "
            f"last to {hop.scrub(beginning(hop.url))}; check the address")

    def _redirected(self, hop, status, location):
        try:
            there = urllib.parse.urljoin(hop.url, location)
        except ValueError as e:
            raise PluginError(f"{hop.url}: HTTP {status}, a redirect to "
                              f"{beginning(hop.scrub(location))}: {e}"
                              ) from None
        # What it is asked with does not stand in errors.
        shown = hop.scrub(_url_without(location, hop.secret_parameters))
        what = f"HTTP {status}, a redirect to {beginning(shown)},"
        here = urllib.parse.urlsplit(hop.url).scheme
        if urllib.parse.urlsplit(there).scheme not in (here, "https"):
            raise ConfigError(f"{hop.url}: {what} is not followed, as it leads "
                              "away from " + here)
        if not _is_same_host(hop.url, there):
            self._refuse_other_host(hop.url, there, what + " ")
        moved = hop.elsewhere(there)
        if status in (307, 308) or hop.method == "GET":
            return moved
        # As browsers do: the answer to what was posted is there to be got.
        headers = {name: value for name, value in moved.headers.items()
                   if name.lower() != "content-type"}
        return dataclasses.replace(moved, method="GET", body=None,
                                   sent_body=None, headers=headers)

    def _refuse_other_host(self, url, there, what):
        host, port = _authority(there)
        # A client may be made before it is known what the plugin declares.
        hosts = _serving.hosts if self._hosts is None else self._hosts
        if not any(_host_fits(rule, host, port) for rule in hosts):
            raise ConfigError(
                f"{url}: {what}is not followed, for {host}:{port} is none of "
                "the hosts that the plugin declares; if it is trusted, add it "
                "to the plugin's hosts or the source's allow_host")

    def _exchange(self, hop):
        url = hop.url
        if (hop.sent_body != hop.body or hop.secret_parameters
                or hop.secret_headers):
            parts = urllib.parse.urlsplit(url)
            if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
                raise ConfigError(f"{url}: a secret is not sent over http; "
                                  "write https://")
        self._take_quota(_authority(url)[0])
        self._keep_distance()
        deadline = self._clock() + self.timeout
        try:
            request = urllib.request.Request(
                hop.sent_url, data=hop.sent_body, method=hop.method, headers={
                    "User-Agent": self.user_agent,
                    "Accept-Encoding": "gzip, deflate",
                    **hop.headers, **hop.secret_headers})
            with self._opener.open(request, timeout=self.timeout) as answer:
                return self._receive(url, answer, deadline)
        except urllib.error.HTTPError as answer:
            with answer:
                return self._receive(url, answer, deadline)
        except (OSError, http.client.HTTPException, zlib.error) as e:
            reason = getattr(e, "reason", e)
            if "CERTIFICATE_VERIFY_FAILED" in str(reason):
                raise ConfigError(
                    f"{url}: the server's certificate cannot be verified; "
                    "check the address and that ca-certificates is installed"
                ) from None
            raise TransientError(
                f"{url}: {str(reason) or type(reason).__name__}") from None
        except ValueError as e:  # http.client.InvalidURL among them
            raise ConfigError(
                f"{url}: not an address: {hop.scrub(str(e))}") from None

    def _receive(self, url, answer, deadline):
        headers = {}
        for name, value in answer.headers.items():
            # A header may come in several lines, such as Link.
            before = headers.get(name.lower())
            headers[name.lower()] = f"{before}, {value}" if before else value
        decoder = _Decoder(url, headers.get("content-encoding", ""))
        body = bytearray()
        received = 0
        while chunk := answer.read(1 << 16):
            received += len(chunk)
            if self._clock() > deadline:
                raise TransientError(f"{url}: not whole after {self.timeout} s")
            body += decoder.decode(chunk,
                                   self.max_response_bytes + 1 - len(body))
            self._bounded(url, body)
        # http.client does not complain about a body that ends early.
        promised = headers.get("content-length", "")
        if (promised.isdigit() and received < int(promised)
                or received and not decoder.is_whole):
            raise TransientError(f"{url}: the body is cut short after "
                                 f"{received} bytes")
        return Response(answer.status, headers, bytes(body))

    def _read_file(self, url):
        path = urllib.parse.unquote(url.removeprefix("file://"))
        if not path.startswith("/"):
            raise ConfigError(f"{url}: write file:///absolute/path; a host is "
                              "not allowed")
        try:
            with open(path, "rb") as file:
                body = file.read(self.max_response_bytes + 1)
        except OSError as e:
            raise ConfigError(
                f"{url}: cannot read the file: {e.strerror}") from None
        return Response(200, {}, bytes(self._bounded(url, body)), url)

    def _bounded(self, url, body):
        if len(body) > self.max_response_bytes:
            raise PluginError(
                f"{url}: the response is larger than "
                f"{self.max_response_bytes} bytes, the limit; ask for less at "
                "a time")
        return body

    # -- How often

    def _keep_distance(self):
        now = self._clock()
        if self._next_start is not None and self._next_start > now:
            self._sleep(self._next_start - now)
            now = self._next_start
        self._next_start = now + self.min_interval

    def _take_quota(self, host):
        limits = _serving.limits if self._limits is None else self._limits
        limit = next((x for x in limits if x.host.lower() == host), None)
        if limit is None:
            return
        keeper = os.environ.get("HEADWAY_QUOTA")
        wait = (self._ask_keeper(keeper, host) if keeper
                else self._take_own(limit))
        if wait > self.max_retry_after:
            raise TransientError(f"{host}: the plugin's limit on requests is "
                                 "used up", wait)
        if wait > 0:
            self._sleep(wait)

    def _take_own(self, limit):
        """The seconds until the next request, which it counts unless they are
        too many."""
        now = self._clock()
        times = [t for t in _serving.asked.get(limit.host, ())
                 if t > now - 86400]
        start = max([now] + [times[-n] + seconds for seconds, n in
                             limit.windows() if len(times) >= n])
        if start - now <= self.max_retry_after:
            times.append(start)
        _serving.asked[limit.host] = times
        return start - now

    def _ask_keeper(self, keeper, host):
        """The same of the daemon, which counts for all its plugins."""
        address = keeper + "/take?" + urllib.parse.urlencode(
            {"host": host, "requests": 1,
             "longest_wait": self.max_retry_after})
        try:
            with self._opener.open(address, timeout=self.timeout) as answer:
                return float(answer.read(100))
        except urllib.error.HTTPError as answer:
            with answer:
                said = answer.read(1000).decode("utf-8", "replace").strip()
            if answer.code == 429:
                raise TransientError(said, parse_retry_after(
                    answer.headers.get("retry-after"))) from None
            raise PluginError(f"{host}: {said}") from None
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise TransientError(f"{host}: the daemon does not say how often "
                                 f"it may be asked: {e}") from None


class Documents:
    """Several documents of which each is read only when it has changed, and the
    state of all of them for one checkpoint.

        documents = hp.Documents(hp.Http(), request.checkpoint(),
                                 request.fingerprint)
        response = documents.get(url)  # None if it is what it was
        …
        out.checkpoint(state=documents.state())

    Those that were not asked for since are forgotten."""

    def __init__(self, http, checkpoint, fingerprint):
        self._http = http
        self._fingerprint = fingerprint
        self._last = _state_of(checkpoint, fingerprint).get("documents", {})
        self._now = {}
        self.changed = False

    def get(self, url, **kwargs):
        key = content_hash(url.encode())[:16]
        response, self._now[key] = self._http._get_changed(
            url, self._last.get(key, {}), kwargs)
        self.changed |= response is not None
        return response

    def get_all(self, urls, **kwargs):
        """The responses for all the addresses, or None if every one is what it
        was and none has gone: what is delivered whole needs those that did not
        change, too."""
        urls = list(urls)
        found = {url: self.get(url, **kwargs) for url in urls}
        self.changed |= set(self._now) != set(self._last)
        if not self.changed:
            return None
        for url in urls:
            if found[url] is None:
                found[url], self._now[content_hash(url.encode())[:16]] = (
                    self._http._get_changed(url, {}, kwargs))
        return [found[url] for url in urls]

    def state(self):
        text = _compact_json({"fingerprint": self._fingerprint,
                              "documents": self._now})
        if len(text.encode()) > MAX_STATE_BYTES:
            raise PluginError(
                f"the state of {len(self._now)} documents has "
                f"{len(text.encode())} bytes, more than {MAX_STATE_BYTES}; "
                "spread them over several streams")
        return text


def _state_of(checkpoint, fingerprint):
    """The object in a checkpoint; {} for that of another version or options."""
    try:
        state = json.loads(checkpoint or "{}")
    except ValueError:
        return {}
    if not isinstance(state, dict) or state.get("fingerprint") != fingerprint:
        return {}
    return state


_NO_DEFAULT = object()


def at(value, path, default=_NO_DEFAULT):
    """What stands in parsed JSON at a path of names and numbers: "data.0.id".
    A PluginError names the part that is not there; with a default only the last
    may be missing."""
    parts = path.split(".") if isinstance(path, str) else list(path)
    for depth, part in enumerate(parts):
        try:
            value = value[int(part) if isinstance(value, list) else part]
        except (KeyError, IndexError, TypeError, ValueError):
            if (default is not _NO_DEFAULT and depth == len(parts) - 1
                    and isinstance(value, (dict, list))):
                return default
            names = list(value) if isinstance(value, dict) else []
            meant = nearest(str(part), names)
            raise PluginError(
                f'there is no "{part}" of "{path}" in the answer'
                + (f'; did you mean "{meant}"?' if meant else "")) from None
    return value


def _items_of(response, items):
    found = (items(response) if callable(items)
             else at(response.json(response.url), items))
    if not hasattr(found, "__len__"):
        raise PluginError(f"{response.url}: the items of the page are "
                          f"{found!r}, not a list")
    return found


def _number_at(response, where):
    found = (where(response) if callable(where)
             else at(response.json(response.url), where))
    try:
        return int(found)
    except (TypeError, ValueError):
        raise PluginError(f"{response.url}: {where} is {found!r}, not a "
                          "number") from None


def _kwargs_elsewhere(kwargs):
    """Those of get, for another host."""
    headers = {name: value for name, value in (
        kwargs.get("headers") or {}).items()
        if name.lower() in _HARMLESS_HEADERS}
    return {**kwargs, "headers": headers, "secret_headers": None,
            "secret_parameters": None}


_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*"
                   r'(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)\s*(?:,|$)')
_LINK_ATTRIBUTE = re.compile(r';\s*([^\s=;,]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"'
                             r'|([^\s;,"]*)))?')


def parse_links(value):
    """The (target, attributes) of a Link header (RFC 8288)."""
    links = []
    for match in _LINK.finditer(value):
        attributes = {}
        for name, quoted, plain in _LINK_ATTRIBUTE.findall(match[2]):
            # Of one that comes twice the first counts.
            attributes.setdefault(name.lower().rstrip("*"),
                                  re.sub(r"\\(.)", r"\1", quoted) or plain)
        links.append((match[1].strip(), attributes))
    return links


def parse_retry_after(value, now=None):
    """Seconds, from seconds or an HTTP date; None if it is neither."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at_time = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if at_time.tzinfo is None:
        at_time = at_time.replace(tzinfo=datetime.timezone.utc)
    now = now or datetime.datetime.now(datetime.timezone.utc)
    return max(0.0, (at_time - now).total_seconds())


def _status_error(call, response):
    body = f"saying {beginning(response.body)}" if response.body else (
        "with no text")
    what = f"{call.url}: HTTP {response.status}"
    status = response.status
    if status in (408, 425, 429) or status >= 500:
        return TransientError(
            f"{what} {body}",
            parse_retry_after(response.headers.get("retry-after")))
    if status in (401, 403):
        return ConfigError(f"{what} {body}; the server wants a (valid) key, or "
                           "does not let this client in")
    if status in (404, 410):
        return ConfigError(f"{what}; there is nothing there, check the address")
    if 300 <= status < 400:
        return ConfigError(f"{what}, a redirect that leads nowhere; check the "
                           "address")
    return PluginError(f"{what} {body}")


def _recording_path(directory, call):
    return os.path.join(directory, content_hash(call.key)[:16] + ".json")


def _record(directory, call, response):
    recording = {
        "url": call.scrub(call.url), "status": response.status,
        "headers": {name: call.scrub(value)
                    for name, value in response.headers.items()
                    if not name.startswith("set-cookie")}}
    if call.body is not None:
        recording["request"] = call.scrub(call.body.decode("utf-8", "replace"))
    try:
        recording["body"] = response.body.decode("utf-8")
    except UnicodeDecodeError:
        recording["body_base64"] = base64.b64encode(response.body).decode()
    path = _recording_path(directory, call)
    try:
        # Whole or not at all: others may read the directory meanwhile.
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(recording, file, indent=1, ensure_ascii=False)
        os.replace(path + ".part", path)
    except OSError as e:
        # The answer is good whether or not it can be recorded.
        print(f"{path}: cannot write the recording: {e.strerror}",
              file=sys.stderr)
        with contextlib.suppress(OSError):
            os.remove(path + ".part")


def _replay(directory, call):
    path = _recording_path(directory, call)
    try:
        with open(path, encoding="utf-8") as file:
            recording = parse_json(file.read(), path)
    except OSError:
        raise PluginError(f"{call.url}: no recording at {path}") from None
    if "body" in recording:
        body = recording["body"].encode()
    else:
        body = base64.b64decode(recording["body_base64"])
    headers = recording["headers"]
    return Response(recording["status"], headers, body,
                    headers.get(_FINAL_URL, call.url))


# ---- The conversation -------------------------------------------------------


@dataclasses.dataclass
class Option:
    name: str
    description: str
    default: str = ""
    required: bool = False
    # It holds the path of a file or directory, which the daemon then lets the
    # plugin read; for addresses (https://, http://, file://) it does anyway.
    is_path: bool = False


@dataclasses.dataclass
class Secret:
    name: str
    description: str
    required: bool = False


@dataclasses.dataclass
class Terms:
    """On what terms the publisher gives the numbers away: `sharing` is
    "allowed" or "forbidden" (they are for whoever has them from the publisher,
    and the daemon does not show them to others), `summary` says it in one
    sentence, `url` is the publisher's page that does."""

    sharing: str
    summary: str
    url: str


@dataclasses.dataclass
class Plugin:
    """read(request, out) delivers a source; forecast(series, ask) serves as a
    model, and answers with one of what `Ask` names. At least one of the two is
    given. discover(request, out), if given, defines
    the series that read can deliver; without it `read` runs, and only its
    definitions are kept. check(request), if given, asks the publisher a little
    and returns what it found; without it `discover` is tried if it is given,
    else the configuration alone is checked. `hosts` are those that the plugin
    reaches, "HOST", "HOST:PORT" or "*.DOMAIN", besides those in its options;
    `limits`, one Limit each, say how often a publisher may be asked. A plugin
    that needs_contact is not run where the operator gives none: its publisher
    wants to know who asks. `evidence` says by what you know that the plugin
    reads what the publisher sends, ("recorded", "2026-11-30"): tried on answers
    recorded that day, or ("documented", ...): written from documentation of
    that day. `terms` are those on which the publisher gives its numbers."""

    name: str
    version: str
    summary: str
    read: object = None
    options: list = dataclasses.field(default_factory=list)
    secrets: list = dataclasses.field(default_factory=list)
    hosts: list = dataclasses.field(default_factory=list)
    default_schedule: str = ""
    discover: object = None
    check: object = None
    forecast: object = None
    limits: list = dataclasses.field(default_factory=list)
    needs_contact: bool = False
    evidence: tuple = ()
    terms: Terms = None


@dataclasses.dataclass
class Request:
    """What the daemon asks. `fingerprint` changes with the plugin's version
    and its options; `now` is an aware datetime."""

    source: str
    options: dict
    checkpoints: dict
    now: datetime.datetime
    fingerprint: str

    def option(self, name):
        return self.options[name]

    def list_option(self, name):
        return [p.strip() for p in self.options[name].split(",") if p.strip()]

    def secret(self, name):
        return os.environ.get(name, "")

    def checkpoint(self, stream=""):
        return self.checkpoints.get(stream, "")


@dataclasses.dataclass
class Series:
    """A series to forecast: `values`, oldest first, of `periods`; `positions`
    are the steps at which they stand, from 0, and one left out is a missing
    value. `season` is the steps in a cycle, 1 for none; `lower` and `upper` are
    the bounds of values and forecast, or None; `ahead` are the periods asked
    for."""

    id: str
    values: list
    periods: list
    positions: list
    ahead: list
    frequency: str = "monthly"
    unit: str = ""
    season: int = 1
    labels: dict = dataclasses.field(default_factory=dict)
    lower: float = None
    upper: float = None

    def filled(self):
        """The values of all steps, missing ones on the line between those next
        to them."""
        filled = []
        for (left, a), (right, b) in zip(
                zip(self.positions, self.values),
                zip(self.positions[1:], self.values[1:])):
            filled += [a + (b - a) * i / (right - left)
                       for i in range(right - left)]
        return filled + self.values[-1:]

    def clip(self, value):
        """The value, or the bound that it lies beyond."""
        if self.lower is not None:
            value = max(value, self.lower)
        return value if self.upper is None else min(value, self.upper)


@dataclasses.dataclass
class Ask:
    """What is asked of each series. The answer is a list of `horizon` rows, each
    the quantiles at `probabilities`, or Paths, or Steps where a point of its
    own, a model's name or notes belong to it. `seed` seeds what is drawn at
    random; `paths` are wanted where paths are given, 100 at least. `request`
    has the options."""

    horizon: int
    probabilities: list
    seed: int = 1
    paths: int = 1000
    request: object = None


@dataclasses.dataclass
class Steps:
    quantiles: list  # [horizon][probability]
    point: list = None
    mean: list = None
    model: str = ""
    notes: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Paths:
    paths: list  # [path][horizon]
    model: str = ""
    notes: list = dataclasses.field(default_factory=list)


def normal(mean, deviation, ask):
    """The quantiles of a normal distribution at the probabilities asked for."""
    if not deviation > 0:
        return [mean] * len(ask.probabilities)
    law = statistics.NormalDist(mean, deviation)
    return [law.inv_cdf(p) for p in ask.probabilities]


_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class Writer:
    """What a plugin says while it reads. Mistakes raise a PluginError."""

    def __init__(self, emit, secrets=(), definitions_only=False):
        self._emit = emit
        self._secrets = [s for s in secrets if len(s) >= 4]
        self._definitions_only = definitions_only
        self._known = {}  # id -> (frequency, vintage kind)
        self._observed = {}  # (id, known_at) -> {period: value}
        self._unsaved = False

    @property
    def series_count(self):
        return len(self._known)

    def series(self, id, metric, frequency, unit, labels=None, title="",
               description="", vintage_kind="OBSERVED", release_lag_days=None,
               source_name=""):
        """Defines a series. `id` is its name within this conversation;
        vintage_kind is NATIVE, OBSERVED or ASSUMED (with release_lag_days)."""
        if id in self._known:
            raise PluginError(f"{id}: the series is defined twice")
        for name in (metric, *(labels or {})):
            if not _NAME.fullmatch(name):
                raise PluginError(f'{id}: "{name}" is not a name: letters, '
                                  "digits and _, not a digit first")
        if frequency not in _PERIOD_FORMS:
            raise PluginError(f'{id}: unknown frequency "{frequency}"')
        self._known[id] = (frequency, vintage_kind)
        message = {"id": id, "metric": metric, "labels": labels or {},
                   "frequency": frequency.upper(), "unit": unit,
                   "title": title, "description": description,
                   "vintageKind": vintage_kind, "sourceName": source_name}
        if vintage_kind == "ASSUMED":
            message["releaseLag"] = f"{round((release_lag_days or 0) * 86400)}s"
        self._emit({"series": message})

    def observe(self, series, period, value, known_at=None, status="FINAL"):
        """One value; kept until the checkpoint. known_at, an aware datetime,
        is for NATIVE series. status is one of STATUSES."""
        values, statuses = self._observed.setdefault((series, known_at),
                                                     ({}, {}))
        if period in values:
            raise PluginError(f"{series}: period {period} occurs twice")
        values[period] = value
        if status != "FINAL":
            statuses[period] = status

    def batch(self, series, values, known_at=None, snapshot=False,
              withdrawn=(), statuses=None):
        """`values` by period, as known at one instant. With snapshot they are
        the whole series. `statuses`, by period, of values that are not
        FINAL."""
        statuses = statuses or {}
        if series not in self._known:
            raise PluginError(f"{series}: no such series was defined")
        frequency, kind = self._known[series]
        if (kind == "NATIVE") != (known_at is not None):
            raise PluginError(f"{series}: known_at is for NATIVE series, and "
                              "they need it")
        for period in (*values, *withdrawn):
            parse_period(period, frequency)
        for period, value in values.items():
            if not math.isfinite(value):
                raise PluginError(f"{series}: the value at {period} is {value},"
                                  " not a number")
        for period, status in statuses.items():
            if status not in STATUSES:
                raise PluginError(f"{series}: the status of {period} is "
                                  f"{status!r}; write {', '.join(STATUSES)}")
            if period not in values:
                raise PluginError(f"{series}: {period} has a status and no "
                                  "value")
        message = {"series": series, "periods": list(values),
                   "values": list(values.values())}
        if known_at is not None:
            message["knownAt"] = _timestamp(known_at)
        if snapshot:
            message["snapshot"] = True
        if statuses:
            message["statuses"] = [statuses.get(period, "FINAL")
                                   for period in values]
        if withdrawn:
            message["withdrawnPeriods"] = list(withdrawn)
        self._unsaved = True
        self._emit_data({"observations": message})

    def checkpoint(self, stream="", state="", complete=False, known_at=None):
        """What was written since the last checkpoint is stored with this one.
        complete: the stream was delivered whole; what it left out is withdrawn,
        as of known_at or of the time of the read."""
        for (series, at), (values, statuses) in sorted(
                self._observed.items(), key=lambda item: (
                    item[0][0], item[0][1].timestamp() if item[0][1] else 0)):
            self.batch(series, values, at, statuses=statuses)
        self._observed.clear()
        if len(state.encode()) > MAX_STATE_BYTES:
            raise PluginError(f'the state of checkpoint "{stream}" is longer '
                              f"than {MAX_STATE_BYTES} bytes; keep a hash of it")
        message = {"stream": stream, "state": state, "complete": complete}
        if known_at is not None:
            message["knownAt"] = _timestamp(known_at)
        self._emit_data({"checkpoint": message})
        self._unsaved = False

    def progress(self, done, total=0, message=""):
        self._emit({"progress": {"done": done, "total": total,
                                 "message": self._redacted(message)}})

    def info(self, message):
        self._log("INFO", message)

    def warn(self, message):
        self._log("WARNING", message)

    def fail(self, error):
        message = {"class": error.error_class,
                   "message": self._redacted(str(error))}
        if error.retry_after is not None:
            message["retryAfter"] = f"{error.retry_after:.3f}s"
        self._emit({"error": message})

    def finish(self):
        if self._unsaved or self._observed:
            raise PluginError("values follow the last checkpoint and would be "
                              "lost; end with a call of checkpoint")

    def _log(self, level, message):
        self._emit({"log": {"level": level,
                            "message": self._redacted(message)}})

    def _emit_data(self, message):
        if not self._definitions_only:
            self._emit(message)

    def _redacted(self, text):
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text


def _timestamp(instant):
    return instant.astimezone(datetime.timezone.utc).isoformat().replace(
        "+00:00", "Z")


def _describe(plugin):
    return {
        "name": plugin.name, "version": plugin.version,
        "protocolVersion": PROTOCOL_VERSION, "summary": plugin.summary,
        "config": [{"name": o.name, "description": o.description,
                    "required": o.required, "defaultValue": o.default,
                    **({"kind": "PATH"} if o.is_path else {})}
                   for o in plugin.options],
        "secrets": [dataclasses.asdict(s) for s in plugin.secrets],
        "hosts": plugin.hosts, "defaultSchedule": plugin.default_schedule,
        **({"forecasts": True} if plugin.forecast else {}),
        **({"needsContact": True} if plugin.needs_contact else {}),
        **({"limits": [_describe_limit(limit) for limit in plugin.limits]}
           if plugin.limits else {}),
        **({"terms": _terms(plugin.terms)} if plugin.terms else {}),
        **({"evidence": _evidence(*plugin.evidence)}
           if plugin.evidence else {})}


def _describe_limit(limit):
    return {"host": limit.host, "requestsPerSecond": limit.per_second,
            "requestsPerMinute": limit.per_minute,
            "requestsPerDay": limit.per_day}


def _terms(terms):
    if terms.sharing not in ("allowed", "forbidden"):
        raise ValueError(f'terms: sharing "{terms.sharing}" is neither '
                         '"allowed" nor "forbidden"')
    return {"sharing": terms.sharing.upper(), "summary": terms.summary,
            "url": terms.url}


def _evidence(kind, date):
    if kind not in ("recorded", "documented"):
        raise ValueError(f'evidence "{kind}" is neither "recorded" nor '
                         '"documented"')
    return {"kind": kind.upper(), "date": date}


def make_request(plugin, text, verb="read"):
    """The Request in a line of JSON, its options checked and completed."""
    message = parse_json(text, "standard input")
    options = {o.name: o.default for o in plugin.options}
    for name, value in message.get("config", {}).items():
        if name not in options:
            raise ConfigError(f'unknown option "{name}" of plugin '
                              f"{plugin.name}; it has "
                              + ", ".join(sorted(options)))
        options[name] = value
    for option in plugin.options:
        if option.required and not options[option.name]:
            raise ConfigError(f'option "{option.name}" is missing: '
                              + option.description)
    for secret in plugin.secrets:
        if secret.required and secret.name not in os.environ:
            raise ConfigError(f"the environment variable {secret.name} is not "
                              f"set: {secret.description}")
    if plugin.needs_contact and not os.environ.get("HEADWAY_CONTACT"):
        raise ConfigError(
            f"the publisher of plugin {plugin.name} wants to know who asks; "
            "set HEADWAY_CONTACT to an address of mail or of a page")
    now = datetime.datetime.now(datetime.timezone.utc)
    if "now" in message:
        # Python knows microseconds, the protocol nanoseconds.
        now = parse_instant(re.sub(r"(\.\d{6})\d+", r"\1", message["now"]))
    fingerprint = content_hash(
        json.dumps([plugin.version, options], sort_keys=True).encode())[:16]
    # Where the last read ended is no concern of `check` and `discover`.
    checkpoints = message.get("checkpoints", {}) if verb == "read" else {}
    return Request(message.get("source", ""), options, checkpoints, now,
                   fingerprint)


def _to_series(message):
    values = [float(v) for v in message.get("values", [])]
    return Series(
        message.get("id", ""), values, message.get("periods", []),
        message.get("positions") or list(range(len(values))),
        message.get("ahead", []),
        message.get("frequency", "MONTHLY").lower(), message.get("unit", ""),
        message.get("season", 1), message.get("labels", {}),
        message.get("lower"), message.get("upper"))


def _numbers(what, values):
    values = [float(v) for v in values]
    for value in values:
        if not math.isfinite(value):
            raise PluginError(f"{what} is {value}, not a finite number")
    return values


def _clipped(series, what, values):
    return [series.clip(v) for v in _numbers(what, values)]


def _forecast_message(series, ask, answer):
    """The SeriesForecast of what a model returned, moved into the bounds."""
    if not isinstance(answer, (Steps, Paths)):
        answer = Steps(answer)
    message = {"series": series.id, "model": answer.model,
               "notes": list(answer.notes)}
    if isinstance(answer, Paths):
        message["paths"] = [{"values": _clipped(series, "a path", path)}
                            for path in answer.paths]
        return message
    message["steps"] = []
    for h, row in enumerate(answer.quantiles):
        step = {"quantiles": _clipped(series, f"a quantile of step {h + 1}",
                                      row)}
        for name in ("point", "mean"):
            values = getattr(answer, name)
            if values is not None:
                step[name] = _clipped(series, f"the {name} of step {h + 1}",
                                      [values[h]])[0]
        message["steps"].append(step)
    return message


def _forecast(plugin, request, text, emit):
    table = parse_json(text, "standard input").get("table", {})
    ask = Ask(table.get("horizon", 1), table.get("probabilities", [0.5]),
              table.get("seed", 1), table.get("paths", 1000), request)
    for one in table.get("series", []):
        series = _to_series(one)
        try:
            message = _forecast_message(series, ask,
                                        plugin.forecast(series, ask))
        except ConfigError:
            raise
        except Exception as e:  # of this series alone
            traceback.print_exc()
            message = {"series": series.id,
                       "error": _what_and_where(e)}
        emit({"forecast": message})


def _answer(plugin, verb, text, writer, emit):
    if verb == "describe":
        emit({"description": _describe(plugin)})
        return
    request = make_request(plugin, text, verb)
    _serving.hosts = _hosts_of(plugin, request.options)
    _serving.limits = plugin.limits
    if verb == "forecast":
        _forecast(plugin, request, text, emit)
        return
    if verb == "check" and plugin.check:
        emit({"check": {"ok": True, "message": plugin.check(request)}})
        return
    if verb == "check" and not plugin.discover:
        # A whole read would be a lot to ask of a publisher for a question.
        emit({"check": {"ok": True, "message":
                        "the configuration is in order; the plugin has no "
                        "check of its own, so the publisher was not asked"}})
        return
    deliver = plugin.read
    if verb != "read" and plugin.discover:
        deliver = plugin.discover
    if verb == "check":
        writer = Writer(lambda message: None, definitions_only=True)
    deliver(request, writer)
    writer.finish()
    if verb == "check":
        emit({"check": {"ok": True,
                        "message": f"delivers {writer.series_count} series"}})


def _what_and_where(error):
    """An exception, with the line of the plugin in which it came about: neither
    one of this file nor one of Python's own."""
    what = f"{type(error).__name__}: {error}"
    library = os.path.dirname(os.__file__) + os.sep
    own = [frame for frame in traceback.extract_tb(error.__traceback__)
           if frame.filename != __file__
           and not frame.filename.startswith((library, "<frozen"))]
    if isinstance(error, PluginError) or not own:
        return what
    return (f"{what} ({os.path.basename(own[-1].filename)}, line "
            f"{own[-1].lineno}, in {own[-1].name})")


def run(plugin):
    """The whole of main: answers the verb in argv[1] and exits."""
    verbs = ("describe", "check")
    if plugin.read:
        verbs += ("discover", "read")
    if plugin.forecast:
        verbs += ("forecast",)
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        sys.exit(f"usage: {plugin.name} {'|'.join(verbs)} < request\n"
                 f"{plugin.summary}")
    verb = sys.argv[1]
    out = sys.stdout.buffer

    def emit(message):
        out.write(json.dumps(message, ensure_ascii=False,
                             allow_nan=False).encode("utf-8", "replace")
                  + b"\n")
        # The daemon follows progress and log lines as they come.
        if "progress" in message or "log" in message:
            out.flush()

    secrets = [os.environ.get(s.name, "") for s in plugin.secrets]
    _serving.secrets = secrets
    writer = Writer(emit, secrets, definitions_only=verb == "discover")
    try:
        ask = verb != "describe" or not sys.stdin.isatty()
        text = sys.stdin.buffer.read().decode() if ask else ""
        _answer(plugin, verb, text, writer, emit)
        out.flush()
    except PluginError as e:
        writer.fail(e)
        out.flush()
        sys.exit(1)
    except BrokenPipeError:
        # The daemon has stopped listening: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as e:  # a defect: said in the protocol, and in full below
        traceback.print_exc()
        writer.fail(PluginError(_what_and_where(e)))
        out.flush()
        sys.exit(1)

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


class Row(dict):
    """A row of a table by column; `line` is where it begins, from 1."""

    line = 0


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


@dataclasses.dataclass
class Response:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def text(self):
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as e:
            raise PluginError(f"the response is not UTF-8: {e}") from None

    def json(self, what="response"):
        return parse_json(self.text(), what)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def content_hash(body):
    return hashlib.sha256(body).hexdigest()


class Http:
    """An HTTP client: careful with the publisher, with secrets and memory.

    It retries what may pass (no connection, a timeout, a body cut short, 408,
    425, 429 and 5xx) with exponential backoff and jitter, waits as long as
    Retry-After says up to max_retry_after, keeps min_interval seconds between
    requests, bounds the size of a response and follows no redirect. Schemes:
    https, http (secrets go over it to the loopback only) and file.

    HEADWAY_HTTP_RECORD=DIR writes each response to DIR, HEADWAY_HTTP_REPLAY=DIR
    answers from there; the C++ SDK reads and writes the same files. The daemon
    sets the first to keep the documents of a pull, the second to replay one.
    """

    def __init__(self, user_agent="headway/0.1", timeout=90, max_attempts=4,
                 initial_backoff=1, max_backoff=30, max_retry_after=60,
                 min_interval=0, max_response_bytes=64 << 20,
                 sleep=time.sleep, clock=time.monotonic, seed=None):
        self.user_agent = user_agent
        self.timeout = timeout
        self.max_attempts = max_attempts
        self.initial_backoff = initial_backoff
        self.max_backoff = max_backoff
        self.max_retry_after = max_retry_after
        # In a replay there is no publisher to be careful with.
        replay = "HEADWAY_HTTP_REPLAY" in os.environ
        self.min_interval = 0 if replay else min_interval
        self.max_response_bytes = max_response_bytes
        self._sleep = sleep
        self._clock = clock
        self._jitter = random.Random(seed)
        self._next_start = None
        self._opener = urllib.request.build_opener(_NoRedirect)

    def get(self, url, headers=None, secret_parameters=None, etag=None,
            last_modified=None, accept_statuses=()):
        """secret_parameters are added to the query when it is sent and appear
        in no error or recording. With etag or last_modified a status of 304
        is returned, and those of accept_statuses; any other but 200 raises."""
        headers = dict(headers or {})
        accepted = {200, *accept_statuses}
        if etag:
            headers["If-None-Match"] = etag
            accepted.add(304)
        if last_modified:
            headers["If-Modified-Since"] = last_modified
            accepted.add(304)
        for attempt in range(1, self.max_attempts + 1):
            try:
                self._keep_distance()
                response = self._send(url, headers, secret_parameters or {})
                if response.status not in accepted:
                    raise _status_error(url, response)
                return response
            except TransientError as e:
                wait = min(self.initial_backoff * 2 ** (attempt - 1),
                           self.max_backoff) * self._jitter.uniform(0.5, 1)
                if e.retry_after is not None:
                    if e.retry_after > self.max_retry_after:
                        raise
                    wait = e.retry_after
                if attempt == self.max_attempts:
                    raise TransientError(f"{e} ({attempt} attempts)",
                                         e.retry_after) from None
                self._sleep(wait)
        raise AssertionError("unreachable")

    def get_if_changed(self, url, checkpoint, fingerprint, **kwargs):
        """Returns (body, state): body is None if the document is what it was
        at `checkpoint`; state goes into the next checkpoint. `fingerprint`
        is request.fingerprint."""
        last = {}
        try:
            last = json.loads(checkpoint or "{}")
        except ValueError:
            pass  # the state of another version: start afresh
        if not isinstance(last, dict) or last.get("fingerprint") != fingerprint:
            last = {}
        response = self.get(url, etag=last.get("etag"),
                            last_modified=last.get("last_modified"), **kwargs)
        if response.status == 304:
            return None, checkpoint
        state = {"fingerprint": fingerprint,
                 "sha256": content_hash(response.body),
                 "etag": response.headers.get("etag", ""),
                 "last_modified": response.headers.get("last-modified", "")}
        unchanged = last.get("sha256") == state["sha256"]
        return (None if unchanged else response.body), json.dumps(state)

    def _keep_distance(self):
        now = self._clock()
        if self._next_start is not None and self._next_start > now:
            self._sleep(self._next_start - now)
            now = self._next_start
        self._next_start = now + self.min_interval

    def _send(self, url, headers, secret_parameters):
        replay = os.environ.get("HEADWAY_HTTP_REPLAY")
        if replay:
            return _replay(replay, url)
        scheme = urllib.parse.urlsplit(url).scheme
        if scheme == "file":
            response = self._read_file(url)
        elif scheme in ("http", "https"):
            response = self._request(url, headers, secret_parameters)
        else:
            raise ConfigError(
                f"{url}: not an address that can be read; write https://…, "
                "http://… or file:///absolute/path")
        record = os.environ.get("HEADWAY_HTTP_RECORD")
        if record:
            _record(record, url, response)
        return response

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
        return Response(200, {}, self._bounded(url, body))

    def _request(self, url, headers, secret_parameters):
        parts = urllib.parse.urlsplit(url)
        if (secret_parameters and parts.scheme == "http"
                and parts.hostname not in ("localhost", "127.0.0.1", "::1")):
            raise ConfigError(f"{url}: a secret is not sent over http; write "
                              "https://")
        sent = url
        if secret_parameters:
            sent += ("&" if parts.query else "?") + urllib.parse.urlencode(
                secret_parameters)
        request = urllib.request.Request(sent, headers={
            "User-Agent": self.user_agent, "Accept-Encoding": "gzip",
            **headers})
        deadline = self._clock() + self.timeout
        try:
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
            raise ConfigError(f"{url}: not an address: {e}") from None

    def _receive(self, url, answer, deadline):
        headers = {k.lower(): v for k, v in answer.headers.items()}
        unzip = None
        if headers.get("content-encoding", "") == "gzip":
            unzip = zlib.decompressobj(wbits=31)
        body = bytearray()
        received = 0
        while chunk := answer.read(1 << 16):
            received += len(chunk)
            if self._clock() > deadline:
                raise TransientError(f"{url}: not whole after {self.timeout} s")
            room = self.max_response_bytes + 1 - len(body)
            body += unzip.decompress(chunk, room) if unzip else chunk
            self._bounded(url, body)
        # http.client does not complain about a body that ends early.
        promised = headers.get("content-length", "")
        if (promised.isdigit() and received < int(promised)
                or unzip and received and not unzip.eof):
            raise TransientError(f"{url}: the body is cut short after "
                                 f"{received} bytes")
        return Response(answer.status, headers, bytes(body))

    def _bounded(self, url, body):
        if len(body) > self.max_response_bytes:
            raise PluginError(
                f"{url}: the response is larger than "
                f"{self.max_response_bytes} bytes, the limit; ask for less at "
                "a time")
        return body


def parse_retry_after(value, now=None):
    """Seconds, from seconds or an HTTP date; None if it is neither."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=datetime.timezone.utc)
    now = now or datetime.datetime.now(datetime.timezone.utc)
    return max(0.0, (at - now).total_seconds())


def _status_error(url, response):
    body = f"saying {beginning(response.body)}" if response.body else (
        "with no text")
    what = f"{url}: HTTP {response.status}"
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
        location = beginning(response.headers.get("location", ""))
        return ConfigError(f"{what}, a redirect to {location}, is not followed;"
                           " use the address it leads to if you trust it")
    return PluginError(f"{what} {body}")


def _recording_path(directory, url):
    return os.path.join(directory, content_hash(url.encode())[:16] + ".json")


def _record(directory, url, response):
    recording = {"url": url, "status": response.status,
                 "headers": response.headers}
    try:
        recording["body"] = response.body.decode("utf-8")
    except UnicodeDecodeError:
        recording["body_base64"] = base64.b64encode(response.body).decode()
    path = _recording_path(directory, url)
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


def _replay(directory, url):
    path = _recording_path(directory, url)
    try:
        with open(path, encoding="utf-8") as file:
            recording = parse_json(file.read(), path)
    except OSError:
        raise PluginError(f"{url}: no recording at {path}") from None
    if "body" in recording:
        body = recording["body"].encode()
    else:
        body = base64.b64decode(recording["body_base64"])
    return Response(recording["status"], recording["headers"], body)


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
class Plugin:
    """read(request, out) delivers a source; forecast(series, ask) serves as a
    model, and answers with one of what `Ask` names. At least one of the two is
    given. discover(request, out), if given, defines
    the series that read can deliver; without it `read` runs, and only its
    definitions are kept. check(request), if given, asks the publisher a little
    and returns what it found; without it `discover` is tried if it is given,
    else the configuration alone is checked. `hosts` are those that the plugin
    reaches, "HOST", "HOST:PORT" or "*.DOMAIN", besides those in its options.
    `evidence` says by what you know that the plugin reads what the publisher
    sends, ("recorded", "2026-11-30"): tried on answers recorded that day, or
    ("documented", ...): written from documentation of that day."""

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
    evidence: tuple = ()


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
        **({"evidence": _evidence(*plugin.evidence)}
           if plugin.evidence else {})}


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
                       "error": f"{type(e).__name__}: {e}"}
        emit({"forecast": message})


def _answer(plugin, verb, text, writer, emit):
    if verb == "describe":
        emit({"description": _describe(plugin)})
        return
    request = make_request(plugin, text, verb)
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
        writer.fail(PluginError(f"{type(e).__name__}: {e}"))
        out.flush()
        sys.exit(1)

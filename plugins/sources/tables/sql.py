#!/usr/bin/python3
"""A query over PostgreSQL or SQLite, as series.

The query runs in a read-only transaction under a statement timeout, and its
columns become series by the options that the csv source has, too: `metric`,
`period_column`, `value_column`, `labels` (every other column), ….

Without {since} in the query each read asks for all of it: what is gone is
withdrawn, and a result that is the last one is passed over. With {since} the
query is incremental: {since} stands for the greatest value of `since_column`
seen so far, at first for `since_start`. Rows that are committed late under an
earlier value would be missed: let the query look back,
  WHERE updated_at > {since}::timestamptz - interval '1 day'
since rows that come again write nothing. Deleted rows are not seen then.

A database is a server's connection string, "host=db.internal dbname=erp
user=headway", without its password, which is in the environment variable
SQL_PASSWORD, or the path of an SQLite file. A server is reached through the
daemon's proxy, so the source allows its host and port; one on this machine also
by the folder of its socket, `socket_folder`. Give the user rights to read
alone.

Vintages: observed, or native by `known_at_column`.

source {
  name: "orders"
  plugin: "sql"
  config { key: "postgresql" value: "host=db.internal dbname=erp user=headway sslmode=verify-full" }
  config {
    key: "query"
    value: "SELECT to_char(day, 'YYYY-MM') AS period, region, sum(amount) AS value "
           "FROM orders GROUP BY 1, 2"
  }
  config { key: "metric" value: "orders_usd" }
  config { key: "unit" value: "USD" }
  allow_host: "db.internal:5432"
}
A schedule: cron "30 2 * * *" in the time zone of the database's owner, after
its nightly load.
"""

import contextlib
import datetime
import decimal
import hashlib
import json
import os
import socket
import sqlite3
import threading
import time
import urllib.parse

import headway_plugin as hp
import table_mapping

SINCE = "{since}"
DOCUMENT = "rows.jsonl"
ROWS_AT_ONCE = 2000
# How many steps SQLite makes between two looks at the clock.
SQLITE_STEPS = 10000

# Classes of PostgreSQL's error codes that may pass: connections, resources,
# rollbacks, an operator's intervention.
PASSING = ("08", "40", "53", "57P", "58")


def parse_timeout(request):
    text = request.option("statement_timeout")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 86400:
        raise hp.ConfigError(f'option statement_timeout = "{text}" is not a '
                             "number of seconds from 1 to 86400")
    return int(text)


class Query:
    """The text, and where {since} stands in it."""

    def __init__(self, request):
        self.text = request.option("query").strip().rstrip(";")
        self.incremental = SINCE in self.text
        self.since_column = request.option("since_column")
        start = request.option("since_start")
        if self.incremental and not (self.since_column and start):
            raise hp.ConfigError(
                "the query has {since}: name in since_column the column whose "
                "greatest value it stands for, and in since_start the value "
                "to begin with")
        if not self.incremental and (self.since_column or start):
            raise hp.ConfigError(
                "since_column and since_start are given, and the query has no "
                "{since}; write it where the value belongs, as in WHERE "
                "updated_at > {since}")
        self.start = start

    def for_postgresql(self):
        if not self.incremental:
            return self.text
        return "%s".join(part.replace("%", "%%")
                         for part in self.text.split(SINCE))

    def for_sqlite(self):
        return self.text.replace(SINCE, ":since")


# ---- SQLite ------------------------------------------------------------------


class Sqlite:
    def __init__(self, request):
        path = request.option("sqlite")
        if not os.path.isfile(path):
            raise hp.ConfigError(f'option sqlite = "{path}" is no file that '
                                 "the plugin can see; give an absolute path")
        self._path = path
        self._timeout = parse_timeout(request)

    @contextlib.contextmanager
    def _open(self):
        address = f"file:{urllib.parse.quote(self._path)}?mode=ro"
        with self._errors(), contextlib.closing(sqlite3.connect(
                address, uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            end = time.monotonic() + self._timeout
            connection.set_progress_handler(
                lambda: time.monotonic() > end, SQLITE_STEPS)
            yield connection

    @contextlib.contextmanager
    def _errors(self):
        try:
            yield
        except sqlite3.Error as e:
            text = str(e)
            if "locked" in text or "busy" in text:
                raise hp.TransientError(f"{self._path}: {text}", 10) from None
            if text == "interrupted":
                raise hp.ConfigError(timed_out(self._timeout)) from None
            if "unable to open" in text or "readonly" in text:
                text += ("; if the database is in WAL mode, let plugins see "
                         "its folder by plugin_readable, or set PRAGMA "
                         "journal_mode = DELETE")
            raise hp.ConfigError(f"{self._path}: {text}") from None

    def explain(self, query, since):
        with self._open() as connection:
            connection.execute("EXPLAIN " + query.for_sqlite(),
                               {"since": since}).close()

    def rows(self, query, since):
        with self._open() as connection:
            cursor = connection.execute(query.for_sqlite(), {"since": since})
            yield [column[0] for column in cursor.description or ()]
            yield from cursor


# ---- PostgreSQL --------------------------------------------------------------


class Relay:
    """A port of the loopback that leads through the daemon's HTTP proxy to the
    server, for libpq knows no proxies."""

    def __init__(self, proxy, host, port):
        parts = urllib.parse.urlsplit(proxy)
        self._proxy = (parts.hostname, parts.port or 80)
        self._target = f"{host}:{port}"
        self.refusal = ""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client, _ = self._server.accept()
            try:
                server = self._connect()
            except OSError as e:
                self.refusal = str(e)
                client.close()
                continue
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(one, other),
                                 daemon=True).start()

    def _connect(self):
        server = socket.create_connection(self._proxy, timeout=60)
        server.sendall(f"CONNECT {self._target} HTTP/1.1\r\n"
                       f"Host: {self._target}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n") and len(answer) < 1 << 14:
            byte = server.recv(1)
            if not byte:
                break
            answer += byte
        status = answer.split(b"\r\n")[0].decode("latin-1")
        if " 200" not in status:
            server.close()
            raise OSError(f"the proxy answers {status or 'nothing'}")
        server.settimeout(None)
        return server

    @staticmethod
    def _pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


class Postgresql:
    def __init__(self, request):
        try:
            import psycopg2
            import psycopg2.extensions
        except ImportError:
            raise hp.ConfigError("PostgreSQL needs the Python module psycopg2: "
                                 "install python3-psycopg2") from None
        self._psycopg2 = psycopg2
        try:
            self._dsn = psycopg2.extensions.parse_dsn(
                request.option("postgresql"))
        except psycopg2.Error as e:
            raise hp.ConfigError("option postgresql is not a connection "
                                 f"string: {str(e).strip()}") from None
        if "password" in self._dsn:
            raise hp.ConfigError("option postgresql holds a password; put it "
                                 "into the environment variable SQL_PASSWORD")
        if request.option("socket_folder"):
            self._dsn["host"] = request.option("socket_folder")
        host = self._dsn.get("host", "")
        if not host or "," in host:
            raise hp.ConfigError("option postgresql names no host, or several; "
                                 "write one, host=db.internal, or give "
                                 "socket_folder")
        self._timeout = parse_timeout(request)
        self._password = request.secret("SQL_PASSWORD")

    def _parameters(self):
        """The parameters of the connection, and the relay that it needs."""
        parameters = {
            "port": "5432", "connect_timeout": "30",
            "application_name": "headway", **self._dsn,
            "options": f"-c statement_timeout={1000 * self._timeout} "
                       "-c default_transaction_read_only=on -c timezone=UTC"}
        if self._password:
            parameters["password"] = self._password
        relay = None
        proxy = os.environ.get("http_proxy")
        if proxy and not parameters["host"].startswith("/"):
            relay = Relay(proxy, parameters["host"], parameters["port"])
            # The host stays, for the certificate bears its name.
            parameters["hostaddr"] = "127.0.0.1"
            parameters["port"] = str(relay.port)
        return parameters, relay

    @contextlib.contextmanager
    def _open(self):
        parameters, relay = self._parameters()
        with self._errors():
            try:
                connection = self._psycopg2.connect(**parameters)
            except self._psycopg2.OperationalError as e:
                raise self._connection_error(e, relay) from None
            with contextlib.closing(connection):
                connection.set_session(isolation_level="REPEATABLE READ",
                                       readonly=True)
                yield connection

    def _connection_error(self, error, relay):
        text = " ".join(str(error).split())
        server = f'{self._dsn["host"]}:{self._dsn.get("port", "5432")}'
        if relay and relay.refusal:
            return hp.ConfigError(
                f"{server} cannot be reached: {relay.refusal}; the source "
                f'needs allow_host: "{server}"')
        if any(says in text for says in (
                "authentication failed", "no password supplied",
                "does not exist", "no pg_hba.conf entry", "certificate")):
            return hp.ConfigError(f"{server}: {text}; the password is in the "
                                  "environment variable SQL_PASSWORD")
        return hp.TransientError(f"{server}: {text}")

    @contextlib.contextmanager
    def _errors(self):
        try:
            yield
        except self._psycopg2.Error as e:
            code = e.pgcode or ""
            text = " ".join(str(e).split())
            if code == "57014":
                raise hp.ConfigError(timed_out(self._timeout)) from None
            if not code or code.startswith(PASSING):
                raise hp.TransientError(f"PostgreSQL: {text}") from None
            raise hp.ConfigError(f"PostgreSQL: {text} ({code})") from None

    def explain(self, query, since):
        with self._open() as connection, connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + query.for_postgresql(),
                           (since,) if query.incremental else None)

    def rows(self, query, since):
        with self._open() as connection, connection.cursor("rows") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            cursor.execute(query.for_postgresql(),
                           (since,) if query.incremental else None)
            first = cursor.fetchmany(ROWS_AT_ONCE)
            yield [column.name for column in cursor.description or ()]
            yield from first
            yield from cursor


# ---- Reading -----------------------------------------------------------------


def timed_out(seconds):
    return (f"the query was not done after {seconds} s; raise "
            "statement_timeout, or let it ask for less")


def open_database(request):
    if bool(request.option("sqlite")) == bool(request.option("postgresql")):
        raise hp.ConfigError("give one of the options postgresql and sqlite")
    kind = Sqlite if request.option("sqlite") else Postgresql
    return kind(request)


def as_json(value):
    """What JSON has no kind for."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(
            value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def lines(database, query, since):
    for row in database.rows(query, since):
        yield json.dumps(list(row), default=as_json,
                         ensure_ascii=False).encode() + b"\n"


def read_rows(request, query, since):
    """The header and the rows, of the database or of the pull that is
    replayed."""
    source = table_mapping.replayed(DOCUMENT)
    if source is None:
        source = table_mapping.kept(
            lines(open_database(request), query, since), DOCUMENT)
    for line in source:
        yield line, hp.parse_json(line.decode(), DOCUMENT)


def read_header(rows):
    _, header = next(rows)
    if not header:
        raise hp.ConfigError("the query gives no rows by its kind; write a "
                             "SELECT")
    twice = [c for c in header if header.count(c) > 1]
    if twice:
        raise hp.ConfigError(f'the query has two columns "{twice[0]}"; name '
                             "one with AS")
    return header


class Greatest:
    """The greatest value of the column that {since} stands for."""

    def __init__(self, column):
        self._column = column
        self.value = None

    def take(self, record, where):
        value = record[self._column]
        if value is None:
            return
        if self.value is None:
            self.value = value
        elif isinstance(value, str) != isinstance(self.value, str):
            raise hp.PluginError(
                f'{where}: column "{self._column}" is {value!r}, and '
                f"{self.value!r} in another row; they cannot be compared")
        else:
            self.value = max(self.value, value)


def read(request, out):
    query = Query(request)
    mapping = table_mapping.Mapping(request, labels_by_default=True,
                                    last_counts=False)
    last = table_mapping.last_state(request)
    since = last.get("since", query.start)
    rows = read_rows(request, query, since)
    header = read_header(rows)
    mapping.check_columns(header, "the query")
    if query.incremental and query.since_column not in header:
        raise hp.ConfigError(
            f'since_column: the query has no column "{query.since_column}"'
            + table_mapping.nearest(query.since_column, header))
    digest = hashlib.sha256()
    greatest = Greatest(query.since_column)
    number = 0
    for number, (line, row) in enumerate(rows, 1):
        record = dict(zip(header, row))
        mapping.take(record, f"row {number}")
        digest.update(line)
        if query.incremental:
            greatest.take(record, f"row {number}")
    deliver(request, query, mapping, number,
            (last, since, greatest.value, digest.hexdigest()), out)


def deliver(request, query, mapping, number, progress, out):
    last, since, greatest, digest = progress
    state = {"fingerprint": request.fingerprint}
    if mapping.empty:
        out.info(f"{mapping.empty} values are empty and left out")
    if query.incremental:
        state["since"] = since if greatest is None else greatest
        mapping.deliver(out)
        out.checkpoint(state=json.dumps(state))
        out.info(f"{number} rows since {since}" if number else
                 f"no rows since {since}: nothing is new")
        return
    if not number:
        raise hp.PluginError("the query gives no rows; if that is right, "
                             "disable the source")
    state["rows"] = digest
    if last.get("rows") == digest:
        out.checkpoint(state=json.dumps(state))
        out.info(f"the {number} rows are those of the last read: unchanged")
        return
    whole = not mapping.dated
    mapping.deliver(out, snapshot=whole)
    out.checkpoint(state=json.dumps(state), complete=whole)
    out.info(f"{number} rows")


def check(request):
    query = Query(request)
    table_mapping.Mapping(request, True, False)
    open_database(request).explain(query, query.start)
    return "the database answers, and the query is in order"


hp.run(hp.Plugin(
    name="sql",
    version="1.0",
    summary="Runs a query over PostgreSQL or SQLite.",
    read=read,
    check=check,
    options=[
        hp.Option("query", "A SELECT. {since} in it makes it incremental.",
                  required=True),
        hp.Option("postgresql", "Connection string of libpq without a "
                  'password: "host=db.internal dbname=erp user=headway". The '
                  'source allows "db.internal:5432" by allow_host.'),
        hp.Option("socket_folder", "Folder of the socket of a PostgreSQL on "
                  "this machine: /run/postgresql.", is_path=True),
        hp.Option("sqlite", "Path of an SQLite file.", is_path=True),
        hp.Option("since_column", "The column whose greatest value {since} "
                  "stands for at the next read."),
        hp.Option("since_start", "What {since} stands for at the first read."),
        hp.Option("statement_timeout", "Seconds that the query may take.",
                  "120"),
        *table_mapping.options(labels_by_default=True),
    ],
    secrets=[hp.Secret("SQL_PASSWORD", "The password of the PostgreSQL user.")],
    default_schedule="30 2 * * *",
))

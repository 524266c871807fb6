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
  config {
    key: "postgresql"
    value: "host=db.internal dbname=erp user=headway sslmode=verify-full"
  }
  config {
    key: "query"
    value: "SELECT to_char(day, 'YYYY-MM') AS period, region, "
           "sum(amount) AS value FROM orders GROUP BY 1, 2"
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
import sqlite3
import time
import urllib.parse

import answers
import headway_plugin as hp
import postgresql
import table_mapping

SINCE = "{since}"
DOCUMENT = "rows.jsonl"
# How many steps SQLite makes between two looks at the clock.
SQLITE_STEPS = 10000


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
        self._timeout = postgresql.parse_timeout(request)

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
                raise hp.ConfigError(
                    postgresql.timed_out(self._timeout)) from None
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


# ---- Reading -----------------------------------------------------------------


def open_database(request):
    if bool(request.option("sqlite")) == bool(request.option("postgresql")):
        raise hp.ConfigError("give one of the options postgresql and sqlite")
    kind = Sqlite if request.option("sqlite") else (
        postgresql.Postgresql)
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
    last = answers.last_state(request)
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

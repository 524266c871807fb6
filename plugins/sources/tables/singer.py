#!/usr/bin/python3
"""Runs a Singer tap (https://github.com/singer-io/getting-started, SPEC.md).

A tap is a program of somebody else's that writes SCHEMA, RECORD, STATE and
ACTIVATE_VERSION messages, a line of JSON each. The operator names its
executable, its configuration and its catalog; the fields of its records become
series by the options that the csv source has, too (`metric`, `period_column`,
`value_column`, `labels`, …; "a.b" is the field b within a).

One source reads streams whose fields are mapped alike; other streams are
passed over, and the log says so. For streams of another form use another
source with a catalog of its own.

State: the tap's STATE goes into the checkpoint with the records before it, and
is given back to the tap. A record that comes again replaces what stood. When a
stream activates a version that was not active at the last read, its records are
the whole table, and what they lack is withdrawn; with a version that was
active before they are additions. A record with _sdc_deleted_at withdraws.

Secrets: in the configuration file ${SINGER_SECRET}, ${SINGER_SECRET_2} and
${SINGER_SECRET_3} are replaced by these environment variables of the daemon.

What the tap needs: an interpreter or virtual environment outside /usr is named
in the daemon's plugin_readable, and each host in allow_host of the source.
Vintages: observed, or native by `known_at_column`. Limits are the tap's own.

source {
  name: "invoices"
  plugin: "singer"
  config { key: "tap" value: "/opt/taps/tap-erp/bin/tap-erp" }
  config { key: "tap_config" value: "/etc/headway/tap-erp.json" }
  config { key: "discover_catalog" value: "true" }
  config { key: "streams" value: "invoices" }
  config { key: "metric" value: "invoices_usd" }
  config { key: "period_column" value: "month" }
  config { key: "value_column" value: "amount" }
  config { key: "labels" value: "country" }
  config { key: "unit" value: "USD" }
  allow_host: "api.erp.example"
}
A schedule: cron "0 4 * * *", time zone UTC.
"""

import contextlib
import json
import os
import re
import subprocess
import tempfile

import answers
import headway_plugin as hp
import table_mapping

DOCUMENT = "tap.jsonl"
SECRETS = ("SINGER_SECRET", "SINGER_SECRET_2", "SINGER_SECRET_3")
# Taps say their state as often as they like; a commit is not for a few rows.
VALUES_BEFORE_COMMIT = 10000
LAST_WORDS_BYTES = 600
DELETED = "_sdc_deleted_at"


# ---- The tap -----------------------------------------------------------------


def read_file(path, option):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as e:
        raise hp.ConfigError(f'option {option} = "{path}" cannot be read: {e}; '
                             "where the daemon is root, plugins are other "
                             "users: chmod o+r") from None


def read_json_file(path, option):
    try:
        return json.loads(read_file(path, option))
    except ValueError as e:
        raise hp.ConfigError(f'option {option} = "{path}" is not JSON: {e}'
                             ) from None


def filled(value, request):
    """A configuration with its ${SINGER_SECRET…} replaced."""
    if isinstance(value, dict):
        return {k: filled(v, request) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, request) for v in value]
    if not isinstance(value, str):
        return value

    def secret(match):
        if match[1] not in SECRETS:
            raise hp.ConfigError(f"tap_config: ${{{match[1]}}} is none of "
                                 + ", ".join(SECRETS))
        if not request.secret(match[1]):
            raise hp.ConfigError(f"the environment variable {match[1]} is not "
                                 "set, which tap_config names")
        return request.secret(match[1])

    return re.sub(r"\$\{(SINGER_\w+)\}", secret, value)


class Tap:
    """The program, with its files in a folder that is gone with it."""

    def __init__(self, request, folder):
        self._path = request.option("tap")
        if not os.access(self._path, os.X_OK) or os.path.isdir(self._path):
            raise hp.ConfigError(f'option tap = "{self._path}" is no program '
                                 "that can be run; give an absolute path")
        self._folder = folder
        self._last_words = os.path.join(folder, "stderr")
        self._environment = {k: v for k, v in os.environ.items()
                             if k not in SECRETS}
        config = {}
        if request.option("tap_config"):
            config = filled(read_json_file(request.option("tap_config"),
                                           "tap_config"), request)
        self._command = [self._path, "--config",
                         self._file("config.json", config)]

    def _file(self, name, value):
        path = os.path.join(self._folder, name)
        # A secret may be in it.
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                  "w", encoding="utf-8") as file:
            json.dump(value, file)
        return path

    def discover(self):
        return hp.parse_json(
            b"".join(self._run(["--discover"])).decode(), "tap --discover")

    def lines(self, catalog_flag, catalog, state):
        arguments = []
        if catalog is not None:
            arguments += [catalog_flag, self._file("catalog.json", catalog)]
        if state is not None:
            arguments += ["--state", self._file("state.json", state)]
        yield from self._run(arguments)

    def _run(self, arguments):
        with open(self._last_words, "wb") as stderr:
            try:
                tap = subprocess.Popen(
                    [*self._command, *arguments], stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=stderr,
                    env=self._environment)
            except OSError as e:
                raise hp.ConfigError(
                    f'the tap "{self._path}" cannot be run: {e.strerror}; an '
                    "interpreter outside /usr is named in plugin_readable"
                    ) from None
            try:
                yield from tap.stdout
                status = tap.wait()
            finally:
                # Of a reader that stopped early, or failed.
                tap.kill()
                tap.wait()
        if status != 0:
            raise hp.TransientError(
                f"the tap ended with status {status}; its last words: "
                + self._said())

    def _said(self):
        with open(self._last_words, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LAST_WORDS_BYTES))
            text = file.read().decode("utf-8", "replace")
        return " ".join(text.split()) or "none"


def select(catalog, streams):
    """The catalog with the streams selected, in the ways that taps look."""
    known = [s.get("stream") or s.get("tap_stream_id")
             for s in catalog.get("streams", [])]
    for name in streams:
        if name not in known:
            raise hp.ConfigError(f'the tap has no stream "{name}"'
                                 + table_mapping.nearest(name, known))
    for stream, name in zip(catalog["streams"], known):
        chosen = name in streams
        stream.setdefault("schema", {})["selected"] = chosen
        metadata = stream.setdefault("metadata", [])
        for entry in metadata:
            if entry.get("breadcrumb") == []:
                entry.setdefault("metadata", {})["selected"] = chosen
                break
        else:
            metadata.append({"breadcrumb": [],
                             "metadata": {"selected": chosen}})
    return catalog


def find_catalog(request, tap, streams):
    if request.option("catalog"):
        return read_json_file(request.option("catalog"), "catalog")
    if request.option("discover_catalog") == "true":
        return select(tap.discover(), streams)
    return None


def messages(request, streams, state):
    """The lines of the tap, or of the pull that is replayed."""
    lines = table_mapping.replayed(DOCUMENT)
    if lines is not None:
        yield from lines
        return
    with tempfile.TemporaryDirectory() as folder:
        tap = Tap(request, folder)
        catalog = find_catalog(request, tap, streams)
        with contextlib.closing(tap.lines(
                request.option("catalog_flag"), catalog, state)) as lines:
            yield from table_mapping.kept(lines, DOCUMENT)


# ---- Its messages ------------------------------------------------------------


class Stream:
    """The records of one stream since the last commit."""

    def __init__(self, mapping, active):
        self.mapping = mapping
        self.known = False  # a SCHEMA has come
        self.records = 0
        self.version = None  # of the records
        self.active = active  # the version that counts
        self.was_active = active  # at the last read

    def is_whole(self):
        """Whether its records are a table that takes the place of another.
        Then nothing of it is committed before the end."""
        return self.version is not None and self.version != self.was_active


class Reader:
    def __init__(self, request, names, out):
        self._request = request
        self._out = out
        last = answers.last_state(request)
        versions = last.get("versions", {})
        self._streams = {
            name: Stream(table_mapping.Mapping(
                request, labels_by_default=False, last_counts=True),
                versions.get(name))
            for name in names}
        self.state = last.get("state")
        self._first = not last
        self._was = json.dumps(self._full_state())
        self._passed_over = {}
        self._unknown = set()

    def _full_state(self):
        return {"fingerprint": self._request.fingerprint, "state": self.state,
                "versions": {name: s.active for name, s in
                             sorted(self._streams.items())
                             if s.active is not None}}

    def take(self, line, number):
        what = f"line {number} of the tap"
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            raise hp.PluginError(f"{what} is no Singer message; it begins with "
                                 + hp.beginning(line))
        kind = message.get("type")
        take = {"SCHEMA": self._schema, "RECORD": self._record,
                "STATE": self._state,
                "ACTIVATE_VERSION": self._activate}.get(kind)
        if kind == "BATCH":
            raise hp.PluginError(f"{what} is a BATCH, which is not read; take "
                                 "batch_config out of the tap's configuration")
        if take is None:
            if kind not in self._unknown:
                self._out.warn(f"{what}: messages of type {kind!r} are passed "
                               "over")
                self._unknown.add(kind)
            return
        take(message, what)

    def _stream(self, message, what):
        name = message.get("stream")
        if not isinstance(name, str):
            raise hp.PluginError(f'{what}: the {message["type"]} names no '
                                 "stream")
        if name not in self._streams:
            count = self._passed_over.get(name, 0)
            self._passed_over[name] = count + (message["type"] == "RECORD")
        return self._streams.get(name)

    def _schema(self, message, what):
        stream = self._stream(message, what)
        if stream is None:
            return
        schema = message.get("schema")
        fields = schema.get("properties") if isinstance(schema, dict) else None
        if not isinstance(fields, dict):
            raise hp.PluginError(f"{what}: the SCHEMA has no properties")
        stream.mapping.check_columns(list(fields),
                                     f'stream "{message["stream"]}"')
        stream.known = True

    def _record(self, message, what):
        stream = self._stream(message, what)
        if stream is None:
            return
        if not stream.known:
            raise hp.PluginError(f'{what}: a RECORD of stream '
                                 f'"{message["stream"]}" before its SCHEMA')
        record = message.get("record")
        if not isinstance(record, dict):
            raise hp.PluginError(f"{what}: the RECORD has no record")
        if message.get("version") is not None:
            stream.version = message["version"]
        stream.records += 1
        stream.mapping.take(record, f'{what}, stream "{message["stream"]}"',
                            withdrawn=record.get(DELETED) is not None)

    def _state(self, message, what):
        if "value" not in message:
            raise hp.PluginError(f"{what}: the STATE has no value")
        self.state = message["value"]
        waiting = sum(s.mapping.count() for s in self._streams.values())
        if waiting >= VALUES_BEFORE_COMMIT and not any(
                s.is_whole() for s in self._streams.values()):
            for stream in self._streams.values():
                stream.mapping.deliver(self._out)
            self._out.checkpoint(state=json.dumps(self._full_state()))

    def _activate(self, message, what):
        stream = self._stream(message, what)
        if stream is not None:
            stream.active = message.get("version")

    def finish(self):
        """Delivers what is left, once the tap has ended well."""
        for name, stream in sorted(self._streams.items()):
            if not stream.known:
                self._out.warn(f'the tap sent nothing of stream "{name}"; is '
                               "it selected in the catalog?")
            whole = stream.is_whole() and stream.version == stream.active
            if stream.active != stream.was_active and stream.version is None:
                self._out.warn(f'stream "{name}" is empty by its version '
                               f"{stream.active}; what stands is kept")
            if stream.mapping.empty:
                self._out.info(f'stream "{name}": {stream.mapping.empty} '
                               "values are empty and left out")
            whole = whole and not stream.mapping.dated
            stream.mapping.deliver(self._out, snapshot=whole)
            self._out.checkpoint(stream=name, complete=whole)
            self._out.info(f'stream "{name}": {stream.records} records'
                           + (", the whole table" if whole else ""))
        for name, count in sorted(self._passed_over.items()):
            self._out.info(f'stream "{name}" is not among the streams of the '
                           f"source: {count} records are passed over")
        state = json.dumps(self._full_state())
        if state == self._was and not any(
                s.records for s in self._streams.values()):
            self._out.info("nothing is new")
        if self._first and not any(s.known for s in self._streams.values()):
            raise hp.ConfigError(
                "the tap sent none of the streams "
                + ", ".join(sorted(self._streams)) + "; it sent "
                + (", ".join(sorted(self._passed_over)) or "none")
                + ". Most taps need a catalog with selected streams: see the "
                "options catalog and discover_catalog")
        self._out.checkpoint(state=state)


def stream_names(request):
    names = request.list_option("streams")
    if not names:
        raise hp.ConfigError("option streams names no stream")
    if request.option("discover_catalog") not in ("true", "false"):
        raise hp.ConfigError("option discover_catalog is neither true nor "
                             "false")
    return list(dict.fromkeys(names))


def read(request, out):
    reader = Reader(request, stream_names(request), out)
    with contextlib.closing(messages(
            request, stream_names(request), reader.state)) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                reader.take(line, number)
    reader.finish()


def check(request):
    names = stream_names(request)
    table_mapping.Mapping(request, False, True)
    with tempfile.TemporaryDirectory() as folder:
        find_catalog(request, Tap(request, folder), names)
    return "the tap, its configuration and its catalog are in order"


hp.run(hp.Plugin(
    name="singer",
    version="1.0",
    summary="Runs a Singer tap.",
    read=read,
    check=check,
    options=[
        hp.Option("tap", "Path of the tap's executable.", required=True,
                  is_path=True),
        hp.Option("tap_config", "Path of its configuration, JSON, in which "
                  "${SINGER_SECRET} stands for that environment variable.",
                  is_path=True),
        hp.Option("catalog", "Path of its catalog, JSON.", is_path=True),
        hp.Option("discover_catalog", "true: the catalog is asked of the tap "
                  "(--discover), and the streams are selected in it.", "false"),
        hp.Option("catalog_flag", "How the tap takes its catalog; older ones "
                  "have --properties.", "--catalog"),
        hp.Option("streams", "Streams to read, of one form: "
                  '"orders,returns".', required=True),
        *table_mapping.options(labels_by_default=False),
    ],
    secrets=[hp.Secret(name, "A secret that tap_config names.")
             for name in SECRETS],
    default_schedule="0 4 * * *",
))

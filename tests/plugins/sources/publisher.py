"""What tests of source plugins share: a publisher on the loopback, a plugin that
reads from it, and the recorded answers of the real services.

    with Publisher() as publisher:
        publisher.answer("/v1/data", Answer(429, headers={"Retry-After": "0"}),
                         Answer(200, b"[...]"))
        said = Conversation("fred", {"base_url": publisher.url}).read()
"""

import contextlib
import dataclasses
import http.server
import json
import os
import subprocess
import threading
import unittest
import urllib.parse

PLUGINS = os.environ["HEADWAY_PLUGINS_DIR"]
# The folder of third-party test data, or one beside the checkout.
SHARED = os.environ.get("HEADWAY_SHARED_DATA", os.path.join(
    os.path.dirname(__file__), "../../../../shared/data"))


@dataclasses.dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict = dataclasses.field(default_factory=dict)
    # The connection ends after this many bytes of the body.
    cut_after: int = None


@dataclasses.dataclass
class Asked:
    method: str
    path: str
    query: dict  # name -> the last value
    headers: dict  # names in lower case
    body: bytes


class Publisher:
    """An HTTP server on the loopback. Answers of a path are given in their
    order, the last again and again; a path without one is answered 404. A
    function in the place of an answer is called with what was asked."""

    def __init__(self):
        self.asked = []
        self._answers = {}
        self._lock = threading.Lock()
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                publisher._serve(self)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.02}).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path, *answers):
        self._answers[path] = list(answers)

    def paths(self):
        return [asked.path for asked in self.asked]

    def _serve(self, handler):
        parts = urllib.parse.urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length", 0))
        asked = Asked(
            handler.command, parts.path,
            dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True)),
            {k.lower(): v for k, v in handler.headers.items()},
            handler.rfile.read(length))
        with self._lock:
            self.asked.append(asked)
            left = self._answers.get(parts.path, [Answer(404, b"not found")])
            answer = left.pop(0) if len(left) > 1 else left[0]
        if callable(answer):
            answer = answer(asked)
        # A client that has given up is no fault of the test.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._send(handler, answer)

    @staticmethod
    def _send(handler, answer):
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body[:answer.cut_after])
        if answer.cut_after is not None:
            handler.close_connection = True


class Said:
    """What a plugin said, sorted."""

    def __init__(self, status, lines, stderr):
        self.status = status
        self.stderr = stderr
        self.messages = [json.loads(line) for line in lines if line.strip()]
        self.series = {m["series"]["id"]: m["series"]
                       for m in self.messages if "series" in m}
        self.batches = [m["observations"] for m in self.messages
                        if "observations" in m]
        self.checkpoints = [m["checkpoint"] for m in self.messages
                            if "checkpoint" in m]
        errors = [m["error"] for m in self.messages if "error" in m]
        self.error = errors[0] if errors else None
        self.logs = [m["log"]["message"] for m in self.messages if "log" in m]

    def states(self):
        """Of each stream, for the next request."""
        return {c.get("stream", ""): c.get("state", "")
                for c in self.checkpoints}

    def values(self, metric, **labels):
        """{period: value} of the one series with the metric and these labels;
        of several batches the later counts."""
        wanted = [id for id, s in self.series.items() if s["metric"] == metric
                  and labels.items() <= s.get("labels", {}).items()]
        if len(wanted) != 1:
            raise AssertionError(
                f"{len(wanted)} series are {metric} {labels}; there are "
                f"{[(s['metric'], s.get('labels')) for s in self.series.values()]};"
                f" error: {self.error}")
        found = {}
        for batch in self.batches:
            if batch["series"] == wanted[0]:
                found.update(zip(batch["periods"], batch["values"]))
        return found

    def observation_count(self):
        return sum(len(batch["values"]) for batch in self.batches)


class Conversation:
    """A plugin as the daemon runs it, without its isolation. `secrets` are
    environment variables."""

    def __init__(self, plugin, config=None, secrets=None,
                 now="2026-09-15T12:00:00Z", record=None, replay=None):
        self.plugin = plugin
        self.config = config or {}
        self.now = now
        self.environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                            **(secrets or {})}
        if record:
            self.environment["HEADWAY_HTTP_RECORD"] = record
        if replay:
            self.environment["HEADWAY_HTTP_REPLAY"] = replay

    def say(self, verb, checkpoints=None, **config):
        request = {"protocol_version": 1, "source": "test",
                   "config": {**self.config, **config}, "now": self.now}
        if checkpoints is not None:
            request["checkpoints"] = checkpoints
        done = subprocess.run(
            [os.path.join(PLUGINS, self.plugin), verb],
            input=json.dumps(request).encode() + b"\n",
            capture_output=True, env=self.environment, timeout=110, check=False)
        return Said(done.returncode, done.stdout.decode().splitlines(),
                    done.stderr.decode())

    def read(self, checkpoints=None, **config):
        return self.say("read", checkpoints, **config)


def recorded(path):
    """The bytes of an answer that was recorded of the real service, or was
    written from its documentation; the test is skipped, saying so, where the
    reference data are absent."""
    file = os.path.join(SHARED, "api", path)
    if not os.path.exists(file):
        raise unittest.SkipTest(
            f"needs the recorded answer {path}; HEADWAY_SHARED_DATA names the "
            "folder of test data")
    with open(file, "rb") as body:
        return body.read()

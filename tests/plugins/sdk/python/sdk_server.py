"""What tests of the Python SDK's HTTP client share: a real server on the
loopback, and a client whose waits take no time."""

import contextlib
import dataclasses
import http.server
import os
import tempfile
import threading
import unittest

import headway_plugin as hp


@dataclasses.dataclass
class Asked:
    method: str
    path: str
    headers: dict
    body: bytes


class Server:
    """Answers (status, headers, body) in turn, the last of them for ever. A
    function in the place of an answer is called with what was asked."""

    def __init__(self, *answers):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                size = int(self.headers.get("Content-Length", 0))
                asked = Asked(self.command, self.path, dict(self.headers),
                              self.rfile.read(size))
                outer.requests.append(asked)
                answer = answers[min(len(outer.requests), len(answers)) - 1]
                if callable(answer):
                    answer = answer(asked)
                status, headers, body = answer
                self.send_response(status)
                pairs = list(headers.items() if isinstance(headers, dict)
                             else headers)
                if "Content-Length" not in dict(pairs):
                    pairs.append(("Content-Length", str(len(body))))
                for name, value in pairs:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        class QuietServer(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # a client that hung up, on purpose

        self.http = QuietServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_port
        self.url = f"http://127.0.0.1:{self.port}/x"
        self._thread = threading.Thread(target=self.http.serve_forever,
                                        kwargs={"poll_interval": 0.01})

    @property
    def paths(self):
        return [asked.path for asked in self.requests]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *args):
        self.http.shutdown()
        self._thread.join()
        self.http.server_close()


@contextlib.contextmanager
def environment(**variables):
    """These variables for a while; None unsets one."""
    before = {name: os.environ.get(name) for name in variables}

    def put(values):
        for name, value in values.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    put(variables)
    try:
        yield
    finally:
        put(before)


class HttpTestCase(unittest.TestCase):
    """A test whose clients wait on a clock of its own."""

    def setUp(self):
        self.waits = []
        self.now = 0.0

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def client(self, **options):
        return hp.Http(**{"sleep": self.sleep, "clock": lambda: self.now,
                          "seed": 1, **options})

    def directory(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return directory.name

    def recorded(self, directory):
        """The text of all recordings."""
        text = ""
        for name in sorted(os.listdir(directory)):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                text += file.read()
        return text

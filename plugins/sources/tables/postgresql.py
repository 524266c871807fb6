"""PostgreSQL and its way through the daemon's proxy, for the sql source."""

import contextlib
import os
import socket
import threading
import urllib.parse

import headway_plugin as hp

ROWS_AT_ONCE = 2000

# Classes of PostgreSQL's error codes that may pass: connections, resources,
# rollbacks, an operator's intervention.
PASSING = ("08", "40", "53", "57P", "58")


def parse_timeout(request):
    text = request.option("statement_timeout")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 86400:
        raise hp.ConfigError(f'option statement_timeout = "{text}" is not a '
                             "number of seconds from 1 to 86400")
    return int(text)


def timed_out(seconds):
    return (f"the query was not done after {seconds} s; raise "
            "statement_timeout, or let it ask for less")


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

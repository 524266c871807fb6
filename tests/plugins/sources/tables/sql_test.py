"""The sql source on a real SQLite file and, where it is installed, a real
PostgreSQL in a temporary directory."""

import contextlib
import getpass
import glob
import importlib.util
import os
import pwd
import shutil
import socket
import socketserver
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from publisher import Conversation

ROWS = [("2024-01", "CHN", 10.5, "2024-02-10"),
        ("2024-02", "CHN", 12, "2024-03-10"),
        ("2024-01", "USA", 7, "2024-02-11")]
QUERY = "SELECT period, partner, value FROM exports ORDER BY 1, 2"
INCREMENTAL = {
    "query": "SELECT * FROM exports WHERE updated >= {since}",
    "since_column": "updated", "since_start": "2000-01-01",
    "labels": "partner"}


class SqliteTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "erp.db")
        self.execute("CREATE TABLE exports "
                     "(period TEXT, partner TEXT, value REAL, updated TEXT)")
        for row in ROWS:
            self.execute("INSERT INTO exports VALUES (?, ?, ?, ?)", row)

    def execute(self, statement, values=()):
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            # It need not outlast a failure of the machine.
            database.execute("PRAGMA synchronous = OFF")
            database.execute(statement, values)
            database.commit()

    def sql(self, **config):
        return Conversation("sql", {
            "sqlite": self.path, "query": QUERY, "metric": "exports_usd",
            "unit": "USD", **config})

    def assert_config_error(self, said, *texts):
        self.assertEqual(said.error and said.error["class"], "CONFIG")
        for text in texts:
            self.assertIn(text, said.error["message"])

    def test_reads_every_other_column_as_a_label(self):
        said = self.sql().read()
        self.assertEqual(said.values("exports_usd", partner="CHN"),
                         {"2024-01": 10.5, "2024-02": 12})
        self.assertEqual([s["labels"] for s in said.series.values()],
                         [{"partner": "CHN"}, {"partner": "USA"}])

    def test_says_that_the_same_rows_are_unchanged(self):
        first = self.sql().read()
        said = self.sql().read(first.states())
        self.assertEqual((said.error, said.batches), (None, []))
        self.assertIn("unchanged", said.logs[-1])

    def test_sends_the_whole_series_where_a_value_is_revised(self):
        first = self.sql().read()
        self.execute("UPDATE exports SET value = 11 WHERE value = 10.5")
        said = self.sql().read(first.states())
        self.assertEqual(said.values("exports_usd", partner="CHN"),
                         {"2024-01": 11, "2024-02": 12})
        self.assertTrue(all(batch["snapshot"] for batch in said.batches))
        self.assertTrue(said.checkpoints[-1]["complete"])

    def test_reads_from_the_greatest_value_of_the_last_read(self):
        first = self.sql(**INCREMENTAL).read()
        self.execute("INSERT INTO exports VALUES "
                     "('2024-03', 'CHN', 13, '2024-04-10')")
        said = self.sql(**INCREMENTAL).read(first.states())
        self.assertEqual(said.values("exports_usd", partner="CHN"),
                         {"2024-02": 12, "2024-03": 13})

    def test_never_withdraws_where_it_reads_incrementally(self):
        said = self.sql(**INCREMENTAL).read()
        self.assertFalse(said.checkpoints[-1]["complete"])

    def test_says_that_nothing_is_new_since_the_last_read(self):
        config = {**INCREMENTAL, "query": INCREMENTAL["query"].replace(
            ">=", ">")}
        first = self.sql(**config).read()
        said = self.sql(**config).read(first.states())
        self.assertEqual(said.batches, [])
        self.assertIn("no rows since 2024-03-10: nothing is new", said.logs)

    def test_begins_anew_when_the_options_change(self):
        first = self.sql(**INCREMENTAL).read()
        said = self.sql(**INCREMENTAL, scale="1e3").read(first.states())
        self.assertEqual(said.values("exports_usd", partner="USA"),
                         {"2024-01": 7000})

    def test_says_the_same_with_the_same_checkpoint(self):
        states = self.sql(**INCREMENTAL).read().states()
        self.assertEqual(self.sql(**INCREMENTAL).read(states).messages,
                         self.sql(**INCREMENTAL).read(states).messages)

    def test_dates_values_by_the_column_of_knowledge(self):
        said = self.sql(query="SELECT * FROM exports",
                        known_at_column="updated").read()
        self.assertEqual(
            {batch["knownAt"][:10] for batch in said.batches},
            {"2024-02-10", "2024-02-11", "2024-03-10"})

    def test_takes_days_for_the_periods_of_the_frequency(self):
        said = self.sql(query="SELECT '2024-05-17' AS period, 3 AS value",
                        frequency="quarterly").read()
        self.assertEqual(said.values("exports_usd"), {"2024-Q2": 3})

    def test_names_the_nearest_column_where_one_is_missing(self):
        said = self.sql(value_column="valeu").read()
        self.assert_config_error(said, '"valeu"', 'nearest is "value"')

    def test_refuses_two_values_of_one_period(self):
        said = self.sql(labels="none").read()
        self.assertIn("10.5 in an earlier row", said.error["message"])

    def test_names_the_row_of_what_is_no_number(self):
        self.execute("UPDATE exports SET value = 'much' WHERE value = 7")
        said = self.sql().read()
        self.assertIn("row 2: column \"value\" is 'much'",
                      said.error["message"])

    def test_names_the_row_of_what_is_no_period(self):
        self.execute("UPDATE exports SET period = 'soon' WHERE value = 7")
        self.assertIn('row 3: column "period"',
                      self.sql().read().error["message"])

    def test_counts_empty_values_and_leaves_them_out(self):
        self.execute("UPDATE exports SET value = NULL WHERE value = 7")
        said = self.sql().read()
        self.assertIn("1 values are empty and left out", said.logs)

    def test_refuses_a_result_without_rows(self):
        said = self.sql(query=QUERY.replace("ORDER", "WHERE 0 ORDER")).read()
        self.assertIn("gives no rows", said.error["message"])

    def test_cannot_write(self):
        said = self.sql(query="DELETE FROM exports RETURNING *").read()
        self.assert_config_error(said, "readonly")

    def test_ends_a_query_that_takes_too_long(self):
        endless = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                   "FROM n) SELECT '2024' AS period, count(*) AS value FROM n")
        said = self.sql(query=endless, statement_timeout="1").read()
        self.assert_config_error(said, "not done after 1 s")

    def test_asks_for_what_the_parameter_needs(self):
        said = self.sql(query=INCREMENTAL["query"]).read()
        self.assert_config_error(said, "since_column", "since_start")

    def test_refuses_a_start_without_the_parameter(self):
        said = self.sql(since_column="updated", since_start="2024").read()
        self.assert_config_error(said, "has no {since}")

    def test_refuses_two_databases(self):
        said = self.sql(postgresql="host=a").read()
        self.assert_config_error(said, "one of the options")

    def test_names_a_file_that_is_not_there(self):
        said = self.sql(sqlite="/nowhere/erp.db").read()
        self.assert_config_error(said, "/nowhere/erp.db")

    def test_names_a_file_that_is_no_database(self):
        with open(self.path, "wb") as file:
            file.write(b"not a database at all, however long it is" * 100)
        self.assert_config_error(self.sql().read(), "not a database")

    def test_checks_the_query_without_running_it(self):
        said = self.sql(query="SELECT perod FROM exports").say("check")
        self.assert_config_error(said, "perod")

    def test_replays_the_rows_of_an_earlier_pull(self):
        with tempfile.TemporaryDirectory() as documents:
            recording = self.sql()
            recording.environment["HEADWAY_HTTP_RECORD"] = documents
            first = recording.read()
            os.remove(self.path)
            replay = self.sql()
            replay.environment["HEADWAY_HTTP_REPLAY"] = documents
            self.assertEqual(replay.read().batches, first.batches)


def find_postgres():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return os.path.dirname(found[-1]) if found else None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Proxy(socketserver.ThreadingTCPServer):
    """Lets through what it is asked for by CONNECT, or nothing."""

    daemon_threads = True

    def __init__(self, port, allows=True):
        self.asked = []
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                proxy.asked.append(self.rfile.readline().split()[1].decode())
                while self.rfile.readline().strip():
                    pass
                if not allows:
                    self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                    return
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                with socket.create_connection(("127.0.0.1", port)) as server:
                    threading.Thread(target=self.pump, daemon=True, args=(
                        self.connection, server)).start()
                    self.pump(server, self.connection)

            @staticmethod
            def pump(source, target):
                with contextlib.suppress(OSError):
                    while data := source.recv(1 << 16):
                        target.sendall(data)

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.02}).start()

    def __exit__(self, *args):
        self.shutdown()
        super().__exit__(*args)

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class PostgresqlTest(unittest.TestCase):
    """One server for all, on a socket in a temporary directory and a port of
    the loopback."""

    @classmethod
    def setUpClass(cls):
        programs = find_postgres()
        if programs is None or importlib.util.find_spec("psycopg2") is None:
            raise unittest.SkipTest("needs PostgreSQL and python3-psycopg2")
        cls.folder = tempfile.mkdtemp(prefix="pg")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.account = getpass.getuser()
        if os.geteuid() == 0:
            # The server refuses to be root's.
            cls.account = "postgres"
            user = pwd.getpwnam(cls.account)
            os.chown(cls.folder, user.pw_uid, user.pw_gid)
        data = os.path.join(cls.folder, "data")
        password = os.path.join(cls.folder, "password")
        with open(password, "w", encoding="utf-8") as file:
            file.write("geheim123\n")
        os.chmod(password, 0o644)
        cls.programs = programs
        cls.run_program("initdb", "-D", data, "-U", "headway",
                        "--auth=scram-sha-256", f"--pwfile={password}", "-N")
        cls.port = free_port()
        cls.run_program(
            "pg_ctl", "-D", data, "-w", "-l", os.path.join(cls.folder, "log"),
            "-o", f"-h 127.0.0.1 -p {cls.port} -F -k {cls.folder}", "start")
        cls.addClassCleanup(cls.run_program, "pg_ctl", "-D", data, "-w", "-m",
                            "immediate", "stop")
        cls.psql("CREATE TABLE exports (day date, partner text, "
                 "value numeric, updated timestamptz)")
        cls.psql("INSERT INTO exports VALUES "
                 "('2024-01-01', 'CHN', 10.5, '2024-02-10 08:00+00'), "
                 "('2024-02-01', 'CHN', 12, '2024-03-10 08:00+00')")

    @classmethod
    def run_program(cls, program, *arguments):
        command = [os.path.join(cls.programs, program), *arguments]
        account = cls.account if os.geteuid() == 0 else None
        subprocess.run(command, user=account, check=True, cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                       env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                            "PGPASSWORD": "geheim123"})

    @classmethod
    def psql(cls, statement):
        cls.run_program("psql", "-h", cls.folder, "-p", str(cls.port), "-U",
                        "headway", "-d", "postgres", "-c", statement)

    def sql(self, password="geheim123", **config):
        return Conversation("sql", {
            "postgresql": f"port={self.port} dbname=postgres user=headway",
            "socket_folder": self.folder,
            "query": "SELECT day AS period, partner, value FROM exports",
            "frequency": "monthly", "metric": "exports_usd", "unit": "USD",
            **config}, secrets={"SQL_PASSWORD": password})

    def test_reads_numerics_and_dates(self):
        said = self.sql().read()
        self.assertEqual(said.values("exports_usd", partner="CHN"),
                         {"2024-01": 10.5, "2024-02": 12}, said.error)

    def test_reads_from_the_greatest_value_of_the_last_read(self):
        sql = self.sql(
            query="SELECT day AS period, partner, value, updated FROM exports "
            "WHERE updated >= {since} AND partner LIKE 'C%'",
            labels="partner", since_column="updated", since_start="2000-01-01")
        said = sql.read(sql.read().states())
        self.assertEqual(said.values("exports_usd", partner="CHN"),
                         {"2024-02": 12})

    def test_cannot_write(self):
        self.psql("CREATE SEQUENCE s")
        said = self.sql(query="SELECT '2024-01-01' AS period, "
                        "setval('s', 1) AS value").read()
        self.assertIn("read-only transaction", said.error["message"])

    def test_ends_a_query_that_takes_too_long(self):
        said = self.sql(query="SELECT '2024-01-01' AS period, "
                        "1 AS value, pg_sleep(60)",
                        statement_timeout="1").read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("not done after 1 s", said.error["message"])

    def test_names_the_variable_of_a_wrong_password(self):
        said = self.sql(password="falsch").read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("SQL_PASSWORD", said.error["message"])

    def test_names_the_column_that_is_not_there(self):
        said = self.sql(query="SELECT perod FROM exports").say("check")
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("perod", said.error["message"])

    def test_takes_a_server_that_is_away_for_a_passing_trouble(self):
        said = self.sql(socket_folder="/nowhere").read()
        self.assertEqual(said.error["class"], "TRANSIENT")

    def through(self, proxy):
        sql = self.sql(postgresql=f"host=localhost port={self.port} "
                       "dbname=postgres user=headway", socket_folder="")
        sql.environment["http_proxy"] = proxy.url()
        return sql.read()

    def test_reaches_a_server_through_the_proxy(self):
        with Proxy(self.port) as proxy:
            said = self.through(proxy)
            self.assertEqual(proxy.asked, [f"localhost:{self.port}"])
            self.assertEqual(said.values("exports_usd", partner="CHN"),
                             {"2024-01": 10.5, "2024-02": 12}, said.error)

    def test_says_what_allows_a_server_that_the_proxy_refuses(self):
        with Proxy(self.port, allows=False) as proxy:
            said = self.through(proxy)
        self.assertIn(f'allow_host: "localhost:{self.port}"',
                      said.error["message"])

    def test_refuses_a_password_in_the_connection_string(self):
        said = self.sql(postgresql="host=db password=geheim123").read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("SQL_PASSWORD", said.error["message"])


if __name__ == "__main__":
    unittest.main()

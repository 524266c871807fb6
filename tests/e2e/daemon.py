"""A real headwayd for tests, and a client of it.

    with Daemon(pipelines={"a.textproto": "..."}) as daemon:
        run = daemon.run("a")

Every wait is for a condition with a deadline; nothing sleeps.
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import grpc
from google.protobuf import timestamp_pb2
from headway.v1 import evidence_pb2_grpc
from headway.v1 import forecast_pb2_grpc
from headway.v1 import indicator_pb2, indicator_pb2_grpc
from headway.v1 import pipeline_pb2, pipeline_pb2_grpc
from headway.v1 import plugin_pb2_grpc
from headway.v1 import series_pb2, series_pb2_grpc

BIN = os.environ["HEADWAY_BIN"]
SOURCE = os.environ["HEADWAY_SOURCE"]
HERE = os.path.dirname(os.path.abspath(__file__))
PLUGINS = os.path.join(HERE, "plugins")

# Long enough for a busy machine and a sanitizer; reached only on failure.
PATIENCE = 120

# An http_proxy in the environment is not for a daemon on this machine.
CHANNEL_OPTIONS = [("grpc.enable_http_proxy", 0)]


class Log:
    """What a process writes to its standard error, line by line as it comes."""

    def __init__(self, stream):
        self._lines = []
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        stream.close()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def text(self):
        with self._changed:
            return "\n".join(self._lines)

    def wait_for(self, pattern):
        """The first match of the pattern in a line; fails if the process ends without one."""
        def search():
            return next(filter(None, (re.search(pattern, line) for line in self._lines)), None)
        with self._changed:
            self._changed.wait_for(lambda: search() or self._ended, PATIENCE)
            found = search()
        if found is None:
            raise AssertionError(f"no log line matches {pattern!r}:\n{self.text()}")
        return found

    def wait_for_end(self):
        self._thread.join(PATIENCE)
        return self.text()


def start_process(data_dir, pipelines, listen="127.0.0.1:0", config=None, prefix=()):
    command = [*prefix, os.path.join(BIN, "headwayd"), "--data-dir", data_dir,
               "--pipelines", pipelines, "--listen", listen]
    if config is not None:
        command += ["--config", config]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            errors="replace")


def fails_to_start(*arguments, **options):
    """What a daemon that cannot start says; fails if it does start."""
    process = start_process(*arguments, **options)
    log = Log(process.stderr)
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError("the daemon started:\n" + log.wait_for_end()) from None
    text = log.wait_for_end()
    if code <= 0:
        raise AssertionError(f"the daemon ended with {code}:\n{text}")
    return text


class Daemon:
    """Starts at once. `pipelines` and `plugins` are texts by the names of their files.

    Its folder, with `data`, `pipelines` and `plugins`, lives until close().
    """

    def __init__(self, pipelines=None, pipelines_from=None, with_backups=False, plugins=None):
        self.folder = tempfile.mkdtemp(prefix="headway-e2e-")
        self.data = os.path.join(self.folder, "data")
        self.backups = os.path.join(self.folder, "backups")
        self.pipelines_folder = os.path.join(self.folder, "pipelines")
        self._config = os.path.join(self.folder, "daemon.textproto")
        self.plugins_folder = os.path.join(self.folder, "plugins")
        os.mkdir(self.plugins_folder)
        with open(self._config, "w") as file:
            for folder in (PLUGINS, self.plugins_folder):
                file.write(f'plugin_directory: "{folder}"\n')
            if with_backups:
                file.write(f'backup_directory: "{self.backups}"\n')
        if pipelines_from is not None:
            shutil.copytree(pipelines_from, self.pipelines_folder)
        else:
            os.mkdir(self.pipelines_folder)
        for name, text in (pipelines or {}).items():
            with open(os.path.join(self.pipelines_folder, name), "w") as file:
                file.write(text)
        for name, text in (plugins or {}).items():
            self.install(name, text)
        self.process = None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def start(self):
        self.process = start_process(self.data, self.pipelines_folder, config=self._config)
        self.log = Log(self.process.stderr)
        self.address = self.log.wait_for(r"\baddress=(127\.0\.0\.1:\d+)").group(1)
        self.channel = grpc.insecure_channel(self.address, CHANNEL_OPTIONS)
        self.series = series_pb2_grpc.SeriesServiceStub(self.channel)
        self.indicators = indicator_pb2_grpc.IndicatorServiceStub(self.channel)
        self.evidence = evidence_pb2_grpc.EvidenceServiceStub(self.channel)
        self.forecasts = forecast_pb2_grpc.ForecastServiceStub(self.channel)
        self.pipelines = pipeline_pb2_grpc.PipelineServiceStub(self.channel)
        self.plugins = plugin_pb2_grpc.PluginServiceStub(self.channel)

    def kill(self):
        """kill -9: nothing is flushed, nobody is told."""
        self.process.kill()
        self._wait()

    def stop(self):
        """As an operator does; returns the exit code."""
        self.process.terminate()
        return self._wait()

    def _wait(self):
        code = self.process.wait(PATIENCE)
        self.process = None
        self.channel.close()
        self.log.wait_for_end()
        return code

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def install(self, name, text):
        """A plugin of this daemon alone, whole at once, as an installation does it."""
        path = os.path.join(self.plugins_folder, name)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.chmod(path + ".new", 0o755)
        os.replace(path + ".new", path)

    # ---- what tests ask of it ----

    def start_run(self, pipeline):
        return self.pipelines.RunPipeline(
            pipeline_pb2.RunPipelineRequest(name=f"pipelines/{pipeline}"), timeout=PATIENCE)

    def watch_run(self, name):
        return self.pipelines.WatchRun(pipeline_pb2.WatchRunRequest(name=name), timeout=PATIENCE)

    def wait_for_run(self, name):
        """The run's last state."""
        *_, last = self.watch_run(name)
        return last

    def run(self, pipeline):
        return self.wait_for_run(self.start_run(pipeline).name)

    def runs(self, pipeline):
        """Newest first."""
        return list(self.pipelines.ListRuns(
            pipeline_pb2.ListRunsRequest(parent=f"pipelines/{pipeline}"), timeout=PATIENCE).runs)

    def read(self, indicator, as_of=None):
        """{labels: {period: value}} of an indicator."""
        return tables(self.read_indicator(indicator, as_of))

    def read_indicator(self, indicator, as_of=None):
        request = indicator_pb2.ReadIndicatorRequest(name=f"indicators/{indicator}")
        if as_of is not None:
            request.as_of.FromJsonString(as_of)
        return self.indicators.ReadIndicator(request, timeout=PATIENCE)

    def find_series(self, selector):
        found = []
        request = series_pb2.ListSeriesRequest(filter=selector, page_size=1000)
        while True:
            page = self.series.ListSeries(request, timeout=PATIENCE)
            found += page.series
            request.page_token = page.next_page_token
            if not request.page_token:
                return found

    def read_series(self, name):
        """{period: value} of a series, which series/ID names."""
        response = self.series.ReadSeries(series_pb2.ReadSeriesRequest(name=name),
                                          timeout=PATIENCE)
        return {observation.period: observation.value for observation in response.observations}

    def vintages(self, name):
        return list(self.series.ListVintages(
            series_pb2.ListVintagesRequest(parent=name, page_size=1000),
            timeout=PATIENCE).vintages)

    def push(self, metric, unit, values, frequency="MONTHLY", known_at=None, **labels):
        """Writes {period: value} of one series."""
        request = series_pb2.WriteObservationsRequest(source="test")
        batch = request.batches.add(metric=metric, labels=labels, frequency=frequency, unit=unit)
        for period, value in values.items():
            batch.observations.add(period=period, value=value)
        if known_at is not None:
            request.known_at.FromJsonString(known_at)
        return self.series.WriteObservations(request, timeout=PATIENCE)


def tables(response):
    """{labels: {period: value}} of a ReadIndicatorResponse or a WatchIndicatorsResponse."""
    return {tuple(sorted(series.labels.items())):
            {observation.period: observation.value for observation in series.observations}
            for series in response.series}


def months(count, start=2015):
    return [f"{start + i // 12}-{i % 12 + 1:02d}" for i in range(count)]


def steps(run):
    """{(kind, subject): step} of a run."""
    return {(pipeline_pb2.RunStep.Kind.Name(step.kind), step.subject): step for step in run.steps}


def state_name(message):
    return message.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[message.state].name


def instant(text):
    timestamp = timestamp_pb2.Timestamp()
    timestamp.FromJsonString(text)
    return timestamp


class DaemonTestCase(unittest.TestCase):
    """One daemon for the class, made by start_daemon()."""

    daemon = None

    @classmethod
    def start_daemon(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.start_daemon()
        cls.addClassCleanup(cls.daemon.close)

    def assert_succeeded(self, run):
        self.assertEqual(state_name(run), "SUCCEEDED", f"{run}\n{self.daemon.log.text()}")

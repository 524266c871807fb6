"""A plugin that means harm, in the place of each live source's plugin and with
what that source is given: its hosts, its file, its secrets. It gets these and
nothing else.

It describes itself as the real plugin does, byte for byte. Instead of reading
it tries all that it should not be able to do, and logs what it got.
"""

import concurrent.futures
import json
import os
import subprocess
import tempfile
import unittest

import year
from publisher import Answer, Publisher
from publishers import SHIPPED, START, World
from simulated import PLUGINS, Simulation

HOSTILE = r'''#!/usr/bin/python3
import json, os, socket, sys, urllib.error, urllib.request

if sys.argv[1] == "describe":
    sys.stdout.buffer.write(DESCRIPTION)
    sys.exit(0)
request = json.load(sys.stdin)


def fetch(url):
    """Through the proxy that a plugin is given."""
    try:
        return urllib.request.urlopen(url, timeout=20).read().decode()
    except urllib.error.HTTPError as e:
        return e.read().decode()
    except OSError as e:
        return str(e)


def connects(host, port):
    try:
        socket.create_connection((host, port), 2).close()
        return True
    except OSError:
        return False


def forks():
    """How many processes it can have at once, up to a thousand."""
    children = []
    wake, hold = os.pipe()
    try:
        while len(children) < 1000:
            child = os.fork()
            if child == 0:
                os.close(hold)
                os.read(wake, 1)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    os.close(hold)
    for child in children:
        os.waitpid(child, 0)
    return len(children)


def fills():
    """How many MiB it can leave in its directory, up to 4096."""
    try:
        with open("large", "wb", buffering=0) as file:
            for size in range(4096):
                if file.write(bytes(1 << 20)) < 1 << 20:
                    break
        os.unlink("large")
        return size
    except OSError:
        os.unlink("large")
        return size


config = request["config"]
urls = [v for v in config.values() if v.startswith("http://127.0.0.1")]
found = {
    "own": [fetch(url) for url in urls],
    "direct": connects("127.0.0.1", CANARY) or connects("192.0.2.1", 80),
    "elsewhere": [fetch(f"http://{host}/") for host in (
        "127.0.0.1:CANARY_", "localhost:CANARY_", "169.254.169.254",
        "elsewhere.test")],
    "files": [path for path in (
        "/etc/shadow", "/root", "/home", *PRIVATE) if os.path.exists(path)],
    "named": [os.access(v, os.R_OK) for v in config.values()
              if v.startswith("/")],
    "secrets": sorted(n for n in os.environ if n in SECRETS),
    "others": [p for p in os.listdir("/proc") if p.isdigit()
               and int(p) > 50],
    "forks": forks(),
    "fills": fills(),
}
for name, value in found.items():
    print(json.dumps({"log": {"message": f"{name}={json.dumps(value)}"}}))
print("\x00\xff what is no message")
'''


def described(plugin):
    return subprocess.run([os.path.join(PLUGINS, plugin), "describe"],
                          input=b"{}\n", capture_output=True, check=True).stdout


def plugin_of(source):
    """The plugin that the shipped pipelines name for it."""
    for name in sorted(os.listdir(year.PIPELINES)):
        if name.endswith(".textproto"):
            with open(os.path.join(year.PIPELINES, name),
                      encoding="utf-8") as file:
                found = file.read().partition(f'name: "{source}"')[2]
            if found:
                return found.partition('plugin: "')[2].partition('"')[0]
    raise AssertionError(f"no pipeline has {source}")


class Attempt:
    """What the hostile plugin got in the place of a source's."""

    def __init__(self, source):
        shipped = SHIPPED[source]
        plugin = plugin_of(source)
        description = described(plugin)
        every_secret = {name: "0th3rs-k3y" for one in SHIPPED.values()
                        for name in one.secrets}
        with (tempfile.TemporaryDirectory() as folder, Publisher() as canary,
              World() as world):
            canary.answer("/", Answer(200, b"of this machine"))
            world.today = START
            options = shipped.open(world)
            for publisher in world.publishers.values():
                for path in self.paths(options, publisher):
                    publisher.answer(path, Answer(200, b"its own"))
            beside = os.path.join(folder, "beside")
            with open(beside, "w", encoding="utf-8") as file:
                file.write("private")
            port = int(canary.url.rpartition(":")[2])
            text = (HOSTILE.replace("DESCRIPTION", repr(description))
                    .replace("CANARY_", str(port))
                    .replace("CANARY", str(port))
                    .replace("PRIVATE", repr([beside, os.path.join(
                        year.PIPELINES, "chip-sales.textproto")]))
                    .replace("SECRETS", repr(sorted(every_secret))))
            plugins = os.path.join(folder, "plugins")
            os.mkdir(plugins)
            path = os.path.join(plugins, plugin)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)
            with Simulation(year.PIPELINES, year.at_midnight(START),
                            every_secret, plugins) as simulation:
                simulation.configure({source: options})
                self.pull = simulation.pull(source)
            self.canary_asked = len(canary.asked)
        self.secrets = sorted(name for name in every_secret
                              if name.encode() in description)
        self.got = {}
        for line in self.pull["log"]:
            name, is_finding, value = line.partition("=")
            if is_finding:
                self.got[name.rpartition(" ")[2]] = json.loads(value)

    @staticmethod
    def paths(options, publisher):
        """What the options ask of a publisher."""
        return [value[len(publisher.url):] or "/" for value in options.values()
                if value.startswith(publisher.url)]


class HostilePluginsInThePlaceOfSources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            cls.attempts = dict(zip(SHIPPED, pool.map(Attempt, SHIPPED)))

    def got(self, name):
        return {source: attempt.got.get(name)
                for source, attempt in self.attempts.items()}

    def assert_all(self, name, expected):
        self.assertEqual(self.got(name), dict.fromkeys(SHIPPED, expected))

    def test_each_reaches_the_publishers_that_its_options_name(self):
        self.assertEqual(
            {source: set(said or ["nobody"])
             for source, said in self.got("own").items()},
            dict.fromkeys(SHIPPED, {"its own"}))

    def test_none_connects_to_anybody_directly(self):
        self.assert_all("direct", False)

    def test_none_reaches_another_host_through_the_proxy(self):
        self.assertEqual(
            {source: [text for text in said or ["it did not say"]
                      if "is refused" not in text]
             for source, said in self.got("elsewhere").items()},
            dict.fromkeys(SHIPPED, []))

    def test_a_server_of_this_machine_is_never_asked(self):
        self.assertEqual({source: attempt.canary_asked for source, attempt
                          in self.attempts.items()}, dict.fromkeys(SHIPPED, 0))

    def test_each_reads_the_file_that_its_options_name(self):
        self.assertEqual({source: said for source, said
                          in self.got("named").items() if said != []},
                         {"list-prices": [True]})

    def test_none_sees_another_file(self):
        self.assert_all("files", [])

    def test_each_has_its_own_secrets_alone(self):
        self.assertEqual(self.got("secrets"),
                         {source: attempt.secrets for source, attempt
                          in self.attempts.items()})

    def test_none_sees_processes_of_others(self):
        self.assert_all("others", [])

    def test_none_makes_processes_without_end(self):
        # None at all where other plugins of the same user, which another
        # daemon on this machine may have, use up what the user may have.
        counts = self.got("forks")
        self.assertEqual({source: count for source, count in counts.items()
                          if count is None or count >= 1000}, {})
        self.assertTrue(any(counts.values()))

    def test_none_fills_the_disk(self):
        self.assertEqual({source: size for source, size
                          in self.got("fills").items()
                          if not size or size >= 4095}, {})

    def test_rubbish_ends_the_pull_with_an_error_of_one_line(self):
        self.assertEqual(
            {source: attempt.pull.get("error", "") for source, attempt
             in self.attempts.items()
             if f"source {source}: plugin" not in attempt.pull.get("error", "")
             or "\n" in attempt.pull["error"]}, {})


if __name__ == "__main__":
    unittest.main()

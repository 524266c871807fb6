"""The live sources of the shipped pipelines through days of their
schedules, each against a loopback publisher that answers as its own would: how
many requests a day each publisher gets, beside what it allows.

    tools/dev year [DAYS [SOURCE…]]

Each source goes through the days by itself, several at once, with its real
plugin, a real store and simulated time. What fails is printed, and ends the
program with 1.
"""

import collections
import concurrent.futures
import dataclasses
import datetime
import os
import statistics
import sys

from publishers import SHIPPED, START, World
from simulated import Simulation

PIPELINES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "../../pipelines")
# Of at most so many days a long first read is left out.
SHORT = 31
AT_ONCE = 8


@dataclasses.dataclass
class Passed:
    """What a source did in some days."""

    source: str
    pulls: int = 0
    changes: int = 0  # pulls that changed the store
    # Host -> requests of each day.
    requests: dict = dataclasses.field(default_factory=dict)
    failures: list = dataclasses.field(default_factory=list)


def at_midnight(day):
    return f"{day}T00:00:00Z"


def go_through(name, days):
    """The days of a source's schedule."""
    passed = Passed(name)
    source = SHIPPED[name]
    with World() as world:
        world.today = START
        options = source.open(world)
        if days <= SHORT:
            options.update(source.short)
        with Simulation(PIPELINES, at_midnight(START),
                        source.secrets) as simulation:
            simulation.configure({name: options})
            for _ in range(days):
                tomorrow = world.today + datetime.timedelta(days=1)
                note(simulation.until(at_midnight(tomorrow)), passed)
                count_requests(world, passed)
                world.today = tomorrow
    return passed


def note(pulls, passed):
    for pull in pulls:
        passed.pulls += 1
        passed.changes += bool(pull.get("changed"))
        if "error" in pull:
            passed.failures.append(f"{pull['at']}: {pull['error']}")


def count_requests(world, passed):
    for host, publisher in world.publishers.items():
        passed.requests.setdefault(host, []).append(len(publisher.asked))
        publisher.asked.clear()


def run(days, names=None):
    """What the sources did, by name."""
    names = names or list(SHIPPED)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(names, pool.map(lambda n: go_through(n, days), names)))


def by_host(passed):
    """Host -> requests of each day, of all sources together."""
    sums = {}
    for one in passed.values():
        for host, requests in one.requests.items():
            sums[host] = [a + b for a, b in zip(
                sums.get(host, [0] * len(requests)), requests)]
    return sums


def limits():
    """Host -> what its publisher allows."""
    return {host: limit for source in SHIPPED.values()
            for host, limit in source.limits.items()}


def too_many(passed):
    """"host: …" of each that was asked more on a day than it allows."""
    allowed = limits()
    return [f"{host}: {max(requests)} requests on a day, and {limit.said}"
            for host, requests in by_host(passed).items()
            if (limit := allowed[host]).a_day and max(requests) > limit.a_day]


def table(passed):
    """Lines of Markdown."""
    sources = collections.defaultdict(list)
    for name, one in passed.items():
        for host in one.requests:
            sources[host].append(name)
    allowed = limits()
    lines = ["| publisher | sources | first day | median | max after it | "
             "allows |", "|---|---|---|---|---|---|"]
    for host, requests in sorted(by_host(passed).items()):
        later = requests[1:] or requests
        lines.append(
            f"| {host} | {', '.join(sources[host])} | {requests[0]} | "
            f"{statistics.median(later):g} | {max(later)} | "
            f"{allowed[host].said} |")
    return lines


def main(arguments):
    days = int(arguments[0]) if arguments else 365
    passed = run(days, arguments[1:])
    print("\n".join(table(passed)))
    pulls = sum(one.pulls for one in passed.values())
    changes = sum(one.changes for one in passed.values())
    print(f"\n{pulls} pulls of {len(passed)} sources in {days} days; "
          f"{changes} of them changed something")
    wrong = too_many(passed) + [
        f"{name}: {failure}" for name, one in passed.items()
        for failure in one.failures]
    for line in wrong:
        print(line, file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

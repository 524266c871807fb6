"""What the real plugins make of every body of the folder of test data: series,
observations, and what a later body revised.

    python3 tests/proof/proof.py [LOAD…]

Each load is pulled by the daemon's own code, isolated, into a store, on the
simulated days on which its bodies were current.
"""

import concurrent.futures
import dataclasses
import os
import sys
import tempfile

import comparison
from bodies import LOADS
from publisher import Answer, Publisher
from simulated import Simulation

AT_ONCE = 4
SOURCE = "proof"
PIPELINE = 'pipeline {{ name: "proof" source {{ name: "{}" plugin: "{}" }} }}'


@dataclasses.dataclass
class Proof:
    """What a load came to. `requests` counts those of all its rounds."""

    name: str
    recorded: bool
    days: list
    requests: int
    pulls: list
    series: list

    @property
    def errors(self):
        return [pull["error"] for pull in self.pulls if "error" in pull]

    def values(self, metric, **labels):
        """{period: value} as it stands, of the one series with these
        labels."""
        [found] = [s for s in self.series if s["metric"] == metric
                   and labels.items() <= s["labels"].items()]
        return self.values_of(found)

    @staticmethod
    def values_of(series):
        return standing(series["statements"])

    def observations(self):
        return sum(len(standing(s["statements"])) for s in self.series)

    def revisions(self):
        """[(series, period, before, after)]; None where there is nothing."""
        return [(s["metric"], tuple(sorted(s["labels"].items())), *revision)
                for s in self.series for revision in revised(s["statements"])]


def standing(statements):
    values = {}
    for period, value, _ in statements:
        values[period] = value
    return {p: v for p, v in values.items() if v is not None}


def revised(statements):
    before = {}
    for period, value, _ in statements:
        if period in before and before[period] != value:
            yield period, before[period], value
        before[period] = value


def prove_all(names=None):
    """{load: proof}"""
    names = names or list(LOADS)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(names, pool.map(prove, names)))


def prove(name):
    one = LOADS[name]
    rounds = one.rounds()
    with tempfile.TemporaryDirectory() as folder, Publisher() as publisher:
        with open(os.path.join(folder, "proof.textproto"), "w",
                  encoding="utf-8") as file:
            file.write(PIPELINE.format(SOURCE, one.plugin))
        options = dict(one.options)
        for address in one.addresses:
            option, _, path = address.partition("=")
            options[option] = publisher.url + path
        days = [day for day, _ in rounds]
        pulls = []
        with Simulation(folder, f"{days[0]}T00:00:00Z",
                        one.secrets) as simulation:
            simulation.configure({SOURCE: options})
            for day, answers in rounds:
                simulation.until(f"{day}T12:00:00Z")
                for path, answer in answers.items():
                    publisher.answer(path, answer if not isinstance(
                        answer, bytes) else Answer(200, answer))
                pulls.append(simulation.pull(SOURCE))
            return Proof(name, one.recorded, days, len(publisher.asked), pulls,
                         simulation.series())


def table(proofs):
    """Lines of Markdown."""
    lines = ["| load | bodies | days | series | observations | revisions | "
             "said |", "|---|---|---|---|---|---|---|"]
    for proof in proofs:
        lines.append(
            f"| {proof.name} | {'recorded' if proof.recorded else 'documented'}"
            f" | {', '.join(proof.days)} | {len(proof.series)} | "
            f"{proof.observations()} | "
            f"{len(proof.revisions()) if len(proof.days) > 1 else '–'} | "
            f"{'refused' if proof.errors else ''} |")
    return lines


def main(names):
    proofs = prove_all(names)
    print("\n".join(table(proofs.values())))
    if not names:
        print("\n".join(["", *comparison.table(
            comparison.compare_sums(proofs)
            + comparison.compare_tidy(proofs))]))
    for proof in proofs.values():
        for error in proof.errors:
            print(f"{proof.name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Measures how soon each mutant of the store is noticed, by strategy, and writes docs/mutants.md.

    kill_matrix.py PROGRAMS ROOT                      measures what has not been measured, and prints the page
    kill_matrix.py PROGRAMS ROOT --write              ... and writes it to docs/mutants.md
    kill_matrix.py PROGRAMS ROOT --only M01 M07 ...   measures these, and makes no page; with --write their rows of it
    kill_matrix.py PROGRAMS ROOT --as-it-is ...       measures nothing more

PROGRAMS is where the target `mutants` has put its programs (build/release/bin/mutants). A campaign begins at a seed of
its own and ends with the first run that fails for certain (scenarios/testing/first_kill.cpp). What is measured is kept,
a line for each campaign, in PROGRAMS/results.jsonl, and holds for the program that it was measured with and no other.
Exits with 1 if a safety mutant was never noticed.

First each strategy looks at the store as it is (the target `first_kill`, which `mutants` builds too). If it notices
something there no mutant is measured: to notice a mutant would mean nothing.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace

import mutants
from page import page, with_rows

CAMPAIGN_DISTANCE = 200_000
CONTROL = mutants.Mutant(
    "first_kill", what="Nothing is changed.", rule="", source="our own", kind="control", changes=())


@dataclass(frozen=True)
class Strategy:
    name: str
    longest: int    # seeds (of the library: rounds) of a campaign; then it has not noticed
    patience: dict  # by kind: when campaigns of a mutant have gone on in vain for so many seeds, no further one begins


STRATEGIES = [
    Strategy("swarm", CAMPAIGN_DISTANCE,
             {"safety": 200_000, "liveness": 20_000, "performance": 4_000, "control": 4_000}),
    Strategy("plain", 5_000, {"safety": 10_000, "liveness": 5_000, "performance": 2_000, "control": 2_000}),
    Strategy("library", 2, {"safety": 100, "liveness": 100, "performance": 100, "control": 1_000}),
]


class Results:
    """Campaigns that have been run, by program and strategy; on disk as they come."""

    def __init__(self, path):
        self.path, self.campaigns = path, {}
        for line in path.read_text().splitlines() if path.exists() else []:
            self.keep(json.loads(line))

    def keep(self, result):
        self.campaigns[(result["program"], result["strategy"], result["campaign"])] = result

    def add(self, result):
        self.keep(result)
        with self.path.open("a") as file:
            file.write(json.dumps(result) + "\n")

    def of(self, program, strategy, count):
        found = [self.campaigns.get((program, strategy, campaign)) for campaign in range(count)]
        return [result for result in found if result]


class Matrix:
    def __init__(self, programs, root, campaigns, as_it_is):
        self.programs, self.root, self.campaigns, self.as_it_is = programs, root, campaigns, as_it_is
        self.results = Results(programs / "results.jsonl")

    def program(self, mutant):
        path = (self.programs.parent if mutant is CONTROL else self.programs) / mutant.name
        if not path.is_file():
            sys.exit(f"kill_matrix.py: there is no {path}: cmake --build --preset release --target mutants")
        return path

    def mark(self, mutant):
        return hashlib.sha256(self.program(mutant).read_bytes()).hexdigest()[:16]

    def first_kill(self, mutant, strategy, first, last):
        command = [str(self.program(mutant)), strategy, str(first), str(last)]
        run = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"kill_matrix.py: {' '.join(command)}\n{run.stderr}")
        return json.loads(run.stdout)

    def measure(self, mutant, strategy):
        """All campaigns of a mutant, or as many as patience allows."""
        mark, in_vain = self.mark(mutant), 0
        for campaign in range(self.campaigns):
            known = self.results.campaigns.get((mark, strategy.name, campaign))
            if known is None and self.as_it_is:
                break
            if known is None:
                first = 1 + campaign * (strategy.longest if strategy.name == "library" else CAMPAIGN_DISTANCE)
                last = first + min(strategy.longest, max(strategy.patience[mutant.kind] - in_vain, 1)) - 1
                known = self.first_kill(mutant, strategy.name, first, last)
                known |= {"mutant": mutant.name, "program": mark, "strategy": strategy.name, "campaign": campaign}
                self.results.add(known)
            in_vain += 0 if known["property"] else known["runs"]
            if in_vain >= strategy.patience[mutant.kind]:
                break
        return self.cell(mutant, strategy)

    def cell(self, mutant, strategy):
        found = self.results.of(self.mark(mutant), strategy.name, self.campaigns)
        return Cell(found, [result for result in found if result["property"]])


@dataclass
class Cell:
    """What the campaigns of one mutant and one strategy came to."""
    campaigns: list
    kills: list

    @property
    def median(self):
        """Seeds to the first kill; nothing if fewer than half of the campaigns came to one."""
        return self.median_of("runs")

    @property
    def events(self):
        return self.median_of("events")

    def median_of(self, what):
        if 2 * len(self.kills) <= len(self.campaigns):
            return None
        missed = [float("inf")] * (len(self.campaigns) - len(self.kills))
        return statistics.median_high(sorted(kill[what] for kill in self.kills) + missed)

    @property
    def worst(self):
        """Seeds to the first kill in the longest campaign that came to one."""
        return max((kill["runs"] for kill in self.kills), default=None)

    @property
    def in_vain(self):
        return sum(result["runs"] for result in self.campaigns if not result["property"])

    @property
    def properties(self):
        return Counter(kill["property"] for kill in self.kills)


def measure_all(matrix, chosen, strategies, jobs):
    """By mutant and strategy. In threads: each waits for a program."""
    pairs = [(mutant, strategy) for strategy in strategies for mutant in chosen]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        cells = {}
        for (mutant, strategy), cell in zip(pairs, pool.map(lambda pair: matrix.measure(*pair), pairs)):
            cells[mutant.name, strategy.name] = cell
            by = ", ".join(f"{name} {count}" for name, count in cell.properties.most_common(3))
            print(f"{strategy.name:8}{len(cell.kills):3}/{len(cell.campaigns):<3}{cell.median or '-':>7}"
                  f"{cell.worst or '-':>8}  {mutant.name}: {by}", file=sys.stderr, flush=True)
    return cells


def refuse_false_alarms(matrix, strategies):
    """Ends the program if a strategy notices something at the store in which nothing is changed."""
    for strategy in strategies:
        for kill in matrix.measure(CONTROL, strategy).kills:
            sys.exit(f"kill_matrix.py: {strategy.name} notices something though nothing is changed: {kill['last']}: "
                     f"{kill['property']}: {kill['shape']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--campaigns", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], metavar="M01",
                        help="these mutants; no page is made then, but their rows of it")
    parser.add_argument("--longest", type=int, default=CAMPAIGN_DISTANCE, help="seeds of a campaign at most")
    parser.add_argument("--strategies", nargs="*", default=[strategy.name for strategy in STRATEGIES])
    parser.add_argument("--as-it-is", action="store_true", help="the page of what has been measured, and no more")
    parser.add_argument("--write", action="store_true")
    wishes = parser.parse_args()
    chosen = [mutant for mutant in mutants.read_all() if not wishes.only or mutant.number in wishes.only]
    strategies = [replace(strategy, longest=min(strategy.longest, wishes.longest))
                  for strategy in STRATEGIES if strategy.name in wishes.strategies]
    matrix = Matrix(wishes.programs, wishes.root, wishes.campaigns, wishes.as_it_is)
    refuse_false_alarms(matrix, strategies)
    cells = measure_all(matrix, chosen, strategies, wishes.jobs)
    file = wishes.root / "docs/mutants.md"
    if len(strategies) < len(STRATEGIES):
        pass  # a page says all of a mutant, or nothing
    elif wishes.only and wishes.write:
        file.write_text(with_rows(file.read_text(), chosen, cells, wishes.campaigns, wishes.root))
    elif wishes.write:
        file.write_text(page(chosen, cells, wishes.campaigns, wishes.root))
    elif not wishes.only:
        print(page(chosen, cells, wishes.campaigns, wishes.root))
    survivors = [mutant.name for mutant in chosen if mutant.kind == "safety" and
                 not any(cells[mutant.name, strategy.name].kills for strategy in strategies)]
    for name in survivors:
        print(f"survived: {name}", file=sys.stderr)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()

"""Measures what becomes of failures when they are shrunk: finds some for each rule that can be turned off, shrinks
each, and writes the table of docs/fuzzing.md.

    shrink_table.py PROGRAM ROOT [--failures 5] [--write]
    shrink_table.py PROGRAM ROOT --mutants DIR [--seeds 1..4096]

Lines are those of the faults, operators and workload of the shrunk scenario. Each is run as it was written: one that
does not fail by the property for which it was shrunk ends this. Then it is run with the rule turned on again: what is
not as expected then asks for more than its world promises, and ends this as well. Without --write the table goes to
standard output.

With --mutants it is the programs in DIR whose failures are found and shrunk (smalldb-sim, each with a bug in it, and no
other files), and PROGRAM is the store without any of these.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

RULES = ["output_rule", "read_confirmation", "local_sync_before_release", "backup_sync_before_ack",
         "arbiter_before_live", "drain_before_live", "exactly_once", "epoch_check", "torn_tail_cut",
         "checkpoint_in_stream"]
CAMPAIGN_DISTANCE = 100_000
SEEDS = 4096
BEGIN, END = "<!-- shrink_table.py -->\n", "<!-- the end of the table -->\n"


def run(*arguments):
    done = subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 2):
        sys.exit(f"shrink_table.py: {' '.join(done.args)}\n{done.stderr}")
    return done


def lines_of_story(scenario):
    """How many lines say what goes wrong and what is asked for."""
    lines, counts = 0, False
    for line in scenario.splitlines():
        if not line.startswith(" "):
            counts = line.startswith(("faults:", "operator:", "workload:"))
        lines += counts
    return lines


def has_ended_badly(what, small, done):
    sys.exit(f"shrink_table.py: {what}:\n{done.stdout}\n{small.read_text()}")


class Shrunk:
    """What `program` makes of a capsule. `mended` gives how it is run when the bug is gone: a program and a file."""

    def __init__(self, program, capsule, place, mended):
        small = place / "small.yaml"
        summary = run(program, "shrink", capsule, "--out", small).stderr
        words = re.search(r"^(\w+): (\d+) elements? and (\d+) settings? left, (.*); ([\d,]+) candidates? in ([\d.]+) s",
                          summary)
        self.elements, self.settings = int(words.group(2)), int(words.group(3))
        self.minimal = words.group(4).startswith("none")
        self.candidates, self.seconds = int(words.group(5).replace(",", "")), float(words.group(6))
        again = run(program, "replay", small, "--quiet")
        fails = words.group(1) in again.stdout or words.group(1) in ("hang", "expectation")
        if again.returncode != 1 or not fails:
            has_ended_badly(f"what was shrunk does not fail by {words.group(1)}", small, again)
        green = run(*mended(small), "--quiet")
        if green.returncode != 0:
            has_ended_badly(f"what was shrunk from {capsule} is not green when the bug is mended", small, green)
        self.lines = lines_of_story(small.read_text())


def with_the_rule(program, rule):
    def mended(small):
        text = small.read_text().replace(f"  rules: {{{rule}: off}}\n", "")
        good = small.with_name("mended.yaml")
        good.write_text(re.sub(r"^cluster:\n(?! )", "", text, flags=re.M))
        return program, "run", good
    return mended


def certain_findings(program, seeds, place, *template):
    report = json.loads(run(program, "fuzz", *template, "--seeds", seeds, "--no-shrink", "--out", place / "findings",
                            "--format", "json").stdout)
    return [finding for finding in report["findings"] if finding["certain"]]


def shrunk_failures(program, rule, count):
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        template = place / "template.yaml"
        template.write_text(f"why: The store without a rule.\ncluster: {{rules: {{{rule}: off}}}}\n")
        for campaign in range(count):
            first = 1 + campaign * CAMPAIGN_DISTANCE
            size = 64
            while size <= SEEDS:
                certain = certain_findings(program, f"{first}..{first + size - 1}", place, template)
                if certain:
                    found = min(certain, key=lambda finding: finding["first"])
                    yield Shrunk(program, found["capsule"], place, with_the_rule(program, rule))
                    break
                size *= 4


def shrunk_of_mutant(program, mutant, seeds):
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        return [Shrunk(mutant, finding["capsule"], place, lambda small: (program, "run", small))
                for finding in certain_findings(mutant, seeds, place)]


def row(name, failures):
    if not failures:
        return f"| {name} | none found | | | | | |"
    minimal = sum(one.minimal for one in failures)
    lines, elements, settings, seconds = ([getattr(one, what) for one in failures]
                                          for what in ("lines", "elements", "settings", "seconds"))
    rate = sum(one.candidates for one in failures) / max(sum(seconds), 0.1)
    return (f"| {name} | {len(failures)}, {minimal} 1-minimal | {statistics.median(lines):g}, {max(lines)} "
            f"| {statistics.median(elements):g}, {max(elements)} | {statistics.median(settings):g}, {max(settings)} "
            f"| {statistics.median(seconds):.1f}, {max(seconds):.1f} | {rate:,.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--failures", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--mutants", type=pathlib.Path)
    parser.add_argument("--seeds", default="1..4096")
    wishes = parser.parse_args()
    of = "mutant" if wishes.mutants else "rule turned off"
    table = [f"| {of} | failures | lines: median, worst | elements: median, worst | settings: median, worst "
             "| seconds: median, worst | candidates/s |", "|---|---|---|---|---|---|---|"]
    everything = []

    def add(name, failures):
        everything.extend(failures)
        table.append(row(f"`{name}`", failures))
        print(table[-1], file=sys.stderr)

    if wishes.mutants:
        for mutant in sorted(wishes.mutants.iterdir()):
            add(mutant.name, shrunk_of_mutant(wishes.program, mutant, wishes.seeds))
    else:
        for rule in RULES:
            add(rule, list(shrunk_failures(wishes.program, rule, wishes.failures)))
    table.append(row("all", everything))
    text = f"On {os.cpu_count()} processors, `{run(wishes.program, '--version').stdout.strip()}`:\n\n"
    text += "\n".join(table) + "\n"
    if not wishes.write:
        print(text, end="")
        return
    page = wishes.root / "docs/fuzzing.md"
    before, rest = page.read_text().split(BEGIN)
    page.write_text(before + BEGIN + text + END + rest.split(END)[1])


main()

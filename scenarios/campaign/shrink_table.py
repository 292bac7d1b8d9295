"""Measures what becomes of failures when they are shrunk: finds some for each rule that can be turned off, shrinks
each, and writes the table of docs/fuzzing.md.

    shrink_table.py PROGRAM ROOT [--failures 5] [--write]

Lines are those of the faults, operators and workload of the shrunk scenario. Each is run as it was written: one that
does not fail by the property for which it was shrunk ends this. Without --write the table goes to standard output.
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


class Shrunk:
    def __init__(self, program, capsule, place):
        small = place / "small.yaml"
        summary = run(program, "shrink", capsule, "--out", small).stderr
        words = re.search(r"^(\w+): (\d+) elements? left, (.*); ([\d,]+) candidates? in ([\d.]+) s", summary)
        self.elements, self.minimal = int(words.group(2)), words.group(3).startswith("none")
        self.candidates, self.seconds = int(words.group(4).replace(",", "")), float(words.group(5))
        again = run(program, "run", small, "--quiet")
        if again.returncode != 1 or words.group(1) not in again.stdout:
            sys.exit(f"shrink_table.py: what was shrunk does not fail by {words.group(1)}:\n{again.stdout}\n"
                     + small.read_text())
        self.lines = lines_of_story(small.read_text())


def shrunk_failures(program, rule, count):
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        template = place / "template.yaml"
        template.write_text(f"why: The store without a rule.\ncluster: {{rules: {{{rule}: off}}}}\n")
        for campaign in range(count):
            first = 1 + campaign * CAMPAIGN_DISTANCE
            size = 64
            while size <= SEEDS:
                report = json.loads(run(program, "fuzz", template, "--seeds", f"{first}..{first + size - 1}",
                                        "--no-shrink", "--out", place / "findings", "--format", "json").stdout)
                certain = [finding for finding in report["findings"] if finding["certain"]]
                if certain:
                    found = min(certain, key=lambda finding: finding["first"])
                    yield Shrunk(program, found["capsule"], place)
                    break
                size *= 4


def row(name, failures):
    if not failures:
        return f"| {name} | none found | | | | |"
    minimal = sum(one.minimal for one in failures)
    lines, elements, seconds = ([getattr(one, what) for one in failures] for what in ("lines", "elements", "seconds"))
    rate = sum(one.candidates for one in failures) / max(sum(seconds), 0.1)
    return (f"| {name} | {len(failures)}, {minimal} 1-minimal | {statistics.median(lines):g}, {max(lines)} "
            f"| {statistics.median(elements):g}, {max(elements)} "
            f"| {statistics.median(seconds):.1f}, {max(seconds):.1f} | {rate:,.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--failures", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    wishes = parser.parse_args()
    table = ["| rule turned off | failures | lines: median, worst | elements: median, worst | seconds: median, worst "
             "| candidates/s |", "|---|---|---|---|---|---|"]
    everything = []
    for rule in RULES:
        failures = list(shrunk_failures(wishes.program, rule, wishes.failures))
        everything += failures
        table.append(row(f"`{rule}`", failures))
        print(table[-1], file=sys.stderr)
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

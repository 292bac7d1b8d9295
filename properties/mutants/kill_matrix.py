"""Measures how soon random search catches the store without one of its rules, and writes docs/mutants.md.

    kill_matrix.py PROGRAM ROOT [--campaigns 20] [--seeds 4096] [--write]

Each campaign begins at another seed and ends with the first run that fails for certain. Without --write the table goes
to standard output. Exits with 1 if a rule's lack was never noticed.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
from collections import Counter

# The switches of model/settings.h, with the rules that they turn off.
RULES = {
    "output_rule": "F2: nothing is shown before the backup has what it depends on",
    "read_confirmation": "S8: a read is confirmed by the backup after it arrived",
    "local_sync_before_release": "S7: a record is durable at the primary before it is shown",
    "backup_sync_before_ack": "S7: acknowledged means durable at the backup",
    "arbiter_before_live": "F5: nobody goes live without having won",
    "drain_before_live": "F4: a backup applies all that it has received before it goes live",
    "exactly_once": "S9: a retry is not executed again",
    "epoch_check": "S12: what belongs to another epoch or life is ignored",
    "torn_tail_cut": "S11: a torn tail is cut",
    "checkpoint_in_stream": "F9: both checkpoint at the same position of the log",
}
CAMPAIGN_DISTANCE = 100_000


class Matrix:
    def __init__(self, program, root, campaigns, seeds):
        self.program, self.root, self.campaigns, self.seeds = program, root, campaigns, seeds

    def first_kill(self, template, begin, budget):
        """Seeds until the first certain failure, and the property that saw it; (None, None) if there is none."""
        size = 64
        while size <= self.seeds:
            run = subprocess.run(
                [self.program, "fuzz", template, "--seeds", f"{begin}..{begin + size - 1}", "--budget", budget,
                 "--no-shrink", "--out", "", "--format", "json"],
                cwd=self.root, capture_output=True, text=True, check=False)
            if run.returncode not in (0, 1, 2):
                sys.exit(f"kill_matrix.py: {' '.join(run.args)}\n{run.stderr}")
            certain = [finding for finding in json.loads(run.stdout)["findings"] if finding["certain"]]
            if certain:
                first = min(certain, key=lambda finding: finding["first"])
                return first["first"] - begin + 1, first["property"]
            size *= 4
        return None, None

    def row(self, rule, budget):
        with tempfile.TemporaryDirectory() as place:
            template = pathlib.Path(place, f"without_{rule}.yaml")
            template.write_text(f"why: The store without a rule.\ncluster: {{rules: {{{rule}: off}}}}\n")
            kills = [self.first_kill(str(template), 1 + campaign * CAMPAIGN_DISTANCE, budget)
                     for campaign in range(self.campaigns)]
        seeds = sorted(seeds for seeds, _ in kills if seeds)
        properties = Counter(name for _, name in kills if name)
        return seeds, properties


def table(matrix, budget):
    survived = []
    lines = ["| rule turned off | killed | median seeds | worst | by |", "|---|---|---|---|---|"]
    for rule, meaning in RULES.items():
        seeds, properties = matrix.row(rule, budget)
        if not seeds:
            survived.append(rule)
        median = f"{statistics.median(seeds):,.0f}" if 2 * len(seeds) > matrix.campaigns else f"over {matrix.seeds:,}"
        worst = f"{seeds[-1]:,}" if len(seeds) == matrix.campaigns else f"over {matrix.seeds:,}"
        by = ", ".join(f"`{name}` {count}" for name, count in properties.most_common())
        killed = f"{len(seeds)} of {matrix.campaigns}"
        lines.append(f"| `{rule}`: {meaning} | {killed} | {median} | {worst} | {by or 'nobody'} |")
        print(lines[-1], file=sys.stderr)
    return lines, survived


def page(lines, matrix, budget):
    return "\n".join([
        "# How soon the checkers notice",
        "",
        "The store without one of its rules, a rule at a time, under random search (docs/fuzzing.md): how many seeds",
        "it takes until a run fails for certain, and which property says so. A campaign begins at a seed of its own; a",
        "rule whose lack is not noticed is a finding about the checkers or the generator.",
        "",
        *lines,
        "",
        "Made by `python3 properties/mutants/kill_matrix.py build/release/bin/smalldb-sim . --campaigns "
        f"{matrix.campaigns} --seeds {matrix.seeds} --write`,",
        f"budget {budget}. A campaign that found nothing within that many seeds counts as over it.",
        ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--campaigns", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=4096)
    parser.add_argument("--budget", default="survivable")
    parser.add_argument("--write", action="store_true")
    wishes = parser.parse_args()
    matrix = Matrix(wishes.program, wishes.root, wishes.campaigns, wishes.seeds)
    lines, survived = table(matrix, wishes.budget)
    text = page(lines, matrix, wishes.budget)
    if wishes.write:
        (wishes.root / "docs/mutants.md").write_text(text)
    else:
        print(text)
    for rule in survived:
        print(f"survived: {rule}", file=sys.stderr)
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()

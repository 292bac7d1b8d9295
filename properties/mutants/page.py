"""The page docs/mutants.md, from what kill_matrix.py measured."""
import re
import statistics
import subprocess
from collections import Counter

# Entries of the catalogue that this store cannot have, and why. All others are mutants (mutants_test.py).
LEFT_OUT = {
    "M21": "forwards applied out of order: they travel on a connection that keeps order (model/machine.h, promise 3), "
           "and a log takes no record but the next",
    "M47": "a failing primary reports the healthy replica as stale: nobody can declare another stale; a backup is left "
           "behind by winning the next epoch alone, and whoever wins it goes on from its own log",
    "M48": "the view changes before the primary acknowledged it: there is no view server. An epoch begins with its "
           "winner's own record, and is won by asking",
    "M53": "one server is primary and backup at once: a node that seeks serves nobody, and never asks itself",
    "M69": "replay is not idempotent: a record says what to store, not what to add, and the store takes none but the "
           "next",
}
HEAD = """# Mutants: how soon the checkers notice

Each row is the store with one bug (`properties/mutants/NAME.toml`, a change of a few lines, applied to a copy of the
source when it is built), and says how many random scenarios it takes until a run fails for certain, and which property
says so. Numbers up to M76 are those of a catalogue of bugs of primary/backup stores, taken from lectures, quizzes, test
suites and issues of real systems; the column *from* says which. From M77 on they are this store's own.

*swarm* is what `smalldb-sim fuzz` does by default ([fuzzing.md](fuzzing.md)), both budgets in turn. *plain* draws the
same clusters, but all clients do the same uniform mix of operations and a few faults of any kind strike at any time
(`scenarios/testing/plain.h`). *library* is the library of scenarios, all of them in an order and with seeds of the
round's own, and counts scenarios. In each cell: the median of the campaigns, the worst of them, and the median of
events. `-`: half of the campaigns or more noticed nothing in the time that they had; then it is said how many did. At
the store as it is none of the three may notice anything, or there is no page.
"""
TITLES = {
    "safety": ("Safety", "What clients are told is wrong, or can become wrong."),
    "liveness": ("Liveness", "Something never happens. Judged by what must be true once the world is whole again."),
    "performance": ("Performance",
                    "Slower, more work or more memory, and no answer is another: but for what settings bound "
                    "(`flow_control`, `sessions_kept`) no property forbids that, and who is noticed by nobody here has "
                    "done no more. If another is noticed, it is because a run no longer comes to its end in time. They "
                    "stand here so that who judges time or room one day has something to show for it. M91 cannot be "
                    "seen from outside: what a client has its answer to is refused by its number, whether its result "
                    "is still there or not; `model/sessions_test.cpp` looks at the results themselves."),
}
COLUMNS = ["mutant", "breaks", "from", "swarm", "plain", "library", "noticed by"]
STRATEGIES = COLUMNS[3:6]
WITHIN = 2000  # seeds, in half of the campaigns: what is aimed at


def page(chosen, cells, campaigns, root):
    lines = [HEAD]
    for kind, (title, what) in TITLES.items():
        lines += ["", f"## {title}", "", what, "", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
        lines += [row(mutant, cells, campaigns) for mutant in chosen if mutant.kind == kind]
    lines += ["", "## What was left out", "", "Entries of the catalogue that this store cannot have:", ""]
    lines += [f"- {number}: {reason}." for number, reason in LEFT_OUT.items()]
    lines += ["", "## How this was made", "",
              "    cmake --build --preset release --target mutants",
              "    python3 properties/mutants/kill_matrix.py build/release/bin/mutants . --write", "",
              f"At commit {commit(root)};",
              f"{campaigns} campaigns each, campaign N of swarm and plain from seed 1 + N * 200,000 on, N from 0.",
              "Campaigns of a mutant that is not noticed end when all of them together have gone on in vain for long",
              "enough (`STRATEGIES` there).", ""]
    return summed_up("\n".join(lines))


def with_rows(text, measured, cells, campaigns, root):
    """The page with other rows for mutants that were measured by themselves, and with the commit of those."""
    rows = {mutant.number: row(mutant, cells, campaigns) for mutant in measured}
    lines = [rows.pop(number_of(line), line) for line in text.split("\n")]
    if rows:
        raise SystemExit(f"docs/mutants.md has no row for {', '.join(rows)}: make the whole page")
    numbers = [mutant.number for mutant in measured]
    return summed_up("\n".join(with_commit(line, numbers, commit(root)) for line in lines))


def with_commit(line, numbers, now):
    """The line that says at which commit all was measured, and what since: "At commit A, M01, M02 at B, M07 at C;"."""
    found = re.match(r"At commit ([^\s,;]+)([^;]*);(.*)", line)
    if not found:
        return line
    since = [(names.split(", "), at) for names, at in re.findall(r"((?:M\w+, )*M\w+) at ([^\s,;]+)", found[2])]
    since = [([name for name in names if name not in numbers], at) for names, at in since] + [(numbers, now)]
    said = "".join(f", {', '.join(names)} at {at}" for names, at in since if names)
    return f"At commit {found[1]}{said};{found[3]}"


def number_of(line):
    found = re.match(r"\| \*\*(M\w+)\*\* ", line)
    return found and found[1]


def summed_up(text):
    """The page with the paragraph that sums up its safety mutants, whatever stands there."""
    rows = [line for line in text.split("## Safety")[1].split("\n## ")[0].split("\n") if number_of(line)]
    paragraph = "\n".join(summary([line.strip("| ").split(" | ")[3:6] for line in rows]))
    begin = text.index(HEAD) + len(HEAD) + 1
    return text[:begin] + paragraph + "\n\n" + text[text.index("## Safety"):]


def summary(safety):
    """Of the cells of the strategies, a row each."""
    swarm = [cells[0] for cells in safety]
    medians = [median for median in map(median_in, swarm) if median is not None]
    soon = sum(1 for median in medians if median <= WITHIN)
    longest = max((worst_in(cell) for cell in swarm if is_noticed(cell)), default=0)
    lines = [f"Of {len(safety)} safety mutants swarm notices {sum(map(is_noticed, swarm))}; one of the "
             f"three strategies notices {sum(1 for cells in safety if any(map(is_noticed, cells)))}.",
             f"Swarm notices {soon} of them within {WITHIN:,} scenarios in half of its campaigns; the longest campaign "
             f"that ended with a kill took {longest:,}."]
    if medians:
        lines.append(f"The median of the mutants' medians is {statistics.median_high(sorted(medians)):,} scenarios.")
    return lines


def is_noticed(cell):
    return cell != "" and not cell.startswith("- (0 of")


def median_in(cell):
    found = re.match(r"[\d,]+", cell)
    return found and int(found[0].replace(",", ""))


def worst_in(cell):
    """Of the campaigns that ended with a kill."""
    found = re.search(r"worst ([\d,]+)", cell)
    return int(found[1].replace(",", "")) if found else median_in(cell) or 0


def row(mutant, cells, campaigns):
    of_mutant = [cells[mutant.name, strategy] for strategy in STRATEGIES]
    by = sum((cell.properties for cell in of_mutant), Counter())
    noticed = ", ".join(f"`{name}`" for name, _ in by.most_common(3)) or "nobody"
    return (f"| **{mutant.number}** {mutant.what} | {mutant.rule} | {mutant.source} | "
            f"{' | '.join(text(cell, campaigns) for cell in of_mutant)} | {noticed} |")


def text(cell, campaigns):
    if not cell.campaigns:
        return ""
    always = len(cell.kills) == len(cell.campaigns)
    worst = f"worst {cell.worst:,}" if cell.kills else ""
    if cell.median is None:
        tried = sum(result["runs"] for result in cell.campaigns)
        kills = f"- ({len(cell.kills)} of {len(cell.campaigns)} campaigns, {tried:,} in all"
        return f"{kills}; {worst})" if worst else f"{kills})"
    if not always:
        worst = f"{len(cell.kills)} of {len(cell.campaigns)} campaigns, {worst}"
    fewer = f"; {len(cell.campaigns)} campaigns" if always and len(cell.campaigns) < campaigns else ""
    return f"{cell.median:,} ({worst}; {in_words(cell.events)} events{fewer})"


def in_words(count):
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1000:,.0f} k" if count < 10_000_000 else f"{count / 1_000_000:,.0f} M"


def commit(root):
    return subprocess.run(["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True,
                          check=False).stdout.strip() or "unknown"

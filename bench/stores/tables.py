"""Measurements as tables in Markdown, and how they get into a page."""
import statistics

GOAL_OF_PAIR = 0.90  # of the throughput alone, at 256 connections
PAIR, ALONE, RECEIVED = "smalldb", "smalldb alone", "smalldb, received"
IN_MEMORY = ("Redis", "PostgreSQL, remote_write")  # of the copy; reads ask the primary alone: as RECEIVED


def per_second(outcome):
    return (outcome["reads"]["count"] + outcome["writes"]["count"]) / outcome["seconds"]


class Cells:
    """What was measured: the outcomes of all rounds, by store and cell (connections, bytes, percent of reads)."""

    def __init__(self):
        self.outcomes = {}

    def add(self, name, cell, outcome):
        self.outcomes.setdefault(name, {}).setdefault(cell, []).append(outcome)

    def median(self, name, cell, figure):
        return statistics.median(map(figure, self.outcomes[name][cell]))


def name_of(cell):
    connections, size, reads = cell
    return f"{connections} | {'4 KiB' if size == 4096 else f'{size} B'} | {'50/50' if reads else 'writes'}"


def microseconds(outcome):
    """Of the server's processor time a request."""
    return 1e6 * outcome["server_of_a_core"] / per_second(outcome)


def ratios(cells):
    """What the copy costs, in throughput and in the server's time. Each ratio is the median of those of the rounds."""
    rows = ["| connections | value | requests | alone, 1/s | with backup, 1/s | ratio | goal | "
            "| server's time a request, alone | with backup | ratio |",
            "|---|---|---|---:|---:|---:|---|---|---:|---:|---:|"]
    for cell, alone in cells.outcomes[ALONE].items():
        pair = cells.outcomes[PAIR][cell]
        ratio = statistics.median(per_second(with_backup) / per_second(by_itself)
                                  for with_backup, by_itself in zip(pair, alone))
        by_time = statistics.median(microseconds(by_itself) / microseconds(with_backup)
                                    for with_backup, by_itself in zip(pair, alone))
        goal = f"{GOAL_OF_PAIR:.2f} | {'reached' if ratio >= GOAL_OF_PAIR else '**missed**'}" if cell[0] == 256 else "|"
        rows.append(f"| {name_of(cell)} | {cells.median(ALONE, cell, per_second):,.0f} "
                    f"| {cells.median(PAIR, cell, per_second):,.0f} | {ratio:.2f} | {goal} "
                    f"| {cells.median(ALONE, cell, microseconds):.1f} us "
                    f"| {cells.median(PAIR, cell, microseconds):.1f} us | {by_time:.2f} |")
    return rows


def comparison(cells):
    """A row for each cell: requests a second and the 99th percentile of writes and reads, of each store with a copy."""
    names = [name for name in cells.outcomes if name != ALONE]
    rows = ["| connections | value | requests | " + " | ".join(names) + " | smalldb is behind |",
            "|---|---|---|" + "---:|" * len(names) + "---|"]
    for cell in next(iter(cells.outcomes.values())):
        speed = {name: cells.median(name, cell, per_second) for name in names}
        p99 = {kind: {name: cells.median(name, cell, lambda outcome: outcome[kind]["p99_ms"]) for name in names}
               for kind in (("writes", "reads") if cell[2] else ("writes",))}
        texts = [f"{speed[name]:,.0f}/s; " + " / ".join(f"{of[name]:.1f}" for of in p99.values()) + " ms"
                 for name in names]
        rows.append(f"| {name_of(cell)} | {' | '.join(texts)} | {behind(names, speed, p99)} |")
    return rows


def ahead(other, own, speed, p99):
    """In what one store is ahead of another."""
    ways = ["1/s"] if speed[other] > speed[own] else []
    return ways + [f"p99 of {kind}" for kind, of in p99.items() if of[other] < of[own]]


def behind(names, speed, p99):
    if PAIR not in names:
        return ""
    said = []
    for name in names:
        ways = [] if name.startswith(PAIR) else ahead(name, PAIR, speed, p99)
        like = ""
        if ways and name in IN_MEMORY and RECEIVED in names:
            like = f" (received: {', '.join(ahead(name, RECEIVED, speed, p99)) or 'nowhere'})"
        if ways:
            said.append(f"**{name}**: {', '.join(ways)}{like}")
    return "; ".join(said) or "nowhere"


def load_of_a_core(cells):
    """The most that the load took of a core, by the cell and the store where it did."""
    share, name, cell = max((outcome["of_a_core"], name, cell) for name, by_cell in cells.outcomes.items()
                            for cell, outcomes in by_cell.items() for outcome in outcomes)
    return f"The load itself took at most {share:.0%} of a core: {name}, {name_of(cell).replace(' |', ',')}."


def replace_between(path, mark, lines):
    """Puts the lines between `<!-- MARK -->` and `<!-- /MARK -->` of the page."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->\n"
    text = path.read_text()
    if text.count(begin) != 1 or text.count(end) != 1:
        raise SystemExit(f"{path}: there is no place between {begin.strip()} and {end.strip()}")
    before, rest = text.split(begin)
    path.write_text(before + begin + "\n" + "\n".join(lines) + "\n\n" + end + rest.split(end)[1])

"""A store with many keys: how soon it serves again, what a key takes of memory, and how long a write waits while a new
backup is given all of them."""
import pathlib
import signal
import sys
import time

from stores.machine import at_node

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "server"))
from testing.cluster import Cluster  # noqa: E402

RESTART_GOAL, PAUSE_GOAL_MS = 2.0, 50  # seconds for a million keys; the longest pause during the join


def resident(process):
    """Bytes, by the process's own id: what stands before the command replaces itself by it."""
    for line in open(f"/proc/{process.child.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def seconds_to_serve(process):
    begin = time.monotonic()
    process.start()
    process.wait_until(serving=True)
    return time.monotonic() - begin


def measure(server, load, keys, rounds):
    """The rows of both tables."""
    with Cluster(server) as cluster:
        arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
        a = cluster.add("a", "--tie-breaker", arbiter.cluster, within=at_node(0)).start()
        a.wait_until(serving=True)
        port = lambda: int(a.clients.rsplit(":", 1)[1])
        empty = resident(a)
        load.run("smalldb", port(), connections=256, value_bytes=100, keys=keys, each_key_once=True)
        a.wait_until(keys=keys)
        loaded = resident(a)

        stopped, killed = [], []
        for _ in range(rounds):
            a.stop()
            stopped.append(seconds_to_serve(a))
            a.kill()
            killed.append(seconds_to_serve(a))
        restarted = resident(a)

        writer = dict(connections=1, value_bytes=100, keys=keys, seconds=600)
        child = load.start("smalldb", port(), **writer)
        begin = time.monotonic()
        b = cluster.add("b", "--tie-breaker", arbiter.cluster, "--backup-of", a.cluster, within=at_node(1)).start()
        a.wait_until(in_sync=True)
        joined = time.monotonic() - begin
        child.send_signal(signal.SIGTERM)
        during = load.outcome_of(child)["writes"]
        b.wait_until(keys=keys)
        with_backup = load.run("smalldb", port(), **{**writer, "seconds": max(joined, 1)})["writes"]

    def row(what, value, goal="", reached=None):
        return f"| {what} | {value} | {goal} | {'' if reached is None else 'reached' if reached else '**missed**'} |"

    slowest, pause = max(stopped + killed), during["longest_ms"]
    figures = [
        f"| {keys:,} keys, values of 100 bytes | | goal | |", "|---|---:|---|---|",
        row("a restart after a clean stop, until it serves", ", ".join(f"{s:.2f}" for s in stopped) + " s",
            f"{RESTART_GOAL:.0f} s", slowest < RESTART_GOAL),
        row("a restart after SIGKILL, until it serves", ", ".join(f"{s:.2f}" for s in killed) + " s",
            f"{RESTART_GOAL:.0f} s", slowest < RESTART_GOAL),
        row("memory a key, after the load; after a restart",
            f"{(loaded - empty) / keys:.0f} B; {(restarted - empty) / keys:.0f} B"),
        row("a new backup is in sync after", f"{joined:.1f} s"),
        row("the longest wait of a write during that", f"{pause:.1f} ms", f"{PAUSE_GOAL_MS} ms",
            pause < PAUSE_GOAL_MS)]
    both = {"during the join": during, "with the backup, for as long": with_backup}
    columns = [limit for limit, _ in during["at_least_ms"]]
    histogram = ["| writes of one connection | all | p50 | p99 | longest | "
                 + " | ".join(f"from {limit:g} ms" for limit in columns) + " |",
                 "|---|" + "---:|" * (4 + len(columns))]
    for name, writes in both.items():
        histogram.append(f"| {name} | {writes['count']:,} | {writes['p50_ms']:.2f} ms | {writes['p99_ms']:.2f} ms "
                         f"| {writes['longest_ms']:.1f} ms | "
                         + " | ".join(f"{count:,}" for _, count in writes["at_least_ms"]) + " |")
    return figures + [""] + histogram

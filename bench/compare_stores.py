"""Measures smalldb's speed: what its backup costs, against what a user would pick instead, and with a million keys.

    compare_stores.py BIN [--rounds N] [--seconds S] [--stores NAME,...] [--share PERCENT] [--write]
    compare_stores.py BIN --million [--keys N] [--rounds N] [--write]

BIN: the folder of smalldb-server and load_stores, such as build/release/bin. Each round starts every store anew, writes
each key once, looks whether the copy has them all, and loads it with every cell: connections, size of values, share of
reads. Prints tables in Markdown; `--write` puts them into bench/README.md, where it is said how to read them. A store
whose package is not installed is passed over with a word.

Exit codes: 0 measured, 1 a store failed, 3 usage.
"""
import argparse
import itertools
import pathlib
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from stores.machine import PLACEMENT, Failed, Load, describe, processor_seconds  # noqa: E402
from stores.million import measure  # noqa: E402
from stores.share import Shares  # noqa: E402
from stores.stores import Etcd, Postgres, Redis, Smalldb  # noqa: E402
from stores.tables import (ALONE, PAIR, RECEIVED, Cells, comparison, load_of_a_core, ratios,  # noqa: E402
                           replace_between)

KEYS = 1000
PAGE = pathlib.Path(__file__).resolve().parent / "README.md"


def say(*words):
    print(f"{time.strftime('%H:%M:%S')}", *words, file=sys.stderr, flush=True)


def measure_group(group, load, options, cells, order):
    """One round of one group, its variants by turns in every cell."""
    try:
        variants = group.start()
        for variant in variants:
            load.run(variant.protocol, variant.port, connections=16, keys=KEYS, each_key_once=True)
        has = group.keys_of_copy(KEYS)
        if has != KEYS:
            raise Failed(f"the copy of {group.name} has {has} of {KEYS} keys")
        for cell in itertools.product(options.connections, options.bytes, options.reads):
            connections, size, reads = cell
            for variant in variants[::order]:
                began = time.monotonic()
                busy = processor_seconds(variant.server) if variant.server else 0
                outcome = load.run(variant.protocol, variant.port, connections=connections, value_bytes=size,
                                   reads=reads, keys=KEYS, seconds=options.seconds, warm_up=options.seconds / 5)
                if variant.server:
                    busy = processor_seconds(variant.server) - busy
                    outcome["server_of_a_core"] = busy / (time.monotonic() - began)
                if not outcome["writes"]["count"] or reads and not outcome["reads"]["count"]:
                    raise Failed(f"{variant.name} answered nothing within {options.seconds:g} s")
                cells.add(variant.name, cell, outcome)
    finally:
        group.end()


def compare(options, load):
    groups = {"smalldb": Smalldb(options.server, PAIR, alone=True),
              "received": Smalldb(options.server, RECEIVED, "--acknowledge", "received", "--reads", "leased"),
              "redis": Redis(), "etcd": Etcd(), "postgres": Postgres()}
    unknown = set(options.stores) - set(groups)
    if unknown:
        options.usage(f"no such store: {', '.join(sorted(unknown))}; there are {', '.join(groups)}")
    chosen, missing = [], []
    for name in options.stores:
        package = groups[name].missing()
        if package:
            missing.append(f"Not measured, as not installed: {groups[name].name} (Debian's package {package}).")
            say(missing[-1])
        else:
            chosen.append(groups[name])
    cells = Cells()
    for number in range(options.rounds):
        for group in chosen:
            say(f"round {number + 1} of {options.rounds}: {group.name}")
            measure_group(group, load, options, cells, 1 if number % 2 == 0 else -1)
    taken = f"Median of {options.rounds} rounds of {options.seconds:g} s a cell. Taken on {options.machine}."
    tables = {}
    if ALONE in cells.outcomes:
        tables["with and without a backup"] = [taken, "", *ratios(cells)]
    if set(cells.outcomes) - {ALONE, PAIR}:
        tables["stores"] = [taken, *missing, "", *comparison(cells), "", load_of_a_core(cells)]
    return tables


def numbers(text):
    return [int(word) for word in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each cell that are counted")
    parser.add_argument("--stores", type=lambda text: text.split(","),
                        default=["smalldb", "received", "redis", "etcd", "postgres"])
    parser.add_argument("--connections", type=numbers, default=[1, 16, 256])
    parser.add_argument("--bytes", type=numbers, default=[100, 4096])
    parser.add_argument("--reads", type=numbers, default=[0, 50], help="percent of the requests")
    parser.add_argument("--share", type=int, metavar="PERCENT",
                        help="of a core for each node and no more, so that none takes from another or from the load")
    parser.add_argument("--million", action="store_true", help="measure restart, memory and join instead")
    parser.add_argument("--keys", type=int, default=1_000_000, help="with --million")
    parser.add_argument("--directory", help="where the stores keep their data while they are measured")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.parent.name}/{PAGE.name}")
    options = parser.parse_args()

    def usage(message):
        print(f"compare_stores.py: {message}", file=sys.stderr)
        sys.exit(3)

    options.usage = usage
    if options.share is not None and not 1 <= options.share <= 100:
        usage("--share is 1 to 100")
    if options.rounds < 1 or options.keys < 1 or options.seconds <= 0:
        usage("--rounds, --keys and --seconds are more than nothing")
    options.server, options.load = (options.bin / name for name in ("smalldb-server", "load_stores"))
    for program in (options.server, options.load):
        if not program.exists():
            usage(f"there is no {program}: build the targets smalldb-server and load_stores")
    if options.directory:
        tempfile.tempdir = str(pathlib.Path(options.directory).resolve())
    return options


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # on the way out all stores are ended
    load = Load(options.load.resolve())
    try:
        if options.share:
            PLACEMENT.shares = Shares(options.share)
        options.machine = describe(tempfile.gettempdir())
        if options.million:
            lines = measure(options.server, load, options.keys, options.rounds)
            tables = {"a million keys": [f"Taken on {options.machine}.", "", *lines]}
        else:
            tables = compare(options, load)
    except (Failed, AssertionError) as failed:
        print(f"compare_stores.py: {failed}", file=sys.stderr)
        return 1
    finally:
        if PLACEMENT.shares:
            PLACEMENT.shares.end()
    print("\n\n".join("\n".join(lines) for lines in tables.values()))
    if options.write:
        for mark, lines in tables.items():
            replace_between(PAGE, mark, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())

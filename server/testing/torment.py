"""Torments a store of real processes, and judges what its users saw.

    torment.py SERVER SIMULATOR [--world WORLD,...] [--seed N] [--episodes N] [--torments N] [--takeovers N] [--users N]

An episode starts an arbiter, a primary and a backup, lets users write and read, and kills, pauses, cuts off, fills up
and damages what there is, by chance from a seed. Then `SIMULATOR check` judges the history of the users, and `SIMULATOR
replay` the recordings of all lives of all processes, by every property. Each episode has a world; those that this
machine does not permit are passed over with a word. `--takeovers` goes on with further episodes until there were so
many.

Exit codes: 0 all is as promised, 1 something is not (files are kept, and it is said how to repeat it), 2 nothing was
run, for this machine permits none of the worlds, 3 usage.
"""
import argparse
import collections
import contextlib
import itertools
import os
import pathlib
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from testing.cluster import PATIENCE  # noqa: E402
from testing.history import History  # noqa: E402
from testing.torments import Torments  # noqa: E402
from testing.users import User  # noqa: E402
from testing.worlds import WORLDS  # noqa: E402

KEYS = [f"k{i}" for i in range(6)]
NOTES = ("took_over", "went_alone", "resumed_alone", "fenced", "log_cut", "snapshot_installed", "log_damaged",
         "torn_tail_cut")


class Broken(Exception):
    """The store did not do as promised."""


def judge_history(simulator, history):
    """The verdict line, if all is well."""
    result = subprocess.run([simulator, "check", str(history)], capture_output=True, text=True, timeout=600)
    if result.returncode != 0:
        raise Broken(f"check ends with {result.returncode}:\n{result.stdout[:4000]}{result.stderr[:2000]}")
    return result.stdout.splitlines()[0]


def judge_recordings(simulator, recordings):
    """How many properties hold, if all do but liveness, which recordings do not allow to be judged."""
    lives = [str(path) for path in recordings if path.exists() and begins(path)]
    result = subprocess.run([simulator, "replay", *lives, "--story", "none"], capture_output=True, text=True,
                            timeout=600)
    if result.returncode != 0:
        raise Broken(f"replay ends with {result.returncode}:\n{result.stdout[:6000]}{result.stderr[:2000]}")
    not_judged = set(re.findall(r"(?m)^  not judged +(\w+)", result.stdout))
    if not_judged != {"answered", "redundancy_restored"}:
        raise Broken(f"replay cannot judge all:\n{result.stdout[:6000]}")
    return len(re.findall(r"(?m)^  holds ", result.stdout))


def begins(recording):
    """Whether the process lived to be told anything: there is a step among the frames (docs/recording.md)."""
    content = recording.read_bytes()
    at, step = 8, 3
    while at + 8 < len(content):
        length, _ = struct.unpack_from("<II", content, at)
        if length == 0 or content[at + 8] == step:
            return length > 0
        at += 8 + length
    return False


class Episode:
    def __init__(self, options, world_name, seed):
        self.options, self.world_name, self.seed = options, world_name, seed
        self.chance = random.Random(f"{seed}/torments")
        self.done = []
        self.seen = collections.Counter()

    def run(self):
        """One line about it. Raises Broken, or whatever a broken promise comes out as, with `kept` set."""
        began = time.monotonic()
        with WORLDS[self.world_name](self.options.server) as world:
            try:
                with world.inside():
                    history = self.torment(world)
                self.count(world)
                verdict = judge_history(self.options.simulator, history.path)
                held = judge_recordings(self.options.simulator, world.recordings)
            except BaseException:
                self.kept = tempfile.mkdtemp(prefix="smalldb-torment-")
                shutil.copytree(world.folder, self.kept, dirs_exist_ok=True)
                raise
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(history.returns.items()))
        return (f"{self.world_name}, seed {self.seed}: {', '.join(self.done)}\n"
                f"    {', '.join(f'{count} {note}' for note, count in self.seen.items())}; "
                f"{history.calls} requests: {outcomes}\n"
                f"    {verdict.split('  ')[0]}; recordings: {held} properties hold; {time.monotonic() - began:.0f} s")

    def torment(self, world):
        """The history. At its end each key is read, with everything mended."""
        world.start()
        with contextlib.closing(History(world.folder / "history.jsonl")) as history:
            self.use_and_torment(world, history)
        if history.returns.get("ok", 0) < len(KEYS):
            raise Broken("hardly anything was answered")
        for process in world.processes:
            if process.stop() != 0:
                raise Broken(f"{process.name} did not stop cleanly")
        return history

    def use_and_torment(self, world, history):
        def user(name):
            return User(name, self.seed, history, world.addresses(), KEYS, world.namespace_of_users,
                        world.value_bytes_max)

        users = [user(f"c{i}") for i in range(1, self.options.users + 1)]
        for each in users:
            each.start()
        torments = Torments(world, history, self.chance)
        try:
            names = list(world.torments)
            for _ in range(self.options.torments):
                # Those that have been least, so that all have their turn.
                fewest = min(self.done.count(name) for name in names)
                name = self.chance.choice([each for each in names if self.done.count(each) == fewest])
                self.done.append(name)
                getattr(torments, name)()
            torments.pair()
        finally:
            for each in users:
                each.end()
        last = user("last")
        for key in KEYS:
            last.get(key, PATIENCE)
        last.disconnect()

    def count(self, world):
        for process in world.processes:
            log = process.log.read_text()
            if "event=bug" in log:
                raise Broken(f"{process.name} found a bug in itself:\n" + "\n".join(re.findall(".*event=bug.*", log)))
            self.seen.update(note for note in re.findall(r"event=(\w+)", log) if note in NOTES)


def worlds_permitted(names):
    permitted = []
    for name in names:
        reason = WORLDS[name].why_not()
        if reason:
            print(f"skipped   {name}: {reason}", flush=True)
        else:
            permitted.append(name)
    return permitted


def torment(options):
    worlds = worlds_permitted(options.world)
    if not worlds:
        print("nothing was run", flush=True)
        return 2
    seen, episodes, began = collections.Counter(), 0, time.monotonic()
    seeds = itertools.count(options.seed)
    while episodes < options.episodes * len(worlds) or seen["took_over"] < options.takeovers:
        episode = Episode(options, worlds[episodes % len(worlds)], next(seeds))
        try:
            print(f"as promised  {episode.run()}", flush=True)
        except Exception as error:
            again = ["python3", str(pathlib.Path(__file__).resolve()), options.server, options.simulator, "--world",
                     episode.world_name, "--seed", str(episode.seed), "--torments", str(options.torments), "--users",
                     str(options.users)]
            print(f"BROKEN  {episode.world_name}, seed {episode.seed}: {', '.join(episode.done)}\n"
                  f"{type(error).__name__}: {error}\n"
                  f"Files: {episode.kept}\n"
                  f"Again: {shlex.join(again)}", flush=True)
            return 1
        seen += episode.seen
        episodes += 1
    print(f"{episodes} episodes in {time.monotonic() - began:.0f} s: "
          f"{', '.join(f'{count} {note}' for note, count in seen.items())}; all as promised", flush=True)
    return 0


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(3, f"{self.prog}: {message}\n")


def read_options(arguments):
    def names(text):
        chosen = list(WORLDS) if text == "all" else text.split(",")
        for name in chosen:
            if name not in WORLDS:
                raise argparse.ArgumentTypeError(f"there is no world '{name}'; there are {', '.join(WORLDS)}")
        return chosen

    def count(text):
        if not text.isdecimal() or int(text) < 1:
            raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 on")
        return int(text)

    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=os.path.abspath)
    parser.add_argument("simulator", type=os.path.abspath)
    parser.add_argument("--world", type=names, default=list(WORLDS), help="some of them, with commas; or all")
    parser.add_argument("--seed", type=int, default=1, help="of the first episode; the next one has the next")
    parser.add_argument("--episodes", type=count, default=1, help="in each world")
    parser.add_argument("--torments", type=count, default=8, help="in each episode")
    parser.add_argument("--takeovers", type=count, default=0, help="goes on until there were so many")
    parser.add_argument("--users", type=count, default=4)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(torment(read_options(sys.argv[1:])))

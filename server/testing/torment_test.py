"""The short form of torment.py, and proof that it can fail.

    torment_test.py SERVER SIMULATOR [TEST...]
"""
import contextlib
import io
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from testing import torment  # noqa: E402
from testing.history import History  # noqa: E402
from testing.users import User  # noqa: E402
from testing.worlds import SIZES, TIMING, WORLDS, World  # noqa: E402

SERVER = SIMULATOR = None
SEED = "7"


def run(*options):
    """(exit code, what it printed)"""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = torment.torment(torment.read_options([SERVER, SIMULATOR, "--seed", SEED, *options]))
    return code, printed.getvalue()


class Short(unittest.TestCase):
    """An episode in each world, as promised."""

    def check(self, world, torments):
        if reason := WORLDS[world].why_not():
            self.skipTest(reason)
        code, printed = run("--world", world, "--torments", str(torments))
        print(printed, flush=True)
        self.assertEqual(code, 0, printed)
        self.assertRegex(printed, r"\d+ took_over")
        self.assertRegex(printed, r"\n    holds; recordings: 13 properties hold")

    def test_tie_breaker(self):
        self.check("tie_breaker", 4)

    def test_shared_lock(self):
        self.check("shared_lock", 3)

    def test_namespaces(self):
        self.check("namespaces", 4)

    def test_disks(self):
        self.check("disks", 4)


class Operator(World):
    """No arbiter but a person, who may err."""

    def start(self):
        a = self.add_node("a", "--manual", *TIMING, *SIZES).start()
        a.wait_until(waits_for_operator=True)
        a.ask("POST", "/promote")
        a.wait_until(serving=True)
        b = self.add_node("b", "--manual", *TIMING, *SIZES, "--backup-of", a.cluster).start()
        a.wait_until(in_sync=True)
        self.nodes = [a, b]


class Red(unittest.TestCase):
    """What is not as promised is seen."""

    def test_two_are_promoted(self):
        """The rule that is switched off is F5: an operator grants the same epoch twice. The store then splits."""
        with Operator(SERVER) as world:
            world.start()
            a, b = world.nodes
            history = History(world.folder / "history.jsonl")
            at_a = User("c1", SEED, history, [a.clients], ["x"])
            at_b = User("c2", SEED, history, [b.clients], ["x"])
            at_a.put("x", once=True)
            a.kill()
            self.promote(b)
            at_b.put("x", once=True)
            at_b.get("x")
            b.signal(signal.SIGSTOP)  # so that nothing of its epoch comes to a
            a.start()
            self.promote(a)
            at_a.disconnect()
            at_a.get("x")
            b.signal(signal.SIGCONT)
            for user in (at_a, at_b):
                user.disconnect()
            history.close()
            for node in world.nodes:
                node.kill()
            with self.assertRaises(torment.Broken) as of_users:
                torment.judge_history(SIMULATOR, history.path)
            self.assertIn("Stale read", str(of_users.exception))
            with self.assertRaises(torment.Broken) as of_machines:
                torment.judge_recordings(SIMULATOR, world.recordings)
            self.assertRegex(str(of_machines.exception), r"(?m)^  violated    one_primary")

    def test_the_command_that_is_printed_does_the_same_again(self):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            options = ["--world", "tie_breaker", "--seed", SEED, "--torments", "1", "--users", "1"]
            self.assertEqual(torment.torment(torment.read_options(["/bin/false", "/bin/false", *options])), 1)
        again = re.search(r"(?m)^Again: (.*)$", printed.getvalue())[1]
        result = subprocess.run(again, shell=True, cwd="/", capture_output=True, text=True, timeout=600)
        self.assertEqual(result.returncode, 1, result)
        for text in (printed.getvalue(), result.stdout):
            self.assertEqual(text[:text.index("\n")], f"BROKEN  tie_breaker, seed {SEED}: ")
            shutil.rmtree(re.search(r"(?m)^Files: (.*)$", text)[1])

    def test_nothing_that_was_run_is_no_promise_kept(self):
        class Elsewhere(World):
            @staticmethod
            def why_not():
                return "not here"

        WORLDS["elsewhere"] = Elsewhere
        self.addCleanup(WORLDS.pop, "elsewhere")
        for more in ([], ["--takeovers", "3"]):
            told = run("--world", "elsewhere", *more)
            self.assertEqual(told, (2, "skipped   elsewhere: not here\nnothing was run\n"))

    def test_usage(self):
        for options, words in ((["--world", "nosuch"], "argument --world: there is no world 'nosuch'; there are "),
                               (["--world", "disks,"], "argument --world: there is no world ''; there are "),
                               (["--episodes", "0"], "argument --episodes: '0' is no number from 1 on"),
                               (["--takeovers", "-5"], "argument --takeovers: '-5' is no number from 1 on"),
                               (["--torments", "x"], "argument --torments: 'x' is no number from 1 on"),
                               (["--users", "0"], "argument --users: '0' is no number from 1 on"),
                               (["--no-such-option"], "unrecognized arguments: --no-such-option")):
            with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit) as ended:
                torment.read_options([SERVER, SIMULATOR, *options])
            self.assertEqual(ended.exception.code, 3, options)
            self.assertIn(words, said.getvalue())

    def promote(self, node):
        node.wait_until(waits_for_operator=True)
        self.assertEqual(node.ask("POST", "/promote").status, 202)
        node.wait_until(serving=True)

    def test_a_write_that_is_gone_at_the_end(self):
        with World(SERVER) as world:
            world.start()
            history = History(world.folder / "history.jsonl")
            user = User("c1", SEED, history, world.addresses(), torment.KEYS)
            for _ in range(100):
                user.do_something()
            user.change({"call": "put", "key": "k0", "value": "last"}, "PUT", "k0", b"last", {}, True)
            user.disconnect()
            torment.judge_history(SIMULATOR, history.path)
            history.write(process="late", call="get", key="k0")  # as if the store had answered that
            history.write(process="late", **{"return": "ok", "value": None})
            history.close()
            with self.assertRaises(torment.Broken) as broken:
                torment.judge_history(SIMULATOR, history.path)
            self.assertRegex(str(broken.exception), r"(?s)^check ends with 1:\nviolated.*\blast\b")

    def test_an_older_copy_of_a_disk_is_put_in_its_place(self):
        """What docs/server.md forbids where `replace_a_disk` does what it wants: an empty directory."""
        class Patient(World):
            def add_node(self, name, *options):
                at = options.index("--suspect-after") + 1
                return super().add_node(name, *options[:at], "1h", *options[at + 1:])

        with Patient(SERVER) as world:
            world.start()
            a, b = world.nodes
            a.wait_until(in_sync=True)
            history = History(world.folder / "history.jsonl")
            user = User("c1", SEED, history, world.addresses(), ["x"])
            copy = world.folder / "copy"
            b.signal(signal.SIGSTOP)
            shutil.copytree(b.data, copy)
            b.signal(signal.SIGCONT)
            user.put("x", once=True)
            for node in (a, b):
                node.kill()
            shutil.rmtree(b.data)
            copy.rename(b.data)
            b.start()
            b.wait_until(serving=True)
            user.get("x")
            user.disconnect()
            history.close()
            with self.assertRaises(torment.Broken) as broken:
                torment.judge_history(SIMULATOR, history.path)
            self.assertRegex(str(broken.exception), r"^check ends with 1:\nviolated")

    def test_a_node_that_ends_is_not_overlooked(self):
        class Mortal(World):
            torments = ("kill_primary",)

            def start(self):
                super().start()
                self.nodes[1].stop()

        WORLDS["mortal"] = Mortal
        self.addCleanup(WORLDS.pop, "mortal")
        code, printed = run("--world", "mortal", "--torments", "1")
        self.assertEqual(code, 1, printed)
        self.assertIn("b ended with 0", printed)
        self.assertIn("--world mortal --seed 7 --torments 1", printed)
        shutil.rmtree(re.search(r"Files: (\S+)", printed).group(1))


if __name__ == "__main__":
    SERVER, SIMULATOR = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)

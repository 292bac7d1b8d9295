"""What smalldb-server refuses, and what it says then: real processes on loopback.

    refusals_test.py SERVER CLIENT [TEST...]
"""
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from testing.cluster import Cluster, wait_for  # noqa: E402

PROGRAM = CLIENT = None


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, **options)


def logged(process, words):
    wait_for(f"{process.name} to log {words!r}", lambda: words in process.log.read_text(), [process])


class Terms(unittest.TestCase):
    """Nodes that were told differently what they must be told alike."""

    def refuse(self, cluster, a, own, theirs, setting, *options):
        b = cluster.add("b", "--backup-of", a.cluster, *options).start()
        logged(b, f"{setting} is {own} here, and {theirs} at {a.cluster}: it must be the same at all nodes")
        logged(a, f"{setting} is {theirs} here, and {own} at {b.cluster}: it must be the same at all nodes")
        self.assertFalse(a.status()["in_sync"])
        self.assertFalse(b.status()["serving"])
        b.kill()
        return b

    def test_who_decides_and_how_is_the_same_at_all_nodes(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
            breaker = f"--tie-breaker {arbiter.cluster}"
            a = cluster.add("a", *breaker.split()).start()
            a.wait_until(serving=True)
            self.refuse(cluster, a, "--manual", breaker, "the arbiter", "--manual")
            for setting, own, theirs in [("--acknowledge", "received", "durable"), ("--suspect-after", "2s", "500ms"),
                                         ("--heartbeat-every", "50ms", "100ms")]:
                self.refuse(cluster, a, own, theirs, setting, *breaker.split(), setting, own)
            self.refuse(cluster, a, "leased with --lease 200ms", "confirmed", "--reads", *breaker.split(), "--reads",
                        "leased", "--lease", "200ms")
            last = cluster.processes[-1]
            last.options = ["--backup-of", a.cluster, *breaker.split(), "--segment-bytes", "65536", "--seek-for", "1s"]
            last.start()
            a.wait_until(in_sync=True)


if __name__ == "__main__":
    PROGRAM, CLIENT = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    unittest.main(verbosity=2)

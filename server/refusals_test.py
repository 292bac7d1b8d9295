"""What smalldb-server refuses, and what it says then: real processes on loopback.

    refusals_test.py SERVER CLIENT [TEST...]
"""
import os
import pathlib
import re
import resource
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


class Recordings(unittest.TestCase):
    """A start that fails moves no recording, and a full disk keeps nobody from serving."""

    def test_a_start_that_fails_leaves_the_recordings_where_they_are(self):
        with Cluster(PROGRAM) as cluster:
            record = pathlib.Path(cluster.folder.name, "a.rec")
            a = cluster.add("a", "--manual", "--record", str(record)).start()
            a.wait_until(waits_for_operator=True)
            a.stop()
            before = record.read_bytes()
            taken = cluster.add("taken", "--manual").start()
            tls = [word for what in ("certificate", "key", "authority") for word in (f"--tls-{what}", str(record))]
            for clients, options in [(taken.clients, []), (a.clients, tls)]:
                result = run("--data", str(a.data), "--replication", a.cluster, "--listen", clients, *a.options,
                             *options)
                self.assertEqual(result.returncode, 3, result)
                self.assertEqual([path.name for path in record.parent.glob("a.rec*")], ["a.rec"])
                self.assertEqual(record.read_bytes(), before)
            nowhere = run("--data", str(a.data), "--replication", a.cluster, "--listen", a.clients, "--manual",
                          "--record", cluster.folder.name + "/nowhere/a.rec")
            self.assertEqual(nowhere.returncode, 3, nowhere)
            self.assertIn("cannot record to", nowhere.stderr)

    def test_a_full_disk_is_said_and_the_node_serves(self):
        with Cluster(PROGRAM) as cluster:
            record = pathlib.Path(cluster.folder.name, "a.rec")
            record.write_text("of an earlier life")
            a = cluster.add("a", "--manual", "--record", str(record))
            full = 1 << 20  # bytes that a file may have: less than a recording begins with
            a.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY)))
            a.wait_until(waits_for_operator=True)
            logged(a, "event=not_recorded")
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            self.assertEqual([path.name for path in record.parent.glob("a.rec*")], ["a.rec"])
            self.assertEqual(record.read_text(), "of an earlier life")


if __name__ == "__main__":
    PROGRAM, CLIENT = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    unittest.main(verbosity=2)

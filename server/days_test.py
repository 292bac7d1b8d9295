"""What an operator does day by day (docs/server.md), with real processes on loopback.

    days_test.py PROGRAM [TEST...]
"""
import pathlib
import shutil
import sys
import time
import unittest

sys.dont_write_bytecode = True
from testing.cluster import Cluster, wait_for  # noqa: E402

PROGRAM = None


class Replacements(unittest.TestCase):
    def test_a_founder_that_lost_its_disk_comes_back_as_it_was_started_first(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair()
            a.ask("PUT", "/kv/x", b"1")
            a.kill()
            shutil.rmtree(a.data)
            b.wait_until(serving=True)
            a.start()  # nobody tells it of b but the arbiter
            b.wait_until(serving=True, in_sync=True, backup=a.cluster)
            epoch = b.status()["epoch"]
            # Whoever is not heard from is suspected after 500 ms: served for longer than that, and nobody is.
            joined = b.log.stat().st_size
            end = time.monotonic() + 2
            while time.monotonic() < end:
                self.assertEqual(b.ask("PUT", "/kv/y", b"2").status, 204)
            self.assertNotIn("event=suspects_peer", b.log.read_text()[joined:])
            b.wait_until(epoch=epoch, in_sync=True)

    def test_a_spare_that_was_told_of_one_node_finds_the_other(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair()
            a.ask("PUT", "/kv/x", b"1")
            spare = cluster.add("spare", "--tie-breaker", arbiter.cluster, "--backup-of", a.cluster).start()
            names = b.data / "server.members"  # the spare was sent away by a, and came to whom it was told of
            wait_for("the spare to ask b", lambda: spare.cluster in names.read_text(), [spare, b])
            a.kill()
            b.wait_until(serving=True, in_sync=True, backup=spare.cluster)
            # And when it was not there while that happened.
            self.assertEqual(spare.stop(), 0)
            b.wait_until(serving=True, in_sync=False)
            a.start()
            b.wait_until(in_sync=True, backup=a.cluster)
            spare.start()
            a.kill()
            b.wait_until(serving=True, in_sync=True, backup=spare.cluster)
            self.assertEqual(b.ask("GET", "/kv/x").body, b"1")


class Backups(unittest.TestCase):
    def test_what_was_kept_of_a_stopped_backup_is_a_store_again(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair()
            for i in range(20):
                a.ask("PUT", f"/kv/key-{i}", f"value {i}".encode())
            self.assertEqual(b.stop(), 0)
            kept = pathlib.Path(cluster.folder.name) / "kept"
            shutil.copytree(b.data, kept)
            b.start()
            a.wait_until(in_sync=True)
            a.ask("PUT", "/kv/key-3", b"by mistake")
            for process in (a, b, arbiter):
                self.assertEqual(process.stop(), 0)

            # As docs/server.md says: a directory for an arbiter that has granted nothing, and of the copy no names.
            other = cluster.add("other-arbiter", mode=["arbiter"]).start()
            c = cluster.add("c", "--tie-breaker", other.cluster)
            shutil.copytree(kept, c.data)
            for names in ("server.name", "server.members"):
                (c.data / names).unlink(missing_ok=True)
            c.start()
            cluster.add("d", "--tie-breaker", other.cluster, "--backup-of", c.cluster).start()
            c.wait_until(serving=True, in_sync=True, keys=20)
            self.assertEqual(c.ask("GET", "/kv/key-3").body, b"value 3")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

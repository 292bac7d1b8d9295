"""What smalldb-server does with its recordings while it runs (docs/recording.md): real processes on loopback.

    recordings_test.py PROGRAM [TEST...]
"""
import http.client
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True
from testing.cluster import Cluster, wait_for  # noqa: E402
from testing.crc32c import crc32c  # noqa: E402

PROGRAM = None


class Recordings(unittest.TestCase):
    def test_a_recording_that_is_nearly_full_begins_anew_while_the_store_is_served(self):
        bound = 1_000_000
        with Cluster(PROGRAM) as cluster:
            small = ["--checkpoint-every-bytes", "100000", "--segment-bytes", "50000"]
            _, a, b = cluster.pair(*small)
            self.assertEqual(a.stop(), 0)
            b.wait_until(serving=True)
            record = pathlib.Path(cluster.folder.name, "a.rec")
            a.options += ["--record", str(record), "--record-max-bytes", str(bound), "--record-anew"]
            a.start()
            b.wait_until(in_sync=True)

            def write(i):
                for node in (a, b):
                    try:
                        if node.ask("PUT", f"/kv/{i % 5}", str(i) * 2000).status == 204:
                            return True
                    except (OSError, http.client.HTTPException):
                        pass  # it is starting anew
                return False

            written = 0

            def rotated(times):
                nonlocal written
                wait_for(f"write {written}", lambda: write(written), [a, b])
                written += 1
                return a.log.read_text().count("event=begins_anew") >= times

            wait_for("a backup that begins anew", lambda: rotated(1), [a, b])
            b.wait_until(serving=True, in_sync=True)
            b.kill()
            a.wait_until(serving=True)
            b.start()
            a.wait_until(in_sync=True)
            wait_for("a primary that begins anew", lambda: rotated(2), [a, b])

            def read(i):  # of b, unless a was sooner back than b suspected it
                for node in (a, b):
                    try:
                        answer = node.ask("GET", f"/kv/{i % 5}")
                        if answer.status == 200:
                            return answer.body.decode()
                    except (OSError, http.client.HTTPException):
                        pass
                return None

            value = wait_for("a value to be read", lambda: read(written - 1), [a, b])
            self.assertEqual(value, str(written - 1) * 2000)
            self.assertNotIn("event=recording_ended", a.log.read_text())  # nothing is missing between them
            self.assertEqual(a.stop(), 0)
            for name in ("a.rec", "a.rec.1", "a.rec.2"):
                self.assertLessEqual(record.with_name(name).stat().st_size, bound)

    def test_a_recording_that_one_event_takes_past_its_bound_begins_anew_as_well(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair()
            self.assertEqual(a.stop(), 0)
            b.wait_until(serving=True)
            record = pathlib.Path(cluster.folder.name, "a.rec")
            a.options += ["--record", str(record), "--record-max-bytes", "4MiB", "--record-anew"]
            a.start()
            b.wait_until(in_sync=True)
            self.assertEqual(b.stop(), 0)
            a.wait_until(serving=True)
            b.start()
            a.wait_until(in_sync=True)
            for _ in range(4):  # three have room, with less than seven eighths of the bound
                self.assertEqual(a.ask("PUT", "/kv/x", b"x" * (1 << 20)).status, 204)
            wait_for("a to begin anew", lambda: "event=begins_anew why" in a.log.read_text(), [a])
            b.wait_until(serving=True, in_sync=True)
            # The values are in its log now: what it reads at the start takes more than a recording may have.
            told = re.findall(r"event=(begins_anew\w*|recording_ended)", a.log.read_text())
            self.assertEqual(told, ["recording_ended", "begins_anew", "begins_anew_no_more", "recording_ended"])
            took = re.search(r"the start alone took (\d+) of the 4194304 bytes", a.log.read_text())
            self.assertGreater(int(took[1]), 2 << 20)
            self.assertLess(record.with_name("a.rec.1").stat().st_size, 4 << 20)

    def test_a_bound_that_a_value_may_take_past_is_warned_of(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
            node = cluster.add("a", "--tie-breaker", arbiter.cluster).start()
            for process, bound, warned in [(node, 9437183, True), (node, 9437184, False), (arbiter, 9437183, False)]:
                self.assertEqual(process.stop(), 0)
                before = len(process.log.read_text())
                record = f"{cluster.folder.name}/{process.name}.rec"
                process.options += ["--record", record, "--record-max-bytes", str(bound), "--record-anew"]
                process.start()
                self.assertEqual(process.stop(), 0)
                said = process.log.read_text()[before:]
                self.assertEqual(f"event=small_recording record_max_bytes={bound} wanted=9437184" in said, warned, said)
                process.options = process.options[:-5]
                process.start()

    def test_an_arbiter_does_not_begin_anew_over_and_over(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"])
            arbiter.start()
            self.assertEqual(arbiter.stop(), 0)
            grants = b""
            for epoch in range(1, 1901):  # which it reads at each start, and which take seven eighths of the bound
                grant = epoch.to_bytes(8, "little") + bytes(15) + b"x" + bytes(4)
                grants += grant + crc32c(grant).to_bytes(4, "little")
            (arbiter.data / "grants").write_bytes(grants)
            arbiter.options = ["--record", f"{cluster.folder.name}/a.rec", "--record-max-bytes", "64KiB",
                               "--record-anew"]
            arbiter.start()
            wait_for("its grants", lambda: "event=grants_read grants=1900" in arbiter.log.read_text(), [arbiter])
            self.assertEqual(arbiter.stop(), 0)
            self.assertRegex(arbiter.log.read_text(), r"event=begins_anew_no_more .* took 6\d{4} of the 65536 bytes")
            self.assertNotIn("event=begins_anew ", arbiter.log.read_text())


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

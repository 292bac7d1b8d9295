"""What smalldb-server does with its recordings while it runs (docs/recording.md): real processes on loopback.

    recordings_test.py PROGRAM [TEST...]
"""
import http.client
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
from testing.cluster import Cluster, wait_for  # noqa: E402

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


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

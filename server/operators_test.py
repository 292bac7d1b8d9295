"""What an operator does to smalldb-server, and what it says to him: real processes on loopback.

    operators_test.py PROGRAM [TEST...]
"""
import contextlib
import datetime
import errno
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
from testing.cluster import PATIENCE, Cluster, wait_for  # noqa: E402
from testing.worlds import Disks  # noqa: E402

PROGRAM = None


class ServiceManager(unittest.TestCase):
    """Whoever started it, as systemd does a service of Type=notify, hears what becomes of it."""

    def check(self, cluster, node, path, name):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(PATIENCE)
            hear = lambda: dict(line.split("=") for line in manager.recv(4096).decode().split("\n"))
            node.start(env={**os.environ, "NOTIFY_SOCKET": name})
            self.assertEqual(hear(), {"READY": "1"})
            node.signal(signal.SIGHUP)
            told = hear()
            self.assertEqual(told.pop("RELOADING"), "1")
            self.assertLess(int(told.pop("MONOTONIC_USEC")), time.monotonic_ns() // 1000)
            self.assertEqual(told, {})
            self.assertEqual(hear(), {"READY": "1"})
            self.assertEqual(node.stop(), 0)
            self.assertEqual(hear(), {"STOPPING": "1"})

    def test_a_node(self):
        with Cluster(PROGRAM) as cluster:
            path = cluster.folder.name + "/manager"
            self.check(cluster, cluster.add("a", "--manual"), path, path)

    def test_an_arbiter_and_a_socket_without_a_file(self):
        with Cluster(PROGRAM) as cluster:
            name = cluster.folder.name + "/manager"
            self.check(cluster, cluster.add("arbiter", mode=["arbiter"]), "\0" + name, "@" + name)

    def test_it_serves_when_nobody_listens(self):
        with Cluster(PROGRAM) as cluster:
            for name in ("", "relative", cluster.folder.name + "/nobody", "/" + 200 * "x"):
                a = cluster.add("a", "--manual").start(env={**os.environ, "NOTIFY_SOCKET": name})
                a.wait_until(waits_for_operator=True)
                self.assertEqual(a.stop(), 0)


class ArbiterIsMissed(unittest.TestCase):
    """While all is well nobody needs it, and whoever looks is told that it is away."""

    def test_an_arbiter_that_is_away_is_missed_while_all_is_well(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair("--arbiter-ping-every", "100ms")

            def wait_for_metric(node, value):
                line = f"\nsmalldb_arbiter_reachable {value}\n".encode()
                wait_for(line, lambda: line in node.ask("GET", "/metrics").body, [node])

            for node in (a, b):
                node.wait_until(arbiter_reachable=True)
                wait_for_metric(node, 1)
            arbiter.kill()
            for node in (a, b):
                node.wait_until(arbiter_reachable=False)
                wait_for_metric(node, 0)
            self.assertEqual(a.ask("GET", "/healthz").status, 200)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            arbiter.start()
            for node in (a, b):
                node.wait_until(arbiter_reachable=True)
                told = re.findall(r"event=(arbiter_\w+)", node.log.read_text())
                # Perhaps several times: on a machine that is busy an answer may be late.
                self.assertIn("arbiter_away arbiter_back", " ".join(told))
            self.assertEqual(a.wait_until(in_sync=True)["epoch"], 1)

    def test_a_lock_directory_that_is_another_is_missed_while_all_is_well(self):
        with Cluster(PROGRAM) as cluster:
            lock = pathlib.Path(cluster.folder.name, "lock")
            lock.mkdir()
            a = cluster.add("a", "--shared-lock", str(lock), "--arbiter-ping-every", "100ms").start()
            a.wait_until(serving=True, arbiter_reachable=True)
            (lock / "server.identity").rename(lock / "elsewhere")
            a.wait_until(serving=True, arbiter_reachable=False)
            (lock / "elsewhere").rename(lock / "server.identity")
            a.wait_until(serving=True, arbiter_reachable=True)

    def test_a_lock_directory_without_room_for_a_claim_is_missed_while_all_is_well(self):
        why_not = Disks.why_not()
        if why_not:
            self.skipTest(why_not)
        with Cluster(PROGRAM) as cluster:
            lock = pathlib.Path(cluster.folder.name, "lock")
            lock.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=16,mode=700", "tmpfs", str(lock)],
                           check=True, timeout=60)
            try:
                a = cluster.add("a", "--shared-lock", str(lock), "--arbiter-ping-every", "100ms").start()
                a.wait_until(serving=True, arbiter_reachable=True)

                def is_away_once(fill):  # which may come while the room of a look is not free
                    with contextlib.suppress(OSError):
                        fill()
                    return a.status()["arbiter_reachable"] is False

                def take_all_bytes():
                    with open(lock / "fills_it", "ab", buffering=0) as large:
                        while True:
                            large.write(b"x" * 4096)

                def take_all_names():
                    for i in range(100):
                        (lock / f"empty-{i}").touch()

                wait_for("a full volume to be missed", lambda: is_away_once(take_all_bytes), [a])
                (lock / "fills_it").unlink()
                a.wait_until(serving=True, arbiter_reachable=True)
                wait_for("a volume without names to be missed", lambda: is_away_once(take_all_names), [a])
                for empty in lock.glob("empty-*"):
                    empty.unlink()
                a.wait_until(serving=True, arbiter_reachable=True)
                a.kill()
            finally:
                subprocess.run(["umount", "-l", str(lock)], check=True, timeout=60)


class CleanStop(unittest.TestCase):
    """Whoever stops says so: the other one waits for no silence, which would last for an hour here."""

    def test_a_primary_hands_over(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair("--suspect-after", "1h")
            self.assertEqual(b.stop(), 0)
            b.options += ["--seek-for", "1h"]
            b.start()
            a.wait_until(serving=True, in_sync=True)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            self.assertEqual(a.stop(), 0)
            b.wait_until(serving=True)
            self.assertEqual(b.ask("GET", "/kv/x").body, b"1")
            told = re.findall(r"event=(peer_leaves|claim_sent|claim_won|took_over|suspects_peer)", b.log.read_text())
            self.assertEqual(told, ["peer_leaves", "claim_sent", "claim_won", "took_over"])

    def test_a_client_that_takes_no_answers_does_not_hold_up_a_hand_over(self):
        with Cluster(PROGRAM) as cluster:
            patient = ["--suspect-after", "1h", "--drain-within", "1h", "--taken-within", "1h"]
            _, a, b = cluster.pair(*patient)
            self.assertEqual(a.ask("PUT", "/kv/big", b"x" * (1 << 20)).status, 204)
            slow = socket.socket()
            self.addCleanup(slow.close)
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            host, port = a.clients.rsplit(":", 1)
            slow.connect((host, int(port)))
            slow.sendall(b"GET /kv/big HTTP/1.1\r\nHost: x\r\n\r\n" * 16)
            answered = lambda: int(re.search(r'_total{status="2xx"} (\d+)', a.ask("GET", "/metrics").body.decode())[1])
            before = answered()
            wait_for("as many answers as it may have", lambda: answered() > before + 3, [a, b])
            a.signal(signal.SIGTERM)
            b.wait_until(serving=True)
            self.assertEqual(b.ask("PUT", "/kv/x", b"1").status, 204)
            a.check_alive()  # and still has answers to give
            slow.close()
            self.assertEqual(a.wait_for_end(), 0)
            told = re.findall(r"event=(stopping|drain_cut_short|stopped)\b", a.log.read_text())
            self.assertEqual(told, ["stopping", "stopped"])

    def test_a_backup_says_that_it_goes(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair("--suspect-after", "1h")
            self.assertEqual(b.stop(), 0)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            self.assertEqual(a.status()["epoch"], 2)
            b.start()
            a.wait_until(in_sync=True)

    def test_a_primary_whose_backup_went_says_that_it_serves_only_when_it_can_answer(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair("--suspect-after", "1h")
            self.assertEqual(arbiter.stop(), 0)
            self.assertEqual(b.stop(), 0)
            a.wait_until(claiming=True, serving=False, in_sync=False, backup=None)
            arbiter.start()
            a.wait_until(claiming=False, serving=True, in_sync=False)
        with Cluster(PROGRAM) as cluster:
            manual = ["--manual", "--suspect-after", "1h"]
            a = cluster.add("a", *manual).start()
            a.wait_until(waits_for_operator=True)
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            b = cluster.add("b", *manual, "--backup-of", a.cluster).start()
            a.wait_until(serving=True, in_sync=True)
            self.assertEqual(b.stop(), 0)
            a.wait_until(waits_for_operator=True, serving=False, in_sync=False)
            self.assertEqual(a.ask("GET", "/healthz").status, 503)
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(waits_for_operator=False, serving=True, in_sync=False)


class BetweenTwoLives(unittest.TestCase):
    def test_a_signal_between_two_servers_of_a_process_ends_it(self):
        """The second one waits in its secret's file, a pipe, until the signal has come."""
        secret = b"sixteen bytes and more"
        with Cluster(PROGRAM) as cluster:
            folder = pathlib.Path(cluster.folder.name)
            pipe, file = folder / "pipe", folder / "secret"
            os.mkfifo(pipe, 0o600)
            file.write_bytes(secret)
            file.chmod(0o600)
            arbiter = cluster.add("arbiter", "--secret-file", str(file), mode=["arbiter"]).start()
            common = ["--tie-breaker", arbiter.cluster, "--suspect-after", "1h", "--secret-file"]
            b = cluster.add("b", *common, str(file)).start()
            b.wait_until(serving=True)
            a = cluster.add("a", *common, str(file), "--backup-of", b.cluster).start()
            b.wait_until(in_sync=True)
            self.assertEqual(a.stop(), 0)
            b.wait_until(serving=True)

            def wait_for_reader():
                def opened():
                    try:
                        return os.fdopen(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK), "wb")
                    except OSError as error:
                        self.assertEqual(error.errno, errno.ENXIO)
                        return None

                return wait_for("a to read its secret", opened)

            def tell():
                with wait_for_reader() as writer:
                    writer.write(secret)

            a.options = [*common, str(pipe), "--record", str(folder / "a.rec"), "--record-max-bytes", "1MiB",
                         "--record-anew"]
            first = threading.Thread(target=tell)
            first.start()
            a.start()
            first.join()
            b.wait_until(in_sync=True)

            def begins_anew():
                self.assertEqual(b.ask("PUT", "/kv/x", b"x" * 10_000).status, 204)
                return "event=begins_anew" in a.log.read_text()

            wait_for("a to begin anew", begins_anew, [a])
            with wait_for_reader() as writer:
                a.signal(signal.SIGTERM)
                writer.write(secret)
            self.assertEqual(a.wait_for_end(), 0)
            told = re.findall(r"event=(begins_anew|stopping\w*|stopped)", a.log.read_text())
            self.assertEqual(told[-5:], ["begins_anew", "stopping", "stopped", "stopping", "stopped"])


class Operator(unittest.TestCase):
    def test_signals_change_nothing_when_the_process_ends_already(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual")
            for _ in range(20):
                a.start()
                while a.child.poll() is None:
                    a.signal(signal.SIGTERM)
                self.assertEqual(a.child.returncode, 0)

    def test_an_arbiter_that_is_away_is_warned_of_when_a_claim_has_waited_for_a_second(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair()
            arbiter.kill()
            self.assertEqual(a.stop(), 0)

            def warned():
                return re.search(r"(\S+) warning event=arbiter_unreachable .* epoch_wanted=2\n", b.log.read_text())

            warning = wait_for("b to warn of the arbiter", warned, [b])
            claim = re.search(r"(\S+) info event=claim_sent .* epoch_wanted=2\n", b.log.read_text())
            asked, said = (datetime.datetime.strptime(line[1], "%Y-%m-%dT%H:%M:%S.%fZ") for line in (claim, warning))
            self.assertGreaterEqual(said - asked, datetime.timedelta(seconds=1))
            arbiter.start()
            b.wait_until(serving=True)

    def test_this_machine_is_not_whoever_speaks_through_it(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual").start()
            a.wait_until(waits_for_operator=True)
            for fields in ({"Origin": "http://evil.example"}, {"Forwarded": "for=203.0.113.9"},
                           {"X-Forwarded-For": "203.0.113.9"}, {"x-forwarded-proto": "https"},
                           {"Host": "evil.example"}, {"Host": "evil.example:8080"}):
                for command in ("/promote", "/checkpoint"):
                    self.assertEqual(a.ask("POST", command, **fields).status, 403, (command, fields))
            a.wait_until(waits_for_operator=True)
            for host in ("localhost", "127.0.0.1:80", "[::1]:80"):
                self.assertEqual(a.ask("POST", "/checkpoint", Host=host).status, 409)  # it is no primary
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

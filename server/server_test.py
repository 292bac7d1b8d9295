"""smalldb-server as its users meet it: real processes on loopback.

    server_test.py PROGRAM [TEST...]
"""
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import unittest

sys.dont_write_bytecode = True
from testing.cluster import PATIENCE, Cluster, wait_for  # noqa: E402

PROGRAM = None


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)


class Takeover(unittest.TestCase):
    def test_a_pair_survives_its_primary(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair()
            written = {f"key-{i}": f"value {i}".encode() for i in range(20)}
            for key, value in written.items():
                self.assertEqual(a.ask("PUT", f"/kv/{key}", value).status, 204)
            session = a.ask("POST", "/sessions").json()["session"]
            first = a.ask("PUT", "/kv/once", b"1", Idempotency_Key=f"{session}-1")
            self.assertEqual(first.status, 204)

            a.kill()
            b.wait_until(serving=True)
            for key, value in written.items():
                self.assertEqual(b.ask("GET", f"/kv/{key}").body, value)
            again = b.ask("PUT", "/kv/once", b"1", Idempotency_Key=f"{session}-1")
            self.assertEqual((again.status, again.etag), (204, first.etag))
            self.assertEqual(b.ask("GET", "/kv/once").etag, first.etag)

            a.start()
            b.wait_until(serving=True, in_sync=True, backup=a.cluster)
            self.assertEqual(b.ask("PUT", "/kv/more", b"x").status, 204)
            self.assertEqual(a.ask("GET", "/healthz").body, b"backup\n")

            # And back again, with a clean stop this time: nobody is left not knowing.
            self.assertEqual(b.stop(), 0)
            a.wait_until(serving=True)
            self.assertEqual(a.ask("GET", "/kv/more").body, b"x")
            self.assertEqual(a.ask("GET", "/kv/key-7").body, b"value 7")

    def test_a_primary_goes_on_without_its_backup(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair()
            b.kill()
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)  # held until the arbiter has spoken
            self.assertEqual(a.wait_until(serving=True, in_sync=False)["epoch"], 2)

    def test_a_node_that_must_ask_and_is_not_told_is_not_well(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair()
            wait_for("it to be well", lambda: a.ask("GET", "/healthz").status == 200, [a])
            arbiter.kill()
            b.kill()
            a.wait_until(claiming=True, serving=False, in_sync=False)  # it answers nobody
            well = a.ask("GET", "/healthz")
            self.assertEqual((well.status, well.body), (503, b"primary, claiming\n"))
            metrics = a.ask("GET", "/metrics").body
            for line in (b"claiming 1", b"primary 0", b"in_sync 0"):
                self.assertIn(b"\nsmalldb_" + line + b"\n", metrics)
            arbiter.start()
            a.wait_until(claiming=False, serving=True)
            self.assertEqual(a.ask("GET", "/healthz").status, 200)

    def test_a_primary_that_is_paused_and_replaced_shows_nothing_stale(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair()
            self.assertEqual(a.ask("PUT", "/kv/x", b"old").status, 204)
            a.signal(signal.SIGSTOP)
            b.wait_until(serving=True)
            self.assertEqual(b.ask("PUT", "/kv/x", b"new").status, 204)
            a.signal(signal.SIGCONT)
            answer = a.ask("GET", "/kv/x")
            self.assertIn(answer.status, (307, 503, 504))
            b.wait_until(in_sync=True)

    def test_shared_lock(self):
        with Cluster(PROGRAM) as cluster:
            lock = cluster.folder.name + "/lock"
            subprocess.run(["mkdir", lock], check=True)
            a = cluster.add("a", "--shared-lock", lock).start()
            a.wait_until(serving=True)
            b = cluster.add("b", "--shared-lock", lock, "--backup-of", a.cluster).start()
            a.wait_until(in_sync=True)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            a.kill()
            b.wait_until(serving=True)
            self.assertEqual(b.ask("GET", "/kv/x").body, b"1")

    def test_manual_promotion(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual").start()
            self.assertIsNone(a.status()["arbiter_reachable"])
            a.wait_until(waits_for_operator=True)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 503)
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            b = cluster.add("b", "--manual", "--backup-of", a.cluster).start()
            a.wait_until(in_sync=True)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            a.kill()
            b.wait_until(waits_for_operator=True)
            self.assertEqual(b.ask("POST", "/promote?epoch=2").json()["error"], "other_epoch")
            self.assertEqual(b.ask("POST", "/promote?epoch=2&force=true").status, 409)
            self.assertEqual(b.ask("POST", "/promote?epoch=1").status, 202)
            b.wait_until(serving=True)
            self.assertEqual(b.ask("GET", "/kv/x").body, b"1")

    def test_only_who_waits_is_promoted_unless_it_is_forced(self):
        with Cluster(PROGRAM) as cluster:
            manual = ["--manual", "--suspect-after", "1h"]
            a = cluster.add("a", *manual).start()
            a.wait_until(waits_for_operator=True)
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            b = cluster.add("b", *manual, "--backup-of", a.cluster).start()
            a.wait_until(serving=True, in_sync=True)
            b.wait_until(role="backup", epoch=1)
            for node in (a, b):
                told = node.ask("POST", "/promote")
                self.assertEqual((told.status, told.json()["error"]), (409, "not_waiting"))
            self.assertEqual([node.status()["epoch"] for node in (a, b)], [1, 1])
            self.assertEqual(b.ask("POST", "/promote?force=true&epoch=1").status, 202)
            b.wait_until(serving=True, epoch=2)


class Connections(unittest.TestCase):
    """What a client may do with a connection, and what not."""

    def node(self, cluster, *options):
        a = cluster.add("a", "--manual", *options).start()
        a.wait_until(waits_for_operator=True)
        self.assertEqual(a.ask("POST", "/promote").status, 202)
        a.wait_until(serving=True)
        return a

    def connect(self, node):
        host, port = node.clients.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def rest_of(self, connection):
        """All that comes until the other side closes."""
        received = b""
        while True:
            try:
                piece = connection.recv(1 << 16)
            except ConnectionResetError:
                return received
            if not piece:
                return received
            received += piece

    def test_one_connection_for_many_requests(self):
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster)
            connection = http.client.HTTPConnection(a.clients, timeout=PATIENCE)
            self.addCleanup(connection.close)
            for i in range(50):
                connection.request("PUT", f"/kv/{i % 7}", f"{i}")
                response = connection.getresponse()
                self.assertEqual((response.status, response.read()), (204, b""))
                connection.request("GET", f"/kv/{i % 7}")
                self.assertEqual(connection.getresponse().read(), f"{i}".encode())
            self.assertEqual(a.ask("GET", "/status").json()["connections"]["clients"], 2)

    def test_answers_come_in_the_order_of_the_requests(self):
        count = 1000  # more than are under way at a time
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster)
            connection = self.connect(a)
            requests = b"".join(
                f"PUT /kv/n HTTP/1.1\r\nHost: a\r\nContent-Length: {len(str(i))}\r\n\r\n{i}".encode() +
                b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                b"GET /kv/n HTTP/1.1\r\nHost: a\r\n\r\n" for i in range(count))
            last = b"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            threading.Thread(target=connection.sendall, args=(requests + last,)).start()
            received = self.rest_of(connection)
            statuses = re.findall(rb"HTTP/1.1 (\d+)", received)
            self.assertEqual(statuses, [b"204", b"200", b"200"] * count + [b"404"])
            values = re.findall(rb"octet-stream\r\nContent-Length: \d+\r\n\r\n(\d+)HTTP", received)
            self.assertEqual(values, [str(i).encode() for i in range(count)])

    def test_what_is_no_http_is_turned_down_and_the_rest_goes_on(self):
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster)
            put = b"PUT /kv/x HTTP/1.1\r\nHost: x\r\n"
            for words, status in [(b"hello\r\n\r\n", b"400"), (put + b"X: " + b"x" * 20000, b"431"),
                                  (put + b"Content-Length: 9999999\r\n\r\n", b"413"),
                                  (put + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
                                  (b"GET /kv/x HTTP/1.1\r\n\r\n", b"400")]:
                connection = self.connect(a)
                connection.sendall(b"PUT /kv/y HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1" + words)
                received = self.rest_of(connection)
                self.assertEqual(re.findall(rb"HTTP/1.1 (\d+)", received), [b"204", status])
                self.assertIn(b"Connection: close", received)
            for size in (1, 10, 1000, 100000):
                connection = self.connect(a)
                try:
                    connection.sendall(os.urandom(size) + b"\r\n\r\n")
                    connection.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # it was closed at once
                self.rest_of(connection)
            self.assertEqual(a.ask("GET", "/kv/y").body, b"1")

    def test_slow_and_silent_clients_are_cut_off(self):
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster, "--request-within", "1s", "--idle-for", "2s", "--taken-within", "1s")
            slow = self.connect(a)
            slow.sendall(b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Le")
            self.assertIn(b"HTTP/1.1 408", self.rest_of(slow))
            silent = self.connect(a)
            self.assertEqual(self.rest_of(silent), b"")
            a.ask("PUT", "/kv/big", b"x" * (1 << 20))
            deaf = self.connect(a)
            try:
                deaf.sendall(b"GET /kv/big HTTP/1.1\r\nHost: x\r\n\r\n" * 100)  # whose answers it never takes
            except OSError:
                pass
            cut_off = lambda: int(re.search(r"cut_off_total (\d+)", a.ask("GET", "/metrics").body.decode()).group(1))
            wait_for("three to be cut off", lambda: cut_off() >= 3, [a])

    def test_a_client_that_always_sends_is_not_slow(self):
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster, "--request-within", "10s")
            request = b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1"
            busy, slow = self.connect(a), self.connect(a)
            busy.sendall(request[:20])  # from now on it is always within a request
            slow.sendall(request[:20])
            slow.setblocking(False)

            def next_request():
                busy.sendall(request[20:] + request[:20])
                self.assertIn(b"HTTP/1.1 204", busy.recv(1 << 16))
                try:
                    return slow.recv(1 << 16)
                except BlockingIOError:
                    return None

            self.assertIn(b"HTTP/1.1 408", wait_for("the slow one to be cut off", next_request, [a]))
            next_request()
            busy.sendall(request[20:])
            self.assertIn(b"HTTP/1.1 204", busy.recv(1 << 16))

    def test_limits_on_connections_and_memory(self):
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster, "--connections-max", "3", "--body-bytes-max", "2000")
            kept = [self.connect(a) for _ in range(3)]
            wait_for("three connections", lambda: self.open_at(kept[0]) == 3, [a])
            self.assertEqual(a.ask("GET", "/healthz").status, 200)
            self.assertEqual(a.ask("GET", "/kv/x").status, 503)
            kept[0].sendall(b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2001\r\n\r\n")
            self.assertIn(b"HTTP/1.1 503", self.rest_of(kept[0]))
            kept[1].sendall(b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                            b"Content-Length: 1000\r\n\r\n" + b"x" * 1000)
            self.assertIn(b"HTTP/1.1 204", self.rest_of(kept[1]))

    def test_connections_leave_descriptors_for_the_store(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual", "--segment-bytes", "1024")
            a.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 250)))
            self.assertRegex(a.log.read_text(), r"event=fewer_connections connections_max=\d\d wanted=4096 ")
            a.wait_until(waits_for_operator=True)
            a.ask("POST", "/promote")
            a.wait_until(serving=True)
            first = self.connect(a)
            kept = [self.connect(a) for _ in range(300)]
            turned_away = lambda: re.search(r"turned_away_total (\d+)", self.metrics_at(first)).group(1)
            wait_for("the rest to be turned away", lambda: int(turned_away()) > 200, [a])
            for i in range(100):  # each of them wants a file of its own
                first.sendall(b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1024\r\n\r\n" + b"x" * 1024)
                self.assertIn(b"HTTP/1.1 204", first.recv(1 << 16))
            self.assertNotIn("accept_failed", a.log.read_text())
            for connection in kept:
                connection.close()

    def test_without_descriptors_it_does_not_begin(self):
        with Cluster(PROGRAM) as cluster:
            few = subprocess.run([PROGRAM, "--data", cluster.folder.name + "/a", "--manual", "--listen", "127.0.0.1:0",
                                  "--replication", "127.0.0.1:0"], capture_output=True, text=True, timeout=120,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)))
            self.assertEqual(few.returncode, 3, few)
            self.assertIn("may have 100 files open, and needs 200 besides one for each client", few.stderr)

    def test_answers_that_wait_to_be_taken_have_their_bound(self):
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster, "--answer-bytes-max", str(2 << 20))
            a.ask("PUT", "/kv/big", b"x" * (1 << 20))
            connection = self.connect(a)
            connection.sendall(b"GET /kv/big HTTP/1.1\r\nHost: x\r\n\r\n" * 60 +
                               b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1")
            received = self.rest_of(connection)
            statuses = re.findall(rb"HTTP/1.1 (\d+)", received)
            self.assertEqual((len(statuses), statuses[0], statuses[-1]), (61, b"200", b"204"))
            self.assertGreater(statuses.count(b"503"), 0)
            self.assertEqual(received.count(b"Retry-After: 1"), statuses.count(b"503"))
            self.assertEqual(a.ask("GET", "/kv/big").status, 200)  # what has been taken does not count any more

    def test_reads_that_wait_for_the_backup_have_their_bound(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
            options = ["--tie-breaker", arbiter.cluster, "--suspect-after", "1h", "--answer-within", "1h"]
            a = cluster.add("a", *options, "--reads-max", "4").start()
            a.wait_until(serving=True)
            b = cluster.add("b", *options, "--backup-of", a.cluster).start()
            a.wait_until(in_sync=True)
            a.ask("PUT", "/kv/big", b"x" * 100_000)
            b.signal(signal.SIGSTOP)
            connections = [self.connect(a) for _ in range(8)]
            for connection in connections:
                connection.sendall(b"GET /kv/big HTTP/1.1\r\nHost: x\r\n\r\n" * 15 +
                                   b"GET /kv/big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            is_open = lambda: re.search(r"requests_open 128\n", a.ask("GET", "/metrics").body.decode())
            wait_for("all reads to have come", is_open, [a, b])
            self.assertEqual(a.status()["answers_held"], 4)
            b.signal(signal.SIGCONT)
            for connection in connections:
                self.assertEqual(re.findall(rb"HTTP/1.1 (\d+)", self.rest_of(connection)), [b"200"] * 16)

    def metrics_at(self, connection):
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        text = b""
        while b"smalldb_memory_max_bytes " not in text or not text.endswith(b"\n"):
            piece = connection.recv(1 << 16)
            self.assertTrue(piece, text)
            text += piece
        return text.decode()

    def open_at(self, connection):
        connection.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
        text = b""
        while not text.endswith(b"}\n"):
            piece = connection.recv(1 << 16)
            self.assertTrue(piece, text)
            text += piece
        return json.loads(text[text.index(b"\r\n\r\n"):])["connections"]["clients"]

    def test_a_client_that_waits_for_a_word_before_its_body_gets_it(self):
        with Cluster(PROGRAM) as cluster:
            a = self.node(cluster)
            connection = self.connect(a)
            connection.sendall(b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            self.assertEqual(connection.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(b"1")
            connection.shutdown(socket.SHUT_WR)
            self.assertIn(b"HTTP/1.1 204", self.rest_of(connection))


class Edges(unittest.TestCase):
    def test_a_directory_is_one_process_s(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual").start()
            second = run("--data", str(a.data), "--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0", "--manual")
            self.assertEqual(second.returncode, 4)  # it may end
            self.assertIn("is in use by another process", second.stderr)

    def test_a_node_without_the_secret_does_not_get_in(self):
        with Cluster(PROGRAM) as cluster:
            secrets = []
            for name in ("right", "wrong"):
                path = f"{cluster.folder.name}/{name}"
                with open(path, "w", opener=lambda p, f: os.open(p, f, 0o600)) as file:
                    file.write(f"{name} secret of some length")
                secrets.append(path)
            arbiter = cluster.add("arbiter", "--secret-file", secrets[0], mode=["arbiter"]).start()
            a = cluster.add("a", "--tie-breaker", arbiter.cluster, "--secret-file", secrets[0]).start()
            a.wait_until(serving=True)
            b = cluster.add("b", "--tie-breaker", arbiter.cluster, "--backup-of", a.cluster, "--secret-file",
                            secrets[1]).start()
            wait_for("b to be refused", lambda: "the secret is another one there" in b.log.read_text(), [a, b])
            self.assertFalse(a.status()["in_sync"])
            b.kill()
            b.options[-1] = secrets[0]
            b.start()
            a.wait_until(in_sync=True)
            for process in (a, b, arbiter):
                self.assertNotIn("secret of some length", process.log.read_text())

    def test_the_log_is_opened_anew(self):
        with Cluster(PROGRAM) as cluster:
            log = cluster.folder.name + "/server.log"
            a = cluster.add("a", "--manual", "--log-file", log)
            a.log = pathlib.Path(log)
            a.log.touch()
            a.start()
            a.log.rename(log + ".1")
            a.signal(signal.SIGHUP)
            wait_for("the new log", lambda: a.log.exists() and "log_reopened" in a.log.read_text(), [a])
            self.assertEqual(a.stop(), 0)
            self.assertIn("event=stopped exit=0", a.log.read_text())

    def test_a_full_disk_ends_the_process_and_loses_nothing(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual")
            full = 300_000  # bytes that a file may have
            a.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY)))
            a.wait_until(waits_for_operator=True)
            a.ask("POST", "/promote")
            a.wait_until(serving=True)
            acknowledged = []
            with self.assertRaises((OSError, http.client.HTTPException)):
                for i in range(1000):
                    if a.ask("PUT", f"/kv/{i}", b"x" * 10_000).status == 204:
                        acknowledged.append(i)
            self.assertEqual(a.wait_for_end(), 1)
            said = a.log.read_text()
            self.assertIn("event=machine_stopped", said)
            self.assertRegex(said, r"machine_stopped why=.*log-")
            a.start()
            a.wait_until(waits_for_operator=True)
            a.ask("POST", "/promote")
            a.wait_until(serving=True)
            self.assertGreater(len(acknowledged), 10)
            for i in acknowledged:
                self.assertEqual(a.ask("GET", f"/kv/{i}").status, 200)

    def test_a_damaged_log_is_not_served_from_and_is_taken_anew_from_the_peer(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair()
            for i in range(20):
                a.ask("PUT", f"/kv/{i}", b"x" * 1000)
            self.assertEqual(b.stop(), 0)
            a.wait_until(serving=True, in_sync=False)
            log = next(path for path in b.data.iterdir() if path.name.startswith("log-"))
            with open(log, "r+b") as file:
                file.seek(5000)
                byte = file.read(1)
                file.seek(5000)
                file.write(bytes([byte[0] ^ 1]))
            copy = cluster.folder.name + "/copy"  # that knows of no other node
            shutil.copytree(b.data, copy, ignore=lambda *_: ["server.members"])
            alone = run("--data", copy, "--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0", "--manual",
                        "--log-file", cluster.folder.name + "/alone.log")
            said = pathlib.Path(cluster.folder.name, "alone.log").read_text()
            self.assertEqual(alone.returncode, 1, said)
            self.assertRegex(said, rf"machine_stopped why=\"{log.name}, offset \d+: ")
            b.start()
            a.wait_until(in_sync=True)
            self.assertIn("event=log_damaged", b.log.read_text())
            a.kill()
            b.wait_until(serving=True)
            self.assertEqual(b.ask("GET", "/kv/19").body, b"x" * 1000)

    def test_tls(self):
        with Cluster(PROGRAM) as cluster:
            folder = cluster.folder.name

            def openssl(*arguments):
                subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder, timeout=PATIENCE)

            def certificate(name, authority, host="127.0.0.1"):
                pathlib.Path(folder, "names").write_text(f"subjectAltName=IP:{host}\n")
                openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                        "-subj", f"/CN={name}")
                openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                        "-CAcreateserial", "-out", f"{name}.pem", "-days", "2", "-extfile", "names")
                return ["--tls-certificate", f"{folder}/{name}.pem", "--tls-key", f"{folder}/{name}.key",
                        "--tls-authority", f"{folder}/ca.pem"]

            for authority in ("ca", "other"):
                openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{authority}.key", "-out",
                        f"{authority}.pem", "-days", "2", "-subj", f"/CN={authority}")
            good, bad = certificate("node", "ca"), certificate("stranger", "other")
            context = ssl.create_default_context(cafile=f"{folder}/ca.pem")

            def secure(node, method, target, body=None):
                connection = http.client.HTTPSConnection(node.clients, timeout=PATIENCE, context=context)
                try:
                    connection.request(method, target, body)
                    response = connection.getresponse()
                    return response.status, response.read()
                except OSError:
                    return None, b""
                finally:
                    connection.close()

            arbiter = cluster.add("arbiter", *good, mode=["arbiter"]).start()
            a = cluster.add("a", "--tie-breaker", arbiter.cluster, *good).start()
            c = cluster.add("c", "--tie-breaker", arbiter.cluster, "--backup-of", a.cluster, *bad).start()
            b = cluster.add("b", "--tie-breaker", arbiter.cluster, "--backup-of", a.cluster, *good).start()
            in_sync = lambda: b"\"in_sync\": true" in secure(a, "GET", "/status")[1]
            wait_for("the pair", in_sync, [a, b, c])
            for node, why in ((a, "certificate verify failed: [a-z]"), (c, ".*alert unknown ca")):
                wait_for("why c is refused", lambda: re.search(f"why=\"TLS: {why}", node.log.read_text()), [a, b, c])
            self.assertEqual(secure(a, "PUT", "/kv/x", b"1")[0], 204)
            self.assertEqual(secure(a, "GET", "/kv/x"), (200, b"1"))

            def renew(name, source):
                shutil.copy(f"{folder}/{source}", f"{folder}/node.{name}")
                before = a.log.read_text().count("renewed")
                a.signal(signal.SIGHUP)
                wait_for("the word on it", lambda: a.log.read_text().count("renewed") > before, [a])

            shown = lambda: ssl.get_server_certificate(a.clients.split(":"), timeout=PATIENCE)
            old = shown()
            certificate("new", "ca")
            renew("pem", "new.pem")  # without its key
            self.assertEqual(shown(), old)
            self.assertIn(f"tls_not_renewed why=\"the certificate's key {folder}/node.key is of no", a.log.read_text())
            renew("key", "new.key")
            self.assertNotEqual(shown(), old)
            self.assertEqual(secure(a, "GET", "/kv/x"), (200, b"1"))
            of_another = f"warning event=certificate_of_another_host certificate={folder}/node.pem host=127.0.0.1 "
            self.assertNotIn(of_another, a.log.read_text())
            certificate("wrong", "ca", "10.9.9.9")
            renew("pem", "wrong.pem")
            renew("key", "wrong.key")
            wait_for("a warning", lambda: of_another in a.log.read_text(), [a])
            wrong = cluster.add("wrong", "--tie-breaker", arbiter.cluster, "--backup-of", b.cluster, *good).start()
            self.assertIn(of_another, wrong.log.read_text())
            wrong.stop()
            a.kill()
            wait_for("b to serve", lambda: secure(b, "GET", "/kv/x") == (200, b"1"), [b, c])
            with socket.create_connection(b.clients.split(":"), timeout=PATIENCE) as plain:
                plain.sendall(b"GET /kv/x HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertNotIn(b"HTTP", plain.recv(1000))
            with socket.create_connection(b.clients.split(":"), timeout=PATIENCE) as silent:
                self.assertEqual(silent.recv(1000), b"")  # no handshake for as long as one is waited for


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

"""smalldb, the command line, against real servers on loopback, and against some that behave badly.

    client_test.py SERVER_PROGRAM CLIENT_PROGRAM [TEST...]
"""
import contextlib
import http.server
import json
import os
import pathlib
import pty
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "server"))
from testing.cluster import PATIENCE, Cluster, wait_for  # noqa: E402

SERVER = CLIENT = None
DONE, ABSENT, UNKNOWN, BAD_INPUT, MISMATCHED, FAILED = range(6)


def command(servers, *arguments):
    return [CLIENT, "--servers", ",".join(servers), *arguments]


def run(servers, *arguments, **options):
    return subprocess.run(command(servers, *arguments), capture_output=True, timeout=PATIENCE, **options)


def begin(servers, *arguments):
    return subprocess.Popen(command(servers, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def free_port():
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


class Stand:
    """A server of HTTP in this process, whose `answer(handler)` does as the test likes."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self):
                length = int(self.headers.get("Content-Length", 0))
                self.body = self.rfile.read(length) if length else b""
                answer(self)

            def say(self, status, body=b"", **fields):
                self.send_response(status)
                for name, value in {"Content-Length": len(body), **fields}.items():
                    if status != 204 or name != "Content-Length":
                        self.send_header(name.replace("_", "-"), str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

            do_GET = do_PUT = do_POST = do_DELETE = any

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = allow_reuse_address = True

            def handle_error(self, *_):  # whoever stands behind it is gone, or the client is
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


SERVING = json.dumps({"node": {"role": "primary", "serving": True}}).encode()


class Operations(unittest.TestCase):
    def check(self, servers, *arguments, exit=DONE, **options):
        result = run(servers, *arguments, **options)
        self.assertEqual(result.returncode, exit, result)
        self.assertEqual(bool(result.stderr), exit != DONE and "json" not in arguments, result)
        return result.stdout

    def test_the_primary_is_found_from_whatever_is_known(self):
        with Cluster(SERVER) as cluster:
            _, a, b = cluster.pair()
            nowhere = free_port()
            for servers in ([a.clients], [b.clients], [nowhere, b.clients], [b.clients, a.clients]):
                self.check(servers, "put", "x", servers[0])
                self.assertEqual(self.check(servers, "get", "x").decode(), servers[0])
            environment = {**os.environ, "SMALLDB_SERVERS": f"{nowhere},{b.clients}"}
            result = subprocess.run([CLIENT, "get", "x"], capture_output=True, env=environment, timeout=PATIENCE)
            self.assertEqual(result.stdout.decode(), b.clients)

    def test_what_became_of_it_is_told_by_the_exit_code(self):
        with Cluster(SERVER) as cluster:
            _, a, b = cluster.pair()
            servers = [b.clients]
            self.check(servers, "get", "x", exit=ABSENT)
            self.check(servers, "delete", "x", exit=ABSENT)
            self.check(servers, "put", "x", "0", "--if-exists", exit=MISMATCHED)
            first = self.check(servers, "put", "x", "1", "--if-absent").decode()
            revision = first.removeprefix("revision ").strip()
            self.check(servers, "put", "x", "2", "--if-absent", exit=MISMATCHED)
            told = json.loads(self.check(servers, "put", "x", "2", "--if-revision", revision, "--format", "json"))
            self.assertEqual((told["outcome"], told["key"]), ("done", "x"))
            stale = self.check(servers, "put", "x", "3", "--if-revision", revision, "--format", "json", exit=MISMATCHED)
            self.assertEqual(json.loads(stale)["revision"], told["revision"])
            self.check(servers, "delete", "x", "--if-revision", revision, exit=MISMATCHED)
            got = json.loads(self.check(servers, "get", "x", "--format", "json"))
            self.assertEqual(got, {"outcome": "done", "key": "x", "revision": told["revision"], "value": "2"})
            self.check(servers, "delete", "x", "--if-revision", str(told["revision"]))
            self.assertEqual(json.loads(self.check(servers, "get", "x", "--format", "json", exit=ABSENT))["outcome"],
                             "absent")

    def test_bytes_of_any_kind(self):
        with Cluster(SERVER) as cluster:
            _, a, _ = cluster.pair()
            value = bytes(range(256)) * 4096  # 1 MiB
            path = pathlib.Path(cluster.folder.name, "value")
            path.write_bytes(value)
            key = "a b/ü?#%"
            self.check([a.clients], "put", key, "--from", str(path))
            self.assertEqual(self.check([a.clients], "get", key), value)
            self.assertEqual(a.ask("GET", "/kv/a%20b/%C3%BC%3F%23%25").body, value)
            self.check([a.clients], "put", "y", "--from", "-", input=b"")
            self.assertEqual(self.check([a.clients], "get", "y"), b"")
            self.check([a.clients], "put", "y", "--from", "-", input=value + b"x", exit=BAD_INPUT)
            self.check([a.clients], "put", "y", "--from", str(path) + ".none", exit=BAD_INPUT)
            self.assertEqual(json.loads(self.check([a.clients], "get", key, "--format", "json"))["value"]["hex"],
                             value.hex())

    def test_a_terminal_is_told_nothing_by_a_value(self):
        with Cluster(SERVER) as cluster:
            a = cluster.add("a", "--tie-breaker", cluster.add("arbiter", mode=["arbiter"]).start().cluster).start()
            a.wait_until(serving=True)
            value = b"one\n\ttwo\x1b[2J\xff"
            self.assertEqual(a.ask("PUT", "/kv/x", value).status, 204)
            self.assertEqual(self.check([a.clients], "get", "x"), value)
            ours, terminal = pty.openpty()
            self.addCleanup(os.close, ours)
            subprocess.run(command([a.clients], "get", "x"), stdout=terminal, check=True, timeout=PATIENCE)
            os.close(terminal)
            shown = b""
            with contextlib.suppress(OSError):  # its other side is closed, and all has been read
                while True:
                    shown += os.read(ours, 1000)
            self.assertEqual(shown.replace(b"\r\n", b"\n"), b"one\n\ttwo\\x1b[2J\\xff\n")

    def test_what_cannot_be_written_down_has_not_been_got(self):
        with Cluster(SERVER) as cluster, open("/dev/full", "wb") as full:
            _, a, _ = cluster.pair()
            self.check([a.clients], "put", "x", "1")

            def told(*arguments):
                return subprocess.run([CLIENT, "--servers", a.clients, *arguments], stdout=full,
                                      stderr=subprocess.PIPE, timeout=PATIENCE)

            for words in (["get", "x"], ["get", "x", "--format", "json"], ["status"], ["watch", "x"]):
                result = told(*words)
                self.assertEqual(result.returncode, BAD_INPUT, words)
                self.assertIn(b"standard output cannot be written", result.stderr)
            self.assertEqual(told("put", "x", "2").returncode, DONE)  # for that it is
            self.assertEqual(self.check([a.clients], "get", "x"), b"2")


class Retries(unittest.TestCase):
    def test_a_write_whose_answer_died_with_the_primary_takes_effect_once(self):
        with Cluster(SERVER) as cluster:
            _, a, b = cluster.pair()
            executed = []

            def pass_on(handler):  # all but the answer to the write: the primary dies with it
                answer = a.ask(handler.command, handler.path, handler.body,
                               **{"Idempotency_Key": handler.headers.get("Idempotency-Key", "")})
                if handler.command == "PUT":
                    executed.append(answer.etag)
                    a.kill()
                    handler.connection.shutdown(socket.SHUT_RDWR)
                    handler.close_connection = True
                else:
                    handler.say(answer.status, answer.body)

            proxy = Stand(pass_on)
            self.addCleanup(proxy.close)
            result = run([proxy.address], "--timeout", "60s", "put", "x", "1", "--format", "json")
            self.assertEqual(result.returncode, DONE, result)
            self.assertEqual(executed, [f"\"{json.loads(result.stdout)['revision']}\""])
            self.assertEqual(b.ask("GET", "/kv/x").etag, executed[0])

    def test_a_write_that_was_under_way_when_the_primary_died(self):
        with Cluster(SERVER) as cluster:
            _, a, b = cluster.pair()
            b.signal(signal.SIGSTOP)  # the write waits for it
            writer = begin([b.clients, a.clients], "--timeout", "60s", "--attempt", "2s", "put", "x", "1",
                           "--format", "json")
            self.addCleanup(writer.kill)
            a.kill()
            b.signal(signal.SIGCONT)
            said, errors = writer.communicate(timeout=PATIENCE)
            self.assertEqual(writer.returncode, DONE, errors)
            answer = b.ask("GET", "/kv/x")
            self.assertEqual((answer.body, answer.etag), (b"1", f"\"{json.loads(said)['revision']}\""))

    def test_a_write_that_nobody_answers_is_unknown_and_may_take_effect_later(self):
        with Cluster(SERVER) as cluster:
            _, a, b = cluster.pair()
            swallowed = threading.Event()

            def swallow_writes(handler):
                if handler.command == "PUT":
                    handler.close_connection = True
                    swallowed.set()
                elif handler.path == "/status":
                    handler.say(200, SERVING)
                else:
                    answer = a.ask(handler.command, handler.path, handler.body)
                    handler.say(answer.status, answer.body)

            proxy = Stand(swallow_writes)
            self.addCleanup(proxy.close)
            result = run([proxy.address], "--timeout", "1s", "put", "x", "1")
            self.assertEqual(result.returncode, UNKNOWN, result)
            self.assertIn(b"the outcome is unknown", result.stderr)
            self.assertTrue(swallowed.is_set())
            result = run([proxy.address], "--timeout", "1s", "put", "x", "1", "--format", "json")
            self.assertEqual(json.loads(result.stdout)["outcome"], "unknown")

    def test_without_anybody_it_has_failed_for_certain(self):
        for arguments in (["put", "x", "1"], ["get", "x"], ["delete", "x"], ["status"]):
            result = run([free_port(), free_port()], "--timeout", "300ms", *arguments)
            self.assertEqual(result.returncode, FAILED, result)
            self.assertIn(b"Connection refused", result.stderr + result.stdout)

    def test_a_server_that_takes_connections_and_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            address = f"127.0.0.1:{mute.getsockname()[1]}"
            result = run([address], "--timeout", "600ms", "--attempt", "200ms", "put", "x", "1")
            self.assertEqual(result.returncode, FAILED, result)
            self.assertIn(b"no answer in time", result.stderr)

    def test_who_hangs_delays_nobody_else(self):
        with Cluster(SERVER) as cluster, socket.create_server(("127.0.0.1", 0)) as mute:
            _, a, _ = cluster.pair()
            servers = [f"127.0.0.1:{mute.getsockname()[1]}", a.clients]
            patient = ("--attempt", "50s", "--timeout", "50s")
            self.assertEqual(run(servers, *patient, "put", "x", "1").returncode, DONE)
            self.assertEqual(run(servers, *patient, "get", "x").stdout, b"1")

    def test_somebody_else_s_server_is_believed_nothing(self):
        def always(status, body=b"", **fields):
            return lambda handler: handler.say(status, body, **fields)

        def as_primary(status, body=b"", **fields):
            return lambda handler: handler.say(*((200, SERVING) if handler.path == "/status" else (status, body)),
                                               **({} if handler.path == "/status" else fields))

        deep = b"[" * 1_000_000
        odd = [always(200, b"<html>"),
               always(200, b"[1, 2]"),
               always(200, b"{\"node\": 7}"),
               always(200, b"{\"node\": {}}"),
               always(200, b"{\"node\": {\"primary_clients\": 7}, \"members\": 7}"),
               always(200, b"{\"node\": {\"serving\": \"yes\"}}"),
               always(200, b"{\"node\": {\"serving\": false, \"role\": 7}}"),
               always(200, b"{\"node\": {}, \"members\": " + deep + deep.replace(b"[", b"]") + b"}"),
               always(404, b"no such page"),
               always(200, SERVING),
               as_primary(200, b"a value without a revision"),
               as_primary(200, b"{\"message\": \"\"}"),
               as_primary(200, b"{\"message\": " + deep + deep.replace(b"[", b"]") + b"}"),
               as_primary(304, ETag='"7"'),  # though no revision was told
               as_primary(201, b"{\"session\": \"first\"}"),
               as_primary(201, b"{\"session\": -1}"),
               as_primary(201, b"{\"session\": 0}"),
               as_primary(204)]
        for answer in odd:
            stand = Stand(answer)
            self.addCleanup(stand.close)
            for arguments in (["put", "x", "1"], ["get", "x"], ["watch", "x"]):
                result = run([stand.address], "--timeout", "300ms", *arguments)
                self.assertEqual(result.returncode, FAILED, result)
                self.assertRegex(result.stderr, rb"^smalldb: (.*: )?%b: [^\n]*\w[^\n]*\n$" % stand.address.encode())
        stand = Stand(as_primary(201, b"{\"session\": 5}"))  # which is no answer to a read
        self.addCleanup(stand.close)
        for command in ("get", "watch"):
            self.assertEqual(run([stand.address], "--timeout", "300ms", command, "x").returncode, FAILED)

    def test_status_tells_a_terminal_nothing(self):
        stand = Stand(lambda handler: handler.say(200, b"{\"node\": {\"role\": \"\\u001b[2J\\nprimary\"}}"))
        self.addCleanup(stand.close)
        lines = run([stand.address], "status").stdout.decode().splitlines()
        self.assertRegex(lines[1], rf"^{stand.address}  \\x1b\[2J\\nprimary +0 ")

    def test_two_that_point_at_each_other_end_in_time(self):
        def refer(to):
            status = {"node": {"role": "backup", "serving": False, "primary_clients": None}}
            status["node"]["primary_clients"] = to()
            return json.dumps(status).encode()

        first = Stand(lambda handler: handler.say(200, refer(lambda: second.address)))
        second = Stand(lambda handler: handler.say(200, refer(lambda: first.address)))
        for stand in (first, second):
            self.addCleanup(stand.close)
        result = run([first.address], "--timeout", "500ms", "put", "x", "1")
        self.assertEqual(result.returncode, FAILED, result)
        self.assertIn(b"does not serve", result.stderr)

    def test_ctrl_c_in_the_middle_of_a_write(self):
        with Cluster(SERVER) as cluster:
            _, a, _ = cluster.pair()
            reached = threading.Event()
            ended = threading.Event()
            self.addCleanup(ended.set)

            def hold_writes(handler):
                if handler.command == "PUT":
                    reached.set()
                    ended.wait(PATIENCE)
                    return
                answer = a.ask(handler.command, handler.path, handler.body)
                handler.say(answer.status, answer.body)

            proxy = Stand(hold_writes)
            self.addCleanup(proxy.close)
            writer = begin([proxy.address], "--timeout", "100s", "--attempt", "100s", "put", "x", "1")
            self.addCleanup(writer.kill)
            self.assertTrue(reached.wait(PATIENCE))
            writer.send_signal(signal.SIGINT)
            _, errors = writer.communicate(timeout=PATIENCE)
            self.assertEqual(writer.returncode, UNKNOWN)
            self.assertIn("the outcome is unknown: interrupted", errors)


class Watching(unittest.TestCase):
    def test_changes_are_told_over_a_takeover(self):
        with Cluster(SERVER) as cluster:
            _, a, b = cluster.pair()
            watcher = begin([a.clients], "--timeout", "60s", "--format", "json", "watch", "x", "y", "--every", "10ms")
            self.addCleanup(watcher.kill)
            line = lambda: {name: value for name, value in json.loads(watcher.stdout.readline()).items()
                            if name in ("key", "value")}
            self.assertEqual([line(), line()], [{"key": "x", "value": None}, {"key": "y", "value": None}])
            a.ask("PUT", "/kv/x", b"1")
            self.assertEqual(line(), {"key": "x", "value": "1"})
            a.kill()
            b.wait_until(serving=True)
            b.ask("PUT", "/kv/y", b"2")
            self.assertEqual(line(), {"key": "y", "value": "2"})
            b.ask("PUT", "/kv/y", b"2")  # the same value, written anew
            self.assertEqual(line(), {"key": "y", "value": "2"})
            b.ask("DELETE", "/kv/x")
            self.assertEqual(line(), {"key": "x", "value": None})
            watcher.send_signal(signal.SIGINT)
            _, errors = watcher.communicate(timeout=PATIENCE)
            self.assertEqual((watcher.returncode, errors), (DONE, ""))

    def test_it_ends_where_it_shall(self):
        with Cluster(SERVER) as cluster:
            _, a, _ = cluster.pair()
            a.ask("PUT", "/kv/x", b"two\nlines")
            watcher = begin([a.clients], "watch", "x", "y", "--every", "10ms", "--changes", "2")
            self.addCleanup(watcher.kill)
            self.assertRegex(watcher.stdout.readline(), r"Z  x = two\\nlines  \(revision \d+\)\n$")
            self.assertRegex(watcher.stdout.readline(), r"Z  y is absent\n$")
            for key, value in (("y", b"1"), ("x", b"2")):
                a.ask("PUT", f"/kv/{key}", value)
                self.assertRegex(watcher.stdout.readline(), rf"Z  {key} = {value.decode()}  \(revision \d+\)\n$")
            self.assertEqual((*watcher.communicate(timeout=PATIENCE), watcher.returncode), ("", "", DONE))
            self.assertEqual(run([a.clients], "watch", "x", "--for", "50ms").returncode, DONE)
        self.assertEqual(run([free_port()], "--timeout", "100ms", "watch", "x").returncode, FAILED)

    def test_it_ends_in_the_middle_of_a_look(self):
        patient = ("--timeout", "1h", "--attempt", "1h")
        nobody = run([free_port()], *patient, "watch", "x", "--for", "200ms")
        self.assertEqual(nobody.returncode, FAILED)
        self.assertIn(b"Connection refused", nobody.stderr)

        looks = iter([0])
        ended = threading.Event()
        self.addCleanup(ended.set)

        def answer_once(handler):
            if handler.path == "/status":
                handler.say(200, SERVING)
            elif next(looks, None) is not None:
                handler.say(200, b"1", ETag='"7"')
            else:
                ended.wait(PATIENCE)

        stand = Stand(answer_once)
        self.addCleanup(stand.close)
        result = run([stand.address], *patient, "watch", "x", "--every", "1ms", "--for", "3s")
        self.assertEqual((result.returncode, result.stderr), (DONE, b""), result)
        self.assertRegex(result.stdout, rb"x = 1  \(revision 7\)\n$")


class Operators(unittest.TestCase):
    def test_status_shows_both_and_who_is_gone(self):
        with Cluster(SERVER) as cluster:
            _, a, b = cluster.pair()
            result = run([b.clients], "status")
            self.assertEqual(result.returncode, DONE, result)
            lines = result.stdout.decode().splitlines()
            self.assertRegex(lines[1], rf"^{b.clients} +backup +1 ")
            self.assertRegex(lines[2], rf"^{a.clients} +primary +1 ")
            a.kill()
            b.wait_until(serving=True)
            told = json.loads(run([b.clients], "status", "--format", "json").stdout)["nodes"]
            self.assertEqual([node["address"] for node in told], [b.clients, a.clients])
            self.assertEqual((told[0]["status"]["node"]["epoch"], told[1]["error"]), (2, "Connection refused"))

    def test_a_primary_that_can_answer_nothing_does_not_count_as_serving(self):
        with Cluster(SERVER) as cluster:
            arbiter, a, b = cluster.pair("--suspect-after", "1h")
            arbiter.stop()
            b.stop()
            a.wait_until(claiming=True)
            told = run([a.clients], "status")
            self.assertEqual(told.returncode, FAILED, told)
            self.assertIn(b" primary, claiming", told.stdout)
            self.assertEqual(run([a.clients], "--timeout", "100ms", "put", "x", "1").returncode, FAILED)

    def test_promotion(self):
        with Cluster(SERVER) as cluster:
            token = pathlib.Path(cluster.folder.name, "token")
            token.write_text("open-sesame\n")
            token.chmod(0o600)
            options = ["--manual", "--operator-token-file", str(token)]
            with_token = ["promote", "--operator-token-file", str(token)]
            a = cluster.add("a", *options).start()
            a.wait_until(waits_for_operator=True)
            c = cluster.add("c", *options).start()
            c.wait_until(waits_for_operator=True)
            both = [a.clients, c.clients]
            self.assertEqual(run([a.clients], "promote").returncode, FAILED)  # without the token
            odd = Stand(lambda handler: handler.say(200, b"{\"node\": {\"waits_for_operator\": true}}"))
            self.addCleanup(odd.close)
            result = run([odd.address], *with_token)
            self.assertEqual((result.returncode, result.stderr.decode()),
                             (FAILED, f"smalldb: {odd.address}: it answers 200, as no node of smalldb does\n"))
            several = run(both, *with_token)
            self.assertEqual(several.returncode, BAD_INPUT)
            lines = several.stderr.decode().splitlines()
            self.assertEqual(lines[0], "smalldb: several nodes wait, say which: --node HOST:PORT")
            self.assertRegex(lines[1], "^node +role +epoch ")
            self.assertEqual([line.split()[0] for line in lines[2:]], both)
            result = run(both, *with_token, "--node", a.clients)
            self.assertEqual(result.stdout.decode(), f"{a.clients} serves, in epoch 1\n", result)
            c.kill()
            refused = run(both, *with_token)
            self.assertEqual(refused.returncode, FAILED)
            self.assertIn(b"serves; two must not", refused.stderr)

            b = cluster.add("b", *options, "--backup-of", a.cluster).start()
            a.wait_until(in_sync=True)
            self.assertEqual(run([a.clients], "put", "x", "1").returncode, DONE)
            a.kill()
            b.wait_until(waits_for_operator=True)
            result = run([b.clients, a.clients], *with_token, "--format", "json")
            self.assertEqual(json.loads(result.stdout), {"promoted": b.clients, "epoch": 2}, result)
            forced = run([b.clients], *with_token, "--force", "--node", b.clients, "--format", "json")
            self.assertEqual(json.loads(forced.stdout), {"promoted": b.clients, "epoch": 3}, forced)
            self.assertEqual(run([b.clients], "get", "x").stdout, b"1")

    def test_tls(self):
        with Cluster(SERVER) as cluster:
            folder = pathlib.Path(cluster.folder.name)

            def openssl(*arguments):
                subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder, timeout=PATIENCE)

            for name in ("node", "other"):
                openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                        f"{name}.pem", "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1")
            good = folder / "node.pem"
            a = cluster.add("a", "--manual", "--tls-certificate", str(good), "--tls-key", str(folder / "node.key"),
                            "--tls-authority", str(good)).start()
            status = ["--tls-authority", str(good), "status"]
            wait_for("a to wait", lambda: b"waits for an operator" in run([a.clients], *status).stdout, [a])
            self.assertEqual(run([a.clients], "--tls-authority", str(good), "promote").returncode, DONE)
            self.assertEqual(run([a.clients], "--tls-authority", str(good), "put", "x", "1").returncode, DONE)
            self.assertEqual(run([a.clients], "--tls-authority", str(good), "get", "x").stdout, b"1")
            for wrong in (["--tls-authority", str(folder / "other.pem")], []):
                result = run([a.clients], *wrong, "--timeout", "500ms", "put", "x", "2")
                self.assertEqual(result.returncode, FAILED, result)
            name = a.clients.replace("127.0.0.1", "localhost")  # is not in the certificate
            result = run([name], "--tls-authority", str(good), "--timeout", "500ms", "get", "x")
            self.assertEqual(result.returncode, FAILED)
            self.assertIn(b"ostname mismatch", result.stderr)
            result = run([a.clients], "--tls-authority", str(folder / "none"), "status")
            self.assertEqual(result.returncode, BAD_INPUT)
            self.assertIn(b"No such file", result.stderr)

    def test_usage(self):
        for arguments in (["--help"], ["put", "--help"]):
            result = run(["a:1"], *arguments)
            self.assertEqual(result.returncode, DONE)
            self.assertIn(b"--if-absent" if "put" in arguments else b"Exit codes:", result.stdout)
            self.assertIn(" ".join(["Usage: smalldb", *arguments[:-1], "[OPTIONS]"]).encode(), result.stdout)
        environment = {name: value for name, value in os.environ.items() if name != "SMALLDB_SERVERS"}
        for arguments, words in [([], "says no command"), (["get", "x"], "SMALLDB_SERVERS"),
                                 (["--servers", "x", "get", "x"], "'x' is no address"),
                                 (["--servers", "a:1", "put", "x"], "--from")]:
            result = subprocess.run([CLIENT, *arguments], capture_output=True, text=True, env=environment,
                                    timeout=PATIENCE)
            self.assertEqual(result.returncode, BAD_INPUT, result)
            self.assertIn(words, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)


if __name__ == "__main__":
    SERVER, CLIENT = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)

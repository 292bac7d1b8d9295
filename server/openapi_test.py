"""The server against its OpenAPI file, and the file against the server: real processes on loopback.

    openapi_test.py PROGRAM
"""
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import unittest

import jsonschema

sys.dont_write_bytecode = True
from testing import prometheus  # noqa: E402
from testing.cluster import PATIENCE, Answer, Cluster, ask, wait_for  # noqa: E402

PROGRAM = None


class Interface(unittest.TestCase):
    """Whatever the server answers is in openapi.json, and whatever is there is answered, but for what takes a fault."""

    RARE = {("get", "504"), ("head", "504"), ("put", "504"), ("delete", "504"), ("openSession", "504"),
            ("get", "503"), ("head", "503"), ("delete", "503"), ("checkpoint", "403"), ("promote", "403"),
            ("delete", "307"), ("openSession", "307"), ("openSession", "503"), ("status", "503"), ("metrics", "503"),
            ("checkpoint", "503"), ("promote", "503")}
    TOO_SLOW = "408"  # of every operation

    def setUp(self):
        folder = pathlib.Path(__file__).parent
        self.document = json.loads((folder / "openapi.json").read_text())
        self.operations = {}  # (method, what the path looks like) -> operation
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if method != "parameters":
                    self.operations[method.upper(), re.compile(re.sub(r"\{\w+\}", ".+", path) + "$")] = operation
        self.seen = set()

    def resolved(self, part):
        while "$ref" in part:
            target = self.document
            for name in part["$ref"].split("/")[1:]:
                target = target[name]
            part = target
        return part

    def schema(self, part):
        """As JSON Schema: references resolved, `nullable` said in its own way."""
        part = dict(self.resolved(part))
        if "properties" in part:
            part["properties"] = {name: self.schema(each) for name, each in part["properties"].items()}
        if "items" in part:
            part["items"] = self.schema(part["items"])
        if part.pop("nullable", False):
            part["type"] = [part["type"], "null"]
        return part

    def check(self, node, method, target, body=None, wanted=None, **fields):
        answer = node.ask(method, target, body, **fields)
        self.assertEqual(answer.status, wanted, (method, target, answer.body))
        return self.judge(method, target, answer)

    def judge(self, method, target, answer):
        path = target.split("?")[0]
        operation = next(o for (m, known), o in self.operations.items() if m == method and known.match(path))
        self.assertIn(str(answer.status), operation["responses"], (method, target))
        response = self.resolved(operation["responses"][str(answer.status)])
        self.seen.add((operation["operationId"], str(answer.status)))
        for name, header in response.get("headers", {}).items():
            self.assertIn(name.lower(), answer.fields)
            jsonschema.validate(answer.fields[name.lower()], self.schema(self.resolved(header)["schema"]))
        content = response.get("content", {})
        if content and method != "HEAD":
            kind = answer.fields["content-type"].split(";")[0]
            self.assertIn(kind, content)
            if kind == "application/json":
                jsonschema.validate(answer.json(), self.schema(content[kind]["schema"]))
        else:
            self.assertEqual(answer.body, b"")
        return answer

    def check_faults(self, node):
        """Requests that are refused whatever they ask for, as long as they ask for something."""
        for path, methods in self.document["paths"].items():
            for method in set(methods) - {"parameters"}:
                for fields, wanted in [({}, 400), ({"Content-Length": (1 << 20) + 1}, 413), ({"Expect": "200-ok"}, 417),
                                       ({"X": "x" * (1 << 16)}, 431), ({"Transfer-Encoding": "gzip"}, 501)]:
                    connection = http.client.HTTPConnection(node.clients, timeout=PATIENCE)
                    target = path.format(key="x")
                    connection.putrequest(method.upper(), target, skip_host=wanted == 400)
                    for name, value in fields.items():
                        connection.putheader(name, value)
                    connection.endheaders()
                    response = connection.getresponse()
                    self.assertEqual(response.status, wanted, (method, path))
                    self.judge(method.upper(), target, Answer(response, response.read()))
                    connection.close()

    def test_every_answer_is_as_documented(self):
        with Cluster(PROGRAM) as cluster:
            token = cluster.folder.name + "/token"
            pathlib.Path(token).write_text("open-sesame\n")
            os.chmod(token, 0o600)
            operator = {"Authorization": "Bearer open-sesame"}
            a = cluster.add("a", "--manual", "--operator-token-file", token).start()
            a.wait_until(waits_for_operator=True)
            check = lambda *arguments, **fields: self.check(a, *arguments, **fields)
            check("GET", "/healthz", wanted=503)
            check("PUT", "/kv/x", b"1", wanted=503)
            check("POST", "/checkpoint", wanted=409, **operator)
            check("POST", "/promote", wanted=401)
            check("POST", "/promote?force", wanted=400, **operator)
            check("POST", "/promote", wanted=202, **operator)
            a.wait_until(serving=True)
            check("GET", "/healthz", wanted=200)
            told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout
            version = told.split(" ", 1)[1].strip()
            self.assertEqual(check("GET", "/status", wanted=200).json()["version"], version)
            self.assertIn(f"info event=begins version=\"{version}\"", a.log.read_text())
            check("POST", "/checkpoint", wanted=401)
            check("POST", "/checkpoint", wanted=401, Authorization="Beareropen-sesame")
            check("POST", "/checkpoint", wanted=202, **operator)
            check("POST", "/checkpoint", wanted=202, Authorization="bearer open-sesame")
            metrics = check("GET", "/metrics", wanted=200).body.decode()
            self.assertIn(f"\nsmalldb_info{{version=\"{version}\"}} 1\n", metrics)
            self.assertRegex(metrics, r"(?m)^smalldb_primary 1$")
            self.assertRegex(metrics, r"(?m)^# TYPE smalldb_http_requests_total counter$")
            self.assertGreater(prometheus.read(metrics)["smalldb_request_seconds"], 0)

            first = check("PUT", "/kv/x", b"1", wanted=204).etag
            self.assertEqual(check("GET", "/kv/x", wanted=200).body, b"1")
            for method in ("GET", "HEAD"):
                check(method, "/kv/x", wanted=304, If_None_Match=first)
                check(method, "/kv/x", wanted=400, If_None_Match="first")
            self.assertEqual(check("HEAD", "/kv/x", wanted=200).fields["content-length"], "1")
            second = check("PUT", "/kv/x", b"2", wanted=204, If_Match=first).etag
            self.assertEqual(check("PUT", "/kv/x", b"3", wanted=412, If_Match=first).etag, second)
            check("PUT", "/kv/x", b"3", wanted=412, If_None_Match="*")
            check("PUT", "/kv/x", b"3", wanted=400, If_None_Match="1")
            check("PUT", "/kv/x", b"x" * (1 << 20), wanted=204)
            check("PUT", "/kv/x", b"x" * ((1 << 20) + 1), wanted=413)
            check("PUT", "/kv/x", wanted=501, Transfer_Encoding="gzip")
            check("PUT", "/kv/x", b"3", wanted=400, If_Match="")
            check("PUT", "/kv/x", b"3", wanted=400, Content_Range="bytes 0-0/9")
            encoded = check("PUT", "/kv/x", b"3", wanted=415, Content_Encoding="gzip")
            self.assertEqual(encoded.json()["outcome"], "failed")
            unencoded = check("PUT", "/kv/x", b"4", wanted=204, Content_Encoding="Identity")
            # Values have no date: what is said of one is not asked about (RFC 9110, 13.1.3 and 13.1.4).
            long_ago = "Sat, 29 Oct 1994 19:43:31 GMT"
            check("GET", "/kv/x", wanted=200, If_Modified_Since="Fri, 31 Dec 9999 23:59:59 GMT")
            check("GET", "/kv/x", wanted=200, If_Unmodified_Since=long_ago)
            check("GET", "/kv/x", wanted=304, If_None_Match=unencoded.etag, If_Modified_Since=long_ago)
            check("PUT", "/kv/x", b"5", wanted=204, If_Unmodified_Since=long_ago)
            check("PUT", "/kv/new", b"1", wanted=204, If_None_Match="*")
            check("PUT", "/kv/new", b"2", wanted=412, If_None_Match="*")
            for method in ("GET", "HEAD", "PUT", "DELETE"):
                check(method, "/kv/" + "k" * 1025, wanted=414)
            check("DELETE", "/kv/x", wanted=412, If_Match=first)
            check("DELETE", "/kv/x", wanted=400, If_Match="first")
            check("DELETE", "/kv/x", wanted=204)
            check("DELETE", "/kv/x", wanted=404)
            check("GET", "/kv/x", wanted=404)
            check("HEAD", "/kv/x", wanted=404)

            session = check("POST", "/sessions", wanted=201).json()["session"]
            keys = [f"{session}-1", f"{session}-2", f"{session}-66-2", f"{session}-2-1", f"{session}-1"]
            etags = [check("PUT", "/kv/s", b"1", wanted=204, Idempotency_Key=key).etag for key in keys[:2]]
            outcome = lambda key: check("PUT", "/kv/s", b"9", wanted=409, Idempotency_Key=key).json()["outcome"]
            self.assertEqual(outcome(keys[2]), "failed")
            self.assertEqual(check("PUT", "/kv/s", b"1", wanted=204, Idempotency_Key=keys[3]).etag, etags[1])
            taken = check("PUT", "/kv/s", b"9", wanted=422, Idempotency_Key=keys[3]).json()
            self.assertEqual((taken["outcome"], taken["error"]), ("failed", "number_taken"))
            check("DELETE", "/kv/s", wanted=422, Idempotency_Key=keys[3])
            self.assertEqual(outcome(keys[4]), "unknown")
            self.assertEqual(check("DELETE", "/kv/s", wanted=409, Idempotency_Key="1-1").json()["outcome"], "unknown")
            self.assertEqual(check("GET", "/kv/s", wanted=200).etag, etags[1])

            b = cluster.add("b", "--manual", "--backup-of", a.cluster).start()
            a.wait_until(in_sync=True)
            self.check(b, "PUT", "/kv/x?", b"1", wanted=400)
            moved = self.check(b, "PUT", "/kv/a%20b", b"1", wanted=307)
            self.assertTrue(moved.json()["message"].startswith("I am a backup"))
            self.assertEqual(moved.fields["location"], f"http://{a.clients}/kv/a%20b")
            self.assertEqual(ask(moved.fields["smalldb-primary"], "PUT", "/kv/a%20b", b"1").status, 204)
            with socket.create_connection(b.clients.rsplit(":", 1), timeout=PATIENCE) as waits:
                waits.sendall(b"PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
                self.assertTrue(waits.makefile("rb").readline().startswith(b"HTTP/1.1 307 "))
            self.check(b, "GET", "/kv/x", wanted=307)
            self.check(b, "HEAD", "/kv/x", wanted=307)
            wait_for("the backup to be well", lambda: b.ask("GET", "/healthz").status == 200, [b])
            self.check(b, "GET", "/healthz", wanted=200)
            c = cluster.add("c", "--tie-breaker", "127.0.0.1:1").start()
            self.check(c, "POST", "/promote", wanted=409)

            self.check_faults(a)
            arbiter = cluster.add("arbiter", "--status", "127.0.0.1:0", mode=["arbiter"]).start()
            for method, target in [("GET", "/kv/x"), ("HEAD", "/kv/x"), ("PUT", "/kv/x"), ("DELETE", "/kv/x"),
                                   ("POST", "/sessions"), ("POST", "/promote"), ("POST", "/checkpoint")]:
                self.check(arbiter, method, target, wanted=404)

            documented = {(o["operationId"], status) for o in self.operations.values() for status in o["responses"]}
            rare = self.RARE | {each for each in documented if each[1] == self.TOO_SLOW}
            self.assertEqual(documented - self.seen - rare, set())


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

"""Users of a store that is tormented: each asks one thing at a time, as a careful client does, and writes a history.

A write carries an Idempotency-Key and is tried again, at whichever node answers; some are sent once, without one. What
becomes of a request is what the answers prove (docs/server.md): a write of which an attempt was sent and nothing
lasting was heard is unknown, and not failed.
"""
import contextlib
import http.client
import json
import random
import threading
import time

from testing import network

ATTEMPT_SECONDS = 1.0  # for an answer
PATIENCE_SECONDS = 3.0  # for a request with all its attempts
OVER = (200, 204, 404, 412)


class Unsent(Exception):
    """The request has not left: nobody has executed it."""


class User(threading.Thread):
    """Asks until it is told to stop. What goes wrong in it is kept, and raised by `end`."""

    def __init__(self, name, seed, history, addresses, keys, namespace=None, value_bytes_max=64):
        super().__init__(name=name, daemon=True)
        self.chance = random.Random(f"{seed}/{name}")
        self.history, self.keys, self.namespace = history, keys, namespace
        self.addresses = list(addresses)
        self.value_bytes_max = value_bytes_max
        self.stopped = threading.Event()
        self.error = None
        self.connection = None
        self.session = None
        self.number = self.written = 0
        self.revisions = {}  # key -> the last that was seen

    def run(self):
        try:
            if self.namespace:
                network.enter(self.namespace)
            while not self.stopped.is_set():
                self.do_something()
        except Exception as error:  # of this program: the store's own are outcomes
            self.error = error
        finally:
            self.disconnect()

    def end(self):
        self.stopped.set()
        self.join()
        if self.error:
            raise self.error

    def do_something(self):
        key = self.chance.choice(self.keys)
        dice = self.chance.random()
        if dice < 0.45:
            self.get(key)
        elif dice < 0.90:
            self.put(key, once=dice > 0.85)
        else:
            self.remove(key)

    # ---- What it asks for

    def get(self, key, patience=PATIENCE_SECONDS):
        self.history.write(process=self.name, call="get", key=key)
        answer, _ = self.pursue("GET", key, b"", {}, patience)
        if answer is None:
            return self.history.write(process=self.name, **{"return": "failed"})
        status, fields, body = answer
        if status == 404:
            self.revisions.pop(key, None)
            return self.history.write(process=self.name, **{"return": "ok", "value": None})
        self.revisions[key] = revision(fields)
        self.history.write(process=self.name, **{"return": "ok", "value": body, "revision": revision(fields)})

    def put(self, key, once):
        self.written += 1
        value = f"{self.name}.{self.written}"
        value += "." * self.chance.choice([0, 0, 0, self.chance.randrange(self.value_bytes_max)])
        call, fields = {"call": "put", "key": key, "value": value}, {}
        if key in self.revisions and self.chance.random() < 0.3:
            call["if_revision"] = self.revisions[key]
            fields["If-Match"] = f"\"{self.revisions[key]}\""
        elif self.chance.random() < 0.1:
            call["if_revision"] = 0
            fields["If-None-Match"] = "*"
        self.change(call, "PUT", key, value.encode(), fields, once)

    def remove(self, key):
        # The answer says whether it was there: so it is a condition, in the history's words.
        self.change({"call": "delete", "key": key, "if_revision": "any"}, "DELETE", key, b"", {}, False)

    def change(self, call, method, key, body, fields, once):
        if not once:
            if self.session is None and not self.open_session():
                return
            self.number += 1
            fields["Idempotency-Key"] = f"{self.session}-{self.number}"
        self.history.write(process=self.name, **call)
        answer, sent = self.pursue(method, key, body, fields, 0 if once else PATIENCE_SECONDS)
        said = {"return": "unknown" if sent else "failed"}
        if answer is not None:
            status, fields, _ = answer
            if status == 204:
                self.revisions[key] = revision(fields)
                said = {"return": "ok", "revision": revision(fields)}
            else:
                said = {"return": "mismatched"}
                self.revisions.pop(key, None)
        elif sent:
            self.session = None  # an answer that is not known: the next write begins anew
        self.history.write(process=self.name, **said)

    def open_session(self):
        answer, _ = self.pursue("POST", None, b"", {}, PATIENCE_SECONDS)
        if answer is None:
            return False
        self.session, self.number = json.loads(answer[2])["session"], 0
        return True

    # ---- How it is asked

    def pursue(self, method, key, body, fields, patience):
        """The answer that lasts, or none; and whether an attempt may have been executed."""
        end = time.monotonic() + patience
        sent = False
        while True:
            try:
                status, said, text = self.attempt(method, key, body, fields)
                if status in OVER or status == 201:
                    return (status, said, text), sent
                sent = sent or said.get("smalldb-outcome") != "failed"
                if status == 409:
                    return None, sent
            except Unsent:
                pass
            except (OSError, http.client.HTTPException):
                sent = True
            self.disconnect()
            if time.monotonic() >= end or self.stopped.is_set():
                return None, sent
            self.addresses.append(self.addresses.pop(0))
            self.stopped.wait(0.02)  # before it asks the next one

    def attempt(self, method, key, body, fields):
        if self.connection is None:
            connection = http.client.HTTPConnection(self.addresses[0], timeout=ATTEMPT_SECONDS)
            try:
                connection.connect()
            except OSError as error:
                raise Unsent from error
            self.connection = connection
        target = "/sessions" if key is None else f"/kv/{key}"
        self.connection.request(method, target, body, fields)
        response = self.connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()

    def disconnect(self):
        if self.connection is not None:
            with contextlib.suppress(OSError):
                self.connection.close()
            self.connection = None


def revision(fields):
    return int(fields["etag"].strip("\""))

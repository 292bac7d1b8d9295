"""Real processes of smalldb on loopback, for tests: start, ask, kill. Ports are the system's choice at the first start.

Nothing here sleeps for a time that is hoped to be enough: it waits for what it wants to see, up to PATIENCE.
"""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds; a loaded machine under a sanitizer is slow
MAY_SUCCEED_LATER = 4  # the server's exit code for what a unit starts again


def wait_for(what, condition, alive=()):
    """Polls until `condition()` gives something, and gives that."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        for process in alive:
            process.check_alive()
        time.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE} s in vain: {what}")


class Answer:
    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.fields = {name.lower(): value for name, value in response.getheaders()}

    @property
    def etag(self):
        return self.fields.get("etag")

    def json(self):
        return json.loads(self.body)


def ask(address, method, target, body=None, timeout=PATIENCE, **fields):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, target, body, {name.replace("_", "-"): value for name, value in fields.items()})
        response = connection.getresponse()
        return Answer(response, response.read())
    finally:
        connection.close()


class Process:
    """One smalldb-server. Its log is kept over its lives.

    `host`: where it listens. `within`: what stands before the command. `each_life`: further options, made from the
    number of the life that begins.
    """

    def __init__(self, program, folder, name, options, mode=(), host="127.0.0.1", within=(), each_life=lambda life: ()):
        self.program, self.name, self.mode, self.options = program, name, list(mode), list(options)
        self.folder = pathlib.Path(folder)
        self.log = self.folder / f"{name}.log"
        self.data = self.folder / name
        self.host, self.within, self.each_life = host, list(within), each_life
        self.lives = 0
        self.child = None
        self.cluster = self.clients = None  # addresses, once it has lived

    def command(self):
        port = lambda address: address or f"{self.host}:0"
        if self.mode:
            addresses = ["--listen", port(self.cluster)]
        else:
            addresses = ["--replication", port(self.cluster), "--listen", port(self.clients)]
        return [*self.within, self.program, *self.mode, "--data", str(self.data), *addresses, *self.options,
                *self.each_life(self.lives)]

    def start(self, **options):
        self.lives += 1
        begin = self.log.stat().st_size if self.log.exists() else 0
        self.begin(options)
        wanted = 1 if self.mode and "--status" not in self.options else 2

        def listening():
            nonlocal begin
            has_ended = self.child.poll()
            text = self.log.read_bytes()[begin:].decode()
            # While it was down, a connection of anybody on this machine may have been given the port that it had.
            if has_ended == MAY_SUCCEED_LATER and "Address already in use" in text:
                begin = self.log.stat().st_size
                self.begin(options)
            elif has_ended is not None:
                self.check_alive()
            found = dict(re.findall(r"event=listening for=(\w+) address=(\S+)", text))
            return found if len(found) == wanted else None

        found = wait_for(f"{self.name} to listen", listening)
        self.cluster = found.get("claims") or found.get("nodes")
        self.clients = found.get("clients")
        return self

    def begin(self, options):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          **options)

    def check_alive(self):
        if self.child.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.child.returncode}:\n{self.log.read_text()[-3000:]}")

    def kill(self):
        self.child.kill()
        self.child.wait()

    def signal(self, number):
        self.child.send_signal(number)

    def stop(self):
        """A clean stop; gives the exit code."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(PATIENCE)

    def wait_for_end(self):
        """Of itself; gives the exit code."""
        return self.child.wait(PATIENCE)

    def runs(self):
        return self.child is not None and self.child.poll() is None

    def ask(self, method, target, body=None, **fields):
        return ask(self.clients, method, target, body, **fields)

    def status(self, timeout=PATIENCE):
        """What the node says of itself; nothing while it does not answer."""
        try:
            return ask(self.clients, "GET", "/status", timeout=timeout).json()["node"]
        except (OSError, http.client.HTTPException):
            return None

    def wait_until(self, **wanted):
        def reached():
            status = self.status()
            return status if status and all(status[name] == value for name, value in wanted.items()) else None

        return wait_for(f"{self.name} to be {wanted}", reached, [self])


class Cluster:
    """A folder, and the processes in it, all of which are ended with it."""

    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.folder = tempfile.TemporaryDirectory(prefix="smalldb-")
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for process in self.processes:
            if process.runs():
                process.kill()
            if kind:
                print(f"---- {process.name}\n{process.log.read_text() if process.log.exists() else ''}")
        self.folder.cleanup()

    def add(self, name, *options, **what):
        process = Process(self.program, self.folder.name, name, options, **what)
        self.processes.append(process)
        return process

    def pair(self, *options):
        """An arbiter, a primary and a backup in sync."""
        arbiter = self.add("arbiter", mode=["arbiter"]).start()
        a = self.add("a", "--tie-breaker", arbiter.cluster, *options).start()
        a.wait_until(serving=True)
        b = self.add("b", "--tie-breaker", arbiter.cluster, "--backup-of", a.cluster, *options).start()
        a.wait_until(in_sync=True)
        return arbiter, a, b

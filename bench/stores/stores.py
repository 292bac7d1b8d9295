"""The stores that are compared: how each is started with a copy, and asked how much of it the copy has.

A group is what runs at the same time; its variants are measured in it by turns. All listen on loopback alone, on ports
that were free, in a folder of their own.
"""
import collections
import http.client
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys

from stores.machine import Failed, Processes, at_node, free_port

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "server"))
from testing.cluster import Cluster  # noqa: E402

# A way to ask a store. `protocol`: a word of the load program. `server`: the process that is asked, where its processor
# time counts.
Variant = collections.namedtuple("Variant", "name protocol port server", defaults=[None])


def port_of(address):
    return int(address.rsplit(":", 1)[1])


class Smalldb:
    """A pair with a tie breaker. With `alone`, a server without a backup beside it, for the price of the copy."""

    def __init__(self, server, name, *options, alone=False):
        self.server, self.name, self.options, self.with_alone = server, name, options, alone

    def missing(self):
        return None

    def start(self):
        self.cluster = Cluster(self.server)
        arbiter = self.cluster.add("arbiter", mode=["arbiter"]).start()
        own = lambda of: ["--tie-breaker", of.cluster, *self.options]
        self.a = self.cluster.add("a", *own(arbiter), within=at_node(0)).start()
        self.a.wait_until(serving=True)
        self.b = self.cluster.add("b", *own(arbiter), "--backup-of", self.a.cluster, within=at_node(1)).start()
        self.a.wait_until(in_sync=True)
        variants = [Variant(self.name, "smalldb", port_of(self.a.clients), self.a)]
        if self.with_alone:
            other = self.cluster.add("other-arbiter", mode=["arbiter"]).start()
            alone = self.cluster.add("alone", *own(other), within=at_node(0)).start()
            alone.wait_until(serving=True)
            variants.insert(0, Variant("smalldb alone", "smalldb", port_of(alone.clients), alone))
        return variants

    def keys_of_copy(self, keys):
        return self.b.wait_until(in_sync=True, keys=keys)["keys"]

    def end(self):
        self.cluster.__exit__(None)


class Redis:
    """A master that syncs each write before it answers, and a replica. A read waits for nobody."""

    name = "Redis"

    def missing(self):
        return None if shutil.which("redis-server") else "redis-server"

    def start(self):
        self.processes = Processes()
        ports = self.main, self.copy = free_port(), free_port()
        for node, port in enumerate(ports):
            folder = pathlib.Path(self.processes.folder) / f"redis-{node}"
            folder.mkdir()
            replica = ["--replicaof", "127.0.0.1", self.main] if node else []
            self.processes.start(folder.name, *at_node(node), "redis-server", "--port", port, "--bind", "127.0.0.1",
                                 "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", "",
                                 *replica)
            self.processes.wait_for(folder.name, lambda: self.says(port, "PING", "+PONG"))
        self.processes.wait_for("the replica", lambda: self.says(self.copy, "INFO replication",
                                                                 "master_link_status:up"))
        return [Variant(self.name, "redis", self.main)]

    @staticmethod
    def ask(port, command):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(1 << 16).decode()

    def says(self, port, command, what):
        try:
            return what in self.ask(port, command)
        except OSError:
            return False

    def keys_of_copy(self, keys):
        return int(self.ask(self.copy, "DBSIZE").lstrip(":"))

    def end(self):
        self.processes.end()


class Etcd:
    """Three members, of which two must have synced a write; asked through the HTTP gateway of the leader."""

    name = "etcd"

    def missing(self):
        return None if shutil.which("etcd") else "etcd-server"

    def start(self):
        self.processes = Processes()
        self.ports = [free_port() for _ in range(3)]
        peers = [f"http://127.0.0.1:{free_port()}" for _ in range(3)]
        together = ",".join(f"etcd-{node}={peer}" for node, peer in enumerate(peers))
        for node, (port, peer) in enumerate(zip(self.ports, peers)):
            name, clients = f"etcd-{node}", f"http://127.0.0.1:{port}"
            self.processes.start(name, *at_node(node), "etcd", "--name", name, "--data-dir",
                                 f"{self.processes.folder}/{name}", "--listen-client-urls", clients,
                                 "--advertise-client-urls", clients, "--listen-peer-urls", peer,
                                 "--initial-advertise-peer-urls", peer, "--initial-cluster", together,
                                 "--initial-cluster-state", "new", "--log-level", "error")
        self.processes.wait_for("a leader of etcd", self.has_leader)
        self.make_first_the_leader()
        return [Variant(self.name, "etcd", self.ports[0])]

    @staticmethod
    def ask(port, target, **what):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", target, json.dumps(what), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def has_leader(self):
        try:
            return all(int(self.ask(port, "/v3/maintenance/status").get("leader", 0)) for port in self.ports)
        except (OSError, http.client.HTTPException):
            return False

    def make_first_the_leader(self):
        """So that the pinned cores mean what they mean elsewhere."""
        states = [self.ask(port, "/v3/maintenance/status") for port in self.ports]
        first = states[0]["header"]["member_id"]
        for port, state in zip(self.ports, states):
            if state["header"]["member_id"] == state["leader"] != first:
                self.ask(port, "/v3/maintenance/transfer-leadership", targetID=first)
        self.processes.wait_for("the first member of etcd to lead", lambda: self.ask(
            self.ports[0], "/v3/maintenance/status")["leader"] == first)

    def keys_of_copy(self, keys):
        """Of the second member that knows most: one may be behind, since two of three are enough."""
        count = lambda port: int(self.ask(port, "/v3/kv/range", key="AA==", range_end="AA==", count_only=True,
                                          serializable=True).get("count", 0))
        return max(count(port) for port in self.ports[1:])

    def end(self):
        self.processes.end()


class Postgres:
    """A primary and a synchronous standby. `on`: the standby has synced a commit; `remote_write`: written it."""

    name = "PostgreSQL"
    programs = pathlib.Path("/usr/lib/postgresql/15/bin")
    # Connections: twice those of a load, since the last one's may not have been let go of yet.
    settings = ["listen_addresses=127.0.0.1", "max_connections=600", "hot_standby=on", "max_wal_size=8GB"]

    def missing(self):
        return None if (self.programs / "postgres").exists() else "postgresql-15"

    def start(self):
        self.processes = Processes()
        folder = pathlib.Path(self.processes.folder)
        self.user = []
        if os.geteuid() == 0:  # which it refuses
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        self.main, self.copy = free_port(), free_port()
        self.run("initdb", "--username=postgres", "--auth=trust", "-D", folder / "main")
        self.serve("main", 0, self.main, "synchronous_standby_names=*")
        self.run("psql", "-h", "127.0.0.1", "-p", self.main, "-U", "postgres", "-c", "SET synchronous_commit = local",
                 "-c", "CREATE TABLE kv (key text PRIMARY KEY, value bytea NOT NULL)")
        self.run("pg_basebackup", "-h", "127.0.0.1", "-p", self.main, "-U", "postgres", "-D", folder / "copy",
                 "--checkpoint=fast", "--write-recovery-conf")
        self.serve("copy", 1, self.copy)
        self.processes.wait_for("the standby", lambda: self.query(
            self.main, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1")
        return [Variant(f"{self.name}, {word}", f"postgres-{word}", self.main) for word in ("remote_write", "on")]

    def run(self, program, *arguments):
        done = subprocess.run([*self.user, self.programs / program, *map(str, arguments)], capture_output=True,
                              text=True, cwd=self.processes.folder)
        if done.returncode != 0:
            raise Failed(f"{program}: {done.stderr.strip()}")
        return done.stdout.strip()

    def serve(self, name, node, port, *settings):
        folder = pathlib.Path(self.processes.folder)
        words = [f"port={port}", f"unix_socket_directories={folder}", *self.settings, *settings]
        self.processes.start(name, *at_node(node), *self.user, self.programs / "postgres", "-D", folder / name,
                             *(word for setting in words for word in ("-c", setting)), cwd=folder)
        self.processes.wait_for(f"PostgreSQL, {name}", lambda: self.query(port, "SELECT 1") == "1")

    def query(self, port, text):
        try:
            return self.run("psql", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-At", "-c", text)
        except Failed:
            return None  # it does not take connections yet

    def keys_of_copy(self, keys):
        return int(self.query(self.copy, "SELECT count(*) FROM kv") or 0)

    def end(self):
        self.processes.end()

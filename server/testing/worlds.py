"""Where a store is tormented: an arbiter and two nodes on loopback, in network namespaces, or on small disks.

A world starts the processes, says where users find them, and knows which torments it has room for.
"""
import contextlib
import os
import pathlib
import subprocess

from testing import network
from testing.cluster import Cluster

# Short, so that an hour has many takeovers; long enough for a loaded machine.
TIMING = ["--heartbeat-every", "50ms", "--suspect-after", "400ms", "--seek-for", "200ms"]
# Small, so that checkpoints and files come and go while it is looked at.
SIZES = ["--checkpoint-every-bytes", "200000", "--segment-bytes", "65536"]


class World:
    name = "tie_breaker"
    torments = ("kill_primary", "kill_backup", "pause_primary", "pause_backup", "stop_primary", "kill_both", "hiccups",
                "kill_again_while_joining", "kill_primary_without_arbiter", "damage_a_log",
                "replace_a_disk")
    value_bytes_max = 2000
    namespace_of_users = None

    @staticmethod
    def why_not():
        return None

    def __init__(self, program):
        self.cluster = Cluster(program)
        self.folder = pathlib.Path(self.cluster.folder.name)
        self.arbiter = None
        self.recordings = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.cluster.__exit__(None)

    def recorded(self, name):
        """Each life has a recording of its own, so that none is lost however many there are."""
        def options(life):
            self.recordings.append(self.folder / f"{name}.{life}.rec")
            return ["--record", str(self.recordings[-1])]

        return options

    def start(self):
        self.arbiter = self.cluster.add("arbiter", mode=["arbiter"], each_life=self.recorded("arbiter")).start()
        self.start_pair("--tie-breaker", self.arbiter.cluster)

    def start_pair(self, *arbiter):
        options = [*arbiter, *TIMING, *SIZES]
        a = self.add_node("a", *options).start()
        a.wait_until(serving=True)
        b = self.add_node("b", *options, "--backup-of", a.cluster).start()
        self.nodes = [a, b]

    def add_node(self, name, *options):
        return self.cluster.add(name, *options, each_life=self.recorded(name))

    @property
    def processes(self):
        return [*self.nodes, *([self.arbiter] if self.arbiter else [])]

    def addresses(self):
        return [node.clients for node in self.nodes]

    def inside(self):
        """Where whoever looks after the processes has to be."""
        return contextlib.nullcontext()


class SharedLock(World):
    name = "shared_lock"
    torments = tuple(each for each in World.torments if each != "kill_primary_without_arbiter")

    def start(self):
        lock = self.folder / "lock"
        lock.mkdir()
        self.start_pair("--shared-lock", str(lock))


class Namespaces(World):
    """Everybody has a host of their own; links are cut and slowed. Nobody is on loopback: a secret is needed."""
    name = "namespaces"
    torments = ("kill_primary", "pause_primary", "cut_the_pair", "cut_one_way", "isolate_primary", "isolate_backup",
                "hide_primary_from_nodes", "cut_the_pair_from_the_arbiter", "flap", "slow_links")

    @staticmethod
    def why_not():
        return network.why_not()

    def __init__(self, program):
        super().__init__(program)
        self.network = network.Network(["a", "b", "arbiter", "users"])
        self.namespace_of_users = self.network.path("users")
        self.secret = self.folder / "secret"
        with open(self.secret, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write("known to all who belong here")

    def __exit__(self, kind, *_):
        super().__exit__(kind)
        self.network.close()

    def host(self, name):
        return {"host": self.network.hosts[name], "within": self.network.within(name), "each_life": self.recorded(name)}

    def start(self):
        secret = ["--secret-file", str(self.secret)]
        self.arbiter = self.cluster.add("arbiter", *secret, mode=["arbiter"], **self.host("arbiter")).start()
        self.start_pair("--tie-breaker", self.arbiter.cluster, *secret)

    def add_node(self, name, *options):
        return self.cluster.add(name, *options, **self.host(name))

    def inside(self):
        return self.network.inside()


class Disks(World):
    """The nodes' directories are on small disks, which fill up."""
    name = "disks"
    torments = ("kill_primary", "damage_a_log", "replace_a_disk", "fill_disk_of_primary", "fill_disk_of_backup",
                "fill_both_disks")
    value_bytes_max = 20_000

    @staticmethod
    def why_not():
        with Cluster("") as probe:
            mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", probe.folder.name]
            result = subprocess.run(mount, capture_output=True, text=True, timeout=60)
            if result.returncode != 0:
                return f"small disks are not permitted here: {result.stderr.strip()}"
            subprocess.run(["umount", probe.folder.name], check=True, timeout=60)
        return None

    def __init__(self, program):
        super().__init__(program)
        self.mounted = []

    def __exit__(self, kind, *_):
        for process in self.cluster.processes:
            if process.runs():
                process.kill()
        for disk in self.mounted:
            subprocess.run(["umount", str(disk)], check=True, timeout=60)
        super().__exit__(kind)

    def add_node(self, name, *options):
        disk = self.folder / f"disk_of_{name}"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], check=True, timeout=60)
        self.mounted.append(disk)
        node = super().add_node(name, *options)
        node.data = disk / "data"
        return node


WORLDS = {world.name: world for world in (World, SharedLock, Namespaces, Disks)}

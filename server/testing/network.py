"""Hosts with addresses of their own on one Linux machine: network namespaces, joined by a bridge in one more.

A link from one host to another is cut by sending its frames to a hardware address that nobody has: silently, one way,
for connections that stand too. All of it is iproute2; nothing is left behind.
"""
import contextlib
import ctypes
import os
import secrets
import subprocess

NOBODY = "02:00:00:00:00:99"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
LIBC = ctypes.CDLL(None, use_errno=True)


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=60)


def why_not():
    """What keeps this machine from having namespaces; nothing if it may."""
    probe = Network.__new__(Network)
    try:
        probe.__init__([])
    except FileNotFoundError:
        return "iproute2 is not installed"
    except subprocess.CalledProcessError as error:
        return f"network namespaces are not permitted here: {error.stderr.strip()}"
    finally:
        with contextlib.suppress(FileNotFoundError, AttributeError):
            probe.close()
    return None


def enter(namespace):
    """This thread, and what it starts, is in that namespace from now on. An open file names it, or a path."""
    descriptor = namespace if isinstance(namespace, int) else os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if LIBC.setns(descriptor, NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        if descriptor is not namespace:
            os.close(descriptor)


class Network:
    def __init__(self, hosts):
        self.prefix = f"smalldb-{secrets.token_hex(3)}-"
        self.hosts = {host: f"10.77.0.{number}" for number, host in enumerate(hosts, 1)}
        self.slowed = set()
        self.made = []
        self.make("hub")
        ip("-n", self.name("hub"), "link", "add", "bridge", "type", "bridge")
        ip("-n", self.name("hub"), "link", "set", "bridge", "up")
        ip("-n", self.name("hub"), "address", "add", "10.77.0.254/24", "dev", "bridge")
        for number, (host, address) in enumerate(self.hosts.items(), 1):
            self.make(host)
            ip("-n", self.name("hub"), "link", "add", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns",
               self.name(host))
            ip("-n", self.name("hub"), "link", "set", f"port{number}", "master", "bridge", "up")
            ip("-n", self.name(host), "address", "add", f"{address}/24", "dev", "eth0")
            ip("-n", self.name(host), "link", "set", "eth0", "up")

    def make(self, host):
        ip("netns", "add", self.name(host))
        self.made.append(host)
        ip("-n", self.name(host), "link", "set", "lo", "up")

    def close(self):
        for host in self.made:
            subprocess.run(["ip", "netns", "delete", self.name(host)], capture_output=True, timeout=60)

    def name(self, host):
        return self.prefix + host

    def path(self, host):
        return f"/run/netns/{self.name(host)}"

    def within(self, host):
        """What to put before a command that shall run there."""
        return ["ip", "netns", "exec", self.name(host)]

    @contextlib.contextmanager
    def inside(self, host="hub"):
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        enter(self.path(host))
        try:
            yield
        finally:
            enter(before)
            os.close(before)

    def cut(self, source, destination):
        """What one sends to the other is lost."""
        ip("-n", self.name(source), "neighbour", "replace", self.hosts[destination], "lladdr", NOBODY, "dev", "eth0",
           "nud", "permanent")

    def slow(self, host):
        """What it sends is delayed; or, by a kernel that knows no delays, goes through a thin pipe. Says which."""
        device = ["tc", "-n", self.name(host), "qdisc", "replace", "dev", "eth0", "root"]
        self.slowed.add(host)
        if subprocess.run([*device, "netem", "delay", "30ms", "20ms"], capture_output=True, timeout=60).returncode == 0:
            return "is delayed by 10 to 50 ms"
        subprocess.run([*device, "tbf", "rate", "400kbit", "burst", "4kb", "latency", "2s"], check=True,
                       capture_output=True, timeout=60)
        return "goes through a pipe of 400 kbit/s"

    def heal(self):
        for host in self.hosts:
            ip("-n", self.name(host), "neighbour", "flush", "dev", "eth0", "nud", "permanent")
        for host in self.slowed:
            subprocess.run(["tc", "-n", self.name(host), "qdisc", "delete", "dev", "eth0", "root"], check=True,
                           capture_output=True, timeout=60)
        self.slowed.clear()

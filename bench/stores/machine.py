"""What is measured on, and the processes of a measurement: each in its place, ended by their ids."""
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds that a store may take to start, or to bring its copy up to date


class Failed(Exception):
    """A store or the load did not do what the measurement needs."""


def cores():
    return sorted(os.sched_getaffinity(0))


class Placement:
    """Where processes run: each node on a core, and with a share of it, if there are `shares` (share.py)."""

    def __init__(self):
        self.shares = None

    def of_node(self, node):
        """What stands before the command of the node of this number: 0 serves, the others hold copies."""
        pinned = ["taskset", "--cpu-list", str(cores()[min(node, 1)])] if len(cores()) >= 2 else []
        return pinned + (self.shares.joined(node) if self.shares else [])

    def of_load(self):
        others = cores() if self.shares else cores()[2:] or cores()[1:]
        return ["taskset", "--cpu-list", ",".join(map(str, others))] if len(cores()) >= 2 else []

    def describe(self):
        if len(cores()) < 2:
            return "nothing is pinned, since there is one core"
        here = f"the node that serves is pinned to core {cores()[0]}, each that holds a copy to core {cores()[1]}"
        if self.shares:
            return f"{here}, each with {self.shares.percent} % of it and no more; the load has the rest"
        return here + ("; the load has the other cores" if len(cores()) > 2 else
                       "; the load shares that of the copies")


PLACEMENT = Placement()
at_node = PLACEMENT.of_node


def sync_ms(folder):
    """fdatasync behind 4 KiB, appended: the median, and what 99 of 100 are below."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(200):
            file.write(os.urandom(4096))
            begin = time.monotonic()
            os.fdatasync(file.fileno())
            took.append(time.monotonic() - begin)
    return statistics.median(took) * 1000, statistics.quantiles(took, n=100)[98] * 1000


def describe(folder):
    names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    median, slow = sync_ms(folder)
    kind = subprocess.run(["stat", "--file-system", "--format=%T", folder], capture_output=True, text=True).stdout
    return (f"{len(cores())} cores ({names[0] if names else os.uname().machine}), Linux {os.uname().release}, "
            f"{kind.strip()}, fdatasync of 4 KiB {median:.2f} ms (median of 200, the 99th percentile "
            f"{slow:.2f} ms); {PLACEMENT.describe()}")


def processor_seconds(process):
    """Of all its threads, for itself and in the kernel. What stands before the command replaces itself by it."""
    user, system = pathlib.Path(f"/proc/{process.child.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise Failed(f"waited {PATIENCE} s in vain: {what}")


class Processes:
    """A folder, and the processes in it, all of which are ended with it, and it with them."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="stores-")
        self.children = []

    def start(self, name, *command, **options):
        log = open(pathlib.Path(self.folder) / f"{name}.log", "ab")
        child = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        log.close()
        self.children.append((name, child))

    def check_alive(self):
        for name, child in self.children:
            if child.poll() is not None:
                log = (pathlib.Path(self.folder) / f"{name}.log").read_text(errors="replace")
                raise Failed(f"{name} ended with {child.returncode}:\n{log[-2000:]}")

    def wait_for(self, what, condition):
        def alive_and():
            self.check_alive()
            return condition()

        return wait_for(what, alive_and)

    def end(self):
        for _, child in self.children:  # PostgreSQL takes SIGINT for "at once, but orderly"; so do the others
            child.send_signal(signal.SIGINT)
        for _, child in self.children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder)


class Load:
    """The program that loads (bench/load)."""

    def __init__(self, program):
        self.program = program

    def command(self, protocol, port, **options):
        words = []
        for name, value in options.items():
            words += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
        return [*PLACEMENT.of_load(), self.program, "--protocol", protocol, "--port", str(port), *words]

    def run(self, protocol, port, **options):
        return self.outcome_of(self.start(protocol, port, **options))

    def start(self, protocol, port, **options):
        return subprocess.Popen(self.command(protocol, port, **options), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def outcome_of(self, child):
        try:
            out, errors = child.communicate()
        finally:
            child.kill()  # still there only if this was interrupted
        if child.returncode != 0:
            raise Failed(errors.strip() or f"the load ended with {child.returncode}")
        return json.loads(out)

"""What is done to a store. Each torment begins with a pair in sync, waits for what must come of it, and mends what it
broke.

Nothing is hoped for within a time: all waiting is for what the nodes say of themselves, with much patience.
"""
import errno
import shutil
import signal
import threading

from testing.cluster import wait_for

STATUS_SECONDS = 1.0  # a node that is paused or cut off does not answer


class Torments:
    def __init__(self, world, history, chance):
        self.world, self.history, self.chance = world, history, chance
        self.pauses = threading.Event()

    # ---- What is waited for

    def pair(self):
        """(primary, backup), once each says so of itself and of the other."""
        def found():
            for primary, backup in (self.world.nodes, self.world.nodes[::-1]):
                leads, follows = primary.status(STATUS_SECONDS), backup.status(STATUS_SECONDS)
                if (leads and follows and leads["serving"] and leads["in_sync"] and
                        leads["backup"] == backup.cluster and follows["role"] == "backup" and
                        follows["epoch"] == leads["epoch"]):
                    return primary, backup
            return None

        return wait_for("a pair in sync", found, self.world.processes)

    def wait_until(self, node, **wanted):
        def reached():
            status = node.status(STATUS_SECONDS)
            return status and all(status[name] == value for name, value in wanted.items())

        wait_for(f"{node.name} to be {wanted}", reached, [node])

    def lasting(self, what):
        """A mark in the history from here to the end of the block."""
        history = self.history

        class Mark:
            def __enter__(self):
                history.write(begins=what)

            def __exit__(self, *_):
                history.write(ends=what)

        return Mark()

    def rest(self, most):
        """A fault's length, by chance. Nothing is expected at its end."""
        self.pauses.wait(self.chance.uniform(0, most))

    # ---- Processes

    def kill_primary(self):
        primary, backup = self.pair()
        with self.lasting(f"{primary.name} is dead"):
            primary.kill()
            self.wait_until(backup, serving=True)
            self.rest(0.2)
            primary.start()

    def kill_backup(self):
        primary, backup = self.pair()
        with self.lasting(f"{backup.name} is dead"):
            backup.kill()
            self.wait_until(primary, serving=True, in_sync=False)
            backup.start()

    def stop_primary(self):
        primary, backup = self.pair()
        with self.lasting(f"{primary.name} is stopped"):
            assert primary.stop() == 0, f"{primary.name} did not stop cleanly"
            self.wait_until(backup, serving=True)
            primary.start()

    def pause(self, node, condition):
        with self.lasting(f"{node.name} is paused"):
            node.signal(signal.SIGSTOP)
            try:
                condition()
            finally:
                node.signal(signal.SIGCONT)

    def pause_primary(self):
        primary, backup = self.pair()
        self.pause(primary, lambda: self.wait_until(backup, serving=True))

    def pause_backup(self):
        primary, backup = self.pair()
        self.pause(backup, lambda: self.wait_until(primary, serving=True, in_sync=False))

    def hiccups(self):
        """Pauses that are sometimes long enough to be suspected, and sometimes not."""
        for _ in range(self.chance.randrange(1, 6)):
            self.pause(self.chance.choice(self.world.processes), lambda: self.rest(0.6))
            self.rest(0.3)

    def kill_both(self):
        nodes = list(self.pair())
        self.chance.shuffle(nodes)
        with self.lasting("both are dead"):
            for node in nodes:
                node.kill()
                self.rest(0.1)
            self.chance.shuffle(nodes)
            for node in nodes:
                self.rest(0.1)
                node.start()

    def kill_again_while_joining(self):
        primary, backup = self.pair()
        with self.lasting(f"{primary.name} dies and comes back, and dies again"):
            primary.kill()
            self.wait_until(backup, serving=True)
            primary.start()
            self.rest(0.3)
            victim = self.chance.choice([primary, backup])
            victim.kill()
            victim.start()

    def kill_primary_without_arbiter(self):
        primary, backup = self.pair()
        with self.lasting(f"{primary.name} and the arbiter are dead"):
            self.world.arbiter.kill()
            primary.kill()
            self.wait_until(backup, claiming=True, serving=False)
            self.rest(0.3)
            self.world.arbiter.start()
            self.wait_until(backup, serving=True)
            primary.start()

    # ---- Disks

    def damage_a_log(self):
        """A dead node's log has changed, or is gone. It must not serve what is left, and takes all anew."""
        victim, other = self.chance.sample(self.pair(), 2)
        with self.lasting(f"{victim.name} is dead, and its log is damaged"):
            victim.kill()
            self.wait_until(other, serving=True, in_sync=False)
            self.chance.choice([self.change_bytes, self.empty, self.remove])(victim.data)
            victim.start()
            self.pair()
        with self.lasting(f"{other.name} is dead"):
            other.kill()
            self.wait_until(victim, serving=True)
            other.start()

    def change_bytes(self, data):
        log = self.chance.choice(sorted(data.glob("log-*")))
        content = bytearray(log.read_bytes())
        for _ in range(self.chance.randrange(1, 20)):
            content[self.chance.randrange(len(content))] ^= self.chance.randrange(1, 256)
        log.write_bytes(content)

    def empty(self, data):
        for path in [*data.glob("log-*"), *data.glob("checkpoint-*")]:
            path.write_bytes(b"")

    def remove(self, data):
        for path in [*data.glob("log-*"), *data.glob("checkpoint-*")]:
            path.unlink()

    def replace_a_disk(self):
        """A node loses all that it had, and begins anew as docs/server.md says; then the other one is lost."""
        victim, other = self.chance.sample(self.pair(), 2)
        with self.lasting(f"{victim.name} and its disk are lost"):
            victim.kill()
            self.wait_until(other, serving=True, in_sync=False)
            shutil.rmtree(victim.data)
            if other.cluster not in victim.options:
                victim.options += ["--backup-of", other.cluster]
            victim.start()
            self.pair()
        with self.lasting(f"{other.name} is dead"):
            other.kill()
            self.wait_until(victim, serving=True)
            other.start()

    def fill_disks(self, victims):
        names = " and ".join(victim.name for victim in victims)
        with self.lasting(f"the disks of {names} are full"):
            for victim in victims:
                with open(victim.data.parent / "ballast", "wb", buffering=0) as ballast:
                    try:
                        while True:
                            ballast.write(bytes(4096))
                    except OSError as error:
                        assert error.errno == errno.ENOSPC, error
            for victim in victims:
                exit_code = victim.wait_for_end()
                assert exit_code == 1, f"{victim.name} ended with {exit_code}:\n{victim.log.read_text()[-2000:]}"
                assert "event=machine_stopped" in victim.log.read_text()
            for node in self.world.nodes:
                if node not in victims:
                    self.wait_until(node, serving=True)
            for victim in victims:
                (victim.data.parent / "ballast").unlink()
                victim.start()

    def fill_disk_of_primary(self):
        self.fill_disks([self.pair()[0]])

    def fill_disk_of_backup(self):
        self.fill_disks([self.pair()[1]])

    def fill_both_disks(self):
        self.fill_disks(self.pair())

    # ---- Links

    def cut(self, what, pairs, condition):
        """While what the first of each pair sends to the second is lost."""
        with self.lasting(what):
            try:
                for source, destination in pairs:
                    self.world.network.cut(source, destination)
                condition()
            finally:
                self.world.network.heal()

    def both_ways(self, *pairs):
        return [*pairs, *((destination, source) for source, destination in pairs)]

    def wait_for_an_epoch_after(self, epoch):
        """Somebody serves in a later one."""
        def found():
            statuses = [node.status(STATUS_SECONDS) for node in self.world.nodes]
            return any(status and status["serving"] and status["epoch"] > epoch for status in statuses)

        wait_for(f"an epoch after {epoch}", found, self.world.processes)

    def epoch(self, node):
        return wait_for(f"{node.name} to tell its epoch", lambda: node.status(STATUS_SECONDS))["epoch"]

    def cut_the_pair(self):
        epoch = self.epoch(self.pair()[0])
        self.cut("a <-> b: nothing passes", self.both_ways(("a", "b")), lambda: self.wait_for_an_epoch_after(epoch))

    def cut_one_way(self):
        epoch = self.epoch(self.pair()[0])
        source, destination = self.chance.sample(["a", "b"], 2)
        self.cut(f"{source} -> {destination}: nothing passes", [(source, destination)],
                 lambda: self.wait_for_an_epoch_after(epoch))

    def isolate_primary(self):
        primary, backup = self.pair()
        others = [(primary.name, other) for other in self.world.network.hosts if other != primary.name]
        self.cut(f"{primary.name} reaches nobody", self.both_ways(*others),
                 lambda: self.wait_until(backup, serving=True))

    def isolate_backup(self):
        primary, backup = self.pair()
        others = [(backup.name, other) for other in self.world.network.hosts if other != backup.name]
        self.cut(f"{backup.name} reaches nobody", self.both_ways(*others),
                 lambda: self.wait_until(primary, serving=True, in_sync=False))

    def hide_primary_from_nodes(self):
        """Users still ask it, and must not be served by the past."""
        primary, backup = self.pair()
        others = [(primary.name, backup.name), (primary.name, "arbiter")]
        self.cut(f"{primary.name} reaches users alone", self.both_ways(*others),
                 lambda: self.wait_until(backup, serving=True))

    def cut_the_pair_from_the_arbiter(self):
        """Both want to go on, and neither may, until the arbiter is there again; or until they are a pair again."""
        nodes = self.pair()

        def both_wait():
            for node in nodes:
                self.wait_until(node, claiming=True)
            self.rest(0.3)

        links = self.both_ways(("a", "b"), ("a", "arbiter"), ("b", "arbiter"))
        self.cut("a, b and the arbiter do not reach each other", links, both_wait)

    def flap(self):
        self.pair()
        hosts = ["a", "b", "arbiter", "users"]
        for _ in range(self.chance.randrange(2, 7)):
            source, destination = self.chance.sample(hosts, 2)
            links = [(source, destination), (destination, source)][:self.chance.randrange(1, 3)]
            self.cut(f"{source}, {destination}: links come and go", links, lambda: self.rest(0.7))
            self.rest(0.2)

    def slow_links(self):
        primary, backup = self.pair()
        host = self.chance.choice([primary.name, backup.name, "arbiter", "users"])
        try:
            with self.lasting(f"what {host} sends {self.world.network.slow(host)}"):
                primary.kill()
                self.wait_until(backup, serving=True)
                primary.start()
                self.pair()
        finally:
            self.world.network.heal()

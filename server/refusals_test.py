"""What smalldb-server refuses, and what it says then: real processes on loopback.

    refusals_test.py SERVER CLIENT [TEST...]
"""
import http.client
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from testing.cluster import Cluster, wait_for  # noqa: E402

PROGRAM = CLIENT = None


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, **options)


def logged(process, words):
    wait_for(f"{process.name} to log {words!r}", lambda: words in process.log.read_text(), [process])


class Starts(unittest.TestCase):
    def test_usage(self):
        self.assertEqual(run("--help").returncode, 0)
        self.assertIn("Starting a pair", run("--help").stdout)
        self.assertIn("--acknowledge durable|received", run("--help").stdout)
        self.assertTrue(run("--help").stdout.replace("\n", "").isprintable())
        self.assertEqual(run("arbiter", "--help").returncode, 0)
        for arguments, words in [
            ((), "--data"),
            (("--data", "d", "--listen", "x", "--replication", "127.0.0.1:0", "--manual"), "'x' is no address"),
            (("--data", "d", "--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0"), "--tie-breaker"),
            (("--data", "d", "--listen", "127.0.0.1:0", "--replication", "10.1.2.3:1", "--manual"), "--secret-file"),
            (("--data", "d", "--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0", "--manual", "--lease", "1x"),
             "'1x' is no length of time"),
            (("--data", "d", "--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0", "--manual", "--reads", "slow"),
             "--reads: 'slow' is not confirmed or leased"),
        ]:
            self.refused(3, arguments, words)

    def test_what_the_system_refuses_it_may_grant_later(self):
        ports = ("--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0", "--manual")
        with Cluster(PROGRAM) as cluster:
            data = ("--data", cluster.folder.name + "/a")
            for arguments, words in [
                (("--data", "/nowhere/at/all"), "/nowhere/at/all: No such file"),
                ((*data, "--secret-file", "/nowhere/key"), "the secret file /nowhere/key cannot be read: No such"),
                ((*data, "--log-file", "/nowhere/log"), "/nowhere/log: No such file"),
            ]:
                self.refused(4, (*arguments, *ports), words)
            locked = (*data, *ports[:-1], "--shared-lock", "/nowhere/lock")
            self.refused(4, locked, "/nowhere/lock: No such file")

    def refused(self, code, arguments, words):
        result = run(*arguments)
        self.assertEqual(result.returncode, code, result)
        self.assertIn(words, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_a_token_that_everybody_can_read_is_none(self):
        with Cluster(PROGRAM) as cluster:
            token = pathlib.Path(cluster.folder.name, "token")
            token.write_text("open-sesame\n")
            token.chmod(0o644)
            result = run("--data", cluster.folder.name + "/a", "--listen", "127.0.0.1:0", "--replication",
                         "127.0.0.1:0", "--manual", "--operator-token-file", str(token))
            self.assertEqual(result.returncode, 3, result)
            self.assertIn(f"the token file {token} is open to everybody", result.stderr)

    def test_a_secret_is_what_stands_in_a_file(self):
        ports = ("--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0", "--manual")
        with Cluster(PROGRAM) as cluster:
            long = pathlib.Path(cluster.folder.name, "long")
            long.write_bytes(b"x" * 100_000)
            long.chmod(0o600)
            for file, words in [("/dev/zero", "is no file, but a folder or a device"),
                                (cluster.folder.name, "is no file"), (str(long), "is longer than 64 KiB")]:
                self.refused(3, ("--data", cluster.folder.name + "/a", "--secret-file", file, *ports),
                             f"the secret file {file} {words}")

    def test_a_key_that_everybody_can_read_is_none(self):
        with Cluster(PROGRAM) as cluster:
            key = pathlib.Path(cluster.folder.name, "key.pem")
            key.write_text("a key")
            key.chmod(0o644)
            result = run("--data", cluster.folder.name + "/a", "--listen", "127.0.0.1:0", "--replication",
                         "127.0.0.1:0", "--manual", "--tls-key", str(key), "--tls-certificate", "c.pem",
                         "--tls-authority", "ca.pem")
            self.assertEqual(result.returncode, 3, result)
            self.assertIn(f"the certificate's key {key} is open to everybody; chmod o= {key}", result.stderr)


    def test_a_directory_that_everybody_may_write_to_is_none(self):
        with Cluster(PROGRAM) as cluster:
            folder = pathlib.Path(cluster.folder.name)
            ports = ("--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0")
            lock = folder / "lock"
            lock.mkdir()
            for path, others in [(folder / "data", ["--data", folder / "data", "--manual"]),
                                 (lock, ["--data", folder / "a", "--shared-lock", lock])]:
                path.mkdir(exist_ok=True)
                for mode in (0o777, 0o1777, 0o702):
                    path.chmod(mode)
                    self.refused(3, (*map(str, others), *ports), f"{path} may be written to by everybody; chmod o-w")
            (folder / "data").chmod(0o775)  # others may read names, and nothing in the files
            a = cluster.add("data", "--manual").start()
            a.wait_until(waits_for_operator=True)
            self.assertEqual([path.name for path in a.data.iterdir() if path.stat().st_mode & 0o007], [])

    def test_a_directory_that_is_made_is_its_owner_s_alone(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        with Cluster(PROGRAM) as cluster:
            for process in (cluster.add("a", "--manual"), cluster.add("arbiter", mode=["arbiter"])):
                process.start()
                self.assertEqual(process.data.stat().st_mode & 0o777, 0o700)


class Terms(unittest.TestCase):
    """Nodes that were told differently what they must be told alike."""

    def refuse(self, cluster, a, own, theirs, setting, *options):
        b = cluster.add("b", "--backup-of", a.cluster, *options).start()
        logged(b, f"{setting} is {own} here, and {theirs} at {a.cluster}: it must be the same at all nodes")
        logged(a, f"{setting} is {theirs} here, and {own} at {b.cluster}: it must be the same at all nodes")
        self.assertFalse(a.status()["in_sync"])
        self.assertFalse(b.status()["serving"])
        b.kill()
        return b

    def test_who_decides_and_how_is_the_same_at_all_nodes(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
            breaker = f"--tie-breaker {arbiter.cluster}"
            a = cluster.add("a", *breaker.split()).start()
            a.wait_until(serving=True)
            self.refuse(cluster, a, "--manual", breaker, "the arbiter", "--manual")
            for setting, own, theirs in [("--acknowledge", "received", "durable"), ("--suspect-after", "2s", "500ms"),
                                         ("--heartbeat-every", "50ms", "100ms")]:
                self.refuse(cluster, a, own, theirs, setting, *breaker.split(), setting, own)
            self.refuse(cluster, a, "leased with --lease 200ms", "confirmed", "--reads", *breaker.split(), "--reads",
                        "leased", "--lease", "200ms")
            last = cluster.processes[-1]
            last.options = ["--backup-of", a.cluster, *breaker.split(), "--segment-bytes", "65536", "--seek-for", "1s"]
            last.start()
            a.wait_until(in_sync=True)


class SharedLocks(unittest.TestCase):
    """There must be one directory in which epochs are given, and a path does not say that it is that one."""

    def refused(self, process, words):
        result = subprocess.run(process.command(), capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 4, result)  # the volume may be mounted later
        self.assertIn(words, result.stderr)

    def test_a_volume_that_is_not_mounted_is_no_lock(self):
        with Cluster(PROGRAM) as cluster:
            lock = pathlib.Path(cluster.folder.name, "lock")
            lock.mkdir()

            def unmount():
                lock.rename(f"{lock}.volume")
                lock.mkdir()

            def mount():
                lock.rmdir()  # nothing was left there
                pathlib.Path(f"{lock}.volume").rename(lock)

            a = cluster.add("a", "--shared-lock", str(lock)).start()
            a.wait_until(serving=True)
            b = cluster.add("b", "--shared-lock", str(lock), "--backup-of", a.cluster)
            unmount()
            self.refused(b, f"--shared-lock {lock} has no server.identity: is its volume mounted?")
            mount()
            b.start()
            a.wait_until(in_sync=True)
            unmount()
            for node in (a, b):
                node.stop()
                self.refused(node, f"--shared-lock {lock} is not the directory that this node knows: it has no server.")
            mount()
            for node in (a, b):
                node.start()
            wait_for("them to be a pair", lambda: any(node.status()["in_sync"] for node in (a, b)), [a, b])

    def test_nodes_that_see_different_directories_refuse_each_other(self):
        with Cluster(PROGRAM) as cluster:
            nodes = []
            for name in ("a", "b"):
                lock = pathlib.Path(cluster.folder.name, f"lock_of_{name}")
                lock.mkdir()
                nodes.append(cluster.add(name, "--shared-lock", str(lock)).start())
                nodes[-1].wait_until(serving=True)
            a, b = nodes
            b.stop()
            b.options += ["--peer", a.cluster]
            b.start()
            for node in nodes:
                logged(node, "the arbiter is --shared-lock with server.identity ")
            self.assertFalse(a.status()["in_sync"])

    def test_nothing_is_claimed_in_a_directory_that_has_lost_its_identity(self):
        with Cluster(PROGRAM) as cluster:
            lock = pathlib.Path(cluster.folder.name, "lock")
            lock.mkdir()
            a = cluster.add("a", "--shared-lock", str(lock)).start()
            a.wait_until(serving=True)
            b = cluster.add("b", "--shared-lock", str(lock), "--backup-of", a.cluster).start()
            a.wait_until(in_sync=True)
            (lock / "server.identity").rename(lock / "elsewhere")
            b.kill()
            logged(a, f"event=disk_failed file={lock}/epoch-000000000001")
            self.assertTrue(a.status()["claiming"])
            self.assertEqual([path.name for path in lock.glob("*-000000000002*")], [])
            (lock / "elsewhere").rename(lock / "server.identity")
            a.wait_until(claiming=False, serving=True, epoch=2)


class Names(unittest.TestCase):
    def test_a_damaged_file_of_names_is_refused_and_kept(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual").start()
            a.wait_until(waits_for_operator=True)
            a.stop()
            a.start()  # its ports are chosen now
            a.stop()
            for name, words in (("server.members", "server.members is damaged: "),
                                ("server.name", "is the directory of somebody whose name cannot be read any more")):
                file = a.data / name
                good = file.read_bytes()
                for bad in (b"\0" + good[1:], b""):
                    file.write_bytes(bad)
                    result = run(*a.command()[1:])
                    self.assertEqual(result.returncode, 3, result)
                    self.assertIn(words, result.stderr)
                    self.assertIn("remove " if name == "server.name" else "--peer NAME", result.stderr)
                    self.assertEqual(file.read_bytes(), bad)
                file.unlink()
                file.mkdir()
                result = run(*a.command()[1:])
                self.assertEqual(result.returncode, 3, result)
                self.assertIn(f"{file} is a link or a folder", result.stderr)
                file.rmdir()
                file.write_bytes(good)
            a.start()

    def test_a_name_that_is_not_known_yet_may_be_later(self):
        with Cluster(PROGRAM) as cluster:
            node = ["--data", cluster.folder.name + "/a", "--manual", "--secret-file", cluster.folder.name + "/secret"]
            pathlib.Path(node[-1]).write_text("a secret of sufficient length")
            os.chmod(node[-1], 0o600)
            unknown = run(*node, "--listen", "127.0.0.1:0", "--replication", "nobody.invalid:7001")
            self.assertEqual(unknown.returncode, 4, unknown)
            self.assertIn("nobody.invalid:7001 is not known", unknown.stderr)

    def test_a_backup_is_written_down_before_it_is_one_and_found_again(self):
        with Cluster(PROGRAM) as cluster:
            lock = cluster.folder.name + "/lock"
            os.mkdir(lock)
            a = cluster.add("a", "--shared-lock", lock).start()
            a.wait_until(serving=True)
            obstacle = a.data / "server.members.new"
            obstacle.mkdir()  # the file cannot be written
            b = cluster.add("b", "--shared-lock", lock, "--backup-of", a.cluster).start()
            logged(a, "its name cannot be written down")
            self.assertFalse(a.status()["in_sync"])
            obstacle.rmdir()
            a.wait_until(in_sync=True)
            self.assertIn(b.cluster, (a.data / "server.members").read_text())
            a.kill()
            b.wait_until(serving=True)
            a.start()  # neither its options nor a lock in a directory say where the other one is
            b.wait_until(in_sync=True, backup=a.cluster)


class Copies(unittest.TestCase):
    """The arbiter knows a node by its directory, so there may be one of each."""

    def refused(self, process, owner):
        result = subprocess.run(process.command(), capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 3, result)
        self.assertIn(f"is the directory of {owner}, and this process is called {process.cluster}", result.stderr)
        self.assertIn("server.name", result.stderr)

    def test_a_copy_of_a_directory_does_not_run_under_another_name(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
            breaker = ["--tie-breaker", arbiter.cluster]
            a = cluster.add("a", *breaker).start()
            a.wait_until(serving=True)
            # A name for the copy, given back by a process that had it.
            named = cluster.add("named", *breaker, "--backup-of", a.cluster).start()
            named.stop()
            for original, copy in [(a, cluster.add("copy", *breaker, "--backup-of", a.cluster)),
                                   (arbiter, cluster.add("twin", mode=["arbiter"]))]:
                original.stop()
                original.start().stop()  # with the port that it has had: one that the system chooses is no name to keep
                shutil.copytree(original.data, copy.data)
                original.start()
                copy.cluster, copy.clients = named.cluster, named.clients
                self.refused(copy, original.cluster)
            a.wait_until(serving=True)
            # An operator who knows better has the last word.
            moved = cluster.processes[-2]
            a.stop()
            pathlib.Path(moved.data, "server.name").unlink()
            moved.options = breaker
            moved.start()
            moved.wait_until(serving=True)
            # Looked at under a port that the system chose, a directory keeps its name.
            moved.stop()
            own, moved.cluster = moved.cluster, None
            moved.start().stop()
            moved.cluster = own
            moved.start()
            moved.wait_until(serving=True)

    def test_a_start_that_fails_gives_an_empty_directory_no_name(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual").start()
            b = cluster.add("b", "--manual")
            failed = run("--data", str(b.data), "--manual", "--replication", "127.0.0.1:0", "--advertise-replication",
                         "b.example:7001", "--listen", a.clients)
            self.assertEqual(failed.returncode, 4, failed)  # the address is taken, and may be given back
            self.assertFalse((b.data / "server.name").exists())


class Disks(unittest.TestCase):
    def test_what_a_disk_said_is_told(self):
        with Cluster(PROGRAM) as cluster:
            a = cluster.add("a", "--manual", "--segment-bytes", "1KiB", "--checkpoint-every-bytes", "2KiB").start()
            a.wait_until(waits_for_operator=True)
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            shutil.rmtree(a.data)
            with self.assertRaises((OSError, http.client.HTTPException)):
                for i in range(100):
                    a.ask("PUT", "/kv/x", b"x" * 1000)
            self.assertEqual(a.wait_for_end(), 1)
            said = f"event=disk_failed file={a.data}/.+ why=\"No such file or directory\""
            self.assertRegex(a.log.read_text(), said)


class Recordings(unittest.TestCase):
    """A start that fails moves no recording, and a full disk keeps nobody from serving."""

    def test_a_file_that_is_no_recording_stays_where_it_is(self):
        with Cluster(PROGRAM) as cluster:
            letter = pathlib.Path(cluster.folder.name, "letter")
            letter.write_text("Dear")
            a = cluster.add("a", "--manual", "--record", str(letter))
            result = run(*a.command()[1:])
            self.assertEqual(result.returncode, 3, result)
            self.assertIn(f"{letter} is no recording, and would be moved", result.stderr)
            self.assertEqual(letter.read_text(), "Dear")
            self.assertFalse(list(letter.parent.glob("letter.*")))

    def test_a_start_that_fails_leaves_the_recordings_where_they_are(self):
        with Cluster(PROGRAM) as cluster:
            record = pathlib.Path(cluster.folder.name, "a.rec")
            a = cluster.add("a", "--manual", "--record", str(record)).start()
            a.wait_until(waits_for_operator=True)
            a.stop()
            before = record.read_bytes()
            taken = cluster.add("taken", "--manual").start()
            letter = pathlib.Path(cluster.folder.name, "letter")
            letter.write_text("Dear")
            letter.chmod(0o600)
            tls = [word for what in ("certificate", "key", "authority") for word in (f"--tls-{what}", str(letter))]
            for clients, options, code in [(taken.clients, [], 4), (a.clients, tls, 4)]:
                result = run("--data", str(a.data), "--replication", a.cluster, "--listen", clients, *a.options,
                             *options)
                self.assertEqual(result.returncode, code, result)
                self.assertEqual([path.name for path in record.parent.glob("a.rec*")], ["a.rec"])
                self.assertEqual(record.read_bytes(), before)
            none = run("--data", str(a.data), "--replication", a.cluster, "--listen", a.clients, *a.options,
                       *[word for what in ("certificate", "key", "authority") for word in (f"--tls-{what}", "none")])
            self.assertIn("the certificate none is of no use: No such file", none.stderr)
            nowhere = run("--data", str(a.data), "--replication", a.cluster, "--listen", a.clients, "--manual",
                          "--record", cluster.folder.name + "/nowhere/a.rec")
            self.assertEqual(nowhere.returncode, 4, nowhere)
            self.assertIn("cannot record to", nowhere.stderr)

    def test_a_process_that_cannot_begin_anew_ended_by_itself_and_not_by_its_input(self):
        with Cluster(PROGRAM) as cluster:
            _, a, b = cluster.pair()
            self.assertEqual(a.stop(), 0)
            b.wait_until(serving=True)
            folder = pathlib.Path(cluster.folder.name, "recordings")
            folder.mkdir()
            a.options += ["--record", str(folder / "a.rec"), "--record-max-bytes", "1MiB", "--record-anew"]
            a.start()
            b.wait_until(in_sync=True)
            shutil.rmtree(folder)
            for i in range(200):
                if a.runs():
                    self.assertEqual(b.ask("PUT", "/kv/x", b"x" * 10_000).status, 204)
            self.assertEqual(a.wait_for_end(), 1)  # whoever started it starts it again
            self.assertIn("event=ended why=\"cannot record to", a.log.read_text())

    def test_a_full_disk_is_said_and_the_node_serves(self):
        with Cluster(PROGRAM) as cluster:
            record = pathlib.Path(cluster.folder.name, "a.rec")
            record.write_text("SMDBREC1 of an earlier life")
            a = cluster.add("a", "--manual", "--record", str(record))
            full = 1 << 20  # bytes that a file may have: less than a recording begins with
            a.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY)))
            a.wait_until(waits_for_operator=True)
            logged(a, "event=not_recorded")
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            self.assertEqual([path.name for path in record.parent.glob("a.rec*")], ["a.rec"])
            self.assertEqual(record.read_text(), "SMDBREC1 of an earlier life")


class Arbiters(unittest.TestCase):
    def test_grants_that_were_cut_stop_the_arbiter(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair()
            a.kill()
            b.wait_until(serving=True)
            arbiter.stop()
            grants = arbiter.data / "grants"
            whole = grants.read_bytes()
            grants.write_bytes(whole[:-6])
            said = run("arbiter", "--data", str(arbiter.data), "--listen", arbiter.cluster)
            self.assertEqual(said.returncode, 1, said)
            self.assertIn(f"the file ends in the middle of a grant at offset {len(whole) - 32}", said.stderr)
            self.assertEqual(grants.read_bytes(), whole[:-6])

    def test_grants_that_were_forgotten_are_noticed_by_the_next_claim(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair()
            a.kill()
            b.wait_until(serving=True)
            self.assertNotIn("grants_missing", arbiter.log.read_text())
            arbiter.stop()
            grants = arbiter.data / "grants"
            grants.write_bytes(grants.read_bytes()[:-32])  # cut between two of them: epoch 2 is unknown now
            arbiter.start()
            b.kill()
            b.start()
            b.wait_until(serving=True)
            logged(arbiter, "event=grants_missing granted=3 granted_before=1")

    def test_a_node_of_another_store_gets_no_epoch_and_fences_nobody(self):
        for kind, lives in [("tie-breaker", 1), ("tie-breaker", 3), ("shared-lock", 1), ("shared-lock", 3)]:
            with self.subTest(kind=kind, lives=lives), Cluster(PROGRAM) as cluster:
                elsewhere = cluster.add("elsewhere", mode=["arbiter"]).start()
                stranger = cluster.add("stranger", "--tie-breaker", elsewhere.cluster)
                for _ in range(lives):
                    stranger.start()
                    stranger.wait_until(serving=True)
                    stranger.stop()

                arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
                lock = pathlib.Path(cluster.folder.name, "lock")
                lock.mkdir()
                where = ("--shared-lock", str(lock)) if kind == "shared-lock" else ("--tie-breaker", arbiter.cluster)
                a = cluster.add("a", *where).start()
                a.wait_until(serving=True)
                b = cluster.add("b", *where, "--backup-of", a.cluster).start()
                a.wait_until(in_sync=True)
                self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)

                stranger.options = [*where, "--backup-of", a.cluster]
                stranger.start()
                self.assertEqual(stranger.wait_for_end(), 1)
                self.assertIn("the arbiter is that of another store", stranger.log.read_text())
                a.wait_until(serving=True, in_sync=True, epoch=1)
                self.assertEqual(a.ask("GET", "/kv/x").body, b"1")
                a.kill()
                b.wait_until(serving=True, epoch=2)
                self.assertEqual(b.ask("GET", "/kv/x").body, b"1")

    def test_an_arbiter_that_is_new_to_a_store_learns_whose_it_is(self):
        with Cluster(PROGRAM) as cluster:
            arbiter, a, b = cluster.pair()
            a.kill()
            arbiter.stop()
            (arbiter.data / "grants").unlink()
            arbiter.start()
            b.wait_until(serving=True, epoch=2)
            logged(arbiter, "event=grants_missing granted=2 granted_before=0")
            self.assertNotIn("event=granted epoch=1 to=?", arbiter.log.read_text())

    def test_what_an_arbiter_has_granted_can_be_seen(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", "--status", "127.0.0.1:0", mode=["arbiter"])
            arbiter.start()
            logged(arbiter, "event=grants_read grants=0 last_epoch=0")
            a = cluster.add("a", "--tie-breaker", arbiter.cluster).start()
            a.wait_until(serving=True)
            logged(arbiter, f"event=granted epoch=1 to={a.cluster}")
            told = arbiter.ask("GET", "/status").json()["arbiter"]
            self.assertEqual(told, {"ready": True, "grants": 1, "last_epoch": 1, "last_granted_to": a.cluster})
            metrics = arbiter.ask("GET", "/metrics").body.decode()
            for line in ("smalldb_arbiter_ready 1", "smalldb_arbiter_grants 1", "smalldb_arbiter_last_epoch 1",
                         "smalldb_disk_failures_total 0"):
                self.assertIn(f"\n{line}\n", metrics)
            self.assertEqual(arbiter.ask("GET", "/healthz").status, 200)
            arbiter.stop()
            arbiter.start()
            logged(arbiter, "event=grants_read grants=1 last_epoch=1")


class Directories(unittest.TestCase):
    def test_a_node_takes_no_arbiter_s_directory_and_the_reverse(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
            a = cluster.add("a", "--tie-breaker", arbiter.cluster).start()
            a.wait_until(serving=True)
            for process in (arbiter, a):
                process.stop()
            node = ["--listen", "127.0.0.1:0", "--replication", "127.0.0.1:0", "--manual"]
            for words, belongs in [([*node, "--data", str(arbiter.data)], "holds the file grants, and belongs to an a"),
                                   (["arbiter", "--listen", "127.0.0.1:0", "--data", str(a.data)],
                                    "and belongs to a node")]:
                result = run(*words)
                self.assertEqual(result.returncode, 3, result)
                self.assertIn(belongs, result.stderr)

    def test_a_founder_that_lost_its_log_does_not_found_the_store_again(self):
        for lose in (lambda log: log.write_bytes(b""), pathlib.Path.unlink):
            with self.subTest(lose=lose), Cluster(PROGRAM) as cluster:
                arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
                a = cluster.add("a", "--tie-breaker", arbiter.cluster).start()
                a.wait_until(serving=True)
                self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
                a.kill()
                log, = a.data.glob("log-*")
                lose(log)
                a.begin({})
                self.assertEqual(a.wait_for_end(), 1)
                self.assertIn(f"{log.name}, offset 0: records had begun here, and not one of them is left",
                              a.log.read_text())
                logged(arbiter, "event=granted epoch=1")
                self.assertNotIn("epoch=2", arbiter.log.read_text())

    def test_a_founder_that_lost_its_log_serves_nothing_beside_its_backup(self):
        for takes_over in (True, False):
            with self.subTest(takes_over=takes_over), Cluster(PROGRAM) as cluster:
                _, a, b = cluster.pair()
                self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
                if not takes_over:
                    b.signal(signal.SIGSTOP)
                a.kill()
                if takes_over:
                    b.wait_until(serving=True)
                    b.signal(signal.SIGSTOP)
                for log in a.data.glob("log-*"):
                    log.write_bytes(b"")
                a.start()

                def decided():
                    status = a.status()
                    return status if status and (status["serving"] or status["role"] == "damaged") else None

                self.assertFalse(wait_for("a to read its directory", decided, [a])["serving"])
                self.assertEqual(a.ask("GET", "/kv/x").status, 503)
                b.signal(signal.SIGCONT)
                b.wait_until(serving=True, in_sync=True)
                self.assertEqual(b.ask("GET", "/kv/x").body, b"1")
                b.kill()
                a.wait_until(serving=True)
                self.assertEqual(a.ask("GET", "/kv/x").body, b"1")

    def test_a_link_in_the_place_of_a_file_does_not_pass_for_nothing(self):
        with Cluster(PROGRAM) as cluster:
            arbiter = cluster.add("arbiter", mode=["arbiter"]).start()
            a = cluster.add("a", "--tie-breaker", arbiter.cluster).start()
            a.wait_until(serving=True)
            for process in (arbiter, a):
                process.stop()
            for path, words in [
                (next(a.data.glob("log-*")), ["--replication", "127.0.0.1:0", "--manual", "--data", str(a.data)]),
                (arbiter.data / "grants", ["arbiter", "--data", str(arbiter.data)]),
            ]:
                moved = path.rename(path.parent.parent / "moved")
                path.symlink_to(moved)
                result = run(*words, "--listen", "127.0.0.1:0")
                self.assertEqual(result.returncode, 3, result)
                self.assertIn(f"{path} is a link or a folder: put the file itself in its place", result.stderr)
                path.unlink()
                moved.rename(path)


if __name__ == "__main__":
    PROGRAM, CLIENT = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    unittest.main(verbosity=2)

"""What smalldb-server records, smalldb-sim goes through again.

    replay_lives_test.py SERVER SIMULATOR [TEST...]
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "server"))
from testing.cluster import Cluster, wait_for  # noqa: E402
from testing.crc32c import crc32c  # noqa: E402

SERVER = SIMULATOR = None


def replay(*arguments):
    return subprocess.run([SIMULATOR, "replay", *map(str, arguments)], capture_output=True, text=True, timeout=600)


def verdicts(text):
    """The word for each property."""
    lines = text.split("Properties\n")[1].split("\nSeen")[0].splitlines()
    rows = [line for line in lines if line.startswith("  ") and not line.startswith("     ")]
    words = ("holds", "violated", "unknown", "not judged")
    return {row[14:].split()[0]: next(word for word in words if row[2:].startswith(word)) for row in rows}


def lasted(text):
    """From when to when each life did, by the name of its file."""
    found = re.findall(r"/([^/]*)\)\n +recorded +by [^:]*: \S+ steps?, +(\S+) s +to +(\S+) s;", text)
    return {file: (float(begin), float(end)) for file, begin, end in found}


class Takeover(unittest.TestCase):
    """One story for all tests: a pair, a primary that is killed, a takeover, and the other one back again."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(SERVER)
        cls.addClassCleanup(cls.cluster.__exit__, None)
        cls.folder = pathlib.Path(cls.cluster.folder.name)
        recorded = lambda name: ("--record", str(cls.folder / f"{name}.rec"))
        arbiter = cls.cluster.add("arbiter", *recorded("arbiter"), mode=["arbiter"]).start()
        a = cls.cluster.add("a", "--tie-breaker", arbiter.cluster, *recorded("a")).start()
        a.wait_until(serving=True)
        b = cls.cluster.add("b", "--tie-breaker", arbiter.cluster, "--backup-of", a.cluster, *recorded("b")).start()
        a.wait_until(in_sync=True)
        for i in range(50):
            assert a.ask("PUT", f"/kv/key-{i % 7}", f"value {i}".encode()).status == 204
            assert a.ask("GET", f"/kv/key-{i % 5}").status == 200
        # A condition sees the writes of all, those outside of sessions too.
        session = a.ask("POST", "/sessions").json()["session"]
        for number in (1, 2):
            answer = a.ask("PUT", "/kv/key-0", b"x", If_None_Match="*", Idempotency_Key=f"{session}-{number}")
            assert answer.status == 412
        a.kill()
        b.wait_until(serving=True)
        for i in range(20):
            assert b.ask("PUT", f"/kv/key-{i % 7}", f"later {i}".encode()).status == 204
        a.start()
        b.wait_until(in_sync=True)
        assert b.ask("DELETE", "/kv/key-1").status == 204
        for process in (b, a, arbiter):
            process.stop()
        cls.a, cls.b = a, b
        cls.all = [cls.folder / name for name in ("arbiter.rec", "a.rec.1", "a.rec", "b.rec")]

    def test_all_lives_are_the_same_again_and_hold_every_safety_property(self):
        done = replay(*self.all, "--trace", self.folder / "trace.jsonl", "--picture", self.folder / "page.html")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        page = (self.folder / "page.html").read_text()
        for shown in ("nothing that could be judged is violated", "takes over in epoch", "put key-1=", "has synced"):
            self.assertIn(shown, page)
        self.assertEqual(page.count("the same again</dd>"), 4)
        self.assertEqual(done.stdout.count("to the byte"), 4)
        liveness = {"answered", "redundancy_restored"}
        for name, word in verdicts(done.stdout).items():
            self.assertEqual(word, "not judged" if name in liveness else "holds", name)
        self.assertRegex(done.stdout, r"backup_took_over \d")
        self.assertIn(f"{self.b.cluster} takes over in epoch", done.stdout)
        events = [json.loads(line) for line in (self.folder / "trace.jsonl").read_text().splitlines()]
        self.assertEqual({event["process"] for event in events if event["kind"] == "started"},
                         {self.a.cluster, self.b.cluster} | {e["process"] for e in events if e["kind"] == "started"})
        ends = [event for event in events if event["kind"] in ("crashed", "stopped")]
        self.assertEqual([event["kind"] for event in ends], ["crashed", "stopped", "stopped", "stopped"])
        self.assertEqual(ends[0]["process"], self.a.cluster)
        self.assertRegex(done.stdout, r"node_crashed 1\b")
        self.assertEqual(done.stdout.count(f"{self.b.cluster} stops"), 1)

    def test_the_order_in_which_files_are_named_does_not_matter(self):
        first = replay(*self.all)
        for files in (self.all[::-1], sorted(self.all)):
            self.assertEqual(replay(*files).stdout, first.stdout)

    def test_clocks_do_not_matter(self):
        """Hosts differ by anything, and one's clock is set while it is down."""
        plain = replay(*self.all, "-q").stdout
        first, lived = verdicts(plain), lasted(plain)
        self.assertEqual(len(lived), 4)
        for late in [("b.rec",), ("a.rec", "a.rec.1"), ("arbiter.rec",), ("a.rec",), ("a.rec.1",)]:
            for ms in (1, -1, 10, -10, 1_000, -1_000, 3_600_000, -3_600_000):
                with self.subTest(late, ms=ms):
                    folder = self.folder / f"late {'-'.join(late)} {ms}"
                    folder.mkdir()
                    for file in self.all:
                        bytes_ = file.read_bytes()
                        (folder / file.name).write_bytes(later(bytes_, ms) if file.name in late else bytes_)
                    done = replay(*folder.iterdir(), "-q")
                    self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                    self.assertEqual(verdicts(done.stdout), first)
                    for life, times in lived.items() if late not in (("a.rec",), ("a.rec.1",)) else ():
                        self.assertLess(max(map(abs, map(float.__sub__, lasted(done.stdout)[life], times))), 1, life)

    def test_a_life_that_two_files_have_is_gone_through_once(self):
        first = replay(*self.all)
        earlier = self.folder / "copy.rec"  # taken while the process lived
        bytes_ = (self.folder / "a.rec").read_bytes()
        earlier.write_bytes(bytes_[:len(bytes_) // 2])
        endless = self.folder / "endless.rec"  # all steps, and not what ended them
        endless.write_bytes(bytes_[:-1])
        for copy in (self.folder / "a.rec", earlier, endless):
            for files in ([copy, *self.all], [*self.all, copy]):
                done = replay(*files)
                self.assertEqual((done.returncode, done.stdout), (0, first.stdout))
                self.assertEqual(done.stderr, f"{copy}: has the same life as {self.folder / 'a.rec'}: skipped\n")

    def test_one_recording_is_judged_by_what_it_shows(self):
        done = replay(self.folder / "b.rec")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        words = verdicts(done.stdout)
        self.assertEqual(words["epochs_never_fall"], "holds")
        self.assertEqual(words["no_lost_write"], "not judged")
        self.assertIn(f"no recording of {self.a.cluster}", done.stdout)

    def test_a_life_that_is_missing_is_noticed(self):
        done = replay(self.folder / "a.rec", self.folder / "b.rec")  # without a's first
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(verdicts(done.stdout)["linearizability"], "not judged")

    def test_a_killed_process_leaves_a_recording_that_can_be_used(self):
        done = replay(self.folder / "a.rec.1", "-q")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("killed, or it goes on", " ".join(done.stdout.split()))  # lines break where they must
        cut = self.folder / "cut.rec"
        cut.write_bytes((self.folder / "b.rec").read_bytes()[:-3])  # in the middle of its last frame
        done = replay(cut, "-q")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertRegex(done.stdout, r"not read +\d+ bytes from byte \d+ on")
        self.assertNotIn("node_crashed", done.stdout)  # the process may have gone on

    def test_a_life_without_a_step_is_told_of_and_passed_over(self):
        frames = (self.folder / "a.rec").read_bytes()
        size = 8 + 8 + int.from_bytes(frames[8:12], "little")  # up to the end of the first frame
        for name, bytes_, words in [("empty", b"", "nothing was recorded"), ("zeros", b"\0" * 5000, "nothing was"),
                                    ("begun", b"SMDBREC1" + b"\0" * 100, "nothing was recorded"),
                                    ("short", frames[:size], "the process ended before its machine's first step")]:
            short = self.folder / f"{name}.rec"
            short.write_bytes(bytes_)
            for files in ([short, *self.all], [*self.all, short]):
                done = replay(*files, "-q")
                self.assertEqual(done.returncode, 0, done)
                self.assertIn(words, done.stderr)
                self.assertTrue(done.stderr.endswith(": skipped\n"), done.stderr)
                self.assertEqual(done.stdout.count("to the byte"), 4)
        done = replay(self.folder / "short.rec", self.folder / "begun.rec")
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("there is no life in any of them", done.stderr)

    def test_other_effects_are_noticed(self):
        """A bit of what was received is flipped, with the checksum made right: the machine wants something else."""
        bytes_ = bytearray((self.folder / "b.rec").read_bytes())
        place = bytes_.index(b"later 3")  # in a client's request: it will be logged
        bytes_[place] ^= 1
        # The frame around it: the last one that begins before.
        begin = 8
        while True:
            size = int.from_bytes(bytes_[begin:begin + 4], "little")
            if begin + 8 + size > place:
                break
            begin += 8 + size
        payload = bytes(bytes_[begin + 8:begin + 8 + size])
        bytes_[begin + 4:begin + 8] = crc32c(payload).to_bytes(4, "little")
        other = self.folder / "other.rec"
        other.write_bytes(bytes_)
        done = replay(other, "-q", "--picture", self.folder / "other.html")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, r"differs +at step \d+ of \d+: ")
        page = (self.folder / "other.html").read_text()
        self.assertRegex(page, r"<li>not all .* the same again</li>\n<li class=\"plain\">")
        self.assertRegex(page, r": differs at step \d+ of \d+: ")

    def test_steps_that_no_machine_is_told_are_one_clear_error(self):
        """A step is left out, or there twice, and all checksums are right."""
        bytes_ = (self.folder / "b.rec").read_bytes()
        begins = [8]
        while begins[-1] + 8 < len(bytes_):
            begins.append(begins[-1] + 8 + int.from_bytes(bytes_[begins[-1]:begins[-1] + 4], "little"))
        other = self.folder / "other.rec"
        said = ""
        for i in range(1, 60):
            for again in (b"", 2 * bytes_[begins[i]:begins[i + 1]]):
                other.write_bytes(bytes_[:begins[i]] + again + bytes_[begins[i + 1]:])
                done = replay(other, "-q")
                self.assertIn(done.returncode, (0, 1), (i, done))  # 0: it named a process
                said += done.stdout
        for words in ("the disk answers what it was not asked", "it starts again"):
            self.assertTrue(f"told this: {words}" in " ".join(said.split()), words)

    def test_what_is_no_recording_is_one_clear_error(self):
        for name, bytes_, words in [
                ("damaged", b"SMDBREC1" + b"x" * 100, "byte 8: the recording does not say which machine it is of"),
                ("other", b"something else", "byte 0: no recording: it does not begin with SMDBREC1")]:
            (self.folder / name).write_bytes(bytes_)
            done = replay(self.folder / name, self.folder / "b.rec")
            self.assertEqual((done.returncode, done.stdout), (3, ""))
            self.assertIn(f"{name}: {words}", done.stderr)
        done = replay(self.folder / "b.rec", self.folder / "no such file")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no such file", done.stderr)


class Memory(unittest.TestCase):
    """A recording holds no answers: of a large value that is read often, it is a small part."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.recording = cls.folder / "a.rec"
        with Cluster(SERVER) as cluster:
            a = cluster.add("a", "--manual", "--record", str(cls.recording)).start()
            a.wait_until(waits_for_operator=True)
            assert a.ask("POST", "/promote").status == 202
            a.wait_until(serving=True)
            assert a.ask("PUT", "/kv/big", b"v" * (1 << 20)).status == 204
            for _ in range(600):
                assert a.ask("GET", "/kv/big").status == 200
            a.stop()

    def test_what_it_takes_is_of_the_size_of_the_recording(self):
        self.assertLess(self.recording.stat().st_size, 2 << 20)
        with open(os.devnull, "w") as nowhere:
            child = subprocess.Popen([SIMULATOR, "replay", self.recording], stdout=nowhere)
            _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(child.returncode, 0)
        self.assertLess(used.ru_maxrss, 512 << 10)  # in KiB; a sanitizer takes the most of it


class Missing(unittest.TestCase):
    """Of a good run nothing is violated, whatever is missing of what was recorded."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(SERVER)
        cls.addClassCleanup(cls.cluster.__exit__, None)
        cls.folder = pathlib.Path(cls.cluster.folder.name)

        def add(name, *options):
            return cls.cluster.add(name, "--manual", *options, "--record", str(cls.folder / f"{name}.rec")).start()

        def promote(node):
            node.wait_until(waits_for_operator=True)
            assert node.ask("POST", "/promote").status == 202
            node.wait_until(serving=True)

        def write(node, value):
            for i in range(8):
                assert node.ask("PUT", f"/kv/key-{i % 5}", f"{value} {i}".encode()).status == 204
                assert node.ask("GET", f"/kv/key-{i % 3}").status == 200

        a = add("a")
        promote(a)
        b = add("b", "--backup-of", a.cluster)
        a.wait_until(in_sync=True)
        write(a, "together")
        b.stop()
        promote(a)
        write(a, "alone")
        for life in range(2):
            a.kill()
            a.start()
            promote(a)
            write(a, f"life {life}")
        b.start()
        a.wait_until(in_sync=True)
        write(a, "again")
        b.stop()
        promote(a)
        b.start()
        a.wait_until(in_sync=True)
        write(a, "once more")
        for process in (a, b):
            process.kill()
        cls.all = {path.name: path.read_bytes().rstrip(b"\0") for path in cls.folder.glob("*.rec*")}

    def judged(self, recordings):
        for path in self.folder.glob("*.rec*"):
            path.unlink()
        for name, bytes_ in recordings.items():
            (self.folder / name).write_bytes(bytes_)
        done = replay(*sorted(self.folder.glob("*.rec*")), "-q")
        self.assertEqual(done.returncode, 0, done)
        words = verdicts(done.stdout)
        self.assertNotIn("violated", words.values())
        return words

    def test_no_recording(self):
        self.assertEqual(len(self.all), 6)
        self.assertEqual(self.judged(self.all)["linearizability"], "holds")
        for missing in self.all:
            words = self.judged({name: bytes_ for name, bytes_ in self.all.items() if name != missing})
            self.assertEqual(words["epochs_never_fall"], "holds")
            self.assertEqual(words["linearizability"], "not judged", missing)

    def test_the_end_of_a_recording(self):
        for cut, bytes_ in self.all.items():
            ends = [8]
            while ends[-1] < len(bytes_):
                ends.append(ends[-1] + 8 + int.from_bytes(bytes_[ends[-1]:ends[-1] + 4], "little"))
            self.assertGreater(len(ends), 20)
            for end in ends:
                with self.subTest(cut, bytes=end):
                    self.judged({**self.all, cut: bytes_[:end]})


class Order(unittest.TestCase):
    """Two lives of one node. The recordings' names say nothing of which came first, unless told to."""

    def lived(self, between, names=("first.rec", "second.rec")):
        """What replay says if the second life's clock is an hour behind; `between(node)` is done while it is down.
        What that records is there as well."""
        with Cluster(SERVER) as cluster:
            folder = pathlib.Path(cluster.folder.name)
            recordings = folder / "recordings"
            recordings.mkdir()
            lives = iter(range(9))
            node = cluster.add("a", "--manual", each_life=lambda _: ("--record", str(folder / f"life-{next(lives)}")))
            for value in (b"1", b"2"):
                node.start()
                node.wait_until(waits_for_operator=True)
                self.assertEqual(node.ask("POST", "/promote").status, 202)
                node.wait_until(serving=True)
                self.assertEqual(node.ask("PUT", "/kv/x", value).status, 204)
                node.stop()
                if value == b"1":
                    between(node)
            first, *others, second = sorted(folder.glob("life-*"))
            for number, other in enumerate(others):
                (recordings / f"other-{number}.rec").write_bytes(other.read_bytes())
            for life, name, ms in ((first, names[0], 0), (second, names[1], -3_600_000)):
                (recordings / name).write_bytes(later(life.read_bytes(), ms))
            return replay(*sorted(recordings.iterdir()), "-q")

    def holds(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        words = verdicts(done.stdout)
        self.assertEqual((words["epochs_never_fall"], words["linearizability"]), ("holds", "holds"))

    def test_is_told_by_what_the_second_found(self):
        self.holds(self.lived(lambda node: None))

    def test_is_told_of_a_life_that_left_the_disk_as_it_was(self):
        """It wrote again what it had found, as every recovery does, and was killed: it had not found the last one's."""
        def one_that_recovers(node):
            node.start()
            node.wait_until(waits_for_operator=True)
            node.kill()

        self.holds(self.lived(one_that_recovers))

    def test_is_told_by_whom_the_lives_of_another_talked_to(self):
        """Nothing is left of the first life's disk, and nobody lived through both of them."""
        with Cluster(SERVER) as cluster:
            folder = pathlib.Path(cluster.folder.name)
            recorded = lambda name: lambda life: ("--record", str(folder / f"{name}{life}.rec"))
            a = cluster.add("a", "--manual", each_life=recorded("a")).start()
            a.wait_until(waits_for_operator=True)
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            b = cluster.add("b", "--manual", "--backup-of", a.cluster, each_life=recorded("b")).start()
            a.wait_until(in_sync=True)
            self.assertEqual(a.ask("PUT", "/kv/x", b"1").status, 204)
            for node in (a, b):
                node.kill()
            shutil.rmtree(b.data)
            a.start()
            a.wait_until(waits_for_operator=True)
            self.assertEqual(a.ask("POST", "/promote").status, 202)
            a.wait_until(serving=True)
            b.start()
            a.wait_until(in_sync=True)
            self.assertEqual(a.ask("GET", "/kv/x").status, 200)
            for node in (a, b):
                node.kill()
            second = max(folder.glob("b*.rec"), key=lambda path: path.stat().st_mtime_ns)
            second.write_bytes(later(second.read_bytes(), -3_600_000))
            self.holds(replay(*folder.glob("*.rec"), "-q"))

    def test_is_told_by_the_names_that_the_recorder_gives(self):
        wipe = lambda node: shutil.rmtree(node.data)
        done = self.lived(wipe, names=("a.rec.1", "a.rec"))
        self.assertLess(done.stdout.index("a.rec.1)"), done.stdout.index("a.rec)"))
        self.assertEqual(verdicts(done.stdout)["epochs_never_fall"], "holds")

    def test_is_not_guessed(self):
        done = self.lived(lambda node: shutil.rmtree(node.data))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        words = verdicts(done.stdout)
        self.assertEqual(words.pop("no_assertion"), "holds")
        self.assertEqual(set(words.values()), {"not judged"})
        self.assertIn("nothing says which of two lives of", " ".join(done.stdout.split()))


class Disks(unittest.TestCase):
    """A backup's disk is replaced while it is down: its files bear names that it has used before."""

    def replaced(self, replace):
        """The verdicts of a story in which `replace(b, spare)` is done to b's disk; `spare` is a copy of its first."""
        with Cluster(SERVER) as cluster:
            folder = pathlib.Path(cluster.folder.name)
            recorded = lambda name: lambda life: ("--record", str(folder / f"{name}{life}.rec"))
            arbiter = cluster.add("arbiter", mode=["arbiter"], each_life=recorded("arbiter")).start()
            options = ("--tie-breaker", arbiter.cluster, "--checkpoint-every-bytes", "64KiB",
                       "--segment-bytes", "16KiB", "--log-buffer-bytes", "64KiB", "--suspect-after",
                       "1min")
            a = cluster.add("a", *options, each_life=recorded("a")).start()
            a.wait_until(serving=True)

            def put(first, last):
                for i in range(first, last):
                    done = lambda: a.ask("PUT", f"/kv/key-{i}", b"v" * 2000).status == 204
                    wait_for(f"key-{i} to be written", done, [a])

            put(0, 100)  # more than can be sent as a tail of the log
            b = cluster.add("b", *options, "--backup-of", a.cluster, each_life=recorded("b")).start()
            a.wait_until(in_sync=True)
            b.stop()
            spare = folder / "spare"
            shutil.copytree(b.data, spare)
            b.start()
            a.wait_until(in_sync=True)
            put(100, 105)
            b.stop()
            a.wait_until(in_sync=False, serving=True)
            put(105, 200)
            replace(b, spare)
            b.start()
            a.wait_until(in_sync=True)
            put(200, 205)
            a.stop()
            b.wait_until(serving=True)
            a.start()
            b.wait_until(in_sync=True)
            b.stop()
            a.wait_until(serving=True)
            b.start()
            a.wait_until(in_sync=True)
            for i in range(0, 205, 10):
                self.assertEqual(a.ask("GET", f"/kv/key-{i}").status, 200)
            for process in (a, b, arbiter):
                process.stop()
            done = replay(*folder.glob("*.rec"))
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
            self.assertRegex(done.stdout, r"joined_by_snapshot \d")
            self.assertRegex(done.stdout, r"checkpoint_written \d")
            return verdicts(done.stdout)

    def test_by_an_empty_one(self):
        found = self.replaced(lambda b, spare: shutil.rmtree(b.data))
        self.assertEqual(found["output_rule"], "holds")
        self.assertEqual(found["no_lost_write"], "holds")

    def test_by_an_older_copy(self):
        def put_back(b, spare):
            shutil.rmtree(b.data)
            shutil.copytree(spare, b.data)

        found = self.replaced(put_back)
        self.assertEqual(found["output_rule"], "holds")
        self.assertEqual(found["no_lost_write"], "holds")

    def test_by_a_damaged_one(self):
        """What nobody wrote, and the node turns down, says nothing of a life that is missing."""
        def change(b, spare):
            log = sorted(b.data.glob("log-*"))[0]
            content = bytearray(log.read_bytes())
            content[len(content) // 2] ^= 1
            log.write_bytes(content)

        found = self.replaced(change)
        self.assertEqual(found["output_rule"], "holds")
        self.assertEqual(found["no_lost_write"], "holds")


def later(recording, ms):
    """The same, by a wall clock that is so much ahead. What the lives are put side by with is their first step's."""
    begin = 8 + 8 + int.from_bytes(recording[8:12], "little")
    while recording[begin + 8] != 3:  # no step
        begin += 8 + int.from_bytes(recording[begin:begin + 4], "little")
    size = int.from_bytes(recording[begin:begin + 4], "little")
    payload = bytearray(recording[begin + 8:begin + 8 + size])
    payload[9:17] = (int.from_bytes(payload[9:17], "little") + ms * 1_000_000).to_bytes(8, "little")
    return (recording[:begin + 4] + crc32c(payload).to_bytes(4, "little") + payload + recording[begin + 8 + size:])


if __name__ == "__main__":
    SERVER, SIMULATOR = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main()

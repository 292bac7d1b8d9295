"""Tries `smalldb-sim check` and `smalldb-sim run --history` as a user meets them.

    check_test.py PROGRAM ROOT
"""
import gzip
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import jsonschema

PROGRAM = "smalldb-sim"
ROOT = pathlib.Path(".")
HISTORIES = "properties/checker/testdata/histories/"

GOOD = """{"process":"c1","call":"put","key":"x","value":"1"}
{"process":"c1","return":"ok"}
{"process":"c2","call":"get","key":"x"}
{"process":"c2","return":"ok","value":"1"}
"""
STALE = """{"process":"c1","call":"put","key":"x","value":"1"}
{"process":"c1","return":"ok"}
{"begins":"a <-> b: nothing passes"}
{"process":"c1","call":"put","key":"x","value":"2"}
{"process":"c1","return":"ok"}
{"process":"c2","call":"get","key":"x"}
{"process":"c2","return":"ok","value":"1"}
"""
# A register of two values that nobody can tell apart, with writes of unknown outcome: work for a search.
HARD = "".join('{"process":"p%d","call":"put","key":"x","value":"%d"}\n' % (n, n % 2) for n in range(40)) + "".join(
    '{"process":"r","call":"put","key":"x","value":"%d","if_value":"%d"}\n{"process":"r","return":"ok"}\n'
    % ((n + 1) % 2, n % 2) for n in range(1, 30))


class Check(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)

    def path(self, name):
        return str(pathlib.Path(self.place.name, name))

    def file(self, name, content):
        path = pathlib.Path(self.place.name, name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def start(self, *arguments, **options):
        return subprocess.run([PROGRAM, *arguments], cwd=ROOT, capture_output=True, check=False, timeout=300,
                              text=True, env={"PATH": os.environ["PATH"]}, **options)

    def check(self, *arguments, **options):
        return self.start("check", *arguments, **options)

    def refused(self, *arguments, **options):
        done = self.check(*arguments, **options)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1 if "--help" not in done.stderr else 2, done.stderr)
        self.assertTrue("holds" not in done.stdout and "violated" not in done.stdout, done.stdout)
        return done.stderr

    # ---- Verdicts

    def test_holds(self):
        done = self.check(self.file("good.jsonl", GOOD))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^holds +\S+good.jsonl: 2 operations on 1 key by 2 processes")
        self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_violated(self):
        done = self.check(self.file("stale.jsonl", STALE))
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertIn("violated", done.stdout)
        self.assertIn("c2 read x as 1 (line 6)", done.stdout)
        self.assertIn("all was well until here", done.stdout)
        self.assertIn("a <-> b: nothing passes", done.stdout)
        self.assertLessEqual(len(done.stdout.splitlines()), 25)
        self.assertNotIn("\x1b", done.stdout)

    def test_unknown(self):
        done = self.check("--steps", "3", "--engine", "frontier", self.file("hard.jsonl", HARD))
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("unknown", done.stdout)
        self.assertIn("Not decided within the budget of steps: x", done.stdout)

    def test_several(self):
        good, stale = self.file("good.jsonl", GOOD), self.file("stale.jsonl", STALE)
        done = self.check(good, stale, good)
        self.assertEqual(done.returncode, 1)
        self.assertIn("\n3 histories: 2 hold, 1 violated\n", done.stdout)

    def test_the_corpus_fits_a_screen_each(self):
        for name in ("etcd_000.log", "etcd_057.log", "c01-bad.txt", "c10-bad.txt"):
            done = self.check(HISTORIES + name)
            self.assertEqual(done.returncode, 1)
            self.assertLessEqual(len(done.stdout.splitlines()), 25, done.stdout)

    def test_witness(self):
        done = self.check("--witness", self.file("good.jsonl", GOOD))
        self.assertEqual(done.returncode, 0)
        self.assertIn("An order that explains all answers of x:\n    c1  put x=1: ok (line 1)\n"
                      "    c2  get x: 1 (line 3)\n", done.stdout)

    def test_an_engine_that_cannot_say_is_named_with_the_one_that_did(self):
        done = self.check("--engine", "certificate", self.file("good.jsonl", GOOD))
        self.assertEqual(done.returncode, 0)
        self.assertIn("; frontier (certificate proved nothing), ", done.stdout)
        done = self.check("--engine", "certificate", "--format", "json", self.file("good.jsonl", GOOD))
        told = json.loads(done.stdout)["histories"][0]
        self.assertEqual((told["engines"], told["engine_asked"]), ({"frontier": 1}, "certificate"))
        done = self.check("--engine", "frontier", self.file("good.jsonl", GOOD))
        self.assertIn("; frontier, ", done.stdout)

    def test_what_revisions_say(self):
        history = self.file("h", """{"process":"c1","call":"put","key":"x","value":"1"}
{"process":"c1","return":"ok","revision":7}
{"process":"c2","call":"put","key":"x","value":"2"}
{"process":"c2","return":"ok","revision":5}
{"process":"c1","call":"get","key":"x"}
{"process":"c1","return":"ok","value":"2","revision":5}
""")
        done = self.check(history)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "^holds")
        self.assertIn("  read your writes  to c1, get x said revision 5 (line 5) after put x=1 said revision 7",
                      done.stdout)
        self.assertRegex(done.stdout, r"  wrong revision  .*: c2's put x=2 \(line 3\), c1's put x=1 \(line 1\)")
        self.assertNotIn("read your writes", self.check("--no-sessions", history).stdout)

    def test_what_revisions_say_across_keys(self):
        history = self.file("h", """{"process":"c1","call":"put","key":"x","value":"1"}
{"process":"c1","return":"ok","revision":7}
{"process":"c1","call":"put","key":"y","value":"1"}
{"process":"c1","return":"ok","revision":5}
""")
        self.assertEqual(self.check(history).returncode, 0)
        done = self.check("--revisions", "of-store", history)
        self.assertEqual(done.returncode, 1)
        self.assertIn("revision 5 was told after 7 had been: c1's put y=1 (line 3), c1's put x=1 (line 1)", done.stdout)
        self.assertEqual(self.check("--follow", "--revisions", "of-store", history).returncode, 3)

    def test_what_keys_hold_at_first(self):
        edn = self.file("r.edn", "{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f :read, :value 0}\n")
        self.assertEqual(self.check(edn).returncode, 1)
        self.assertEqual(self.check("--initial", "0", edn).returncode, 0)

    def test_follow(self):
        done = self.check("--follow", "-", input=STALE)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"^violated  standard input: \d+ operations")
        self.assertRegex(done.stdout, r"  No order explains line \d+: .*'s get x \(line \d+\) was answered: ")
        self.assertRegex(self.check("--follow", self.file("good.jsonl", GOOD)).stdout, "^holds ")
        # All formats, with the verdicts of who reads the whole first.
        for name in sorted(os.listdir(ROOT / HISTORIES)):
            if name.endswith((".log", ".txt")):
                whole = self.check(HISTORIES + name).returncode
                self.assertEqual(self.check("--follow", HISTORIES + name).returncode, whole, name)

    def test_follow_at_equal_instants(self):
        # Intervals are closed: what is called at the instant of an answer may come before it.
        lines = """{"at":1,"process":"c1","call":"get","key":"x"}
{"at":5,"process":"c1","return":"ok","value":"1"}
{"at":%d,"process":"c2","call":"put","key":"x","value":"1"}
{"at":7,"process":"c2","return":"ok"}
"""
        for instant, code in ((5, 0), (6, 1)):
            file = self.file("h", lines % instant)
            self.assertEqual([self.check(file).returncode, self.check("--follow", file).returncode], [code, code])

    def test_follow_finds_what_cannot_be_gone(self):
        put = ['{"process":"c1","call":"put","key":"x","value":"1"}', '{"process":"c1","return":"ok","revision":5}']
        delete = ['{"process":"c2","call":"delete","key":"x"}', '{"process":"c2","return":"ok","revision":%d}']
        get = ['{"process":"c1","call":"get","key":"x"}', '{"process":"c1","return":"ok","value":null}']
        # The delete is over when nothing is found; or it may explain that yet, until it is answered.
        for lines in (put[:1] + delete + put[1:] + get, put[:1] + delete[:1] + put[1:] + get + delete[1:]):
            for revision, code in ((4, 1), (6, 0)):
                file = self.file("h", "\n".join(lines).replace("%d", str(revision)) + "\n")
                done = self.check("--follow", file)
                self.assertEqual([self.check(file).returncode, done.returncode], [code, code])
                if code == 1:
                    self.assertRegex(done.stdout, r"(?s)Wrong revision in line 6: .*revision 5 had been told, and\s+"
                                                  r"then\s+there\s+was\s+nothing")

    def test_follow_says_what_it_could_not_decide(self):
        lines = ['{"at":1,"process":"w","call":"put","key":"y","value":"1"}', '{"at":2,"process":"w","return":"ok"}']
        for i in range(30):
            lines += [f'{{"at":3,"process":"u{i}","call":"put","key":"x","value":"{i % 5}","if_value":"{-i % 5}"}}']
        for i in range(20):
            lines += [f'{{"at":{4 + i},"process":"p","call":"put","key":"x","value":"{i % 5}"}}',
                      f'{{"at":{4 + i},"process":"p","return":"ok"}}']
        done = self.check("--follow", "--steps", "20", self.file("open.jsonl", "\n".join(lines) + "\n"))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stdout, r"(?s)Not decided within the budget of steps: x, 50 operations; an order was\s+"
                                      r"found\s+up\s+to\s+\d+\.")
        self.assertNotIn("steps: y", done.stdout)

    def test_follow_is_refused_what_needs_the_whole(self):
        for option in (["--witness"], ["--picture", self.path("p")], ["--engine", "zones"]):
            done = self.check("--follow", self.file("good.jsonl", GOOD), *option)
            self.assertEqual(done.returncode, 3)
            self.assertIn("--follow keeps no history", done.stderr)
        bad = self.check("--follow", self.file("bad", GOOD + "{"))
        self.assertEqual((bad.returncode, bad.stdout), (3, ""))

    def test_threads_change_nothing(self):
        files = [HISTORIES + name for name in ("c10-bad.txt", "c10-ok.txt")]
        told = {self.check("--witness", "--jobs", jobs, *files).stdout for jobs in ("1", "2", "7")}
        self.assertEqual(len(told), 1)

    # ---- What is no history

    def test_malformed(self):
        for text, told in (
                (GOOD.replace("get", "gett"), ':3:24: found the word "gett", expected get, put, delete or append; did '
                                              'you mean "get"?'),
                (GOOD.replace("return", "retrun", 1), ':2:17: found the field "retrun", expected'),
                (GOOD + GOOD.splitlines()[1], ":5:1: found an answer to process c1, expected a call of it first"),
                (GOOD.splitlines()[0] + "\n" + GOOD, ":2:1: found a second call of process c1"),
                (GOOD[:-20], ":4:"),
                ('{"at":2,"mark":"a"}\n{"at":1,"mark":"a"}\n', ":2:7: found the time 1 after 2"),
                ("", ": found nothing, expected a history"),
                ("hello\n", ':1:1: found the line "hello", expected a history'),
                (b"\x00\xff" * 1000, ":1:1: found")):
            path = self.file("bad.jsonl", text)
            self.assertTrue(self.refused(path).startswith(path + told), self.refused(path))

    def test_others_are_judged_beside_one_that_is_none(self):
        done = self.check(self.file("bad", "hello"), self.file("good.jsonl", GOOD))
        self.assertEqual(done.returncode, 3)
        self.assertIn("holds", done.stdout)
        self.assertIn("\n2 histories: 1 hold, 1 not judged\n", done.stdout)

    def test_files_that_cannot_be_read(self):
        self.assertIn("No such file", self.refused(self.path("none")))
        self.assertIn("cannot be read", self.refused(self.place.name))

    def test_options(self):
        good = self.file("good.jsonl", GOOD)
        self.assertIn('did you mean "jepsen"', self.refused("--format-in", "jepson", good))
        self.assertIn('did you mean "--witness"', self.refused("--witnes", good))
        self.assertIn("from 1 to", self.refused("--steps", "0", good))
        self.assertIn("one history at a time", self.check("--picture", self.path("p"), good, good).stderr)
        self.assertIn("HISTORY", self.check("--help").stdout)

    # ---- Files

    def test_compressed_and_standard_input(self):
        packed = gzip.compress(STALE[:100].encode()) + gzip.compress(STALE[100:].encode())
        plain = self.check(self.file("s", STALE)).stdout
        self.assertEqual(self.check(self.file("s", packed)).stdout, plain)
        piped = self.check("-", input=STALE).stdout
        self.assertEqual(piped, plain.replace(self.path("s"), "standard input"))
        self.assertIn("is cut short", self.refused(self.file("s", packed[:-20])))
        self.assertIn("is damaged", self.refused(self.file("s", packed[:15] + b"\xff" * 20 + packed[35:])))

    def interrupt(self, *arguments):
        """Standard output of `check`, of a file that does not end, interrupted."""
        process = subprocess.Popen([PROGRAM, "check", *arguments, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        process.stdin.write(GOOD)
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while "SigCgt" in (status := pathlib.Path(f"/proc/{process.pid}/status").read_text()):
            caught = int(status.split("SigCgt:")[1].split()[0], 16)
            if caught >> (signal.SIGINT - 1) & 1:
                break
            self.assertLess(time.monotonic(), deadline)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 2)  # while its input goes on
        return process.communicate()[0]

    def test_interrupted(self):
        self.assertIn("interrupted", self.interrupt())

    def test_interrupted_while_it_follows(self):
        self.assertRegex(self.interrupt("--follow"), "interrupted .*: judged up to line [0-9]+")

    # ---- Formats of output

    def test_json(self):
        schema = json.loads((ROOT / "reports/check.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        good, stale = self.file("good.jsonl", GOOD), self.file("stale.jsonl", STALE)
        hard = self.file("hard.jsonl", HARD)
        for arguments in ((good,), (good, stale), ("--witness", good), ("--follow", stale),
                          ("--steps", "3", "--engine", "frontier", hard),
                          (HISTORIES + "etcd_000.log", HISTORIES + "c10-bad.txt"), (good, self.file("bad", "hello"))):
            done = self.check("--format", "json", *arguments)
            document = json.loads(done.stdout)
            jsonschema.validate(document, schema)
            self.assertEqual(document["exit_code"], done.returncode)

    def test_json_has_keys_values_and_names_whole(self):
        schema = json.loads((ROOT / "reports/check.schema.json").read_text())
        name, value = "c" * 200, "v" * 200
        stale = STALE.replace('"c1"', f'"{name}"').replace('"2"', f'"{value}"').replace('"x"', '{"hex":"ff00"}')
        history = self.file("stale.jsonl", stale + STALE)
        document = json.loads(self.check("--format", "json", history).stdout)
        jsonschema.validate(document, schema)
        told = document["histories"][0]
        self.assertEqual(told["keys_violated"], 2)
        self.assertEqual(told["reason"]["key"], {"hex": "ff00"})
        self.assertIn(name, [one["process"] for one in told["reason"]["operations"]])
        self.assertIn(f"put 0xff00={value}", [one["what"] for one in told["reason"]["operations"]])
        self.assertEqual(told["reason"]["states"], [value])
        self.assertIn(" on 2 keys (2 violated, the earliest is told) by ", self.check(history).stdout)

    def test_picture(self):
        page = self.path("why.html")
        self.assertEqual(self.check(self.file("good.jsonl", GOOD), "--picture", page).returncode, 0)
        self.assertFalse(pathlib.Path(page).exists())
        self.assertEqual(self.check(HISTORIES + "c10-bad.txt", "--picture", page).returncode, 1)
        content = pathlib.Path(page).read_text()
        self.assertIn("<svg", content)
        self.assertLessEqual(len(content.encode()), 100_000)
        self.assertEqual(self.check(self.file("good.jsonl", GOOD), "--picture", page).returncode, 0)
        self.assertEqual(pathlib.Path(page).read_text(), content)  # the picture of another is left alone

    def test_a_picture_that_cannot_be_written_is_told_before_anything_is_judged(self):
        for file, told in ((self.path("no/where"), "No such file"), (self.place.name, "Is a directory"),
                           ("-", "standard output is for the report")):
            refusal = self.refused(HISTORIES + "c10-bad.txt", "--picture", file)
            self.assertIn(f"smalldb-sim check: cannot write the picture to {file}: {told}", refusal)

    def test_a_picture_is_not_written_over_its_history(self):
        history = self.file("good.jsonl", GOOD)
        self.assertIn("the command reads it", self.refused(history, "--picture", history))
        self.assertEqual(pathlib.Path(history).read_text(), GOOD)

    # ---- Runs of our own

    def test_a_run_judged_by_its_history_is_judged_as_it_was(self):
        history = self.path("run.jsonl")
        violated = 0
        for scenario in ("split_brain", "split_brain_without_arbiter", "without_exactly_once", "primary_dies"):
            run = self.start(f"scenarios/{scenario}.yaml", "--format", "json", "--history", history)
            verdicts = {v["property"]: v["conclusion"] for v in json.loads(run.stdout)["runs"][0]["verdicts"]}
            done = self.check(history)
            self.assertEqual(done.stdout.split()[0], verdicts["linearizability"], scenario + done.stdout)
            violated += done.returncode
        self.assertGreater(violated, 0)

    def test_a_run_that_is_not_linearizable_says_why(self):
        done = self.start("scenarios/split_brain_without_arbiter.yaml")
        told = done.stdout[done.stdout.index("Why no order explains the answers"):]
        self.assertRegex(told, r"well\s+until here")
        self.assertIn("nothing passes", told)  # the fault that overlaps
        self.assertNotIn("Why no order", self.start("scenarios/split_brain.yaml").stdout)
        document = json.loads(self.start("scenarios/split_brain_without_arbiter.yaml", "--format", "json").stdout)
        run, check = (json.loads((ROOT / f"reports/{name}.schema.json").read_text()) for name in ("report", "check"))
        jsonschema.validate(document, run)
        self.assertTrue(document["runs"][0]["reason"]["marks"])
        for part in ("reason", "operation", "mark", "data", "instant", "engine"):
            self.assertEqual(run["definitions"][part], check["definitions"][part])

    def test_a_history_of_a_run_is_in_the_format(self):
        schema = json.loads((ROOT / "properties/checker/formats/history.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        history = self.path("run.jsonl")
        self.start("scenarios/split_brain.yaml", "--quiet", "--history", history)
        for line in pathlib.Path(history).read_text().splitlines():
            validator.validate(json.loads(line))
        self.assertIn("--history is for one run at a time", self.start("run", "a", "b", "--history", history).stderr)

    def test_the_schema_and_the_reader_agree(self):
        schema = json.loads((ROOT / "properties/checker/formats/history.schema.json").read_text())
        validator = jsonschema.Draft7Validator(schema)
        call = '{"process":"a","call":"put","key":"x","value":"1","if_revision":4}'
        get = '{"process":"a","call":"get","key":"x"}'
        for first, line, good in (
                (None, get, True), (None, call, True), (call, '{"process":"a","return":"mismatched"}', True),
                (call, '{"process":"a","return":"mismatched","value":null,"revision":3}', True),
                (None, call.replace("4", '"any"'), True), (None, call.replace("4", '"some"'), False),
                (None, call.replace('"if_rev', '"if_value":null,"if_rev'), False),
                (None, get.replace("}", ',"value":"1"}'), False), (None, get.replace("}", ',"if_value":"1"}'), False),
                (None, call.replace('"value":"1",', ""), False), (None, call.replace('"1"', "null"), False),
                (None, call.replace('"1"', "1"), False), (None, call.replace('"1"', '{"hex":"0aFF"}'), True),
                (None, call.replace('"1"', '{"hex":"0aF"}'), False), (None, call.replace('"key":"x",', ""), False),
                (get, '{"process":"a","return":"ok","value":"1"}', True), (get, '{"process":"a","return":"no"}', False),
                (get, '{"process":"a","return":"unknown"}', True), (get, '{"return":"unknown"}', False),
                (get, '{"process":"a","return":"failed","revision":3}', False), (get, '{"mark":"m"}', True),
                (get, '{"mark":"m","begins":"n"}', False), (get, '{"begins":"m","process":"a"}', False)):
            text = "".join(part + "\n" for part in (first, line) if part)
            with self.subTest(line):
                self.assertEqual(validator.is_valid(json.loads(line)), good)
                self.assertEqual(self.check(self.file("h", text)).returncode != 3, good)


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv.pop()).resolve()
    PROGRAM = str(pathlib.Path(sys.argv.pop()).resolve())
    unittest.main()

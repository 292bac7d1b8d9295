"""Tries smalldb-sim as a user meets it: exit codes, errors, formats, streams.

    cli_test.py PROGRAM ROOT
"""
import fcntl
import html.parser
import json
import os
import pathlib
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import jsonschema

PROGRAM = "smalldb-sim"
ROOT = pathlib.Path(".")

GOOD = """
why: One write and one read.
workload:
  - {clients: c1, script: [put x=17, get x]}
expect: {values: {x: 17}}
"""
IDLE = """
why: Nobody asks.
end: {until: 1s}
"""
WRONG = """
why: Expects what does not happen.
workload:
  - {clients: c1, script: [put x=17]}
expect: {values: {x: 18}}
"""
ENDLESS = """
why: Goes on until somebody stops it.
workload:
  - {clients: c1, generate: {count: 1000000000}}
end: {until: 900 days, limit: 1000 days}
"""
STALE = """
why: Its fault waits for what does not happen.
workload:
  - {clients: c1, script: [put x=17]}
faults: [{crash: a, when: b goes live, may_miss: yes}]
"""
CUT_SHORT = """
why: Reaches its limit before its end.
workload:
  - {clients: c1, generate: {count: 1000000}}
end: {limit: 2s}
"""


class Cli(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)

    def file(self, name, text):
        path = pathlib.Path(self.place.name, name)
        path.write_text(text)
        return str(path)

    def start(self, *arguments, **environment):
        return subprocess.run([PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
                              env={"PATH": os.environ["PATH"], **environment})

    def refused(self, *arguments):
        """One or more lines on standard error, none of them a surprise, and exit code 3."""
        done = self.start(*arguments)
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        self.assertTrue(done.stderr.endswith("\n") and "terminate" not in done.stderr, done.stderr)
        return done.stderr

    # ---- Runs

    def test_as_expected(self):
        done = self.start(self.file("good.yaml", GOOD))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for part in ("good, seed 1", "One write and one read.", "what happened", "c1 get x: 17", "Properties",
                     "x is 17", "Result    as expected"):
            self.assertIn(part, done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_not_as_expected(self):
        done = self.start(self.file("wrong.yaml", WRONG))
        self.assertEqual(done.returncode, 1)
        self.assertIn("it is 17", done.stdout)

    def test_unknown(self):
        done = self.start(self.file("short.yaml", CUT_SHORT))
        self.assertEqual(done.returncode, 2)
        self.assertIn("Result    unknown", done.stdout)

    def test_a_story_tells_what_the_witnesses_of_its_violations_name(self):
        for name in ("without_exactly_once", "without_drain_before_live", "split_brain_without_arbiter"):
            done = self.start(f"scenarios/{name}.yaml", "--format", "json")
            told, = json.loads(done.stdout)["runs"]
            named = {event for verdict in told["verdicts"] if verdict["conclusion"] == "violated"
                     for event in verdict.get("events", ())}
            self.assertTrue(named, name)
            self.assertLessEqual(named, {line["event"] for line in told["story"]["lines"] if "named" in line}, name)
        twice = self.start("scenarios/without_exactly_once.yaml").stdout
        request = re.search(r"(request \d+ of session \d+)\) was executed twice", " ".join(twice.split()))[1]
        self.assertRegex(twice, rf"(?s) -> \w: [^\n]*{request}\), again\n.* writes [^\n]*{request}\)")

    def test_several_scenarios_exit_with_the_worst(self):
        good, wrong, short = self.file("g.yaml", GOOD), self.file("w.yaml", WRONG), self.file("s.yaml", CUT_SHORT)
        done = self.start("--quiet", good, wrong, short)
        self.assertEqual(done.returncode, 1)
        self.assertIn("3 scenarios: 1 as expected, 1 not as expected, 1 unknown", done.stdout)
        self.assertEqual(self.start("-q", good, short).returncode, 2)
        self.assertEqual(self.start("run", "-q", good, good).returncode, 0)

    def test_a_stale_scenario_says_so_and_fails_only_where_that_is_wished_for(self):
        good, stale = self.file("good.yaml", GOOD), self.file("stale.yaml", STALE)
        done = self.start(stale)
        self.assertEqual(done.returncode, 0)
        self.assertIn("Result    as expected\nStale     its only fault took no effect, so this run shows", done.stdout)
        done = self.start("--quiet", good, stale)
        self.assertEqual(done.returncode, 0)
        self.assertIn("\n                 stale: its only fault took no effect\n", done.stdout)
        self.assertTrue(done.stdout.endswith("\n2 scenarios: 2 as expected; 1 stale\n"), done.stdout)
        strict = self.start(good, stale, "--fail-if-stale", "--format", "json")
        document = json.loads(strict.stdout)
        self.assertEqual([(run["exit_code"], run["outcome"], run["stale"]) for run in document["runs"]],
                         [(0, "as expected", False), (1, "not as expected", True)])
        self.assertEqual((strict.returncode, document["exit_code"]), (1, 1))
        self.assertEqual(self.start(good, "--quiet", "--fail-if-stale").returncode, 0)

    def test_a_scenario_may_come_through_a_pipe(self):
        fed = subprocess.run([PROGRAM, "-", "--seed", "7"], cwd=ROOT, input=GOOD, capture_output=True, text=True,
                             check=False, timeout=300)
        self.assertEqual((fed.returncode, fed.stderr), (0, ""))
        self.assertIn("standard input, seed 7 (-)", fed.stdout)
        broken = subprocess.run([PROGRAM, "validate", "-"], cwd=ROOT, input="why: [1\n", capture_output=True, text=True,
                                check=False, timeout=300)
        self.assertEqual(broken.returncode, 3)
        self.assertIn("standard input:", broken.stderr)
        good = shlex.quote(self.file("good.yaml", GOOD))
        for rest in ("--quiet <(cat {})", "fuzz <(cat {}) --seeds 1..2", "validate <(cat {})"):
            done = subprocess.run(["bash", "-c", f"{shlex.quote(PROGRAM)} {rest.format(good)}"], cwd=ROOT,
                                  capture_output=True, text=True, check=False, timeout=300)
            self.assertEqual((done.returncode, done.stderr), (0, ""), rest)

    def test_what_was_not_tried_is_said(self):
        done = self.start(self.file("idle.yaml", IDLE))
        self.assertIn("no operation answered: what clients are promised was not tried", done.stdout)
        self.assertIn(", no operation answered, trace", self.start("-q", self.file("idle.yaml", IDLE)).stdout)
        self.assertNotIn("no operation", self.start(self.file("good.yaml", GOOD)).stdout)

    def test_the_command_it_names_shows_the_run_again(self):
        first = self.start(self.file("it's good.yaml", GOOD), "--seed", "42")
        again = re.search(r"^Again     (.*)$", first.stdout, re.M).group(1)
        self.assertIn("--seed 42", again)
        second = subprocess.run(["/bin/sh", "-c", again], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(first.stdout, second.stdout)

    def test_another_seed_is_another_run(self):
        good = self.file("good.yaml", GOOD)
        hashes = {re.search(r"^Trace     (\w+)$", self.start(good, "--seed", str(seed)).stdout, re.M).group(1)
                  for seed in (1, 2, 2)}
        self.assertEqual(len(hashes), 2)

    def test_a_range_of_seeds_is_a_run_with_each(self):
        good, wrong = self.file("good.yaml", GOOD), self.file("wrong.yaml", WRONG)
        done = self.start("--quiet", good, wrong, "--seed", "3..5")
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        told = re.findall(r"^(as expected|not as expected) +(\S+), seed (\d+): ", done.stdout, re.M)
        self.assertEqual(told, [("as expected", good, seed) for seed in "345"] +
                         [("not as expected", wrong, seed) for seed in "345"])
        self.assertEqual(lines[-1], "6 runs: 3 as expected, 3 not as expected")
        # Each is the run that its seed alone stands for.
        self.assertIn(self.start("--quiet", good, "--seed", "4").stdout, done.stdout)
        self.assertEqual(len(json.loads(self.start("--format", "json", good, "--seed", "1..3").stdout)["runs"]), 3)
        self.assertIn("one run at a time", self.refused(good, "--seed", "1..2", "--trace", "t"))
        for seeds in ("5..3", "1..", "..", "1..x", "1...5", "word"):
            self.assertIn("a whole number, or a range", self.refused(good, "--seed", seeds))

    def test_stories(self):
        good = self.file("good.yaml", GOOD)
        told = {much: self.start(good, "--story", much).stdout for much in ("none", "short", "operations", "full")}
        self.assertNotIn("what happened", told["none"])
        self.assertNotIn("c1 asks", told["short"])
        self.assertIn("c1 asks: put x=17", told["operations"])
        self.assertIn("a -> b: record", told["full"])

    def test_a_run_is_the_same_whoever_looks(self):
        good = self.file("good.yaml", GOOD)
        runs = [self.start(good, *wish) for wish in ((), ("--story", "full"), ("--quiet",),
                                                     ("--trace", self.file("t", "")))]
        hashes = {re.search(r"[Tt]race +([0-9a-f]{16})$", run.stdout, re.M).group(1) for run in runs}
        self.assertEqual(len(hashes), 1)

    # ---- Formats

    def test_json(self):
        schema = json.loads((ROOT / "reports/report.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        good, wrong = self.file("good.yaml", GOOD), self.file("wrong.yaml", WRONG)
        for arguments in ((good,), (good, wrong), (good, "--quiet"), (wrong, "--story", "full"),
                          (self.file("short.yaml", CUT_SHORT),),
                          ("scenarios/split_brain.yaml", "scenarios/split_brain_without_arbiter.yaml")):
            done = self.start("--format", "json", *arguments)
            document = json.loads(done.stdout)
            jsonschema.validate(document, schema)
            self.assertEqual(document["exit_code"], done.returncode)
            self.assertEqual(len(document["runs"]), sum(word.endswith(".yaml") for word in arguments))

    def test_what_no_order_explains_is_what_the_verdict_tells_of(self):
        done = self.start("--format", "json", "scenarios/split_brain_without_arbiter.yaml")
        run = json.loads(done.stdout)["runs"][0]
        witness = next(one["witness"] for one in run["verdicts"] if one["property"] == "linearizability")
        self.assertRegex(witness, rf" for (get|put|delete) {run['reason']['key']}\b")

    def test_problems_as_json(self):
        schema = json.loads((ROOT / "reports/report.schema.json").read_text())
        bad = self.file("bad.yaml", GOOD.replace("workload", "worklod"))
        for command in ((), ("validate",)):
            done = self.start(*command, bad, "--format", "json")
            document = json.loads(done.stdout)
            jsonschema.validate(document, schema)
            self.assertEqual((done.returncode, document["exit_code"], document["runs"]), (3, 3, []))
            self.assertEqual(document["problems"][0]["nearest"], "workload")
            self.assertIn(f'{bad}:{document["problems"][0]["line"]}:', done.stderr)
        good = json.loads(self.start("validate", self.file("good.yaml", GOOD), "--format", "json").stdout)
        jsonschema.validate(good, schema)
        self.assertEqual((good["exit_code"], good["problems"]), (0, []))

    def test_the_schema_of_reports_is_strict(self):
        schema = json.loads((ROOT / "reports/report.schema.json").read_text())
        document = json.loads(self.start("--format", "json", self.file("good.yaml", GOOD)).stdout)
        document["runs"][0]["verdicts"][0]["conclusion"] = "probably"
        self.assertRaises(jsonschema.ValidationError, jsonschema.validate, document, schema)
        del document["runs"][0]["verdicts"]
        self.assertRaises(jsonschema.ValidationError, jsonschema.validate, document, schema)

    def test_a_picture_is_a_page_that_stands_by_itself(self):
        page = pathlib.Path(self.place.name, "run.html")
        done = self.start(self.file("wrong.yaml", WRONG), "-q", "--picture", str(page))
        self.assertEqual(done.returncode, 1, done.stderr)
        text = page.read_text()
        html.parser.HTMLParser().feed(text)
        self.assertTrue(text.endswith("</body></html>\n"))
        for shown in ("<h1>wrong</h1>", "c1: put x=17: ok", "not as expected", "--seed 1", "script: [put x=17]"):
            self.assertIn(shown, text)
        good = self.file("good.yaml", GOOD)
        self.assertIn("one run at a time", self.refused(good, "--seed", "1..2", "--picture", str(page)))
        self.refused(good, "--picture", os.path.join(self.place.name, "no", "such", "folder"))
        self.assertEqual(self.start(good, "--picture", "/dev/full").returncode, 4)

    def test_trace(self):
        trace = pathlib.Path(self.place.name, "trace.jsonl")
        done = self.start(self.file("good.yaml", GOOD), "--trace", str(trace))
        self.assertEqual(done.returncode, 0)
        events = [json.loads(line) for line in trace.read_text().splitlines()]
        self.assertEqual([event["index"] for event in events], list(range(len(events))))
        self.assertIn(f"{len(events):,} events", done.stdout)
        self.assertIn("17", [event.get("operation", {}).get("value") for event in events])

    def test_colour_is_for_terminals(self):
        good = self.file("good.yaml", GOOD)
        self.assertIn("\x1b[", self.on_a_terminal(good, TERM="xterm"))
        self.assertNotIn("\x1b[", self.on_a_terminal(good, TERM="xterm", NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.on_a_terminal(good, TERM="dumb"))
        self.assertIn("\x1b[", self.start(good, "--color", "always").stdout)

    def test_lines_fit_the_terminal(self):
        faulty = self.file("faulty.yaml", GOOD + "faults: [{crash: b, at: 1s, for: 1s}]\n")
        widths = {}
        for columns in (0, 30, 80, 200):
            told = self.on_a_terminal(faulty, columns=columns, TERM="dumb").replace("\r", "")
            prose = told.replace(faulty, "FILE")  # what is no prose is not torn
            widths[columns] = max(len(line) for line in prose.splitlines() if not line.startswith("Again"))
            # The same words, whatever fits into a line.
            self.assertEqual(told.split(), self.start(faulty).stdout.split())
        self.assertLessEqual(widths[80], 80)
        self.assertLess(80, widths[0])
        self.assertEqual(widths[0], widths[200])

    def on_a_terminal(self, *arguments, columns=0, **environment):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen([PROGRAM, *arguments], cwd=ROOT, stdout=theirs, env=environment) as process:
            os.close(theirs)
            text = b""
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
                if not piece:
                    break
                text += piece
            process.wait()
        os.close(ours)
        return text.decode()

    # ---- Trouble

    def test_ctrl_c_ends_with_a_partial_report(self):
        endless = self.file("endless.yaml", ENDLESS)
        for number in (signal.SIGINT, signal.SIGTERM):
            trace = pathlib.Path(self.place.name, f"trace-{number}")
            with subprocess.Popen([PROGRAM, endless, "--trace", str(trace)], cwd=ROOT, stdout=subprocess.PIPE,
                                  text=True) as process:
                while not trace.exists() or trace.stat().st_size < 100_000:
                    time.sleep(0.01)
                    self.assertIsNone(process.poll())
                process.send_signal(number)
                report = process.communicate(timeout=60)[0]
            self.assertEqual(process.returncode, 2)
            self.assertIn("Interrupted: this report is partial.", report)
            json.loads(trace.read_text().splitlines()[-1])  # whole lines

    def test_text_of_a_stranger_says_nothing_to_the_terminal(self):
        words = self.file("c\x1b[31m\u009b\u202e.yaml", 'why: "a \\u202e b \\u009b31m"\nname: "x\\u202ey"\n'
                          'workload: [{script: ["put k\\u009b31m=\\u009b31mred"]}]\n'
                          'expect: {values: {"\\u009b1m": absent}}\n')
        keys = self.file("\x1b[2J.yaml", 'why: x\n"fau\\u009b2Jlty": 1\n"\\u202eabc": 2\n')
        nowhere = str(pathlib.Path(self.place.name, "no\x1b[31m.yaml"))
        told = ""
        for arguments in ([words], [words, "--quiet"], ["validate", words], [keys], [nowhere], ["fuzz", nowhere],
                          ["check", nowhere], ["check", words], ["run", "--\x1b[31m"], ["--seed", "\u202e1", words],
                          ["replay", nowhere], [words, "--trace", nowhere + "/x"], ["\u202ecommand"]):
            run = self.start(*arguments)
            self.assertNotRegex(run.stdout + run.stderr,
                                "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]", arguments)
            told += run.stdout + run.stderr
        for shown in ("k\\u009b31m", "x\\u202ey", "a \\u202e b", "no\\x1b[31m.yaml", "c\\x1b[31m", "fau\\u009b2Jlty"):
            self.assertIn(shown, told)
        # What is told to be typed can be.
        again = re.search(r"(?m)^Again +\S+ (.*) --seed", self.start(words).stdout).group(1)
        typed = subprocess.run(["bash", "-c", "printf %s " + again], capture_output=True, check=True).stdout
        self.assertEqual(typed, words.encode())

    def test_bad_files(self):
        self.assertIn("no_such.yaml", self.refused("scenarios/no_such.yaml"))
        self.assertIn(self.place.name, self.refused(self.place.name))
        self.assertIn("empty.yaml", self.refused(self.file("empty.yaml", "")))
        huge = pathlib.Path(self.place.name, "huge.yaml")
        with huge.open("wb") as out:
            out.truncate(100 * 1024 * 1024)
        self.assertIn("huge.yaml", self.refused(str(huge)))
        self.assertIn("cyclic.yaml", self.refused(self.file("cyclic.yaml", "a: &x [*x]\n")))
        self.assertIn("broken.yaml:", self.refused(self.file("broken.yaml", "a: [1, 2\n")))
        self.assertIn('did you mean "scenarios/split_brain.yaml"?', self.refused("scenarios/split_brian.yaml"))
        latin = pathlib.Path(self.place.name, "latin.yaml")
        latin.write_bytes(b"why: caf\xe9\n")
        self.assertIn("latin.yaml:1:9: found the byte 0xe9", self.refused(str(latin)))

    def test_a_file_may_be_called_anything(self):
        strange = os.path.join(os.fsencode(self.place.name), b"caf\xe9\x1b[31m.yaml")
        with open(strange, "w", encoding="utf-8") as out:
            out.write(GOOD)
        for wish in ("--format=json", "--story=full"):
            done = subprocess.run([PROGRAM, strange, wish], capture_output=True, check=False, timeout=300)
            self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_every_problem_of_every_file_is_told_and_nothing_run(self):
        one = self.file("one.yaml", "why: x\nsed: 1\nworkloads: []\n")
        two = self.file("two.yaml", "why: x\nseed: -5\n")
        said = self.refused(self.file("good.yaml", GOOD), one, two)
        self.assertIn('one.yaml:2:1: ', said)
        self.assertIn('did you mean "seed"?', said)
        self.assertIn('one.yaml:3:1: ', said)
        self.assertIn('two.yaml:2:', said)

    def test_bad_command_lines(self):
        good = self.file("good.yaml", GOOD)
        self.assertIn('did you mean "--seed"?', self.refused(good, "--sead", "3"))
        self.assertIn('did you mean "--quiet"?', self.refused(good, "--quite"))
        self.assertIn('did you mean "properties"?', self.refused("propertys"))
        self.assertIn("neither a command nor a file", self.refused("frobnicate"))
        for wrong in ("-1", "x", "1.5", "99999999999999999999999", ""):
            self.refused(good, "--seed", wrong)
        self.assertIn('"xml" is not text or json', self.refused(good, "--format", "xml"))
        self.assertIn('did you mean "operations"?', self.refused(good, "--story", "operation"))
        self.assertIn("--story needs a value", self.refused(good, "--story"))
        twice = self.refused(good, "--seed", "1", "--seed", "2")
        self.assertIn("--seed stands there more than once", twice)
        self.refused("run")
        self.refused("faults", "crash")
        self.refused(good, good, "--trace", os.path.join(self.place.name, "t"))
        self.refused(good, "--trace", os.path.join(self.place.name, "no", "such", "folder"))
        self.assertIn("standard output is for the report", self.refused(good, "--trace", "-"))

    def test_no_file_is_written_over_what_is_read_or_over_another(self):
        good, both = self.file("good.yaml", GOOD), os.path.join(self.place.name, "both")
        link = os.path.join(self.place.name, "link")
        os.symlink(good, link)
        for same in (good, link):
            told = self.refused(good, "--trace", same)
            self.assertIn(f"cannot write the trace to {same}: the command reads it", told)
        self.assertEqual(pathlib.Path(good).read_text(encoding="utf-8"), GOOD)
        self.assertIn(f"cannot write the history to {both}: the trace goes there",
                      self.refused(good, "--trace", both, "--history", both))
        self.assertIn("the command reads it", self.refused("replay", good, "--save", good))
        wrong = self.file("wrong.yaml", WRONG)
        self.assertIn("the command reads it", self.refused("shrink", wrong, "-o", wrong))
        self.assertEqual(self.start(good, "--trace", "/dev/null", "--history", "/dev/null").returncode, 0)

    def test_no_arguments_explain_themselves(self):
        self.assertIn("Commands:", self.refused())

    def test_a_full_disk_is_not_success(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, self.file("good.yaml", GOOD)], cwd=ROOT, stdout=full, check=False,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 4)
        self.assertIn("standard output", done.stderr)
        self.assertEqual(self.start(self.file("good.yaml", GOOD), "--trace", "/dev/full").returncode, 4)

    # ---- Commands

    def test_validate(self):
        good = self.file("good.yaml", GOOD)
        self.assertEqual(self.start("validate", good, good).stdout, f"{good}: good\n{good}: good\n")
        self.assertIn("bad.yaml:1:1", self.refused("validate", good, self.file("bad.yaml", "what: 1\n")))

    def test_help_and_version(self):
        overview = self.start("--help")
        self.assertEqual((overview.returncode, overview.stderr), (0, ""))
        commands = re.findall(r"^  (\w+)  ", overview.stdout.split("Commands:")[1].split("\n\n")[0], re.M)
        self.assertGreater(len(commands), 3)
        narrow = self.on_a_terminal("--help", columns=80, TERM="dumb").replace("\r", "").splitlines()
        self.assertLessEqual(max(map(len, narrow)), 80)
        for command in commands:
            done = self.start(command, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
            self.assertTrue(all(len(line) <= 120 for line in done.stdout.splitlines()), done.stdout)
            self.assertEqual(self.start("help", command).stdout, done.stdout)
            codes = re.findall(r"(?m)^  (\d)  \S", done.stdout.split("\nExit codes:\n")[1])
            self.assertTrue(codes[0] == "0" and codes[-2:] == ["3", "4"], done.stdout)
        codes = self.start("fuzz", "--help").stdout.split("\nExit codes:\n")[1]
        self.assertEqual(re.findall(r"(?m)^  (\d)  \S", codes), list("01234"))
        self.assertIn("Usage: smalldb-sim diff [options] A B\n", self.start("diff", "--help").stdout)
        self.assertRegex(self.start("--version").stdout, r"^smalldb-sim \d+\.\d+\.\d+( \(commit .*\))?\n$")

    def test_lists(self):
        for command, one in (("properties", "output_rule"), ("conditions", "output_held"),
                             ("faults", "misdirected_write"), ("occurrences", "goes live")):
            done = self.start(command)
            self.assertEqual(done.returncode, 0)
            self.assertIn(one, done.stdout)


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv.pop()).resolve()
    PROGRAM = str(pathlib.Path(sys.argv.pop()).resolve())
    unittest.main()

"""Tries fuzz, replay, shrink and diff as a user meets them.

    fuzz_test.py PROGRAM ROOT
"""
import json
import os
import pathlib
import re
import resource
import shlex
import signal
import subprocess
import time
import xml.etree.ElementTree

import jsonschema

import campaigns
from campaigns import BROKEN, again, is_sanitized, result_line


class Fuzz(campaigns.Campaigns):
    def find(self, name, *arguments):
        """A campaign that finds something: its result, and the capsules and shrunk scenarios by name."""
        broken = self.file("broken.yaml", BROKEN)
        run = self.start("fuzz", broken, "--seeds", "1..60", "--budget", "survivable", "--out", self.path(name),
                         "--format", "json", *arguments)
        return run, sorted(pathlib.Path(self.path(name)).iterdir())

    @classmethod
    def setUpClass(cls):
        """What such a campaign leaves, for the tests that only read it."""
        campaign = cls()
        campaign.setUp()
        cls.addClassCleanup(campaign.doCleanups)
        cls.junit = campaign.path("junit.xml")
        cls.found, cls.files = campaign.find("findings", "--junit", cls.junit)

    # ---- fuzz

    def test_a_store_that_keeps_its_rules_passes_and_it_is_told_what_was_exercised(self):
        run = self.start("fuzz", "--seeds", "1..200", "--jobs", "2", "--out", self.path("findings"))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        for heading in ("Sometimes:", "Faults:", "Drawn:", "Result    nothing found"):
            self.assertIn(heading, run.stdout)
        self.assertRegex(run.stdout, r"(?m)^power_failure +\d+ +\d+")
        self.assertEqual(run.stderr, "", "a progress line in a pipe")
        self.assertFalse(os.path.exists(self.path("findings")), "a directory for findings without a finding")

    @again
    def test_a_story_is_told_again_in_other_settings_and_nothing_of_it_is_left_out(self):
        story = "scenarios/split_brain.yaml"
        # What it expects to be seen was said of one run; a store that keeps its rules fails in none of the others.
        run = self.start("fuzz", story, "--seeds", "1..24", "--out", "")
        self.assertEqual(run.returncode, 0, run.stdout)
        drawn = set()
        for seed in range(1, 7):
            saved = self.path("saved.yaml")
            self.start("replay", "--seed", str(seed), "--template", story, "--quiet", "--save", saved)
            text = pathlib.Path(saved).read_text()
            self.assertIn("label: split", text)
            self.assertIn("count: 200", text)
            drawn.add(re.search(r"(?ms)^  store: *(.*?)^\w", text).group(1))
        self.assertGreater(len(drawn), 3)

    def test_what_may_be_violated_in_a_story_may_be_so_whatever_is_drawn(self):
        lies = self.start("fuzz", "scenarios/writes_that_go_astray.yaml", "--seeds", "1..12", "--out", "")
        self.assertEqual(lies.returncode, 0, lies.stdout)

    @again
    def test_what_is_found_does_not_depend_on_the_number_of_jobs(self):
        one, _ = self.find("one", "--jobs", "1")
        four, _ = self.find("four", "--jobs", "4")
        self.assertEqual(one.returncode, 1, one.stderr)
        one, four = (re.sub(r'"milliseconds": \d+| in [\d.]+ s"', "", run.stdout).replace(self.path(name), "DIR")
                     for run, name in ((one, "one"), (four, "four")))
        self.assertEqual(one, four)

    def test_a_finding_is_kept_as_a_capsule_and_as_a_small_scenario(self):
        findings = json.loads(self.found.stdout)["findings"]
        self.assertTrue(findings)
        self.assertEqual({path.suffix for path in self.files}, {".capsule", ".yaml"})
        small = findings[0]["shrunk"]
        again = self.start(small, "--quiet")
        self.assertEqual(again.returncode, 1, again.stdout)
        self.assertIn(findings[0]["property"], again.stdout)
        lines = pathlib.Path(small).read_text().splitlines()
        self.assertLess(len(lines), 40, lines)

    def test_the_report_for_ci_servers_names_what_failed(self):
        suite = xml.etree.ElementTree.parse(self.junit).getroot()
        self.assertEqual(suite.tag, "testsuite")
        self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
        self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
        findings = [finding for finding in json.loads(self.found.stdout)["findings"] if finding["certain"]]
        failed = {(case.get("classname"), case.get("name")) for case in suite.findall("testcase")
                  if case.find("failure") is not None}
        properties = self.start("properties").stdout
        for finding in findings:
            name = finding["property"] + (": " + finding["shape"] if finding["shape"] else "")
            self.assertIn(("fuzz.finding", name), failed)
            if finding["property"] in properties:
                self.assertIn(("fuzz", finding["property"]), failed)

    def test_a_campaign_that_exercises_too_little_fails_if_asked_to(self):
        run = self.start("fuzz", "--seeds", "1..3", "--require-coverage")
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("Never exercised, which fails this campaign", run.stdout)

    def test_a_campaign_ends_in_time_and_a_word_is_a_seed(self):
        began = time.monotonic()
        run = self.start("fuzz", "--seeds", "0a1b2c3d", "--time", "500ms", "--out", self.path("findings"))
        self.assertIn(run.returncode, (0, 2), run.stdout)
        self.assertLess(time.monotonic() - began, 60)

    def test_a_run_that_comes_to_no_end_in_so_many_events_is_a_finding_that_can_be_replayed(self):
        run = self.start("fuzz", "--seeds", "1..20", "--budget", "survivable", "--events", "300",
                         "--out", self.path("findings"), "--no-shrink", "--format", "json")
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        report = json.loads(run.stdout)
        self.assertEqual(report["tally"]["runs"], 20)
        hangs = [finding for finding in report["findings"] if finding["property"] == "hang"]
        self.assertEqual(len(hangs), 1, report["findings"])
        self.assertEqual(hangs[0]["count"], 20)
        again = self.start("replay", hangs[0]["capsule"], "--quiet")
        self.assertIn("the same failure, and the same trace", again.stdout)
        self.assertEqual(again.returncode, 1, "a hang is a failure")
        self.assertRegex(again.stdout, r"^not as expected ")
        small = self.start("shrink", hangs[0]["capsule"])
        self.assertEqual((small.returncode, small.stdout), (3, ""), small.stderr)
        self.assertIn("is not shrunk: it came to no end in 300 events, a bound that a campaign is given", small.stderr)
        run = self.start("fuzz", "--seeds", "1..2", "--events", "300", "--out", self.path("others"), "--format", "json")
        hang, = json.loads(run.stdout)["findings"]
        self.assertRegex(hang["summary"], "^not shrunk: it came to no end in 30[0-9] events")
        self.assertFalse(hang["shrunk"])
        # Without a capsule the command says how many events there were.
        bare = self.start("fuzz", "--seeds", "2..2", "--events", "300", "--out", "", "--format", "json")
        again = self.start(*json.loads(bare.stdout)["findings"][0]["again"].split()[1:], "--quiet")
        self.assertEqual(again.returncode, 1, again.stderr)

    def test_a_run_that_reaches_its_limit_of_time_is_a_finding_that_can_be_replayed(self):
        template = self.file("limited.yaml", "why: Nobody is there to answer.\n"
                             "cluster: {clients: 1, client: {give_up_after: 100s}}\n"
                             "workload: [{script: [get x]}]\nend: {until: quiet, limit: 1s}\n"
                             "faults: [{partition: [[c1], [a, b, arbiter]], at: 0s}]\n")
        run = self.start("fuzz", template, "--seeds", "1..1", "--out", self.path("findings"), "--no-shrink", "--format",
                         "json")
        finding, = json.loads(run.stdout)["findings"]
        self.assertEqual((finding["property"], finding["shape"]), ("hang", "ended by time_limit"))
        again = self.start("replay", finding["capsule"], "--quiet")
        self.assertIn("the same failure, and the same trace", again.stdout)

    def test_a_run_that_takes_too_much_memory_is_neither_good_nor_bad(self):
        if is_sanitized():
            self.skipTest("AddressSanitizer reserves more memory than it uses, and is not limited")
        for memory in ("400KiB", "800KiB"):
            results, junit = self.path(memory + ".jsonl"), self.path("junit.xml")
            run = self.start("fuzz", "--seeds", "1..128", "--memory", memory, "--format", "json", "--out", "",
                             "--results", results, "--junit", junit)
            report = json.loads(run.stdout)
            self.assertEqual((run.returncode, report["findings"], report["partial"]), (2, [], True), memory)
            seeds = report["out_of_memory"]["seeds"]
            self.assertEqual(len(seeds) + report["tally"]["runs"], 128)
            self.assertGreater(len(seeds), 0)
            self.assertGreater(report["tally"]["runs"], 0, memory)
            # Each is named, to a CI server and in what is merged too, and can be run again.
            again = report["out_of_memory"]["again"]
            self.assertEqual(self.start(*again.split()[1:], "--quiet").returncode, 0, again)
            merged = self.start("merge", results, "--seeds", "1..128", "--format", "json", "--junit", junit + ".merged")
            self.assertEqual((merged.returncode, json.loads(merged.stdout)["partial"],
                              json.loads(merged.stdout)["out_of_memory"]), (2, True, report["out_of_memory"]))
            for file in (junit, junit + ".merged"):
                suite = xml.etree.ElementTree.parse(file).getroot()
                error, = suite.findall("testcase[@name='all seeds were run']/error")
                self.assertEqual((suite.get("errors"), error.text), ("1", "again: " + again))
                self.assertIn(f"{len(seeds)}, for want of memory, neither good nor bad: seeds {seeds[0]}",
                              error.get("message"))
            told = self.start("merge", results).stdout
            self.assertIn(f"Not run   {len(seeds)}, for want of memory", told)
            self.assertIn("Result    unknown", told)

    def test_where_no_run_fits_nothing_was_shown(self):
        if is_sanitized():
            self.skipTest("AddressSanitizer reserves more memory than it uses, and is not limited")
        large = self.file("large.yaml", """
name: large
why: values of a megabyte, which no allocator has in store
workload:
  - generate: {count: 40, keys: 40, value_size: 1MB, think_time: 1ms}
""")
        run = self.start("fuzz", large, "--seeds", "1..24", "--memory", "16KiB", "--format", "json", "--out", "")
        report = json.loads(run.stdout)
        self.assertEqual((run.returncode, report["tally"]["runs"], report["partial"]), (2, 0, True))
        self.assertEqual(len(report["out_of_memory"]["seeds"]), 24)

    # ---- a corpus

    @again
    def test_a_corpus_exercises_in_a_few_seeds_what_many_did(self):
        corpus = self.path("corpus.txt")
        many = self.start("fuzz", "--seeds", "1..200", "--distil", corpus, "--format", "json", "--jobs", "2")
        few = self.start("fuzz", "--corpus", corpus, "--format", "json")
        self.assertEqual((many.returncode, few.returncode), (0, 0), many.stderr + few.stderr)
        many, few = json.loads(many.stdout), json.loads(few.stdout)
        self.assertLess(few["tally"]["runs"], 100)
        self.assertEqual(few["never_exercised"], many["never_exercised"])
        for kind, (_, effects, at_step) in many["tally"]["faults"].items():
            if effects > 0:
                self.assertEqual([count > 0 for count in few["tally"]["faults"][kind][2]],
                                 [count > 0 for count in at_step], kind)
        again = self.path("again.txt")
        self.start("fuzz", "--seeds", "1..200", "--distil", again, "--jobs", "1")
        self.assertEqual(*(pathlib.Path(path).read_text().splitlines()[2:] for path in (corpus, again)))

    def test_a_file_that_is_no_corpus_is_told(self):
        for text in ("", "# nothing\n", "12\nthirteen\n"):
            run = self.start("fuzz", "--corpus", self.file("corpus.txt", text))
            self.assertEqual(run.returncode, 3, text)
            self.assertIn("expected" if "teen" in text else "a file of seeds", run.stderr)
        self.assertIn("a directory", self.start("fuzz", "--corpus", self.path("")).stderr)

    def test_an_interrupt_ends_the_campaign_in_good_order(self):
        campaign = self.begin("fuzz", "--jobs", "2", "--out", self.path("findings"),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        campaign.send_signal(signal.SIGINT)
        out, _ = campaign.communicate(timeout=60)
        self.assertIn(campaign.returncode, (0, 2), out)
        self.assertIn("Runs      ", out)
        self.assertNotIn("Interrupted", out)  # it was to go on until somebody stops it

    def test_who_is_told_twice_at_once_to_stop_does_so_in_good_order(self):
        # timeout(1) tells the process, and its group.
        for number in (signal.SIGTERM, signal.SIGINT):
            results = self.path("results.jsonl")
            campaign = self.begin("fuzz", "--seeds", "1..100000000", "--jobs", "1", "--format", "json",
                                  "--results", results, "--out", "", stdout=subprocess.PIPE)
            while not (os.path.exists(results) and pathlib.Path(results).read_text()):
                self.assertIsNone(campaign.poll())
                time.sleep(0.02)
            campaign.send_signal(number)
            time.sleep(0.02)  # two of one kind that wait are one
            campaign.send_signal(number)
            report = json.loads(campaign.communicate(timeout=120)[0])
            self.assertTrue(report["partial"])
            os.remove(results)

    def test_who_is_stopped_before_the_last_seed_says_so(self):
        results = self.path("results.jsonl")
        campaign = self.begin("fuzz", "--seeds", "1..100000000", "--jobs", "1", "--format", "json",
                              "--results", results, "--out", "", stdout=subprocess.PIPE)
        while not (os.path.exists(results) and pathlib.Path(results).read_text()):
            self.assertIsNone(campaign.poll())
            time.sleep(0.02)
        campaign.send_signal(signal.SIGINT)
        report = json.loads(campaign.communicate(timeout=120)[0])
        self.assertEqual((campaign.returncode, report["partial"], report["exit_code"]), (2, True, 2))
        self.assertLess(0, report["tally"]["runs"])
        self.assertFalse(json.loads(self.start("fuzz", "--seeds", "1..3", "--format", "json").stdout)["partial"])

    def test_what_is_found_and_not_shrunk_for_an_interrupt_says_so(self):
        results = self.path("results.jsonl")
        campaign = self.begin("fuzz", self.file("broken.yaml", BROKEN), "--seeds", "1..100000000", "--jobs", "1",
                              "--results", results, "--out", self.path("findings"), stdout=subprocess.PIPE)
        while not (os.path.exists(results) and pathlib.Path(results).read_text()):
            self.assertIsNone(campaign.poll())
            time.sleep(0.02)
        campaign.send_signal(signal.SIGINT)
        out = campaign.communicate(timeout=120)[0]
        self.assertEqual(campaign.returncode, 1, out)
        self.assertRegex(out, r"not shrunk: interrupted: \S+\s+shrink\s+\S+\.capsule")

    def test_who_is_stopped_before_the_time_is_over_says_so(self):
        campaign = self.begin("fuzz", "--time", "3000s", "--jobs", "1", "--out", "", stdout=subprocess.PIPE)
        children = pathlib.Path(f"/proc/{campaign.pid}/task/{campaign.pid}/children")
        while not children.read_text().split():  # before it has a worker it may not note an interrupt yet
            self.assertIsNone(campaign.poll())
        campaign.send_signal(signal.SIGINT)
        out, _ = campaign.communicate(timeout=120)
        self.assertEqual(campaign.returncode, 2, out)
        self.assertIn("Stopped before its end", out)

    def test_a_time_that_is_over_is_the_end_of_a_campaign_without_a_last_seed(self):
        run = self.start("fuzz", "--time", "1ms", "--jobs", "1", "--format", "json", "--out", "")
        report = json.loads(run.stdout)
        none = report["tally"]["runs"] == 0  # of which nobody can say that it was good
        self.assertEqual((report["partial"], run.returncode), (none, 2 if none else 0))

    def test_a_batch_system_that_ends_all_its_processes_finds_nothing_by_it(self):
        results = self.path("results.jsonl")
        campaign = self.begin("fuzz", "--jobs", "2", "--results", results, "--out", "",
                              stdout=subprocess.PIPE, start_new_session=True)
        while not (os.path.exists(results) and pathlib.Path(results).read_text()):
            self.assertIsNone(campaign.poll())
            time.sleep(0.02)
        os.killpg(campaign.pid, signal.SIGTERM)
        out, _ = campaign.communicate(timeout=120)
        self.assertEqual(campaign.returncode, -signal.SIGTERM, out)
        self.assertRegex(out, "Result    (nothing found|unknown)")

    def test_whose_time_is_over_before_the_last_seed_says_so(self):
        words, junit = "The time was over before all of these seeds were run.", self.path("junit.xml")
        run = self.start("fuzz", "--seeds", "1..100000000", "--time", "300ms", "--junit", junit)
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn(words, run.stdout)
        error, = xml.etree.ElementTree.parse(junit).findall("testcase[@name='all seeds were run']/error")
        self.assertEqual(error.get("message"), words)
        run = self.start("fuzz", "--seeds", "1..100000000", "--time", "300ms", "--format", "json")
        self.assertEqual((run.returncode, json.loads(run.stdout)["partial"]), (2, True))
        corpus = self.start("fuzz", "--corpus", "scenarios/corpus.txt", "--time", "1ms", "--out", "")
        self.assertEqual(corpus.returncode, 2, corpus.stdout)

    def test_a_campaign_that_cannot_write_what_is_wanted_does_not_begin(self):
        file = self.file("file", "")
        for arguments in (("--out", file + "/findings"), ("--out", "/proc/nope"),
                          ("--junit", self.path("no/junit.xml")),
                          ("--distil", self.path("no/corpus.txt")), ("--results", self.path("no/results.jsonl"))):
            run = self.start("fuzz", "--seeds", "1..3", *arguments)
            self.assertEqual((run.returncode, run.stdout), (3, ""), arguments)
            self.assertIn(arguments[1], run.stderr)

    def test_of_a_directory_for_findings_nothing_is_left_without_one(self):
        os.mkdir(self.path("mine"))
        for out in ("new/deeper/", "mine/new", "mine"):
            self.assertEqual(self.start("fuzz", "--seeds", "1..3", "--out", self.path(out)).returncode, 0)
        self.assertEqual(os.listdir(self.place.name), ["mine"])
        self.assertEqual(os.listdir(self.path("mine")), [])

    def test_what_was_found_is_told_though_it_could_not_be_written(self):
        broken = self.file("broken.yaml", BROKEN)
        results = self.start("fuzz", broken, "--results", "/dev/full", "--out", "")
        self.assertEqual(results.returncode, 4)  # long before somebody stops it
        self.assertIn("could not write all of /dev/full", results.stderr)
        self.assertIn("Findings", results.stdout)
        junit = self.start("fuzz", broken, "--seeds", "1..12", "--junit", "/dev/full", "--out", "")
        self.assertEqual(junit.returncode, 4)
        self.assertIn("Findings", junit.stdout)
        os.mkdir(self.path("taken"))
        for seed in range(1, 13):
            os.mkdir(self.path(f"taken/output_rule_{seed}.capsule"))
        run = self.start("fuzz", broken, "--seeds", "1..12", "--budget", "survivable", "--out", self.path("taken"),
                         "--format", "json")
        self.assertEqual(run.returncode, 4)
        self.assertIn("cannot write", run.stderr)
        self.assertTrue(json.loads(run.stdout)["findings"])

    def test_a_disk_that_is_full_is_told_and_nobody_blames_the_simulator(self):
        def with_a_full_disk():  # no file can have a byte
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        out, broken = self.path("out"), self.file("broken.yaml", BROKEN)
        run = subprocess.run([campaigns.PROGRAM, "fuzz", broken, "--seeds", "18..18", "--budget", "survivable", "--out",
                              out], cwd=campaigns.ROOT, capture_output=True, text=True, check=False, timeout=300,
                             preexec_fn=with_a_full_disk)
        self.assertEqual(run.returncode, 4)
        self.assertRegex(run.stderr, rf"^smalldb-sim: cannot write {re.escape(out)}/output_rule_18\.capsule: "
                         "File too large\n$")
        self.assertIn("Result    not all of what was found could be written", run.stdout)
        self.assertNotIn("simulator itself", run.stdout)

    def test_so_many_runs_may_be_left_unjudged_and_no_more(self):
        results = self.path("results.jsonl")
        self.start("fuzz", "--seeds", "1..128", "--jobs", "1", "--results", results, "--out", "")
        blocks = [json.loads(line) for line in pathlib.Path(results).read_text().splitlines()]
        blocks[0]["findings"].append({"property": "unjudged", "shape": "whether answered holds", "count": 2, "first": 3,
                                      "seed": 3, "budget": "unrestricted", "events": 9, "witness": "It is open."})
        pathlib.Path(results).write_text("".join(result_line(block) for block in blocks))
        for command in (("merge", results), ("fuzz", "--seeds", "1..128", "--results", results, "--out", "")):
            for most, exit_code, words in ((None, 2, "unknown"), ("1/65", 2, "unknown"),
                                           ("1/64", 0, "nothing violated"), ("1", 0, "nothing violated")):
                run = self.start(*command, *(("--unjudged-max", most) if most else ()))
                self.assertEqual(run.returncode, exit_code, (command, most, run.stderr))
                self.assertIn("Result    " + words, run.stdout)
                self.assertIn("It is open.", run.stdout)
        # What was violated or not run is no less so.
        broken = self.file("broken.yaml", BROKEN)
        for arguments, exit_code in (((broken, "--seeds", "1..60"), 1),
                                     (("--seeds", "1..1000000", "--time", "1ns"), 2)):
            run = self.start("fuzz", *arguments, "--out", "", "--unjudged-max", "1")
            self.assertEqual(run.returncode, exit_code, run.stdout)

    def test_wrong_options_are_told_with_what_was_expected(self):
        for arguments, words in ((("--seeds", "9..3"), "the smaller one first"), (("--seeds", ""), "is not seeds"),
                                 (("--seeds", "9" * 23), "up to 18446744073709551615"),
                                 (("--seeds", "1.." + "9" * 23), "is not seeds"),
                                 (("--shard", "4/4"), "is not a shard"),
                                 (("--budget", "survivible"), 'mean "survivable"'),
                                 (("--time", "soon"), "is not"), (("nothing.yaml",), "no file"),
                                 (("--time", "0s"), "more than 0"), (("--jobs", "0"), "more than 0"),
                                 (("--hang", "0s"), "more than 0"), (("--memory", "0"), "more than 0"),
                                 (("--events", "0"), "more than 0"),
                                 (("--seeds", "1..3", "--corpus", "scenarios/corpus.txt"), "excludes"),
                                 (("--corpus", "scenarios/corpus.txt", "--results", self.path("r.jsonl")), "excludes"),
                                 (("--distil", "a", "--results", "b"), "excludes")):
            run = self.start("fuzz", *arguments)
            self.assertEqual(run.returncode, 3, (arguments, run.stdout))
            self.assertIn(words, run.stderr, arguments)
        run = self.start("replay", "--seed", "9" * 23)
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertIn("is not a seed: a number up to 18446744073709551615, or a word", run.stderr)

    def test_a_length_of_time_above_0_is_one_however_short(self):
        run = self.start("fuzz", "--seeds", "1..1000", "--time", "1ns", "--hang", "60000000001ns", "--out", "")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn("The time was over", run.stdout)

    # ---- replay, shrink, diff

    def test_what_is_no_file_is_bad_input_to_every_command(self):
        for command in (("replay",), ("shrink",), ("diff", "scenarios/retries.yaml"), ("merge",), ("validate",),
                        ("fuzz", "--corpus"), ("fuzz", "--seeds", "1..3"), ("check",)):
            for file in (self.path(""), self.path("nothing"), "/dev/zero" if command != ("check",) else self.path("")):
                run = self.start(*command, file)
                self.assertEqual((run.returncode, run.stdout), (3, ""), (command, file, run.stderr))
                self.assertIn(file, run.stderr)

    def test_who_names_something_else_is_told_what_is_taken(self):
        other = {"notes.md": "# Notes\n\na key: no map [\n", "bytes.rec": "SDB\0\0\0", "empty.rec": ""}
        files = [self.path(""), self.path("nothing.rec"), *(self.file(*each) for each in other.items())]
        for command, taken in ((("replay",), "expected a capsule, a recording of smalldb-server or a scenario\n"),
                               (("shrink",), "expected a capsule or a scenario\n"),
                               (("diff", "scenarios/retries.yaml"), "expected a capsule or a scenario\n")):
            for file in files:
                run = self.start(*command, file)
                self.assertEqual((run.returncode, run.stderr.count("\n")), (3, 1), run.stderr)
                self.assertTrue(run.stderr.startswith(file) and run.stderr.endswith(taken), run.stderr)
            # What is wrong with a scenario is told as of one.
            for name, text in (("a.yaml", "whi: [\n"), ("a.txt", "why: x\nwhi: y\n")):
                self.assertNotIn(taken, self.start(*command, self.file(name, text)).stderr)

    def test_a_capsule_is_replayed_and_compared_with_what_it_was(self):
        capsule = next(path for path in self.files if path.suffix == ".capsule")
        same = self.start("replay", str(capsule), "--quiet")
        self.assertEqual(same.returncode, 1, same.stderr)
        self.assertIn("the same failure, and the same trace", same.stdout)
        text = capsule.read_text()
        changed = self.file("changed.capsule", re.sub(r"(?m)^seed: \d+$", "seed: 5", text))
        self.assertRegex(self.start("replay", changed, "--quiet").stdout,
                         r"one of the first [\d,]+ is another|the first [\d,]+ events? \(up to [\d.]+ s\) are as")
        last = self.file("last.capsule", re.sub(r"(?m)^trace: .*$", "trace: '0000000000000000'", text))
        told = self.start("replay", last, "--quiet").stdout
        self.assertIn("the hash of the whole is another", " ".join(told.split()))
        mended = self.file("mended.capsule", text.replace("output_rule: off", "output_rule: on"))
        good = self.start("replay", mended, "--quiet")
        self.assertEqual(good.returncode, 0, good.stdout)
        self.assertIn("no longer fails", good.stdout)

    def test_capsules_and_results_may_come_through_a_pipe(self):
        capsule = next(path for path in self.files if path.suffix == ".capsule").read_text()
        same = self.start("replay", "-", "--quiet", fed=capsule)
        self.assertEqual(same.returncode, 1, same.stderr)
        self.assertIn("the same failure, and the same trace", same.stdout)
        named = self.start("replay", "/dev/stdin", "--quiet", fed=capsule)  # as <(...) names a pipe
        self.assertEqual((named.returncode, named.stderr), (1, ""))
        self.assertTrue(self.start("shrink", "-", fed=capsule).stdout.startswith("name: shrunk\n"))
        cut = self.start("shrink", "-", fed=capsule[:200])
        self.assertEqual(cut.returncode, 3)
        self.assertTrue(cut.stderr.startswith("standard input:"), cut.stderr)
        results = self.path("results.jsonl")
        self.start("fuzz", "--seeds", "1..64", "--results", results)
        known = pathlib.Path(results).read_text()
        self.assertEqual(self.start("merge", "-", fed=known).stdout, self.start("merge", results).stdout)
        wrong = self.start("merge", "-", fed=known + "{}\n")
        self.assertEqual(wrong.returncode, 3)
        self.assertTrue(wrong.stderr.startswith("standard input:2: "), wrong.stderr)
        refused = self.start("fuzz", "--seeds", "1..64", "--results", "-")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("standard output is for the report", refused.stderr)

    def test_a_campaign_that_asked_nothing_of_the_store_is_not_green(self):
        template = self.file("nobody.yaml", "why: Nobody is promoted.\n"
                             "cluster: {arbiter: manual, clients: 1}\noperator: []\n")
        run = self.start("fuzz", template, "--seeds", "1..20", "--out", "")
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("unknown: nobody was answered", run.stdout)

    def test_a_replay_as_one_document_for_a_program(self):
        schema = json.loads((campaigns.ROOT / "reports/report.schema.json").read_text())
        capsule = next(path for path in self.files if path.suffix == ".capsule")
        mended = self.file("mended.capsule", capsule.read_text().replace("output_rule: off", "output_rule: on"))
        for file, outcome in ((str(capsule), "same"), (mended, "no_failure")):
            run = self.start("replay", file, "--format", "json", "--history", self.path("history.jsonl"),
                             "--picture", self.path("run.html"))
            document = json.loads(run.stdout)
            jsonschema.validate(document, schema)
            self.assertEqual(document["exit_code"], run.returncode)
            self.assertEqual(document["runs"][0]["comparison"]["outcome"], outcome)
            page = pathlib.Path(self.path("run.html")).read_text()
            self.assertEqual("is violated</text>" in page, outcome == "same")
        judged = self.start("check", self.path("history.jsonl"))  # of the second
        self.assertEqual(judged.returncode, 0, judged.stderr)

    def test_a_damaged_capsule_is_a_persons_mistake(self):
        text = next(path for path in self.files if path.suffix == ".capsule").read_text()
        for broken in (text[:200], text.replace("hash_every: 1", "hash_every: 3"), text.replace("\nwhy:", "\nwhyy:"),
                       ""):
            run = self.start("replay", self.file("broken.capsule", broken))
            self.assertEqual(run.returncode, 3, broken[:80])
            self.assertIn("expected", run.stderr)

    def test_a_seed_is_replayed_by_itself(self):
        run = self.start("replay", "--seed", "7", "--budget", "survivable", "--quiet",
                         "--save", self.path("seven.yaml"))
        self.assertEqual(run.returncode, 0, run.stdout)
        trace = re.search(r"trace ([0-9a-f]{16})", run.stdout).group(1)
        self.assertIn("what seed 7 stands for", run.stdout)
        self.assertIn(trace, self.start(self.path("seven.yaml"), "--quiet").stdout)
        self.assertEqual(self.start("replay").returncode, 3)
        for option in ("--budget", "survivable"), ("--template", "scenarios/retries.yaml"), ("--events", "5"):
            self.assertIn("requires --seed", self.start("replay", self.path("seven.yaml"), *option).stderr)

    def test_shrink_takes_a_scenario_too_and_refuses_what_does_not_fail(self):
        failing = self.file("failing.yaml", BROKEN)
        run = self.start("shrink", failing)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("none of which can be dropped", run.stderr)
        self.assertEqual(self.start(self.file("small.yaml", run.stdout), "--quiet").returncode, 1)
        # Nor is another failure shrunk in the place of the one that a capsule is of.
        capsule = next(path for path in self.files if path.suffix == ".capsule").read_text()
        other = self.file("other.capsule", re.sub(r"(?m)^property: .*$", "property: no_lost_write", capsule))
        run = self.start("shrink", other)
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertRegex(run.stderr, "no longer fails by no_lost_write: .*, but by output_rule: ")
        good = self.start("shrink", "scenarios/primary_dies.yaml")
        self.assertEqual(good.returncode, 3)
        self.assertIn("does not fail", good.stderr)

    def test_what_is_kept_names_what_it_was_made_of_from_where_it_was_made(self):
        def here(*arguments):
            return subprocess.run([campaigns.PROGRAM, *arguments], cwd=self.place.name, capture_output=True, text=True,
                                  check=False, timeout=300)
        broken = self.file("broken.yaml", BROKEN)
        run = here("fuzz", broken, "--seeds", "1..4", "--out", "findings", "--format", "json")
        found = json.loads(run.stdout)["findings"][0]
        why = pathlib.Path(self.path(found["shrunk"])).read_text()
        self.assertRegex(why, r"(?s)why: .*Shrunk from\s+seed \d+, \w+,\s+around\s+broken\.yaml\.")
        self.assertNotIn(self.place.name, why)
        again = here(*shlex.split(found["again"])[1:])
        self.assertIn("the same failure, and the same trace", again.stdout)
        self.assertIn("Shrunk from broken.yaml.", " ".join(here("shrink", broken).stdout.split()))
        elsewhere = " ".join(self.start("shrink", broken).stdout.split())
        self.assertIn(f"Shrunk from {broken}.", elsewhere)

    def test_diff_shows_the_first_event_that_differs(self):
        one = self.file("one.yaml", "why: One.\nworkload: [{script: [put x=1, wait 1s, put y=1]}]\n")
        other = self.file("other.yaml", "why: Other.\nworkload: [{script: [put x=1, wait 1s, put y=2]}]\n")
        self.assertEqual(self.start("diff", one, one).stdout, "the same trace\n")
        run = self.start("diff", one, other)
        self.assertEqual(run.returncode, 1)
        shown = re.findall(r'(?m)^  > \{.*"kind":"input"', run.stdout)
        self.assertEqual(len(shown), 2, run.stdout)

    def test_diff_says_of_a_capsule_where_its_trace_is_another_than_it_was(self):
        capsule = next(path for path in self.files if path.suffix == ".capsule")
        same = self.start("diff", str(capsule), str(capsule))
        self.assertEqual((same.returncode, same.stdout), (0, "the same trace\n"))
        text = capsule.read_text()
        # As if the first hashes were those of another build.
        hashes = re.search(r"(?m)^  - \"?([0-9a-f]{4})([0-9a-f]*)\"?$", text)
        old = self.file("old.capsule", text[:hashes.start(1)] + "0000" + text[hashes.end(1):])
        for files in ((old, str(capsule)), (str(capsule), old)):
            told = self.start("diff", *files)
            self.assertEqual(told.returncode, 1)
            words = " ".join(told.stdout.split())
            self.assertRegex(words, r"old\.capsule has another trace than when it was made, by smalldb-sim .*: "
                             r"one of the first [\d,]+ is another\. "
                             r"what is compared here are the traces of now: the same trace")
        windows = self.file("windows.capsule", "")
        pathlib.Path(windows).write_bytes(text.replace("\n", "\r\n").encode())
        self.assertEqual(self.start("diff", windows, str(capsule)).stdout, "the same trace\n")


if __name__ == "__main__":
    campaigns.main()

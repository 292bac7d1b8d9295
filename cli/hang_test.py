"""Tries what becomes of runs that hang in real time, or end the process that runs them, as a user meets it.

    hang_test.py PROGRAM ROOT
"""
import json
import os
import pathlib
import signal
import subprocess
import time

import campaigns
from campaigns import BROKEN


class Hang(campaigns.Campaigns):
    # ---- in a campaign

    def with_a_worker(self, what, *arguments, out=""):
        """A campaign of one worker to which `what(its process)` is done while it runs: its report."""
        campaign = self.begin("fuzz", "--seeds", "1..20000", "--jobs", "1", "--format", "json",
                              "--out", out, *arguments, stdout=subprocess.PIPE)
        children = pathlib.Path(f"/proc/{campaign.pid}/task/{campaign.pid}/children")
        while not children.read_text().split():
            self.assertIsNone(campaign.poll())
        what(int(children.read_text().split()[0]))
        # The seed that is in the way is left out; when that has been done, enough has been seen.
        while campaign.poll() is None:
            if children.read_text().split() not in ([], [str(self.worker)]):
                campaign.send_signal(signal.SIGINT)
                break
            time.sleep(0.05)
        out, _ = campaign.communicate(timeout=300)
        return campaign.returncode, json.loads(out)

    def signalled(self, number):
        def to_worker(process):
            self.worker = process
            os.kill(process, number)
        return to_worker

    def test_a_run_that_hangs_in_real_time_is_a_finding_and_the_rest_is_run(self):
        exit_code, report = self.with_a_worker(self.signalled(signal.SIGSTOP), "--hang", "3s")
        self.assertEqual(exit_code, 1, report["findings"])
        self.assertEqual([(finding["property"], finding["count"]) for finding in report["findings"]
                          if finding["certain"]], [("hang", 1)])
        self.assertGreaterEqual(report["tally"]["runs"], 64)
        hang, = (finding for finding in report["findings"] if finding["property"] == "hang")
        self.assertTrue(hang["again"].endswith(" --hang 3s"), hang["again"])

    def test_what_is_not_run_again_is_kept_as_it_was_drawn(self):
        for number, kind, words in ((signal.SIGSTOP, "hang", "no end within 2500ms"),
                                    (signal.SIGABRT, "simulator", "ended by signal 6")):
            out = self.path(kind)
            _, report = self.with_a_worker(self.signalled(number), "--hang", "2500ms", out=out)
            found = next(finding for finding in report["findings"] if finding["property"] == kind)
            self.assertEqual(found["witness"], words)
            self.assertIn("not run again", found["summary"])
            self.assertIn("\nhang_after: 2500ms\n", pathlib.Path(found["capsule"]).read_text())
            again = self.start("replay", found["capsule"], "--quiet", "--save", self.path("saved.yaml"))
            self.assertEqual(again.returncode, 0, again.stderr)  # it was a signal that did it
            self.assertIn("no longer fails; of its trace nothing was kept", again.stdout)
            drawn = self.path("drawn.yaml")
            self.start("replay", "--seed", str(found["seed"]), "--quiet", "--save", drawn)
            self.assertEqual(*(pathlib.Path(file).read_text() for file in (drawn, self.path("saved.yaml"))))

    def test_a_run_that_the_system_ends_for_want_of_memory_is_neither_good_nor_bad(self):
        exit_code, report = self.with_a_worker(self.signalled(signal.SIGKILL))
        self.assertEqual((exit_code, report["partial"]), (2, True))
        seed, = report["out_of_memory"]["seeds"]
        self.assertIn(f"replay --seed {seed} --budget ", report["out_of_memory"]["again"])
        self.assertEqual([finding for finding in report["findings"] if finding["certain"]], [])

    def test_a_worker_goes_with_who_started_it(self):
        results = self.path("results.jsonl")
        campaign = self.begin("fuzz", "--jobs", "1", "--results", results, "--out", "",
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (os.path.exists(results) and pathlib.Path(results).read_text()):
            self.assertIsNone(campaign.poll())
            time.sleep(0.02)
        worker = pathlib.Path(f"/proc/{campaign.pid}/task/{campaign.pid}/children").read_text().split()[0]
        os.kill(int(worker), signal.SIGSTOP)  # as one that hangs: it does not notice that nobody asks it any more
        campaign.kill()
        campaign.wait()
        began = time.monotonic()
        while self.is_running(worker):
            if time.monotonic() - began > 60:
                os.kill(int(worker), signal.SIGKILL)
                self.fail("a worker outlives its campaign")
            time.sleep(0.02)

    def is_running(self, process):
        try:
            return pathlib.Path("/proc", process, "stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
        except FileNotFoundError:
            return False

    # ---- in a replay, and in what is shrunk

    def hung(self, scenario, hang_after="60s"):
        """A capsule of what some program did not come to the end of."""
        words = {"program": "some", "compiler": "some", "origin": "a test", "property": "hang",
                 "shape": "no end in real time", "witness": "no end within 60s", "trace": "0" * 16,
                 "hang_after": hang_after}
        return self.file("hung.capsule", "capsule: 3\n" + "".join(f'{key}: "{word}"\n' for key, word in words.items()) +
                         f"events: 0\ncalls: 0\nhash_every: 1\nhashes: []\n---\n{scenario}...\n")

    LONG = "why: Long.\nworkload: [{generate: {count: 5000}}]\n"

    def test_a_hang_in_real_time_is_judged_and_its_story_told_up_to_there(self):
        capsule = self.hung(self.LONG)
        again = self.start("replay", capsule, "--hang", "1ms")
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertRegex(again.stdout, r"Replay    the same failure; of its trace nothing was kept")
        self.assertRegex(" ".join(again.stdout.split()),
                         r"came to no end in real time; at \S+, at the event \d+ \(\w+\)")
        self.assertRegex(again.stdout, r"Result    not as expected")
        # A capsule says so by itself, and a wish has the last word.
        small = self.start("shrink", self.hung(self.LONG, "1ms"))
        self.assertEqual(small.returncode, 1, small.stderr)
        self.assertIn("came to no end in real time", small.stderr)
        again = self.start("replay", self.hung(self.LONG, "1ms"), "--quiet")
        self.assertIn("the same failure", again.stdout)
        whole = self.start("replay", self.hung(self.LONG, "1ms"), "--quiet", "--hang", "60s")
        self.assertIn("no longer fails", whole.stdout)
        whole = self.start("replay", self.hung(self.LONG), "--quiet")
        self.assertEqual(whole.returncode, 0, whole.stdout)
        self.assertIn("no longer fails", whole.stdout)
        small = self.start("shrink", capsule, "--hang", "1ms")
        self.assertEqual(small.returncode, 1, small.stderr)
        self.assertIn("came to no end in real time", small.stderr)

    def shrunk_by_a_campaign_while(self, number):
        """A campaign that finds something, with this signal for each process that shrinks: what it comes to."""
        campaign = self.begin("fuzz", self.file("broken.yaml", BROKEN), "--seeds", "1..60", "--budget", "survivable",
                              "--jobs", "1", "--out", self.path("unshrunk"), "--format", "json", "--hang", "2500ms",
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        children = pathlib.Path(f"/proc/{campaign.pid}/task/{campaign.pid}/children")
        signalled = set()
        while campaign.poll() is None:
            for process in map(int, children.read_text().split()[1:]):  # behind the worker
                if process not in signalled:
                    os.kill(process, number)
                signalled.add(process)
        out, _ = campaign.communicate(timeout=300)
        return campaign.returncode, [finding for finding in json.loads(out)["findings"] if finding["certain"]]

    def test_what_cannot_be_shrunk_is_told_and_kept_as_it_was_found(self):
        for number, exit_code, words in ((signal.SIGSTOP, 1, "came to no end in real time"),
                                         (signal.SIGABRT, 4, "ended the simulator by signal 6")):
            exited, findings = self.shrunk_by_a_campaign_while(number)
            self.assertEqual(exited, exit_code, findings)
            self.assertTrue(findings)
            for finding in findings:
                self.assertEqual((finding["summary"], finding["shrunk"]),
                                 ("not shrunk: what was left of it " + words, ""))
                again = self.start("replay", finding["capsule"], "--quiet")
                self.assertIn("the same failure, and the same trace", again.stdout)

    def test_an_interrupt_ends_a_replay_and_a_shrink_that_hang(self):
        for command, words in (("replay", "Interrupted: this report is partial"), ("shrink", "interrupted")):
            with self.begin(command, self.hung(self.LONG.replace("5000", "200000")), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT) as hanging:
                children = pathlib.Path(f"/proc/{hanging.pid}/task/{hanging.pid}/children")
                while not (child := children.read_text().split()):
                    pass
                os.kill(int(child[0]), signal.SIGSTOP)
                hanging.send_signal(signal.SIGINT)
                said, _ = hanging.communicate(timeout=60)
                self.assertEqual(hanging.returncode, 2, said)
                self.assertIn(words, said)


if __name__ == "__main__":
    campaigns.main()

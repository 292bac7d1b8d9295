"""Tries merge, and the results of shards that it adds up, as a user meets them.

    merge_test.py PROGRAM ROOT
"""
import json
import pathlib
import re
import xml.etree.ElementTree

import campaigns
from campaigns import BROKEN, again, result_line


class Merge(campaigns.Campaigns):
    @again
    def test_shards_add_up_to_the_whole_in_any_order_and_twice(self):
        whole = self.path("whole.jsonl")
        self.start("fuzz", "--seeds", "1..192", "--results", whole)
        shards = [self.path(f"shard{n}.jsonl") for n in range(3)]
        for n, shard in enumerate(shards):
            self.start("fuzz", "--seeds", "1..192", "--shard", f"{n}/3", "--results", shard)
        merged = [self.start("merge", *files) for files in ([whole], shards, [*reversed(shards), shards[1]])]
        self.assertEqual(merged[0].returncode, 0, merged[0].stderr)
        self.assertEqual(merged[0].stdout, merged[1].stdout)
        self.assertEqual(merged[0].stdout, merged[2].stdout)

    def test_a_shard_that_was_killed_is_missed_and_can_be_run_again(self):
        shards = [self.path(f"shard{n}.jsonl") for n in range(2)]
        for n, shard in enumerate(shards):
            self.start("fuzz", "--seeds", "1..256", "--shard", f"{n}/2", "--results", shard)
        # Its blocks come in the order in which they were done: the later is kept, and the earlier missed.
        lines = pathlib.Path(shards[1]).read_text().splitlines(keepends=True)
        lines.sort(key=lambda line: json.loads(line)["first"], reverse=True)
        pathlib.Path(shards[1]).write_text(lines[0] + lines[1][:100])
        missing = self.start("merge", *shards)
        self.assertEqual(missing.returncode, 2, missing.stdout)
        self.assertIn("Nobody has run seeds", missing.stdout)
        # It goes on where its results end, and tells of the whole shard.
        again = self.start("fuzz", "--seeds", "1..256", "--shard", "1/2", "--results", shards[1])
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("Runs      128,", again.stdout)
        self.assertEqual("".join(lines), pathlib.Path(shards[1]).read_text())
        self.assertEqual(self.start("merge", *shards).returncode, 0)

    def test_seeds_that_are_missing_at_either_end_are_missed_if_one_says_which_there_are(self):
        results = self.path("results.jsonl")
        self.start("fuzz", "--seeds", "1..128", "--results", results)
        self.assertEqual(self.start("merge", results, "--seeds", "1..128").returncode, 0)
        run = self.start("merge", results, "--seeds", "1..129")
        self.assertEqual(run.returncode, 2)
        self.assertIn("Nobody has run seeds 129 to 129.", run.stdout)
        later = self.path("later.jsonl")
        self.start("fuzz", "--seeds", "65..128", "--results", later)
        junit = self.path("junit.xml")
        run = self.start("merge", later, "--seeds", "1..200", "--format", "json", "--junit", junit)
        report = json.loads(run.stdout)
        self.assertEqual((report["exit_code"], report["partial"], report["missing_seeds"]),
                         (2, True, ["1 to 64", "129 to 200"]))
        suite = xml.etree.ElementTree.parse(junit).getroot()
        self.assertEqual((suite.get("errors"), len(suite.findall("testcase/error"))), ("1", 1))

    def test_results_of_seeds_that_are_not_of_the_campaign_are_refused(self):
        results = self.path("results.jsonl")
        self.start("fuzz", "--seeds", "1..192", "--jobs", "1", "--results", results)
        for seeds, where, which in (("1..128", 3, "129 to 192"), ("1..190", 3, "129 to 192"), ("65..192", 1, "1 to 64"),
                                    ("2..192", 1, "1 to 64"), ("500", 1, "1 to 64")):
            run = self.start("merge", results, "--seeds", seeds)
            self.assertEqual((run.returncode, run.stdout), (3, ""), seeds)
            self.assertTrue(run.stderr.startswith(f"{results}:{where}: found results of seeds {which}, "), run.stderr)
        self.assertEqual(self.start("merge", results, "--seeds", "1").returncode, 0)

    def test_seeds_go_up_to_the_last_number_that_there_is(self):
        results, seeds = self.path("results.jsonl"), f"{2**64 - 70}..{2**64 - 1}"
        run = self.start("fuzz", "--seeds", seeds, "--results", results, "--out", "", "--format", "json")
        self.assertEqual(json.loads(run.stdout)["tally"]["runs"], 70)
        merged = self.start("merge", results, "--seeds", seeds, "--format", "json")
        self.assertFalse(json.loads(merged.stdout)["partial"])

    def test_results_of_another_campaign_are_refused(self):
        one, other = self.path("one.jsonl"), self.path("other.jsonl")
        self.start("fuzz", "--seeds", "1..64", "--results", one)
        self.start("fuzz", "--seeds", "1..64", "--budget", "survivable", "--results", other)
        run = self.start("merge", one, other)
        self.assertEqual(run.returncode, 3)
        self.assertIn("another campaign", run.stderr)

    def test_results_say_themselves_what_was_run(self):
        broken, results = self.file("broken.yaml", BROKEN), self.path("results.jsonl")
        # Odd seeds too; and one class is of runs that come to no end in so many events.
        self.start("fuzz", broken, "--seeds", "1..64", "--budget", "survivable", "--events", "900", "--out", "",
                   "--results", results)
        found = self.path("found")
        merged = self.start("merge", results, "--out", found, "--format", "json")
        self.assertEqual((merged.returncode, merged.stderr), (1, ""))
        findings = json.loads(merged.stdout)["findings"]
        self.assertIn("hang", [finding["property"] for finding in findings])
        self.assertIn("output_rule", [finding["property"] for finding in findings])
        for finding in findings:
            self.assertIn("the same failure, and the same trace", self.start("replay", finding["capsule"]).stdout)
            self.assertTrue(pathlib.Path(finding["shrunk"]).exists())

    def test_results_of_another_program_are_refused(self):
        results = self.path("results.jsonl")
        self.start("fuzz", "--seeds", "1..3", "--results", results, "--out", "")
        block = json.loads(pathlib.Path(results).read_text())
        block["campaign"]["program"] = "0.0.1"
        other = self.file("other.jsonl", result_line(block))
        for command in (("merge", other), ("fuzz", "--seeds", "1..3", "--results", other)):
            run = self.start(*command)
            self.assertEqual((run.returncode, run.stdout), (3, ""), command)
            self.assertIn("0.0.1", run.stderr)

    def test_two_results_of_the_same_seeds_that_contradict_each_other_are_refused_in_any_order(self):
        broken, bad = self.file("broken.yaml", BROKEN), self.path("bad.jsonl")
        self.start("fuzz", broken, "--seeds", "1..128", "--budget", "survivable", "--out", "", "--results", bad)
        blocks = [json.loads(line) for line in pathlib.Path(bad).read_text().splitlines()]
        first = next(n for n, block in enumerate(blocks) if block["first"] == 1)
        self.assertTrue(blocks[first]["findings"])
        # Other words for the same result are no contradiction.
        same = self.file("same.jsonl", "".join(json.dumps(block) + "\n" for block in reversed(blocks)))
        merged, once = (self.start("merge", *files, "--no-shrink", "--out", self.path("findings"))
                        for files in ((bad, same, bad), (bad,)))
        self.assertEqual((merged.returncode, merged.stdout), (1, once.stdout), merged.stderr)
        for key, value in ("findings", []), ("events", blocks[first]["events"] + 1), ("judged", {}):
            other = result_line(blocks[first], **{key: value})
            lie = self.file("lie.jsonl", other)
            for files in (bad, lie), (lie, bad), (bad, same, lie):
                run = self.start("merge", *files)
                self.assertEqual((run.returncode, run.stdout), (3, ""), (key, files))
                self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
                self.assertIn("seeds 1 to 64", run.stderr)
                self.assertEqual(set(re.findall(r"\S+\.jsonl:\d+", run.stderr)), {f"{bad}:{first + 1}", f"{lie}:1"})
            # In one file as well, which nobody can go on with.
            both = self.file("both.jsonl", pathlib.Path(bad).read_text() + other)
            for command in ("merge", both), ("fuzz", broken, "--seeds", "1..128", "--budget", "survivable", "--out",
                                             "", "--results", both):
                run = self.start(*command)
                self.assertEqual((run.returncode, run.stdout), (3, ""), command)
                self.assertIn(f"{both}:3: ", run.stderr)
                self.assertIn(f"{both}:{first + 1} ", run.stderr)

    def test_what_was_found_around_a_template_is_told_with_a_command_that_gives_it(self):
        broken, results = self.file("broken.yaml", BROKEN), self.path("results.jsonl")
        self.start("fuzz", broken, "--seeds", "1..64", "--budget", "survivable", "--out", "", "--results", results)
        told = json.loads(self.start("merge", results, "--format", "json").stdout)["findings"][0]["again"]
        self.assertTrue(told.endswith(f" merge {results} --out findings"), told)
        given = self.start("merge", results, "--no-shrink", "--out", self.path("findings"), "--format", "json")
        capsule = json.loads(given.stdout)["findings"][0]["capsule"]
        self.assertEqual(self.start("replay", capsule, "--quiet").returncode, 1)

    def test_a_line_that_is_not_as_it_was_written_is_refused(self):
        results = self.path("results.jsonl")
        self.start("fuzz", "--seeds", "1..192", "--results", results, "--out", "")
        lines = pathlib.Path(results).read_text().splitlines(keepends=True)
        lines[1] = re.sub(r'"events":\d', lambda found: found[0][:-1] + str((int(found[0][-1]) % 9) + 1), lines[1])
        changed = self.file("changed.jsonl", "".join(lines))
        for command in ("merge", changed), ("fuzz", "--seeds", "1..192", "--out", "", "--results", changed):
            run = self.start(*command)
            self.assertEqual((run.returncode, run.stdout), (3, ""), command)
            self.assertEqual(run.stderr, f"{changed}:2: expected crc32c: the checksum of all that the line says; some "
                             "of it is not as it was written\n")

    def test_results_of_an_older_format_are_refused(self):
        results = self.path("results.jsonl")
        self.start("fuzz", "--seeds", "1..3", "--results", results, "--out", "")
        text = pathlib.Path(results).read_text()
        older = self.file("older.jsonl", text.replace('"smalldb_sim_block":5', '"smalldb_sim_block":4'))
        run = self.start("merge", older)
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertEqual(run.stderr, f"{older}:1: expected results of format 5, found those of format 4, which another "
                         "version of smalldb-sim writes and merges\n")

    def test_it_is_told_how_much_was_judged_in_shards_as_in_the_whole(self):
        shards = [self.path(f"shard{n}.jsonl") for n in range(2)]
        for n, shard in enumerate(shards):
            self.start("fuzz", "--seeds", "1..128", "--budget", "unrestricted", "--shard", f"{n}/2", "--results", shard,
                       "--out", "")
        junit = self.path("junit.xml")
        whole, merged = (json.loads(self.start(*command, "--format", "json", "--junit", junit).stdout)["tally"]
                         for command in (("fuzz", "--seeds", "1..128", "--budget", "unrestricted", "--out", ""),
                                         ("merge", *shards)))
        self.assertEqual(whole["judged"], merged["judged"])
        # Where disks may lie, nothing is asked of a store; where they may be lost, not that it comes back.
        self.assertLess(0, whole["judged"]["answered"])
        self.assertLess(whole["judged"]["answered"], whole["judged"]["output_rule"])
        self.assertLess(whole["judged"]["output_rule"], 128)
        story = self.file("story.yaml", "why: It may be violated, or not.\nexpect: {output_rule: any}\n")
        told = self.start("fuzz", story, "--seeds", "1..5", "--budget", "survivable", "--out", "", "--junit", junit)
        self.assertRegex(told.stdout, r"(?m)^ +0  output_rule +5  output_rule_causal$")
        suite = xml.etree.ElementTree.parse(junit).getroot()
        skipped = {case.get("name") for case in suite.findall("testcase") if case.find("skipped") is not None}
        self.assertIn("output_rule", skipped)
        self.assertNotIn("output_rule_causal", skipped)
        self.assertEqual(int(suite.get("skipped")), len(skipped))

    def test_results_that_overlap_are_refused(self):
        one, other = self.path("one.jsonl"), self.path("other.jsonl")
        self.start("fuzz", "--seeds", "1..100", "--results", one)
        self.start("fuzz", "--seeds", "33..100", "--results", other)
        run = self.start("merge", one, other)
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertIn("overlap", run.stderr)
        before = pathlib.Path(one).read_text()
        for seeds in "1..200", "2..100", "1..90", "1..64", "101..200", "1..100 --shard 0/2":
            run = self.start("fuzz", "--seeds", *seeds.split(), "--results", one)
            self.assertEqual((run.returncode, run.stdout), (3, ""), seeds)
            self.assertIn("cannot be gone on with", run.stderr)
        self.assertEqual(before, pathlib.Path(one).read_text())

    def test_what_holds_no_result_cannot_be_merged(self):
        run = self.start("merge", self.file("empty.jsonl", ""))
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertIn("no result", run.stderr)


if __name__ == "__main__":
    campaigns.main()

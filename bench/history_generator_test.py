"""What history_generator writes is a history, with the verdict that its case is there for."""
import subprocess
import sys
import unittest

GENERATOR, PROGRAM = sys.argv[1:3]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


class HistoryGeneratorTest(unittest.TestCase):
    def verdict(self, *arguments):
        written = run(GENERATOR, *arguments)
        self.assertEqual(written.returncode, 0, written.stderr)
        return run(PROGRAM, "check", "-", input=written.stdout).stdout

    def test_verdicts(self):
        self.assertRegex(self.verdict("one_key_15_clients"), "^holds .* 10,000 operations on 1 key")
        self.assertRegex(self.verdict("unknown_and_stale"), r"^violated .* 10,000 operations \(1\d\d unknown\)")
        self.assertRegex(self.verdict("appends"), "^holds .* 10,000 operations on 10 keys")

    def test_seeds(self):
        first, again, other = [run(GENERATOR, "reasons/300_ops_5_values", seed).stdout for seed in ("1", "1", "2")]
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual(first.count('"call"'), 300)

    def test_names(self):
        names = run(GENERATOR).stdout.split()
        self.assertIn("hard/search_ten_values_mostly_swaps", names)
        self.assertEqual(len(names), len(set(names)))
        for wrong in (["nothing"], ["appends", "x"], ["appends", "1", "2"]):
            self.assertEqual(run(GENERATOR, *wrong).returncode, 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

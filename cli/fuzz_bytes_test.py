"""Tries what coverage-guided fuzzers are given: fuzz_bytes, and fuzz_target where it is built.

    fuzz_bytes_test.py PROGRAM FUZZ_BYTES ROOT [FUZZ_TARGET]
"""
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAM = FUZZ_BYTES = FUZZ_TARGET = None
ROOT = pathlib.Path(".")

BROKEN = """
why: A store that answers before its backup has the record.
cluster: {rules: {output_rule: off}}
"""


class FuzzBytes(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.broken = self.place / "broken.yaml"
        self.broken.write_text(BROKEN)

    def start(self, program, *arguments, **more):
        return subprocess.run([program, *map(str, arguments)], cwd=ROOT, capture_output=True, check=False, timeout=500,
                              **more)

    def seeds(self, seeds):
        folder = self.place / "bytes"
        folder.mkdir()
        done = self.start(FUZZ_BYTES, "--seeds", seeds, "--out", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return sorted(folder.iterdir())

    def check_capsule(self, folder):
        capsules = list(folder.glob("*.capsule"))
        self.assertTrue(capsules)
        again = self.start(PROGRAM, "replay", capsules[0], "--quiet", text=True)
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertIn("the same failure, and the same trace", again.stdout)

    def test_what_seeds_stand_for_is_written_and_judged(self):
        files = self.seeds("1..30")
        self.assertEqual(len(files), 30)
        done = self.start(FUZZ_BYTES, *files)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_any_bytes_are_judged_from_standard_input(self):
        for text in (b"", b"\xff", b"\xff\xff\xff", bytes(range(256)) * 8):
            self.assertEqual(self.start(FUZZ_BYTES, input=text).returncode, 0, text)

    def test_an_input_that_fails_ends_it_by_a_signal_and_leaves_a_capsule(self):
        done = self.start(FUZZ_BYTES, "--template", self.broken, "--out", self.place, *self.seeds("1..40"))
        self.assertEqual(done.returncode, -signal.SIGABRT, done.stderr)
        self.assertIn(b"violated  ", done.stderr)
        self.check_capsule(self.place)

    def test_wrong_words_are_told(self):
        for arguments in (("--seeds", "9..3"), ("nowhere",), (self.place,), ("--template", "nowhere.yaml")):
            self.assertEqual(self.start(FUZZ_BYTES, *arguments).returncode, 3, arguments)

    def test_libfuzzer_finds_a_planted_bug_from_what_keeps_the_rules(self):
        if FUZZ_TARGET is None:
            self.skipTest("built without libFuzzer")
        self.seeds("1..3")
        findings = self.place / "findings"
        findings.mkdir()
        done = self.start(FUZZ_TARGET, f"--template={self.broken}", f"-artifact_prefix={findings}/", "-runs=20000",
                          "-seed=1", self.place / "bytes")
        self.assertNotEqual(done.returncode, 0, done.stderr[-2000:])
        self.check_capsule(findings)
        crash = next(findings.glob("crash-*"))
        self.assertEqual(self.start(FUZZ_BYTES, "--template", self.broken, "--out", self.place, crash).returncode,
                         -signal.SIGABRT)


if __name__ == "__main__":
    PROGRAM, FUZZ_BYTES, ROOT = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
    FUZZ_TARGET = str(pathlib.Path(sys.argv[4]).resolve()) if len(sys.argv) > 4 else None
    unittest.main(argv=sys.argv[:1])

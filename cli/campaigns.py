"""What the tests of campaigns share: a directory of their own, the program, and a store that lacks a rule.

    class Fuzz(campaigns.Campaigns): ...
    campaigns.main()
"""
import functools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "server"))
from testing.crc32c import crc32c  # noqa: E402

PROGRAM = "smalldb-sim"
ROOT = pathlib.Path(".")

# The store without one of its rules: found within a few seeds.
BROKEN = """
why: A store that answers before its backup has the record.
cluster: {rules: {output_rule: off}}
workload: [{generate: {count: 30}}]
"""


def is_sanitized():
    return b"__asan_init" in pathlib.Path(PROGRAM).read_bytes()


def again(test):
    """A test whose ways through the program others take too: it compares what they come to, which a sanitizer, for
    whom each run takes ten times as long, does not see (cmake/testing.cmake)."""
    @functools.wraps(test)
    def unless_sanitized(self):
        if is_sanitized():
            self.skipTest("other tests take the same ways")
        test(self)
    return unless_sanitized


def result_line(block, **changes):
    """The line of results that says what `block` does, but for what is changed: with the checksum of that."""
    block = {**block, **changes}
    del block["crc32c"]
    block["crc32c"] = crc32c(json.dumps(block, separators=(",", ":"), ensure_ascii=False).encode())
    return json.dumps(block) + "\n"


class Campaigns(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)

    def path(self, name):
        return str(pathlib.Path(self.place.name, name))

    def file(self, name, text):
        pathlib.Path(self.path(name)).write_text(text)
        return self.path(name)

    def start(self, *arguments, fed=None):
        return subprocess.run([PROGRAM, *arguments], cwd=ROOT, input=fed, capture_output=True, text=True, check=False,
                              timeout=300)

    def begin(self, *arguments, **more):
        """For what is done to the program while it runs."""
        return subprocess.Popen([PROGRAM, *arguments], cwd=ROOT, text=True, **more)


def main():
    """NAME_test.py PROGRAM ROOT"""
    global PROGRAM, ROOT
    PROGRAM, ROOT = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])

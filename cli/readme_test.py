"""Holds the README to what the program prints: the lines of its excerpts follow each other there as they do here, but
where a line of three dots says that some are left out.

    readme_test.py PROGRAM ROOT

Numbers may differ, so that a change of timing does not ask for a new README; words may not.
"""
import pathlib
import re
import subprocess
import sys
import unittest

PROGRAM = "smalldb-sim"
ROOT = pathlib.Path(".")


def bare(line):
    """Without its numbers, and with one space where there are several."""
    return re.sub(r"\s+", " ", re.sub(r"[0-9a-f]{16}|\d[\d.,]*", "#", line)).strip()


def first_missing(wanted, printed):
    """The first of the wanted lines that does not stand where it should."""
    printed = [bare(line) for line in printed if line.strip()]
    at, anywhere = 0, True  # where the next line is looked for: from there on, or there
    for line in wanted:
        if not line.strip():
            continue
        if line.strip() == "...":
            anywhere = True
            continue
        places = range(at, len(printed)) if anywhere else range(at, min(at + 1, len(printed)))
        place = next((place for place in places if printed[place] == bare(line)), None)
        if place is None:
            return line
        at, anywhere = place + 1, False
    return None


class Readme(unittest.TestCase):
    def test_excerpts(self):
        readme = (ROOT / "README.md").read_text()
        excerpts = re.findall(r"<!-- excerpt: ([^\n]+) -->\n```\n(.*?)```", readme, re.S)
        self.assertEqual(len(excerpts), 3)
        for arguments, excerpt in excerpts:
            done = subprocess.run([PROGRAM, *arguments.split()], cwd=ROOT, capture_output=True, text=True, check=False)
            # A verdict that is told is one that is violated.
            self.assertEqual(done.returncode, 1 if arguments.startswith("check ") else 0, done.stderr)
            self.assertGreater(len(excerpt.splitlines()), 8)
            self.assertIsNone(first_missing(excerpt.splitlines(), done.stdout.splitlines()))

    def test_links(self):
        for page in ("README.md", "docs/README.md"):
            for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text()):
                self.assertTrue((ROOT / page).parent.joinpath(link).exists(), f"{page}: {link}")

    def test_paths(self):
        """What the README names by its path is there; but for build/, since another build may be the one under test."""
        for path in re.findall(r"`((?:[a-z_]+/)+[\w.]*)`", (ROOT / "README.md").read_text()):
            self.assertTrue(path.startswith("build/") or (ROOT / path).exists(), path)

    def test_a_line_that_is_not_printed_is_missed(self):
        self.assertEqual(first_missing(["a  1", "...", "c 2"], ["a 7", "b", "c"]), "c 2")
        self.assertEqual(first_missing(["b", "a"], ["a", "b"]), "a")
        self.assertEqual(first_missing(["a", "c"], ["a", "b", "c"]), "c")
        self.assertIsNone(first_missing(["a  1", "...", "c 2"], ["a 7", "b", "c 3.5"]))
        self.assertIsNone(first_missing(["a", "b"], ["x", "a", "", "b"]))


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv.pop()).resolve()
    PROGRAM = str(pathlib.Path(sys.argv.pop()).resolve())
    unittest.main()

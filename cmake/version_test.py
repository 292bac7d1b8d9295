"""What a build says of itself (version.cmake): version_test.py CMAKE SCRIPT"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

CMAKE, SCRIPT = sys.argv.pop(1), sys.argv.pop(1)


class Version(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name) / "tree"
        self.root.mkdir()

    def git(self, *words):
        names = ["-c", "user.name=somebody", "-c", "user.email=somebody@localhost", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", self.root, *names, *words], check=True, capture_output=True)

    def commits(self):
        self.git("init")
        self.write("one\n")
        self.git("add", ".")
        self.git("commit", "-m", "One")

    def write(self, text):
        (self.root / "file").write_text(text)

    def version(self):
        output = pathlib.Path(self.folder.name) / "version.cpp"
        subprocess.run([CMAKE, f"-DROOT={self.root}", "-DVERSION=1.2.3", f"-DOUTPUT={output}", "-P", SCRIPT],
                       check=True, capture_output=True)
        return re.search(r'return "(.*)";', output.read_text())[1]

    def test_a_tree_that_is_in_no_repository_has_a_version_alone(self):
        self.assertEqual(self.version(), "1.2.3")

    def test_a_clean_tree_is_its_commit(self):
        self.commits()
        self.assertRegex(self.version(), r"^1\.2\.3 \(commit [0-9a-f]{10}\)$")

    def test_changes_have_a_name_of_their_own_staged_or_not_and_are_forgotten_with_them(self):
        self.commits()
        clean = self.version()
        self.write("two\n")
        two = self.version()
        self.assertRegex(two, r"^1\.2\.3 \(commit [0-9a-f]{10} with changes [0-9a-f]{10}\)$")
        self.git("add", ".")
        self.assertEqual(self.version(), two)
        self.write("three\n")
        self.assertNotIn(self.version(), (clean, two))
        self.write("one\n")
        self.git("add", ".")
        self.assertEqual(self.version(), clean)


if __name__ == "__main__":
    unittest.main()

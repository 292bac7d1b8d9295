"""Tries ./smalldb-sim and ./run-tests with a cmake, a ctest and an apt-get that only write down how they were called.

    launcher_test.py ROOT
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(".")

CMAKE = """#!/bin/sh
echo "cmake $*" >>"$CALLS"
[ -e FAIL ] && echo "main.cpp:1: error: what the compiler says" && exit 1
case "$1" in --build) mkdir -p build/release/bin; cp program build/release/bin/smalldb-sim ;; esac
exit 0
"""
PROGRAM = """#!/bin/sh
for argument; do echo "<$argument>"; done
exit 3
"""
DPKG_QUERY = """#!/bin/sh
for package in $INSTALLED; do printf ' installed:%s ' "$package"; done
"""
WRITES_DOWN = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
[ "$(basename "$0")" = ctest ] || echo "Setting up what nobody wants to read about"
exit "${APT_EXIT:-0}"
"""


class Launcher(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.tree = pathlib.Path(self.place.name, "a tree")
        self.tools = pathlib.Path(self.place.name, "tools")
        (self.tree / "cmake").mkdir(parents=True)
        (self.tree / "model").mkdir()
        self.tools.mkdir()
        for name in ("smalldb-sim", "run-tests", "cmake/prepare.sh", "cmake/packages.txt"):
            shutil.copy2(ROOT / name, self.tree / name)
        for name in ("CMakeLists.txt", "CMakePresets.json", "model/a.cpp", "model/b.cpp"):
            (self.tree / name).write_text("")
        self.script(self.tree / "program", PROGRAM)
        self.script(self.tools / "cmake", CMAKE)
        self.script(self.tools / "dpkg-query", DPKG_QUERY)
        for name in ("apt-get", "ctest", "sudo"):
            self.script(self.tools / name, WRITES_DOWN)
        self.script(self.tools / "sudo", '#!/bin/sh\nexec "$@"\n')
        self.packages = [line.split()[1] for line in (ROOT / "cmake/packages.txt").read_text().splitlines()
                         if line.startswith("build")]
        self.later = 0

    @staticmethod
    def script(path, text):
        path.write_text(text)
        path.chmod(0o755)

    def start(self, program, *arguments, missing=(), cwd="/", **environment):
        """Starts it and leaves in self.calls what it had called."""
        calls = pathlib.Path(self.place.name, "calls")
        calls.write_text("")
        installed = " ".join(package for package in self.packages if package not in missing)
        done = subprocess.run([str(program), *arguments], cwd=cwd, capture_output=True, text=True, check=False, env={
            "PATH": f"{self.tools}:{os.environ['PATH']}", "CALLS": str(calls), "INSTALLED": installed, **environment})
        self.calls = calls.read_text()
        return done

    def edit(self, name):
        self.later += 1  # the clock of a file system may be coarser than this test is fast
        at = (self.tree / "build/release").stat().st_mtime + self.later
        os.utime(self.tree / name, (at, at))

    def test_builds_and_becomes_the_program(self):
        done = self.start(self.tree / "smalldb-sim", "a b", "--seed", "7")
        self.assertEqual((done.stdout, done.returncode), ("<a b>\n<--seed>\n<7>\n", 3))
        self.assertEqual(self.calls, "cmake --fresh --preset release\n"
                                     "cmake --build --preset release --target smalldb-sim\n")

    def test_a_second_start_starts_nothing_else(self):
        self.start(self.tree / "smalldb-sim")
        done = self.start(self.tree / "smalldb-sim", "x")
        self.assertEqual((done.stdout, done.stderr, done.returncode, self.calls), ("<x>\n", "", 3, ""))

    def test_an_edit_or_a_file_that_has_gone_builds_again(self):
        self.start(self.tree / "smalldb-sim")
        self.edit("model/a.cpp")
        self.start(self.tree / "smalldb-sim")
        self.assertIn("--build", self.calls)
        shutil.rmtree(self.tree / "build")
        self.start(self.tree / "smalldb-sim")
        (self.tree / "model/b.cpp").unlink()
        self.edit("model")
        self.start(self.tree / "smalldb-sim")
        self.assertIn("--build", self.calls)

    def test_an_edit_in_any_folder_that_is_built_is_seen(self):
        for cmake_lists in sorted(ROOT.glob("*/CMakeLists.txt")):
            folder = self.tree / cmake_lists.parent.name
            folder.mkdir(exist_ok=True)
            (folder / "a.cpp").write_text("")
        self.start(self.tree / "run-tests")
        for cmake_lists in sorted(ROOT.glob("*/CMakeLists.txt")):
            name = f"{cmake_lists.parent.name}/a.cpp"
            self.edit(name)
            self.start(self.tree / "run-tests")
            self.assertIn("cmake --build", self.calls, name)
            os.utime(self.tree / name, (0, 0))  # the next one is to be seen for itself

    def test_a_program_that_has_gone_is_built_again(self):
        self.start(self.tree / "smalldb-sim")
        (self.tree / "build/release/bin/smalldb-sim").unlink()
        self.assertEqual(self.start(self.tree / "smalldb-sim").returncode, 3)

    def test_a_failed_build_says_so_and_is_tried_again(self):
        self.start(self.tree / "smalldb-sim")
        (self.tree / "FAIL").write_text("")
        self.edit("model/a.cpp")
        for _ in range(2):
            done = self.start(self.tree / "smalldb-sim")
            self.assertEqual((done.stdout, done.returncode), ("", 4))
            self.assertIn("what the compiler says", done.stderr)
            self.assertIn("the release build failed", done.stderr.splitlines()[-1])

    def test_says_what_it_installs_and_why(self):
        done = self.start(self.tree / "smalldb-sim", missing=("catch2", "cmake"))
        self.assertRegex(done.stderr, r"installing .*apt-get")
        self.assertRegex(done.stderr, r"catch2 +runs the tests")
        self.assertNotIn("libfmt-dev", done.stderr)
        self.assertNotIn("Setting up", done.stderr + done.stdout)
        self.assertRegex(self.calls, r"apt-get .*install .* cmake catch2\n")
        self.assertEqual(done.returncode, 3)

    def test_a_failed_installation_is_one_clear_message(self):
        done = self.start(self.tree / "smalldb-sim", missing=("catch2",), APT_EXIT="100")
        self.assertEqual((done.stdout, done.returncode), ("", 4))
        self.assertIn("could not install: catch2", done.stderr.splitlines()[-1])
        self.assertIn("Setting up", done.stderr)  # the words of apt-get, which say why

    def test_works_through_a_link_from_anywhere(self):
        link = pathlib.Path(self.place.name, "link")
        link.symlink_to(self.tree / "smalldb-sim")
        self.assertEqual(self.start(link, "x", cwd=self.tools).stdout, "<x>\n")

    def test_run_tests_builds_all_and_passes_its_arguments_to_ctest(self):
        self.assertEqual(self.start(self.tree / "run-tests", "-R", "split brain").returncode, 0)
        self.assertIn("--target all\n", self.calls)
        self.assertRegex(self.calls, r"ctest --preset release --parallel \d+ -R split brain\n$")
        self.assertEqual(self.start(self.tree / "run-tests", APT_EXIT="8").returncode, 8)


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()

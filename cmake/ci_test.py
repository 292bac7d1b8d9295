"""Tries .ci/run, the hosted workflow and the cluster's campaign with programs that do nothing but end as they are told.

    ci_test.py ROOT
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(".")

# Writes down how it was called, and ends with what stands in a file of its name, if there is one.
ENDS_AS_TOLD = """#!/bin/sh
name=$(basename "$0")
echo "$name $*" >>"$CALLS"
[ ! -e "$ENDS/$name" ] || exit "$(cat "$ENDS/$name")"
"""
# The program, in a pod: what it is asked to write is there, and `merge` says what it was given.
IN_A_POD = """#!/bin/sh
case "$1" in
  --version) echo "$VERSION" ;;
  fuzz) while [ "$1" != --results ]; do shift; done; echo "a result" >>"$2"; exit 2 ;;
  merge) echo "merge of $(echo "$*" | grep -o "[.]jsonl" | wc -l) shards" ;;
esac
"""


def shell_of(path, name):
    """What the step or container of that name runs, as a shell is given it: the block of lines behind `run: |`, or
    behind `- >-`, whose lines are one."""
    text = (ROOT / path).read_text()
    behind = re.search(rf"(?m)^ *- name: {name}\n", text).end()
    found = re.compile(r"(?m)^( *)(?:run: \||- >-)\n((?:\1 +.*\n)+)").search(text, behind)
    lines = [line.strip() for line in found.group(2).splitlines()]
    return (" " if ">-" in found.group(0) else "\n").join(lines)


class WithFakes(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.folder = pathlib.Path(self.place.name)
        self.tools, self.ends, self.calls = (self.folder / name for name in ("tools", "ends", "calls"))
        self.tools.mkdir()
        self.ends.mkdir()
        self.calls.write_text("")

    @staticmethod
    def script(path, text=ENDS_AS_TOLD):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *command, folder, **more):
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False, env={
            **os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}", "CALLS": str(self.calls),
            "ENDS": str(self.ends), **more})


class Run(WithFakes):
    def setUp(self):
        super().setUp()
        self.tree = self.folder / "tree"
        for name in (".ci/run", "run-tests", "cmake/prepare.sh", "cmake/packages.txt"):
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.tree / name)
        for name in ("CMakeLists.txt", "CMakePresets.json"):
            (self.tree / name).write_text("")
        programs = ["release/bin/smalldb-sim", "release/bin/fuzz_bytes"]
        programs += [f"sanitize/bin/{name}" for name in ("fuzz_target", "http_fuzz", "peer_fuzz")]
        for name in (".ci/tidy_code", ".ci/same_everywhere", *(f"build/{program}" for program in programs)):
            self.script(self.tree / name)
        self.script(self.tools / "ctest", ENDS_AS_TOLD + "echo 100% tests passed\n")
        for name in ("cmake", "git", "clang-format", "python3", "apt-get", "sudo"):
            self.script(self.tools / name)
        packages = [line.split()[1] for line in (ROOT / "cmake/packages.txt").read_text().splitlines()
                    if line and line[0] != "#"]
        self.script(self.tools / "dpkg-query", "#!/bin/sh\n" + "".join(f"printf ' installed:{name} '\n"
                                                                       for name in packages))

    def run_with(self, **ends):
        """.ci/run where these programs end so: its exit code, and the steps that failed."""
        for name, code in ends.items():
            (self.ends / name.replace("_sim", "-sim")).write_text(str(code))
        run = self.start(".ci/run", folder=self.tree)
        last = run.stderr.splitlines()[-1] if run.stderr else ""
        return run.returncode, last.removeprefix("RED: ").split() if last.startswith("RED: ") else []

    def test_it_is_green_if_all_is_and_each_test_is_told_to_a_server(self):
        self.assertEqual(self.run_with(), (0, []))
        calls = self.calls.read_text()
        for preset, name in ("release", "tests"), ("sanitize", "tests_sanitized"), ("clang", "tests_clang"):
            self.assertRegex(calls, rf"(?m)^ctest --preset {preset} .*--output-junit=\S+/build/ci/{name}\.xml$")
        for name in "corpus", "fresh_seeds":
            self.assertRegex(calls, rf"(?m)^smalldb-sim fuzz .*--junit \S+/build/ci/{name}\.xml")

    def test_of_a_campaign_nothing_but_0_is_green(self):
        for code in 1, 2, 4, 137:
            self.assertEqual(self.run_with(smalldb_sim=code), (1, ["fuzz_corpus", "fuzz_fresh_seeds"]), code)

    def test_what_a_fuzzer_of_bytes_finds_is_red(self):
        for name in "fuzz_target", "http_fuzz", "peer_fuzz":
            self.assertEqual(self.run_with(**{name: 77}), (1, ["fuzz_bytes"]), name)
            (self.ends / name).unlink()


class Hosted(WithFakes):
    def test_of_a_campaign_nothing_but_0_is_green(self):
        self.script(self.folder / "smalldb-sim")
        step = shell_of(".github/workflows/fuzz.yml", "fuzz").replace("${{ matrix.budget }}", "survivable")
        self.assertIn("smalldb-sim fuzz", step)
        for code in 0, 1, 2, 4:
            (self.ends / "smalldb-sim").write_text(str(code))
            run = self.start("sh", "-e", "-c", step, folder=self.folder, GITHUB_SHA="0a1b2c3d",
                             GITHUB_EVENT_NAME="push")
            self.assertEqual(run.returncode, code, run.stderr)
        self.assertIn("--seeds 0a1b2c3d ", self.calls.read_text())


class Kubernetes(WithFakes):
    def setUp(self):
        super().setUp()
        self.results = self.folder / "results"
        self.results.mkdir()
        self.script(self.tools / "smalldb-sim", IN_A_POD)
        self.script(self.tools / "sleep", "#!/bin/sh\nkill $PPID\n")  # who waits is not waited for

    def pod(self, container, number=0, **other):
        text = shell_of(".ci/campaign/kubernetes.yaml", container).replace("/results", str(self.results))
        return self.start("sh", "-c", text, folder=self.folder, **{
            "JOB_COMPLETION_INDEX": str(number), "SEEDS": "1..100", "SHARDS": "2", "OPTIONS": "",
            "VERSION": "smalldb-sim 1 (commit 0a1b)", **other})

    def test_shards_are_merged_when_all_are_there_and_those_of_another_campaign_are_not(self):
        merged = "merge of 2 shards\n"
        self.assertEqual(self.pod("merge").stdout, "")
        self.assertEqual(self.pod("fuzz", 0).returncode, 0)
        self.assertEqual(self.pod("merge").stdout, "")
        self.assertEqual(self.pod("fuzz", 1).returncode, 0)
        self.assertEqual(self.pod("merge").stdout, merged)
        for other in ({"SEEDS": "1..200"}, {"SHARDS": "1"}, {"OPTIONS": "--budget survivable"},
                      {"VERSION": "smalldb-sim 1 (commit 0a1c)"}):
            self.assertEqual(self.pod("merge", **other).stdout, "", other)
        self.assertEqual(self.pod("merge").stdout, merged)


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=sys.argv[:1])

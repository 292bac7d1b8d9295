"""Makes the Debian package, and looks at what it would install: package_test.py BUILD_FOLDER.

The scripts and the services are read by the programs that will read them, where those are there.
"""
import gzip
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = None


def output_of(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


class Package(unittest.TestCase):
    def test_what_is_in_it(self):
        with tempfile.TemporaryDirectory() as folder:
            output_of("cpack", "-G", "DEB", "-B", folder, "--config", f"{BUILD}/CPackConfig.cmake")
            package = next(pathlib.Path(folder).glob("smalldb-server_*.deb"))
            fields = output_of("dpkg-deb", "--field", str(package))
            self.assertIn("Package: smalldb-server\n", fields)
            self.assertRegex(fields, r"Depends: .*\badduser\b")
            self.assertRegex(fields, r"Depends: .*\blibssl3\b")
            names = output_of("dpkg-deb", "--contents", str(package))
            for name in ("usr/bin/smalldb-server", "usr/bin/smalldb", "lib/systemd/system/smalldb-server.service",
                         "lib/systemd/system/smalldb-arbiter.service", "doc/smalldb-server/server.md",
                         "doc/smalldb-server/openapi.json", "doc/smalldb-server/copyright", "man8/smalldb-server.8.gz",
                         "man8/smalldb-server-arbiter.8.gz", "man1/smalldb.1.gz"):
                self.assertRegex(names, rf"/{name}\n")
            self.assertNotIn("smalldb-sim", names)
            output_of("dpkg-deb", "--extract", str(package), f"{folder}/files")
            output_of("dpkg-deb", "--control", str(package), f"{folder}/control")
            pages = pathlib.Path(folder, "files/usr/share/doc/smalldb-server")
            for page in ("server.md", "protocol.md"):
                for target in re.findall(r"\]\(([^)#:]+)[)#]", (pages / page).read_text()):
                    self.assertTrue((pages / target).exists(), f"{page} points to {target}")
            self.assertIn("Starting a pair", output_of(f"{folder}/files/usr/bin/smalldb-server", "--help"))
            self.assertIn("Exit codes", output_of(f"{folder}/files/usr/bin/smalldb", "--help"))
            for page, words in (("man8/smalldb-server.8", "$ curl http"),
                                ("man1/smalldb.1", "$ smalldb put greeting hello"),
                                ("man8/smalldb-server-arbiter.8", "smalldb-server-arbiter - the tie breaker")):
                manual = gzip.decompress(pathlib.Path(folder, f"files/usr/share/man/{page}.gz").read_bytes()).decode()
                self.assertIn(words, manual.replace("\\", ""))
            # Understood word for word: all that they lack here is the secret.
            for example, mode in (("server", []), ("arbiter", ["arbiter"])):
                config = f"{folder}/files/usr/share/doc/smalldb-server/examples/{example}.conf"
                said = subprocess.run([f"{folder}/files/usr/bin/smalldb-server", *mode, "--config", config, "--data",
                                       f"{folder}/{example}", "--secret-file", f"{folder}/no-secret"],
                                      capture_output=True, text=True, timeout=120)
                self.assertEqual(said.returncode, 4, said)
                self.assertIn("no-secret", said.stderr)
            for script in ("postinst", "prerm", "postrm"):
                output_of("sh", "-n", f"{folder}/control/{script}")
                self.assertTrue(pathlib.Path(folder, "control", script).stat().st_mode & 0o100)

    def purge(self, *files):
        """What is left of the files of a machine, and whether the user is."""
        with tempfile.TemporaryDirectory() as folder:
            root, programs = pathlib.Path(folder, "root"), pathlib.Path(folder, "programs")
            for name in ("etc/smalldb", "var/lib/smalldb", "var/lib/smalldb-arbiter", "var/log/smalldb"):
                (root / name).mkdir(parents=True)
            for name in files:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("")
            programs.mkdir()
            for name, does in (("getent", "true"), ("deluser", f"touch {folder}/deleted")):
                (programs / name).write_text(f"#!/bin/sh\n{does}\n")
                (programs / name).chmod(0o755)
            output_of("sh", str(pathlib.Path(__file__).parent / "postrm"), "purge",
                      env={"DPKG_ROOT": str(root), "PATH": f"{programs}:/usr/bin:/bin"})
            left = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
            empty = [path for path in root.rglob("*smalldb*") if path.is_dir() and not any(path.iterdir())]
            self.assertEqual(empty, [])
            return left, not pathlib.Path(folder, "deleted").exists()

    def test_a_purge_takes_no_store_and_no_secret(self):
        wanted = "etc/systemd/system/multi-user.target.wants/"
        made = ("var/log/smalldb/server.log", f"{wanted}smalldb-server.service", f"{wanted}smalldb-arbiter.service")
        self.assertEqual(self.purge(*made), (set(), False))
        for file in ("var/lib/smalldb/meta", "var/lib/smalldb-arbiter/grants", "etc/smalldb/secret"):
            self.assertEqual(self.purge(file, f"{wanted}another.service", *made),
                             ({file, f"{wanted}another.service"}, True))

    def test_the_services_are_understood_and_hardened(self):
        for name in ("smalldb-server", "smalldb-arbiter"):
            text = (pathlib.Path(__file__).parent / f"{name}.service").read_text()
            for line in ("Type=notify", "Restart=on-failure", "RestartPreventExitStatus=3", "StartLimitIntervalSec=0",
                         "User=smalldb", "NoNewPrivileges=yes",
                         "ProtectSystem=strict", "CapabilityBoundingSet="):
                self.assertIn(f"\n{line}\n", text)
            if shutil.which("systemd-analyze"):
                with tempfile.TemporaryDirectory() as folder:
                    unit = pathlib.Path(folder, f"{name}.service")
                    unit.write_text(text.replace("/usr/bin/smalldb-server", "/bin/true"))
                    said = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True,
                                          text=True, timeout=120).stderr
                    self.assertNotIn(f"{name}.service", said)


class Manuals(unittest.TestCase):
    """What a reader of the pages sees of the help they are made from."""

    @classmethod
    def setUpClass(cls):
        if not shutil.which("help2man"):
            raise unittest.SkipTest("help2man is not installed")
        with tempfile.TemporaryDirectory() as folder:
            values = {"HELP2MAN": "help2man", "GZIP": "gzip", "VERSION": "1.2.3", "FOLDER": folder,
                      "SERVER": f"{BUILD}/bin/smalldb-server", "CLIENT": f"{BUILD}/bin/smalldb"}
            output_of("cmake", *(f"-D{name}={value}" for name, value in values.items()), "-P",
                      str(pathlib.Path(__file__).parent / "manuals.cmake"))
            cls.pages = {path.stem: gzip.decompress(path.read_bytes()).decode()
                         for path in pathlib.Path(folder).glob("man*/*")}

    def test_sections(self):
        common = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"]
        of_a_process = [*common, "SIGNALS", "EXIT CODES", "CONFIGURATION FILE", "EXAMPLES"]
        wanted = {"smalldb-server.8": of_a_process, "smalldb-server-arbiter.8": of_a_process,
                  "smalldb.1": [*common, "NOTES", "EXIT CODES", "EXAMPLES"]}
        sections = {name: re.findall(r'(?m)^\.SH "?([^"\n]+)', page) for name, page in self.pages.items()}
        self.assertEqual(sections, wanted)
        for name, page in self.pages.items():
            _, *behind_options = re.split(r'(?m)^\.SH ', page[page.index(".SH OPTIONS"):])[1:]
            self.assertNotRegex("".join(behind_options), r"(?m)^\.SS", name)
            (codes,) = [section for section in behind_options if section.startswith('"EXIT CODES"')]
            self.assertGreater(codes.count(".TP\n"), 3, name)

    def test_a_command_is_not_torn_apart(self):
        goes_on = r"\\e\\fR\n"
        for name in ("smalldb-server.8", "smalldb-server-arbiter.8"):
            lines = re.findall(goes_on + r"(?=(.*\n.*))", self.pages[name])
            self.assertGreater(len(lines), 1)
            for line in lines:
                self.assertTrue(line.startswith(".br\n\\f(CW> "), line)

    def test_the_heading_has_room(self):
        for name, page in self.pages.items():
            title, section, manual = re.search(r'(?m)^\.TH (\S+) "(\d)" "[^"]*" "[^"]*" "([^"]*)"$', page).groups()
            self.assertLess(2 * len(f"{title}({section})") + len(manual) + 2, 78, name)


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main(verbosity=2)

"""Shows check_pages.py wrong pages, one mistake each, and expects it to see every one; and right ones, and none."""
import contextlib
import io
import os
import pathlib
import tempfile
import unittest

import check_pages

STORY = """\
#!/bin/bash
# Stands for smalldb-sim: prints a little story about the file that it is given.
echo "a story of $1"
for line in one two three; do echo "at $line: something happened"; done
echo "over"
[[ $1 != bad.yaml ]]
"""


class Pages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.program = self.root / "program"
        self.program.write_text(STORY)
        os.chmod(self.program, 0o755)
        (self.root / "labs").mkdir()

    def write(self, text, name="labs/page.md"):
        (self.root / name).write_text(text)
        return name

    def check(self, text, rewrite=False):
        return check_pages.check_page(self.write(text), self.program, self.root, rewrite)

    def assert_right(self, text):
        self.assertEqual(self.check(text)[0], [])

    def assert_wrong(self, text, line, words):
        findings = self.check(text)[0]
        self.assertEqual(len(findings), 1, findings)
        self.assertTrue(findings[0].startswith(f"labs/page.md:{line}: "), findings[0])
        self.assertIn(words, findings[0])


def console(*lines):
    return "\n".join(["# A page", "", "```console", *lines, "```", ""])


RUN = "$ ./smalldb-sim good.yaml"
TOLD = [
    "a story of good.yaml",
    "at one: something happened",
    "at two: something happened",
    "at three: something happened",
    "over",
]


class Comparing(Pages):
    def test_all_that_is_printed_is_right(self):
        self.assert_right(console(RUN, *TOLD))

    def test_elisions_stand_for_any_lines(self):
        self.assert_right(console(RUN, TOLD[0], "...", TOLD[2], "...", "over"))
        self.assert_right(console(RUN, "...", TOLD[3], "..."))
        self.assert_right(console(RUN, "..."))

    def test_an_elision_may_stand_for_no_line(self):
        self.assert_right(console(RUN, *TOLD[:2], "...", *TOLD[2:], "..."))

    def test_a_line_that_is_not_printed(self):
        self.assert_wrong(console(RUN, "...", "at four: something happened", "..."), 6, "does not print this")

    def test_a_changed_word_is_shown_with_what_was_printed(self):
        shown = console(RUN, "...", "at two: nothing happened", "...")
        self.assert_wrong(shown, 6, "but this: at two: something happened")

    def test_the_wrong_order(self):
        self.assert_wrong(console(RUN, "...", TOLD[3], "...", TOLD[1], "..."), 8, "does not print this")

    def test_the_first_lines_left_out_without_an_elision(self):
        self.assert_wrong(console(RUN, *TOLD[1:3], "..."), 5, "does not print this")

    def test_lines_left_out_without_an_elision(self):
        self.assert_wrong(console(RUN, TOLD[0], TOLD[2], "..."), 6, "does not print this")

    def test_more_printed_than_shown(self):
        self.assert_wrong(console(RUN, *TOLD[:4]), 4, "prints more")

    def test_nothing_shown(self):
        self.assert_wrong(console(RUN), 4, "prints more")

    def test_more_shown_than_printed(self):
        self.assert_wrong(console(RUN, *TOLD, "and they lived"), 10, "does not print this")

    def test_a_repeated_line_must_be_printed_twice(self):
        self.assert_wrong(console(RUN, "...", TOLD[1], "...", TOLD[1], "..."), 8, "does not print this")

    def test_every_block_of_a_page_counts(self):
        self.assert_wrong(console(RUN, *TOLD) + console("$ echo yes", "no"), 15, "does not print this")


class Statuses(Pages):
    def test_a_failure_must_be_told(self):
        self.assert_wrong(console("$ ./smalldb-sim bad.yaml", "..."), 4, "exits with 1")

    def test_a_failure_told(self):
        self.assert_right(console("$ ./smalldb-sim bad.yaml", "...", "$ echo $?", "1"))

    def test_a_failure_told_wrongly(self):
        self.assert_wrong(console("$ ./smalldb-sim bad.yaml", "...", "$ echo $?", "0"), 7, "does not print this")

    def test_diff_may_differ_but_not_fail(self):
        self.write("one\n", "one.txt")
        self.write("two\n", "two.txt")
        self.assert_right(console("$ diff one.txt two.txt", "..."))
        self.assert_wrong(console("$ diff one.txt three.txt", "..."), 4, "exits with 2")


class Pointers(Pages):
    def test_a_path_to_nowhere(self):
        self.assert_right(console(RUN, "...") + "Read `labs/page.md` and [it](page.md#there).")
        self.assert_wrong(console(RUN, "...") + "Read `model/gone.h`.", 7, "there is no model/gone.h")
        self.assert_wrong(console(RUN, "...") + "Read [it](gone.md).", 7, "there is no gone.md")

    def test_what_a_build_makes_need_not_be_there(self):
        self.assert_right("It is left at `build/release/bin/smalldb-sim`.")

    def test_a_block_without_a_command(self):
        findings = self.check(console("over"))[0]
        self.assertIn("labs/page.md:4: a console block begins with a command", findings[0])

    def test_the_list_of_a_folder(self):
        self.write(console("$ ./smalldb-sim labs/a.yaml", "..."))
        self.write("", "labs/a.yaml")
        self.assertEqual(list(check_pages.check_list(self.root, "labs", ["page.md", "a.yaml"])), [])
        self.write("", "labs/b.yaml")
        findings = list(check_pages.check_list(self.root, "labs", ["page.md", "a.yaml", "c.yaml"]))
        self.assertEqual(findings, [
            "labs/b.yaml:1: not listed in labs's CMakeLists.txt",
            "labs/c.yaml:1: listed and not there",
            "labs/b.yaml:1: no page runs this scenario",
        ])

    def test_a_page_of_the_list_that_runs_nothing(self):
        self.write("# A page\n")
        self.assertEqual(list(check_pages.check_list(self.root, "labs", ["page.md"])),
                         ["labs/page.md:1: no command to run on this page"])


class Rewriting(Pages):
    def assert_becomes(self, shown, lines):
        findings, text = self.check(console(RUN, *shown), rewrite=True)
        self.assertEqual(findings, [])
        self.assertEqual(text, console(RUN, *lines))

    def test_a_right_page_stays(self):
        for shown in (TOLD, ["...", TOLD[2], "..."], [*TOLD, "...", ""]):
            self.assert_becomes(shown, shown)

    def test_without_elision_all_is_replaced(self):
        self.assert_becomes(["once upon a time"], TOLD)

    def test_chosen_lines_follow_what_is_printed(self):
        self.assert_becomes(["...", "at two: something else happened", "..."], ["...", TOLD[2], "..."])
        self.assert_becomes([TOLD[0], "at one: some happened", "at three: something happens", "..."],
                            [TOLD[0], TOLD[1], "...", TOLD[3], "..."])

    def test_a_line_that_resembles_nothing_stays_and_is_a_finding(self):
        findings, text = self.check(console(RUN, "...", "a dragon", "over"), rewrite=True)
        self.assertEqual(len(findings), 1)
        self.assertIn("a dragon", text)


class Exits(Pages):
    def test_a_wrong_page_fails_the_run(self):
        page = self.write(console(RUN, "once upon a time"))
        arguments = [str(self.program), str(self.root), page]
        with contextlib.redirect_stdout(io.StringIO()) as told:
            self.assertEqual(check_pages.main(arguments), 1)
        self.assertIn("labs/page.md:5: ", told.getvalue())
        self.assertEqual(check_pages.main(["--rewrite", *arguments]), 0)
        self.assertEqual(check_pages.main(arguments), 0)


if __name__ == "__main__":
    unittest.main()

"""What mutants.py takes and refuses, and that no entry of the catalogue was forgotten."""
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import mutants  # noqa: E402
from kill_matrix import STRATEGIES as MEASURED, Cell, Matrix, refuse_false_alarms  # noqa: E402
from page import LEFT_OUT, STRATEGIES, page, with_commit, with_rows  # noqa: E402

ROOT = mutants.FOLDER.parent.parent
# Of bugs known from lectures, quizzes, test suites and issues of real systems; not all numbers were given.
CATALOGUE = {1, 2, 3, 5, 6, 7, 9, *range(11, 20), *range(21, 27), *range(28, 33), 34, 35, 37, *range(39, 45),
             *range(46, 57), *range(58, 66), 67, 69, 70, 72, 73, 76}
GOOD = """what = "It says yes."
rule = "F2"
from = "our own"
kind = "safety"

[[change]]
file = "model/thing.cpp"
before = "return no;"
after = "return yes;"
"""


class Tree(unittest.TestCase):
    """A model of one file, and a mutant of it."""

    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.root = pathlib.Path(self.place.name)
        (self.root / "model").mkdir()
        self.source = self.root / "model/thing.cpp"
        self.source.write_text("Answer thing() {\n  return no;\n}\n")

    def mutant(self, text, name="M01_says_yes"):
        path = self.root / f"{name}.toml"
        path.write_text(text)
        return mutants.read_mutant(path)

    def assert_refused(self, text, words, name="M01_says_yes"):
        with self.assertRaises(mutants.Wrong) as refused:
            mutants.apply(self.mutant(text, name), self.root)
        self.assertIn(words, str(refused.exception))
        self.assertTrue(str(refused.exception).startswith(f"{name}.toml: "), str(refused.exception))


class Applying(Tree):
    def test_one_change(self):
        changed = mutants.apply(self.mutant(GOOD), self.root)
        self.assertEqual(changed, {"model/thing.cpp": "Answer thing() {\n  return yes;\n}\n"})

    def test_the_copy_is_written_and_the_source_left_alone(self):
        mutants.write(self.mutant(GOOD), self.root, self.root / "out")
        self.assertIn("return yes;", (self.root / "out/model/thing.cpp").read_text())
        self.assertIn("return no;", self.source.read_text())

    def test_a_second_change_sees_the_first(self):
        second = '\n[[change]]\nfile = "model/thing.cpp"\nbefore = "return yes;"\nafter = "return maybe;"\n'
        changed = mutants.apply(self.mutant(GOOD + second), self.root)
        self.assertIn("return maybe;", changed["model/thing.cpp"])

    def test_what_is_not_there(self):
        self.source.write_text("Answer thing() { return perhaps; }\n")
        self.assert_refused(GOOD, "stands 0 times in model/thing.cpp, and must stand once: return no;")

    def test_what_is_there_twice(self):
        self.source.write_text("return no; return no;\n")
        self.assert_refused(GOOD, "stands 2 times in model/thing.cpp, and must stand once: return no;")

    def test_a_source_that_is_gone(self):
        self.source.unlink()
        self.assert_refused(GOOD, "there is no model/thing.cpp")


class Reading(Tree):
    def test_no_toml(self):
        self.assert_refused("what is this", "Expected")

    def test_a_field_missing(self):
        self.assert_refused(GOOD.replace('rule = "F2"\n', ""), "wants change, from, kind, rule, what; has")

    def test_an_unknown_kind(self):
        self.assert_refused(GOOD.replace("safety", "style"), "wants one of safety, liveness, performance")

    def test_an_unknown_rule(self):
        self.assert_refused(GOOD.replace("F2", "R2"), "wants one of docs/protocol.md")

    def test_a_header(self):
        self.assert_refused(GOOD.replace("thing.cpp", "thing.h"), "wants a source, model/NAME.cpp or the like")

    def test_a_checker(self):
        self.assert_refused(GOOD.replace("model/", "properties/"), "wants a source of the model")

    def test_nothing_changed(self):
        self.assert_refused(GOOD.replace("return yes;", "return no;"), "changes nothing in model/thing.cpp")

    def test_a_text_that_is_a_number(self):
        self.assert_refused(GOOD.replace('"It says yes."', "7"), "every field is a text")

    def test_a_name_without_a_number(self):
        self.assert_refused(GOOD, "is called M, two digits", "says_yes")

    def test_two_of_one_number(self):
        self.mutant(GOOD), self.mutant(GOOD, "M01_says_so")
        with self.assertRaisesRegex(mutants.Wrong, "M01: two mutants have this number"):
            mutants.read_all(self.root)


class Unmended(Tree):
    """What takes the mend of a regression back."""
    PATCH = "".join(line for line in GOOD.splitlines(True) if not line.startswith(("rule", "from", "kind")))

    def setUp(self):
        super().setUp()
        (self.root / "it_said_no.yaml").write_text("name: it_said_no\n")

    def read(self, text):
        (self.root / "it_said_no.toml").write_text(text)
        return mutants.read_unmended(self.root)

    def test_one_for_each_scenario(self):
        (patch,) = self.read(self.PATCH)
        self.assertEqual(patch.name, "it_said_no")
        self.assertIn("return yes;", mutants.apply(patch, self.root)["model/thing.cpp"])

    def test_of_a_checker(self):
        (patch,) = self.read(self.PATCH.replace("model/", "properties/"))
        self.assertEqual(patch.files, ["properties/thing.cpp"])

    def test_a_scenario_without_one(self):
        with self.assertRaisesRegex(mutants.Wrong, "^it_said_no.toml: every regression has one"):
            mutants.read_unmended(self.root)

    def test_a_mutant_says_more(self):
        self.assert_refused(self.PATCH, "wants change, from, kind, rule, what")


class OfThisStore(unittest.TestCase):
    def test_there_are_enough(self):
        self.assertGreaterEqual(len(mutants.read_all()), 55)

    def test_no_entry_of_the_catalogue_is_forgotten(self):
        had = {int(number) for mutant in mutants.read_all() for number in re.findall(r"\bM(\d+)", mutant.source)}
        left_out = {int(number[1:]) for number in LEFT_OUT}
        self.assertEqual(CATALOGUE - had - left_out, set())
        self.assertEqual(had & left_out, set())
        self.assertEqual((had | left_out) - CATALOGUE, set())

    def test_the_rules_are_those_of_the_protocol(self):
        protocol = (ROOT / "docs/protocol.md").read_text()
        for mutant in mutants.read_all():
            self.assertIn(f"| {mutant.rule} ", protocol, mutant.name)


class Page(unittest.TestCase):
    """What docs/mutants.md says of three mutants, of which one is measured once more."""

    MUTANTS = [mutants.Mutant(f"{number}_x", what="It lies.", rule="F2", source="our own", kind="safety", changes=())
               for number in ("M01", "M02", "M03")]

    @staticmethod
    def cell(*runs, in_vain=0):
        kills = [{"runs": count, "events": 10 * count, "property": "output_rule"} for count in runs]
        return Cell(kills + [{"runs": in_vain, "events": 0, "property": ""}] * (in_vain > 0), kills)

    def cells(self, swarm):
        return {(mutant.name, strategy): of if strategy == "swarm" else self.cell(in_vain=50)
                for mutant, of in swarm.items() for strategy in STRATEGIES}

    def test_new_rows_are_put_in_and_summed_up_again(self):
        one, two, three = self.MUTANTS
        cells = self.cells({one: self.cell(2, 4, 6), two: self.cell(9000, 12000, in_vain=200_000),
                            three: self.cell(in_vain=200_000)})
        before = page(self.MUTANTS, cells, 3, ROOT)
        self.assertIn("Of 3 safety mutants swarm notices 2; one of the three strategies notices 2.", before)
        self.assertIn("Swarm notices 1 of them within 2,000 scenarios", before)
        self.assertIn("the longest campaign that ended with a kill took 12,000.", before)
        self.assertIn("12,000 (2 of 3 campaigns, worst 12,000; 120 k events)", before)
        after = with_rows(before, [two], self.cells({two: self.cell(3, 5, 7)}), 3, ROOT)
        self.assertIn("Swarm notices 2 of them within 2,000 scenarios", after)
        self.assertIn("the longest campaign that ended with a kill took 7.", after)
        changed = [line for line in after.split("\n") if line not in before.split("\n")]
        self.assertEqual(["Swarm notices", "The median", "| **M02**", "At commit"],
                         [" ".join(line.split()[:2]) for line in changed])
        self.assertRegex(after, r"At commit \S+, M02 at \S+;")

    def test_each_mutant_has_one_commit(self):
        line = "At commit a1, M01, M02 at b2, M07 at c3; and so on"
        self.assertEqual("At commit a1, M01 at b2, M07 at c3, M02 at d4; and so on", with_commit(line, ["M02"], "d4"))
        self.assertEqual("At commit a1, M01, M02, M07 at d4; and so on",
                         with_commit(line, ["M01", "M02", "M07"], "d4"))
        self.assertEqual("something else;", with_commit("something else;", ["M02"], "d4"))

    def test_a_mutant_that_the_page_has_not_got_needs_a_whole_page(self):
        one, two, _ = self.MUTANTS
        cells = self.cells({one: self.cell(2), two: self.cell(2)})
        with self.assertRaisesRegex(SystemExit, "no row for M02"):
            with_rows(page([one], cells, 1, ROOT), [two], cells, 1, ROOT)


class Control(unittest.TestCase):
    """The store as it is, in the place of which a script says what a strategy noticed at it."""

    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.programs = pathlib.Path(self.place.name) / "mutants"
        self.programs.mkdir()

    def matrix(self, by_strategy):
        """`by_strategy`: the property that it calls violated."""
        program = self.programs.parent / "first_kill"
        program.write_text("#!/usr/bin/env python3\nimport json, sys\n"
                           "strategy, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])\n"
                           f"found = {by_strategy!r}.get(strategy, '')\n"
                           "print(json.dumps({'runs': last + 1 - first, 'events': 7, 'last': 'seed 5',"
                           " 'property': found, 'shape': 'is gone'}))\n")
        program.chmod(0o755)
        return Matrix(self.programs, self.programs, 20, False)

    def test_at_which_nothing_is_noticed(self):
        matrix = self.matrix({})
        refuse_false_alarms(matrix, MEASURED)
        asked = {name for _, name, _ in matrix.results.campaigns}
        self.assertEqual({"swarm", "plain", "library"}, asked)

    def test_at_which_something_is_noticed(self):
        with self.assertRaisesRegex(SystemExit, "library notices something though nothing is changed: seed 5: "
                                                "expectation: is gone"):
            refuse_false_alarms(self.matrix({"library": "expectation"}), MEASURED)

    def test_that_is_not_built(self):
        with self.assertRaisesRegex(SystemExit, "there is no .*first_kill: cmake"):
            refuse_false_alarms(Matrix(self.programs, self.programs, 20, False), MEASURED)


if __name__ == "__main__":
    unittest.main()

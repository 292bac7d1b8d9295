"""Programs with one bug: reads what is to be changed, and applies it to copies of the sources.

    mutants.py check ROOT             all that is to be changed stands in the sources as they are
    mutants.py apply PATCH ROOT OUT   writes the changed copies below OUT, as OUT/model/NAME.cpp

A patch is a file NAME.toml. What stands in `before` must stand in `file` exactly once, and `after` takes its place. So
a patch stays good while lines around it come and go, and one that no longer applies is an error, not a patch less.

There are two kinds. A mutant, in this folder, is the store with a bug that somebody might make:

    what = "The primary answers a write as soon as its own log has it."
    rule = "F2"                     the rule of docs/protocol.md that it breaks
    from = "M1: lecture"            the entries of the catalogue (docs/mutants.md), and where the bug was met
    kind = "safety"                 safety, liveness or performance: what it does to those who use the store
    [[change]]                      one or more
    file = "model/output_gate.cpp"
    before = '''...'''
    after = '''...'''

The other, beside each file of scenarios/regressions and named as it is, takes back what mended the bug that the
scenario was kept for, of the store or of a checker (`file` may be any source): without it the scenario must fail
(unmended.py). It says `what` was wrong, and each [[change]].
"""
import argparse
import pathlib
import re
import sys
import tomllib
from dataclasses import dataclass

FOLDER = pathlib.Path(__file__).resolve().parent
REGRESSIONS = "scenarios/regressions"
KINDS = ("safety", "liveness", "performance")
RULE = re.compile(r"[FS]\d{1,2}")
MUTANT_FIELDS = {"what", "rule", "from", "kind", "change"}
UNMENDED_FIELDS = {"what", "change"}
CHANGE_FIELDS = {"file", "before", "after"}
SOURCE = re.compile(r"(model|properties|sim|scenarios)/\w+\.cpp")


class Wrong(Exception):
    """What is wrong with a patch, in one line that begins with its file."""


@dataclass(frozen=True)
class Change:
    file: str
    before: str
    after: str


@dataclass(frozen=True)
class Patch:
    name: str
    what: str
    changes: tuple

    @property
    def files(self):
        return sorted({change.file for change in self.changes})


@dataclass(frozen=True)
class Mutant(Patch):
    rule: str
    source: str
    kind: str

    @property
    def number(self):
        """M03 before M03b before M04."""
        return self.name.split("_")[0]


def wrong_in(path, what):
    return Wrong(f"{path.name}: {what}")


def read_patch(path):
    """The patch in a file, of whichever kind, and all that the file says."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise wrong_in(path, error) from error
    if set(document) not in (MUTANT_FIELDS, UNMENDED_FIELDS):
        raise wrong_in(path, f"wants {', '.join(sorted(MUTANT_FIELDS))}; has {', '.join(sorted(document))}")
    changes = document.pop("change")
    if not isinstance(changes, list) or not changes or any(set(change) != CHANGE_FIELDS for change in changes):
        raise wrong_in(path, f"wants [[change]], each with {', '.join(sorted(CHANGE_FIELDS))}")
    texts = [*document.values(), *(change["file"] for change in changes)]
    if not all(isinstance(text, str) and text for text in texts):
        raise wrong_in(path, "every field is a text")
    for change in changes:
        # A header would have to be compiled into every file that includes it.
        if not SOURCE.fullmatch(change["file"]):
            raise wrong_in(path, f"file = {change['file']!r}; wants a source, model/NAME.cpp or the like")
        if change["before"] == change["after"]:
            raise wrong_in(path, f"changes nothing in {change['file']}")
    return Patch(path.stem, document["what"], tuple(Change(**change) for change in changes)), document


def read_mutant(path):
    patch, document = read_patch(path)
    if set(document) | {"change"} != MUTANT_FIELDS:
        raise wrong_in(path, f"wants {', '.join(sorted(MUTANT_FIELDS))}")
    if not re.fullmatch(r"M\d\d[a-z]?_[a-z0-9_]+", path.stem):
        raise wrong_in(path, "is called M, two digits, perhaps a letter, and what it does: M07b_does_so")
    if document["kind"] not in KINDS:
        raise wrong_in(path, f"kind = {document['kind']!r}; wants one of {', '.join(KINDS)}")
    if not RULE.fullmatch(document["rule"]):
        raise wrong_in(path, f"rule = {document['rule']!r}; wants one of docs/protocol.md, F1 to S12")
    for file in patch.files:
        if not file.startswith("model/"):
            raise wrong_in(path, f"file = {file!r}; wants a source of the model, model/NAME.cpp")
    return Mutant(patch.name, patch.what, patch.changes, document["rule"], document["from"], document["kind"])


def read_all(folder=FOLDER):
    mutants = [read_mutant(path) for path in sorted(pathlib.Path(folder).glob("*.toml"))]
    numbers = [mutant.number for mutant in mutants]
    for number in numbers:
        if numbers.count(number) > 1:
            raise Wrong(f"{number}: two mutants have this number")
    return mutants


def read_unmended(folder):
    """What takes the mend of each regression back."""
    paths = [path.with_suffix(".toml") for path in sorted(pathlib.Path(folder).glob("*.yaml"))]
    for path in paths:
        if not path.is_file():
            raise Wrong(f"{path.name}: every regression has one, which takes back what mended its bug")
    return [read_patch(path)[0] for path in paths]


def apply(patch, root):
    """The changed sources by their paths."""
    changed = {}
    for change in patch.changes:
        text = changed.get(change.file)
        if text is None:
            path = pathlib.Path(root, change.file)
            if not path.is_file():
                raise Wrong(f"{patch.name}.toml: there is no {change.file}")
            text = path.read_text(encoding="utf-8")
        count = text.count(change.before)
        if count != 1:
            first = change.before.strip().split("\n")[0]
            raise Wrong(f"{patch.name}.toml: stands {count} times in {change.file}, and must stand once: {first}")
        changed[change.file] = text.replace(change.before, change.after)
    return changed


def write(patch, root, out):
    for file, text in apply(patch, root).items():
        path = pathlib.Path(out, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check").add_argument("root")
    one = commands.add_parser("apply")
    for name in ("patch", "root", "out"):
        one.add_argument(name)
    wishes = parser.parse_args(arguments)
    if wishes.command == "apply":
        write(read_patch(pathlib.Path(wishes.patch))[0], wishes.root, wishes.out)
        return []
    problems = []
    for patch in read_all() + read_unmended(pathlib.Path(wishes.root, REGRESSIONS)):
        try:
            apply(patch, wishes.root)
        except Wrong as wrong:
            problems.append(str(wrong))
    return problems


if __name__ == "__main__":
    try:
        found = main(sys.argv[1:])
    except Wrong as wrong:
        found = [str(wrong)]
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(1 if found else 0)

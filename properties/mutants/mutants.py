"""The store with one bug: reads the mutants of this folder, and applies them to copies of the model's sources.

    mutants.py check ROOT              every mutant applies to the sources as they are
    mutants.py apply MUTANT ROOT OUT   writes the changed copies below OUT, as OUT/model/NAME.cpp

A mutant is a file NAME.toml. What stands in `before` must stand in `file` exactly once, and `after` takes its place. So
a mutant stays good while lines around it come and go, and one that no longer applies is an error, not a mutant less.

    what = "The primary answers a write as soon as its own log has it."
    rule = "F2"                     the rule of docs/protocol.md that it breaks
    from = "M1: lecture"            the entries of the catalogue (docs/mutants.md), and where the bug was met
    kind = "safety"                 safety, liveness or performance: what it does to those who use the store
    [[change]]                      one or more
    file = "model/output_gate.cpp"
    before = '''...'''
    after = '''...'''
"""
import argparse
import pathlib
import re
import sys
import tomllib
from dataclasses import dataclass

FOLDER = pathlib.Path(__file__).resolve().parent
KINDS = ("safety", "liveness", "performance")
RULE = re.compile(r"[FS]\d{1,2}")
FIELDS = {"what", "rule", "from", "kind", "change"}
CHANGE_FIELDS = {"file", "before", "after"}


class Wrong(Exception):
    """What is wrong with a mutant, in one line that begins with its file."""


@dataclass(frozen=True)
class Change:
    file: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutant:
    name: str
    what: str
    rule: str
    source: str
    kind: str
    changes: tuple

    @property
    def number(self):
        """M03 before M03b before M04."""
        return self.name.split("_")[0]

    @property
    def files(self):
        return sorted({change.file for change in self.changes})


def read(path):
    def wrong(what):
        return Wrong(f"{path.name}: {what}")

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise wrong(error) from error
    if set(document) != FIELDS:
        raise wrong(f"wants {', '.join(sorted(FIELDS))}; has {', '.join(sorted(document))}")
    changes = document["change"]
    if not isinstance(changes, list) or not changes or any(set(change) != CHANGE_FIELDS for change in changes):
        raise wrong(f"wants [[change]], each with {', '.join(sorted(CHANGE_FIELDS))}")
    texts = [document[field] for field in ("what", "rule", "from", "kind")]
    if not all(isinstance(text, str) and text for text in texts + [change["file"] for change in changes]):
        raise wrong("every field is a text")
    if not re.fullmatch(r"M\d\d[a-z]?_[a-z0-9_]+", path.stem):
        raise wrong("is called M, two digits, perhaps a letter, and what it does: M07b_does_so")
    if document["kind"] not in KINDS:
        raise wrong(f"kind = {document['kind']!r}; wants one of {', '.join(KINDS)}")
    if not RULE.fullmatch(document["rule"]):
        raise wrong(f"rule = {document['rule']!r}; wants one of docs/protocol.md, F1 to S12")
    for change in changes:
        # A header would have to be compiled into every file that includes it.
        if not re.fullmatch(r"model/\w+\.cpp", change["file"]):
            raise wrong(f"file = {change['file']!r}; wants a source of the model, model/NAME.cpp")
        if change["before"] == change["after"]:
            raise wrong(f"changes nothing in {change['file']}")
    return Mutant(path.stem, document["what"], document["rule"], document["from"], document["kind"],
                  tuple(Change(**change) for change in changes))


def read_all(folder=FOLDER):
    mutants = [read(path) for path in sorted(pathlib.Path(folder).glob("*.toml"))]
    numbers = [mutant.number for mutant in mutants]
    for number in numbers:
        if numbers.count(number) > 1:
            raise Wrong(f"{number}: two mutants have this number")
    return mutants


def apply(mutant, root):
    """The changed sources by their paths."""
    changed = {}
    for change in mutant.changes:
        text = changed.get(change.file)
        if text is None:
            path = pathlib.Path(root, change.file)
            if not path.is_file():
                raise Wrong(f"{mutant.name}.toml: there is no {change.file}")
            text = path.read_text(encoding="utf-8")
        count = text.count(change.before)
        if count != 1:
            first = change.before.strip().split("\n")[0]
            raise Wrong(f"{mutant.name}.toml: stands {count} times in {change.file}, and must stand once: {first}")
        changed[change.file] = text.replace(change.before, change.after)
    return changed


def write(mutant, root, out):
    for file, text in apply(mutant, root).items():
        path = pathlib.Path(out, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check").add_argument("root")
    one = commands.add_parser("apply")
    for name in ("mutant", "root", "out"):
        one.add_argument(name)
    wishes = parser.parse_args(arguments)
    if wishes.command == "apply":
        write(read(pathlib.Path(wishes.mutant)), wishes.root, wishes.out)
        return []
    problems = []
    for mutant in read_all():
        try:
            apply(mutant, wishes.root)
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

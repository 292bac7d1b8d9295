"""Runs what the pages of a folder tell their readers to run, and compares what they say it prints.

    check_pages.py PROGRAM ROOT PAGE...             checks these pages; `./smalldb-sim` on them means PROGRAM
    check_pages.py --rewrite PROGRAM ROOT PAGE...   brings what they say it prints up to date; read the difference!
    check_pages.py --list ROOT FOLDER FILE...       FOLDER's pages and scenarios are FILE..., and each page runs some

A page shows commands and what they print like this:

    ```console
    $ ./smalldb-sim scenarios/labs/output_rule.yaml
    ...
    Result    as expected
    ```

Every command runs in ROOT, with the commands before it on the page done. A line `...` stands for any lines, also for
none. All else must be there, line for line; blank lines at the end count as nothing. A command that fails must be
followed by `$ echo $?` (but `diff` may find a difference). Paths that a page names, as `model/output_gate.h` or in a
link, must exist, but for those in build/, since it is another build that is under test, maybe.

Rewriting keeps the choice of lines: each is replaced by the printed line most like it, in order, and `...` stands where
lines are left out. A line that nothing printed resembles stays, so that the check goes on to fail.

Prints one line per finding, "page:line: what is wrong", with what was printed instead, and exits 1 if there is any.
"""
import dataclasses
import difflib
import pathlib
import re
import subprocess
import sys

ELISION = "..."
RESEMBLES = 0.6  # of difflib's ratio, from 0 to 1
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")


@dataclasses.dataclass
class Command:
    line: int  # of the page, from 1
    text: str
    shown: list  # the lines that the page shows beneath it

    def is_question_for_status(self):
        return self.text.strip() == "echo $?"


def read_blocks(lines):
    """The console blocks of a page: pairs of a first and a past-the-end index of the lines between the fences."""
    begun = None
    for index, line in enumerate(lines):
        if begun is None and line.rstrip() == "```console":
            begun = index + 1
        elif begun is not None and line.rstrip() == "```":
            yield begun, index
            begun = None
    if begun is not None:
        yield begun, len(lines)


def read_commands(lines, begin, end):
    """The commands of a block. What stands before the first one is the output of no command, and a finding."""
    commands = []
    for index in range(begin, end):
        if lines[index].startswith("$ "):
            commands.append(Command(index + 1, lines[index][2:], []))
        elif commands:
            commands[-1].shown.append(lines[index])
        else:
            raise ValueError(f"{index + 1}: a console block begins with a command, as `$ ./smalldb-sim ...`")
    return commands


def run(command, status_before, program, root):
    """What the command prints, both its streams together, as lines; and its exit status."""
    # The program learns the name under which readers call it, as the launcher tells it.
    prelude = './smalldb-sim() { (exec -a ./smalldb-sim "$PROGRAM" "$@"); }\n'
    script = f"{prelude}(exit {status_before})\n{command.text}\n"
    done = subprocess.run(
        ["bash", "-c", script], cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PROGRAM": str(program), "LC_ALL": "C.UTF-8", "TERM": "dumb"},
        timeout=120)
    printed = [line.rstrip() for line in done.stdout.decode("utf-8", "replace").split("\n")]
    return without_blank_end(printed), done.returncode


def without_blank_end(lines):
    lines = [line.rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return lines


# ---- Comparing ----------------------------------------------------------------------------------------------------


def pieces_of(shown):
    """What stands between elisions, each as (index of its first line, lines)."""
    pieces, piece, begin = [], [], 0
    for index, line in enumerate(shown):
        if line == ELISION:
            pieces.append((begin, piece))
            piece, begin = [], index + 1
        else:
            piece.append(line)
    return pieces + [(begin, piece)]


def first_difference(shown, printed):
    """Index of the first line shown that was not printed where it had to be, or None. len(shown): more was printed."""
    shown = without_blank_end(shown)
    pieces = pieces_of(shown)
    at = 0
    for number, (begin, piece) in enumerate(pieces):
        is_first, is_last = number == 0, number == len(pieces) - 1
        if is_first:
            places = [0]
        elif is_last:
            places = [len(printed) - len(piece)] if len(printed) - len(piece) >= at else []
        else:
            places = range(at, len(printed) - len(piece) + 1)
        place = next((p for p in places if printed[p:p + len(piece)] == piece), None)
        if place is None:
            return begin + longest_match(piece, printed, [0] if is_first else range(at, len(printed)))
        at = place + len(piece)
        if is_last and at != len(printed):
            return len(shown)
    return None


def longest_match(piece, printed, places):
    """How many lines of the piece can be found from one of the places on: the line after them is the one to show."""
    best = 0
    for place in places:
        length = 0
        while length < len(piece) and place + length < len(printed) and printed[place + length] == piece[length]:
            length += 1
        best = max(best, length)
    return min(best, max(len(piece) - 1, 0))


def describe_difference(command, index, printed):
    if index >= len(without_blank_end(command.shown)):
        return f"{command.line}: `{command.text}` prints more than the page shows"
    line = command.shown[index]
    text = f"{command.line + 1 + index}: `{command.text}` does not print this here: {line}"
    nearest = difflib.get_close_matches(line, printed, n=1, cutoff=RESEMBLES)
    return text + (f"\n    but this: {nearest[0]}" if nearest else "")


# ---- Rewriting ----------------------------------------------------------------------------------------------------


def align(shown, printed):
    """For each line shown the index of the printed line that it became, or None: the most alike in all, in order."""
    likeness = [[alike(a, b) for b in printed] for a in shown]
    rows, columns = len(shown), len(printed)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j])
    became, i, j = [None] * rows, 0, 0
    while i < rows and j < columns:
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            became[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return became


def alike(one, other):
    if one == other:
        return 1.0
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < RESEMBLES or matcher.quick_ratio() < RESEMBLES:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= RESEMBLES else 0.0


def rewritten(shown, printed):
    """The lines to show instead."""
    blank_end = shown[len(without_blank_end(shown)):]
    shown = without_blank_end(shown)
    if ELISION not in shown:
        return printed + blank_end
    chosen = [line for line in shown if line != ELISION]
    result, next_printed = [], 0
    for line, place in zip(chosen, align(chosen, printed)):
        if place is None:
            result.append(line)
            continue
        if place > next_printed and result[-1:] != [ELISION]:
            result.append(ELISION)
        result.append(printed[place])
        next_printed = place + 1
    if next_printed < len(printed) and result[-1:] != [ELISION]:
        result.append(ELISION)
    return result + blank_end


# ---- Pages --------------------------------------------------------------------------------------------------------


def check_page(page, program, root, rewrite=False):
    """The findings of a page, and its text as it should be."""
    lines = (root / page).read_text(encoding="utf-8").split("\n")
    findings = list(check_paths(page, lines, root))
    new_lines, kept = [], 0
    for begin, end in read_blocks(lines):
        try:
            commands = read_commands(lines, begin, end)
        except ValueError as problem:
            findings.append(f"{page}:{problem}")
            continue
        new_lines += lines[kept:begin]
        kept = end
        status = 0
        for number, command in enumerate(commands):
            printed, status = run(command, status, program, root)
            difference = first_difference(command.shown, printed)
            if rewrite and difference is not None:
                command.shown = rewritten(command.shown, printed)
                difference = first_difference(command.shown, printed)
            if difference is not None:
                findings.append(f"{page}:{describe_difference(command, difference, printed)}")
            following = commands[number + 1] if number + 1 < len(commands) else None
            told = following is not None and following.is_question_for_status()
            if status != 0 and not told and not found_a_difference(command, status):
                failure = f"`{command.text}` exits with {status}, and no `$ echo $?` says so"
                findings.append(f"{page}:{command.line}: {failure}")
            new_lines += [f"$ {command.text}"] + command.shown
    return findings, "\n".join(new_lines + lines[kept:])


def found_a_difference(command, status):
    return status == 1 and command.text.startswith("diff ")


def check_paths(page, lines, root):
    """Files that the page names are there. Links go from the page's folder, names in code from the root."""
    for number, line in enumerate(lines, 1):
        for name in LINK.findall(line):
            if not (root / page).parent.joinpath(name).exists():
                yield f"{page}:{number}: there is no {name} to link to"
        for name in PATH.findall(line):
            if not name.startswith("build/") and not (root / name).exists():
                yield f"{page}:{number}: there is no {name}"


def check_list(root, folder, listed):
    """A folder's pages and scenarios are those that are listed, each page runs something, and each scenario is run."""
    present = {path.name for path in (root / folder).iterdir() if path.suffix in (".md", ".yaml")}
    for name in sorted(present - set(listed)):
        yield f"{folder}/{name}:1: not listed in {folder}'s CMakeLists.txt"
    for name in sorted(set(listed) - present):
        yield f"{folder}/{name}:1: listed and not there"
    commands = []
    for page in sorted(name for name in present if name.endswith(".md")):
        lines = (root / folder / page).read_text(encoding="utf-8").split("\n")
        of_page = [line for begin, end in read_blocks(lines) for line in lines[begin:end] if line.startswith("$ ")]
        if not of_page:
            yield f"{folder}/{page}:1: no command to run on this page"
        commands += of_page
    for name in sorted(present):
        if name.endswith(".yaml") and not any(f"{folder}/{name}" in command for command in commands):
            yield f"{folder}/{name}:1: no page runs this scenario"


def main(arguments):
    if arguments[:1] == ["--list"] and len(arguments) > 3:
        findings = list(check_list(pathlib.Path(arguments[1]), arguments[2], arguments[3:]))
    else:
        rewrite = arguments[:1] == ["--rewrite"]
        arguments = arguments[1:] if rewrite else arguments
        if len(arguments) < 3:
            print(__doc__, file=sys.stderr)
            return 3
        program, root, pages = pathlib.Path(arguments[0]).resolve(), pathlib.Path(arguments[1]).resolve(), arguments[2:]
        findings = []
        for page in pages:
            found, text = check_page(page, program, root, rewrite)
            findings += found
            if rewrite:
                (root / page).write_text(text, encoding="utf-8")
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

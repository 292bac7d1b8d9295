"""Whether each regression still fails without what mended its bug: one that cannot fail proves nothing.

    unmended.py PROGRAMS ROOT

PROGRAMS is where the target `unmended` has put its programs (build/release/bin/unmended): smalldb and its checkers as
they are, but for the change in scenarios/regressions/NAME.toml. Each is given its scenario. Exits with 1 if one of them
did not fail.
"""
import json
import pathlib
import subprocess
import sys

import mutants


def failure(programs, root, patch):
    """By what the scenario failed without its mend; nothing if it did not."""
    program = programs.resolve() / patch.name
    if not program.is_file():
        sys.exit(f"unmended.py: there is no {program}: cmake --build --preset release --target unmended")
    scenario = f"{mutants.REGRESSIONS}/{patch.name}.yaml"
    ran = subprocess.run([str(program), scenario], cwd=root, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)["property"]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    programs, root = map(pathlib.Path, sys.argv[1:])
    all_fail = True
    try:
        patches = mutants.read_unmended(root / mutants.REGRESSIONS)
    except mutants.Wrong as wrong:
        sys.exit(str(wrong))
    for patch in patches:
        failed_by = failure(programs, root, patch)
        all_fail = all_fail and failed_by != ""
        print(f"{patch.name}: {failed_by or 'DOES NOT FAIL without what mended its bug: ' + patch.what}")
    sys.exit(0 if all_fail else 1)


if __name__ == "__main__":
    main()

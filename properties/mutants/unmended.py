"""Whether each regression still fails without what mended its bug: one that cannot fail proves nothing.

    unmended.py PROGRAMS ROOT

PROGRAMS is where the target `unmended` has put its programs (build/release/bin/unmended): smalldb and its checkers as
they are, but for the change in scenarios/regressions/NAME.toml. Each is given its scenario. Exits with 1 if one of them
did not fail, and tells a seed with which it would.
"""
import json
import pathlib
import subprocess
import sys

import mutants


SEEDS_MOST = 10_000


def scenario_of(patch):
    return f"{mutants.REGRESSIONS}/{patch.name}.yaml"


def first_failure(programs, root, patch, *seeds):
    """The first run that fails without the mend: by what `property` (empty if none does), and its seed, `last`."""
    program = programs.resolve() / patch.name
    if not program.is_file():
        sys.exit(f"unmended.py: there is no {program}: cmake --build --preset release --target unmended")
    command = [str(program), scenario_of(patch), *map(str, seeds)]
    return json.loads(subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout)


def another_seed(programs, root, patch):
    """One with which the scenario fails without its mend, and not with it; and by what. Nothing if there is none."""
    mended = programs.resolve().parent / "smalldb-sim"
    seed = 0
    while seed < SEEDS_MOST:
        failed = first_failure(programs, root, patch, seed + 1, SEEDS_MOST)
        if not failed["property"]:
            return None
        seed = int(failed["last"])
        command = [str(mended), scenario_of(patch), "--seed", str(seed)]
        if subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0:
            return seed, failed["property"]
    return None


def told(programs, root, patch):
    """Whether the scenario fails as it must, and a line on it."""
    failed = first_failure(programs, root, patch)
    if failed["property"]:
        return True, failed["property"]
    line = f"DOES NOT FAIL without what mended its bug: {patch.what}"
    if found := another_seed(programs, root, patch):
        return False, f"{line} With `seed: {found[0]}` it does, by {found[1]}."
    return False, f"{line} Nor does it with any seed up to {SEEDS_MOST}: it wants to be written anew."


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
        fails, line = told(programs, root, patch)
        all_fail = all_fail and fails
        print(f"{patch.name}: {line}")
    sys.exit(0 if all_fail else 1)


if __name__ == "__main__":
    main()

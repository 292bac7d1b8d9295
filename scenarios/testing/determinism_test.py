"""Runs random scenarios in one process, in the same process's other direction, and each in a process of its own, and
compares the hashes of their traces.

    determinism_test.py PROBE COUNT
"""

import pathlib
import subprocess
import sys


def hashes(probe, first, last):
    """The probe's lines for these scenarios, by number. Ends the test if the probe found a difference by itself."""
    done = subprocess.run([probe, str(first), str(last)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{probe} {first} {last}: exit {done.returncode}\n{done.stderr}")
    return {int(line.split()[0]): line for line in done.stdout.splitlines()}


def addresses():
    """Whether the processes had their memory at different places."""
    try:
        at_random = pathlib.Path("/proc/sys/kernel/randomize_va_space").read_text().strip() == "2"
    except OSError:
        at_random = False
    return "with their addresses at random" if at_random else "with the same addresses, so this proves less"


def main():
    probe, count = sys.argv[1], int(sys.argv[2])
    expected = hashes(probe, 1, count)
    if len(expected) != count or len(set(line.split()[1] for line in expected.values())) < count * 9 // 10:
        sys.exit("the scenarios are not as many, or not as different, as they should be")
    differences = []
    for where, found in [("backwards in one process", hashes(probe, count, 1))] + [
        ("in a process of its own", hashes(probe, number, number)) for number in range(1, count + 1)
    ]:
        differences += [f"{where}: {line}, not {expected[number]}" for number, line in found.items()
                        if line != expected[number]]
    if differences:
        sys.exit("\n".join(differences[:20]))
    events = sum(int(line.split()[2]) for line in expected.values())
    print(f"{count} scenarios, {events} events: the same nine times, in {count + 2} processes, {addresses()}")


main()

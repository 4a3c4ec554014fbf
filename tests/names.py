#!/usr/bin/python3
"""tests/names.py BUILD: ctest runs the tests that the test programs of a build list, all of them and no others."""

import json
import pathlib
import subprocess
import sys


def listed_by(program):
    """A program's own list. Catch's exit code is the number of tests, or 0."""
    said = subprocess.run([program, "--list-test-names-only"], stdout=subprocess.PIPE, check=False).stdout.decode()
    # A name that begins with # is listed in quotes.
    return {line[1:-1] if line.startswith('"#') else line for line in said.splitlines() if line}


def known_to_ctest(build):
    """Names of the tests of each program."""
    said = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], stdout=subprocess.PIPE, check=True)
    names = {}
    for test in json.loads(said.stdout)["tests"]:
        names.setdefault(pathlib.Path(test.get("command", [""])[0]).name, set()).add(test["name"])
    return names


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    known = known_to_ctest(build)
    programs = sorted(build.glob("tests/*_tests"))
    faults = []
    if not programs:
        faults.append(f"{build}/tests has no test programs")
    for program in programs:
        listed, run = listed_by(program), known.get(program.name, set())
        if not listed:
            faults.append(f"{program.name} lists no tests")
        faults += [f"{program.name}: ctest does not run: {name}" for name in sorted(listed - run)]
        faults += [f"{program.name}: ctest runs what is not there: {name}" for name in sorted(run - listed)]
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs clang-tidy over every source of a build folder; prints its findings, and fails if there are any.

    tests/tidy.py [BUILD]     BUILD: a configured folder, with its compile_commands.json (default: build)

The checks, and why they were chosen, are in .clang-tidy. Most of the time goes into headers of Eigen, JSON and the
standard library. Therefore several sources are read as one unit, which includes them; those that do not compile
together, since two define the same name, are read in units of their own.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNIT = 16  # sources read as one: more of them save little time and take much memory
LEFT_OUT = "/torch/"  # whatever includes libtorch: its headers alone would take half a minute a source


@dataclass(frozen=True)
class Source:
    path: str
    flags: tuple[tuple[str, ...], ...]


@dataclass
class Checked:
    found: dict[str, str]  # a finding by its first line, which begins with file and line
    apart: list[Source]  # these do not compile with the others


def sources(build: Path) -> list[Source]:
    """Each source once, sorted by path, with the flags that say how it is read."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = str((Path(entry["directory"]) / entry["file"]).resolve())
        if path.startswith(f"{ROOT}/") and LEFT_OUT not in entry["command"]:
            found[path] = Source(path, reading(shlex.split(entry["command"])[1:]))
    return [found[path] for path in sorted(found)]


def reading(words: list[str]) -> tuple[tuple[str, ...], ...]:
    """Those of a compiler's arguments that define, include, choose the language or ask for warnings."""
    out = []
    for word, after in zip(words, [*words[1:], ""]):
        if word == "-isystem":
            out.append((word, after))
        elif re.match(r"-[DI]|-std=|-W(?!error)", word):
            out.append((word,))
    return tuple(out)


def newest(tool: str) -> str:
    """The newest clang-tidy here: later ones pass over what system headers define, which halves their time."""
    if tool in os.environ:
        return os.environ[tool]
    found = [name for name in (f"clang-tidy-{version}" for version in range(40, 13, -1)) if shutil.which(name)]
    if not found and not shutil.which("clang-tidy"):
        sys.exit("tidy: no clang-tidy: install one (Debian: clang-tidy-22 or clang-tidy)")
    return found[0] if found else "clang-tidy"


class Tidy:
    def __init__(self, tool: str, folder: Path) -> None:
        self.tool = tool
        self.compiler = tool.replace("clang-tidy", "clang++")
        self.folder = folder

    def works(self) -> bool:
        """Whether a plain fault is found: a tool that does not start must not pass for a clean tree."""
        unit = self.folder / "fault.cpp"
        unit.write_text(
            "#include <utility>\n#include <vector>\n"
            "int f(std::vector<int> v) { const auto w = std::move(v); return w[0] + v[0]; }\n"
        )
        return "[bugprone-use-after-move]" in self.run(unit, ["-std=c++20"]).stdout

    def run(self, unit: Path, flags: list[str]) -> subprocess.CompletedProcess[str]:
        command = [self.tool, "--quiet", f"--config-file={ROOT / '.clang-tidy'}", str(unit), "--", *flags]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def check(self, files: list[Source], number: int) -> Checked:
        """What is found in those of the files that compile together."""
        unit = self.folder / f"unit-{number}.cpp"
        flags = [word for flag in dict.fromkeys(flag for file in files for flag in file.flags) for word in flag]
        flags.append("-Wno-unknown-warning-option")
        wrong = self.clashing(files, unit, flags) if len(files) > 1 else set()
        together = [file for i, file in enumerate(files) if i not in wrong]
        apart = [file for i, file in enumerate(files) if i in wrong]
        if not together:  # not even the first, for a reason of its own
            together, apart = apart[:1], apart[1:]
        write(unit, together)
        done = self.run(unit, flags)
        found = findings(done.stdout)
        if done.returncode and not found:
            found = {f"{unit}: {done.stderr}": ""}
        return Checked(found, apart)

    def clashing(self, files: list[Source], unit: Path, flags: list[str]) -> set[int]:
        """The files, by number, that do not compile after those before them."""
        write(unit, files)
        command = [self.compiler, "-fsyntax-only", "-w", "-ferror-limit=0", str(unit), *flags]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wrong, at = set(), 0
        for line in done.stderr.splitlines():
            if place := re.match(rf"In file included from {re.escape(str(unit))}:(\d+):", line):
                at = int(place[1]) - 1
            elif ": error: " in line or ": fatal error: " in line:
                wrong.add(at)
        return wrong


def write(unit: Path, files: list[Source]) -> None:
    unit.write_text("".join(f'#include "{file.path}"\n' for file in files))


def findings(text: str) -> dict[str, str]:
    """Each finding by its first line: those in our files, not in system headers, and all errors."""
    parts = re.split(r"^(?=/[^\n]*: (?:warning|error): )", text, flags=re.M)
    return {part.split("\n", 1)[0]: part for part in parts if part.startswith(f"{ROOT}/") or ": error: " in part}


def main() -> int:
    build = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    tidy = Tidy(newest("CLANG_TIDY"), folder)
    if not tidy.works():
        sys.exit(f"tidy: {tidy.tool} does not find a fault that was put before it")
    everything = sources(build)
    tests = [file for file in everything if file.path.startswith(f"{ROOT}/tests/")]
    found: dict[str, str] = {}
    number = 0
    for left in ([file for file in everything if file not in tests], tests):
        while left:
            count = -(-len(left) // UNIT)
            units = [left[i::count] for i in range(count)]  # neighbours, which are likely to clash, come apart
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                done = list(pool.map(tidy.check, units, range(number, number + count)))
            number += count
            left = [file for checked in done for file in checked.apart]
            for checked in done:
                found.update(checked.found)
    print("".join(found[line] or line for line in sorted(found)), end="")
    print(f"tidy: {len(everything)} sources in {number} units, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

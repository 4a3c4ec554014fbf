"""The program's subcommands as functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from laconic import program
from laconic.program import Show
from laconic.result import Result

Scenario = str | Path | dict[str, Any]


def run(scenario: Scenario, **options: Any) -> Result:
    """`laconic run`: simulates a scenario, a file or a dict.

    Options are those of the command line (out, seed, full, jobs, threads, force, timeline), `progress` (True, False, or
    a function that is told each state; by default in a notebook or on a terminal), and values to put into the
    scenario: platform__latency="10ms", or {"/platform/latency": "10ms"} after two asterisks. Raises InputError where
    something is wrong with it, RunError where a run fails.
    """
    return finished("run", scenario, options)


def sweep(scenario: Scenario, **options: Any) -> Result:
    """`laconic sweep`: every point of the scenario's "sweep". As run()."""
    return finished("sweep", scenario, options)


def tune(scenario: Scenario, **options: Any) -> Result:
    """`laconic tune`: which values of the scenario's "tune" are best: `.chosen`, `.tuned`. As run()."""
    return finished("tune", scenario, options)


def replay(result: Result | str | Path, **options: Any) -> Result:
    """`laconic replay`: a run on another `platform` or `network` (a file, or a dict), without learning again."""
    folder = result.folder if isinstance(result, Result) else Path(result)
    return finished("replay", str(folder), options)


def check(scenario: Scenario, **options: Any) -> Result:
    """`laconic check`: runs a scenario and judges its claims: `.claims`, and whether they `.held`."""
    return finished("check", scenario, options)


def finished(command: str, subject: Scenario, options: dict[str, Any]) -> Result:
    progress: bool | Show | None = options.pop("progress", None)
    text = json.dumps(subject) if isinstance(subject, dict) else None
    words = [command, "-" if text is not None else str(subject), "--json", *words_of(options)]
    code, out, err = program.call(words, text, progress)
    folder = folder_of(out)
    if code == 3 or folder is None:
        raise program.failed(err, code, Result(folder, code) if folder else None)
    return Result(folder, code)


def folder_of(out: str) -> str | None:
    told = json.loads(out) if out.strip() else None
    if isinstance(told, list):  # of check
        told = told[0] if told else None
    return told["folder"] if told else None


def words_of(options: dict[str, Any]) -> list[str]:
    words = []
    for name, value in options.items():
        if value is None or value is False:
            if not ("__" in name or name.startswith("/")):
                continue
        if name.startswith("/") or "__" in name:
            pointer = name if name.startswith("/") else "/" + name.replace("__", "/")
            words += ["--set", f"{pointer}={json.dumps(value)}"]
        elif value is True:
            words.append("--" + name.replace("_", "-"))
        else:
            text = json.dumps(value) if isinstance(value, (dict, list)) else str(value)
            words.append(f"--{name.replace('_', '-')}={text}")
    return words

"""What run.json, sweep.json and claims.json say of the tables beside them, checked before anybody believes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import InputError
from analysis.scan import Facts

# The formats that this program reads: of run.json, sweep.json and claims.json, and of the CSV beside them.
FORMATS = {"json": 1, "csv": 1}

COUNT = "a whole number"
TEXT = "a text"
# What must be so where it is there; * stands for each of a list.
SHAPES = {
    "/scenario": 'an object with a "scenario"',
    "/scenario/name": TEXT,
    "/scenario/comment": "a text or a list of texts",
    "/scenario/algorithms": "a list of objects",
    "/scenario/platform": "an object",
    "/file": TEXT,
    "/status": TEXT,
    "/started": TEXT,
    "/version": TEXT,
    "/versions": "an object",
    "/data": "an object",
    "/deployed": "an object",
    "/stand_in": TEXT,
    "/wall_time_s": "a number",
    "/algorithms": "a list of objects",
    "/pointers": "a list of texts",
    "/points": COUNT,
    "/runs": COUNT,
    "/failed": COUNT,
    "/process": COUNT,
    "/columns": TEXT,
    "/files": "an object",
    "/seeds": "an object",
    "/seeds/words": TEXT,
    "/tuning": "an object",
    "/tuning/chosen": "a list of objects",
    "/tuning/warnings": "a list of texts",
}
SHAPES_OF_CLAIMS = {
    "/scenario": TEXT,
    "/file": TEXT,
    "/scale": TEXT,
    "/stand_in": TEXT,
    "/claims": "a list of objects",
}


def is_a(allowed: str, value: Any) -> bool:
    if allowed.startswith("a list of ") and "or" not in allowed.split():
        kind = dict if allowed.endswith("objects") else str
        return isinstance(value, list) and all(isinstance(each, kind) for each in value)
    if allowed.startswith("a text or"):
        return isinstance(value, str) or is_a("a list of texts", value)
    if allowed in (COUNT, "a number"):
        kinds: Any = int if allowed == COUNT else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and 0 <= value < 2**63
    return isinstance(value, str if allowed == TEXT else dict)


def whole(text: str) -> int | float:
    """Infinite where a double would be: nothing that counts is as large."""
    return int(text) if len(text) < 300 else float(text)


def read_json(path: Path) -> Any:
    """None if there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_int=whole)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON that can be read: {error}") from error


def read_told(folder: Path, *names: str) -> tuple[dict[str, Any], Path]:
    """The first of these JSON files that is there, if it has a known format and shape, and its path; else {}."""
    for name in names:
        path = folder / name
        found = read_json(path)
        if found is not None:
            check_shape(found, path)
            check_formats(found, path)
            return found, path
    return {}, folder / names[0]


def check_shape(told: Any, path: Path) -> None:
    if not isinstance(told, dict):
        raise InputError(f"{path}: expected an object, got {short(told)}")
    for pointer, allowed in (SHAPES_OF_CLAIMS if path.name == "claims.json" else SHAPES).items():
        place: Any = told
        for key in pointer.split("/")[1:]:
            place = place.get(key, told) if isinstance(place, dict) else told
        if place is not told and not is_a(allowed, place):
            raise InputError(f"{path}: {pointer}: expected {allowed}, got {short(place)}")


def short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def check_formats(told: dict[str, Any], path: Path) -> None:
    """Refuses a newer format, which might be misread. A file that states none is of the first."""
    stated = told.get("formats", {})
    if not isinstance(stated, dict) or not all(isinstance(stated.get(name, 1), int) for name in FORMATS):
        raise InputError(f'{path}: /formats: expected {{"json": <number>, "csv": <number>}}, got {json.dumps(stated)}')
    for name, known in FORMATS.items():
        if stated.get(name, 1) > known:
            raise InputError(
                f"{path}: /formats/{name}: {stated[name]} is newer than {known}, the last that this Laconic reads"
            )


def promise_of(told: dict[str, Any], name: str, path: Path) -> Facts | None:
    """What is promised of "trajectory.csv", packed or unpacked since; None if nothing is, as before 0.2.0."""
    files = told.get("files", {})
    for key in (name, f"{name}.gz"):
        if key not in files:
            continue
        found, pointer = files[key], f"/files/{key}"
        if not isinstance(found, dict):
            raise InputError(f"{path}: {pointer}: expected an object, got {short(found)}")
        for part in ("rows", "bytes"):
            if not is_a(COUNT, found.get(part)):
                raise InputError(f"{path}: {pointer}/{part}: expected {COUNT}, got {short(found.get(part))}")
        crc = found.get("crc32")
        if not isinstance(crc, str) or not re.fullmatch("[0-9a-f]{8}", crc):
            raise InputError(f"{path}: {pointer}/crc32: expected 8 hexadecimal digits, got {short(crc)}")
        return Facts(found["rows"], found["bytes"], int(crc, 16))
    return None


def check_runs(told: dict[str, Any], path: Path, runs: pd.DataFrame, where: str) -> None:
    """Whether the rows are those of all runs that ended, up to where they did: older results promise this alone."""
    if is_a(COUNT, told.get("runs")):
        expected = told["runs"] - told.get("failed", 0)
        if len(runs) != expected:
            raise InputError(f"{where}: has rows of {len(runs)} runs, expected {expected} ({path})")
    for number, entry in enumerate(told.get("algorithms", [])):
        label, rounds = entry.get("algorithm"), entry.get("rounds")
        if not isinstance(label, str) or not (rounds is None or is_a(COUNT, rounds)):
            raise InputError(f"{path}: /algorithms/{number}: expected an algorithm and its rounds, got {short(entry)}")
        if rounds is None:
            continue
        own = runs[runs["algorithm"] == label]
        if own.empty:
            raise InputError(f"{where}: has no row of {label}, which ended after {rounds} rounds ({path})")
        if not (own["round"] == rounds).any():
            last = own["round"].max()
            raise InputError(f"{where}: {label} ends with round {last:g}, expected {rounds} ({path})")

"""The rows that a run or a sweep in progress, or one that was killed, has written by now."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.scan import CHUNK, GZIP
from analysis.told import read_told

RUNNING = "running.json"


@dataclass
class Unfinished:
    told: dict[str, Any]  # at the start
    rows: list[bytes]  # the header first
    state: str  # "in progress", "in shards" or "ended too soon"
    done: int | None  # of `total`; None: the sum of the runs' last rounds
    total: int
    what: str  # "rounds"


def find(folder: Path) -> Unfinished | None:
    """None if there is no such thing."""
    for place, rows_of in ((folder, rows_of_run), (folder / "points", rows_of_sweep)):
        if not (place / RUNNING).is_file():
            continue
        told, path = read_told(place, RUNNING)
        if not isinstance(told.get("columns"), str):
            raise InputError(f"{path}: /columns: expected a text, got nothing")
        rows, done, total, what = rows_of(place, told)
        # Shards may be on any machine: whether they live cannot be seen from here.
        state = "in shards" if told.get("shards") else "in progress" if lives(told) else "ended too soon"
        if not any(rows):
            raise InputError(f"{folder}: {state}: 0 of {total} {what}, and no row is written yet")
        return Unfinished(told, [told["columns"].encode() + b"\n", *rows], state, done, total, what)
    return None


def lives(told: dict[str, Any]) -> bool:
    try:
        os.kill(told.get("process", 0) or -1, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return "process" in told


def rows_of_run(folder: Path, told: dict[str, Any]) -> tuple[list[bytes], None, int, str]:
    """Those of algorithms that have ended are in the table already, under its temporary name, the others' apart."""
    scenario = told.get("scenario", {})
    gathered, apart = b"", {}
    for path in sorted(folder.glob(".*.partial"), key=lambda path: path.stat().st_mtime):
        if found := re.search(r"rows-(\d+)(\.csv)?\.partial$", path.name):
            apart[int(found[1])] = whole_lines(path)
        elif re.search(r"trajectory\.csv(\.gz)?\.partial$", path.name):
            gathered = whole_lines(path).removeprefix(told["columns"].encode() + b"\n")
    rows = [text for _, text in sorted(apart.items()) if text and text not in gathered]
    rounds = scenario.get("stop", {}).get("rounds", 0)
    return [*filter(None, [gathered]), *rows], None, rounds * len(scenario.get("algorithms", [])), "rounds"


def whole_lines(path: Path) -> bytes:
    """The last line is being written."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:  # it is done, just now
        return b""
    if text.startswith(GZIP):
        text = zlib.decompressobj(31).decompress(text)
    return text[: text.rfind(b"\n") + 1]


def rows_of_sweep(folder: Path, told: dict[str, Any]) -> tuple[list[bytes], int, int, str]:
    runs: dict[bytes, bytes] = {}
    for path in sorted(folder.glob("*.runs")):
        for name, kept in finished(path.read_bytes()):
            runs[name] = text_of(kept, bool(told.get("packed")))
    return list(runs.values()), len(runs), told.get("runs", len(runs)), "runs"


def finished(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A run's name, size and digest in a line, then what was kept of it; the last may be torn."""
    at = 0
    while (end := text.find(b"\n", at)) >= 0:
        name, size, *_ = [*text[at:end].split(), b"", b""]
        if not size.isdigit() or end + 1 + int(size) > len(text):
            return
        at = end + 1 + int(size)
        yield name, text[end + 1 : at]


def text_of(kept: bytes, packed: bool) -> bytes:
    """The rows: behind a line of numbers, the first of which is the length of the line of summary.csv that follows."""
    head, _, rest = kept.partition(b"\n")
    first = head.split(b" ")[0]
    rows = rest[int(first) if first.isdigit() else 0 :]
    if not packed:
        return rows
    try:
        return zlib.decompressobj(-15).decompress(rows)
    except zlib.error:
        return b""


def chunks(rows: list[bytes]) -> Iterator[bytes]:
    for text in rows:
        for at in range(0, len(text), CHUNK):
            yield text[at : at + CHUNK]

"""The rows that a run or a sweep in progress, or one that was killed, has written by now."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.scan import CHUNK
from analysis.told import read_told

RUNNING = "running.json"


def find(folder: Path) -> tuple[dict[str, Any], list[bytes], str] | None:
    """What was told at the start, the rows with their header, and how far it is; None if there is no such thing."""
    for place, rows_of in ((folder, rows_of_run), (folder / "points", rows_of_sweep)):
        if not (place / RUNNING).is_file():
            continue
        told, path = read_told(place, RUNNING)
        if not isinstance(told.get("columns"), str):
            raise InputError(f"{path}: /columns: expected a text, got nothing")
        rows, done, total, what = rows_of(place, told)
        state = f"{'in progress' if lives(told) else 'ended too soon'}: {done} of {total} {what}"
        if not any(rows):
            raise InputError(f"{folder}: {state}, and no row is written yet")
        return told, [told["columns"].encode() + b"\n", *rows], state
    return None


def lives(told: dict[str, Any]) -> bool:
    try:
        os.kill(told.get("process", 0) or -1, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return "process" in told


def rows_of_run(folder: Path, told: dict[str, Any]) -> tuple[list[bytes], int, int, str]:
    entries = told.get("scenario", {}).get("algorithms", [])
    rows, done = [], 0
    for number in range(len(entries)):
        files = sorted(folder.glob(f".laconic-*-rows-{number}.partial"), key=lambda path: path.stat().st_mtime)
        text = files[-1].read_bytes() if files else b""
        whole = text[: text.rfind(b"\n") + 1]  # the last line is being written
        if whole:
            rows.append(whole)
            done += last_round(whole, told["columns"])
    rounds = told.get("scenario", {}).get("stop", {}).get("rounds", 0)
    return rows, done, rounds * len(entries), "rounds"


def last_round(text: bytes, names: str) -> int:
    line = text[text.rfind(b"\n", 0, -1) + 1 : -1].decode("utf-8", "replace")
    behind = names.split(",")[::-1].index("round")  # labels with commas stand before it
    try:
        return int(line.split(",")[-1 - behind])
    except (ValueError, IndexError):
        return 0


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

"""A line on the terminal that says what is being done, and how far it is."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

WHEN = ("auto", "always", "never")
PAUSE = 0.15  # seconds from one state to the next that is shown

_shown = False
_painted = -PAUSE
_there = False


def add_option(parser: Any) -> None:
    parser.add_argument(
        "--progress", choices=WHEN, default="auto", help="a progress line: auto (on a terminal), always or never"
    )


def begin(when: str) -> None:
    global _shown
    _shown = when == "always" or (when == "auto" and sys.stderr.isatty())


def show(text: str) -> None:
    """Replaces the line, unless it was painted just now."""
    global _painted, _there
    if not _shown or time.monotonic() - _painted < PAUSE:
        return
    _painted, _there = time.monotonic(), True
    room = shutil.get_terminal_size((100, 24)).columns - 1
    print(f"\r\x1b[K{text if len(text) <= room else text[: room - 3] + '...'}", end="", file=sys.stderr, flush=True)


def over(things: Iterable[Any], count: int, what: str) -> Iterator[Any]:
    for number, thing in enumerate(things):
        show(f"{what}: {number} of {count}")
        yield thing


def clear() -> None:
    """Before anything else is written there."""
    global _there
    if _there:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    _there = False

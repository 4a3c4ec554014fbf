"""The program: where it is, and what it says while it works."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from laconic.errors import InputError, LaconicError, RunError, warn

Show = Callable[[str], None]
REPAINT = b"\r\x1b[K"


def find() -> str:
    given = os.environ.get("LACONIC_BINARY")
    if given:
        return given
    here = Path(__file__).resolve().parent
    places = [here.parents[1] / "build" / "laconic"]  # a checkout's analysis/laconic
    places += [parent / "bin" / "laconic" for parent in here.parents]  # <prefix>/lib/python3/dist-packages/laconic
    for place in places:
        if place.is_file() and os.access(place, os.X_OK):
            return str(place)
    found = shutil.which("laconic")
    if not found:
        raise FileNotFoundError("no program laconic: build it, or let LACONIC_BINARY name it")
    return found


def call(words: list[str], text: str | None, progress: bool | Show | None) -> tuple[int, str, str]:
    """Runs the program; returns its exit code and what it said on both streams. Raises where its input was wrong."""
    show = shower(progress)
    words = [find(), *words, "--progress", "always" if show else "never"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin and process.stdout and process.stderr
    heard: dict[str, bytes] = {}
    listeners = [
        threading.Thread(target=lambda: heard.update(out=process.stdout.read())),
        threading.Thread(target=lambda: heard.update(err=listen(process.stderr, show))),
    ]
    for listener in listeners:
        listener.start()
    try:
        process.stdin.write((text or "").encode())
        process.stdin.close()
    except BrokenPipeError:  # it did not want to know
        pass
    try:
        for listener in listeners:
            listener.join()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    finally:
        if show:
            show("")
    code = process.wait()
    process.stdout.close()
    process.stderr.close()
    out, err = (heard.get(stream, b"").decode(errors="replace") for stream in ("out", "err"))
    warn(err)
    if code == 2:
        raise InputError(err, code)
    if code not in (0, 1, 3):
        raise LaconicError(err, code)
    return code, out, err


def failed(err: str, code: int, result: Any) -> RunError:
    error = RunError(err, code)
    error.result = result
    return error


def listen(stream: IO[bytes], show: Show | None) -> bytes:
    """What is said on the stream, without the states of the progress line, which are shown."""
    said, line = b"", b""
    while piece := stream.read1(1 << 16):  # type: ignore[attr-defined]
        line += piece
        if show and REPAINT in line:
            said_before, *states = line.split(REPAINT)
            said += said_before
            for state in states[:-1]:
                said += shown(state, show)
            line = REPAINT + states[-1]
            show(states[-1].decode(errors="replace").split("\n")[0])
    if REPAINT in line:
        first, *states = line.split(REPAINT)
        return said + first + b"".join(shown(state, None) for state in states)
    return said + line


def shown(state: bytes, show: Show | None) -> bytes:
    """A state of the progress line is shown; whole lines were said for good."""
    text, end, rest = state.rpartition(b"\n")
    if show and rest:
        show(rest.decode(errors="replace"))
    return text + end


def in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"


def shower(progress: bool | Show | None) -> Show | None:
    """Where the progress line goes: into the cell of a notebook, onto a terminal, to a function, or nowhere."""
    if callable(progress):
        return progress
    if progress is False or (progress is None and not in_notebook() and not sys.stderr.isatty()):
        return None
    if not in_notebook():
        return lambda text: print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    from IPython.display import display

    place = display({"text/plain": ""}, raw=True, display_id=True)
    return lambda text: place.update({"text/plain": text}, raw=True)

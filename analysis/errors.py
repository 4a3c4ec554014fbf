"""What went wrong, for people: one line, and exit code 2."""

from __future__ import annotations

import difflib
import os
import signal
import sys
from collections.abc import Callable, Iterable

from analysis import progress


class InputError(Exception):
    """The input is wrong. Its text is one line: where, what was given, what is allowed."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """' (did you mean "loss"?)', or nothing if no known name is near."""
    near = difflib.get_close_matches(given, list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def unknown(what: str, given: str, known: Iterable[str]) -> InputError:
    known = list(known)
    return InputError(f'{what}: unknown "{given}"{did_you_mean(given, known)}; known: {", ".join(known)}')


def note(text: str) -> None:
    """A remark that stops nothing."""
    progress.clear()
    print(f"note: {printable(text)}", file=sys.stderr)


def printable(text: str) -> str:
    """Without anything that a terminal could obey."""
    return "".join(c if c == "\n" or not (ord(c) < 32 or 127 <= ord(c) < 160) else f"\\x{ord(c):02X}" for c in text)


def run_command(main: Callable[[list[str]], None]) -> None:
    """Runs a command's main function and ends the process: 0 done, 2 the input is wrong."""
    try:
        try:
            main(sys.argv[1:])
        finally:
            progress.clear()
        sys.stdout.flush()
    except InputError as error:
        print(printable(str(error)), file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # whoever reads our words has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)

"""What the program says is wrong."""

from __future__ import annotations

import re
import warnings

PLACE = re.compile(r"(?P<file>.*?): (?P<pointer>/[^: ]*): (?P<text>.*)")
WARNING = re.compile(r".*: warning: .*|note: .*")


class LaconicError(Exception):
    """Its text is what the program said. Of the first line, `file`, `pointer` ("/algorithms/0/step") and `text` are
    its parts; the former two are empty where it names no place. `code` is the exit code, `lines` are all lines."""

    def __init__(self, said: str, code: int) -> None:
        self.lines = [line for line in said.splitlines() if line and not WARNING.fullmatch(line)]
        self.code = code
        first = self.lines[0] if self.lines else f"laconic ended with exit code {code}"
        found = PLACE.fullmatch(first)
        self.file, self.pointer = (found["file"], found["pointer"]) if found else ("", "")
        self.text = found["text"] if found else first
        super().__init__("\n".join(self.lines) or first)


class InputError(LaconicError):
    """The input is wrong: nothing was run."""


class RunError(LaconicError):
    """A run failed or was interrupted; what is complete lies in `result`, if there is any."""

    result = None


class LaconicWarning(UserWarning):
    """What is allowed, and perhaps meant otherwise."""


def warn(said: str) -> None:
    for line in said.splitlines():
        if WARNING.fullmatch(line):
            warnings.warn(line, LaconicWarning, stacklevel=4)

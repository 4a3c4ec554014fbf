"""What the commands share of their command lines."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, NoReturn

from analysis.errors import InputError, did_you_mean


class Once(argparse.Action):
    """An option whose second value would silently replace the first."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        given = namespace.__dict__.setdefault("given_once", set())
        if option_string and self.dest in given:
            parser.error(f"{option_string} is given twice")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.register("action", None, Once)

    def error(self, message: str) -> NoReturn:
        options = [name for name in self._option_string_actions if name.startswith("--")]
        if message.startswith("unrecognized arguments: "):
            given = next((word for word in message.split(": ", 1)[1].split() if word.startswith("--")), "")
            message += did_you_mean(given.split("=")[0], options) if given else ""
        raise InputError(f"{self.prog}: {message}; `{self.prog} --help` shows the options")


def destination(given: str | None, usual: Path, kinds: tuple[str, ...]) -> Path:
    """Where the output goes: found out before the work is done."""
    out = Path(given) if given else usual
    kind = out.suffix.lstrip(".").lower()
    if kind not in kinds:
        allowed = ", ".join(f".{name}" for name in kinds[:-1]) + (" or " if len(kinds) > 1 else "") + f".{kinds[-1]}"
        raise InputError(f'--out: expected a name that ends in {allowed}, got "{out}"')
    if out.is_dir():
        raise InputError(f"--out: {out} is a folder")
    if not out.parent.is_dir():
        raise InputError(f"--out: no folder {out.parent}")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise InputError(f"--out: cannot write {out}")
    return out

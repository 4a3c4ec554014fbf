"""Laconic from Python: `import laconic`, then `laconic.run("scenario.json")`.

Everything is done by the program `laconic`, which this package starts and whose results it reads. The program is the
one that the environment variable LACONIC_BINARY names, or the one that the package came with, or that of the PATH.
"""

from laconic.commands import check, replay, run, sweep, tune
from laconic.errors import InputError, LaconicError, LaconicWarning, RunError
from laconic.result import Figure, Result

__all__ = [
    "Figure",
    "InputError",
    "LaconicError",
    "LaconicWarning",
    "Result",
    "RunError",
    "check",
    "replay",
    "run",
    "sweep",
    "tune",
]

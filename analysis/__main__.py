"""`laconic plot`, `report` and `compare` arrive here: /usr/bin/python3 analysis plot RESULTS..."""

import importlib
import importlib.util
import sys
import warnings
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

NEEDS = {"plot": ("pandas", "matplotlib"), "compare": ("pandas", "matplotlib"), "report": ("pandas", "plotly")}


def main() -> None:
    command = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if command not in NEEDS:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(NEEDS)} ...")
    missing = [name for name in NEEDS[command] if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"laconic {command}: {sys.executable} has no {' and no '.join(missing)}: "
            f"install Debian's {' '.join('python3-' + name for name in missing)}",
            file=sys.stderr,
        )
        sys.exit(2)
    if not sys.warnoptions:  # what a library plans for its next version is no user's concern
        warnings.simplefilter("ignore", FutureWarning)
    from analysis.errors import run_command

    run_command(importlib.import_module(f"analysis.{command}").main)


main()

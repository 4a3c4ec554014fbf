"""ctest's way in: run.py TESTS... Code 77, "skipped", without the packages that the tests need."""

import importlib.util
import sys
import unittest
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent.parent), str(here)]
sys.dont_write_bytecode = True

missing = [name for name in ("pandas", "matplotlib", "plotly") if importlib.util.find_spec(name) is None]
if missing:
    print("skipped: no Python package", ", ".join(missing))
    sys.exit(77)
if "test_browser" in sys.argv[1:]:
    import chromium

    if not chromium.find():
        print("skipped: no Chromium")
        sys.exit(77)
unittest.main(module=None, argv=["run.py", *sys.argv[1:]])

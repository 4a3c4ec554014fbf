"""A folder of results as tables."""

from __future__ import annotations

import json
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from laconic import program
from laconic.errors import LaconicError

TEXT = ("scenario", "algorithm", "stopped_by")


class Result:
    """What a run, sweep, replay or check has written into its folder.

    `status` is "complete", "failed" or "interrupted", `told` what run.json, sweep.json or tuned.json says.
    """

    def __init__(self, folder: str | Path, code: int = 0) -> None:
        self.folder, self.code = Path(folder), code
        names = ("run.json", "sweep.json", "tuned.json")
        found = next((self.folder / name for name in names if (self.folder / name).is_file()), None)
        if found is None:
            raise FileNotFoundError(f"{self.folder}: not a result: it has no {', '.join(names)}")
        self.told: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))

    @property
    def status(self) -> str:
        return str(self.told.get("status", ""))

    @property
    def scenario(self) -> dict[str, Any]:
        """The scenario as it was run."""
        return self.told["scenario"]

    @cached_property
    def trajectory(self) -> pd.DataFrame:
        """A row for each algorithm, seed, point of the sweep and recorded round."""
        plain = self.folder / "trajectory.csv"
        return read_table(plain if plain.is_file() else self.folder / "trajectory.csv.gz")

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row for each algorithm, seed and point: where it ended, and when it reached each target."""
        return read_table(self.folder / "summary.csv")

    @cached_property
    def tuned(self) -> pd.DataFrame:
        """A row for each trial and tuning seed of a scenario that is tuned."""
        return read_table(self.folder / "tuned.csv")

    @property
    def chosen(self) -> pd.DataFrame:
        """What tuning has chosen: a row for each algorithm and point."""
        return pd.json_normalize(self.told.get("tuning", {}).get("chosen", []), sep="/")

    @cached_property
    def claims(self) -> pd.DataFrame:
        """The verdicts of `check`, a row each."""
        told = json.loads((self.folder / "claims.json").read_text(encoding="utf-8"))
        return pd.DataFrame(told["claims"])

    @property
    def held(self) -> bool:
        """Whether no claim failed that was not expected to."""
        return self.code == 0

    def plot(self, *others: Result, out: str | Path | None = None, **options: Any) -> Figure:
        """The figure of `laconic plot`, whose options these are: x="sim_time_s", winner_map=True, only=["GD"]."""
        return draw("plot", [self, *others], out, ".svg", options)

    def report(self, *others: Result, out: str | Path | None = None) -> Figure:
        """The page of `laconic report`."""
        return draw("report", [self, *others], out, ".html", {})

    def _repr_html_(self) -> str:
        return f"<p>{self.folder} ({self.status})</p>" + self.summary.to_html(max_rows=40)

    def __repr__(self) -> str:
        return f"<laconic.Result {self.folder} ({self.status})>"


class Figure:
    """A figure or page that was drawn: the file `path`, if it was given a name; a notebook shows it."""

    def __init__(self, path: Path | None, kind: str, content: bytes) -> None:
        self.path, self.kind, self.content = path, kind, content

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        mime = {".svg": "image/svg+xml", ".png": "image/png", ".html": "text/html"}.get(self.kind)
        if mime is None:
            return {"text/plain": repr(self)}
        return {mime: self.content if mime == "image/png" else self.content.decode()}

    def __repr__(self) -> str:
        return f"<laconic.Figure {self.path or self.kind}>"


def draw(command: str, results: list[Result], out: str | Path | None, kind: str, options: dict[str, Any]) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(out) if out else Path(folder) / f"figure{kind}"
        words = [command, *(str(result.folder) for result in results), "--out", str(path)]
        for name, value in options.items():
            option = "--" + name.replace("_", "-")
            for one in value if isinstance(value, (list, tuple)) else [value]:
                if one is not False and one is not None:
                    words += [option] if one is True else [f"{option}={one}"]
        code, _, err = program.call(words, None, False)
        if code:
            raise LaconicError(err, code)
        return Figure(Path(out) if out else None, path.suffix, path.read_bytes())


def is_text(name: str) -> bool:
    return name in TEXT or name.startswith("/")


def read_table(path: Path) -> pd.DataFrame:
    """Numbers as numbers; swept values too, where all of them are."""
    names = list(pd.read_csv(path, nrows=0).columns)
    text = [name for name in names if is_text(name)]
    numbers = [name for name in names if name not in text]
    rows = pd.read_csv(
        path, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values=dict.fromkeys(numbers, ["", "nan"])
    )
    for name in text:
        rows[name] = rows[name].map(text_of_csv)
        if name.startswith("/"):
            as_numbers = pd.to_numeric(rows[name], errors="coerce")
            if as_numbers.notna().all():
                rows[name] = as_numbers
    return rows


def text_of_csv(field: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running text as a formula."""
    return field[1:] if len(field) > 1 and field[0] == "'" and field[1] in "=+-@'\t\r\n" else field

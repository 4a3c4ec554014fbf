"""Reads the folders that `laconic run` and `laconic sweep` write."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import columns
from analysis.errors import InputError

EMPTY = ["", "nan", "NaN", "-nan"]

# The formats that this program reads: of run.json, sweep.json and claims.json, and of the CSV beside them.
FORMATS = {"json": 1, "csv": 1}


@dataclass
class Result:
    """One result folder. Rows are read when they are asked for, and only the columns that are."""

    folder: Path
    present: list[str]  # the columns of trajectory.csv
    provenance: dict[str, Any] = field(default_factory=dict)  # run.json or sweep.json
    claims: list[dict[str, Any]] = field(default_factory=list)
    reduced: bool = False  # the claims were judged at a smaller scale than their source's

    @property
    def scenario(self) -> dict[str, Any]:
        return self.provenance.get("scenario") or {}

    @property
    def name(self) -> str:
        return str(self.scenario.get("name") or self.folder.name)

    @property
    def stand_in(self) -> str:
        return str(self.provenance.get("stand_in") or "")

    @property
    def pointers(self) -> list[str]:
        """What was swept, but for the seed, which is averaged over."""
        return [name for name in self.present if name.startswith("/") and name != "/seed"]

    def rows(self, wanted: list[str]) -> pd.DataFrame:
        """Swept values, algorithm, seed and the wanted columns, sums among them."""
        rows = read_csv(
            self.folder / "trajectory.csv", [*self.pointers, "algorithm", "seed", "round", *columns.sources(wanted)]
        )
        if rows.empty:
            raise InputError(f"{self.folder / 'trajectory.csv'}: no row: the run is empty")
        return columns.add_sums(rows, wanted)

    def summary(self) -> pd.DataFrame | None:
        """summary.csv, if it is there."""
        path = self.folder / "summary.csv"
        return read_csv(path, None) if path.is_file() else None


def read_csv(path: Path, wanted: list[str] | None) -> pd.DataFrame:
    """Text where it is text, numbers elsewhere. Throws InputError with the line of what is no number."""
    names = header(path)
    wanted = names if wanted is None else list(dict.fromkeys(wanted))
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InputError(f"{path}: no column {', '.join(missing)}; it has {', '.join(names)}")
    text = [name for name in wanted if name in columns.TEXT or name.startswith("/") or name == "stopped_by"]
    numbers = [name for name in wanted if name not in text]
    try:
        rows = pd.read_csv(
            path,
            usecols=wanted,
            dtype=dict.fromkeys(text, str),
            keep_default_na=False,
            na_values=dict.fromkeys(numbers, EMPTY),
            low_memory=False,
        )
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: not a table that can be read: {str(error).splitlines()[0]}") from error
    for name in numbers:
        if rows[name].dtype == object:
            values = pd.to_numeric(rows[name], errors="coerce")
            wrong = rows.index[values.isna() & rows[name].notna()]
            if len(wrong):
                raise InputError(
                    f'{path}: line {wrong[0] + 2}: {name}: expected a number, got "{rows[name][wrong[0]]}"'
                )
            rows[name] = values
    for name in text:
        rows[name] = rows[name].map(text_of_csv)
    return rows


def text_of_csv(field: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running the text as a formula."""
    return field[1:] if len(field) > 1 and field[0] == "'" and field[1] in "=+-@'\t\r\n" else field


def header(path: Path) -> list[str]:
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot read: {getattr(error, 'strerror', None) or error}") from error


def read_json(path: Path) -> Any:
    """None if there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not JSON that can be read: {error}") from error


def read_told(folder: Path, *names: str) -> Any:
    """The first of these JSON files that is there, if its formats are known; {} if none is there."""
    for name in names:
        if found := read_json(folder / name):
            if isinstance(found, dict):
                check_formats(found, folder / name)
            return found
    return {}


def check_formats(told: dict[str, Any], path: Path) -> None:
    """Refuses a newer format, which might be misread. A file that states none is of the first."""
    stated = told.get("formats", {})
    if not isinstance(stated, dict) or not all(isinstance(stated.get(name, 1), int) for name in FORMATS):
        raise InputError(f'{path}: /formats: expected {{"json": <number>, "csv": <number>}}, got {json.dumps(stated)}')
    for name, known in FORMATS.items():
        if stated.get(name, 1) > known:
            raise InputError(
                f"{path}: /formats/{name}: {stated[name]} is newer than {known}, the last that this Laconic reads"
            )


def read(given: str) -> Result:
    """A result folder, or the trajectory.csv in one."""
    folder = Path(given)
    if folder.name == "trajectory.csv" and folder.is_file():
        folder = folder.parent
    if not folder.exists():
        raise InputError(f"{given}: no such folder")
    if not (folder / "trajectory.csv").is_file():
        raise InputError(
            f"{given}: not a result: expected a folder with a trajectory.csv, as laconic run and laconic sweep write it"
        )
    provenance = read_told(folder, "run.json", "sweep.json")
    present = header(folder / "trajectory.csv")
    missing = [name for name in columns.REQUIRED if name not in present]
    if missing:
        raise InputError(f"{folder / 'trajectory.csv'}: no column {', '.join(missing)}")
    if not isinstance(provenance, dict) or not isinstance(provenance.get("scenario", {}), dict):
        raise InputError(f'{folder}: run.json or sweep.json: expected an object with a "scenario"')
    claims = read_told(folder, "claims.json")
    listed = claims.get("claims", []) if isinstance(claims, dict) else None
    if not isinstance(listed, list) or not all(isinstance(claim, dict) for claim in listed):
        raise InputError(f"{folder / 'claims.json'}: expected {{\"claims\": [...]}}")
    return Result(folder, present, provenance, listed, isinstance(claims, dict) and claims.get("scale") == "reduced")

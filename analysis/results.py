"""Reads the folders that `laconic run` and `laconic sweep` write."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import columns, unfinished
from analysis.errors import InputError, note
from analysis.scan import chunks_of
from analysis.tables import Table
from analysis.told import check_runs, promise_of, read_told

TABLES = ("trajectory.csv", "trajectory.csv.gz")


@dataclass
class Result:
    """One result folder. Its tables are read, and held to what is told of them, when they are asked for."""

    folder: Path
    table: Table  # the trajectory
    provenance: dict[str, Any] = field(default_factory=dict)  # run.json or sweep.json
    told: Path = Path()  # which of them
    claims: list[dict[str, Any]] = field(default_factory=list)
    reduced: bool = False  # the claims were judged at a smaller scale than their source's
    unfinished: str = ""  # "in progress: 3 of 8 runs"
    checked: bool = False

    @property
    def present(self) -> list[str]:
        """The columns of the trajectory."""
        return self.table.names

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
        rows = self.table.read([*self.pointers, "algorithm", "seed", "round", *columns.sources(wanted)])
        self.check()
        return columns.add_sums(rows, wanted)

    def check(self) -> None:
        """Holds the rows to what is told of the runs, once."""
        if not self.checked and not self.unfinished:
            check_runs(self.provenance, self.told, self.table.runs, self.table.where)
        self.checked = True

    def summary(self) -> pd.DataFrame | None:
        """summary.csv, if it is there."""
        path = self.folder / "summary.csv"
        promise = promise_of(self.provenance, "summary.csv", self.told)
        if self.unfinished or not (promise or path.is_file()):
            return None
        self.check()
        table = Table(str(path), lambda: chunks_of(path), promise, self.told.name)
        require(table, ["algorithm", "seed", "round", "stopped_by", *self.pointers])
        rows = table.read(table.names)
        if len(table.runs) != len(rows):
            raise InputError(f"{path}: has {len(rows)} rows of {len(table.runs)} runs: some stand there twice")
        runs = self.table.runs
        if len(runs) != len(rows):
            raise InputError(f"{path}: has {len(rows)} rows, but {self.table.where} those of {len(runs)} runs")
        return rows


def require(table: Table, wanted: list[str]) -> None:
    missing = [name for name in wanted if name not in table.names]
    if missing:
        raise InputError(f"{table.where}: no column {', '.join(missing)}; it has {', '.join(table.names) or 'none'}")


def read(given: str) -> Result:
    """A result folder, or the trajectory in one."""
    folder = Path(given)
    if folder.name in TABLES and folder.is_file():
        folder = folder.parent
    if not folder.exists():
        raise InputError(f"{given}: no such folder")
    provenance, told = read_told(folder, "run.json", "sweep.json")
    path = trajectory_in(folder, provenance)
    if path:
        promise = promise_of(provenance, "trajectory.csv", told)
        result = Result(folder, Table(str(path), lambda: chunks_of(path), promise, told.name), provenance, told)
    else:
        result = read_unfinished(folder, given)
    require(result.table, list(columns.REQUIRED))
    claims, _ = read_told(folder, "claims.json")
    result.claims, result.reduced = claims.get("claims", []), claims.get("scale") == "reduced"
    return result


def trajectory_in(folder: Path, told: dict[str, Any]) -> Path | None:
    """None if there is none. Where both forms are there, the one that is told of."""
    there = [folder / name for name in TABLES if (folder / name).is_file()]
    if len(there) < 2:
        return there[0] if there else None
    own = [path for path in there if path.name in told.get("files", {})]
    if len(own) != 1:
        raise InputError(
            f"{folder}: both {' and '.join(TABLES)} are there, and nothing says which is the result's: remove the other"
        )
    note(f"{there[1 - there.index(own[0])]} is left aside: the result's own is {own[0].name}")
    return own[0]


def read_unfinished(folder: Path, given: str) -> Result:
    found = unfinished.find(folder)
    if not found:
        raise InputError(
            f"{given}: not a result: expected a folder with a trajectory.csv or trajectory.csv.gz, "
            "as laconic run and laconic sweep write it"
        )
    table = Table(str(folder), lambda: unfinished.chunks(found.rows))
    require(table, list(columns.REQUIRED))
    done = int(table.runs["round"].sum()) if found.done is None else found.done
    state = f"{found.state}: {done} of {found.total} {found.what}"
    note(f"{given}: {state}")
    return Result(folder, table, found.told, folder / unfinished.RUNNING, unfinished=state)

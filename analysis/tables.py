"""The one reader of results' tables: rows as they were written, or one line that says what is wrong, and where."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import columns
from analysis.errors import InputError, printable
from analysis.scan import Facts, Source

EMPTY = ["", "nan", "NaN", "-nan"]
WHOLE = ("seed", "round")
Chunks = Callable[[], Iterator[bytes]]


class Table:
    """trajectory.csv or summary.csv, packed or not, or the rows of a run in progress. Read once, when first asked."""

    def __init__(self, where: str, chunks: Chunks, promise: Facts | None = None, told: str = "") -> None:
        """`chunks` gives its bytes. `promise` is what the file `told` says that was written."""
        self.where, self._chunks, self._promise, self._told = where, chunks, promise, told

    @cached_property
    def names(self) -> list[str]:
        """The header's columns."""
        source = Source(self._chunks(), self.where)
        try:
            with io.TextIOWrapper(io.BufferedReader(source), encoding="utf-8", newline="") as text:
                names = next(csv.reader(text), [])
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise source.failure or InputError(f"{self.where}: cannot read: {error}") from error
        twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
        if twice is not None:
            raise InputError(f"{self.where}: line 1: the column {twice} stands twice")
        return names

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows: text where it is text, numbers elsewhere. Throws InputError."""
        source = Source(self._chunks(), self.where)
        text = [name for name in self.names if is_text(name)]
        numbers = [name for name in self.names if not is_text(name)]
        try:
            rows = pd.read_csv(
                io.BufferedReader(source, 1 << 20),
                dtype=dict.fromkeys(text, str),
                keep_default_na=False,
                na_values=dict.fromkeys(numbers, EMPTY),
                index_col=False,
                skip_blank_lines=False,
                low_memory=False,
            )
        except MemoryError as error:
            raise InputError(f"{self.where}: the memory here does not hold it") from error
        except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError, ValueError) as error:
            raise source.failure or InputError(
                f"{self.where}: not a table that can be read: {str(error).splitlines()[0]}"
            ) from error
        self._check_promise(source.facts())
        for name in numbers:
            rows[name] = self._numbers(rows[name])
        for name in text:
            rows[name] = plain_text(rows[name])
        if rows.empty:
            raise InputError(f"{self.where}: no row: the run is empty")
        return rows

    def read(self, wanted: list[str]) -> pd.DataFrame:
        missing = [name for name in wanted if name not in self.names]
        if missing:
            raise InputError(f"{self.where}: no column {', '.join(missing)}; it has {', '.join(self.names)}")
        return self.frame[list(dict.fromkeys(wanted))].copy()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """Of each run (a point, an algorithm, a seed) its last row. Throws InputError where a row stands twice."""
        keys = [name for name in self.names if name.startswith("/") or name in ("algorithm", "seed")]
        code = np.zeros(len(self.frame), dtype=np.int64)
        for name in keys:
            own, known = pd.factorize(self.frame[name])
            code, _ = pd.factorize(code * len(known) + own)
        rounds = self.frame["round"].to_numpy()
        starts = np.flatnonzero(np.diff(code, prepend=-1))
        rising = np.diff(rounds, prepend=-np.inf) > 0
        rising[starts] = True
        if not rising.all() or len(np.unique(code[starts])) < len(starts):
            self._refuse_twice(pd.DataFrame({"run": code, "round": rounds}))
        ends = pd.Series(rounds).groupby(code).idxmax()
        return self.frame.loc[ends, [*keys, "round"]]

    def _refuse_twice(self, rows: pd.DataFrame) -> None:
        twice = np.flatnonzero(rows.duplicated())
        if not len(twice):
            return  # somebody has sorted the rows
        row = rows.iloc[twice[0]]
        first = int(np.flatnonzero((rows["run"] == row["run"]) & (rows["round"] == row["round"]))[0])
        own = self.frame.iloc[twice[0]]
        raise InputError(
            f"{self.where}: line {twice[0] + 2}: round {own['round']:g} of {own['algorithm']}, seed {own['seed']:g}, "
            f"stands in line {first + 2} already"
        )

    def _check_promise(self, found: Facts) -> None:
        promise = self._promise
        if not promise or found == promise:
            return
        if found.rows != promise.rows:
            how = "cut short" if found.rows < promise.rows else "added to"
            raise InputError(
                f"{self.where}: has {found.rows} rows, {promise.rows} were written ({self._told}): it was {how} since"
            )
        raise InputError(
            f"{self.where}: its text is not what was written: CRC-32 {found.crc:08x}, "
            f"expected {promise.crc:08x} ({self._told}): it was changed since"
        )

    def _numbers(self, values: pd.Series) -> pd.Series:
        if values.dtype == object:
            given, values = values, pd.to_numeric(values, errors="coerce")
            self._refuse(values.isna() & given.notna(), given, "a number")
        if values.name in WHOLE:
            self._refuse(~(np.isfinite(values) & (values == np.floor(values))), values, "a whole number")
        return values

    def _refuse(self, wrong: pd.Series, given: pd.Series, allowed: str) -> None:
        lines = np.flatnonzero(wrong)
        if len(lines):
            value = "" if pd.isna(given[lines[0]]) else printable(str(given[lines[0]]))[:80]
            raise InputError(f'{self.where}: line {lines[0] + 2}: {given.name}: expected {allowed}, got "{value}"')


def is_text(name: str) -> bool:
    return name in columns.TEXT or name.startswith("/") or name == "stopped_by"


def plain_text(values: pd.Series) -> pd.Series:
    """Without the apostrophes that keep a spreadsheet from running text as a formula."""
    codes, known = pd.factorize(values)
    return pd.Series(np.array([text_of_csv(str(text)) for text in known], dtype=object)[codes], values.index)


def text_of_csv(field: str) -> str:
    return field[1:] if len(field) > 1 and field[0] == "'" and field[1] in "=+-@'\t\r\n" else field

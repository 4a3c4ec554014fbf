"""From rows to curves: medians and ranges over seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

Columns = dict[str, np.ndarray]


@dataclass
class Series:
    """One method's curve. A point is a recorded round: `mid` holds the medians over seeds of every column there,
    `low` and `high` the range. A seed that has ended counts with its last row, and the curve ends where half have."""

    label: str
    mid: Columns
    low: Columns
    high: Columns
    seeds: int
    # By column that was finite and is not any more, for some seed: "infinite" or "not a number", and since which round.
    diverged: dict[str, tuple[str, int]]


def series_of(label: str, rows: pd.DataFrame, names: list[str]) -> Series:
    """`rows` are one method's, at one point of a sweep."""
    names = list(dict.fromkeys(["round", *names]))
    table = rows[names].to_numpy(dtype=float)
    runs = [by_round(table[own]) for own in rows.groupby("seed", sort=False).indices.values()]  # [row, name]
    diverged = {}
    for place, name in enumerate(names):
        found = next(filter(None, (lost(run[:, place], run[:, 0]) for run in runs)), None)
        if found:
            diverged[name] = found
    if len(runs) == 1:
        only = {name: runs[0][:, place] for place, name in enumerate(names)}
        return Series(label, only, only, only, 1, diverged)
    index = np.unique(np.concatenate([run[:, 0] for run in runs]))
    index = index[index <= np.median([run[-1, 0] for run in runs])]
    # Each run's last row by then.
    at = [np.searchsorted(run[:, 0], index, side="right") - 1 for run in runs]
    mid, low, high = {}, {}, {}
    for place, name in enumerate(names):
        values = np.array([np.where(rows_ >= 0, run[rows_, place], np.nan) for run, rows_ in zip(runs, at)])
        if name in diverged:
            # An infinite loss is larger than any other: it must not vanish from a median.
            values = np.where(np.isnan(values) & (np.array(at) >= 0), np.inf, values)
        with np.errstate(invalid="ignore"):
            mid[name] = np.median(values, axis=0)
            low[name], high[name] = values.min(axis=0), values.max(axis=0)
    mid["round"] = index
    return Series(label, mid, low, high, len(runs), diverged)


def by_round(rows: np.ndarray) -> np.ndarray:
    """Sorted by the first column; of equal ones the last."""
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    return rows[np.append(np.diff(rows[:, 0]) > 0, True)]


def lost(values: np.ndarray, rounds: np.ndarray) -> tuple[str, int] | None:
    """How a column stops being finite, and in which round; None if it ends finite, or never was."""
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite) or finite[-1] == len(values) - 1:
        return None
    place = finite[-1] + 1
    return "not a number" if np.isnan(values[place]) else "infinite", int(rounds[place])


def thin(x: np.ndarray, points: int) -> np.ndarray:
    """Indices of about so many points, evenly spread both along x and along log x, the ends among them."""
    n = len(x)
    if n <= points:
        return np.arange(n)
    half = points // 2
    evenly = np.linspace(0, n - 1, half)
    early = np.geomspace(1, n, half) - 1
    keep = {0, n - 1, *np.rint(evenly).astype(int), *np.rint(early).astype(int)}
    return np.array(sorted(int(i) for i in keep))

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
    runs = [
        run.drop_duplicates("round", keep="last").set_index("round", drop=False)[names].sort_index()
        for _, run in rows.groupby("seed", sort=False)
    ]
    losses = {name: [lost(run[name]) for run in runs] for name in names}
    diverged = {name: next(filter(None, found)) for name, found in losses.items() if any(found)}
    if len(runs) == 1:
        only = {name: runs[0][name].to_numpy(dtype=float) for name in names}
        return Series(label, only, only, only, 1, diverged)
    index = sorted(set().union(*(run.index for run in runs)))
    last = np.median([run.index[-1] for run in runs])
    index = [number for number in index if number <= last]
    mid, low, high = {}, {}, {}
    for name in names:
        # An infinite loss is larger than any other: it must not vanish from a median.
        values = np.array(
            [run[name].fillna(np.inf if name in diverged else np.nan).reindex(index, method="ffill") for run in runs]
        )
        with np.errstate(invalid="ignore"):
            mid[name] = np.median(values, axis=0)
            low[name], high[name] = values.min(axis=0), values.max(axis=0)
    mid["round"] = np.array(index, dtype=float)
    return Series(label, mid, low, high, len(runs), diverged)


def lost(run: pd.Series) -> tuple[str, int] | None:
    """How a column stops being finite, and in which round; None if it ends finite, or never was."""
    values = run.to_numpy(dtype=float)
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite) or finite[-1] == len(values) - 1:
        return None
    place = finite[-1] + 1
    return "not a number" if np.isnan(values[place]) else "infinite", int(run.index[place])


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

"""Who reaches a target first, and by how much, at every point of a sweep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import columns, decide
from analysis.decide import Kind, Verdict
from analysis.errors import InputError, unknown
from analysis.quantities import Scale
from analysis.study import Study

NOBODY, LEVEL = -1, -2  # in a map, instead of a winner's number
IN_SUMMARY = ("round", "uploads", "upload_bits", "sim_time_s")


@dataclass(frozen=True)
class Target:
    metric: str
    value: float

    def __str__(self) -> str:
        return f"{columns.describe(self.metric).title} {'≥' if 'accuracy' in self.metric else '≤'} {self.value:g}"


@dataclass
class Map:
    """The methods' costs on a grid. A cost is the median over seeds; a seed that never arrives counts as infinite, so
    that a method arrives where half of its seeds do."""

    x: Scale
    y: Scale
    labels: list[str]
    costs: np.ndarray  # [label, y, x]; inf: the target was not reached; nan: nothing was run there
    verdicts: np.ndarray  # [y, x] of Verdict; None: nothing was run there

    @property
    def ran(self) -> np.ndarray:
        return ~np.isnan(self.costs).all(axis=0)

    @property
    def best(self) -> np.ndarray:
        """[y, x]; inf where nobody arrives or nothing was run."""
        return np.where(np.isnan(self.costs), np.inf, self.costs).min(axis=0)

    @property
    def winner(self) -> np.ndarray:
        """[y, x]: number of the label that is first, NOBODY where nobody arrives, LEVEL where that is not decided."""

        def number(verdict: Verdict | None) -> int:
            if verdict is None or verdict.kind is Kind.NOBODY:
                return NOBODY
            return LEVEL if verdict.winner is None else self.labels.index(verdict.winner)

        return self._each(number, int)

    @property
    def margin(self) -> np.ndarray:
        """[y, x]: the second's cost by the winner's, inf where there is no second."""
        return self._each(lambda verdict: np.inf if verdict is None else verdict.factor, float)

    def has(self, kind: Kind) -> np.ndarray:
        """[y, x]: where the verdict is of this kind."""
        return self._each(lambda verdict: verdict is not None and verdict.kind is kind, bool)

    def _each(self, of: Callable[[Verdict | None], Any], kind: type) -> np.ndarray:
        found = [of(verdict) for verdict in self.verdicts.flat]
        return np.array(found, dtype=kind).reshape(self.verdicts.shape)


def parse_target(text: str, study: Study) -> Target:
    """From "loss_gap=1e-3"."""
    name, equals, value = text.partition("=")
    metrics = [
        column
        for column in study.present
        if columns.describe(column).metric and column not in (*columns.TEXT, "seed") and not column.startswith("/")
    ]
    if not equals:
        raise InputError(f'--target: expected METRIC=VALUE, e.g. loss_gap=1e-3, got "{text}"')
    if name not in metrics:
        raise unknown("--target", name, metrics)
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        raise InputError(f'--target: expected a number after {name}=, got "{value}"')
    return Target(name, number)


def watched(study: Study) -> list[Target]:
    """The targets that summary.csv reports."""
    found = {}
    for name in study.summary.columns if study.summary is not None else []:
        match = re.fullmatch(r"to_(.+)_([^_]+)_round", name)
        if match:
            try:
                found[Target(match[1], float(match[2]))] = None
            except ValueError:
                pass
    return list(found)


def default_target(study: Study) -> Target:
    known = watched(study)
    if not known:
        raise InputError("--target: the scenario has none of its own: give one, e.g. --target loss_gap=1e-3")
    return known[0]


def arrivals(study: Study, target: Target, cost: str) -> pd.DataFrame:
    """Swept values, algorithm, seed, and `cost`: of the first recorded row that reaches the target, or inf."""
    keys = [*study.pointers, "algorithm", "seed"]
    column = f"to_{target.metric}_{target.value:g}_{cost}"
    if study.summary is not None and column in study.summary:
        found = study.summary[[*keys, column]].rename(columns={column: "cost"})
        if found["cost"].notna().any():
            return found.fillna({"cost": np.inf})
    rows = study.rows([target.metric, cost])
    if not rows[cost].notna().any():
        raise InputError(
            f"{cost}: no value was recorded" + (": the scenario has no network" if cost == "sim_time_s" else "")
        )
    return reaching(rows, keys, target, cost)


def reaching(rows: pd.DataFrame, keys: list[str], target: Target, cost: str) -> pd.DataFrame:
    """The keys and `cost` of the first row that reaches the target, or inf, for all keys that have rows."""
    reached = rows[columns.improves(target.metric)(rows[target.metric], target.value)]
    first = reached.groupby(keys, sort=False)[cost].first().rename("cost")
    everyone = rows[keys].drop_duplicates()
    return everyone.merge(first.reset_index(), on=keys, how="left").fillna({"cost": np.inf})


def medians(found: pd.DataFrame, by: list[str]) -> pd.Series:
    """Over seeds, with infinity as a number."""
    costs = found.groupby(by if len(by) > 1 else by[0], sort=False)["cost"]
    return costs.agg(lambda own: decide.median(own.to_numpy(dtype=float)))


def make_map(study: Study, found: pd.DataFrame, x: str, y: str, labels: list[str]) -> Map:
    scale_x, scale_y = study.scales[x], study.scales[y]
    costs = np.full((len(labels), len(scale_y.texts), len(scale_x.texts)), np.nan)
    seen = np.full(costs.shape[1:], None, dtype=object)
    at_x = {text: number for number, text in enumerate(scale_x.texts)}
    at_y = {text: number for number, text in enumerate(scale_y.texts)}
    at_label = {label: number for number, label in enumerate(labels)}
    for (here_x, here_y), verdict in decide.verdicts(found[found["algorithm"].isin(labels)], [x, y]):
        seen[at_y[here_y], at_x[here_x]] = verdict
        for entry in verdict.entries:
            costs[at_label[entry.label], at_y[here_y], at_x[here_x]] = entry.cost
    return Map(scale_x, scale_y, labels, costs, seen)


def map_axes(study: Study, wanted: tuple[str | None, str | None]) -> tuple[str, str]:
    """The swept pointers across and up: those wanted, else latency and bandwidth, else the first two."""
    if len(study.pointers) < 2:
        raise InputError(
            "a winner map needs two swept values, e.g. /platform/latency and /platform/bandwidth; swept: "
            + (", ".join(study.pointers) or "nothing")
        )
    for option, pointer in zip(("--map-x", "--map-y"), wanted):
        if pointer and pointer not in study.pointers:
            raise unknown(option, pointer, study.pointers)
    if wanted[0] and wanted[0] == wanted[1]:
        raise InputError(f"--map-x and --map-y: both are {wanted[0]}")
    rank = {
        pointer: (not pointer.endswith("latency"), not pointer.endswith("bandwidth"), number)
        for number, pointer in enumerate(study.pointers)
    }
    order = [pointer for pointer in sorted(study.pointers, key=rank.__getitem__) if pointer not in wanted]
    x = wanted[0] or order.pop(0)
    free = [pointer for pointer in order if not study.tied(x, pointer)]
    y = wanted[1] or (free or order)[0]
    if study.tied(x, y):
        raise InputError(f"a winner map needs two swept values that change independently: {x} and {y} change together")
    return x, y

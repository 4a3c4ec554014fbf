"""Many cases at once: performance profiles, and how much a method depends on how it was tuned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import winners
from analysis.errors import InputError, unknown
from analysis.results import Result
from analysis.scan import chunks_of
from analysis.study import Study, narrow
from analysis.tables import Table

MOST = 4.0  # the largest factor that a profile shows, as AlgoPerf's
BUDGET = "budget"


@dataclass
class Profile:
    """`ratios` are [case, label]: a method's median cost by the least of the case, inf where it misses the target. A
    case is a network, a data set or whatever else differs from point to point."""

    labels: list[str]
    ratios: np.ndarray

    @property
    def cases(self) -> int:
        return len(self.ratios)

    def share(self, label: str, factor: float) -> float:
        """Of the cases, those in which the method needs at most `factor` times what the best one needs (Dolan and
        More, Benchmarking optimization software with performance profiles, 2002)."""
        return float((self.ratios[:, self.labels.index(label)] <= factor).mean())

    def steps(self, label: str) -> tuple[np.ndarray, np.ndarray]:
        """Factors from 1 to MOST at which the share rises, and the shares from there on."""
        own = np.sort(self.ratios[:, self.labels.index(label)])
        inside = own[(own > 1) & (own <= MOST)]
        factors = np.concatenate([[1.0], np.unique(inside), [MOST]])
        return factors, np.array([(own <= factor).mean() for factor in factors])

    def score(self, label: str) -> float:
        """The mean share over the factors from 1 to MOST: the area below the curve, 1 for who is always the best."""
        factors, shares = self.steps(label)
        return float(np.sum(shares[:-1] * np.diff(factors)) / (MOST - 1))


def profile_of(studies: list[Study], target: str | None, cost: str, at: dict[str, str]) -> Profile:
    """Over all points of all studies; each has its own first target where none is asked for."""
    parts = []
    for study in studies:
        aim = winners.parse_target(target, study) if target else winners.default_target(study)
        found = narrow(study, winners.arrivals(study, aim, cost), at)
        parts.append(costs_of(found, study.pointers))
    labels = list(dict.fromkeys(label for part in parts for label in part.columns))
    costs = np.vstack([part.reindex(columns=labels).to_numpy(dtype=float) for part in parts])
    return Profile(labels, ratios_of(costs))


def words(study: Study, cost: str) -> str:
    """For a report: LAG-WK 0.93, GD 0.41 (the mean share of 144 cases within a factor of the best, from 1 to 4)."""
    if len(study.points) < 2 or not winners.watched(study):
        return ""
    found = profile_of([study], None, cost, {})
    ranked = sorted(found.labels, key=found.score, reverse=True)
    scores = ", ".join(f"{label} {found.score(label):.2f}" for label in ranked)
    return f"{scores} (the mean share of {found.cases} cases within a factor of the best, from 1 to {MOST:g})"


def costs_of(found: pd.DataFrame, pointers: list[str]) -> pd.DataFrame:
    """The medians over seeds: a row a case, a column a method. A miss is infinite, who did not run has no number."""
    medians = winners.medians(found, [*pointers, "algorithm"]).rename("cost").reset_index()
    medians["case"] = medians.groupby(pointers, sort=False).ngroup() if pointers else 0
    order = list(dict.fromkeys(medians["algorithm"]))
    return medians.pivot(index="case", columns="algorithm", values="cost")[order]


def ratios_of(costs: np.ndarray) -> np.ndarray:
    """[case, label]: costs by the least of their case. Where nobody arrives, or who did not run: inf."""
    costs = np.where(np.isnan(costs), np.inf, costs)
    best = costs.min(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = costs / best
    return np.where(np.isfinite(costs), np.where(costs == best, 1.0, ratios), np.inf)


@dataclass
class Sensitivity:
    """What one method reached, by a parameter's value or by the trials that it had."""

    label: str
    x: list[float] | list[str]
    cost: np.ndarray  # the median over the tuning seeds, inf where most missed the target
    chosen: int | None  # index of the value that was chosen


def read_trials(result: Result) -> tuple[pd.DataFrame, list[str], str]:
    """tuned.csv: its rows, the parameters, and what was compared."""
    path = result.folder / "tuned.csv"
    if not path.is_file():
        raise InputError(f"{result.folder}: no tuned.csv: its scenario was not tuned")
    table = Table(str(path), lambda: chunks_of(path))
    names = table.names
    for name in ("algorithm", "trial", "seed", "median", "chosen"):
        if name not in names:
            raise InputError(f"{path}: no column {name}; it has {', '.join(names)}")
    rows = pd.read_csv(path, keep_default_na=False, na_values={"median": [""]}, dtype={"algorithm": str})
    first, last = names.index("trial") + 1, names.index("seed")
    return rows, names[first:last], names[last + 1]


def sensitivity(rows: pd.DataFrame, parameters: list[str], wanted: str, labels: list[str]) -> list[Sensitivity]:
    """Against a parameter's values, the other parameters at their best; or, against the BUDGET, the best so far."""
    if wanted != BUDGET and wanted not in parameters:
        raise unknown("--sensitivity", wanted, [*parameters, BUDGET])
    each = rows.drop_duplicates(["algorithm", "trial"])
    out = []
    for label in labels:
        own = each[each["algorithm"] == label].sort_values("trial")
        if wanted == BUDGET:
            best = own["median"].astype(float).cummin().to_numpy()
            out.append(Sensitivity(label, [float(trial) for trial in own["trial"]], best, None))
            continue
        own = own[own[wanted] != ""]
        if own.empty:
            continue
        numbers = pd.to_numeric(own[wanted], errors="coerce")
        values = numbers if numbers.notna().all() else own[wanted].astype(str)
        least = own.assign(value=values, cost=own["median"].astype(float)).groupby("value")["cost"].min()
        picked = values[own["chosen"] == 1]
        place = list(least.index).index(picked.iloc[0]) if len(picked) else None
        out.append(Sensitivity(label, list(least.index), least.to_numpy(), place))
    if not out:
        raise InputError(f"--sensitivity {wanted}: of the algorithms that are drawn, none was tuned over it")
    return out

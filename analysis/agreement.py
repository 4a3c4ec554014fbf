"""How far a simulated run's times agree with those of the same scenario deployed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.results import Result
from analysis.study import Study
from analysis.winners import Target, reaching, watched

KEYS = ["algorithm", "seed", "round"]
# What is learned and counted, which no network changes; of these, what both tables have.
LEARNED = ["loss", "loss_gap", "grad_norm", "accuracy", "uploads", "downloads", "upload_bits", "download_bits"]
TIED = 1e-9  # times that differ by less, relatively, are one


@dataclass
class Method:
    """The times of one algorithm's rows, over all seeds."""

    label: str
    times: pd.DataFrame  # measured, simulated: of each row but the start
    measured: float  # of the last row, the median over seeds
    simulated: float

    @property
    def rows(self) -> int:
        return len(self.times)

    @property
    def errors(self) -> np.ndarray:
        return (self.times["simulated"] / self.times["measured"] - 1).to_numpy(dtype=float)

    @property
    def median(self) -> float:
        return float(np.median(np.abs(self.errors)))

    @property
    def shift(self) -> float:
        return float(np.median(self.errors))

    @property
    def worst(self) -> float:
        return float(np.abs(self.errors).max())


@dataclass
class AtTarget:
    """When each method reaches a target, measured and simulated, the median over seeds; None: it does not."""

    target: Target
    times: list[tuple[str, float | None, float | None]]
    tau: float | None  # None: a ranking has no two that differ


@dataclass
class Agreement:
    simulated: Path
    deployed: Path
    study: Study  # of the simulated result: labels and colours
    methods: list[Method]
    targets: list[AtTarget]


def is_deployed(result: Result) -> bool:
    return isinstance(result.provenance.get("deployed"), dict)


def agreement_of(simulated: Result, deployed: Result) -> Agreement:
    """Throws InputError where the two are not the same scenario, learned alike."""
    check_kinds(simulated, deployed)
    learned = [name for name in LEARNED if name in simulated.present and name in deployed.present]
    theirs, ours = simulated.rows([*learned, "sim_time_s"]), timed(deployed, learned)
    check_runs_alike(theirs, ours, simulated, deployed)
    both = ours.merge(theirs, on=KEYS, how="inner", suffixes=("", "_simulated"), validate="one_to_one")
    check_rows_alike(both, ours, theirs, learned, simulated, deployed)
    both = both.rename(columns={"sim_time_s": "measured", "sim_time_s_simulated": "simulated"})
    study = Study([simulated], [{}])
    methods = []
    for label in study.labels(theirs):
        own = both[(both["algorithm"] == label) & (both["measured"] > 0) & both["simulated"].notna()]
        if own.empty:
            continue
        last = own.loc[own.groupby("seed")["round"].idxmax()]
        ends = (float(last["measured"].median()), float(last["simulated"].median()))
        methods.append(Method(label, own[["measured", "simulated"]].reset_index(drop=True), *ends))
    if not methods:
        raise InputError(f"{deployed.folder}: no row has a time that was measured after the start")
    targets = [at_target(target, both, [one.label for one in methods]) for target in watched(study)]
    return Agreement(simulated.folder, deployed.folder, study, methods, targets)


def timed(deployed: Result, learned: list[str]) -> pd.DataFrame:
    """Its rows, whose time is that of the run; else the wall's."""
    rows = deployed.rows([*learned, "sim_time_s"])
    if rows["sim_time_s"].isna().all() and "wall_s" in deployed.present:
        rows["sim_time_s"] = deployed.rows(["wall_s"])["wall_s"]
    return rows


def check_kinds(simulated: Result, deployed: Result) -> None:
    if is_deployed(simulated) and not is_deployed(deployed):
        raise InputError(
            f"{simulated.folder}: was deployed, and {deployed.folder} was simulated: expected SIMULATED first"
        )
    if not is_deployed(deployed):
        raise InputError(
            f'{deployed.folder}: expected the result of laconic deploy: its run.json has no "deployed": it was simulated'
        )
    if is_deployed(simulated):
        raise InputError(f"{simulated.folder}: expected the result of laconic run or laconic replay: it was deployed")
    for result in (simulated, deployed):
        if result.pointers:
            raise InputError(f"{result.folder}: expected the result of one run, got that of a sweep")
    if "sim_time_s" not in simulated.present or simulated.rows(["sim_time_s"])["sim_time_s"].isna().all():
        raise InputError(f"{simulated.folder}: has no times: its scenario has no network")


def check_runs_alike(theirs: pd.DataFrame, ours: pd.DataFrame, simulated: Result, deployed: Result) -> None:
    """The same algorithms and seeds."""
    for what in ("algorithm", "seed"):
        here, there = set(theirs[what]), set(ours[what])
        for one, folder, other in (
            (here - there, simulated.folder, deployed),
            (there - here, deployed.folder, simulated),
        ):
            if one:
                names = ", ".join(sorted(map(str, one)))
                raise InputError(
                    f"{other.folder}: has no {what} {names}, which {folder} has: expected results of one scenario"
                )


def check_rows_alike(
    both: pd.DataFrame,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    learned: list[str],
    simulated: Result,
    deployed: Result,
) -> None:
    """That each row in common says the same of what was learned, and that none in the midst is missing."""
    for label, seed in ours[["algorithm", "seed"]].drop_duplicates().itertuples(index=False):
        rounds = [set(rows["round"][(rows["algorithm"] == label) & (rows["seed"] == seed)]) for rows in (theirs, ours)]
        last = min(max(one) for one in rounds)  # one of them may have ended, or been ended, before the other
        odd = sorted(number for number in rounds[0] ^ rounds[1] if number <= last)
        if odd:
            missing = deployed if odd[0] in rounds[0] else simulated
            raise InputError(
                f"{missing.folder}: {label}, seed {seed}: has no row of round {odd[0]:g}, which the other has: "
                'expected the same "record"'
            )
    for name in learned:
        here, there = both[f"{name}_simulated"], both[name]
        wrong = both[~((here == there) | (here.isna() & there.isna()))]
        if wrong.empty:
            continue
        first = wrong.sort_values(KEYS).iloc[0]
        raise InputError(
            f"{deployed.folder}: {first['algorithm']}, seed {first['seed']}, round {first['round']:g}: {name} is "
            f"{first[name]!r}, and {first[f'{name}_simulated']!r} in {simulated.folder}: "
            "what was learned is not the same: expected results of one scenario"
        )


def at_target(target: Target, both: pd.DataFrame, labels: list[str]) -> AtTarget:
    times: list[tuple[str, float | None, float | None]] = []
    found = {}
    for kind in ("measured", "simulated"):
        arrived = reaching(both, ["algorithm", "seed"], target, kind) if target.metric in both else None
        found[kind] = {} if arrived is None else arrived.groupby("algorithm")["cost"].median().to_dict()
    for label in labels:
        pair = [found[kind].get(label, np.inf) for kind in ("measured", "simulated")]
        times.append((label, *(float(x) if np.isfinite(x) else None for x in pair)))
    arrivals = [(a, b) for _, a, b in times if a is not None and b is not None]
    return AtTarget(target, times, tau_b([a for a, _ in arrivals], [b for _, b in arrivals]))


def tau_b(x: list[float], y: list[float]) -> float | None:
    """Kendall's rank correlation with ties, tau-b ("The treatment of ties in ranking problems", Biometrika 33, 1945):
    (concordant - discordant) / sqrt((pairs - tied in x) (pairs - tied in y)); None where all of one are tied."""

    def sign(a: float, b: float) -> int:
        return 0 if abs(a - b) <= TIED * max(abs(a), abs(b)) else 1 if a > b else -1

    score = apart_x = apart_y = 0
    for i in range(len(x)):
        for j in range(i):
            a, b = sign(x[i], x[j]), sign(y[i], y[j])
            score += a * b
            apart_x += a != 0
            apart_y += b != 0
    return score / (apart_x * apart_y) ** 0.5 if apart_x and apart_y else None

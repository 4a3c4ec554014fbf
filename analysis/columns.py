"""The columns of trajectory.csv: what their axes are called, in which unit they count, and how they are scaled."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analysis.errors import unknown

# fmt: off
PREFIXES = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"),
            (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n")]
# From so many seconds on, a time is told in a larger unit; algorithms/base/human_units.cpp and page/format.js agree.
TIMES = [(1e11, 31557600, "years"), (172080, 86400, "d"), (7170, 3600, "h"), (599.5, 60, "min")]
# fmt: on


@dataclass(frozen=True)
class Column:
    title: str
    unit: str = ""  # s, bit, B, flop, J, or nothing: a count or a value
    log: bool | None = None  # a logarithmic axis; None: if the values span a wide range
    made_of: tuple[str, ...] = ()  # a sum of these columns of the file
    metric: bool = False  # of the model: something to plot against cost


COLUMNS: dict[str, Column] = {
    "round": Column("rounds"),
    "iterations": Column("gradient steps of a worker"),
    "sim_time_s": Column("simulated time", "s"),
    "uploads": Column("uploads"),
    "downloads": Column("downloads"),
    "upload_bits": Column("uploaded bits", "bit"),
    "download_bits": Column("downloaded bits", "bit"),
    "bits": Column("bits up and down", "bit", made_of=("upload_bits", "download_bits")),
    "wire_bytes_up": Column("bytes on the wire, up", "B"),
    "wire_bytes_down": Column("bytes on the wire, down", "B"),
    "wire_bytes": Column("bytes on the wire", "B", made_of=("wire_bytes_up", "wire_bytes_down")),
    "compute_s": Column("computing time of all workers", "s"),
    "flops": Column("flops", "flop"),
    "energy_j": Column("energy", "J"),
    "late": Column("late messages"),
    "lost": Column("lost messages"),
    "staleness_mean": Column("mean staleness"),
    "staleness_max": Column("greatest staleness"),
    "consensus": Column("distance from consensus", log=True, metric=True),
    "comm_hidden_s": Column("communication behind computing", "s"),
    "comm_exposed_s": Column("time without computing", "s"),
    "loss": Column("loss", metric=True),
    "loss_gap": Column("loss gap", log=True, metric=True),
    "grad_norm": Column("gradient norm", log=True, metric=True),
    "accuracy": Column("accuracy", log=False, metric=True),
}
ALIASES = {
    "rounds": "round",
    "steps": "iterations",
    "time": "sim_time_s",
    "sim_time": "sim_time_s",
    "energy": "energy_j",
    "staleness": "staleness_mean",
}
TEXT = ("scenario", "algorithm")
REQUIRED = ("scenario", "algorithm", "seed", "round")


def describe(name: str) -> Column:
    """A column that Laconic does not know is a metric of its own name."""
    return COLUMNS.get(name) or Column(name.replace("_", " "), metric=True)


def resolve(option: str, given: str, present: list[str]) -> str:
    """The column that a user means. `present` are the file's columns."""
    name = ALIASES.get(given, given)
    if name in present and not name.startswith("/") and name not in (*TEXT, "seed"):
        return name
    if name in COLUMNS and COLUMNS[name].made_of and all(part in present for part in COLUMNS[name].made_of):
        return name
    sums = [name for name, column in COLUMNS.items() if column.made_of]
    known = [name for name in (*present, *sums) if not name.startswith("/") and name not in (*TEXT, "seed")]
    raise unknown(option, given, known)


def sources(names: list[str]) -> list[str]:
    """The file's columns that are needed for these."""
    out: list[str] = []
    for name in names:
        out += [part for part in (describe(name).made_of or (name,)) if part not in out]
    return out


def add_sums(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    for name in names:
        if describe(name).made_of:
            rows[name] = sum(rows[part] for part in describe(name).made_of)
    return rows


def improves(metric: str) -> Callable[[pd.Series, float], pd.Series]:
    """Whether values have reached a target: at most, or for an accuracy at least."""
    if "accuracy" in metric:
        return lambda values, target: values >= target
    return lambda values, target: values <= target


def human(value: float, unit: str = "") -> str:
    """Three digits and a prefix: 102 Mbit, 66.0 s, 21.7 min, 31790, 10.0 µs."""
    if not math.isfinite(value):
        return "-" if math.isnan(value) else str(value)
    if not unit:
        return str(int(value)) if value == int(value) and abs(value) < 1e7 else three(value)
    if unit == "s":
        for limit, factor, name in TIMES:
            if abs(value) >= limit:
                return f"{three(value / factor)} {name}"
    for factor, prefix in PREFIXES:
        if abs(value) >= 0.9995 * factor and (factor <= 1 or unit != "s"):
            return f"{three(value / factor)} {prefix}{unit}"
    return f"{three(value)} {unit}"


def three(value: float) -> str:
    """Three digits, zeros among them, as in a table."""
    if value == 0:
        return "0"
    return (
        f"{value:#.3g}".rstrip(".")
        if 1e-3 <= abs(value) < 999.5
        else f"{value:.0f}"
        if 999.5 <= abs(value) < 1e5
        else f"{value:.2e}"
    )

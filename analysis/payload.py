"""What a report's curves and maps are drawn from, as JSON: thinned, rounded, and equal columns kept once."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from analysis import columns, decide, progress, winners
from analysis.errors import InputError
from analysis.quantities import Scale
from analysis.series import series_of, thin
from analysis.study import Study
from analysis.style import styles

AXES = ("round", "uploads", "upload_bits", "bits", "sim_time_s", "energy_j")
NUMBERS = 900_000  # in all of a section's curves
POINTS = (40, 300)  # of a curve, at least and at most


def numbers(values: np.ndarray) -> list[float | None]:
    """Five digits; null for what is no number."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values]


class Pool:
    """Columns by their contents: on 144 networks a method has one loss and 144 times."""

    def __init__(self) -> None:
        self.arrays: list[list[float | None]] = []
        self._known: dict[bytes, int] = {}

    def add(self, values: np.ndarray) -> int:
        key = values.tobytes()
        if key not in self._known:
            self._known[key] = len(self.arrays)
            self.arrays.append(numbers(values))
        return self._known[key]


def axis(name: str, log: bool | None = None) -> dict[str, Any]:
    column = columns.describe(name)
    return {"name": name, "title": column.title, "unit": column.unit, "log": bool(column.log if log is None else log)}


def scale(of: Scale) -> dict[str, Any]:
    return {
        "pointer": of.pointer,
        "title": of.title,
        "texts": [of.label(text) for text in of.texts],
        "raw": list(of.texts),
        "values": list(of.values) if of.values else None,
        "log": of.log,
    }


def style_table(study: Study, labels: list[str]) -> dict[str, Any]:
    symbols = {
        "o": "circle",
        "s": "square",
        "^": "triangle-up",
        "D": "diamond",
        "v": "triangle-down",
        "P": "cross",
        "X": "x",
        "<": "triangle-left",
        ">": "triangle-right",
        "p": "pentagon",
        "h": "hexagon",
    }
    return {
        label: {"light": style.colour, "dark": style.dark, "dash": style.plotly_dash, "symbol": symbols[style.marker]}
        for label, style in styles(study.entries, labels).items()
    }


def wide(values: list[float]) -> bool:
    positive = [value for value in values if value > 0]
    return bool(positive) and max(positive) >= 30 * min(positive)


def curves(study: Study, targets: list[winners.Target]) -> dict[str, Any] | None:
    """None if no metric was recorded. `targets` are drawn as lines."""
    metrics = [
        name
        for name in study.present
        if columns.describe(name).metric and not name.startswith("/") and name not in (*columns.TEXT, "seed")
    ]
    there = [name for name in AXES if all(part in study.present for part in columns.sources([name]))]
    rows = study.rows([*there, *metrics])
    xs = [name for name in there if rows[name].notna().any()]
    ys = [name for name in metrics if np.isfinite(rows[name]).any()]
    if not ys:
        return None
    labels = study.labels(rows)
    groups = (
        rows.groupby([*study.pointers, "algorithm"], sort=False)
        if study.pointers
        else rows.groupby("algorithm", sort=False)
    )
    most = min(POINTS[1], max(POINTS[0], NUMBERS // (len(groups) * len(xs + ys))))
    pool, points = Pool(), {}
    ends: dict[tuple[str, str], list[float]] = {}  # of the curves of a point, by axis: where they end, or begin and end
    for key, part in progress.over(groups, len(groups), "curves"):
        key = key if isinstance(key, tuple) else (key,)
        curve = series_of(key[-1], part, xs + ys)
        keep = thin(curve.mid["round"], most)
        entry: dict[str, Any] = {
            "label": curve.label,
            "seeds": curve.seeds,
            "diverged": {name: list(how) for name, how in sorted(curve.diverged.items())},
            "mid": {name: pool.add(curve.mid[name][keep]) for name in xs + ys},
        }
        if curve.seeds > 1:
            entry["low"] = {name: pool.add(curve.low[name][keep]) for name in ys}
            entry["high"] = {name: pool.add(curve.high[name][keep]) for name in ys}
        place = ",".join(str(study.scales[pointer].texts.index(text)) for pointer, text in zip(study.pointers, key))
        for name in xs + ys:
            finite = curve.mid[name][np.isfinite(curve.mid[name])]
            ends.setdefault((name, place), []).extend(
                finite[-1:] if name in xs else finite[[0, -1]] if len(finite) else []
            )
        points.setdefault(place, []).append(entry)
    for entries in points.values():
        entries.sort(key=lambda entry: labels.index(entry["label"]))

    def log(name: str) -> bool:
        """Of the axis: if the curves of some point lie far apart there."""
        own = [values for (axis_name, _), values in ends.items() if axis_name == name]
        usual = columns.describe(name).log
        return (
            any(map(wide, own)) and (name in xs or all(min(values, default=1) > 0 for values in own))
            if usual is None
            else usual
        )

    return {
        "rings": rings(study, targets, xs),
        "xs": [axis(name, name != "round" and log(name)) for name in xs],
        "ys": [axis(name, log(name)) for name in ys],
        "targets": [{"metric": target.metric, "value": target.value, "text": str(target)} for target in targets],
        "arrays": pool.arrays,
        "points": points,
    }


def rings(study: Study, targets: list[winners.Target], xs: list[str]) -> dict[str, dict[str, list[Any]]]:
    """Who reach a target first, and at which x: by the point, then by the target's number and the axis."""
    out: dict[str, dict[str, list[Any]]] = {}
    for number, target in enumerate(targets):
        for name in (name for name in xs if name in winners.IN_SUMMARY):
            for values, verdict in decide.verdicts(winners.arrivals(study, target, name), study.pointers):
                texts = zip(study.pointers, values)
                place = ",".join(str(study.scales[pointer].texts.index(text)) for pointer, text in texts)
                first = [[entry.label, entry.cost] for entry in verdict.entries[: verdict.level]]
                out.setdefault(place, {})[f"{number}|{name}"] = first
    return out


def maps(study: Study, targets: list[winners.Target]) -> dict[str, Any] | None:
    """Winner maps over the first two swept values, for each target, cost and value of what else was swept."""
    if len(study.pointers) < 2 or not targets:
        return None
    try:
        x, y = winners.map_axes(study, (None, None))
    except InputError:  # values that change together span no plane
        return None
    others = [pointer for pointer in study.pointers if pointer not in (x, y)]
    out: dict[str, Any] = {
        "x": scale(study.scales[x]),
        "y": scale(study.scales[y]),
        "targets": [],
        "costs": [],
        "others": others,
        "maps": {},
        "verdicts": {},
    }
    labels = study.labels(study.rows([]))
    usual = [name for name in winners.IN_SUMMARY if name in study.present and study.rows([name])[name].notna().any()]
    usual.sort(key=lambda name: name != "sim_time_s")
    out["costs"] = [axis(name) for name in usual]
    for number, target in enumerate(targets):
        out["targets"].append(str(target))
        for cost in usual:
            found = winners.arrivals(study, target, cost)
            places = itertools.product(*(range(len(study.scales[pointer].texts)) for pointer in others))
            for place in places:
                part = select(study, found, others, place)
                if part.empty:
                    continue
                drawn = winners.make_map(study, part, x, y, labels)
                costs = [
                    [
                        [
                            None if np.isnan(value) else -1 if np.isinf(value) else float(f"{value:.5g}")
                            for value in line
                        ]
                        for line in plane
                    ]
                    for plane in drawn.costs
                ]
                key = f"{number}|{cost}|{','.join(map(str, place))}"
                out["maps"][key], out["verdicts"][key] = costs, verdict_table(drawn)
    out["labels"] = labels
    return out


def verdict_table(drawn: winners.Map) -> list[list[Any]]:
    """[y][x]: the kind of verdict, the numbers of who lead, and the second's cost by the first's; null: not run."""
    return [
        [
            verdict
            and [
                verdict.kind.value,
                [drawn.labels.index(label) for label in verdict.leaders],
                float(f"{verdict.factor:.4g}") if np.isfinite(verdict.factor) else None,
            ]
            for verdict in line
        ]
        for line in drawn.verdicts
    ]


def select(study: Study, rows: pd.DataFrame, pointers: list[str], place: tuple[int, ...]) -> pd.DataFrame:
    for pointer, number in zip(pointers, place):
        rows = rows[rows[pointer] == study.scales[pointer].texts[number]]
    return rows


def shown_first(data: dict[str, Any]) -> str:
    """The point that a section's menus show when the page opens."""
    if data["list"]:
        return data["list"][0][0]
    return ",".join(str(len(pointer["texts"]) // 2) for pointer in data["pointers"])

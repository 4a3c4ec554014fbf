"""What a report says of a study in words and numbers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import columns, decide, winners
from analysis.answers import places_of, words_of
from analysis.columns import human
from analysis.study import Study

SHOWN = "round uploads upload_bits download_bits sim_time_s energy_j loss loss_gap grad_norm accuracy".split()
AT_TARGET = (("sim_time_s", "time"), ("upload_bits", "bits up"))
# These keys are told in another way, or not at a glance.
ELSEWHERE = {"$schema", "name", "comment", "seed", "algorithms", "sweep", "claims", "full"}


@dataclass
class Cell:
    text: str
    value: float | str  # what the column is sorted by; inf stands last
    hint: str = ""


@dataclass
class Table:
    heads: list[tuple[str, str]]  # title, and what it explains
    rows: list[tuple[str, list[Cell]]]  # the point of the sweep as "0,3", and the cells


def summary_table(study: Study, targets: list[winners.Target]) -> Table:
    """One row for each point and algorithm: medians over seeds of the last row, and of what each target cost."""
    ends = last_rows(study)
    keys = [*study.pointers, "algorithm"]
    shown = [name for name in SHOWN if name in ends and ends[name].notna().any()]
    arrived = {
        (target, cost): winners.medians(winners.arrivals(study, target, cost), keys)
        for target in targets
        for cost, _ in AT_TARGET
        if cost in study.present and ends[cost].notna().any()
    }
    labels = study.labels(ends)
    heads = [*((study.scales[pointer].title, pointer) for pointer in study.pointers), ("algorithm", "")]
    heads += [(columns.describe(name).title, f"at the end ({name})") for name in shown]
    if "stopped_by" in ends:
        heads.append(("stopped by", ""))
    heads += [
        (f"{dict(AT_TARGET)[cost]} to {target}", f"{cost} of the first recorded row there") for target, cost in arrived
    ]
    rows = []
    for key, part in ends.groupby(keys if len(keys) > 1 else keys[0], sort=False):
        key = key if isinstance(key, tuple) else (key,)
        order = [study.scales[pointer].texts.index(text) for pointer, text in zip(study.pointers, key)]
        cells = [
            Cell(study.scales[pointer].label(text), float(number))
            for pointer, text, number in zip(study.pointers, key, order)
        ]
        cells.append(Cell(key[-1], key[-1]))
        cells += [number_cell(part, name) for name in shown]
        if "stopped_by" in ends:
            reasons = Counter(part["stopped_by"])
            words = ", ".join(
                reason if len(reasons) == 1 else f"{reason} ({count})" for reason, count in reasons.items()
            )
            cells.append(Cell(words, words))
        for (_, cost), costs in arrived.items():
            value = costs.get(key if len(key) > 1 else key[0], np.inf)
            cells.append(
                Cell(human(value, columns.describe(cost).unit) if np.isfinite(value) else "not reached", float(value))
            )
        rows.append((order, labels.index(key[-1]), cells))
    rows.sort(key=lambda row: row[:2])
    return Table(heads, [(",".join(map(str, order)), cells) for order, _, cells in rows])


def last_rows(study: Study) -> pd.DataFrame:
    """summary.csv, or without it the last row of each run."""
    if study.summary is not None and not study.summary.empty:
        return study.summary.copy()
    names = [name for name in SHOWN if name in study.present]
    rows = study.rows(names)
    return rows.groupby([*study.pointers, "algorithm", "seed"], sort=False).tail(1).copy()


def number_cell(part: pd.DataFrame, name: str) -> Cell:
    """The median over seeds, their range as a hint. A loss that is no number is larger than any other."""
    values, unit = part[name], columns.describe(name).unit
    diverged = part["stopped_by"] == "diverged" if "stopped_by" in part else values.notna() & False
    if values.isna().all() and not (columns.describe(name).metric and diverged.any()):
        return Cell("-", np.inf)
    value = decide.median(values.fillna(np.inf).to_numpy(dtype=float))
    if not np.isfinite(value):
        text = "not a number" if values.isna().any() and not np.isinf(values).any() else "infinite"
        return Cell(text, np.inf, f"{int(np.isfinite(values).sum())} of {len(values)} seeds are finite")
    finite = values[np.isfinite(values)]
    hint = (
        f"{human(finite.min(), unit)} to {human(finite.max(), unit)} over {len(finite)} of {len(values)} seeds"
        if values.nunique() > 1
        else f"{value:.10g} {unit}".strip()
    )
    return Cell(
        human(value, unit), value, hint.replace(f"{len(values)} of {len(values)} seeds", f"{len(values)} seeds")
    )


def points(study: Study) -> list[tuple[str, str]]:
    """The points of a sweep that is no grid, as "0,3" and in words, for one menu; a grid has a menu a value instead."""
    return [] if study.is_grid else [(",".join(map(str, place)), words_of(study, place)) for place in places_of(study)]


def inline(value: Any, within: bool = False) -> str:
    """A block of the scenario in one line. Its type is told elsewhere; those of blocks within it stand in brackets."""
    if isinstance(value, dict):
        parts = [str(value["type"])] if within and "type" in value else []
        parts += [
            f"{key.replace('_', ' ')} {inline(inner, True)}"
            for key, inner in value.items()
            if key not in ("comment", "type")
        ]
        return f"({', '.join(parts)})" if within else ", ".join(parts)
    if isinstance(value, list):
        return f"{len(value)} values" if len(value) > 8 else ", ".join(inline(inner, True) for inner in value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def facts(study: Study) -> list[tuple[str, str]]:
    """The scenario at a glance."""
    scenario, out = study.scenario, []
    for key, block in scenario.items():
        if key not in ELSEWHERE:
            kind = str(block.get("type", "")) if isinstance(block, dict) else ""
            out.append((key, ": ".join(filter(None, (kind, inline(block))))))
    for entry in scenario.get("algorithms", []):
        label = str(entry.get("label", entry.get("method", "")))
        out.append((label, inline({key: value for key, value in entry.items() if key != "label"})))
    for pointer in study.pointers:
        own = study.scales[pointer]
        out.append((f"swept: {pointer}", ", ".join(own.label(text) for text in own.texts)))
    seeds = study.rows([])["seed"].unique()
    out.append(("seeds", inline([int(seed) for seed in seeds])))
    return out


def provenance(study: Study) -> list[tuple[str, str]]:
    out = []
    for result in study.results:
        given = result.provenance
        versions = given.get("versions") or {}
        version = given.get("version") or ", ".join(f"{name} {number}" for name, number in versions.items())
        data = given.get("data") or {}
        parts = {
            "result": str(result.folder),
            "scenario file": given.get("file"),
            "status": given.get("status"),
            "started": given.get("started"),
            "wall time": human(given["wall_time_s"], "s")
            if isinstance(given.get("wall_time_s"), (int, float))
            else None,
            "versions": version,
            "data": ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in data.items()),
            "stand-in": result.stand_in,
        }
        out += [(key, str(value)) for key, value in parts.items() if value]
    return out


def question(study: Study) -> str:
    comment = study.scenario.get("comment", "")
    return " ".join(comment) if isinstance(comment, list) else str(comment)


def scenario_text(study: Study) -> str:
    return json.dumps(study.scenario, indent=2) if study.scenario else ""

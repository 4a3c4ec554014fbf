"""What a report says of a study in words and numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import columns, decide, progress, tuning, winners
from analysis.answers import places_of, words_of
from analysis.columns import human
from analysis.quantities import in_words
from analysis.study import Study

SHOWN = "round uploads upload_bits download_bits sim_time_s energy_j loss loss_gap grad_norm accuracy consensus".split()
AT_TARGET = (("sim_time_s", "time"), ("upload_bits", "bits up"))
# These keys are told in another way, or not at a glance.
ELSEWHERE = {"$schema", "name", "comment", "seed", "algorithms", "sweep", "claims", "full", "tune"}


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
    """One row for each point and algorithm: medians over seeds of what each target cost, and of the last row. The
    first to the first target stand first; columns that are the same throughout stand last."""
    ends = last_rows(study)
    keys = [*study.pointers, "algorithm"]
    known = study.labels(ends)
    groups = {
        key if isinstance(key, tuple) else (key,): part
        for key, part in ends.groupby(keys if len(keys) > 1 else keys[0], sort=False)
    }
    columns_ = [*target_columns(study, targets, ends, groups), *end_columns(ends, groups)]
    columns_.sort(key=lambda column: len(groups) > 1 and len({cell.text for cell in column.cells.values()}) == 1)
    first = next((column for column in columns_ if column.ranks), None)
    heads = [*((study.scales[pointer].title, pointer) for pointer in study.pointers), ("algorithm", "")]
    rows = []
    for key in progress.over(groups, len(groups), "summary"):
        order = [study.scales[pointer].texts.index(text) for pointer, text in zip(study.pointers, key)]
        cells = [
            Cell(study.scales[pointer].label(text), float(number))
            for pointer, text, number in zip(study.pointers, key, order)
        ]
        cells += [Cell(key[-1], key[-1]), *(column.cells[key] for column in columns_)]
        rows.append((order, first.cells[key].value if first else 0.0, known.index(key[-1]), cells))
    rows.sort(key=lambda row: row[:3])
    heads += [(column.title, column.hint) for column in columns_]
    return Table(heads, [(",".join(map(str, order)), cells) for order, _, _, cells in rows])


@dataclass
class TableColumn:
    title: str
    hint: str
    cells: dict[tuple[str, ...], Cell]  # by the point's values and the algorithm
    ranks: bool = False  # rows are sorted by it


def end_columns(ends: pd.DataFrame, groups: dict[tuple[str, ...], pd.DataFrame]) -> list[TableColumn]:
    """Of the last row."""
    out = []
    for name in SHOWN:
        if name in ends and ends[name].notna().any():
            cells = {key: number_cell(part, name) for key, part in groups.items()}
            out.append(TableColumn(columns.describe(name).title, f"at the end ({name})", cells))
    if "stopped_by" in ends:
        out.append(TableColumn("stopped by", "", {key: reasons(part) for key, part in groups.items()}))
    return out


def reasons(part: pd.DataFrame) -> Cell:
    counts = Counter(part["stopped_by"])
    words = ", ".join(reason if len(counts) == 1 else f"{reason} ({count})" for reason, count in counts.items())
    return Cell(words, words)


def target_columns(
    study: Study, targets: list[winners.Target], ends: pd.DataFrame, groups: dict[tuple[str, ...], pd.DataFrame]
) -> list[TableColumn]:
    """What each target cost: time and bits, and by how many times more time than the best."""
    out = []
    for target in targets:
        for cost, word in AT_TARGET:
            if cost not in study.present or not ends[cost].notna().any():
                continue
            found = dict(paid(study, target, cost))
            cells = {key: cost_cell(found.get(key), columns.describe(cost).unit) for key in groups}
            ranks = not any(column.ranks for column in out)
            hint = f"{cost} of the first recorded row there"
            out.append(TableColumn(f"{word} to {target}", hint, cells, ranks))
            if cost == AT_TARGET[0][0]:
                best: dict[tuple[str, ...], float] = {}
                for key, cell in cells.items():
                    best[key[:-1]] = min(best.get(key[:-1], np.inf), float(cell.value))
                ratios = {key: ratio_cell(float(cell.value), best[key[:-1]]) for key, cell in cells.items()}
                out.append(TableColumn("times the best", f"{word} to {target}, by the least at this point", ratios))
    return out


def paid(study: Study, target: winners.Target, cost: str) -> Iterator[tuple[tuple[str, ...], decide.Entry]]:
    """What each algorithm paid at each point."""
    for key, verdict in decide.verdicts(winners.arrivals(study, target, cost), study.pointers):
        for entry in verdict.entries:
            yield (*key, entry.label), entry


def cost_cell(entry: decide.Entry | None, unit: str) -> Cell:
    if entry is None or not np.isfinite(entry.cost):
        some = f" but with {entry.arrived} of {entry.seeds} seeds" if entry and entry.arrived else ""
        return Cell("not reached" + some, np.inf)
    amount = lambda value: human(value, unit)
    return Cell(decide.cost_words(entry, amount, True), entry.cost, decide.spread_words(entry, amount))


def ratio_cell(value: float, best: float) -> Cell:
    ratio = decide.ratio(value, best)
    return Cell(f"{ratio:.3g}", ratio) if np.isfinite(value) and np.isfinite(ratio) else Cell("-", np.inf)


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
    if isinstance(value, dict) and set(value) == {"timeout", "then"}:  # a deadline
        return in_words(value)
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
    out += [("tuning", doubt) for doubt in tuning.doubts(study)]
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


def warning(study: Study) -> str:
    """What a reader must know before any number: that a run has not ended as it should have."""
    parts = []
    for result in study.results:
        status = str(result.provenance.get("status") or "complete")
        if status != "complete":
            what = {"failed": "some of its runs failed", "interrupted": "it was interrupted"}.get(
                status, f"it is {status}"
            )
            parts.append(f"{result.folder.name if len(study.results) > 1 else 'This result'} is not complete: {what}.")
    ends = study.summary
    if ends is not None and "stopped_by" in ends and not parts:
        cut = list(dict.fromkeys(ends["algorithm"][ends["stopped_by"] == "interrupted"]))
        parts += [f"Interrupted before the end: {decide.listed(cut)}."] if cut else []
    return " ".join(parts)


def verdicts(claims: list[dict[str, Any]]) -> str:
    """2 of 3 claims hold, 1 fails."""
    if not claims:
        return ""
    counts = Counter(str(claim.get("verdict", "not decidable")) for claim in claims)
    holding, failing = counts.pop("holds", 0), counts.pop("fails", 0)
    of = f"{holding} of {len(claims)} claims hold" if len(claims) > 1 else ""
    if len(claims) == 1:
        return f"The claim {next(iter(Counter(str(claim.get('verdict', 'not decidable')) for claim in claims)))}."
    known = sum(claim.get("verdict") == "fails" and claim.get("expected") == "fails" for claim in claims)
    told = f" ({'as expected' if known == failing else f'{known} as expected'})" if known else ""
    parts = [of, f"{failing} fail{'s' if failing == 1 else ''}{told}" if failing else ""]
    return ", ".join(filter(None, [*parts, *(f"{count} {verdict}" for verdict, count in counts.items())])) + "."


def question(study: Study) -> str:
    comment = study.scenario.get("comment", "")
    return " ".join(comment) if isinstance(comment, list) else str(comment)


def scenario_text(study: Study) -> str:
    return json.dumps(study.scenario, indent=2) if study.scenario else ""

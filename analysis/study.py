"""One or several results as one table: what a figure or a section of a report is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.errors import InputError, unknown
from analysis.quantities import Scale, parse, scale_of
from analysis.results import Result

APART = "result"  # the pseudo-pointer of results that differ in more than values
IGNORED = {"$schema", "comment", "name", "claims", "sweep", "tune"}


@dataclass
class Study:
    """Results that can be drawn together. `fixed` are the values by which single runs differ, as if swept."""

    results: list[Result]
    fixed: list[dict[str, str]]

    @property
    def pointers(self) -> list[str]:
        own = [pointer for result in self.results for pointer in result.pointers]
        return list(dict.fromkeys([*own, *(pointer for values in self.fixed for pointer in values)]))

    @property
    def present(self) -> list[str]:
        """Columns that all results have."""
        first, *others = [result.present for result in self.results]
        return [name for name in first if all(name in other for other in others)]

    @property
    def name(self) -> str:
        return " and ".join(dict.fromkeys(result.name for result in self.results))

    @property
    def scenario(self) -> dict[str, Any]:
        return self.results[0].scenario

    @property
    def stand_in(self) -> str:
        return "; ".join(dict.fromkeys(result.stand_in for result in self.results if result.stand_in))

    def rows(self, wanted: list[str]) -> pd.DataFrame:
        return self._together([result.rows(wanted) for result in self.results])

    @cached_property
    def summary(self) -> pd.DataFrame | None:
        parts = [result.summary() for result in self.results]
        return (
            None
            if any(part is None for part in parts)
            else self._together([part for part in parts if part is not None])
        )

    @cached_property
    def points(self) -> pd.DataFrame:
        """The combinations of swept values that were run."""
        parts = [
            result.rows([])[[*result.pointers, "round"]].drop_duplicates(subset=result.pointers or ["round"])
            for result in self.results
        ]
        found = self._together(parts)
        return found[self.pointers].drop_duplicates() if self.pointers else found.iloc[:1, :0]

    @property
    def is_grid(self) -> bool:
        """Whether all combinations were run; not so where values are swept in pairs ("zip")."""
        size = 1
        for pointer in self.pointers:
            size *= self.points[pointer].nunique()
        return len(self.points) == size

    def tied(self, one: str, other: str) -> bool:
        """Whether two swept values change together: there is no plane between them."""
        pairs = self.points[[one, other]].drop_duplicates()
        return len(pairs) > 1 and pairs[one].is_unique and pairs[other].is_unique

    @cached_property
    def scales(self) -> dict[str, Scale]:
        """The values of each pointer."""
        points = self.points
        return {pointer: scale_of(pointer, list(points[pointer].unique())) for pointer in self.pointers}

    @property
    def entries(self) -> list[tuple[str, str]]:
        """(label, method) of the algorithms in the scenarios' order, whether they have rows or not."""
        out: dict[str, str] = {}
        for result in self.results:
            for entry in result.scenario.get("algorithms", []):
                method = str(entry.get("method", ""))
                out.setdefault(str(entry.get("label", method)), method)
        return list(out.items())

    def labels(self, rows: pd.DataFrame, only: list[str] | None = None) -> list[str]:
        """The algorithms that have rows, in the order of the scenario; or those wanted of them."""
        found = list(dict.fromkeys(rows["algorithm"]))
        order = [label for label, _ in self.entries if label in found]
        order += [label for label in found if label not in order]
        for label in only or []:
            if label not in order:
                raise unknown("--only", label, order)
        return [label for label in order if not only or label in only]

    def _together(self, parts: list[pd.DataFrame]) -> pd.DataFrame:
        for part, values in zip(parts, self.fixed):
            for pointer, value in values.items():
                part[pointer] = value
        return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]


def leaves(value: Any, pointer: str = "") -> dict[str, str]:
    """Every scalar, and every list, of a scenario by its pointer."""
    if isinstance(value, dict):
        out: dict[str, str] = {}
        for key, inner in value.items():
            if pointer or key not in IGNORED:
                out.update(leaves(inner, f"{pointer}/{key}"))
        return out
    return {pointer: str(value)}


def differences(results: list[Result]) -> list[dict[str, str]] | None:
    """The values by which results of one scenario differ, for each of them.

    None if they differ in more than seeds and two values outside of what is learned, or in what was swept.
    """
    flat = [leaves(result.scenario) for result in results]
    differing = [
        pointer
        for pointer in dict.fromkeys(name for values in flat for name in values)
        if len({values.get(pointer) for values in flat}) > 1
    ]
    values = [pointer for pointer in differing if pointer != "/seed" and not pointer.startswith(("/stop", "/record"))]
    learned = any(pointer.startswith(("/algorithms", "/problem", "/data")) for pointer in values)
    if learned or len(values) > 2 or not (values or "/seed" in differing):
        return None
    if not all(pointer in scenario for pointer in values for scenario in flat) or any(
        result.pointers for result in results
    ):
        return None
    return [{pointer: scenario[pointer] for pointer in values} for scenario in flat]


def together(results: list[Result]) -> Study:
    """Several results in one figure: side by side by the values in which their scenarios differ."""
    if len({result.folder.resolve() for result in results}) < len(results):
        raise InputError("the same result is given twice")
    if len(results) == 1:
        return Study(results, [{}])
    fixed = differences(results)
    if fixed is not None:
        return Study(results, fixed)
    names = [result.name for result in results]
    if len(set(names)) < len(names):
        names = [str(result.folder) for result in results]
    if len({tuple(result.pointers) for result in results}) > 1:
        raise InputError(
            f"{', '.join(names)}: different values were swept: plot one at a time, or give them to laconic report"
        )
    return Study(results, [{APART: name} for name in names])


def studies(results: list[Result]) -> list[Study]:
    """Results of one scenario together, others apart."""
    if len({result.folder.resolve() for result in results}) < len(results):
        raise InputError("the same result is given twice")
    groups: list[list[Result]] = []
    for result in results:
        alike = next((group for group in groups if differences([*group, result]) is not None), None)
        if alike:
            alike.append(result)
        else:
            groups.append([result])
    return [Study(group, (differences(group) if len(group) > 1 else None) or [{}]) for group in groups]


def narrow(study: Study, rows: pd.DataFrame, at: dict[str, str]) -> pd.DataFrame:
    """The rows at one value of a swept pointer, however that value is written."""
    for pointer, wanted in at.items():
        if pointer not in study.pointers:
            raise unknown("--at", pointer, study.pointers) if study.pointers else InputError(
                f"--at {pointer}: nothing was swept"
            )
        texts = study.scales[pointer].texts
        number = parse(wanted, pointer)
        same = [text for text in texts if text == wanted or (number is not None and parse(text, pointer) == number)]
        if not same:
            raise InputError(f"--at {pointer}: expected {', '.join(texts)}, got \"{wanted}\"")
        rows = rows[rows[pointer] == same[0]]
    return rows

"""A target among curves, and who is the first there."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis import canvas, columns, decide
from analysis.decide import Kind, Verdict
from analysis.series import Series
from analysis.style import Style, plain
from analysis.winners import Target


def draw_target(
    ax: Any, target: Target, first: Verdict, x: str, y: str, series: list[Series], known: dict[str, Style]
) -> None:
    """A line at the target, a ring where the first get there, and their names where curves that improve are not."""
    ax.axhline(target.value, color="#808080", linewidth=0.8, linestyle=(0, (4, 3)), zorder=2)
    for entry in first.entries[: first.level]:
        curve = next(curve for curve in series if curve.label == entry.label)
        there = np.isfinite(curve.mid[x]) & np.isfinite(curve.mid[y])
        ax.plot(
            [entry.cost],
            [np.interp(entry.cost, curve.mid[x][there], curve.mid[y][there])],
            marker="o",
            markersize=8,
            markerfacecolor="none",
            markeredgecolor=known[entry.label].colour,
            markeredgewidth=1.6,
            zorder=5,
        )
    text = first_words(first, columns.describe(x).unit)
    rises = "accuracy" in target.metric
    ax.text(
        0.98,
        0.04 if rises else 0.96,
        plain(canvas.wrapped(text, 0.9 * ax.get_position().width * ax.figure.get_figwidth(), 8)),
        transform=ax.transAxes,
        in_layout=False,
        ha="right",
        va="bottom" if rises else "top",
        fontsize=8,
        zorder=6,
        bbox={"boxstyle": "square,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )


def first_words(verdict: Verdict, unit: str) -> str:
    """A caption's few words."""
    if verdict.kind is Kind.NOBODY:
        return "nobody gets there"
    cost = columns.human(verdict.entries[0].cost, unit)
    more = len(verdict.leaders) - 3
    names = decide.listed([*verdict.leaders[:3], f"{more} more"] if more > 0 else verdict.leaders)
    if verdict.kind is Kind.UNDECIDED:
        return f"not decided by {verdict.seeds} seeds: {names}, {cost}"
    start = {Kind.TIED: "tied: ", Kind.CLOSE: "within 5 %: ", Kind.FIRST: "first: "}.get(verdict.kind, "")
    return f"{start}{names}, {cost}"

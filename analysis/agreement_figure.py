"""Draws simulated times against measured ones, for `compare` and for reports."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from analysis import canvas
from analysis.agreement import Agreement
from analysis.style import styles

MOST = 400  # points of a method that are drawn


def draw(found: Agreement, width: float = 3.6) -> plt.Figure:
    """A point each row, both axes logarithmic and alike, with the line on which the two are equal."""
    figure, ax = plt.subplots(figsize=(width, width), layout="constrained")
    known = styles(found.study.entries, [one.label for one in found.methods])
    handles = []
    for one in found.methods:
        style = known[one.label]
        places = np.unique(np.linspace(0, one.rows - 1, min(one.rows, MOST)).astype(int))
        times = one.times.iloc[places]
        handles += ax.plot(
            times["measured"],
            times["simulated"],
            style.marker,
            color=style.colour,
            markersize=3,
            alpha=0.7,
            linestyle="none",
        )
    ends = np.concatenate([one.times[["measured", "simulated"]].to_numpy(dtype=float).ravel() for one in found.methods])
    ends = ends[ends > 0]
    low, high = ends.min() / 1.3, ends.max() * 1.3
    ax.plot([low, high], [low, high], color="#606060", linewidth=0.8, zorder=0)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), aspect="equal")
    ax.set_xlabel("measured time (s)")
    ax.set_ylabel("simulated time (s)")
    ax.grid(True)
    names = [f"{one.label} ({100 * one.shift:+.0f} %)" for one in found.methods]
    canvas.legend(figure, handles, names, "", loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure

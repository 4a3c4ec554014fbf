"""Names at the ends of lines, where a legend's samples would be hard to tell apart; page/curves.js does so in reports."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 6  # lines that a legend tells apart
SIZE = 7.5  # points


def spread(places: list[float], ties: list[float], gap: float, low: float, high: float) -> list[float]:
    """The places, moved as little as needed to be so far apart; those that are level stand as `ties` do."""
    order = sorted(range(len(places)), key=lambda number: (round(places[number] / gap), ties[number]))
    out = list(places)
    for before, number in zip(order, order[1:]):
        out[number] = max(out[number], out[before] + gap)
    limit = high
    for number in reversed(order):
        out[number] = max(low, min(out[number], limit))
        limit = out[number] - gap
    return out


def name_ends(ax: Any, lines: dict[str, Any]) -> None:
    """Names the lines of an axes whose limits are final, if they are more than MOST or some of them coincide; those
    that coincide have one name together. `lines`: matplotlib's, by label."""
    together = alike(lines)
    if len(lines) <= MOST and len(together) == len(lines):
        return
    to_axes = ax.transData + ax.transAxes.inverted()
    ends = []
    for labels in together:
        line = lines[labels[0]]
        spots = to_axes.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
        inside = spots[(spots[:, 0] <= 1.001)]
        ends.append(inside[-1].clip(0, 1) if len(inside) else np.array([1.0, 0.5]))
    inches = ax.get_position().height * ax.figure.get_figheight()
    # Of lines that end level, the one that goes on for longer mostly comes from above.
    places = spread([float(end[1]) for end in ends], [float(end[0]) for end in ends], 1.25 * SIZE / 72 / inches, 0, 1)
    for labels, end, place in zip(together, ends, places):
        colour = lines[labels[0]].get_color()
        if end[0] > 0.9:
            way = ([end[0], 1.03], [end[1], place])
            ax.plot(*way, transform=ax.transAxes, color=colour, linewidth=0.5, linestyle=":", clip_on=False, zorder=2)
        ax.text(1.04, place, ", ".join(labels), transform=ax.transAxes, color=colour, fontsize=SIZE, va="center")


def alike(lines: dict[str, Any]) -> list[list[str]]:
    """Labels whose lines are the same."""
    out: list[list[str]] = []
    for label, line in lines.items():
        for known in out:
            other = lines[known[0]]
            if all(
                len(one) == len(two) and np.allclose(one, two, rtol=1e-3, atol=0)
                for one, two in ((line.get_xdata(), other.get_xdata()), (line.get_ydata(), other.get_ydata()))
            ):
                known.append(label)
                break
        else:
            out.append([label])
    return out

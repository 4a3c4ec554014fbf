"""The winner map: which method reaches the target first, where, how soon, and how clearly."""

from __future__ import annotations

import itertools
import re
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from analysis import answers, canvas, columns
from analysis.curves import Look, full_title
from analysis.decide import Kind, Verdict
from analysis.errors import note
from analysis.quantities import Scale
from analysis.study import Study
from analysis.style import Style, plain, styles
from analysis.winners import Map, Target

NOBODY, CLOSE, UNDECIDED = "////", "", "...."  # hatches
GREY, DARK = "#c9c9c9", "#808080"
# Up to this ratio of the second's cost to the winner's, so much of the colour.
MARGINS = [(1.25, 0.45), (2.0, 0.68), (np.inf, 0.92)]


def draw(study: Study, maps: list[tuple[str, Map]], target: Target, cost: str, look: Look) -> plt.Figure:
    """`maps` are (title, map), one for each value of what else was swept."""
    across = min(3, len(maps))
    down = -(-len(maps) // across)
    width = look.width or {1: 5.6, 2: 8.0}.get(across, 10.5)
    figure, axes = plt.subplots(
        down,
        across,
        figsize=(width, (look.height or min(4.2, 0.72 * width / across + 0.3)) * down),
        squeeze=False,
        layout="constrained",
    )
    for spare in axes.flat[len(maps) :]:
        spare.set_visible(False)
    labels = maps[0][1].labels
    known = styles(study.entries, labels)
    for ax, (title, drawn) in zip(axes.flat, maps):
        draw_map(ax, drawn, known, columns.describe(cost).unit)
        if title:
            ax.set_title(plain(canvas.wrapped(title, 0.95 * width / across)), loc="left", fontweight="bold")
    winners = {number for _, drawn in maps for number in np.unique(drawn.winner) if number >= 0}
    kinds = {verdict.kind for _, drawn in maps for verdict in drawn.verdicts.flat if verdict}
    handles = [
        Patch(facecolor=known[labels[number]].colour, alpha=0.92, label=labels[number]) for number in sorted(winners)
    ]
    if kinds & {Kind.TIED, Kind.CLOSE}:
        handles.append(Patch(facecolor=GREY, edgecolor=DARK, label="tied or within 5 %"))
    if Kind.UNDECIDED in kinds:
        handles.append(Patch(facecolor=GREY, edgecolor=DARK, hatch=UNDECIDED, label="not decided by the seeds"))
    if Kind.NOBODY in kinds:
        handles.append(Patch(facecolor="white", edgecolor=DARK, hatch=NOBODY, label="nobody"))
    if kinds == {Kind.NOBODY}:
        near = answers.nearest(study, target)
        note(f"nobody reached {target}" + (f": {near}" if near else ""))
    place_legends(figure, handles, study, target, cost, look, bool(winners))
    return figure


def edges(scale: Scale) -> np.ndarray:
    """The borders of cells around an axis's values, half-way between neighbours as the axis shows them."""
    at = centres(scale)
    place = np.log10(at) if scale.log else at
    if len(place) == 1:
        borders = np.array([place[0] - 0.5, place[0] + 0.5])
    else:
        middle = (place[:-1] + place[1:]) / 2
        borders = np.concatenate([[2 * place[0] - middle[0]], middle, [2 * place[-1] - middle[-1]]])
    return 10**borders if scale.log else borders


def centres(scale: Scale) -> np.ndarray:
    return np.arange(len(scale.texts), dtype=float) if scale.values is None else np.array(scale.values)


def shade(colour: str, margin: float) -> tuple[float, float, float]:
    strength = next(strength for limit, strength in MARGINS if margin <= limit)
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    return red, green, blue


def fill_of(verdict: Verdict | None, known: dict[str, Style]) -> tuple[Any, str] | None:
    """Colour and hatch of a cell; None where nothing was run."""
    if verdict is None:
        return None
    if verdict.winner is not None:
        return shade(known[verdict.winner].colour, verdict.factor), ""
    return {Kind.NOBODY: ("white", NOBODY), Kind.UNDECIDED: (GREY, UNDECIDED)}.get(verdict.kind, (GREY, CLOSE))


def draw_map(ax: Any, drawn: Map, known: dict[str, Style], unit: str) -> None:
    """Colour: the winner. Its strength: the margin. Grey: tied, or not decided. Hatched: nobody. White: not run."""
    winner, best = drawn.winner, drawn.best
    x, y = edges(drawn.x), edges(drawn.y)
    for row, line in enumerate(drawn.verdicts):
        column = 0
        # Neighbours that look the same are one piece.
        for fill, alike in itertools.groupby(line, lambda verdict: fill_of(verdict, known)):
            end = column + len(list(alike))
            if fill:
                colour, hatch = fill
                edge = DARK if hatch else colour
                ax.fill_between(
                    [x[column], x[end]],
                    y[row],
                    y[row + 1],
                    facecolor=colour,
                    edgecolor=edge,
                    hatch=hatch or None,
                    linewidth=0 if hatch else 0.3,
                )
            column = end
    for axis, scale in ((ax.xaxis, drawn.x), (ax.yaxis, drawn.y)):
        dress(axis, scale)
    outline(ax, winner, x, y)
    contours(ax, drawn, best, unit)
    names(ax, drawn, x, known)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    for spine in ax.spines.values():
        spine.set_visible(True)


def dress(axis: Any, scale: Scale) -> None:
    (axis.axes.set_xscale if axis.axis_name == "x" else axis.axes.set_yscale)("log" if scale.log else "linear")
    at, names = centres(scale), [scale.label(text) for text in scale.texts]
    ax = axis.axes
    inches = ax.get_position().width * ax.figure.get_figwidth()
    most = max(2, int(inches / (0.16 + 0.075 * max(map(len, names))))) if axis.axis_name == "x" else 12
    step = -(-len(at) // most)
    axis.set_ticks(at[::step], [plain(name) for name in names[::step]])
    axis.set_ticks([], minor=True)
    axis.set_label_text(plain(scale.title))


def outline(ax: Any, winner: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """White borders between one winner's land and another's."""
    for row, column in np.ndindex(winner.shape):
        if column + 1 < winner.shape[1] and winner[row, column] != winner[row, column + 1]:
            ax.plot([x[column + 1]] * 2, [y[row], y[row + 1]], color="white", linewidth=1.4, solid_capstyle="butt")
        if row + 1 < winner.shape[0] and winner[row, column] != winner[row + 1, column]:
            ax.plot([x[column], x[column + 1]], [y[row + 1]] * 2, color="white", linewidth=1.4, solid_capstyle="butt")


def ink(ground: tuple[float, float, float]) -> str:
    """Black or white, whichever stands out more (WCAG 2.1's relative luminance)."""
    red, green, blue = (((part + 0.055) / 1.055) ** 2.4 if part > 0.04045 else part / 12.92 for part in ground)
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "white"


def names(ax: Any, drawn: Map, x: np.ndarray, known: dict[str, Style]) -> None:
    """A winner's name in the middle of its land, where there is room for it: colours alone tell not everybody."""
    inches = ax.get_position().width * ax.figure.get_figwidth()
    place = np.log10(x) if drawn.x.log else x
    best: dict[int, tuple[int, float, float, int, int]] = {}
    for row, column in np.ndindex(drawn.winner.shape):
        number = int(drawn.winner[row, column])
        if number < 0:
            continue
        mine = drawn.winner == number
        left, right = column, column
        while left and mine[row, left - 1]:
            left -= 1
        while right + 1 < mine.shape[1] and mine[row, right + 1]:
            right += 1
        room = 0
        while (
            row > room and row + room + 1 < len(mine) and mine[row - room - 1, column] and mine[row + room + 1, column]
        ):
            room += 1
        width = (place[right + 1] - place[left]) / (place[-1] - place[0])
        middle = (place[left] + place[right + 1]) / 2
        best[number] = max(best.get(number, (-1, 0.0, 0.0, 0, 0)), (room, width, middle, row, column))
    for number, (_, width, middle, row, column) in best.items():
        label = drawn.labels[number]
        if width * inches > 0.085 * len(label):
            ax.text(
                10**middle if drawn.x.log else middle,
                centres(drawn.y)[row],
                plain(label),
                ha="center",
                va="center",
                fontsize=8,
                fontweight="bold",
                color=ink(shade(known[label].colour, drawn.margin[row, column])),
            )


def contours(ax: Any, drawn: Map, best: np.ndarray, unit: str) -> None:
    """Lines of equal cost, where there is a plane to draw them in."""
    finite = np.isfinite(best) & (best > 0)
    if min(best.shape) < 2 or finite.sum() < 4 or best[finite].max() < 1.2 * best[finite].min():
        return
    low, high = np.log10(best[finite].min()), np.log10(best[finite].max())
    steps = [1] if high - low > 3.5 else [1, 3] if high - low > 1 else [1, 1.5, 2, 3, 5, 7]
    levels = [step * 10.0**power for power in range(int(np.floor(low)), int(np.ceil(high)) + 1) for step in steps]
    levels = [level for level in levels if best[finite].min() < level < best[finite].max()]
    if not levels:
        return
    lines = ax.contour(
        centres(drawn.x),
        centres(drawn.y),
        np.where(finite, np.log10(np.where(finite, best, 1)), np.nan),
        levels=np.log10(levels),
        colors="black",
        linewidths=0.8,
        linestyles="-",
    )
    texts = ax.clabel(lines, fmt=lambda level: short(10**level, unit), fontsize=7.5, inline=True, inline_spacing=3)
    for text in texts:
        text.set_bbox({"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75})


def short(value: float, unit: str) -> str:
    """Of a round number: 10 s, not 10.0 s."""
    return re.sub(r"\.0+\b", "", columns.human(value, unit))


def place_legends(
    figure: plt.Figure, handles: list[Patch], study: Study, target: Target, cost: str, look: Look, shaded: bool
) -> None:
    what = columns.describe(cost).title
    title = full_title(study, look.title or f"first to {target}" + ("" if cost == "sim_time_s" else f", by {what}"))
    if not look.legend:
        figure.suptitle(plain(canvas.wrapped(title, figure.get_figwidth(), 11)), fontsize=10, fontweight="bold")
        return
    canvas.legend(
        figure,
        handles,
        [handle.get_label() for handle in handles],
        title,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        title_fontproperties={"weight": "bold", "size": 10},
    )
    if not shaded:
        return
    grey = "#404040"
    bounds = [limit for limit, _ in MARGINS]
    words = [f"up to {bounds[0]:g} times", f"to {bounds[1]:g}", "more"]
    canvas.legend(
        figure,
        [Patch(facecolor=shade(grey, limit)) for limit in bounds],
        words,
        f"shade: the second needs so much of the winner's {what}\nlines: the winner's {what}",
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        fontsize=8,
        title_fontsize=8,
        handlelength=1.2,
        columnspacing=1.2,
    )

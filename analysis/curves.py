"""Curves: a metric against rounds, uploads, bits or time; panels side by side; a row of panels for each swept value."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis import canvas, columns, decide, tuning, winners
from analysis.axes import dress, tick_log, wants_log
from analysis.decide import Verdict
from analysis.errors import InputError, note
from analysis.line_ends import name_ends
from analysis.series import Series, series_of, thin
from analysis.study import APART, Study
from analysis.style import Style, plain, styles
from analysis.target_line import draw_target

POINTS = 320  # of a curve: more would only make the file large
MANY = 16  # rows of panels: more are no figure


@dataclass
class Look:
    """What a user says of a figure's looks; None: as fits."""

    log: dict[str, bool] = field(default_factory=dict)  # of an axis, "x" or "y", or of a column
    limits: dict[str, tuple[float, float] | None] = field(default_factory=lambda: {"x": None, "y": None})
    title: str = ""
    width: float | None = None  # inches
    height: float | None = None  # of a panel
    band: str = "range"  # or "none"
    legend: bool = True

    def forced(self, axis: str, column: str) -> bool | None:
        return self.log.get(column, self.log.get(axis))


@dataclass
class Panel:
    x: str
    y: str
    title: str
    series: list[Series]
    target: winners.Target | None = None
    first: Verdict | None = None  # on who reaches the target first, by x
    baseline: str = ""  # y is divided by this method's at the same x


def facet_rows(study: Study, rows: pd.DataFrame, facets: list[str]) -> list[tuple[str, pd.DataFrame]]:
    """(title, rows) for each combination of the facets' values that has rows."""
    if not facets:
        return [("", rows)]
    pointer, *others = facets
    scale, out = study.scales[pointer], []
    for text in scale.texts:
        part = rows[rows[pointer] == text]
        if part.empty:
            continue
        own = text if pointer == APART else f"{scale.title} {scale.label(text)}"
        out += [(", ".join(filter(None, (own, title))), inner) for title, inner in facet_rows(study, part, others)]
    return out


def make_panels(
    study: Study,
    rows: pd.DataFrame,
    axes: list[tuple[str, str]],
    facets: list[str],
    labels: list[str],
    target: winners.Target | None = None,
    baseline: str = "",
) -> list[list[Panel]]:
    """A row of panels for each facet, with a baseline another row below it. Throws InputError if there would be
    nothing, or too much, to see."""
    grid = []
    wanted = list(dict.fromkeys(name for pair in axes for name in pair))
    for title, part in facet_rows(study, rows, facets):
        series = [
            series_of(label, part[part["algorithm"] == label], wanted)
            for label in labels
            if (part["algorithm"] == label).any()
        ]
        aims = {
            x: (target, arrivals(part[part["algorithm"].isin(labels)], target, x))
            for x, y in axes
            if target and y == target.metric
        }
        grid.append([Panel(x, y, title, series, *(aims[x] if target and y == target.metric else ())) for x, y in axes])
    if len(grid) > 1 and APART not in facets and all(same(line, grid[0]) for line in grid[1:]):
        # What was swept changes nothing that is drawn, as networks change no loss of a round: once is enough.
        grid = [[dataclasses.replace(panel, title="") for panel in grid[0]]]
    if len(grid) > MANY:
        raise InputError(
            f"{len(grid)} values are too many for panels (at most {MANY}): choose some with --at, "
            f"e.g. --at {facets[0]}={study.scales[facets[0]].texts[0]}"
        )
    if baseline:
        grid = [own for line in grid for own in (line, [ratios(panel, baseline) for panel in line])]
    for x, y in axes:
        for name in (x, y):
            if not any(np.isfinite(curve.mid[name]).any() for line in grid for panel in line for curve in panel.series):
                raise InputError(f"{name}: no value was recorded" + recorded(study, rows))
    return grid


def ratios(panel: Panel, baseline: str) -> Panel:
    """The panel's medians by the baseline's at the same x, as far as that goes, in place of themselves."""
    base = next((curve for curve in panel.series if curve.label == baseline), None)
    if base is None:
        raise InputError(f"--baseline {baseline}: it has no rows" + (f" at {panel.title}" if panel.title else ""))
    there = np.isfinite(base.mid[panel.x]) & np.isfinite(base.mid[panel.y])
    x, y = base.mid[panel.x][there], base.mid[panel.y][there]
    out = []
    for curve in panel.series:
        below = np.interp(curve.mid[panel.x], x, y, left=np.nan, right=np.nan) if len(x) else np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            own = {**curve.mid, panel.y: curve.mid[panel.y] / below}
        out.append(dataclasses.replace(curve, mid=own, low=own, high=own, seeds=1, diverged={}))
    return Panel(panel.x, panel.y, panel.title, out, baseline=baseline)


def arrivals(rows: pd.DataFrame, target: winners.Target, x: str) -> Verdict:
    """Who reaches the target first, by x."""
    return decide.verdict_of(winners.reaching(rows, ["algorithm", "seed"], target, x))


def same(line: list[Panel], other: list[Panel]) -> bool:
    def equal(one: Series, two: Series) -> bool:
        return one.label == two.label and all(
            np.array_equal(part[name], reference[name], equal_nan=True)
            for part, reference in ((one.mid, two.mid), (one.low, two.low), (one.high, two.high))
            for name in part
        )

    return all(
        len(one.series) == len(two.series) and all(map(equal, one.series, two.series)) for one, two in zip(line, other)
    )


def recorded(study: Study, rows: pd.DataFrame) -> str:
    metrics = [
        name
        for name in study.present
        if columns.describe(name).metric and name not in (*columns.TEXT, "seed") and not name.startswith("/")
    ]
    full = study.rows(metrics)[metrics].notna().any() if metrics else {}
    names = [name for name in metrics if full[name]]
    return f"; recorded: {', '.join(names)}" if names else ""


def draw(study: Study, grid: list[list[Panel]], look: Look) -> plt.Figure:
    wrap = len(grid[0]) == 1 and len(grid) > 1 and not grid[1][0].baseline
    across = min(3, len(grid)) if wrap else len(grid[0])
    cells = [line[0] for line in grid] if wrap else [panel for line in grid for panel in line]
    down = -(-len(cells) // across)
    width = look.width or {1: 5.0, 2: 7.5}.get(across, 10.0)
    height = (look.height or max(2.2, min(3.2, 0.75 * width / across + 0.3))) * down
    figure, axes = plt.subplots(down, across, figsize=(width, height), squeeze=False, layout="constrained")
    labels = list(dict.fromkeys(curve.label for panel in cells for curve in panel.series))
    known = styles(study.entries, labels)
    alike = group(cells, APART in study.pointers)
    for number, (ax, panel) in enumerate(zip(axes.flat, cells)):
        draw_panel(
            ax,
            panel,
            known,
            [other for other in cells if other.x == panel.x],
            look,
            view_of(alike[number], panel.y, look),
        )
        if panel.title and not panel.baseline and (wrap or number % across == 0):
            words = canvas.wrapped(panel.title, width * (0.95 if not wrap else 0.95 / across))
            ax.set_title(plain(words), loc="left", fontweight="bold")
        if number % across and cells[number - 1].y == panel.y:
            ax.set_ylabel("")
    share(axes, cells, across, APART in study.pointers)
    for ax in axes.flat[: len(cells)]:
        for axis, scale in ((ax.xaxis, ax.get_xscale()), (ax.yaxis, ax.get_yscale())):
            if scale == "log":
                tick_log(axis)
    for number, ax in enumerate(axes.flat[: len(cells)]):
        if number % across == across - 1 or number == len(cells) - 1:
            name_ends(ax, {line.get_label(): line for line in ax.lines if line.get_label() in labels})
    title = full_title(study, look.title)
    if look.legend:
        place_legend(figure, labels, known, cells, title)
    elif title:
        figure.suptitle(plain(canvas.wrapped(title, width, 11)), fontsize=10, fontweight="bold")
    return figure


def group(cells: list[Panel], apart: bool) -> list[list[Panel]]:
    """For each panel those with the same y, which share its range; losses of different scenarios are not comparable."""
    return [
        [
            other
            for other in cells
            if (other.y, other.baseline) == (panel.y, panel.baseline) and (not apart or other.title == panel.title)
        ]
        for panel in cells
    ]


def share(axes: np.ndarray, cells: list[Panel], across: int, apart: bool) -> None:
    """One range of y for panels that can be compared, labelled once a row."""
    drawn = list(zip(axes.flat, cells))
    for number, others in enumerate(group(cells, apart)):
        ranges = [ax.get_ylim() for ax, panel in drawn if any(panel is other for other in others)]
        if (
            number % across
            and cells[number - 1].y == cells[number].y
            and any(cells[number - 1] is other for other in others)
        ):
            axes.flat[number].tick_params(labelleft=False)
        axes.flat[number].set_ylim(min(low for low, _ in ranges), max(high for _, high in ranges))
    for spare in axes.flat[len(cells) :]:
        spare.set_visible(False)


def full_title(study: Study, title: str) -> str:
    """What stands in for missing data is said in every figure."""
    told = [
        f"stand-in data: {study.stand_in}" if study.stand_in else "",
        tuning.budget(study),
        *(result.unfinished for result in study.results),
    ]
    return "\n".join(filter(None, (title, *told)))


def view_of(panels: list[Panel], y: str, look: Look) -> tuple[bool, tuple[float | None, float | None]]:
    """Whether y is logarithmic, and its limits. A curve that diverges leaves the view and flattens no other."""
    curves = [curve for panel in panels for curve in panel.series]
    log = wants_log(y, [np.concatenate([curve.low[y], curve.high[y]]) for curve in curves], look.forced("y", y), True)
    shown = [usable(curve.mid[y], log) for curve in curves]
    if log and not any(len(values) for values in shown):
        raise InputError(f"{y}: no value is above 0, which a logarithmic axis needs: use --linear y")
    if look.limits["y"]:
        return log, look.limits["y"]
    gone = [leaves(curve, y, log) for curve in curves]
    if not any(gone):
        return log, (None, None)
    starts = [abs(values[0]) for values in shown if len(values)]
    kept = [values for values, away in zip(shown, gone) if len(values) and not away]
    ends = [max(abs(values[-1]), min(values.max(), 1e3 * abs(values[0]))) for values in kept]
    least = min(float(values.min()) for values in shown if len(values))
    # Where all of them diverge, the view is of how they begin to.
    top = max(starts + ends) * ((10 if log else 1.5) if ends else (1e6 if log else 30))
    bottom = least / 1.5 if log else min(0.0, least)
    return log, (bottom, top) if bottom < top < np.inf else (None, None)


def leaves(curve: Series, y: str, log: bool) -> bool:
    """Whether a curve diverges: it ends in no number, or has grown a thousandfold."""
    values = usable(curve.mid[y], log)
    if not len(values):
        return False
    return y in curve.diverged or bool(abs(values[-1]) > 1e3 * max(abs(values[0]), 1e-300))


def last_values(panel: Panel) -> list[np.ndarray]:
    return [curve.mid[panel.x][np.isfinite(curve.mid[panel.x])][-1:] for curve in panel.series]


def last_arrival(panel: Panel) -> float:
    """Where the last of those who reach the target does, by x; 0 without a target. What comes after tells nothing of
    it."""
    costs = [entry.cost for entry in panel.first.entries if np.isfinite(entry.cost)] if panel.first else []
    return max(costs, default=0.0)


def usable(values: np.ndarray, log: bool) -> np.ndarray:
    keep = np.isfinite(values) & (values > 0 if log else True)
    return values[keep]


def draw_panel(
    ax: Any,
    panel: Panel,
    known: dict[str, Style],
    alike: list[Panel],
    look: Look,
    view: tuple[bool, tuple[float | None, float | None]],
) -> None:
    """`alike` are the panels with the same x, which share its scale."""
    log_x = any(
        wants_log(panel.x, last_values(other), look.forced("x", panel.x), panel.x not in ("round", "iterations"))
        for other in alike
    )
    log_y, limits = view
    ax.set_xscale("log" if log_x else "linear")
    ax.set_yscale("log" if log_y else "linear")
    lost, widest = 0, 0.0
    for number, curve in enumerate(panel.series):
        x, y = curve.mid[panel.x], curve.mid[panel.y]
        fits = np.isfinite(x) & np.isfinite(y) & (x > 0 if log_x else True)
        positive = y > 0 if log_y else np.ones(len(y), bool)
        lost += int((fits & ~positive).sum())
        keep = np.flatnonzero(fits & positive)
        if not len(keep):
            continue
        keep = keep[thin(x[keep], POINTS)]
        widest = max(widest, float(x[keep].max()))
        look_of = known[curve.label]
        if curve.seeds > 1 and look.band == "range":
            floor = limits[0] or y[keep].min() / 10
            low = np.maximum(curve.low[panel.y][keep], floor) if log_y else curve.low[panel.y][keep]
            high = np.where(np.isfinite(curve.high[panel.y][keep]), curve.high[panel.y][keep], limits[1] or y[keep])
            ax.fill_between(x[keep], low, high, color=look_of.colour, alpha=0.18, linewidth=0, zorder=1)
        spread = 1 / (len(panel.series) + 1)
        every = (0.04 + 0.3 * spread * (number + 1), 0.3) if len(keep) > 12 else None
        ax.plot(
            x[keep],
            y[keep],
            label=curve.label,
            color=look_of.colour,
            linestyle=look_of.dash,
            marker=look_of.marker,
            markevery=every,
            markeredgecolor="white",
            markeredgewidth=0.5,
            zorder=3,
        )
        if panel.y in curve.diverged or (limits[1] and y[keep][-1] > limits[1]):
            inside = keep[y[keep] <= (limits[1] or np.inf)]
            if len(inside):
                ax.plot(
                    x[inside[-1]],
                    y[inside[-1]],
                    marker="x",
                    color=look_of.colour,
                    markersize=8,
                    markeredgewidth=1.6,
                    zorder=4,
                )
    if lost and look.forced("y", panel.y):
        note(f"{panel.y}: {lost} values are not above 0 and have no place on a logarithmic axis")
    dress(ax.xaxis, panel.x, log_x, widest)
    dress(
        ax.yaxis,
        panel.y,
        log_y,
        float(np.nanmax([1, *(usable(curve.mid[panel.y], log_y).max(initial=1) for curve in panel.series)])),
    )
    if panel.baseline:
        ax.set_ylabel(plain(f"{columns.describe(panel.y).title} / {panel.baseline}'s"))
    ax.set_ylim(*limits)
    if look.limits["x"]:
        ax.set_xlim(*look.limits["x"])
    else:
        last = max(map(last_arrival, alike))
        ax.set_xlim(left=None if log_x else 0, right=last * (1.25 if log_x else 1.08) if last else None)
    ax.grid(True)
    ax.set_axisbelow(True)
    if panel.target and panel.first:
        draw_target(ax, panel.target, panel.first, panel.x, panel.y, panel.series, known)


def place_legend(
    figure: plt.Figure, labels: list[str], known: dict[str, Style], cells: list[Panel], title: str
) -> None:
    """Above the panels, where it covers no data."""
    handles = [
        plt.Line2D(
            [],
            [],
            color=known[label].colour,
            linestyle=known[label].dash,
            marker=known[label].marker,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )
        for label in labels
    ]
    canvas.legend(
        figure,
        handles,
        [label + how_lost(label, cells) for label in labels],
        title,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        handlelength=3,
        title_fontproperties={"weight": "bold", "size": 10},
    )
    if any(curve.seeds > 1 for panel in cells for curve in panel.series):
        seeds = max(curve.seeds for panel in cells for curve in panel.series)
        figure.text(
            1.0, -0.005, f"median and range of {seeds} seeds", ha="right", va="top", fontsize=7.5, color="#555555"
        )


def how_lost(label: str, cells: list[Panel]) -> str:
    """Behind a label: what the cross on its curve means."""
    for panel in cells:
        for curve in panel.series:
            if curve.label == label and panel.y in curve.diverged:
                what, number = curve.diverged[panel.y]
                return f" (x: {what} in round {number})"
    grown = any(c.label == label and leaves(c, p.y, log=True) for p in cells for c in p.series)
    return " (x: diverges)" if grown else ""

"""Draws performance profiles and sensitivities."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from analysis import canvas, columns
from analysis.axes import tick_log
from analysis.curves import Look, full_title
from analysis.errors import InputError
from analysis.profile import BUDGET, MOST, Profile, Sensitivity
from analysis.study import Study
from analysis.style import plain, styles


def draw_profile(study: Study, profile: Profile, labels: list[str], cost: str, look: Look) -> plt.Figure:
    """Each method's share of cases within a factor of the best, from 1 to MOST."""
    figure, ax = start(look)
    known = styles(study.entries, profile.labels)
    handles = []
    for label in labels:
        factors, shares = profile.steps(label)
        style = known[label]
        handles += ax.step(factors, shares, where="post", color=style.colour, linestyle=style.dash)
    ax.set(xlim=(1, MOST), ylim=(-0.02, 1.02))
    ax.set_xlabel(f"at most so many times the best's {columns.describe(cost).title}")
    cases = f"{profile.cases} case{'' if profile.cases == 1 else 's'}"
    ax.set_ylabel(f"share of {cases}")
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    names = [f"{label} ({profile.score(label):.2f})" for label in labels]
    return finish(figure, study, look, handles, names)


def draw_sensitivity(study: Study, found: list[Sensitivity], wanted: str, metric: str, look: Look) -> plt.Figure:
    """A line each; rings are the values that were chosen, and crosses above the lines those that missed the target."""
    figure, ax = start(look)
    known = styles(study.entries, [one.label for one in found])
    numeric = all(isinstance(value, (int, float)) for one in found for value in one.x)
    finite = np.concatenate([one.cost[np.isfinite(one.cost)] for one in found])
    if not len(finite):
        raise InputError(f"--sensitivity {wanted}: no trial reached the target with most of its seeds")
    log = bool((finite > 0).all())
    top = finite.max() * 1.6 if log else finite.max() + 0.1 * (np.ptp(finite) or 1)
    handles = []
    for one in found:
        style, x = known[one.label], one.x if numeric else [str(value) for value in one.x]
        there = np.where(np.isfinite(one.cost), one.cost, np.nan)
        where = {"drawstyle": "steps-post"} if wanted == BUDGET else {"marker": style.marker}
        handles += ax.plot(x, there, color=style.colour, linestyle=style.dash, **where)
        missed = [value for value, cost in zip(x, one.cost) if not np.isfinite(cost)]
        ax.plot(missed, [top] * len(missed), "x", color=style.colour, clip_on=False)
        if one.chosen is not None and np.isfinite(one.cost[one.chosen]):
            ax.plot([x[one.chosen]], [one.cost[one.chosen]], "o", markersize=10, fillstyle="none", color=style.colour)
    values = [value for one in found for value in one.x]
    if numeric and wanted != BUDGET and min(values) > 0 and max(values) >= 5 * min(values):
        ax.set_xscale("log")
    if log:
        ax.set_yscale("log")
    for axis, scale in ((ax.xaxis, ax.get_xscale()), (ax.yaxis, ax.get_yscale())):
        if scale == "log":
            tick_log(axis)
    ax.set_xlabel("trials" if wanted == BUDGET else plain(wanted))
    unit = columns.describe(metric).unit
    ax.set_ylabel(
        plain(columns.describe(metric).title)
        + (f" ({unit})" if unit else "")
        + (", the best so far" if wanted == BUDGET else "")
    )
    ax.grid(True)
    return finish(figure, study, look, handles, [one.label for one in found])


def start(look: Look) -> tuple[plt.Figure, plt.Axes]:
    width = look.width or 5.6
    figure, ax = plt.subplots(figsize=(width, look.height or 0.62 * width), layout="constrained")
    ax.grid(True)
    return figure, ax


def finish(figure: plt.Figure, study: Study, look: Look, handles: list, names: list[str]) -> plt.Figure:
    title = full_title(study, look.title)
    if look.legend:
        canvas.legend(figure, handles, names, title, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    elif title:
        figure.suptitle(plain(canvas.wrapped(title, figure.get_figwidth())), fontsize=9)
    return figure

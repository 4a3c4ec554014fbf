"""What the trials of a tuned scenario reached, for a report: against each parameter, and against the budget."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pandas as pd

from analysis import columns, profile, tuning
from analysis.line_ends import spread
from analysis.profile import BUDGET, Sensitivity
from analysis.still import DASHES, Axis, short, text, tint
from analysis.study import Study

WIDE, HIGH, LEFT, TOP, BOTTOM = 420, 230, 62, 16, 42
MOST = 40  # figures: who wants more asks laconic plot --sensitivity for one


def figures(study: Study, styles: dict[str, Any]) -> str:
    """For each point of a sweep a group of figures, of which the page shows one; nothing where nothing was tuned."""
    if len(study.results) > 1 or not tuning.told_of(study.results[0]):
        return ""
    if not (study.results[0].folder / "tuned.csv").is_file():
        return ""
    rows, parameters, metric = profile.read_trials(study.results[0])
    known = [pointer for pointer in study.pointers if pointer in rows]
    groups: list[str] = []
    drawn = 0
    for place, part in points_of(study, rows, known):
        labels = [label for label in study.labels(part) if label in styles]
        wanted = [*(name for name in parameters if (part[name] != "").any() and part[name].nunique() > 1), BUDGET]
        drawn += len(wanted)
        if drawn > MOST:
            break
        inner = "".join(
            figure(profile.sensitivity(part, parameters, name, labels), name, metric, styles) for name in wanted
        )
        groups.append(f'<div class="ages" data-point="{place}"{" hidden" if groups else ""}>{inner}</div>')
    note = "Medians over the tuning seeds. Rings: what was chosen. Crosses: most seeds missed the target."
    more = " Of the other points, laconic plot --sensitivity draws each." if drawn > MOST else ""
    return "".join(groups) + f'<p class="note">{note}{more}</p>'


def points_of(study: Study, rows: pd.DataFrame, known: list[str]) -> list[tuple[str, pd.DataFrame]]:
    """The points as the page numbers them, each with its trials."""
    out = []
    for line in study.points.itertuples(index=False):
        part, at = rows, dict(zip(study.pointers, line))
        for pointer in known:
            part = part[part[pointer].astype(str) == at[pointer]]
        if not part.empty:
            place = ",".join(str(study.scales[pointer].texts.index(value)) for pointer, value in at.items())
            out.append((place, part))
    return out


def figure(found: list[Sensitivity], wanted: str, metric: str, styles: dict[str, Any]) -> str:
    column = columns.describe(metric)
    finite = [float(cost) for one in found for cost in one.cost if np.isfinite(cost)]
    names = list(dict.fromkeys(value for one in found for value in one.x))
    numeric = all(isinstance(value, (int, float, np.number)) for value in names)
    values = [float(value) for value in names] if numeric else [float(number) for number in range(len(names))]
    right = WIDE - 12 - 7 * max(min(len(one.label), 18) for one in found)
    wide = numeric and min(values) > 0 and max(values) >= 5 * min(values) and wanted != BUDGET
    x = Axis(values, wide, (LEFT, right), floor=wanted == BUDGET)
    y = Axis(finite, bool(finite) and min(finite) > 0, (HIGH - BOTTOM, TOP + 8))
    body, ends, said = "", [], []
    for one in found:
        spots = [(x(value if numeric else names.index(value)), cost) for value, cost in zip(one.x, one.cost)]
        there = [(at, y(cost)) for at, cost in spots if np.isfinite(cost)]
        look, dash = tint(styles[one.label]), DASHES.get(styles[one.label]["dash"], "")
        joint = "".join(
            f"{'M' if not number else 'H' if wanted == BUDGET else 'L'}"
            + (f"{a:.1f}V{b:.1f}" if number and wanted == BUDGET else f"{a:.1f} {b:.1f}")
            for number, (a, b) in enumerate(there)
        )
        body += f'<path class="curve" {look} d="{joint}" stroke-dasharray="{dash or "none"}"/>' if there else ""
        crosses = "".join(f"M{at - 4:.1f} {TOP - 4}l8 8m0 -8l-8 8" for at, cost in spots if not np.isfinite(cost))
        body += f'<path class="curve" {look} d="{crosses}"/>' if crosses else ""
        if one.chosen is not None and np.isfinite(one.cost[one.chosen]):
            at, cost = spots[one.chosen]
            body += f'<circle class="ring" {look} cx="{at:.1f}" cy="{y(cost):.1f}" r="6"/>'
        ends.append((there[-1][1] if there else float(TOP), -there[-1][0] if there else 0.0))
        best = min((float(cost) for cost in one.cost), default=np.inf)
        said.append(
            f"{one.label} at best {columns.human(best, column.unit)}" if np.isfinite(best) else f"{one.label} never"
        )
    for one, at in zip(found, spread(*map(list, zip(*ends)), 14, TOP + 4, HIGH - BOTTOM)):
        label = one.label if len(one.label) <= 18 else one.label[:17] + "…"
        body += text(right + 8, at + 4, label, "start", f' class="name" {tint(styles[one.label])}')
    lines = ""
    ticks = [(tick, short(tick, "")) for tick in x.ticks()] if numeric else list(zip(values, map(str, names)))
    for tick, name in ticks:
        body += text(x(tick), HIGH - BOTTOM + 16, name)
    for tick in y.ticks() if finite else []:
        lines += f"M{LEFT} {y(tick):.1f}H{right}"
        body += text(LEFT - 5, y(tick) + 4, short(tick, column.unit), "end")
    against = "trials" if wanted == BUDGET else wanted
    body += text((LEFT + right) / 2, HIGH - 8, against)
    frame = f'<path class="grid" d="{lines}"/><path class="edge" d="M{LEFT} {TOP}V{HIGH - BOTTOM}H{right}"/>'
    what = f"{column.title}{', the best so far' if wanted == BUDGET else ''}, against {against}"
    return (
        f'<figure class="trials"><figcaption>{html.escape(what)}</figcaption><svg class="drawn" '
        f'viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{html.escape(f"{what}: {chr(44).join(said)}")}">'
        f"{frame}{body}</svg></figure>"
    )

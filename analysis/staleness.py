"""How old the models were of the gradients that an asynchronous server took: a histogram for each method."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.columns import three
from analysis.study import Study

NAMES = ["uploads", "late", "staleness_mean", "staleness_max"]
BARS = 24  # of a histogram at most
WIDTH, HEIGHT = 220, 70  # of one, in pixels


@dataclass
class Ages:
    """Of one method at one point, over all seeds. A row of the record tells the mean over the uploads that were taken
    since the row before, and the oldest."""

    means: np.ndarray
    taken: np.ndarray  # the uploads of each mean
    oldest: float
    single: float  # the share of uploads whose own age is known: those of rows in which all are as old

    @property
    def mean(self) -> float:
        return float(np.average(self.means, weights=self.taken))


def ages(rows: pd.DataFrame) -> Ages | None:
    """`rows` are one method's at one point; None: they tell of no staleness."""
    parts = []
    for _, run in rows.groupby("seed", sort=False):
        run = run.sort_values("round")
        taken = run["uploads"].diff() - run["late"].fillna(0).diff().fillna(0)
        parts.append(run.assign(taken=taken)[run["staleness_mean"].notna() & (taken > 0)])
    told = pd.concat(parts)
    if told.empty:
        return None
    single = (told["taken"] == 1) | (told["staleness_max"] == told["staleness_mean"])
    return Ages(
        told["staleness_mean"].to_numpy(dtype=float),
        told["taken"].to_numpy(dtype=float),
        float(told["staleness_max"].max()),
        float(told["taken"][single].sum() / told["taken"].sum()),
    )


def figures(study: Study) -> str:
    """For each point of a sweep a group of histograms, of which the page shows one; nothing without staleness."""
    if not all(name in study.present for name in NAMES):
        return ""
    rows = study.rows(NAMES)
    if rows["staleness_mean"].isna().all():
        return ""
    known = study.labels(rows)
    found: dict[str, list[tuple[str, Ages]]] = {}
    stale = set(rows["algorithm"][rows["staleness_mean"].notna()])
    keys = [*study.pointers, "algorithm"]
    for key, part in rows[rows["algorithm"].isin(stale)].groupby(keys if study.pointers else keys[0], sort=False):
        values = key if isinstance(key, tuple) else (key,)
        own = ages(part)
        if own:
            texts = zip(study.pointers, values)
            place = ",".join(str(study.scales[pointer].texts.index(text)) for pointer, text in texts)
            found.setdefault(place, []).append((values[-1], own))
    groups = []
    for place, entries in found.items():
        entries.sort(key=lambda entry: known.index(entry[0]))
        # One scale for all: who is older stands further to the right.
        width = max(1, int(np.ceil((max(own.means.max() for _, own in entries) + 1) / BARS)))
        bars = int(max(own.means.max() for _, own in entries) // width) + 1
        inner = "".join(histogram(label, own, width, bars) for label, own in entries)
        groups.append(f'<div class="ages" data-point="{place}"{" hidden" if groups else ""}>{inner}</div>')
    least = min(own.single for entries in found.values() for _, own in entries)
    return "".join(groups) + f'<p class="note">{words(least)}</p>'


def words(single: float) -> str:
    how = (
        "Each upload counts with its own age."
        if single == 1
        else "A row of the record tells the mean age of the uploads since the row before, and they are counted with "
        f"it: single ones spread further, up to the oldest. The age itself is known of {100 * single:.0f} % or more "
        "of them; &quot;record&quot;: {&quot;every&quot;: 1} tells most."
    )
    return (
        "Across: by how many updates of the server a model was out of date when its gradient was taken; "
        f"up: the share of uploads. {how}"
    )


def histogram(label: str, own: Ages, width: int, bars: int) -> str:
    shares, _ = np.histogram(own.means, bins=np.arange(bars + 1) * width, weights=own.taken / own.taken.sum())
    step, most = WIDTH / bars, shares.max()
    path = "".join(
        f"M{number * step:.1f} {HEIGHT}v{-HEIGHT * share / most:.1f}h{max(1.0, step - 1):.1f}V{HEIGHT}z"
        for number, share in enumerate(shares)
        if share > 0
    )
    told = f"mean {three(own.mean)}, oldest {own.oldest:.0f}"
    ticks = f"{bars * width}" if bars * width > 1 else "1"
    return (
        f"<figure><figcaption><b>{html.escape(label)}</b><br>{told}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + 16}" '
        f'role="img" aria-label="{html.escape(label, quote=True)}: {told}, {100 * most:.0f} % in the highest bar">'
        f'<path class="bars" d="{path}"/><path class="base" d="M0 {HEIGHT}H{WIDTH}"/>'
        f'<text x="0" y="{HEIGHT + 13}">0</text><text x="{WIDTH}" y="{HEIGHT + 13}" text-anchor="end">{ticks}</text>'
        f'<text x="{WIDTH}" y="9" text-anchor="end">{100 * most:.0f} %</text></svg></figure>'
    )

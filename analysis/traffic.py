"""What communication costs beside computing: two bars for each method, what is hidden of it and what is exposed."""

from __future__ import annotations

import html

import pandas as pd

from analysis.columns import describe, three
from analysis.study import Study

NAMES = ["comm_hidden_s", "comm_exposed_s"]
WORDS = {"comm_hidden_s": "hidden", "comm_exposed_s": "exposed"}
WIDTH, BAR, GAP = 220, 14, 8  # pixels


def seconds(rows: pd.DataFrame) -> dict[str, float] | None:
    """A round's, on average over the rounds of all seeds. `rows` are one method's at one point."""
    last = rows.sort_values("round").groupby("seed").tail(1)
    last = last[last["comm_exposed_s"].notna() & (last["round"] > 0)]
    if last.empty:
        return None
    return {name: float(last[name].sum() / last["round"].sum()) for name in NAMES}


def figures(study: Study) -> str:
    """For each point of a sweep a group of bars, of which the page shows one; nothing where nobody told of traffic."""
    if not all(name in study.present for name in NAMES):
        return ""
    rows = study.rows(NAMES)
    if rows["comm_exposed_s"].isna().all():
        return ""
    known = study.labels(rows)
    found: dict[str, list[tuple[str, dict[str, float]]]] = {}
    keys = [*study.pointers, "algorithm"]
    for key, part in rows.groupby(keys if study.pointers else keys[0], sort=False):
        values = key if isinstance(key, tuple) else (key,)
        own = seconds(part)
        if own:
            texts = zip(study.pointers, values)
            place = ",".join(str(study.scales[pointer].texts.index(text)) for pointer, text in texts)
            found.setdefault(place, []).append((values[-1], own))
    groups = []
    for place, entries in found.items():
        entries.sort(key=lambda entry: known.index(entry[0]))
        most = max(max(own.values()) for _, own in entries) or 1.0
        inner = "".join(bars(label, own, most) for label, own in entries)
        groups.append(f'<div class="ages" data-point="{place}"{" hidden" if groups else ""}>{inner}</div>')
    note = (
        "Of a round on average: how long messages were under way while a worker or the server computed (hidden), and "
        "how much of the round nobody computed (exposed)."
    )
    return "".join(groups) + f'<p class="note">{note}</p>'


def bars(label: str, own: dict[str, float], most: float) -> str:
    told = ", ".join(f"{WORDS[name]} {three(own[name])} {describe(name).unit}" for name in NAMES)
    parts = "".join(
        f'<path class="bars" d="M0 {row * (BAR + GAP)}h{max(0.5, WIDTH * own[name] / most):.1f}v{BAR}H0z"/>'
        for row, name in enumerate(NAMES)
    )
    height = len(NAMES) * (BAR + GAP)
    return (
        f"<figure><figcaption><b>{html.escape(label)}</b><br>{told}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(label, quote=True)}: {told}">'
        f'{parts}<path class="base" d="M0 0V{height}"/></svg></figure>'
    )

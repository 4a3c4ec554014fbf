"""The platform and the graphs at each point of a sweep, of which a report shows the one that is chosen."""

from __future__ import annotations

import copy
import html
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from analysis import progress
from analysis.answers import places_of
from analysis.graph import graph_figures
from analysis.picture import platform_svg
from analysis.study import APART, Study

MOST = 200  # different ones: of more a page has the first that it shows


def pictures(study: Study, first: str) -> tuple[str, str]:
    """The platform's and the graphs' HTML; empty without a network, or without graphs. `first`: the point that is
    shown when the page opens, "0,3"."""
    seen = [pointer for pointer in study.pointers if changes_pictures(pointer)]
    at = [study.pointers.index(pointer) for pointer in seen]
    groups: dict[tuple[int, ...], list[str]] = {}
    for place in places_of(study) or [()]:
        groups.setdefault(tuple(place[axis] for axis in at), []).append(",".join(map(str, place)))
    if len(groups) > MOST:
        groups = {own: places for own, places in groups.items() if first in places}
        one = True
    else:
        one = len(groups) < 2
    values = [[study.scales[pointer].texts[number] for pointer, number in zip(seen, own)] for own in groups]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda own: draw(study, dict(zip(seen, own))), values)
        drawn = list(progress.over(found, len(groups), "platforms"))
    platforms, graphs = [], []
    for (own, places), (platform, graph) in zip(groups.items(), drawn):
        shown = "" if one else f' data-shown="{" ".join(places)}"' + ("" if first in places else " hidden")
        told = ", ".join(
            f"{study.scales[pointer].title} {study.scales[pointer].label(study.scales[pointer].texts[number])}"
            for pointer, number in zip(seen, own)
        )
        caption = f"<figcaption>At {html.escape(told)}.</figcaption>" if told else ""
        if platform:
            platforms.append(f'<figure class="platform"{shown}>{platform}{caption}</figure>')
        if graph:
            graphs.append(f"<div{shown}>{graph}</div>")
    return "".join(platforms), "".join(graphs)


def changes_pictures(pointer: str) -> bool:
    parts = pointer.split("/")[1:]
    return parts[0] in ("platform", "workers") or "graph" in parts


def draw(study: Study, values: dict[str, str]) -> tuple[str, str]:
    scenario = copy.deepcopy(study.scenario)
    for pointer, text in values.items():
        if pointer != APART:
            put(scenario, pointer, value_of(text))
    return platform_svg(study, scenario), graph_figures(study, scenario)


def value_of(text: str) -> Any:
    """A swept value, from its text in a table."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def put(block: Any, pointer: str, value: Any) -> None:
    """Sets what a JSON pointer names; what leads there and is not as the scenario has it is left alone."""
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    try:
        for part in way:
            block = block[int(part)] if isinstance(block, list) else block.setdefault(part, {})
        if isinstance(block, list):
            block[int(last)] = value
        else:
            block[last] = value
    except (AttributeError, IndexError, TypeError, ValueError):
        return

"""The platform's picture: as drawing.py draws its type; else laconic's own, by GraphViz; else its ranges."""

from __future__ import annotations

import copy
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.columns import human
from analysis.drawing import drawing
from analysis.study import Study

LARGEST = 400_000  # bytes: larger pictures help nobody
WORKERS = 64  # more are no picture
FLAT = 12  # of those without racks or sites: there, each worker looks like the next


@dataclass
class Laconic:
    """`laconic platform`, asked about a copy of the scenario."""

    program: str
    scenario: Path

    def __call__(self, *options: str) -> str:
        return subprocess.run(
            [self.program, "platform", str(self.scenario), *options],
            capture_output=True,
            timeout=60,
            check=True,
            text=True,
        ).stdout

    def json(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self("--json")))
        except (OSError, subprocess.SubprocessError, ValueError):
            return None

    def drawn(self) -> str:
        """Its picture of the platform; nothing without GraphViz."""
        self("--out", str(self.scenario.parent))
        svg = self.scenario.with_suffix(".svg")
        return svg.read_text(encoding="utf-8") if svg.exists() else ""


@contextmanager
def asked(study: Study, scenario: dict[str, Any]) -> Iterator[Laconic | None]:
    """Of a study's scenario at one of its points. None without a network, or without the program."""
    program, scenario = os.environ.get("LACONIC_PROGRAM"), copy.deepcopy(scenario)
    if not program or not isinstance(scenario.get("platform"), dict) or not isinstance(scenario.get("workers"), int):
        yield None
        return
    scenario.pop("sweep", None)
    home = Path(str(study.results[0].provenance.get("file", ""))).resolve().parent
    for block in [scenario["platform"], scenario.get("graph"), *(entry.get("graph") for entry in entries(scenario))]:
        if isinstance(block, dict):
            absolute_paths(block, home)
    with tempfile.TemporaryDirectory() as folder:
        # The copy's name stands in the picture.
        copy_of = Path(folder) / (re.sub(r"[^\w.-]+", "-", study.name).strip("-.") + ".json")
        copy_of.write_text(json.dumps(scenario), encoding="utf-8")
        yield Laconic(program, copy_of)


def platform_svg(study: Study, scenario: dict[str, Any]) -> str:
    """An <svg>; nothing without a network, or where the scenario's files are not there any more."""
    with asked(study, scenario) as laconic:
        if laconic is None:
            return ""
        if drawn := drawing(scenario["platform"], scenario["workers"]):
            return drawn
        try:
            type_of = scenario["platform"].get("type")
            most = FLAT if type_of in ("star", "cluster", "edge", "wifi") else WORKERS
            if scenario["workers"] <= most and shutil.which("dot"):
                text = laconic.drawn()
                start = text.find("<svg")
                if 0 <= start and len(text) <= LARGEST:
                    return clean(text[start:])
            return summary_svg(json.loads(laconic("--json")))
        except (OSError, subprocess.SubprocessError, ValueError):
            return ""


def entries(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    algorithms = scenario.get("algorithms")
    return [entry for entry in algorithms if isinstance(entry, dict)] if isinstance(algorithms, list) else []


def absolute_paths(platform: dict[str, object], home: Path) -> None:
    """Files beside the scenario are there still, but the copy is elsewhere."""
    for key in ("file", "path"):
        if isinstance(platform.get(key), str) and (home / str(platform[key])).exists():
            platform[key] = str(home / str(platform[key]))


def clean(svg: str) -> str:
    """As wide as the page allows, on the page's own ground, and without ids that another picture might have."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\sid="[^"]*"', "", svg)
    svg = re.sub(
        r'(<svg[^>]*?)\swidth="([\d.]+)pt"\sheight="[\d.]+pt"',
        r'\1 style="width:\2pt;max-width:100%;height:auto" role="img" aria-label="the platform"',
        svg,
        count=1,
    )
    return svg


def between(ends: list[float | None], unit: str, factor: float = 1.0, none: str = "no limit") -> str:
    """10 ms, or 1 ms to 20 ms."""
    least, most = (none if end is None else human(end * factor, unit) for end in ends)
    return least if least == most else f"{least} to {most}"


def summary_svg(platform: dict[str, Any]) -> str:
    """The server, the workers as one, and what lies between them, from `laconic platform --json`."""
    workers, down, up = platform["workers"], platform["down"], platform["up"]
    ways = []
    for name, unit, factor in (("latency", "s", 1.0), ("bandwidth", "bps", 8.0)):
        words = [f"{between(way[name], unit, factor)}" for way in (down, up)]
        ways.append(f"{name} {words[0]}" if words[0] == words[1] else f"{name} {words[0]} down, {words[1]} up")
    count = f"{workers['count']} worker{'' if workers['count'] == 1 else 's'}"
    links = f"{platform['type']}: {platform['links']} links between them"

    def text(x: int, y: int, words: str, size: int = 13, weight: str = "normal") -> str:
        look = f'font-size="{size}" font-weight="{weight}" text-anchor="middle"'
        return f'<text x="{x}" y="{y}" {look}>{html.escape(words)}</text>'

    def box(x: int, y: int, width: int, fill: str) -> str:
        return f'<rect x="{x}" y="{y}" width="{width}" height="62" rx="6" fill="{fill}" stroke="#33475b"/>'

    behind = "".join(
        box(610 + 5 * number, 44 - 5 * number, 175, "#dbe7f3") for number in range(min(3, workers["count"]) - 1, -1, -1)
    )
    line = "M172 75 H598 M181 70 L172 75 L181 80 M589 70 L598 75 L589 80"
    arrow = f'<path d="{line}" fill="none" stroke="#5b7083" stroke-width="2"/>'
    boxes = box(10, 44, 150, "#f6dcc0") + behind + arrow
    words = (
        text(85, 71, "server", 14, "bold")
        + text(85, 91, human(platform["server"]["speed"], "f"))
        + text(697, 71, count, 14, "bold")
        + text(697, 91, between(workers["speed"], "f"))
        + text(385, 62, ways[0])
        + text(385, 97, ways[1])
        + text(385, 136, links, 12)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 150" '
        'style="width:800px;max-width:100%;height:auto;font-family:Helvetica,Arial,sans-serif" fill="#1d2733" '
        f'role="img" aria-label="the platform: a server and {html.escape(count)}">{boxes}{words}</svg>'
    )

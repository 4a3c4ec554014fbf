"""The platform's picture, which laconic itself draws."""
from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from analysis.study import Study

LARGEST = 400_000  # bytes: larger pictures help nobody


def platform_svg(study: Study) -> str:
    """An <svg>, or nothing: without GraphViz, without the scenario's files, or where there is too much to see."""
    program, scenario = os.environ.get("LACONIC_PROGRAM"), copy.deepcopy(study.scenario)
    if not program or not isinstance(scenario.get("platform"), dict) or not isinstance(scenario.get("workers"), int) or scenario["workers"] > 64:
        return ""
    scenario.pop("sweep", None)
    home = Path(str(study.results[0].provenance.get("file", ""))).resolve().parent
    absolute_paths(scenario["platform"], home)
    with tempfile.TemporaryDirectory() as folder:
        copy_of = Path(folder) / (re.sub(r"[^\w.-]+", "-", study.name).strip("-.") + ".json")  # its name stands in the picture
        copy_of.write_text(json.dumps(scenario), encoding="utf-8")
        try:
            subprocess.run([program, "platform", str(copy_of), "--out", folder], capture_output=True, timeout=60, check=True)
            text = next(Path(folder).glob("*.svg")).read_text(encoding="utf-8")
        except (OSError, subprocess.SubprocessError, StopIteration, UnicodeDecodeError):
            return ""
    start = text.find("<svg")
    return clean(text[start:]) if start >= 0 and len(text) <= LARGEST else ""


def absolute_paths(platform: dict[str, object], home: Path) -> None:
    """Files beside the scenario are there still, but the copy is elsewhere."""
    for key in ("file", "path"):
        if isinstance(platform.get(key), str) and (home / str(platform[key])).exists():
            platform[key] = str(home / str(platform[key]))


def clean(svg: str) -> str:
    """As wide as the page allows, on the page's own ground, and without ids that another picture of the page might have."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\sid="[^"]*"', "", svg)
    svg = re.sub(r'(<svg[^>]*?)\swidth="([\d.]+)pt"\sheight="[\d.]+pt"', r'\1 style="width:\2pt;max-width:100%;height:auto" role="img" aria-label="the platform"', svg, count=1)
    return svg

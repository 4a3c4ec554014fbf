"""The report's HTML. Words and numbers are there without JavaScript; page/report.js draws curves and maps."""

from __future__ import annotations

import base64
import functools
import gzip
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import library, payload, still
from analysis.columns import describe, human
from analysis.quantities import in_words
from analysis.section import Table

PAGE = Path(__file__).parent / "page"


@dataclass
class Section:
    id: str
    title: str
    stand_in: str
    scale: str
    warning: str
    question: str
    answers: list[str]
    facts: list[tuple[str, str]]
    table: Table
    data: dict[str, Any]  # styles, curves, map, pointers: what report.js draws
    claims: list[dict[str, Any]]
    staleness: str
    agreement: str
    trials: str
    platform: str
    graphs: str
    provenance: list[tuple[str, str]]
    scenario: str
    traffic: str

    def named(self, part: str) -> str:
        """A landmark's name, which no other has: sections may have one title."""
        return f'aria-label="{escape(part)} of {escape(self.title)}, section {int(self.id[1:]) + 1}"'


def escape(text: object) -> str:
    return html.escape(str(text), quote=True)


def packed(text: str) -> str:
    """Compressed, as text: the browser unpacks it. The same bytes every time."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), 9, mtime=0)).decode("ascii")


@functools.cache
def plotly() -> str:
    return packed(library.plotly())


def html_of(title: str, sections: list[Section]) -> str:
    data = json.dumps({section.id: section.data for section in sections}, separators=(",", ":"))
    contents = "".join(f'<li><a href="#{section.id}">{escape(section.title)}</a></li>' for section in sections)
    words = {
        "title": escape(title),
        "style": (PAGE / "report.css").read_text(encoding="utf-8"),
        "contents": f'<nav aria-label="results"><ul>{contents}</ul></nav>' if len(sections) > 1 else "",
        "sections": "\n".join(section_html(section, len(sections) == 1) for section in sections),
        "plotly": plotly(),
        "data": packed(data),
        "script": "\n".join(
            (PAGE / name).read_text(encoding="utf-8")
            for name in ("format.js", "table.js", "curves.js", "map.js", "report.js")
        ),
    }
    text = (PAGE / "report.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: words[match[1]], text)


def section_html(section: Section, alone: bool) -> str:
    heading = "" if alone else f"<h2>{escape(section.title)}</h2>"
    parts = [f'<section id="{section.id}" data-section="{section.id}" {section.named("result")}>{heading}']
    if section.stand_in:
        parts.append(f'<p class="stand-in"><strong>Stand-in data:</strong> {escape(section.stand_in)}</p>')
    if section.scale:
        parts.append(f'<p class="stand-in">{escape(section.scale)}</p>')
    if section.warning:
        parts.append(f'<p class="stand-in">{escape(section.warning)}</p>')
    if len(section.answers) > 2:
        parts.append(
            '<ul class="answers">' + "".join(f"<li>{escape(answer)}</li>" for answer in section.answers) + "</ul>"
        )
    else:
        parts += [f'<p class="answer">{escape(answer)}</p>' for answer in section.answers]
    if section.question:
        parts.append(f'<p class="question">{escape(section.question)}</p>')
    if section.data["map"]:
        parts.append(map_html(section))
    parts.append(points_html(section))
    if section.data["curves"]:
        parts.append(curves_html(section))
    parts.append(f"<h3>Summary</h3>{table_html(section)}")
    if section.staleness:
        parts.append(f"<h3>Staleness</h3>{section.staleness}")
    if section.traffic:
        parts.append(f"<h3>Communication beside computing</h3>{section.traffic}")
    if section.agreement:
        parts.append(f"<h3>Simulated against deployed</h3>{section.agreement}")
    if section.trials:
        parts.append(f"<h3>Tuning</h3>{section.trials}")
    if section.claims:
        parts.append(f"<h3>Claims</h3>{claims_html(section)}")
    parts.append(f"<h3>Scenario</h3>{list_html(section.facts)}")
    if section.scenario:
        parts.append(
            f"<details><summary>The scenario as it was run</summary>"
            f'<pre tabindex="0">{escape(section.scenario)}</pre></details>'
        )
    if section.platform:
        parts.append(f"<h3>Platform</h3>{section.platform}")
    if section.graphs:
        parts.append(f"<h3>Who talks to whom without a server</h3>{section.graphs}")
    parts.append(f"<h3>Provenance</h3>{list_html(section.provenance)}</section>")
    text = "\n".join(parts)
    # No level of headings is skipped: a lone section has the page's title as its own.
    return text.replace("<h3>", '<h2 class="part">').replace("</h3>", "</h2>") if alone else text


def points_html(section: Section) -> str:
    """A menu for each swept value: which point the curves and the table show."""
    pointers = section.data["pointers"]
    if not pointers:
        return ""
    menus = ""
    if section.data["list"]:
        options = "".join(f'<option value="{place}">{escape(text)}</option>' for place, text in section.data["list"])
        menus, pointers = f'<label>at <select data-points="">{options}</select></label>', []
    for number, pointer in enumerate(pointers):
        middle = len(pointer["texts"]) // 2
        options = "".join(
            f'<option value="{place}"{" selected" if place == middle else ""}>{escape(text)}</option>'
            for place, text in enumerate(pointer["texts"])
        )
        menus += (
            f'<label title="{escape(pointer["pointer"])}">{escape(pointer["title"])} '
            f'<select data-pointer="{number}">{options}</select></label>'
        )
    return f'<form class="point controls" {section.named("the shown point")}>' f"<span>Shown: </span>{menus}</form>"


def radio(section: Section, name: str, legend: str, axes: list[dict[str, Any]], chosen: str) -> str:
    inputs = "".join(
        f'<label><input type="radio" name="{section.id}-{name}" '
        f'value="{escape(axis["name"])}"{" checked" if axis["name"] == chosen else ""}>'
        f'<span>{escape(axis["title"])}</span></label>'
        for axis in axes
    )
    return f'<fieldset class="{name}"><legend>{legend}</legend>{inputs}</fieldset>'


def log(axes: list[dict[str, Any]], name: str) -> bool:
    return any(axis["log"] for axis in axes if axis["name"] == name)


def curves_html(section: Section) -> str:
    curves = section.data["curves"]
    names = [axis["name"] for axis in curves["ys"]]
    first = next((name for name in ("loss_gap", "loss") if name in names), names[0])
    x = "sim_time_s" if any(axis["name"] == "sim_time_s" for axis in curves["xs"]) else "round"
    scales = "".join(
        f'<label><input type="checkbox" data-log="{which}"{" checked" if log(axes, name) else ""}><span>{words}</span></label>'
        for which, axes, name, words in (("x", curves["xs"], x, "log across"), ("y", curves["ys"], first, "log up"))
    )
    return (
        f'<h3>Curves</h3><form class="controls axes">{radio(section, "x", "Against", curves["xs"], x)}'
        f'{radio(section, "y", "Metric", curves["ys"], first)}'
        f"<fieldset><legend>Scales</legend>{scales}</fieldset>"
        f'<fieldset class="view"><legend>View</legend>{view_buttons()}</fieldset></form>'
        f'<div class="legend" role="group" aria-label="algorithms: press to hide or show"></div>'
        f'<div class="curves plot" role="img" aria-label="curves">{still.curves(section.data, payload.shown_first(section.data), x, first)}</div>'
        f'<p class="note"></p>'
    )


def view_buttons() -> str:
    """What Plotly's own bar offers to a mouse alone."""
    names = {"in": "closer", "out": "wider", "whole": "whole", "save": "save as SVG"}
    return "".join(f'<button type="button" data-view="{key}">{name}</button>' for key, name in names.items())


def map_html(section: Section) -> str:
    winner_map = section.data["map"]
    targets = "".join(
        f'<option value="{number}">{escape(target)}</option>' for number, target in enumerate(winner_map["targets"])
    )
    costs = "".join(f'<option value="{axis["name"]}">{escape(axis["title"])}</option>' for axis in winner_map["costs"])
    return (
        f'<h3>Who is first, where</h3><form class="controls map-controls">'
        f'<label>To <select data-map="target">{targets}</select></label>'
        f'<label>needing least of <select data-map="cost">{costs}</select></label></form>'
        f'<div class="map-legend"></div>'
        f'<div class="map plot" role="img" aria-label="winner map; as a table below">{still.winner_map(section.data, payload.shown_first(section.data))}</div>'
        f'<p class="note">The stronger the colour, the larger the lead: '
        f"the second needs up to 1.25, 2 or more times as much. Lines: what the winner needs. Grey: tied, within 5 %, "
        f"or, dotted, not decided by the seeds. Striped: nobody gets there. Click a cell to see its curves.</p>"
        f'<details class="map-table"><summary>The map as a table</summary>'
        f'<div class="scroll" tabindex="0" role="region" {section.named("the map")}></div></details>'
    )


def table_html(section: Section) -> str:
    table = section.table
    heads = "".join(
        f'<th scope="col" aria-sort="none"><button type="button" title="{escape(hint)}">{escape(title)}</button></th>'
        for title, hint in table.heads
    )
    rows, shown = "", payload.shown_first(section.data)
    for place, cells in table.rows:
        body = ""
        for cell in cells:
            text = isinstance(cell.value, str)
            value = (
                cell.value
                if text
                else ""
                if cell.value == float("inf") or cell.value != cell.value
                else repr(float(cell.value))
            )
            hint = f' title="{escape(cell.hint)}"' if cell.hint else ""
            body += f'<td{"" if text else " class=n"} data-v="{escape(value)}"{hint}>{escape(cell.text)}</td>'
        hidden = "" if place == shown or not section.data["pointers"] else " hidden"
        rows += f'<tr data-point="{place}"{hidden}>{body}</tr>'
    every = (
        '<label class="controls"><input type="checkbox" class="every"> <span>all points of the sweep</span></label>'
        if section.data["pointers"]
        else ""
    )
    return (
        f'{every}<div class="scroll" tabindex="0" role="region" {section.named("summary")}><table class="summary">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def claims_html(section: Section) -> str:
    rows = ""
    for claim in section.claims:
        verdict, expected = str(claim.get("verdict", "not decidable")), str(claim.get("expected", "holds"))
        mark = {"holds": "holds", "fails": "fails"}.get(verdict, "open")
        known = " known" if mark == "fails" and expected == "fails" else ""
        remark = (
            ""
            if mark == "open" or (verdict == expected and not known)
            else ", as expected"
            if known
            else f", expected: {expected}"
        )
        notes = []
        if isinstance(claim.get("at"), dict) and claim["at"]:
            notes.append(
                "at "
                + ", ".join(f"{pointer.rsplit('/', 1)[-1]} {in_words(value)}" for pointer, value in claim["at"].items())
            )
        notes += [str(claim["note"])] if claim.get("note") else []
        what = claim.get("what") or f"{claim.get('of', '')}: {claim.get('metric', '')}"
        small = "".join(f"<br><small>{escape(text)}</small>" for text in notes)
        rows += (
            f'<tr><td><span class="verdict {mark}{known}">{escape(verdict)}</span>{escape(remark)}</td>'
            f"<td>{escape(what)}{small}</td>"
            f'<td>{escape(claim.get("measured") or measured(claim))}</td></tr>'
        )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("verdict", "claim", "measured"))
    return (
        f'<div class="scroll" tabindex="0" role="region" {section.named("claims")}><table class="claims">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def measured(claim: dict[str, Any]) -> str:
    """4.18 Mbit / 102 Mbit = 0.0411 (at most 0.05), seeds 0.04 to 0.05."""
    unit = describe(str(claim.get("metric", ""))).unit
    out = number(claim.get("value_of"), unit)
    if claim.get("times"):
        out += f" / {number(claim.get('value_times'), unit)} = {number(claim.get('ratio'))}"
    if isinstance(claim.get("bound"), dict) and claim["bound"]:
        bounds = [f"{key.replace('_', ' ')} {plain(value)}" for key, value in claim["bound"].items()]
        out += f" ({', '.join(bounds)})"
    if isinstance(claim.get("range"), list) and len(claim["range"]) == 2:
        out += f", seeds {number(claim['range'][0])} to {number(claim['range'][1])}"
    return out


def plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def number(value: object, unit: str = "") -> str:
    return (
        human(float(value), unit)
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else str(value or "-")
    )


def list_html(pairs: list[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs) + "</dl>"

"""Who talks to whom where there is no server: the scenario's graphs, drawn from what laconic says of them."""

from __future__ import annotations

import html
import math
from typing import Any

from analysis.picture import asked, entries
from analysis.study import Study

NODES = 64  # more are no picture
SIZE = 300
Point = tuple[float, float]


def graph_figures(study: Study, scenario: dict[str, Any]) -> str:
    """A <figure> for each graph; nothing without one, or where laconic cannot say what it is."""
    if "graph" not in scenario and not any("graph" in entry for entry in entries(scenario)):
        return ""
    with asked(study, scenario) as laconic:
        graphs = (laconic.json() or {}).get("graphs", []) if laconic else []
    return "".join(figure(graph, scenario) for graph in graphs)


def figure(graph: dict[str, Any], scenario: dict[str, Any]) -> str:
    words = html.escape(told(graph))
    nodes = int(scenario["workers"])
    drawing = svg(graph, places(graph, nodes, scenario)) if graph["edges"] is not None and nodes <= NODES else ""
    return f'<figure class="graph">{drawing}<figcaption>{words}</figcaption></figure>'


def told(graph: dict[str, Any]) -> str:
    """ring, metropolis weights: degree 2, diameter 4, spectral gap 0.195."""
    least, mean, most = graph["degree"]
    degree = f"{least}" if least == most else f"{least} to {most}, {mean:.3g} in the mean"
    period = f" in {graph['period']} rounds" if graph["period"] > 1 else ""
    facts = [f"degree {degree}"]
    if graph["diameter"] is not None:
        facts.append(f"diameter {graph['diameter']}")
    if graph["spectral_gap"] is not None:
        facts.append(f"spectral gap {graph['spectral_gap']:.3g}{period}")
    return f"{graph['type']}, {graph['weights']} weights: {', '.join(facts)}"


def rows_of(graph: dict[str, Any], nodes: int, scenario: dict[str, Any]) -> int:
    """Of a torus: the scenario's, where all its tori have the same; else the squarest."""
    blocks = [block.get("graph") for block in [scenario, *entries(scenario)]]
    given = {b.get("rows") for b in blocks if isinstance(b, dict) and b.get("type") == "torus"}
    rows = given.pop() if len(given) == 1 else None
    return int(rows) if rows else max(r for r in range(1, math.isqrt(nodes) + 1) if nodes % r == 0)


def places(graph: dict[str, Any], nodes: int, scenario: dict[str, Any]) -> list[Point]:
    """Where the nodes stand in a square of side 1: a grid, a star, a line or a circle."""
    if graph["type"] == "torus" and (rows := rows_of(graph, nodes, scenario)) > 1:
        columns = nodes // rows
        return [((i % columns + 0.5) / columns, (i // columns + 0.5) / rows) for i in range(nodes)]
    if graph["type"] == "path":
        return [((i + 0.5) / nodes, 0.5) for i in range(nodes)]
    if graph["type"] == "star":
        return [(0.5, 0.5), *circle(nodes - 1)]
    return circle(nodes)


def circle(nodes: int) -> list[Point]:
    turns = [2 * math.pi * i / max(1, nodes) for i in range(nodes)]
    return [(0.5 + 0.45 * math.sin(turn), 0.5 - 0.45 * math.cos(turn)) for turn in turns]


def line(a: Point, b: Point, closes: bool) -> str:
    """Straight, or for what closes a torus's row or column an arc beside the nodes between."""
    (ax, ay), (bx, by) = ((SIZE * x, SIZE * y) for x, y in (a, b))
    if not closes:
        return f"M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}"
    bend = 0.14 * SIZE
    x, y = ((ax + bx) / 2, ay - bend) if abs(ay - by) < 1 else (ax - bend, (ay + by) / 2)
    return f"M{ax:.1f} {ay:.1f}Q{x:.1f} {y:.1f} {bx:.1f} {by:.1f}"


def arrow(a: Point, b: Point) -> str:
    """A head in the last third of an edge that runs one way."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1
    x, y = SIZE * (a[0] + 0.68 * dx), SIZE * (a[1] + 0.68 * dy)
    ux, uy = 6 * dx / length, 6 * dy / length
    left, right = (x - ux - uy / 2, y - uy + ux / 2), (x - ux + uy / 2, y - uy - ux / 2)
    return f"M{left[0]:.1f} {left[1]:.1f}L{x:.1f} {y:.1f}L{right[0]:.1f} {right[1]:.1f}"


def svg(graph: dict[str, Any], at: list[Point]) -> str:
    lines, heads = [], []
    for a, b, both in graph["edges"]:
        far = graph["type"] == "torus" and math.dist(at[a], at[b]) > 0.6
        lines.append(line(at[a], at[b], far))
        if not both:
            heads.append(arrow(at[a], at[b]))
    radius = 11 if len(at) <= 24 else 7
    nodes = "".join(
        f'<circle cx="{SIZE * x:.1f}" cy="{SIZE * y:.1f}" r="{radius}" fill="#cfe3f5" stroke="#33475b"/>'
        f'<text x="{SIZE * x:.1f}" y="{SIZE * y + radius / 3:.1f}" font-size="{radius}" text-anchor="middle">{i}</text>'
        for i, (x, y) in enumerate(at)
    )
    edges = f'<path d="{"".join(lines)}" fill="none" stroke="#5b7083"/>'
    tips = f'<path d="{"".join(heads)}" fill="none" stroke="#c8553d" stroke-width="1.5"/>' if heads else ""
    name = html.escape(graph["type"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-15 -45 {SIZE + 30} {SIZE + 60}" fill="#1d2733" '
        f'style="width:{SIZE}px;max-width:100%;height:auto;font-family:Helvetica,Arial,sans-serif" '
        f'role="img" aria-label="the graph: {name}, {len(at)} nodes">{edges}{tips}{nodes}</svg>'
    )

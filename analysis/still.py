"""Still pictures of what a report draws first: there before Plotly is, and without JavaScript. Curves and maps as the
page has them when it opens, from the same numbers; the page's style sheet gives colours their light or dark form."""

from __future__ import annotations

import html
import math
from typing import Any

from analysis.columns import human
from analysis.line_ends import spread

WIDE, HIGH = 1000, 416  # of curves, in their own units, which are about a pixel
MAP_HIGH = 480
LEFT, TOP, BOTTOM = 80, 12, 44
DASHES = {"dot": "2 4", "dash": "8 5", "dashdot": "8 4 2 4", "longdash": "14 5", "longdashdot": "14 4 2 4"}
STRENGTHS = ((1.25, 0.45), (2.0, 0.68), (math.inf, 0.92))  # as page/map.js has them
LEVEL = ("tied", "close", "undecided")


def tint(style: dict[str, Any]) -> str:
    return f'style="--light:{style["light"]};--dark:{style["dark"]}"'


def text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{html.escape(words)}</text>'


class Axis:
    """From values to places between two ends, straight or in logarithms."""

    def __init__(self, values: list[float], log: bool, ends: tuple[float, float], floor: bool = True) -> None:
        self.log, self.ends = log, ends
        there = [value for value in values if math.isfinite(value) and (value > 0 or not log)] or [1.0]
        low, high = min(there), max(there)
        if log:
            low, high = math.log10(low), math.log10(high)
        elif floor:
            low, high = min(low, 0.0), max(high, 0.0)
        room = 0.04 * (high - low) or 0.5
        self.low, self.high = low - (room if log or low < 0 else 0), high + room

    def __call__(self, value: float) -> float:
        part = ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)
        return self.ends[0] + part * (self.ends[1] - self.ends[0])

    def ticks(self) -> list[float]:
        if self.log:
            decades = range(math.ceil(self.low), math.floor(self.high) + 1)
            if len(decades) > 2:
                return [10.0**power for power in decades[:: -(-len(decades) // 7)]]
            steps = [
                step * 10.0**power
                for power in range(math.floor(self.low), math.ceil(self.high))
                for step in (1, 2, 5)
            ]
            return [step for step in steps if self.low <= math.log10(step) <= self.high]
        rough = (self.high - self.low) / 5
        size = 10 ** math.floor(math.log10(rough))
        step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
        return [step * number for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


def short(value: float, unit: str) -> str:
    """10 ms, not 10.0 ms."""
    number, space, rest = human(value, unit).partition(" ")
    if "." in number and "e" not in number:
        number = number.rstrip("0").rstrip(".")
    return number + space + rest


def frame(x: Axis, y: Axis, names: tuple[dict[str, Any], dict[str, Any]]) -> str:
    left, right, bottom, top = *x.ends, *y.ends
    lines, words = "", ""
    for tick in x.ticks():
        lines += f"M{x(tick):.1f} {bottom:.1f}V{top:.1f}"
        words += text(x(tick), bottom + 18, short(tick, names[0]["unit"]))
    for tick in y.ticks():
        lines += f"M{left:.1f} {y(tick):.1f}H{right:.1f}"
        words += text(left - 6, y(tick) + 4, short(tick, names[1]["unit"]), "end")
    words += text((left + right) / 2, bottom + 38, names[0]["title"])
    middle = (top + bottom) / 2
    words += text(16, middle, names[1]["title"], more=f' transform="rotate(-90 16 {middle:.1f})"')
    return f'<path class="grid" d="{lines}"/><path class="edge" d="M{left} {top}V{bottom}H{right}"/>{words}'


def picture(height: int, body: str) -> str:
    return f'<svg class="still" viewBox="0 0 {WIDE} {height}" aria-hidden="true">{body}</svg>'


def curves(data: dict[str, Any], place: str, x_name: str, y_name: str) -> str:
    """The curves at a point, "0,3"; nothing where none was run there."""
    drawn, styles = data["curves"], data["styles"]
    series = drawn["points"].get(place, [])
    x_of, y_of = (
        next(axis for axis in drawn[key] if axis["name"] == name) for key, name in (("xs", x_name), ("ys", y_name))
    )
    lines = []
    for own in series:
        pairs = zip(*(drawn["arrays"][own["mid"][name]] for name in (x_name, y_name)))
        pairs = [
            (x, y)
            for x, y in pairs
            if x is not None and y is not None and (x > 0 or not x_of["log"]) and (y > 0 or not y_of["log"])
        ]
        if pairs:
            lines.append((own, pairs))
    if not lines:
        return ""
    lost = [y_name in own["diverged"] or abs(p[-1][1]) > 1e3 * max(abs(p[0][1]), 1e-300) for own, p in lines]
    kept = [[y for _, y in p] if not gone else [p[0][1]] for (_, p), gone in zip(lines, lost)]
    right = WIDE - 14 - 8 * max(min(len(own["label"]), 24) for own, _ in lines)
    x = Axis([x for _, p in lines for x, _ in p], x_of["log"], (LEFT, right))
    y = Axis([value for own in kept for value in own], y_of["log"], (HIGH - BOTTOM, TOP))
    body = frame(x, y, (x_of, y_of))
    for target in drawn["targets"]:
        inside = target["metric"] == y_name and (target["value"] > 0 or not y.log)
        if inside and TOP <= y(target["value"]) <= HIGH - BOTTOM:
            body += f'<path class="aim" d="M{LEFT} {y(target["value"]):.1f}H{right}"/>'
            body += text(LEFT + 6, y(target["value"]) - 4, target["text"], "start")
    top, bottom = TOP, HIGH - BOTTOM
    ends = []
    for own, pairs in lines:
        spots = [(x(a), max(top - 20.0, min(y(b), bottom + 20.0))) for a, b in pairs]
        way = "L".join(f"{a:.1f} {b:.1f}" for a, b in spots)
        style = styles[own["label"]]
        dash = style["dash"].replace("px", "")
        known = DASHES.get(dash, "" if dash == "solid" else dash)
        body += f'<path class="curve" {tint(style)} d="M{way}"' + (f' stroke-dasharray="{known}"/>' if known else "/>")
        ends.append((max(top, min(spots[-1][1], bottom)), -spots[-1][0]))
    for (own, _), at in zip(lines, spread(*map(list, zip(*ends)), 16, top + 4, bottom)):
        label = own["label"] if len(own["label"]) <= 24 else own["label"][:23] + "…"
        body += text(right + 8, at + 4, label, "start", f' class="name" {tint(styles[own["label"]])}')
    return picture(HIGH, body)


def edges(scale: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Where values stand on a map's axis, and the borders half-way between."""
    at = [float(number) for number in range(len(scale["texts"]))]
    if scale["values"] is not None:
        at = [math.log10(value) if scale["log"] else value for value in scale["values"]]
    if len(at) == 1:
        return at, [at[0] - 0.5, at[0] + 0.5]
    middle = [(a + b) / 2 for a, b in zip(at, at[1:])]
    return at, [2 * at[0] - middle[0], *middle, 2 * at[-1] - middle[-1]]


def winner_map(data: dict[str, Any], place: str) -> str:
    """Who is first, to the first target, by the first cost."""
    drawn, styles = data["map"], data["styles"]
    others = [[own["pointer"] for own in data["pointers"]].index(pointer) for pointer in drawn["others"]]
    key = f"0|{drawn['costs'][0]['name']}|{','.join(place.split(',')[number] for number in others)}"
    cells = drawn["verdicts"].get(key)
    if not cells:
        return ""
    left, right, bottom, top = LEFT + 30, WIDE - 180, MAP_HIGH - BOTTOM, TOP
    (at_x, borders_x), (at_y, borders_y) = edges(drawn["x"]), edges(drawn["y"])
    x = [left + (value - borders_x[0]) / (borders_x[-1] - borders_x[0]) * (right - left) for value in borders_x]
    y = [bottom + (value - borders_y[0]) / (borders_y[-1] - borders_y[0]) * (top - bottom) for value in borders_y]
    body, winners, level = "", [], False
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            if not cell or cell[0] == "nobody":
                continue
            box = f'x="{x[column]:.1f}" y="{y[row + 1]:.1f}" width="{x[column + 1] - x[column]:.1f}"'
            box += f' height="{y[row] - y[row + 1]:.1f}"'
            if cell[0] in LEVEL:
                level = True
                body += f'<rect class="level" {box}/>'
                continue
            label = drawn["labels"][cell[1][0]]
            if label not in winners:
                winners.append(label)
            factor = math.inf if cell[2] is None else cell[2]
            strength = next(own for limit, own in STRENGTHS if factor <= limit)
            body += f'<rect class="land" {tint(styles[label])} fill-opacity="{strength}" {box}/>'
    for axis, values, most in (("x", at_x, 9), ("y", at_y, 16)):
        step = -(-len(values) // most)
        for number in range(0, len(values), step):
            name, borders = drawn[axis]["texts"][number], borders_x if axis == "x" else borders_y
            part = (values[number] - borders[0]) / (borders[-1] - borders[0])
            if axis == "x":
                body += text(left + part * (right - left), bottom + 18, name)
            else:
                body += text(left - 6, bottom + part * (top - bottom) + 4, name, "end")
    body += text((left + right) / 2, bottom + 38, drawn["x"]["title"])
    middle = (top + bottom) / 2
    body += text(16, middle, drawn["y"]["title"], more=f' transform="rotate(-90 16 {middle:.1f})"')
    body += f'<path class="edge" d="M{left} {top}H{right}V{bottom}H{left}Z"/>'
    names = [(f'class="land" {tint(styles[label])}', label) for label in sorted(winners, key=drawn["labels"].index)]
    for number, (look, label) in enumerate([*names, *([('class="level"', "not decided")] if level else [])]):
        body += f'<rect {look} x="{right + 14}" y="{top + 24 * number}" width="16" height="12"/>'
        body += text(right + 36, top + 24 * number + 10, label, "start")
    return picture(MAP_HIGH, body)

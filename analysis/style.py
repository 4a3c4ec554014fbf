"""Colours, dashes and markers of methods, the same in every figure and report, and the look of the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Okabe and Ito's colours without the yellow, which white paper swallows, and Tol's wine, sand and indigo; orange and sky
# blue are darker than theirs, so that all have a contrast of 3 to 1 with white (WCAG 2.1). Told apart by colour-blind
# readers; the second of each pair is its like on a dark page.
# fmt: off
PALETTE: list[tuple[str, str]] = [
    ("#000000", "#f0f0f0"), ("#bd8000", "#f0b429"), ("#2e96d2", "#6cc4f5"), ("#009e73", "#1fc79a"),
    ("#cc79a7", "#e59cc3"), ("#d55e00", "#ff8a3d"), ("#0072b2", "#4aa8e8"), ("#882255", "#d0648f"),
    ("#999933", "#c9c95a"), ("#332288", "#9a8cf0"),
]
# Matplotlib's dashes, each with its like of Plotly's.
DASHES: list[tuple[Any, str]] = [
    ("-", "solid"), ((0, (1, 1.2)), "dot"), ((0, (5, 1.6)), "dash"), ((0, (6, 1.5, 1, 1.5)), "dashdot"),
    ((0, (3, 1)), "5px 3px"), ((0, (8, 2)), "longdash"), ((0, (4, 1.2, 1, 1.2, 1, 1.2)), "longdashdot"),
]
FIRST_DASH = [0, 1, 2, 0, 3, 0, 4, 0, 5, 6]  # of each colour; those that share it take the ones after
# fmt: on
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h"]

# Methods that stand in many figures keep their colour from one scenario to the next.
# fmt: off
USUAL = {"gd": 0, "sgd": 0, "signgd": 1, "signsgd": 1, "signum": 1, "ef-signgd": 2, "ef-signsgd": 2, "lag-wk": 3,
         "stochastic-lag-wk": 3, "le-signgd": 4, "lasg-wk2": 4, "lag-ps": 5, "lasg-wk1": 5, "qgd": 6, "qsgd": 6,
         "laq": 7, "slaq": 7, "local-sgd": 8, "fedavg": 8, "lasg-ps": 9}
# fmt: on


def plain(text: str) -> str:
    """Text as text: matplotlib would set what stands between dollars as mathematics, and a font has no controls."""
    escaped = "".join(
        f"\\x{ord(c):02X}" if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 else c for c in str(text)
    )
    return escaped.replace("$", r"\$")


def in_legend(label: str) -> str:
    """A label for a legend, which would leave out one that begins with an underscore."""
    return plain(f" {label}" if label.startswith("_") else label)


@dataclass(frozen=True)
class Style:
    colour: str
    dark: str
    dash: Any
    plotly_dash: str
    marker: str


def styles(entries: list[tuple[str, str]], labels: list[str]) -> dict[str, Style]:
    """A style for each label. `entries` are the scenario's (label, method), drawn or not: to leave a method out of a
    figure does not recolour the others. Those that share a colour differ in dashes; from 71 on in markers alone."""
    everyone = [*entries, *((label, "") for label in labels if label not in dict(entries))]
    place: dict[str, int] = {}
    for label, method in everyone:  # who has a usual colour is served first
        if method in USUAL and USUAL[method] not in place.values():
            place[label] = USUAL[method]
    free = (number for number in range(len(everyone) + len(PALETTE)) if number not in set(place.values()))
    for label, _ in everyone:
        if label not in place:
            place[label] = next(free)
    return {label: style(number) for label, number in place.items()}


def style(number: int) -> Style:
    colour, turn = number % len(PALETTE), number // len(PALETTE)
    dash, plotly_dash = DASHES[(FIRST_DASH[colour] + turn) % len(DASHES)]
    return Style(*PALETTE[colour], dash, plotly_dash, MARKERS[number % len(MARKERS)])


def figure_defaults() -> dict[str, Any]:
    """For a column or a page of a paper: 8 to 9 points, thin lines, text that stays text, the same bytes every time."""
    return {
        "font.size": 9,
        "font.family": ["sans-serif"],
        # An SVG's text is set by whoever shows it: Verdana and Arial run about as wide, Verdana nearly the same.
        "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
        "svg.fonttype": "none",
        "axes.titlesize": 9,
        "axes.labelsize": 9,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.fontsize": 8.5,
        "lines.linewidth": 1.5,
        "lines.markersize": 4.5,
        "axes.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.linewidth": 0.5,
        "grid.alpha": 0.35,
        "xtick.major.width": 0.7,
        "ytick.major.width": 0.7,
        "pdf.fonttype": 42,
        "svg.hashsalt": "laconic",
        "hatch.linewidth": 0.6,
        "hatch.color": "#808080",
        "legend.frameon": False,
        "path.simplify": True,
    }

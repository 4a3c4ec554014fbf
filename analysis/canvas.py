"""A figure of exactly the width that was asked for: legends and titles are wrapped until they fit."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.transforms import Bbox

from analysis.errors import InputError
from analysis.style import in_legend, plain

PAD = 0.04  # inches around what is drawn, above and below
WRAPS = (60, 40, 28, 20, 14, 10)  # characters of a line of a label


def wrapped(text: str, inches: float, size: float = 9) -> str:
    """Lines that fit into so many inches, for a font of `size` points."""
    characters = max(8, int(inches * 72 / (0.6 * size)))
    return "\n".join(textwrap.fill(line, characters) for line in text.splitlines())


def legend(figure: plt.Figure, handles: list[Any], labels: list[str], title: str = "", **how: Any) -> Any:
    """A legend of as few rows as the figure's width allows, with columns as equal as can be."""
    width = figure.get_figwidth()
    bold = how.get("title_fontproperties", {}).get("weight") == "bold"
    title = plain(wrapped(title, width, how.get("title_fontsize", 10) * (1.1 if bold else 0.9)))

    def make(columns: int, wrap: int) -> Any:
        words = [in_legend(textwrap.fill(label, wrap) if len(label) > wrap else label) for label in labels]
        return figure.legend(handles, words, ncol=columns, title=title or None, **how)

    even = dict.fromkeys(-(-len(labels) // rows) for rows in range(1, len(labels) + 1))  # columns of equal length
    for wrap in WRAPS:
        if wrap != WRAPS[0] and max(map(len, labels)) <= wrap:
            continue
        for columns in even:
            made = make(columns, wrap)
            if made.get_window_extent(figure.canvas.get_renderer()).width <= (width - 2 * PAD) * figure.dpi:
                return made
            made.remove()
    return make(1, WRAPS[-1])


def save(figure: plt.Figure, out: Path) -> None:
    """Under a temporary name first: no reader ever sees half a figure. Without a date: the same bytes every time. As
    wide as the figure, and as high as what is drawn."""
    kind = out.suffix.lstrip(".").lower()
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    figure.canvas.draw()
    drawn = figure.get_tightbbox(figure.canvas.get_renderer())
    box = Bbox.from_extents(0, drawn.y0 - PAD, figure.get_figwidth(), drawn.y1 + PAD)
    partial = out.with_name(f".{out.name}.partial")
    try:
        figure.savefig(partial, format=kind, metadata=dates.get(kind), dpi=220, bbox_inches=box)
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"--out: cannot write {out}: {error.strerror}") from error

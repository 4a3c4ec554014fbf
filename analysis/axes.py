"""Scales, ticks and titles of an axis."""
from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from analysis import columns

WIDE = 30  # of the largest by the least value: from here on an axis is logarithmic


def wants_log(name: str, ends: list[np.ndarray], forced: bool | None, least_and_most: bool) -> bool:
    """Whether an axis is logarithmic. `ends` are what it would show: all values, or each curve's last."""
    values = np.concatenate([end[np.isfinite(end)] for end in ends]) if ends else np.array([])
    if forced is not None:
        return forced
    column = columns.describe(name)
    if not (values > 0).any():
        return False
    if column.log is not None:
        return column.log
    if (values < 0).any() or not least_and_most:
        return False
    positive = values[values > 0]
    return bool(positive.max() >= WIDE * positive.min())


def dress(axis: Any, name: str, log: bool, most: float) -> None:
    """Title with its unit, and ticks that people can read. `axis` is panel.xaxis or panel.yaxis."""
    column = columns.describe(name)
    unit, factor = column.unit, 1.0
    if unit == "s":
        unit, factor = ("h", 3600.0) if most > 10000 else ("s", 1.0)
    axis.set_label_text(column.title + (f" ({unit})" if unit and unit in ("s", "h") else ""))
    if log:
        axis.set_major_locator(LogLocator(numticks=6))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if column.unit == "s":
        if not log or most > 10000:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / factor:.6g}"))
            if factor != 1 and not log:
                axis.set_major_locator(scaled_locator(factor))
    elif column.unit or (not log and most >= 10000):
        axis.set_major_formatter(EngFormatter(unit=column.unit, sep=" " if column.unit else ""))


class scaled_locator(MaxNLocator):
    """Round numbers of hours on an axis in seconds."""

    def __init__(self, factor: float) -> None:
        super().__init__(5, steps=[1, 2, 5, 10])
        self.factor = factor

    def tick_values(self, low: float, high: float) -> Any:
        return super().tick_values(low / self.factor, high / self.factor) * self.factor

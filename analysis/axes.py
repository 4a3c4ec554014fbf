"""Scales, ticks and titles of an axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import EngFormatter, FixedLocator, FuncFormatter, LogFormatter, MaxNLocator, NullFormatter

from analysis import columns
from analysis.style import plain

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
    if unit == "s" and not log:
        factor, unit = next(((factor, name) for limit, factor, name in columns.TIMES if most >= limit), (1.0, "s"))
    axis.set_label_text(plain(column.title) + (f" ({unit})" if column.unit == "s" else ""))
    if not log:
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if column.unit == "s":
        if not log:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / factor:.6g}"))
            axis.set_major_locator(ScaledLocator(factor))
    elif column.unit or (not log and most >= 10000):
        axis.set_major_formatter(EngFormatter(unit=column.unit, sep=" " if column.unit else ""))


def tick_log(axis: Any) -> None:
    """Three to six labels on a logarithmic axis whose limits are set, for ninety decades or a quarter of one."""
    across = axis.axis_name == "x"
    low, high = axis.axes.get_xlim() if across else axis.axes.get_ylim()
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    most = 6 if not across or isinstance(axis.get_major_formatter(), LogFormatter) else 4

    def within(values: Any) -> list[float]:
        return [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]

    decades = range(first, last + 1)
    choices = [
        within(10.0**power for power in decades if power % step == 0) for step in (200, 100, 50, 20, 10, 5, 3, 2, 1)
    ]
    choices += [
        within(part * 10.0**power for power in decades for part in parts)
        for parts in ((1, 3), (1, 2, 5), (1, 2, 3, 5, 7), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9))
    ]
    fitting = [values for values in choices if len(values) <= most]
    enough = [values for values in fitting if len(values) >= 3] or [values for values in fitting if len(values) == 2]
    values = enough[0] if enough else within(MaxNLocator(3).tick_values(low, high))
    axis.set_major_locator(FixedLocator(values))
    between = (
        within(10.0**power for power in decades)
        if last - first > 6
        else within(part * 10.0**power for power in decades for part in range(1, 10))
    )
    axis.set_minor_locator(
        FixedLocator([value for value in between if value not in values] if len(between) < 100 else [])
    )
    axis.set_minor_formatter(NullFormatter())
    if isinstance(axis.get_major_formatter(), LogFormatter) and any(
        abs(np.log10(value) % 1) > 1e-9 for value in values
    ):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


class ScaledLocator(MaxNLocator):
    """Round numbers of minutes or hours on an axis in seconds."""

    def __init__(self, factor: float) -> None:
        super().__init__(5, steps=[1, 2, 5, 10])
        self.factor = factor

    def tick_values(self, low: float, high: float) -> Any:
        return super().tick_values(low / self.factor, high / self.factor) * self.factor

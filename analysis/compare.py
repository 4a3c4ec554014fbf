"""laconic compare: a simulated run and the same one deployed."""

from __future__ import annotations

import argparse
import json
import logging
from typing import Any

logging.getLogger("matplotlib").setLevel(logging.ERROR)  # which fonts and folders it looks for is no user's concern
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from analysis import progress
from analysis.agreement import Agreement, agreement_of
from analysis.agreement_figure import draw
from analysis.canvas import save
from analysis.columns import human
from analysis.command import Parser, destination
from analysis.results import read
from analysis.style import figure_defaults

FORMATS = ("pdf", "svg", "png", "eps")


def parser() -> Parser:
    out = Parser(
        prog="laconic compare",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Holds the times of a simulated run to those of the same scenario deployed: errors by method, how "
        "far the two\nagree on who is first at each target, and a figure. "
        "What was learned must be the same in both.",
    )
    out.add_argument("simulated", metavar="SIMULATED", help="the result folder of laconic run or laconic replay")
    out.add_argument("deployed", metavar="DEPLOYED", help="the result folder of laconic deploy")
    out.add_argument("--out", metavar="FILE", help="a figure, simulated against measured: .pdf, .svg, .png or .eps")
    out.add_argument("--json", action="store_true", help="print all numbers as JSON, and nothing else")
    progress.add_option(out)
    return out


def main(arguments: list[str]) -> None:
    plt.rcParams.update(figure_defaults())
    asked = parser().parse_args(arguments)
    progress.begin(asked.progress)
    simulated, deployed = read(asked.simulated), read(asked.deployed)
    out = destination(asked.out, deployed.folder, FORMATS) if asked.out else None
    found = agreement_of(simulated, deployed)
    if out:
        save(draw(found), out)
    progress.clear()
    if asked.json:
        print(json.dumps(told(found), indent=2))
        return
    print(table(found))
    if out:
        print(f"\n{out}")


def percent(x: float) -> str:
    return f"{100 * x:.1f} %"


def table(found: Agreement) -> str:
    """By method, then by target."""
    rows = [["", "rows", "median |error|", "median error", "worst", "measured", "simulated"]]
    for one in found.methods:
        rows.append(
            [one.label, str(one.rows), percent(one.median), f"{100 * one.shift:+.1f} %", percent(one.worst)]
            + [human(one.measured, "s"), human(one.simulated, "s")]
        )
    parts = [aligned(rows)]
    for target in found.targets:
        rows = [[f"to {target.target}", "measured", "simulated", "error"]]
        for label, measured, simulated in target.times:
            error = "-" if measured is None or simulated is None else f"{100 * (simulated / measured - 1):+.1f} %"
            rows.append([label, *("-" if x is None else human(x, "s") for x in (measured, simulated)), error])
        tau = "fewer than two methods differ" if target.tau is None else f"{target.tau:.2f}"
        parts.append(f"{aligned(rows)}\nKendall's tau-b of the rankings: {tau}")
    return "\n\n".join(parts)


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join([row[0].ljust(widths[0]), *(x.rjust(w) for x, w in zip(row[1:], widths[1:]))]) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def told(found: Agreement) -> dict[str, Any]:
    return {
        "simulated": str(found.simulated),
        "deployed": str(found.deployed),
        "methods": [
            {
                "algorithm": one.label,
                "rows": one.rows,
                "median_error": one.median,
                "median_shift": one.shift,
                "worst_error": one.worst,
                "measured_s": one.measured,
                "simulated_s": one.simulated,
            }
            for one in found.methods
        ],
        "targets": [
            {
                "target": str(target.target),
                "metric": target.target.metric,
                "value": target.target.value,
                "kendall_tau_b": target.tau,
                "times": [
                    {"algorithm": label, "measured_s": measured, "simulated_s": simulated}
                    for label, measured, simulated in target.times
                ],
            }
            for target in found.targets
        ],
    }

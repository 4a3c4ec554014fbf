#!/usr/bin/python3
"""Loss gap against rounds, uploaded bits and simulated time, from a run's trajectory.csv.

    /usr/bin/python3 analysis/curves.py results/quickstart curves.svg

Needs Debian's python3-matplotlib.
"""
import csv
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt

# Okabe and Ito's colours, told apart by colour-blind readers too; the dashes help in black and white.
STYLES = list(zip(["#000000", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#0072B2"],
                  ["-", ":", "--", "-", "-.", "-", "--"]))
AXES = [("round", "rounds"), ("upload_bits", "uploaded bits"), ("sim_time_s", "simulated time, s")]
POINTS = 400  # a curve: more would only make the file large


def read(folder):
    """{algorithm: {column: [number or None]}} of a result folder."""
    curves = defaultdict(lambda: defaultdict(list))
    with open(Path(folder) / "trajectory.csv", newline="") as file:
        for row in csv.DictReader(file):
            for column in ("loss_gap", *(name for name, _ in AXES)):
                curves[row["algorithm"]][column].append(float(row[column]) if row[column] else None)
    return curves


def main(folder, out):
    curves = read(folder)
    plt.rcParams.update({"svg.hashsalt": "laconic", "font.size": 9})
    figure, panels = plt.subplots(1, 3, figsize=(10, 3.1), sharey=True, layout="constrained")
    for panel, (column, title) in zip(panels, AXES):
        for (name, curve), (colour, dashes) in zip(curves.items(), STYLES):
            n = len(curve["round"])
            keep = sorted({min(n - 1, round(n ** (i / POINTS)) - 1) for i in range(POINTS + 1)} | set(range(min(n, 50))))
            keep = [i for i in keep if curve[column][i] or column != "upload_bits"]  # 0 has no place on a log axis
            panel.plot([curve[column][i] for i in keep], [curve["loss_gap"][i] for i in keep], dashes, color=colour, label=name)
        panel.set(xlabel=title, yscale="log")
        panel.grid(alpha=0.3)
    panels[1].set_xscale("log")
    panels[0].set_ylabel("loss gap")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="lower center", bbox_to_anchor=(0.5, 1),
                  ncol=len(curves), frameon=False)
    figure.savefig(out, metadata={"Date": None} if out.endswith(".svg") else None, dpi=200,
                   bbox_inches="tight")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])

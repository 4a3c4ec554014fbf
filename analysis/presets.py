"""The axes of papers' figures, and sizes of pages. A preset is what `laconic plot` would be told otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    about: str
    x: str = ""
    y: str = ""
    log: tuple[str, ...] = ()  # columns on logarithmic axes
    width: float | None = None  # inches
    height: float | None = None

    @property
    def is_size(self) -> bool:
        """Of a page, not the axes of a paper's figure."""
        return self.width is not None


PRESETS: dict[str, Preset] = {
    "le-fig1": Preset(
        "LE, Fig. 1 (synthetic): loss gap against iterations, uploads and bits",
        "round,uploads,upload_bits",
        "loss_gap",
        ("uploads", "upload_bits"),
    ),
    "le-fig1-per-sample": Preset(
        "LE, Fig. 1, with one term a sample: loss gap against iterations, uploads and bits",
        "round,uploads,upload_bits",
        "loss_gap",
        ("uploads", "upload_bits"),
    ),
    "le-fig2": Preset(
        "LE, Fig. 2 (Gisette): loss gap against iterations, uploads and bits",
        "round,uploads,upload_bits",
        "loss_gap",
        ("uploads", "upload_bits"),
    ),
    "le-fig3": Preset(
        "LE, Fig. 3: norm of the gradient against iterations, uploads and bits",
        "round,uploads,upload_bits",
        "grad_norm",
        ("uploads", "upload_bits"),
    ),
    "le-fig3-gisette": Preset(
        "LE, Fig. 3 (Gisette): norm of the gradient against iterations, uploads and bits",
        "round,uploads,upload_bits",
        "grad_norm",
        ("uploads", "upload_bits"),
    ),
    "lasg-fig2": Preset(
        "LASG, Fig. 2 (synthetic): loss against iterations, uploads and gradients",
        "round,uploads,flops",
        "loss",
        ("loss", "uploads", "flops"),
    ),
    "lasg-fig3": Preset(
        "LASG, Fig. 3 (covtype): as its Fig. 2", "round,uploads,flops", "loss", ("loss", "uploads", "flops")
    ),
    "lasg-fig4": Preset(
        "LASG, Fig. 4 (MNIST 3 and 5): as its Fig. 2", "round,uploads,flops", "loss", ("loss", "uploads", "flops")
    ),
    "lasg-fig5": Preset(
        "LASG, Fig. 5 (ijcnn1): as its Fig. 2", "round,uploads,flops", "loss", ("loss", "uploads", "flops")
    ),
    "lasg-fig6-7": Preset(
        "LASG, Fig. 6 and 7 (MNIST, CNN): loss and accuracy against iterations and uploads",
        "round,uploads",
        "loss,accuracy",
        ("uploads",),
    ),
    "lasg-fig8-9": Preset(
        "LASG, Fig. 8 and 9 (the same, more workers)", "round,uploads", "loss,accuracy", ("uploads",)
    ),
    "lasg-fig10-11": Preset(
        "LASG, Fig. 10 and 11 (Tiny ImageNet): loss and accuracy against iterations and uploads",
        "round,uploads",
        "loss,accuracy",
        ("uploads",),
    ),
    "spars-fig1": Preset(
        "SPARS, Fig. 1: loss and accuracy against rounds and uploaded bits",
        "round,upload_bits",
        "loss,accuracy",
        ("upload_bits",),
    ),
    "scaled-example1": Preset("SCALED, Example 1 (toy): loss against iterations", "round", "loss", ("loss",)),
    "scaled-fig1": Preset("SCALED, Fig. 1 (toy): loss against iterations", "round", "loss", ("loss",)),
    "scaled-fig2": Preset(
        "SCALED, Fig. 2 (epsilon, one worker): loss gap against iterations and bits", "round,upload_bits", "loss_gap"
    ),
    "scaled-fig3": Preset(
        "SCALED, Fig. 3 (epsilon, one worker and three): loss gap against iterations and bits",
        "round,upload_bits",
        "loss_gap",
    ),
    "mh-fig1": Preset(
        "MH, Fig. 1 (toy with noise): loss against iterations, with the range of its trials", "round", "loss", ("loss",)
    ),
    "mh-fig2": Preset("MH, Fig. 2 (MNIST, CNN): loss and accuracy against iterations", "round", "loss,accuracy"),
    "mish-quadratic": Preset(
        "MISH, on a quadratic function: loss gap against gradients and simulated time",
        "uploads,sim_time_s",
        "loss_gap",
        ("uploads", "sim_time_s"),
    ),
    "ringmaster-quadratic": Preset(
        "RINGMASTER, on a quadratic function: loss gap against simulated time, gradients and updates",
        "sim_time_s,uploads,round",
        "loss_gap",
        ("sim_time_s", "uploads", "round"),
    ),
    "shadowheart-time": Preset(
        "SHADOW, on a quadratic function: norm of the gradient against simulated time, uploaded bits and updates",
        "sim_time_s,upload_bits,round",
        "grad_norm",
        ("sim_time_s", "upload_bits", "round"),
    ),
    "choco-ring": Preset(
        "CHOCO, logistic regression on a ring: loss gap against rounds and uploaded bits",
        "round,upload_bits",
        "loss_gap",
        ("round", "upload_bits"),
    ),
    "sparq-ring": Preset(
        "SPARQ, logistic regression on a ring: loss gap against iterations and uploaded bits",
        "iterations,upload_bits",
        "loss_gap",
        ("iterations", "upload_bits"),
    ),
    "exact-diffusion-bias": Preset(
        "EXDIFF, logistic regression on a ring: loss gap against rounds", "round", "loss_gap"
    ),
    "lasg-graph": Preset(
        "what lasg-graph saves: loss gap against messages and rounds",
        "uploads,round",
        "loss_gap",
        ("uploads", "round"),
    ),
    "cost": Preset(
        "what no paper shows: the metric against rounds, uploaded bits, all bits and simulated time",
        "round,upload_bits,bits,sim_time_s",
    ),
    "column": Preset("a paper's column: one panel, 3.4 inches wide", "sim_time_s", width=3.4, height=2.4),
    "page": Preset(
        "a paper's page: three panels, 7 inches wide", "round,upload_bits,sim_time_s", width=7.0, height=2.2
    ),
    # Widths by the publishers' instructions for authors: ICML, IEEE and Nature have two columns, NeurIPS one.
    "icml": Preset("ICML, a column: 3.25 inches", "sim_time_s", width=3.25, height=2.3),
    "icml-page": Preset("ICML, both columns: 6.75 inches", "round,upload_bits,sim_time_s", width=6.75, height=2.1),
    "ieee": Preset("IEEE, a column: 3.5 inches", "sim_time_s", width=3.5, height=2.4),
    "ieee-page": Preset("IEEE, both columns: 7.16 inches", "round,upload_bits,sim_time_s", width=7.16, height=2.2),
    "nature": Preset("Nature, a column: 89 mm", "sim_time_s", width=89 / 25.4, height=2.4),
    "nature-page": Preset("Nature, both columns: 183 mm", "round,upload_bits,sim_time_s", width=183 / 25.4, height=2.2),
    "neurips": Preset("NeurIPS, its text: 5.5 inches", "upload_bits,sim_time_s", width=5.5, height=2.2),
    "slide": Preset("a slide: one panel, 8 inches wide", "sim_time_s", width=8.0, height=4.2),
}


def preset_named(name: str) -> Preset | None:
    """A figure that a scenario draws together with its neighbour has three names: lasg-fig6-7, lasg-fig6, lasg-fig7."""
    return PRESETS.get(name) or next((preset for known, preset in PRESETS.items() if name in parts_of(known)), None)


def parts_of(name: str) -> list[str]:
    pair = re.fullmatch(r"(.*-fig)(\d+)-(\d+)", name)
    return [pair[1] + pair[2], pair[1] + pair[3]] if pair else []

"""laconic plot: a figure from one or several results."""

from __future__ import annotations

import argparse
import logging
import re
import warnings
from typing import Any

logging.getLogger("matplotlib").setLevel(logging.ERROR)  # which fonts and folders it looks for is no user's concern
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from analysis import columns, curves, profile, profile_figure, progress, winner_map, winners
from analysis.canvas import save
from analysis.command import Parser, destination
from analysis.curves import Look
from analysis.errors import InputError, note, unknown
from analysis.listing import listing
from analysis.presets import PRESETS, preset_named
from analysis.results import read
from analysis.study import APART, Study, narrow, together
from analysis.style import figure_defaults

FORMATS = ("pdf", "svg", "png", "eps")


def parser() -> Parser:
    out = Parser(
        prog="laconic plot",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Draws results of laconic run and laconic sweep: a metric against rounds, uploads, bits or time, "
        "with medians\nand ranges over seeds, or, with --winner-map, "
        "which method reaches a target first on which network.",
        epilog="columns: "
        + ", ".join(columns.COLUMNS)
        + "\n\npresets:\n"
        + "\n".join(f"  {name:<13} {preset.about}" for name, preset in PRESETS.items()),
    )
    out.add_argument("results", nargs="+", metavar="RESULTS", help="result folders")
    out.add_argument(
        "--out", metavar="FILE", help="the figure: .pdf, .svg, .png or .eps (default: figure.pdf in the first result)"
    )
    out.add_argument(
        "--x", metavar="COLUMN,...", help="what the panels have across (default: round,upload_bits,sim_time_s)"
    )
    out.add_argument("--y", metavar="COLUMN,...", help="what they have up (default: loss_gap, or else loss)")
    out.add_argument("--panels", metavar="X:Y,...", help="the panels one by one, e.g. round:loss,sim_time_s:accuracy")
    out.add_argument("--only", metavar="LABEL", action="append", help="draw this algorithm; may be repeated")
    out.add_argument(
        "--baseline", metavar="LABEL", help="below each panel the ratio of y to this algorithm's at the same x"
    )
    out.add_argument(
        "--facet", metavar="/POINTER", action="append", help="a row of panels for each swept value; may be repeated"
    )
    out.add_argument(
        "--at",
        metavar="/POINTER=VALUE",
        action="append",
        default=[],
        help="of a sweep, this value alone; may be repeated",
    )
    out.add_argument(
        "--log",
        metavar="AXIS",
        action="append",
        default=[],
        help="a logarithmic axis: x, y or a column; may be repeated",
    )
    out.add_argument(
        "--linear", metavar="AXIS", action="append", default=[], help="a linear axis: x, y or a column; may be repeated"
    )
    out.add_argument(
        "--xlim", metavar="FROM,TO", help="the range of x; as --ylim, write --ylim=-1,1 if it starts below 0"
    )
    out.add_argument("--ylim", metavar="FROM,TO", help="the range of y")
    out.add_argument("--preset", metavar="NAME", help="the axes of a paper's figure, or a page's size: see below")
    out.add_argument(
        "--winner-map", action="store_true", help="which method reaches --target first, over two swept values"
    )
    out.add_argument(
        "--target",
        metavar="METRIC=VALUE",
        help="e.g. loss_gap=1e-3: a line, and who is the first there; of a map: default the scenario's own",
    )
    out.add_argument(
        "--profile",
        action="store_true",
        help="over all networks and results: the share of cases in which a method is within a factor of the best",
    )
    out.add_argument(
        "--sensitivity",
        metavar="PARAMETER",
        help="of a result that was tuned: what its trials reached against this parameter, or against the budget",
    )
    out.add_argument(
        "--cost", metavar="COLUMN", help="of a map or profile: what the best needs least of (default: sim_time_s)"
    )
    out.add_argument(
        "--map-x", metavar="/POINTER", help="the map's swept value across (default: /platform/latency, or the first)"
    )
    out.add_argument("--map-y", metavar="/POINTER", help="and up (default: /platform/bandwidth, or the second)")
    out.add_argument("--title", metavar="TEXT", default="", help="the figure's title")
    out.add_argument("--width", metavar="INCHES", help="the figure's width")
    out.add_argument("--height", metavar="INCHES", help="the height of a panel")
    out.add_argument("--list", action="store_true", help="say what the results can be drawn as, and draw nothing")
    out.add_argument("--no-band", action="store_true", help="no ranges over seeds")
    out.add_argument("--no-legend", action="store_true", help="no legend")
    progress.add_option(out)
    return out


def main(arguments: list[str]) -> None:
    plt.rcParams.update(figure_defaults())
    asked = parser().parse_args(arguments)
    progress.begin(asked.progress)
    results = [read(given) for given in asked.results]
    out = destination(asked.out, results[0].folder / "figure.pdf", FORMATS)
    study = Study(results, [{} for _ in results]) if asked.profile else together(results)
    if asked.list:
        refuse_beside_list(asked)
        progress.clear()
        print(listing(study))
        return
    look = look_of(asked)
    refuse_idle(asked, study)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        draw = draw_map if asked.winner_map else draw_profile if asked.profile else draw_curves
        figure = (draw_sensitivity if asked.sensitivity else draw)(study, asked, look)
        save(figure, out)
    unknown_letters([str(warning.message) for warning in told])
    progress.clear()
    print(out)


def unknown_letters(told: list[str]) -> None:
    """Of matplotlib's warnings the one that concerns a user: letters that the fonts here lack, but for an SVG's."""
    codes = sorted({int(found[1]) for text in told if (found := re.match(r"Glyph (\d+) ", text))})
    if codes:
        note(f"no font here has {' '.join(map(chr, codes))}: an empty box stands for it")


def refuse_idle(asked: argparse.Namespace, study: Study) -> None:
    """Options that would change nothing are refused: whoever gives one expects it to."""
    given = [name for name in ("winner_map", "profile", "sensitivity") if getattr(asked, name)]
    if len(given) > 1:
        raise InputError(f"{' and '.join(option_of(name) for name in given)}: expected one of them")
    kind = given[0] if given else ""
    for option in ("cost", "map_x", "map_y"):
        if getattr(asked, option) and kind != "winner_map" and not (option == "cost" and kind == "profile"):
            raise InputError(f"{option_of(option)} has a meaning for --winner-map alone")
    if kind:
        idle = ["x", "y", "panels", "baseline", "xlim", "ylim", "log", "linear", "no_band"]
        idle += {"profile": ["facet"], "sensitivity": ["facet", "target"]}.get(kind, [])
        for option in idle:
            if getattr(asked, option):
                raise InputError(f"{option_of(option)} has no meaning for {option_of(kind)}")
    elif asked.no_band and study.rows([]).groupby([*study.pointers, "algorithm"])["seed"].nunique().max() < 2:
        raise InputError("--no-band: there is one seed, and no band over seeds")
    preset = preset_of(asked)
    if not preset or preset.is_size:
        return
    sizes = ", ".join(name for name, known in PRESETS.items() if known.is_size)
    if kind:
        raise InputError(
            f"--preset {asked.preset}: axes of curves have no meaning for {option_of(kind)}; sizes have: {sizes}"
        )
    if asked.panels or (asked.x and asked.y):
        raise InputError(
            f"--preset {asked.preset}: the axes that are named leave it none; sizes have a meaning: {sizes}"
        )


def refuse_beside_list(asked: argparse.Namespace) -> None:
    """It draws nothing: options of a figure would change nothing."""
    usual = vars(parser().parse_args(asked.results))
    for name, value in vars(asked).items():
        if name not in ("results", "list", "progress") and value != usual[name]:
            raise InputError(f"{option_of(name)} has no meaning for --list, which draws nothing")


def option_of(name: str) -> str:
    return "--" + name.replace("_", "-")


def look_of(asked: argparse.Namespace) -> Look:
    preset = preset_of(asked)
    log = {name: True for name in preset.log} if preset else {}
    known = ["x", "y", *columns.COLUMNS]
    for option, names, value in (("--log", asked.log, True), ("--linear", asked.linear, False)):
        for given in names:
            name = columns.ALIASES.get(given, given)
            if name not in known:
                raise unknown(option, given, known)
            log[name] = value
    both = set(asked.log) & set(asked.linear)
    if both:
        raise InputError(f"--log and --linear: both name {both.pop()}")
    return Look(
        log,
        {"x": limits("--xlim", asked.xlim), "y": limits("--ylim", asked.ylim)},
        asked.title,
        inches("--width", asked.width) or (preset and preset.width),
        inches("--height", asked.height) or (preset and not asked.winner_map and preset.height) or None,
        "none" if asked.no_band else "range",
        not asked.no_legend,
    )


def preset_of(asked: argparse.Namespace) -> Any:
    preset = preset_named(asked.preset) if asked.preset else None
    if asked.preset and not preset:
        raise unknown("--preset", asked.preset, PRESETS)
    return preset


def limits(option: str, given: str | None) -> tuple[float, float] | None:
    if given is None:
        return None
    try:
        low, high = (float(part) for part in given.split(","))
        if low < high:
            return low, high
    except ValueError:
        pass
    raise InputError(f'{option}: expected two rising numbers, e.g. 1e-6,10, got "{given}"')


def inches(option: str, given: str | None) -> float | None:
    if given is None:
        return None
    try:
        if 1 <= float(given) <= 60:
            return float(given)
    except ValueError:
        pass
    raise InputError(f'{option}: expected inches, from 1 to 60, got "{given}"')


def axes_of(study: Study, asked: argparse.Namespace) -> list[tuple[str, str]]:
    """(x, y) of each panel of a row."""
    present, preset = study.present, preset_of(asked)
    if asked.panels:
        if asked.x or asked.y:
            raise InputError("--panels names both axes: leave --x and --y away")
        pairs = [panel.partition(":")[::2] for panel in asked.panels.split(",")]
        if not all(x and y for x, y in pairs):
            raise InputError(f'--panels: expected X:Y,..., e.g. round:loss,sim_time_s:accuracy, got "{asked.panels}"')
        return [(columns.resolve("--panels", x, present), columns.resolve("--panels", y, present)) for x, y in pairs]
    xs = [columns.resolve("--x", name, present) for name in asked.x.split(",")] if asked.x else []
    ys = [columns.resolve("--y", name, present) for name in asked.y.split(",")] if asked.y else []
    if not xs:
        xs = filled(study, (preset and preset.x or "round,upload_bits,sim_time_s").split(","), "x")
    if not ys:
        ys = (
            filled(study, preset.y.split(","), "y")
            if preset and preset.y
            else filled(study, ["loss_gap", "loss", "grad_norm", "accuracy"], "y")[:1]
        )
    return [(x, y) for y in ys for x in xs]


def filled(study: Study, names: list[str], axis: str) -> list[str]:
    """Those of the default columns that have values."""
    there = [name for name in names if all(part in study.present for part in columns.sources([name]))]
    full = study.rows(there)[there].notna().any() if there else {}
    out = [name for name in there if full[name]]
    if not out:
        raise InputError(f"--{axis}: none of {', '.join(names)} was recorded: name a column")
    if axis == "x" or len(names) < 4:
        for name in names:
            if name not in out:
                note(f"{name}: no value was recorded")
    return out


def at_of(asked: argparse.Namespace) -> dict[str, str]:
    pairs = [given.partition("=") for given in asked.at]
    for given, (pointer, equals, value) in zip(asked.at, pairs):
        if not (pointer and equals and value):
            raise InputError(f'--at: expected /POINTER=VALUE, got "{given}"')
    return {pointer: value for pointer, _, value in pairs}


def draw_curves(study: Study, asked: argparse.Namespace, look: Look) -> plt.Figure:
    if APART in study.pointers:
        note(f"{', '.join(study.scales[APART].texts)} are different scenarios: each has its own panels")
    axes = axes_of(study, asked)
    for option, names in (("--log", asked.log), ("--linear", asked.linear)):
        for given in names:
            shown = {"x", "y", *(name for pair in axes for name in pair)}
            if columns.ALIASES.get(given, given) not in shown:
                raise InputError(f"{option} {given}: no panel shows {given}")
    rows = narrow(study, study.rows(list(dict.fromkeys(name for pair in axes for name in pair))), at_of(asked))
    facets = list(asked.facet or [])
    for pointer in facets:
        if pointer not in study.pointers:
            raise unknown("--facet", pointer, study.pointers) if study.pointers else InputError(
                f"--facet {pointer}: nothing was swept"
            )
    varying = [pointer for pointer in study.pointers if rows[pointer].nunique() > 1]
    facets += [pointer for pointer in varying if pointer not in facets]
    target = winners.parse_target(asked.target, study) if asked.target else None
    if target and all(y != target.metric for _, y in axes):
        raise InputError(f"--target: no panel shows {target.metric}: --y {target.metric} would")
    labels = study.labels(rows, asked.only)
    if asked.baseline and asked.baseline not in labels:
        raise unknown("--baseline", asked.baseline, labels)
    grid = curves.make_panels(study, rows, axes, facets, labels, target, asked.baseline or "")
    return curves.draw(study, grid, look)


def draw_map(study: Study, asked: argparse.Namespace, look: Look) -> plt.Figure:
    if APART in study.pointers:
        raise InputError("a winner map is of one scenario, and these are different ones")
    x, y = winners.map_axes(study, (asked.map_x, asked.map_y))
    target = winners.parse_target(asked.target, study) if asked.target else winners.default_target(study)
    cost = columns.resolve("--cost", asked.cost or "sim_time_s", study.present)
    found = narrow(study, winners.arrivals(study, target, cost), at_of(asked))
    others = [pointer for pointer in study.pointers if pointer not in (x, y) and found[pointer].nunique() > 1]
    for pointer in asked.facet or []:
        if pointer not in others:
            raise unknown("--facet", pointer, others) if others else InputError(
                f"--facet {pointer}: nothing but {x} and {y} was swept"
            )
    labels = study.labels(found, asked.only)
    maps = [
        (title, winners.make_map(study, part, x, y, labels)) for title, part in curves.facet_rows(study, found, others)
    ]
    if len(maps) > curves.MANY:
        raise InputError(f"{len(maps)} maps are too many (at most {curves.MANY}): choose some with --at")
    return winner_map.draw(study, maps, target, cost, look)


def draw_profile(study: Study, asked: argparse.Namespace, look: Look) -> plt.Figure:
    cost = columns.resolve("--cost", asked.cost or "sim_time_s", study.present)
    alone = [Study([result], [{}]) for result in study.results]
    found = profile.profile_of(alone if len(alone) > 1 else [study], asked.target, cost, at_of(asked))
    for label in asked.only or []:
        if label not in found.labels:
            raise unknown("--only", label, found.labels)
    labels = [label for label in found.labels if not asked.only or label in asked.only]
    return profile_figure.draw_profile(study, found, labels, cost, look)


def draw_sensitivity(study: Study, asked: argparse.Namespace, look: Look) -> plt.Figure:
    if len(study.results) > 1:
        raise InputError("--sensitivity: is of one result")
    rows, parameters, metric = profile.read_trials(study.results[0])
    for pointer, value in at_of(asked).items():
        if pointer not in rows or not pointer.startswith("/"):
            raise InputError(f"--at {pointer}: is not swept")
        rows = rows[rows[pointer].astype(str) == value]
        if rows.empty:
            raise InputError(f'--at {pointer}: has no value "{value}"')
    swept = [name for name in rows if name.startswith("/") and rows[name].nunique() > 1]
    if swept:
        raise InputError(f"--sensitivity: is of one point of the sweep: choose with --at {swept[0]}=VALUE")
    labels = study.labels(rows, asked.only)
    found = profile.sensitivity(rows, parameters, asked.sensitivity, labels)
    return profile_figure.draw_sensitivity(study, found, asked.sensitivity, metric, look)

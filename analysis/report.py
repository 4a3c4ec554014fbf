"""laconic report: one self-contained page from one or several results."""

from __future__ import annotations

import argparse

from analysis import (
    agreement_section,
    answers,
    markup,
    payload,
    profile,
    progress,
    section,
    staleness,
    traffic,
    trials,
    tuning,
    winners,
)
from analysis.command import Parser, destination
from analysis.errors import InputError
from analysis.pictures import pictures
from analysis.results import Result, read
from analysis.study import Study, studies


def parser() -> Parser:
    out = Parser(
        prog="laconic report",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Writes one HTML page about results of laconic run and laconic sweep: question, answer, table, "
        "curves, winner map,\nclaims, platform, provenance. It needs no network to open. "
        "Results of one scenario share a section.",
    )
    out.add_argument("results", nargs="+", metavar="RESULTS", help="result folders")
    out.add_argument("--out", metavar="FILE", help="the page (default: report.html in the first result)")
    out.add_argument(
        "--target",
        metavar="METRIC=VALUE",
        action="append",
        default=[],
        help="a target besides the scenario's own, e.g. loss_gap=1e-3; may be repeated",
    )
    out.add_argument("--title", metavar="TEXT", help="the page's title (default: the scenario's name)")
    progress.add_option(out)
    return out


def main(arguments: list[str]) -> None:
    asked = parser().parse_args(arguments)
    progress.begin(asked.progress)
    results = [read(given) for given in asked.results]
    out = destination(asked.out, results[0].folder / "report.html", ("html",))
    groups = studies(results)
    sections = [make_section(study, number, asked.target, results) for number, study in enumerate(groups)]
    text = markup.html_of(asked.title or " and ".join(dict.fromkeys(study.name for study in groups)), sections)
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(out)
    except OSError as error:
        raise InputError(f"--out: cannot write {out}: {error.strerror}") from error
    progress.clear()
    print(out)


def make_section(study: Study, number: int, asked: list[str], everyone: list[Result]) -> markup.Section:
    targets = list(dict.fromkeys([*winners.watched(study), *(winners.parse_target(given, study) for given in asked)]))
    scale = (
        "reduced scale: laconic check --full runs the source's"
        if any(result.reduced for result in study.results)
        else ""
    )
    scale = "; ".join(filter(None, [*(result.unfinished for result in study.results), scale]))
    claims = [claim for result in study.results for claim in result.claims]
    ranks = profile.words(study, answers.usual_cost(study)) if "sim_time_s" in study.present else ""
    rows = study.rows([])
    labels = study.labels(rows)
    data = {
        "styles": payload.style_table(study, labels),
        "curves": payload.curves(study, targets),
        "map": payload.maps(study, targets),
        "pointers": [payload.scale(study.scales[pointer]) for pointer in study.pointers],
        "list": section.points(study),
    }
    return markup.Section(
        f"s{number}",
        study.name,
        study.stand_in,
        scale,
        section.warning(study),
        section.question(study),
        list(filter(None, [*answers.answers(study, targets), *tuning.sentences(study), section.verdicts(claims)])),
        section.facts(study) + agreement_section.words(study) + ([("performance profile", ranks)] if ranks else []),
        section.summary_table(study, targets),
        data,
        claims,
        staleness.figures(study),
        agreement_section.against(study, everyone),
        trials.figures(study, data["styles"]),
        *pictures(study, payload.shown_first(data)),
        section.provenance(study),
        section.scenario_text(study),
        traffic.figures(study),
    )

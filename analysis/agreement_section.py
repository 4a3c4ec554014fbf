"""What a report says of a deployed run: that its times were measured, and how near simulated ones come to them."""

from __future__ import annotations

import html
import math

from analysis.agreement import Agreement, Method, agreement_of, is_deployed
from analysis.columns import human
from analysis.errors import InputError, note
from analysis.results import Result
from analysis.study import Study
from analysis.style import Style, styles

SIZE, PAD = 320, 34  # of the figure, in pixels
MOST = 150  # points of a method


def words(study: Study) -> list[tuple[str, str]]:
    """A fact about each deployed result of a section."""
    out = []
    for result in study.results:
        if is_deployed(result):
            ranks = result.provenance["deployed"].get("ranks")
            over = f" on {ranks} processes" if isinstance(ranks, int) else ""
            out.append(("times", f"measured: deployed{over}"))
    return list(dict.fromkeys(out))


def listed(study: Study) -> list[tuple[str, str]]:
    """For `plot --list`."""
    return [
        (f"laconic compare SIMULATED {result.folder}", "simulated against measured")
        for result in study.results
        if is_deployed(result)
    ]


def against(study: Study, everyone: list[Result]) -> str:
    """A part for each deployed result of this section that has a simulated one of the same scenario in the report."""
    parts = []
    for deployed in filter(is_deployed, study.results):
        for simulated in everyone:
            if is_deployed(simulated) or simulated.name != deployed.name or simulated.pointers:
                continue
            try:
                parts.append(part(agreement_of(simulated, deployed)))
            except InputError as error:
                note(str(error))
    return "".join(parts)


def part(found: Agreement) -> str:
    known = styles(found.study.entries, [one.label for one in found.methods])
    rows = "".join(
        f'<tr><th scope="row">{html.escape(one.label)}</th><td>{one.rows}</td><td>{100 * one.median:.1f} %</td>'
        f"<td>{100 * one.shift:+.1f} %</td><td>{100 * one.worst:.1f} %</td></tr>"
        for one in found.methods
    )
    head = "".join(f'<th scope="col">{text}</th>' for text in ("", "rows", "median |error|", "median error", "worst"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    rankings = "".join(f"<p>{html.escape(ranking(found, number))}</p>" for number in range(len(found.targets)))
    return f'<div class="agreement">{figure(found, known)}{table}{rankings}</div>'


def ranking(found: Agreement, number: int) -> str:
    target = found.targets[number]
    if target.tau is None:
        return f"To {target.target}: fewer than two methods differ."
    return f"To {target.target}: Kendall's tau-b of the simulated ranking and the measured one is {target.tau:.2f}."


def figure(found: Agreement, known: dict[str, Style]) -> str:
    """A point each row, both axes logarithmic and alike, with the line on which the two are equal."""
    pairs = [pair for one in found.methods for pair in points(one)]
    low, high = (math.log10(end(x for pair in pairs for x in pair)) for end in (min, max))
    span = max(high - low, 0.1)

    def place(x: float) -> float:
        return PAD + (SIZE - 2 * PAD) * (math.log10(x) - low) / span

    dots = "".join(
        f'<circle cx="{place(measured):.1f}" cy="{SIZE - place(simulated):.1f}" r="2" fill="{known[one.label].colour}"/>'
        for one in found.methods
        for measured, simulated in points(one)
    )
    bottom, top = PAD, SIZE - PAD
    ends = (10**low, 10**high)
    told = "simulated against measured times of all rows, logarithmic, with the line of equality"
    return (
        f'<figure><svg viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" role="img" aria-label="{told}">'
        f'<path class="base" d="M{bottom} {bottom}V{top}H{top}M{bottom} {top}L{top} {bottom}" fill="none"/>{dots}'
        f'<text x="{bottom}" y="{SIZE - 18}">{human(ends[0], "s")}</text>'
        f'<text x="{top}" y="{SIZE - 18}" text-anchor="end">{human(ends[1], "s")}</text>'
        f'<text x="{SIZE / 2}" y="{SIZE - 4}" text-anchor="middle">measured</text>'
        f'<text x="{bottom}" y="{bottom - 8}">simulated</text></svg></figure>'
    )


def points(one: Method) -> list[tuple[float, float]]:
    stride = one.rows // MOST + 1
    pairs = one.times.iloc[::stride][["measured", "simulated"]].itertuples(index=False)
    return [(float(a), float(b)) for a, b in pairs if a > 0 and b > 0]

"""What tuning has chosen, in words: no comparison is shown without the budget that it was given."""

from __future__ import annotations

from collections import Counter
from typing import Any

from analysis.decide import listed
from analysis.results import Result
from analysis.study import Study


def told_of(result: Result) -> dict[str, Any]:
    """What run.json or sweep.json says of it; {} where nothing was tuned."""
    told = result.provenance.get("tuning")
    return told if isinstance(told, dict) and isinstance(told.get("chosen"), list) else {}


def budget(study: Study) -> str:
    """each at its best of 12"""
    parts = []
    for result in study.results:
        told = told_of(result)
        if not told:
            continue
        trials = {str(one.get("algorithm", "")): int(one.get("trials", 0)) for one in told["chosen"]}
        fixed = [label for label, _ in study.entries if label not in trials]
        if len(set(trials.values())) == 1:
            who = f"{listed(list(trials))} each" if fixed else "each"
            words = f"{who} at its best of {next(iter(trials.values()))}"
        else:
            words = "at the best of " + listed([f"{count} ({label})" for label, count in trials.items()])
        parts.append(words + (", on the network of the run that is replayed" if told.get("elsewhere") else ""))
    return "; ".join(dict.fromkeys(parts))


def sentences(study: Study) -> list[str]:
    """Whether the seeds were enough, where that was asked; the budget and what was chosen."""
    out = []
    for result in study.results:
        if words := (result.provenance.get("seeds") or {}).get("words"):
            out.append(f"{words}.")
        told = told_of(result)
        if not told:
            continue
        words = []
        for label in dict.fromkeys(str(one.get("algorithm", "")) for one in told["chosen"]):
            counts = Counter(values_of(one) for one in told["chosen"] if one.get("algorithm") == label)
            best, places = counts.most_common(1)[0]
            more = f" at {places} of {sum(counts.values())} points" if len(counts) > 1 else ""
            words.append(f"{label} with {best}{more}")
        head = budget(study)
        out.append(f"{head[0].upper()}{head[1:]}: {listed(words)}; {told.get('note', '')}.")
    return list(dict.fromkeys(out))


def values_of(chosen: dict[str, Any]) -> str:
    values = chosen.get("values")
    values = values if isinstance(values, dict) else {}
    words = {name: f"{value:.4g}" if is_number(value) else value for name, value in values.items()}
    return ", ".join(f"{name} {value}" for name, value in words.items())


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def doubts(study: Study) -> list[str]:
    """The warnings of the trials, without the file's name."""
    out = []
    for result in study.results:
        for line in told_of(result).get("warnings", []):
            out.append(str(line).split(": warning: ", 1)[-1])
    return list(dict.fromkeys(out))

"""A study's answer in sentences: who is first, where, by how much, and what is not decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from analysis import columns, decide, winners
from analysis.columns import human
from analysis.decide import Kind, Verdict, capital, listed
from analysis.quantities import Scale
from analysis.study import Study

FEW = 4  # points of a sweep that have a sentence each
# What is compared at equal cost where the scenario has no target, the first that was recorded.
METRICS = ("loss_gap", "accuracy", "loss", "grad_norm")

Place = tuple[int, ...]


def answers(study: Study, targets: list[winners.Target]) -> list[str]:
    """A sentence for each target and, of a few points, for each point; without a target the lowest loss at equal
    time."""
    cost = usual_cost(study)
    if not targets:
        return equal_cost(study, cost)
    out = []
    for target in targets:
        seen = seen_at(study, winners.arrivals(study, target, cost))
        reached, many = f"reached {target}", words_of_cost(cost)[1]
        if len(seen) <= FEW:
            out += each(study, seen, lambda v: decide.sentence(v, reached, amount(cost), many, nearest(study, target)))
            out += changes(seen, target)
        else:
            out.append(many_points(study, seen, target, cost))
    return out


def usual_cost(study: Study) -> str:
    timed = "sim_time_s" in study.present and study.rows(["sim_time_s"])["sim_time_s"].notna().any()
    return "sim_time_s" if timed else "round"


def words_of_cost(cost: str) -> tuple[str, str]:
    """What is spent, and "times as ..."."""
    return ("time", "long") if cost == "sim_time_s" else ("rounds", "many")


def amount(cost: str) -> Callable[[float], str]:
    if cost == "sim_time_s":
        return lambda value: human(value, "s")
    return lambda value: f"{human(value)} round{'' if value == 1 else 's'}"


def seen_at(study: Study, found: pd.DataFrame) -> dict[Place, Verdict]:
    """The verdict at each point that was run, by the numbers of its swept values."""
    at = {
        pointer: {text: number for number, text in enumerate(study.scales[pointer].texts)} for pointer in study.pointers
    }
    seen = {
        tuple(at[pointer][text] for pointer, text in zip(study.pointers, key)): verdict
        for key, verdict in decide.verdicts(found, study.pointers)
    }
    return dict(sorted(seen.items()))


def each(study: Study, seen: dict[Place, Verdict], words: Callable[[Verdict], str]) -> list[str]:
    """A sentence for each point; one where all points agree to the word, as losses do whatever the network is."""
    said = {place: words(verdict) for place, verdict in seen.items()}
    if len(set(said.values())) == 1:
        return [capital(next(iter(said.values())))]
    return [f"At {words_of(study, place)}: {text}" for place, text in said.items()]


def changes(seen: dict[Place, Verdict], target: winners.Target) -> list[str]:
    """Whether it depends on the point who is first; what is not decided changes nothing."""
    names = list(dict.fromkeys(verdict.winner for verdict in seen.values() if verdict.winner))
    return [f"The winner changes: to {target}, it is {listed(names[:-1])} or {names[-1]}."] if len(names) > 1 else []


def nearest(study: Study, target: winners.Target) -> str:
    """Whose best recorded value came nearest to a target that nobody reached."""
    rows = study.rows([target.metric])
    rows = rows[np.isfinite(rows[target.metric])]
    if rows.empty:
        return ""
    rising = "accuracy" in target.metric
    best = rows.groupby("algorithm", sort=False)[target.metric].agg("max" if rising else "min")
    value = best.max() if rising else best.min()
    names = [label for label, own in best.items() if f"{own:.3g}" == f"{value:.3g}"]
    return f"nearest {listed(names)} with {value:.3g}"


def many_points(study: Study, seen: dict[Place, Verdict], target: winners.Target, cost: str) -> str:
    """Who is first at how many points, in which region, and by how much."""
    kinds = Counter(verdict.kind for verdict in seen.values())
    if len(seen) == kinds[Kind.NOBODY]:
        near = nearest(study, target)
        return f"Nobody reached {target}, at any of {len(seen)} points" + (f": {near}." if near else ".")
    lands: dict[str, list[Place]] = {}
    for place, verdict in seen.items():
        if verdict.winner:
            lands.setdefault(verdict.winner, []).append(place)
    order = sorted(lands, key=lambda label: -len(lands[label]))
    where = {label: region(study, lands[label], seen) for label in order}
    vague = [label for label in order if where[label] is None]
    if len(vague) == 1 and len(order) > 1:
        where[vague[0]] = "elsewhere"
        order.sort(key=lambda label: label == vague[0])
    parts = []
    for label in order:
        count = f"{len(lands[label])} of {len(seen)} points" if not parts else str(len(lands[label]))
        more = ", ".join(filter(None, (where[label], lead(study, [seen[place] for place in lands[label]]))))
        parts.append(f"{label} at {count}" + (f" ({more})" if more else ""))
    others = [
        f"at {kinds[kind]} {words}"
        for kind, words in (
            (Kind.TIED, "the first are tied"),
            (Kind.CLOSE, "the first are within 5 % of each other"),
            (Kind.UNDECIDED, "the seeds do not decide"),
            (Kind.NOBODY, "nobody gets there"),
        )
        if kinds[kind]
    ]
    if not parts:
        return f"To {target}, nobody is first at any of {len(seen)} points: {'; '.join(others)}."
    by = "" if cost == "sim_time_s" else f" by {words_of_cost(cost)[0]}"
    return f"To {target}, the first{by} is {listed(parts)}" + "".join(f"; {words}" for words in others) + "."


def lead(study: Study, verdicts: list[Verdict]) -> str:
    """By 1.07 to 1.2 times."""
    factors = [verdict.factor for verdict in verdicts if np.isfinite(verdict.factor)]
    if not factors:
        return "alone" if any(len(verdict.entries) > 1 for verdict in verdicts) else ""
    least, most = f"{min(factors):.3g}", f"{max(factors):.3g}"
    return f"by {least}{'' if least == most else f' to {most}'} times"


def region(study: Study, land: list[Place], seen: Iterable[Place]) -> str | None:
    """The box that holds all of a winner's points and nobody else's, in words; "" if that is everywhere, None if
    there is no such box."""
    low, high = tuple(map(min, zip(*land))), tuple(map(max, zip(*land)))
    within = [place for place in seen if all(a <= at <= b for a, at, b in zip(low, place, high))]
    if len(within) > len(land):
        return None
    words = [
        side(study.scales[pointer], first, last, {place[axis] for place in seen})
        for axis, (pointer, first, last) in enumerate(zip(study.pointers, low, high))
    ]
    return listed(list(filter(None, words))) if any(words) else ""


def side(scale: Scale, first: int, last: int, there: set[int]) -> str:
    """Latency up to 0.3 ms."""
    names = [scale.label(text) for text in scale.texts]
    if first == min(there) and last == max(there):
        return ""
    if first == last:
        return f"{scale.title} {names[first]}"
    if scale.values is None:
        return f"{scale.title} {' or '.join(names[first : last + 1])}"
    if first == min(there):
        return f"{scale.title} up to {names[last]}"
    return f"{scale.title} from {names[first]}" + ("" if last == max(there) else f" to {names[last]}")


def equal_cost(study: Study, cost: str) -> list[str]:
    """The question of a study without a target, and its answer: whose loss is lowest when the first of them ends."""
    metric = next((name for name in METRICS if name in study.present and recorded(study, name)), None)
    if metric is None:
        return []
    title = columns.describe(metric).title
    what = f"{'highest' if metric == 'accuracy' else 'lowest'} {title}"
    last = last_at_equal(study, metric, cost)
    last["cost"] = last[metric].fillna(np.inf)
    if metric == "accuracy":
        last["cost"] = 1 - last["cost"]
    if (last["cost"] < 0).any():  # ratios of losses below 0 say nothing
        return []
    seen = seen_at(study, last)
    ends = dict(ends_in_words(study, last, cost))

    def words(verdict: Verdict, end: str) -> str:
        when = f" ({end})" if end != "-" else ""  # "-": all diverged
        return f"no target is set; the {what} at equal {words_of_cost(cost)[0]}{when}: {lowest(verdict, metric)}"

    said = {place: words(verdict, ends[place]) for place, verdict in seen.items()}
    if len(said) > FEW:
        firsts = Counter(verdict.winner or "not decided" for verdict in seen.values())
        counts = listed([f"{label} at {count}" for label, count in firsts.most_common()])
        return [f"No target is set; the {what} at equal {words_of_cost(cost)[0]}: {counts} of {len(seen)} points."]
    if len(set(said.values())) == 1:
        text = next(iter(said.values()))
        return [text[0].upper() + text[1:]]
    return [f"At {words_of(study, place)}: {text}" for place, text in said.items()]


def last_at_equal(study: Study, metric: str, cost: str) -> pd.DataFrame:
    """Of each run its last row until the first one ends (of those that do not diverge), which is column "end"."""
    rows = study.rows([metric, cost])
    keys = [*study.pointers, "algorithm", "seed"]
    ends = rows.groupby(keys, sort=False).tail(1)[[*keys, cost, metric]]
    steady = np.isfinite(ends[metric])
    ends["end"] = ends[cost].where(steady) if steady.any() else ends[cost]
    ends["end"] = ends.groupby(study.pointers or (lambda _: 0), sort=False)["end"].transform("min")
    known = rows.merge(ends[[*keys, "end"]], on=keys)
    return known[~(known[cost] > known["end"])].groupby(keys, sort=False).tail(1).copy()


def recorded(study: Study, metric: str) -> bool:
    return bool(np.isfinite(study.rows([metric])[metric]).any())


def ends_in_words(study: Study, last: pd.DataFrame, cost: str) -> list[tuple[Place, str]]:
    at = {
        pointer: {text: number for number, text in enumerate(study.scales[pointer].texts)} for pointer in study.pointers
    }
    out = []
    for line in last[[*study.pointers, "end"]].drop_duplicates().itertuples(index=False):
        out.append((tuple(at[p][text] for p, text in zip(study.pointers, line[:-1])), amount(cost)(line[-1])))
    return out


def lowest(verdict: Verdict, metric: str) -> str:
    """Whose value is best, of what was compared as a cost."""

    def value(cost: float) -> str:
        return "no finite one" if not np.isfinite(cost) else f"{1 - cost if metric == 'accuracy' else cost:.3g}"

    if verdict.kind is Kind.NOBODY:
        return "nobody has a finite one."
    first, level = verdict.entries[0], verdict.entries[: verdict.level]
    if verdict.kind is Kind.ONLY:
        return f"{first.label} has {value(first.cost)}."
    if verdict.kind is Kind.UNDECIDED:
        seen = listed([f"{entry.label} {decide.cost_words(entry, value, True)}" for entry in level])
        return f"not decided by {verdict.seeds} seeds: {seen}."
    if verdict.kind in (Kind.TIED, Kind.CLOSE):
        how = "tied" if verdict.kind is Kind.TIED else "within 5 % of each other"
        return f"{listed(verdict.leaders)} are {how}, with {value(first.cost)}."
    second = verdict.entries[1]
    return (
        f"{first.label} with {value(first.cost)}{decide.range_words(verdict) if verdict.seeds == 1 else ''}; "
        f"{second.label} is next with {value(second.cost)}."
    )


def places_of(study: Study) -> list[Place]:
    """Each point that was run, as the numbers of its values."""
    return sorted(
        tuple(study.scales[pointer].texts.index(text) for pointer, text in zip(study.pointers, line))
        for line in study.points.itertuples(index=False)
    )


def words_of(study: Study, place: Place) -> str:
    values = ((study.scales[pointer], number) for pointer, number in zip(study.pointers, place))
    return ", ".join(f"{scale.title} {scale.label(scale.texts[number])}" for scale, number in values)

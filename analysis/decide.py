"""Who is first, and whether that is decided: the one judge of every headline, table, map, verdict and caption."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import pandas as pd

EQUAL = 1.0005  # up to this ratio two costs are one to three digits
CLOSE = 1.05  # up to this one no difference is worth a headline
CONFIDENCE = 0.95
RESAMPLES = 2000


class Kind(Enum):
    NOBODY = "nobody"  # arrives in half of its seeds
    ONLY = "only"  # one entry was run: there is nothing to decide
    FIRST = "first"
    TIED = "tied"
    CLOSE = "close"  # within 5 %
    UNDECIDED = "undecided"  # another set of seeds might say otherwise


@dataclass(frozen=True)
class Entry:
    """What one method paid. A seed that never arrived paid infinity, which is what a median knows of it."""

    label: str
    cost: float  # the median over seeds
    least: float
    most: float
    arrived: int
    seeds: int
    by_seed: dict[int, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Verdict:
    kind: Kind
    entries: tuple[Entry, ...]  # the smallest median first; those who do not arrive last
    level: int  # so many of the first entries are not told apart; 1 where one is first, 0 where nobody arrives
    factor: float  # the next one's median by the first's; inf where no other arrives
    low: float  # the interval of that factor over seeds; the factor itself where each has one seed
    high: float
    before: tuple[float, float, float] | None = None  # the probability that the first beats the next, and its interval

    @property
    def winner(self) -> str | None:
        """Who is first, if that is decided."""
        return self.entries[0].label if self.kind in (Kind.FIRST, Kind.ONLY) else None

    @property
    def leaders(self) -> list[str]:
        return [entry.label for entry in self.entries[: self.level]]

    @property
    def seeds(self) -> int:
        """The fewest of those who arrive."""
        return min((entry.seeds for entry in self.entries if np.isfinite(entry.cost)), default=0)


def median(costs: np.ndarray) -> float:
    """With infinity as a number: the median of 1 and inf is inf."""
    ordered = np.sort(costs)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return float(low if low == high else (low + high) / 2)


def decide(costs: dict[str, dict[int, float]]) -> Verdict:
    """The verdict on each method's costs by seed, of which less is better and inf is a miss.

    Methods are ordered by their medians over seeds. The first is compared with each other one by the ratio r of the
    medians and, over several seeds, by the 95 % percentile interval of r under 2000 bootstrap resamples of the seeds
    (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, sections 13.3 and 8.3); methods that ran the same
    seeds are resampled together, since a seed stands for the same data and network conditions. The other one is

    - tied, if r is at most 1.0005 and so are both ends of the interval;
    - within 5 %, if r is at most 1.05 and the interval leaves the first no more than 5 % behind (the test of
      equivalence of Schuirmann 1987, J. Pharmacokin. Biopharm. 15);
    - not decided by the seeds, if the interval holds 1, or r is at most 1.05 without being one of the former;
    - behind, else.

    If everybody else is behind, the first is first, by the smallest r. With less than six seeds the interval spans
    all that resampling gives, from the smallest ratio to the largest. sim/results/verdict.cpp comes to the same.
    """
    entries = sorted((entry_of(label, by_seed) for label, by_seed in costs.items()), key=lambda entry: entry.cost)
    there = [entry for entry in entries if np.isfinite(entry.cost)]
    if not there:
        return Verdict(Kind.NOBODY, tuple(entries), 0, np.nan, np.nan, np.nan)
    if len(entries) == 1:
        return Verdict(Kind.ONLY, tuple(entries), 1, np.inf, np.inf, np.inf)
    first, level, behind = entries[0], [], []
    for other in entries[1:]:
        found = relation(first, other, costs[first.label], costs[other.label])
        (behind if found is None else level).append((other, found))
    kinds = [found for _, found in level]
    kind = next((kind for kind in (Kind.UNDECIDED, Kind.CLOSE, Kind.TIED) if kind in kinds), Kind.FIRST)
    ordered = [first, *(other for other, _ in level), *(other for other, _ in behind)]
    rest = ordered[1 + len(level) :] or ordered[1:]
    factor = ratio(rest[0].cost, first.cost)
    low, high = interval(costs[first.label], costs[rest[0].label])
    next_one = costs[ordered[1].label]
    chance = before(costs[first.label], next_one) if len(costs[first.label]) > 1 and kind is Kind.UNDECIDED else None
    return Verdict(kind, tuple(ordered), 1 + len(level), factor, low, high, chance)


def entry_of(label: str, by_seed: dict[int, float]) -> Entry:
    values = np.array(list(by_seed.values()), dtype=float)
    there = np.isfinite(values)
    return Entry(
        label, median(values), float(values.min()), float(values.max()), int(there.sum()), len(values), by_seed
    )


def relation(first: Entry, other: Entry, costs: dict[int, float], others: dict[int, float]) -> Kind | None:
    """What lies between the first and another one; None if that is behind."""
    factor = ratio(other.cost, first.cost)
    if not other.arrived or (factor > CLOSE and other.least > first.most):  # no resample could turn them round
        return None
    low, high = interval(costs, others)
    if factor <= EQUAL and low >= 1 / EQUAL and high <= EQUAL:
        return Kind.TIED
    if factor <= CLOSE:
        return Kind.CLOSE if low >= 1 / CLOSE else Kind.UNDECIDED
    return Kind.UNDECIDED if low <= 1 else None


def ratio(other: float, first: float) -> float:
    if other == first:
        return 1.0
    return float(other / first) if first > 0 and np.isfinite(first) else np.inf if other > first else 0.0


@functools.lru_cache(maxsize=64)
def resampled(seeds: int, stream: int) -> np.ndarray:
    """[resample, place]: which seed stands where, by SplitMix64 (Steele, Lea and Flood, 2014); the same in every process,
    and in sim/results/verdict.cpp."""
    state = np.uint64(2 * seeds + stream) + np.arange(1, RESAMPLES * seeds + 1, dtype=np.uint64) * np.uint64(
        0x9E3779B97F4A7C15
    )
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    state ^= state >> np.uint64(31)
    drawn = ((state >> np.uint64(32)) * np.uint64(seeds)) >> np.uint64(32)
    return drawn.astype(np.intp).reshape(RESAMPLES, seeds)


@functools.lru_cache(maxsize=256)
def resampled_medians(costs: tuple[float, ...], stream: int) -> np.ndarray:
    """The median of each resample, with infinity as a number. The first's meets every other's, and a method's rounds
    are the same on every network."""
    values, n = np.array(costs, dtype=float), len(costs)
    ordered = np.sort(values[resampled(n, stream)], axis=1)
    low, high = ordered[:, (n - 1) // 2], ordered[:, n // 2]
    return np.where(low == high, low, (low + high) / 2)


def interval(first: dict[int, float], other: dict[int, float]) -> tuple[float, float]:
    """The 95 % bootstrap interval of the ratio of medians, the other's by the first's."""
    paired = set(first) == set(other)
    one, two = (tuple(costs[seed] for seed in sorted(costs)) for costs in (first, other))
    if len(set(one)) == len(set(two)) == 1:
        found = ratio(two[0], one[0])
        return found, found
    low, high = resampled_medians(one, 0), resampled_medians(two, 0 if paired else 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        usual = np.where((low > 0) & np.isfinite(low), high / low, np.where(high > low, np.inf, 0.0))
    return tails(np.sort(np.where(low == high, 1.0, usual)))


def before(first: dict[int, float], other: dict[int, float]) -> tuple[float, float, float]:
    """The probability that the first is before the other on a seed, ties counting half, and its 95 % interval under
    the same resampling. Where both ran the same seeds, of each seed with itself; else of all pairs (the statistic of
    Mann and Whitney, 1947). A miss is after all that arrive; two misses are a tie."""
    paired = set(first) == set(other)
    one, two = (np.array([costs[seed] for seed in sorted(costs)], dtype=float) for costs in (first, other))
    if paired:
        wins = (one < two) + 0.5 * (one == two)
        drawn = wins[resampled(len(one), 0)].mean(axis=1)
        share = float(wins.mean())
    else:
        pairs = (one[:, None] < two) + 0.5 * (one[:, None] == two)
        rows, across = resampled(len(one), 0), resampled(len(two), 1)
        drawn = np.array([pairs[np.ix_(row, column)].mean() for row, column in zip(rows, across)])
        share = float(pairs.mean())
    low, high = tails(np.sort(drawn))
    return share, low, high


def tails(ordered: np.ndarray) -> tuple[float, float]:
    """The ends of the percentile interval."""
    tail = int((1 - CONFIDENCE) / 2 * len(ordered))
    return float(ordered[tail]), float(ordered[len(ordered) - 1 - tail])


def of_median(costs: dict[int, float]) -> tuple[float, float]:
    """The 95 % bootstrap interval of a method's median over seeds."""
    own = tuple(costs[seed] for seed in sorted(costs))
    return tails(np.sort(resampled_medians(own, 0)))


def quartiles(costs: dict[int, float]) -> tuple[float, float]:
    """The interquartile range's ends, with infinity as a number: the values at or next above these shares."""
    ordered = np.sort(np.array(list(costs.values()), dtype=float))
    return tuple(
        float(np.quantile(ordered, share, method="lower" if share < 0.5 else "higher")) for share in (0.25, 0.75)
    )


def verdicts(found: pd.DataFrame, by: list[str]) -> Iterator[tuple[tuple[str, ...], Verdict]]:
    """The verdict at each combination of the values of `by`. `found` has columns algorithm, seed and cost."""
    groups = found.groupby(by if len(by) > 1 else by[0], sort=False) if by else [((), found)]
    for key, part in groups:
        yield (key if isinstance(key, tuple) else (key,)), verdict_of(part)


def verdict_of(part: pd.DataFrame) -> Verdict:
    costs: dict[str, dict[int, float]] = {}
    for label, seed, cost in zip(part["algorithm"], part["seed"], part["cost"]):
        costs.setdefault(label, {})[seed] = float(cost)
    return decide(costs)


def listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def range_words(verdict: Verdict) -> str:
    """(1.05 to 1.3 over 5 seeds), or (one seed)."""
    if verdict.seeds == 1:
        return " (one seed)"
    ends = [f"{end:.3g}" if np.isfinite(end) else "never" for end in (verdict.low, verdict.high)]
    return f" ({ends[0] if ends[0] == ends[1] else ' to '.join(ends)} over {verdict.seeds} seeds)"


def chance_words(verdict: Verdict) -> str:
    """; GD is before SIGN with probability 0.6 (0.2 to 1)"""
    if not verdict.before:
        return ""
    first, other = verdict.entries[:2]
    share, low, high = verdict.before
    return f"; {first.label} is before {other.label} with probability {share:.2g} ({low:.2g} to {high:.2g})"


def cost_words(entry: Entry, amount: Callable[[float], str], ranged: bool = False) -> str:
    """66.0 s, or 66.0 s (60.0 s to 80.0 s)."""
    if not np.isfinite(entry.cost):
        return f"with {entry.arrived} of {entry.seeds} seeds only"
    if not ranged or entry.seeds == 1 or entry.least == entry.most:
        return amount(entry.cost)
    most = amount(entry.most) if np.isfinite(entry.most) else "never"
    return f"{amount(entry.cost)} ({amount(entry.least)} to {most})"


def spread_words(entry: Entry, amount: Callable[[float], str]) -> str:
    """quartiles 60.0 s to 70.0 s, 95 % interval of the median 61.0 s to 80.0 s over 5 seeds; "" where all agree."""
    if entry.seeds == 1 or entry.least == entry.most:
        return ""
    ends = lambda found: " to ".join(amount(end) if np.isfinite(end) else "never" for end in found)
    own = entry.by_seed
    return f"quartiles {ends(quartiles(own))}, 95 % interval of the median {ends(of_median(own))} over {len(own)} seeds"


def sentence(
    verdict: Verdict, reached: str, amount: Callable[[float], str], many: str = "long", nearest: str = ""
) -> str:
    """The verdict in words. `reached`: "reached loss gap ≤ 1"; `amount`: a cost in words, "66.0 s"; `many`: times as
    long, or as many; `nearest`: what to say where nobody arrives, "nearest GD with 0.115"."""
    if verdict.kind is Kind.NOBODY:
        some = [f"{e.label} did with {e.arrived} of {e.seeds} seeds" for e in verdict.entries if e.arrived]
        half = " with half of its seeds" if some else ""
        more = "; ".join(filter(None, (listed(some) if some else "", nearest)))
        return f"nobody {reached}{half}{': ' + more if more else ''}."
    first, rest = verdict.entries[0], verdict.entries[verdict.level :]
    there = [entry for entry in rest if np.isfinite(entry.cost)]
    names = listed(verdict.leaders)
    at = "at the start" if first.cost == 0 else f"after {cost_words(first, amount)}"
    if verdict.kind is Kind.ONLY:
        seeds = f" (median of {first.seeds} seeds)" if first.seeds > 1 else ""
        return f"{first.label} {reached} {at}{seeds}." + misses(verdict)
    if verdict.kind is Kind.UNDECIDED:
        seen = listed([f"{e.label} {cost_words(e, amount, True)}" for e in verdict.entries[: verdict.level]])
        out = f"not decided by {verdict.seeds} seeds who {reached} first: {seen}{chance_words(verdict)}"
    elif verdict.kind is Kind.TIED:
        out = f"{names} are tied: they {reached} {at}"
    elif verdict.kind is Kind.CLOSE:
        last = verdict.entries[verdict.level - 1]
        span = "" if first.cost == 0 else f" to {amount(last.cost)}"
        out = (
            f"{names} {reached} within 5 % of each other, {at}{span if amount(last.cost) != amount(first.cost) else ''}"
        )
    else:
        out = f"{first.label} {'alone ' if not there else ''}{reached}{' first,' if there else ','} {at}"
    if there:
        second = there[0]
        by = f", {verdict.factor:.3g} times as {many}{range_words(verdict)}" if first.cost > 0 else ""
        out += f"; {second.label} was next with {amount(second.cost)}{by if verdict.kind is Kind.FIRST else ''}"
    return out + "." + misses(verdict)


def misses(verdict: Verdict) -> str:
    """Who did not get there, or with some of the seeds only."""
    never = [entry.label for entry in verdict.entries if not entry.arrived]
    some = [
        f"{e.label} got there with {e.arrived} of {e.seeds} seeds" for e in verdict.entries if 0 < e.arrived < e.seeds
    ]
    out = f" {listed(never)} did not get there." if never else ""
    return out + (f" {listed(some)}." if some else "")


def capital(text: str) -> str:
    """A sentence's own first word begins with a capital; a label stays as it is."""
    return text[0].upper() + text[1:] if text.startswith(("nobody ", "not decided ")) else text

"""plot --list: what a result can be drawn as."""

from __future__ import annotations

from analysis import agreement_section, columns, profile, winners
from analysis.errors import InputError
from analysis.presets import PRESETS
from analysis.study import APART, Study


def listing(study: Study) -> str:
    """A line for each choice, the options that make it first."""
    names = [name for name in study.present if not name.startswith("/") and name not in (*columns.TEXT, "seed")]
    full = study.rows(names)[names].notna().any()
    there = [name for name in names if full[name]]
    sums = [name for name, column in columns.COLUMNS.items() if column.made_of and set(column.made_of) <= set(there)]
    metrics = [name for name in there if columns.describe(name).metric]
    costs = [name for name in (*there, *sums) if name not in metrics]
    out = [("--y", ", ".join(metrics) or "no metric was recorded"), ("--x", ", ".join(costs))]
    out += [(f"--only {shown(label)}", "") for label in study.labels(study.rows([]))]
    out += [(f"--facet {name}, --at {name}=...", values(study, name)) for name in study.pointers if name != APART]
    out += [(f"--target {target.metric}={target.value:g}", "") for target in winners.watched(study)]
    out += [("--winner-map", words)] if (words := of_map(study)) else []
    out += [("--profile", "shares of cases within a factor of the best")] if of_cases(study) else []
    out += [(f"--sensitivity {name}", words) for name, words in of_trials(study)]
    out += [(f"--preset {name}", PRESETS[name].about) for name in fitting({*there, *sums}, study.name)]
    out += agreement_section.listed(study)
    width = min(34, max(len(option) for option, _ in out))
    return "\n".join(f"{option:<{width}}  {words}".rstrip() for option, words in out)


def shown(label: str) -> str:
    """A label as a shell takes it."""
    return label if label.replace("-", "").replace("_", "").isalnum() else "'" + label.replace("'", "'\\''") + "'"


def values(study: Study, pointer: str) -> str:
    texts = study.scales[pointer].texts
    return ", ".join(texts) if len(texts) <= 12 else f"{', '.join(texts[:3])} ... {texts[-1]} ({len(texts)} values)"


def of_map(study: Study) -> str:
    try:
        x, y = winners.map_axes(study, (None, None))
        winners.default_target(study)
    except InputError:  # nothing to span a plane, or no target
        return ""
    return f"who is first, over {x} and {y}"


def of_cases(study: Study) -> bool:
    return len(study.points) > 1 and bool(winners.watched(study))


def of_trials(study: Study) -> list[tuple[str, str]]:
    """Against what the trials of a tuned scenario can be drawn."""
    if len(study.results) > 1 or not (study.results[0].folder / "tuned.csv").is_file():
        return []
    _, parameters, metric = profile.read_trials(study.results[0])
    return [(name, f"what the trials reached: {metric}") for name in (*parameters, profile.BUDGET)]


def fitting(there: set[str], scenario: str) -> list[str]:
    """Presets whose columns were all recorded: the scenario's own, and those that are of no paper."""

    def has(names: str) -> bool:
        return all(name in there for name in names.split(",") if name)

    return [
        name
        for name, preset in PRESETS.items()
        if (not preset.y or name == scenario) and has(preset.x) and has(preset.y)
    ]

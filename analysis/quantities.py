"""SimGrid's quantities, "10ms" or "100Mbps", as the numbers an axis needs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

PREFIXES = {
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}
TIMES = {
    "ps": 1e-12,
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
# What a plain number counts, by the pointer's last word.
PLAIN = {"latency": "s", "bandwidth": "B/s", "speed": "flop/s"}


@dataclass(frozen=True)
class Quantity:
    value: float
    unit: str  # s, bit/s, flop/s, B, or nothing


def parse(text: str, pointer: str = "") -> Quantity | None:
    """None if the text is no quantity. Bytes per second become bits per second."""
    match = re.fullmatch(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-zµ]*)\s*", text)
    if not match:
        return None
    value, suffix = float(match[1]), match[2]
    if not suffix:
        unit = next((unit for word, unit in PLAIN.items() if pointer.rsplit("/", 1)[-1].endswith(word)), "")
        return Quantity(8 * value, "bit/s") if unit == "B/s" else Quantity(value, unit)
    if suffix in TIMES:
        return Quantity(value * TIMES[suffix], "s")
    for ending, factor, unit in (
        ("bps", 1, "bit/s"),
        ("Bps", 8, "bit/s"),
        ("f", 1, "flop/s"),
        ("B", 1, "B"),
        ("W", 1, "W"),
    ):
        prefix = suffix[: -len(ending)]
        if suffix.endswith(ending) and prefix in PREFIXES:
            return Quantity(value * PREFIXES[prefix] * factor, unit)
    return None


@dataclass(frozen=True)
class Scale:
    """The swept values of one pointer, in the order in which an axis shows them."""

    pointer: str
    texts: tuple[str, ...]
    values: tuple[float, ...] | None  # None: names, which have no distance
    log: bool

    @property
    def title(self) -> str:
        words = [word.replace("_", " ") for word in self.pointer.split("/") if word and not word.isdigit()]
        return words[-1] if words else self.pointer

    def label(self, text: str) -> str:
        """As a tick or a panel's title shows the value: "10 ms", and "reuse after 20 ms" for a block of the scenario."""
        try:
            value = json.loads(text) if text.startswith(("{", "[")) else text.strip('"')
        except ValueError:
            value = text
        return in_words(value)


def in_words(value: Any) -> str:
    """A value of a scenario for people: blocks without their braces, a space before a unit."""
    if isinstance(value, dict):
        if set(value) == {"timeout", "then"}:  # a deadline
            return f"{value['then']} after {in_words(value['timeout'])}"
        parts = [in_words(value["type"])] if "type" in value else []
        parts += [f"{key.replace('_', ' ')} {in_words(inner)}" for key, inner in value.items() if key != "type"]
        return ", ".join(parts)
    if isinstance(value, list):
        return "(" + ", ".join(map(in_words, value)) + ")"
    if isinstance(value, bool):
        return "yes" if value else "no"
    spaced = re.sub(r"^([-+.\deE]*\d)([A-Za-z]+)$", r"\1 \2", str(value))
    return re.sub(r"(\d) us$", "\\1 µs", spaced)


def scale_of(pointer: str, texts: list[str]) -> Scale:
    """Sorted by value where all are quantities of one kind, else in the file's order."""
    parsed = [parse(text, pointer) for text in texts]
    if any(quantity is None for quantity in parsed) or len({quantity.unit for quantity in parsed if quantity}) > 1:
        return Scale(pointer, tuple(texts), None, False)
    pairs = sorted(zip([quantity.value for quantity in parsed if quantity], texts))
    values = tuple(value for value, _ in pairs)
    log = values[0] > 0 and values[-1] >= 10 * values[0]
    return Scale(pointer, tuple(text for _, text in pairs), values, log)

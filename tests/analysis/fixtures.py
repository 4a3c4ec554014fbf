"""Small result folders, made by hand, and the commands run on them in this process."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

COLUMNS = (
    "round iterations sim_time_s loss loss_gap grad_norm accuracy uploads downloads upload_bits download_bits "
    "wire_bytes_up wire_bytes_down compute_s flops late lost energy_j staleness_mean staleness_max consensus "
    "comm_hidden_s comm_exposed_s"
).split()

# The factor by which each round shrinks the loss gap, the bits of its upload, the seconds of its round.
METHODS: dict[str, tuple[float, int, float]] = {"GD": (0.5, 320, 2.0), "SIGN": (0.7, 10, 1.0)}


def row(label: str, number: int, seed: int, seconds: float = 1.0) -> dict[str, Any]:
    factor, bits, time = METHODS[label]
    gap = 100 * factor**number * (1 + 0.1 * (seed - 1))
    return {
        "round": number,
        "iterations": number,
        "sim_time_s": number * time * seconds,
        "loss": gap + 5,
        "loss_gap": gap,
        "grad_norm": gap / 10,
        "accuracy": "",
        "uploads": number,
        "downloads": number,
        "upload_bits": number * bits,
        "download_bits": number * 320,
        "wire_bytes_up": number * 100,
        "wire_bytes_down": number * 100,
        "compute_s": number,
        "flops": number * 1000,
        "late": "",
        "lost": "",
        "energy_j": "",
        "staleness_mean": "",
        "staleness_max": "",
        "consensus": "",
        "comm_hidden_s": "",
        "comm_exposed_s": "",
    }


def write_csv(path: Path, rows: list[dict[str, Any]], names: list[str]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows(rows)


class Folder(unittest.TestCase):
    """Each test has a folder of its own."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)

    def result(
        self,
        name: str = "a",
        *,
        rounds: int = 10,
        seeds: tuple[int, ...] = (1,),
        sweep: dict[str, list[str]] | None = None,
        scenario: dict[str, Any] | None = None,
        change: Callable[[dict[str, Any]], None] | None = None,
        names: list[str] | None = None,
        stop: dict[str, float] | None = None,
    ) -> Path:
        """A result of `rounds` rounds. In a sweep over latencies and bandwidths they say how long a round takes."""
        from analysis.quantities import parse

        folder = self.root / name
        folder.mkdir()
        points: list[dict[str, str]] = [{}]
        for pointer, values in (sweep or {}).items():
            points = [{**point, pointer: value} for point in points for value in values]
        rows = []
        for point in points:
            seconds = 1.0
            if "/platform/latency" in point:
                seconds = parse(point["/platform/latency"]).value
            for label in METHODS:
                for seed in seeds:
                    for number in range(rounds + 1):
                        rows.append(
                            {
                                **point,
                                "scenario": name,
                                "algorithm": label,
                                "seed": seed,
                                **row(label, number, seed, seconds),
                            }
                        )
                        if "/platform/bandwidth" in point:  # all that is sent, at so many bits a second
                            bandwidth = parse(point["/platform/bandwidth"]).value
                            rows[-1]["sim_time_s"] += rows[-1]["upload_bits"] / bandwidth
        for each in rows:
            if change:
                change(each)
        names = names or [*(sweep or {}), "scenario", "algorithm", "seed", *COLUMNS]
        write_csv(folder / "trajectory.csv", [{key: each[key] for key in names if key in each} for each in rows], names)
        source = {
            "name": name,
            "comment": f"What of {name}?",
            "workers": 2,
            "problem": {"type": "toy"},
            "platform": {"type": "star", "latency": "1s"},
            "algorithms": [{"method": "gd", "label": "GD"}, {"method": "signgd", "label": "SIGN"}],
            "stop": {"rounds": rounds},
            **(scenario or {}),
        }
        (folder / ("sweep.json" if sweep else "run.json")).write_text(
            json.dumps({"status": "complete", "scenario": source, "wall_time_s": 1.5})
        )
        if stop:
            self.summary(folder, rows, stop, list(sweep or {}))
        return folder

    def summary(self, folder: Path, rows: list[dict[str, Any]], stop: dict[str, float], pointers: list[str]) -> None:
        keys = [*pointers, "algorithm", "seed"]
        last: dict[tuple[Any, ...], dict[str, Any]] = {}
        costs = ("round", "uploads", "upload_bits", "sim_time_s")
        extra = [f"to_{metric}_{value:g}_{cost}" for metric, value in stop.items() for cost in costs]
        for each in rows:
            key = tuple(each[name] for name in keys)
            known = {name: last.get(key, {}).get(name, "") for name in extra}
            for metric, value in stop.items():
                for cost in costs:
                    name = f"to_{metric}_{value:g}_{cost}"
                    if known[name] == "" and each[metric] != "" and float(each[metric]) <= value:
                        known[name] = each[cost]
            last[key] = {**each, **known, "stopped_by": "rounds"}
        write_csv(
            folder / "summary.csv",
            list(last.values()),
            [*pointers, "scenario", "algorithm", "seed", *COLUMNS, "stopped_by", *extra],
        )

    def run_command(self, command: Callable[[list[str]], None], *arguments: object) -> tuple[int, str, str]:
        """Code, what it said, and what it complained of. Anything but an InputError is an error of ours."""
        from analysis.errors import InputError

        out, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints):
            try:
                command([str(argument) for argument in arguments])
                code = 0
            except InputError as error:
                code = 2
                print(error, file=complaints)
        return code, out.getvalue(), complaints.getvalue()

    def refused(self, command: Callable[[list[str]], None], *arguments: object, says: str) -> None:
        """One line, code 2, and no file left behind."""
        before = sorted(self.root.rglob("*"))
        code, _, complaint = self.run_command(command, *arguments)
        self.assertEqual(code, 2, complaint)
        self.assertIn(says, complaint)
        self.assertEqual(len(complaint.strip().splitlines()), 1, complaint)
        self.assertEqual(sorted(self.root.rglob("*")), before)

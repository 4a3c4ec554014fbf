"""What is decided between methods, and that every headline, caption and map says no more than that."""

import math
import re
import unittest
from unittest import mock

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from analysis import answers, columns, decide, plot, winners
from analysis.decide import Kind
from analysis.report import main as report
from analysis.results import read
from analysis.study import together
from analysis.winners import Target
from fixtures import Folder

NEVER = math.inf


def one(cost):
    return {1: cost}


def seeds(*costs):
    return dict(enumerate(costs, 1))


class Decide(unittest.TestCase):
    def kind(self, **costs):
        found = decide.decide(costs)
        return found.kind, found.leaders

    def test_one_seed(self):
        for other, kind, leaders in (
            (66.0, Kind.TIED, ["A", "B"]),
            (66.02, Kind.TIED, ["A", "B"]),
            (69.0, Kind.CLOSE, ["A", "B"]),
            (69.4, Kind.FIRST, ["A"]),
            (NEVER, Kind.FIRST, ["A"]),
        ):
            with self.subTest(other):
                self.assertEqual(self.kind(A=one(66.0), B=one(other)), (kind, leaders))
        self.assertEqual(self.kind(A=one(NEVER), B=one(NEVER)), (Kind.NOBODY, []))
        self.assertEqual(self.kind(A=one(3.0)), (Kind.ONLY, ["A"]))
        self.assertEqual(self.kind(A=one(0.0), B=one(0.0)), (Kind.TIED, ["A", "B"]))

    def test_overlapping_seeds_decide_nothing(self):
        found = decide.decide({"A": seeds(60, 80, 70, 66, 90), "B": seeds(75, 62, 88, 80, 71)})
        self.assertEqual((found.kind, found.winner, found.leaders), (Kind.UNDECIDED, None, ["A", "B"]))
        self.assertLessEqual(found.low, 1)

    def test_equal_medians_of_scattered_seeds_are_no_tie(self):
        self.assertEqual(self.kind(A=seeds(40, 66, 90), B=seeds(90, 66, 40))[0], Kind.UNDECIDED)
        self.assertEqual(self.kind(A=seeds(40, 66, 90), B=seeds(40, 66, 90))[0], Kind.TIED)

    def test_seeds_that_are_apart_decide(self):
        found = decide.decide({"A": seeds(60, 61, 62), "B": seeds(90, 93, 96)})
        self.assertEqual((found.kind, found.factor), (Kind.FIRST, 93 / 61))
        self.assertLess(found.low, found.factor)
        self.assertLess(found.factor, found.high)

    def test_the_same_seeds_are_compared_with_each_other(self):
        a = seeds(10, 20, 40, 80, 160)
        self.assertEqual(self.kind(A=a, B={seed: 1.3 * cost for seed, cost in a.items()}), (Kind.FIRST, ["A"]))
        others = {seed + 5: 1.3 * cost for seed, cost in a.items()}
        self.assertEqual(self.kind(A=a, B=others)[0], Kind.UNDECIDED)

    def test_misses_of_some_seeds(self):
        self.assertEqual(self.kind(A=seeds(5, 6, NEVER), B=seeds(NEVER, NEVER, 4))[0], Kind.UNDECIDED)
        self.assertEqual(self.kind(A=seeds(5, 6, NEVER), B=seeds(NEVER, NEVER, NEVER)), (Kind.FIRST, ["A"]))
        self.assertEqual(self.kind(A=seeds(5, NEVER, NEVER), B=seeds(NEVER, NEVER, 4)), (Kind.NOBODY, []))

    def test_a_third_that_is_level_with_the_first_hides_behind_no_second(self):
        found = decide.decide({"A": seeds(10, 10, 10), "B": seeds(12, 12, 12), "C": seeds(9, 14, 30)})
        self.assertEqual((found.kind, found.leaders, found.entries[2].label), (Kind.UNDECIDED, ["A", "C"], "B"))

    def test_the_order_of_entries_and_of_seeds_changes_nothing(self):
        costs = {"A": seeds(60, 80, 70, 66, 90), "B": seeds(75, 62, 88, 80, 71), "C": seeds(61, 64, 70, 65, 66)}
        turned = {label: dict(reversed(own.items())) for label, own in reversed(costs.items())}
        one_way, other = decide.decide(costs), decide.decide(turned)
        self.assertEqual((one_way.kind, one_way.low, one_way.high), (other.kind, other.low, other.high))
        self.assertEqual(set(one_way.leaders), set(other.leaders))

    def test_the_interval_is_the_bootstraps(self):
        """Of n seeds, the median of a resample is at most the k-th smallest with a binomial's probability."""
        own = {seed: float(seed) for seed in range(1, 22)}
        low, high = decide.interval({seed: 1.0 for seed in own}, own)
        # P(at least 11 of 21 draws are among the k smallest) first reaches 2.5 % at k = 7, and 97.5 % at k = 15.
        below = [sum(math.comb(21, i) * (k / 21) ** i * (1 - k / 21) ** (21 - i) for i in range(11, 22)) for k in own]
        self.assertEqual(low, next(k for k, p in zip(own, below) if p >= 0.025))
        self.assertEqual(high, next(k for k, p in zip(own, below) if p >= 0.975))


class Said(Folder):
    """Through the commands, on generated results: GD reaches a gap of 1 in round 7, SIGN in round 13."""

    TARGET = ("--target", "loss_gap=1")

    def tearDown(self):
        plt.close("all")

    def times(self, name="a", gd=66.0, sign=66.0, **more):
        """A result in which the two arrive so late, seed by seed."""
        count = len(gd) if isinstance(gd, tuple) else 1

        def change(row):
            own, arrival = (gd, 7) if row["algorithm"] == "GD" else (sign, 13)
            row["sim_time_s"] = row["round"] * (own[row["seed"] - 1] if isinstance(own, tuple) else own) / arrival

        # Every seed learns alike, so that arrivals differ by the clock alone.
        def alike(row):
            change(row)
            factor = 0.5 if row["algorithm"] == "GD" else 0.7
            row["loss_gap"] = 100 * factor ** row["round"]
            if row["sim_time_s"] == math.inf:
                row.update(loss_gap=50, sim_time_s=row["round"])

        return self.result(name, rounds=20, seeds=tuple(range(1, count + 1)), change=alike, **more)

    def answer(self, folder):
        study = together([read(str(folder))])
        return " ".join(answers.answers(study, [Target("loss_gap", 1)]))

    def caption(self, folder):
        found = []
        with mock.patch.object(plot, "save", lambda figure, out: found.append(figure)):
            arguments = (folder, "--x", "sim_time_s", *self.TARGET, "--out", self.root / "x.svg")
            self.assertEqual(self.run_command(plot.main, *arguments)[0], 0)
        # Lines have names at their ends, too; the target's caption is the one with its cost.
        said = [text.get_text() for text in found[0].axes[0].texts]
        return next((text for text in said if re.search(r"[\d.]+ s$", text)), said[-1])

    def test_equal_entries(self):
        folder = self.times()
        self.assertEqual(self.answer(folder), "GD and SIGN are tied: they reached loss gap ≤ 1 after 66.0 s.")
        self.assertEqual(self.caption(folder), "tied: GD and SIGN, 66.0 s")

    def test_within_five_percent(self):
        folder = self.times(sign=68.0)
        self.assertEqual(
            self.answer(folder), "GD and SIGN reached loss gap ≤ 1 within 5 % of each other, after 66.0 s to 68.0 s."
        )
        self.assertEqual(self.caption(folder), "within 5 %: GD and SIGN, 66.0 s")

    def test_overlapping_seeds(self):
        folder = self.times(gd=(60.0, 80.0, 70.0, 66.0, 90.0), sign=(75.0, 62.0, 88.0, 80.0, 71.0))
        self.assertEqual(
            self.answer(folder),
            "Not decided by 5 seeds who reached loss gap ≤ 1 first: GD 70.0 s (60.0 s to 90.0 s) and SIGN 75.0 s "
            "(62.0 s to 88.0 s); GD is before SIGN with probability 0.6 (0.2 to 1).",
        )
        self.assertEqual(self.caption(folder), "not decided by 5 seeds: GD and SIGN, 70.0 s")

    def test_seeds_that_decide_have_a_range(self):
        folder = self.times(gd=(60.0, 61.0, 62.0), sign=(90.0, 93.0, 96.0))
        self.assertEqual(
            self.answer(folder),
            "GD reached loss gap ≤ 1 first, after 61.0 s; SIGN was next with 93.0 s, 1.52 times as long (1.5 to 1.55 "
            "over 3 seeds).",
        )

    def test_a_miss_of_some_seeds(self):
        folder = self.times(gd=(60.0, 61.0, math.inf), sign=(math.inf, math.inf, math.inf))
        self.assertEqual(
            self.answer(folder),
            "GD alone reached loss gap ≤ 1, after 61.0 s. SIGN did not get there. GD got there with 2 of 3 seeds.",
        )
        few = self.times("b", gd=(60.0, math.inf, math.inf), sign=(math.inf, math.inf, math.inf))
        self.assertEqual(
            self.answer(few),
            "Nobody reached loss gap ≤ 1 with half of its seeds: GD did with 1 of 3 seeds; nearest GD with 9.54e-05.",
        )

    def test_everybody_misses(self):
        folder = self.result(change=lambda row: row.update(loss_gap=0.115 + row["loss_gap"]))
        study = together([read(str(folder))])
        self.assertEqual(
            answers.answers(study, [Target("loss_gap", 0.1)]),
            ["Nobody reached loss gap ≤ 0.1: nearest GD with 0.213."],
        )

    def test_without_a_target_the_question_is_stated(self):
        study = together([read(str(self.result()))])
        self.assertEqual(
            answers.answers(study, []),
            [
                "No target is set; the lowest loss gap at equal time (10.0 s): SIGN with 2.82 (one seed); GD is next with "
                "3.12."
            ],
        )
        alike = together([read(str(self.result("b", change=lambda row: row.update(loss_gap=100 - row["sim_time_s"]))))])
        self.assertIn("(10.0 s): GD and SIGN are tied, with 90.", answers.answers(alike, [])[0])

    def test_a_point_that_diverges_ends_no_comparison(self):
        def explode(row):
            if row["algorithm"] == "GD" and row["round"] > 2:
                row["loss_gap"] = math.inf if row["round"] == 3 else math.nan

        study = together([read(str(self.result(change=explode)))])
        self.assertIn("(10.0 s): SIGN with 2.82", answers.answers(study, [])[0])

    def test_without_a_target_all_may_diverge(self):
        folder = self.result(
            change=lambda row: row.update(loss_gap=math.inf if row["round"] > 2 else 10.0 ** row["round"])
        )
        said = answers.answers(together([read(str(folder))]), [])
        self.assertEqual(
            said, ["No target is set; the lowest loss gap at equal time (10.0 s): nobody has a finite one."]
        )

    def test_a_caption_of_many_stays_in_its_panel(self):
        folder = self.result()
        text = (folder / "trajectory.csv").read_text().splitlines()
        labels = [f"a method of a long name {number}" for number in range(7)]
        rows = [line.replace(",GD,", f",{label},") for label in labels for line in text[1:] if ",GD," in line]
        (folder / "trajectory.csv").write_text("\n".join([text[0], *rows]) + "\n")
        caption = self.caption(folder)
        self.assertIn("and 4 more", caption.replace("\n", " "))
        self.assertLess(max(map(len, caption.splitlines())), 75)

    def test_maps_are_grey_where_nothing_is_decided(self):
        """Latency 1: GD first; 2: tied; 3: not decided; 4: nobody; both bandwidths alike."""

        def change(row):
            latency = row["/platform/latency"]
            row["loss_gap"] = (
                50 if latency == "4s" else 100 * (0.5 if row["algorithm"] == "GD" else 0.7) ** row["round"]
            )
            clock = 1.0 if row["algorithm"] == "SIGN" or latency == "1s" else 13 / 7
            if latency == "3s":
                clock *= (1, 2, 3)[(row["seed"] + len(row["algorithm"])) % 3]
            row["sim_time_s"] = row["round"] * clock

        sweep = {"/platform/latency": ["1s", "2s", "3s", "4s"], "/platform/bandwidth": ["1Mbps", "1Gbps"]}
        folder = self.result(rounds=20, seeds=(1, 2, 3), sweep=sweep, change=change)
        study = together([read(str(folder))])
        found = winners.arrivals(study, Target("loss_gap", 1), "sim_time_s")
        drawn = winners.make_map(study, found, "/platform/latency", "/platform/bandwidth", study.labels(found))
        kinds = [verdict.kind for verdict in drawn.verdicts[0]]
        self.assertEqual(kinds, [Kind.FIRST, Kind.TIED, Kind.UNDECIDED, Kind.NOBODY])
        np.testing.assert_array_equal(drawn.winner, [[0, winners.LEVEL, winners.LEVEL, winners.NOBODY]] * 2)
        figures = []
        with mock.patch.object(plot, "save", lambda figure, out: figures.append(figure)):
            self.run_command(plot.main, folder, "--winner-map", *self.TARGET, "--out", self.root / "x.svg")
        names = [text.get_text() for text in figures[0].legends[0].get_texts()]
        for name in ("tied or within 5 %", "not decided by the seeds", "nobody"):
            self.assertIn(name, names)
        out = self.root / "page.html"
        self.assertEqual(self.run_command(report, folder, *self.TARGET, "--out", out)[0], 0)
        self.assertIn("the seeds do not decide; at 2 nobody gets there.", out.read_text(encoding="utf-8"))

    def test_a_region_in_words(self):
        def change(row):
            slow = row["/platform/latency"] != "1ms" or row["/platform/bandwidth"] == "1kbps"
            row["sim_time_s"] = row["round"] * (1.0 if row["algorithm"] == "GD" else 0.4 if slow else 2.0)

        sweep = {"/platform/latency": ["1ms", "10ms", "1s"], "/platform/bandwidth": ["1kbps", "1Mbps", "1Gbps"]}
        self.assertEqual(
            self.answer(self.result(rounds=20, sweep=sweep, change=change)),
            "To loss gap ≤ 1, the first is GD at 2 of 9 points (latency 1 ms and bandwidth from 1 Mbps, by 3.71 times) and "
            "SIGN at 7 (elsewhere, by 1.35 times).",
        )


class Words(unittest.TestCase):
    # tests/base/test_human_units.cpp and test_browser.py hold the other two that write numbers to the same texts.
    TIMES = {
        0: "0 s", 2.5e-9: "2.50 ns", 1.25e-5: "12.5 µs", 0.0021: "2.10 ms", 0.716: "716 ms", 1.449: "1.45 s",
        59.94: "59.9 s", 240.7: "241 s", 599.4: "599 s", 601: "10.0 min", 1300: "21.7 min", 7150: "119 min",
        7300: "2.03 h", 171000: "47.5 h", 260000: "3.01 d", 3.2e11: "10140 years",
    }  # fmt: skip

    def test_times(self):
        for value, text in self.TIMES.items():
            self.assertEqual(columns.human(value, "s"), text)


if __name__ == "__main__":
    unittest.main()

"""Who is first: at every point, over seeds, and as a map."""

import math
import unittest
from unittest import mock

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from analysis import plot, winner_map, winners
from analysis.results import read
from analysis.study import together
from analysis.winners import Target
from fixtures import Folder

# GD halves the gap in rounds of 2 latencies and 320 bits, SIGN needs twice the rounds, of 1 latency and 10 bits: where
# the latency rules, both need 14 latencies to a gap of 1 (GD 7 rounds, SIGN 13: SIGN is first); bits make it clearer.
NETWORKS = {"/platform/latency": ["1ms", "1s", "100s"], "/platform/bandwidth": ["10bps", "1Mbps"]}


class Winners(Folder):
    def tearDown(self):
        plt.close("all")

    def study(self, **how):
        return together([read(str(self.result(**how)))])

    def map(self, study, target, cost="sim_time_s"):
        found = winners.arrivals(study, target, cost)
        return winners.make_map(study, found, *winners.map_axes(study, (None, None)), study.labels(found))

    def test_costs_margins_and_winners(self):
        drawn = self.map(self.study(sweep=NETWORKS, rounds=20), Target("loss_gap", 1))
        self.assertEqual(
            (drawn.x.texts, drawn.y.texts, drawn.labels), (("1ms", "1s", "100s"), ("10bps", "1Mbps"), ["GD", "SIGN"])
        )
        np.testing.assert_allclose(drawn.costs[:, 0, 1], [7 * 2 + 7 * 32, 13 + 13])  # 1 s, 10 bit/s
        self.assertTrue((drawn.winner == 1).all())
        np.testing.assert_allclose(drawn.margin[0, 1], 238 / 26)
        self.assertEqual(
            self.map(self.study(name="b", sweep=NETWORKS, rounds=20), Target("loss_gap", 1), "round").winner.max(), 0
        )

    def test_the_summary_and_the_trajectory_agree(self):
        target = Target("loss_gap", 1)
        with_summary = self.map(self.study(sweep=NETWORKS, rounds=20, stop={"loss_gap": 1}), target)
        (self.root / "a" / "summary.csv").unlink()
        without = self.map(together([read(str(self.root / "a"))]), target)
        np.testing.assert_array_equal(with_summary.costs, without.costs)

    def test_a_seed_that_never_arrives_is_infinite(self):
        def stuck(row):
            if row["algorithm"] == "GD" and row["seed"] < 3:
                row["loss_gap"] = 50

        study = self.study(seeds=(1, 2, 3), sweep=NETWORKS, rounds=20, change=stuck)
        drawn = self.map(study, Target("loss_gap", 1))
        self.assertTrue(np.isinf(drawn.costs[0]).all())
        self.assertTrue((drawn.winner == 1).all())
        self.assertTrue(np.isinf(drawn.margin).all())

    def test_accuracy_is_reached_from_below(self):
        study = self.study(sweep=NETWORKS, change=lambda row: row.update(accuracy=row["round"] / 10))
        np.testing.assert_allclose(self.map(study, Target("accuracy", 0.5), "round").costs[0], 5)

    def test_a_gap_in_the_grid(self):
        folder = self.result(sweep=NETWORKS, rounds=20)
        text = [
            line for line in (folder / "trajectory.csv").read_text().splitlines() if not line.startswith("1s,1Mbps")
        ]
        (folder / "trajectory.csv").write_text("\n".join(text) + "\n")
        drawn = self.map(together([read(str(folder))]), Target("loss_gap", 1))
        self.assertEqual(drawn.ran.tolist(), [[True, True, True], [True, False, True]])
        self.draw(folder, "--target", "loss_gap=1")

    def draw(self, *arguments, complaint=""):
        found = []
        with mock.patch.object(plot, "save", lambda figure, out: found.append(figure)):
            code, _, said = self.run_command(plot.main, *arguments, "--winner-map", "--out", self.root / "x.svg")
        self.assertEqual(code, 0, said)
        self.assertIn(complaint, said)
        found[0].canvas.draw()
        return found[0]

    def test_the_picture(self):
        figure = self.draw(self.result(sweep=NETWORKS, rounds=20), "--target", "loss_gap=1")
        self.assertEqual([text.get_text() for text in figure.legends[0].get_texts()], ["SIGN"])
        self.assertEqual(figure.legends[0].get_title().get_text(), "first to loss gap ≤ 1")
        ax = figure.axes[0]
        self.assertEqual(
            (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel(), ax.get_ylabel()), ("log", "log", "latency", "bandwidth")
        )
        self.assertEqual([tick.get_text() for tick in ax.get_xticklabels()], ["1 ms", "1 s", "100 s"])

    def test_names_stand_in_their_lands_where_they_fit(self):
        folder = self.result(sweep=NETWORKS, rounds=20)
        texts = {text.get_text() for text in self.draw(folder, "--target", "loss_gap=1").axes[0].texts}
        self.assertIn("SIGN", texts)
        self.assertEqual([winner_map.ink(ground) for ground in ((0, 0, 0), (0.2, 0.13, 0.53))], ["white"] * 2)
        self.assertEqual([winner_map.ink(ground) for ground in ((1, 1, 1), (0.34, 0.71, 0.91))], ["black"] * 2)

    def test_nobody_is_hatched(self):
        folder = self.result(sweep=NETWORKS)
        figure = self.draw(
            folder,
            "--target",
            "loss_gap=1e-9",
            complaint="nobody reached loss gap ≤ 1e-09: nearest GD with 0.0977",
        )
        self.assertEqual([text.get_text() for text in figure.legends[0].get_texts()], ["nobody"])
        self.assertTrue(all(piece.get_hatch() for piece in figure.axes[0].collections))

    def test_a_map_for_each_of_what_else_was_swept(self):
        folder = self.result(sweep={**NETWORKS, "/workers": ["2", "4"]}, rounds=20, stop={"loss_gap": 1})
        self.assertEqual([ax.get_title("left") for ax in self.draw(folder).axes], ["workers 2", "workers 4"])
        self.assertEqual(len(self.draw(folder, "--at", "/workers=4").axes), 1)
        figure = self.draw(
            folder, "--map-x", "/workers", "--map-y", "/platform/latency", "--at", "/platform/bandwidth=1Mbps"
        )
        self.assertEqual(figure.axes[0].get_xlabel(), "workers")

    def test_a_map_of_one_point_of_names(self):
        folder = self.result(sweep={"/platform/type": ["star"], "/platform/latency": ["1s"]}, stop={"loss_gap": 50})
        self.assertEqual(self.draw(folder).axes[0].get_ylabel(), "type")

    def test_refused(self):
        folder = self.result(sweep=NETWORKS)
        for arguments, says in (
            ([], "--target: the scenario has none of its own"),
            (["--target", "loss_gap"], "expected METRIC=VALUE"),
            (["--target", "los=1"], '--target: unknown "los" (did you mean "loss"?)'),
            (["--target", "loss=low"], 'expected a number after loss=, got "low"'),
            (["--target", "loss=nan"], "expected a number"),
            (["--target", "loss=1", "--cost", "tim"], '--cost: unknown "tim"'),
            (["--target", "loss=1", "--cost", "energy_j"], "energy_j: no value was recorded"),
            (["--target", "loss=1", "--map-x", "/seed"], '--map-x: unknown "/seed"'),
            (
                ["--target", "loss=1", "--map-x", "/platform/latency", "--map-y", "/platform/latency"],
                "both are /platform/latency",
            ),
            (["--target", "loss=1", "--x", "round"], "--x has no meaning for --winner-map"),
            (["--target", "loss=1", "--facet", "/workers"], "nothing but"),
            (["--target", "loss=1", "--no-band"], "--no-band has no meaning for --winner-map"),
            (["--target", "loss=1", "--preset", "le-fig1"], "sizes have: column, page, icml"),
        ):
            with self.subTest(arguments):
                self.refused(plot.main, folder, "--winner-map", *arguments, says=says)

    def test_values_that_change_together_span_no_plane(self):
        folder = self.result(sweep=NETWORKS)
        text = [
            line
            for line in (folder / "trajectory.csv").read_text().splitlines()
            if line.startswith(("/", "1ms,10bps", "1s,1Mbps"))
        ]
        (folder / "trajectory.csv").write_text("\n".join(text) + "\n")
        self.refused(
            plot.main,
            folder,
            "--winner-map",
            "--target",
            "loss=1",
            says="/platform/latency and /platform/bandwidth change together",
        )

    def test_medians_know_infinity(self):
        import pandas as pd

        found = pd.DataFrame({"algorithm": ["a"] * 2 + ["b"] * 3, "cost": [1, math.inf, 1, 3, math.inf]})
        costs = winners.medians(found, ["algorithm"])
        self.assertEqual((costs["a"], costs["b"]), (math.inf, 3))


if __name__ == "__main__":
    unittest.main()

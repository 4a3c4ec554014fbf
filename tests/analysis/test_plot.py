"""Figures: what is drawn, where, on which axes; and what is refused."""

import json
import math
import unittest
from pathlib import Path
from unittest import mock

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import LogFormatterMathtext
import numpy as np
import pandas as pd

from analysis import axes, plot, series, style
from analysis.presets import PRESETS
from fixtures import METHODS, Folder


def lines(ax):
    """The curves of a panel by their colours, without the crosses of those that diverge."""
    return [line for line in ax.get_lines() if line.get_marker() != "x"]


class Figures(Folder):
    def tearDown(self):
        plt.close("all")

    def draw(self, *arguments, complaint="", paint=True):
        """The figure that a command saves."""
        found = []
        with mock.patch.object(plot, "save", lambda figure, out: found.append(figure)):
            code, _, said = self.run_command(plot.main, *arguments, "--out", self.root / "x.svg")
        self.assertEqual(code, 0, said)
        self.assertIn(complaint, said)
        if not complaint:
            self.assertEqual(said, "")
        if paint:
            found[0].canvas.draw()
        return found[0]

    def panels(self, *arguments, **more):
        return [ax for ax in self.draw(*arguments, **more).axes if ax.get_visible()]

    def test_the_usual_panels_hold_the_data(self):
        axes = self.panels(self.result())
        self.assertEqual([ax.get_xlabel() for ax in axes], ["rounds", "uploaded bits", "simulated time (s)"])
        self.assertEqual([ax.get_ylabel() for ax in axes], ["loss gap", "", ""])
        gd = lines(axes[2])[0]
        np.testing.assert_allclose(gd.get_xdata(), [2 * number for number in range(11)])
        np.testing.assert_allclose(gd.get_ydata(), [100 * 0.5**number for number in range(11)])
        self.assertEqual([ax.get_yscale() for ax in axes], ["log"] * 3)
        self.assertEqual([ax.get_xscale() for ax in axes], ["linear", "log", "linear"])
        self.assertEqual(len({ax.get_ylim() for ax in axes}), 1)

    def test_a_logarithmic_axis_leaves_out_what_has_no_place(self):
        folder = self.result(change=lambda row: row.update(loss_gap=0 if row["round"] > 7 else row["loss_gap"]))
        axes = self.panels(folder, "--x", "upload_bits")
        self.assertEqual(list(lines(axes[0])[0].get_xdata()), [320 * number for number in range(1, 8)])
        self.panels(folder, "--log", "y", complaint="6 values are not above 0")
        everything = self.result("b", change=lambda row: row.update(loss_gap=0))
        self.assertEqual(self.panels(everything)[0].get_yscale(), "linear")
        self.refused(plot.main, everything, "--log", "y", says="no value is above 0")

    def test_a_logarithmic_axis_has_labels_whatever_it_spans(self):
        def labels(ax, low, high):
            ax.set_ylim(low, high)
            axes.tick_log(ax.yaxis)
            ax.figure.canvas.draw()
            shown = [text.get_text() for text in ax.get_yticklabels() if low <= text.get_position()[1] <= high]
            self.assertEqual([text for text in ax.get_yticklabels(minor=True) if text.get_text()], [])
            return shown

        ax = plt.figure().add_subplot()
        ax.set_yscale("log")
        for low, high, expected in (
            (0.18, 0.72, ["0.2", "0.3", "0.5", "0.7"]),
            (0.05, 2.4, ["0.1", "0.3", "1"]),
            (0.21, 0.29, ["0.21", "0.24", "0.27"]),
            (100, 101, ["100", "100.4", "100.8"]),
        ):
            with self.subTest((low, high)):
                self.assertEqual(labels(ax, low, high), expected)
        ax.yaxis.set_major_formatter(LogFormatterMathtext())
        for low, high, powers in ((3e-92, 4, range(-80, 1, 20)), (2e-16, 300, range(-15, 1, 5)), (3, 2e4, range(1, 5))):
            with self.subTest((low, high)):
                self.assertEqual(labels(ax, low, high), [f"$\\mathdefault{{10^{{{power}}}}}$" for power in powers])

    def test_a_legend_that_needs_two_rows_fills_both(self):
        folder = self.result(change=lambda row: None)
        rows = (folder / "trajectory.csv").read_text().splitlines()
        labels = [f"method number {number}" for number in range(9)]
        lines = [line.replace(",GD,", f",{label},") for label in labels for line in rows[1:] if ",GD," in line]
        (folder / "trajectory.csv").write_text("\n".join([rows[0], *lines]) + "\n")
        self.assertEqual(self.draw(folder).legends[0]._ncols, 5)

    def test_scales_can_be_chosen(self):
        folder = self.result()
        axes = self.panels(
            folder, "--log", "round", "--linear", "upload_bits", "--linear", "y", "--xlim", "1,5", "--ylim", "1,50"
        )
        self.assertEqual([ax.get_xscale() for ax in axes], ["log", "linear", "linear"])
        self.assertEqual(axes[0].get_yscale(), "linear")
        self.assertEqual((axes[0].get_xlim(), axes[0].get_ylim()), ((1, 5), (1, 50)))

    def test_panels_by_name(self):
        axes = self.panels(self.result(), "--panels", "rounds:loss,time:grad_norm")
        self.assertEqual(
            [(ax.get_xlabel(), ax.get_ylabel()) for ax in axes],
            [("rounds", "loss"), ("simulated time (s)", "gradient norm")],
        )

    def test_bands_are_medians_and_ranges(self):
        axes = self.panels(self.result(seeds=(1, 2, 3)), "--x", "round")
        np.testing.assert_allclose(lines(axes[0])[0].get_ydata()[0], 110)
        band = axes[0].collections[0].get_paths()[0].vertices
        self.assertAlmostEqual(band[:, 1].max(), 120)
        self.assertEqual(len(self.panels(self.root / "a", "--x", "round", "--no-band")[0].collections), 0)

    def test_small_multiples(self):
        folder = self.result(sweep={"/platform/latency": ["1s", "10ms"], "/workers": ["2", "4"]})
        axes = self.panels(folder, "--x", "sim_time_s")
        self.assertEqual(
            [ax.get_title("left") for ax in axes],
            [
                "latency 10 ms, workers 2",
                "latency 10 ms, workers 4",
                "latency 1 s, workers 2",
                "latency 1 s, workers 4",
            ],
        )
        axes = self.panels(folder, "--x", "round,sim_time_s", "--facet", "/workers", "--facet", "/platform/latency")
        self.assertEqual(
            [axes[number].get_title("left") for number in (0, 2)],
            ["workers 2, latency 10 ms", "workers 2, latency 1 s"],
        )
        self.assertEqual(len(self.panels(folder, "--at", "/platform/latency=1000ms")), 3)

    def test_what_the_sweep_does_not_change_is_drawn_once(self):
        folder = self.result(sweep={"/platform/latency": ["1s", "10ms"]})
        axes = self.panels(folder, "--x", "round,uploads")
        self.assertEqual([ax.get_title("left") for ax in axes], ["", ""])
        self.assertEqual(len(self.panels(folder, "--x", "round,sim_time_s")), 4)

    def test_too_many_panels(self):
        self.refused(
            plot.main,
            self.result(sweep={"/platform/latency": [f"{number}s" for number in range(2, 30)]}),
            says="28 values are too many for panels",
        )

    def test_one_point_only(self):
        axes = self.panels(self.result(rounds=0))
        self.assertEqual(list(lines(axes[0])[0].get_ydata()), [100])

    def test_what_diverges_leaves_the_view(self):
        def explode(row):
            if row["algorithm"] == "SIGN":
                row["loss_gap"] = {8: 1e200, 9: math.inf, 10: math.nan}.get(row["round"], row["loss_gap"])

        figure = self.draw(self.result(change=explode))
        low, high = figure.axes[0].get_ylim()
        self.assertLess(high, 1e5)
        self.assertLess(low, 100 * 0.5**10)
        self.assertEqual(
            [text.get_text() for text in figure.legends[0].get_texts()], ["GD", "SIGN (x: infinite in round 9)"]
        )
        crosses = [line for line in figure.axes[0].get_lines() if line.get_marker() == "x"]
        self.assertEqual([list(line.get_xdata()) for line in crosses], [[7]])

    def test_curves_that_stay_are_all_in_view(self):
        def explode(row):  # GD rises to fifty times its start and comes back, SIGN goes on and on
            up = {0: 1, 1: 50, 2: 20}.get(row["round"], 0.5 ** row["round"])
            row["loss_gap"] = up if row["algorithm"] == "GD" else 10.0 ** (8 * row["round"])

        figure = self.draw(self.result(change=explode))
        low, high = figure.axes[0].get_ylim()
        self.assertTrue(50 < high < 1e4 and low < 0.5**10, (low, high))
        self.assertEqual(figure.legends[0].get_texts()[1].get_text(), "SIGN (x: diverges)")

    def test_where_all_diverge_there_are_ticks_all_the_same(self):
        for name, last in (("a", math.inf), ("b", math.nan), ("c", 1e300)):
            with self.subTest(name):

                def explode(row):
                    row["loss_gap"] = 10.0 ** (30 * row["round"]) if row["round"] < 10 else last

                for scale in ("--log", "--linear"):
                    ax = self.panels(
                        self.root / name if (self.root / name).exists() else self.result(name, change=explode),
                        scale,
                        "y",
                    )[0]
                    low, high = ax.get_ylim()
                    self.assertTrue(np.isfinite([low, high]).all())
                    shown = [text for text in ax.get_yticklabels() if low <= text.get_position()[1] <= high]
                    self.assertGreaterEqual(len([text for text in shown if text.get_text()]), 2, (low, high))

    def test_infinite_and_not_a_number_are_told_apart(self):
        for value, words in ((math.inf, "infinite"), (-math.inf, "infinite"), (math.nan, "not a number")):
            self.assertEqual(series.lost(np.array([1.0, 2.0, value]), np.array([0, 5, 7])), (words, 7))
        self.assertIsNone(series.lost(np.array([math.nan, 1.0]), np.array([0, 1])))

    def test_nothing_but_nan(self):
        folder = self.result(change=lambda row: row.update(loss="nan", loss_gap="nan", grad_norm="nan"))
        self.refused(plot.main, folder, says="none of loss_gap, loss, grad_norm, accuracy was recorded")
        self.refused(plot.main, folder, "--y", "loss", says="loss: no value was recorded")

    def test_without_a_network_there_is_no_time(self):
        folder = self.result(change=lambda row: row.update(sim_time_s=""))
        self.assertEqual(len(self.panels(folder, complaint="sim_time_s: no value was recorded")), 2)

    def test_the_legend_covers_no_data_and_nothing_is_clipped(self):
        figure = self.draw(self.result(), "--title", "A title")
        renderer = figure.canvas.get_renderer()
        legend = figure.legends[0].get_window_extent(renderer)
        for ax in figure.axes:
            self.assertFalse(legend.overlaps(ax.get_tightbbox(renderer)))
        self.assertEqual(figure.legends[0].get_title().get_text(), "A title")

    def test_a_stand_in_is_named(self):
        folder = self.result()
        known = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({**known, "stand_in": "random numbers"}))
        self.assertEqual(self.draw(folder).legends[0].get_title().get_text(), "stand-in data: random numbers")
        self.assertEqual(self.draw(folder, "--no-legend")._suptitle.get_text(), "stand-in data: random numbers")

    def test_every_preset_names_columns_that_exist(self):
        folder = self.result(change=lambda row: row.update(accuracy=0.5))
        for name in PRESETS:
            with self.subTest(name):
                self.panels(folder, "--preset", name, paint=False)
                plt.close("all")
        self.panels(self.result("b"), "--preset", "mh-fig2", complaint="accuracy: no value was recorded")

    def test_every_figure_of_a_paper_that_has_a_scenario_has_a_preset(self):
        scenarios = {path.stem for path in (Path(__file__).parents[2] / "scenarios" / "papers").glob("*.json")}
        self.assertEqual(scenarios - set(PRESETS), set())

    def test_each_of_two_figures_drawn_together_has_its_own_name_too(self):
        folder = self.result(change=lambda row: row.update(accuracy=0.5))
        self.panels(folder, "--preset", "lasg-fig6-7", paint=False)
        whole = (self.draw(folder, "--preset", name, paint=False) for name in ("lasg-fig6-7", "lasg-fig6", "lasg-fig7"))
        drawn = [[(ax.get_xlabel(), ax.get_ylabel()) for ax in figure.axes] for figure in whole]
        self.assertEqual(drawn[1:], drawn[:1] * 2)
        self.panels(folder, "--preset", "lasg-fig11", paint=False)
        for name in ("lasg-fig5-6", "lasg-fig12", "lasg-fig"):
            self.refused(plot.main, folder, "--preset", name, says=f'--preset: unknown "{name}"')

    def test_the_preset_of_each_papers_scenario_draws_its_metrics(self):
        for path in sorted((Path(__file__).parents[2] / "scenarios" / "papers").glob("*.json")):
            recorded = json.loads(path.read_text())["record"]["metrics"]
            metrics = [name for name in ("loss", "loss_gap", "grad_norm", "accuracy") if name in recorded]
            folder = self.result(
                path.stem,
                change=lambda row: row.update(
                    {name: 0.5 if name in metrics else "" for name in ("loss", "loss_gap", "grad_norm", "accuracy")}
                ),
            )
            with self.subTest(path.stem):
                self.panels(folder, "--preset", path.stem, paint=False)
                plt.close("all")

    def test_who_is_first_at_a_target(self):
        folder = self.result(sweep={"/platform/latency": ["1s", "10ms"]}, seeds=(1, 2, 3), rounds=20)
        figure = self.draw(folder, "--x", "round,sim_time_s", "--target", "loss_gap=5")
        self.assertEqual(
            [text.get_text() for ax in figure.axes for text in ax.texts],
            ["first: GD, 5", "first: SIGN, 90.0 ms", "first: GD, 5", "first: SIGN, 9.00 s"],
        )
        rings = [line for line in figure.axes[3].get_lines() if line.get_markerfacecolor() == "none"]
        self.assertEqual([list(line.get_xdata()) for line in rings], [[9.0]])
        self.assertAlmostEqual(rings[0].get_ydata()[0], 110 * 0.7**9)
        texts = [
            text.get_text()
            for ax in self.panels(folder, "--y", "loss_gap,loss", "--x", "round", "--target", "loss_gap=1e-9")
            for text in ax.texts
        ]
        self.assertEqual(texts, ["nobody gets there"])
        tie = self.panels(folder, "--x", "uploads", "--target", "loss_gap=200")
        self.assertEqual([text.get_text() for text in tie[0].texts], ["tied: GD and SIGN, 0"])
        self.refused(
            plot.main,
            folder,
            "--y",
            "loss",
            "--target",
            "loss_gap=1",
            says="--target: no panel shows loss_gap: --y loss_gap would",
        )

    def test_what_a_result_can_be_drawn_as(self):
        folder = self.result(
            sweep={"/platform/latency": ["1s", "10ms"]}, stop={"loss_gap": 5}, scenario={"stop": {"loss_gap": 5}}
        )
        for options in (["--log", "x"], ["--out", "a.pdf"], ["--winner-map"], ["--title", "t"], ["--no-band"]):
            self.refused(plot.main, folder, "--list", *options, says=f"{options[0]} has no meaning for --list")
        code, said, complaint = self.run_command(plot.main, folder, "--list")
        self.assertEqual((code, complaint), (0, ""))
        lines = {line.split("  ")[0]: " ".join(line.split("  ")[1:]).strip() for line in said.splitlines()}
        self.assertEqual(lines["--y"], "loss, loss_gap, grad_norm")
        self.assertIn("upload_bits", lines["--x"])
        self.assertNotIn("energy_j", lines["--x"])
        self.assertEqual(lines["--facet /platform/latency, --at /platform/latency=..."], "10ms, 1s")
        self.assertIn("--target loss_gap=5", lines)
        self.assertNotIn("--winner-map", lines)
        self.assertIn("--preset column", lines)

    def test_ratios_to_a_baseline(self):
        folder = self.result(seeds=(1, 2, 3))
        above, below = self.draw(folder, "--x", "round", "--baseline", "GD").axes
        self.assertEqual(below.get_ylabel(), "loss gap / GD's")
        drawn = [line.get_ydata() for line in below.get_lines()]
        self.assertTrue(all(value == 1 for value in drawn[0]))
        self.assertAlmostEqual(drawn[1][-1], 1.4**10)
        self.assertEqual(above.get_ylabel(), "loss gap")
        self.refused(plot.main, folder, "--baseline", "SGD", says='--baseline: unknown "SGD"')
        self.refused(plot.main, folder, "--baseline", "SIGN", "--winner-map", says="--baseline has no meaning")

    def test_axes_end_near_the_last_arrival(self):
        folder = self.result(rounds=20)
        figure = self.draw(folder, "--x", "round,sim_time_s", "--target", "loss_gap=20")
        self.assertEqual(
            [round(ax.get_xlim()[1], 2) for ax in figure.axes], [5.4, 6.48]
        )  # SIGN's five rounds, GD's six seconds
        self.assertGreater(self.draw(folder, "--x", "round", "--target", "loss_gap=1e-9").axes[0].get_xlim()[1], 19)

    def test_files(self):
        folder = self.result()
        starts = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG", "eps": b"%!PS"}
        for kind, start in starts.items():
            out = self.root / f"figure.{kind}"
            self.assertEqual(self.run_command(plot.main, folder, "--x", "round", "--out", out)[:2], (0, f"{out}\n"))
            self.assertTrue(out.read_bytes().startswith(start))
        first = (self.root / "figure.svg").read_bytes()
        self.run_command(plot.main, folder, "--x", "round", "--out", self.root / "figure.svg")
        self.assertEqual((self.root / "figure.svg").read_bytes(), first)  # the same bytes every time
        self.run_command(plot.main, folder, "--x", "round")
        self.assertTrue((folder / "figure.pdf").exists())

    def test_refused(self):
        folder = self.result()
        for arguments, says in (
            (["--y", "acuracy"], '--y: unknown "acuracy" (did you mean "accuracy"?)'),
            (["--x", "algorithm"], '--x: unknown "algorithm"'),
            (["--y", "accuracy"], "accuracy: no value was recorded; recorded: loss, loss_gap, grad_norm"),
            (["--preset", "le-fig9"], '--preset: unknown "le-fig9" (did you mean'),
            (["--panels", "round"], "--panels: expected X:Y"),
            (["--panels", "round:loss", "--x", "round"], "leave --x and --y away"),
            (["--only", "gd"], '--only: unknown "gd"'),
            (["--facet", "/workers"], "nothing was swept"),
            (["--at", "/workers=3"], "nothing was swept"),
            (["--at", "/workers"], "expected /POINTER=VALUE"),
            (["--log", "z"], '--log: unknown "z"'),
            (["--log", "x", "--linear", "x"], "both name x"),
            (["--xlim", "5"], "expected two rising numbers"),
            (["--ylim", "5,1"], "expected two rising numbers"),
            (["--width", "wide"], "expected inches"),
            (["--height", "1e9"], "expected inches"),
            (["--cost", "round"], "--cost has a meaning for --winner-map alone"),
            (["--map-x", "/a"], "--map-x has a meaning for --winner-map alone"),
            (["--map-y", "/a"], "--map-y has a meaning for --winner-map alone"),
            (["--no-band"], "--no-band: there is one seed"),
            (["--log", "loss"], "--log loss: no panel shows loss"),
            (["--linear", "time", "--x", "round"], "--linear time: no panel shows time"),
            (["--preset", "le-fig1", "--panels", "round:loss"], "leave it none"),
            (["--preset", "le-fig1", "--x", "round", "--y", "loss"], "leave it none"),
            (["--x", "round", "--x", "uploads"], "--x is given twice"),
            (["--title", "a", "--title", "b"], "--title is given twice"),
            (["--bogus"], "unrecognized arguments: --bogus"),
            (["--winner-map"], "a winner map needs two swept values"),
            (["--out", "figure.gif"], "expected a name that ends in .pdf, .svg, .png or .eps"),
            (["--out", self.root / "none" / "a.pdf"], "no folder"),
            (["--out", "/proc/self/a.pdf"], "cannot write"),
        ):
            with self.subTest(arguments):
                self.refused(plot.main, folder, *arguments, says=says)
        (self.root / "x.pdf").mkdir()
        self.refused(plot.main, folder, "--out", self.root / "x.pdf", says="is a folder")


class Curves(unittest.TestCase):
    def rows(self, runs):
        return pd.DataFrame(
            [
                {"seed": seed, "round": number, "loss": value}
                for seed, values in runs.items()
                for number, value in values
            ]
        )

    def test_a_seed_that_has_ended_counts_with_its_last_row(self):
        curve = series.series_of(
            "a",
            self.rows({1: [(0, 9), (1, 1)], 2: [(0, 9), (1, 5), (2, 4)], 3: [(0, 9), (1, 6), (2, 3), (3, 2)]}),
            ["loss"],
        )
        self.assertEqual(list(curve.mid["loss"]), [9, 5, 3])  # the median seed ends after round 2
        self.assertEqual(list(curve.low["loss"]), [9, 1, 1])
        self.assertEqual(list(curve.high["loss"]), [9, 6, 4])

    def test_infinity_does_not_vanish_from_a_median(self):
        curve = series.series_of(
            "a", self.rows({seed: [(0, 1), (1, math.nan if seed < 3 else 2)] for seed in (1, 2, 3)}), ["loss"]
        )
        self.assertEqual(curve.mid["loss"][1], math.inf)
        self.assertEqual(curve.diverged, {"loss": ("not a number", 1)})

    def test_thinned_curves_keep_both_ends_and_their_start(self):
        keep = series.thin(np.arange(100000), 300)
        self.assertLessEqual(len(keep), 302)
        self.assertEqual((keep[0], keep[-1]), (0, 99999))
        self.assertTrue({1, 2, 3, 5} <= set(keep))
        self.assertEqual(list(series.thin(np.arange(5), 300)), [0, 1, 2, 3, 4])


class Styles(unittest.TestCase):
    ENTRIES = [("GD", "gd"), ("mine", "gd"), ("LAG", "lag-wk"), ("other", "ef21")]

    def test_leaving_a_method_out_recolours_nobody(self):
        self.assertEqual(
            style.styles(self.ENTRIES, ["GD", "LAG"])["LAG"],
            style.styles(self.ENTRIES, [name for name, _ in self.ENTRIES])["LAG"],
        )

    def test_usual_colours(self):
        self.assertEqual(
            style.styles([("x", "lag-wk")], ["x"])["x"].colour, style.styles(self.ENTRIES, [])["LAG"].colour
        )

    def test_however_many_there_are_no_two_look_alike(self):
        many = [(f"m{number}", "") for number in range(60)]
        known = list(style.styles(many, []).values())
        for looks in (
            {(own.colour, str(own.dash)) for own in known},
            {(own.colour, own.plotly_dash) for own in known},
        ):
            self.assertEqual(len(looks), 60)
        many = [(f"m{number}", "") for number in range(300)]
        triples = {(own.colour, str(own.dash), own.marker) for own in style.styles(many, []).values()}
        self.assertEqual(len(triples), 300)

    def test_a_result_without_its_scenario(self):
        self.assertEqual(set(style.styles([], ["a", "b"])), {"a", "b"})


if __name__ == "__main__":
    unittest.main()

"""A figure's file: as wide as it was asked to be, text that is text, and no grumbling of the library's."""

import math
import unittest
import warnings

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from analysis import canvas, line_ends, plot
from fixtures import Folder


class Canvas(Folder):
    def tearDown(self):
        plt.close("all")

    def test_a_figure_is_as_wide_as_it_was_asked_to_be(self):
        sweep = {"/platform/latency": ["1ms", "100s"], "/platform/bandwidth": ["10bps", "1Mbps"]}
        networks = self.result("networks", sweep=sweep, rounds=20, stop={"loss_gap": 1})
        long = self.result("long", change=lambda row: row.update(algorithm=row["algorithm"] + " with a long label" * 4))
        out = self.root / "figure.svg"
        for arguments in (
            (networks, "--winner-map", "--width", "3.4"),
            (networks, "--winner-map", "--preset", "column"),
            (networks, "--x", "sim_time_s", "--width", "3.4", "--title", "A title that is far too long for 3.4 inches"),
            (long, "--preset", "column"),
            (
                long,
                "--x",
                "round",
                "--width",
                "3.4",
                "--no-legend",
                "--title",
                "A title that is far too long for so few",
            ),
        ):
            with self.subTest(arguments[1:]):
                self.assertEqual(self.run_command(plot.main, *arguments, "--out", out)[:2], (0, f"{out}\n"))
                text = out.read_text(encoding="utf-8")
                self.assertIn('width="244.8pt"', text)
                self.assertIn("<text", text)

    def test_what_matplotlib_grumbles_about_stays_inside(self):
        for name, label in (("a", "\u5b66\u4e60"), ("b", "plain"), ("c", "\U0001f600 $x$")):
            folder = self.result(name, rounds=0, change=lambda row: row.update(algorithm=f"{label} {row['algorithm']}"))
            for kind in ("png", "svg", "pdf"):
                with warnings.catch_warnings(record=True) as told:
                    warnings.simplefilter("always")
                    code, _, said = self.run_command(plot.main, folder, "--out", self.root / f"figure.{kind}")
                self.assertEqual((code, [str(warning.message) for warning in told]), (0, []))
                self.assertIn(said.count("\n"), (0, 1), said)
                self.assertTrue(not said or said.startswith("note: no font here has "), said)

    def test_a_legend_has_columns_as_equal_as_its_width_allows(self):
        for width, count in ((3.4, 24), (5.0, 5), (10.0, 7), (1.5, 3)):
            figure = plt.figure(figsize=(width, 2))
            handles = [plt.Line2D([], []) for _ in range(count)]
            made = canvas.legend(figure, handles, [f"method {number}" for number in range(count)], loc="lower center")
            self.assertLessEqual(made.get_window_extent(figure.canvas.get_renderer()).width, width * figure.dpi)
            rows = math.ceil(count / made._ncols)
            self.assertEqual(made._ncols, math.ceil(count / rows))

    def test_lines_that_coincide_or_are_many_are_named_at_their_ends(self):
        x = np.arange(1.0, 20)
        for lines, told in (
            ({"A": x, "B": 2 * x}, []),
            ({"A": x, "B": 2 * x, "C": x * 1.0001}, ["A, C", "B"]),
            ({f"{k}": k * x for k in range(1, 9)}, [f"{k}" for k in range(1, 9)]),
        ):
            figure, ax = plt.subplots()
            self.addCleanup(plt.close, figure)
            line_ends.name_ends(ax, {label: ax.plot(x, y)[0] for label, y in lines.items()})
            self.assertEqual([text.get_text() for text in ax.texts], told)
            places = sorted(text.get_position()[1] for text in ax.texts)
            self.assertTrue(all(b - a > 0.02 for a, b in zip(places, places[1:])), places)


if __name__ == "__main__":
    unittest.main()

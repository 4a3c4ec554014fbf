"""Both commands through laconic, and whatever its other commands write."""

import json
import os
import subprocess
import unittest
from unittest import mock

from fixtures import Folder


@unittest.skipUnless(os.environ.get("LACONIC_BINARY"), "needs the program")
class Program(Folder):
    def laconic(self, *arguments):
        done = subprocess.run(
            [os.environ["LACONIC_BINARY"], *map(str, arguments)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    def test_plot_and_report(self):
        folder = self.result("a folder")
        out = self.root / "a figure.svg"
        self.assertEqual(self.laconic("plot", folder, "--x", "round", "--out", out), (0, f"{out}\n", ""))
        self.assertTrue(out.exists())
        self.assertEqual(self.laconic("report", folder), (0, f"{folder}/report.html\n", ""))
        self.assertEqual(self.laconic("plot", folder, "--x", "rnd")[0], 2)

    def test_what_every_subcommand_writes_is_drawn(self):
        source = {
            "name": "s",
            "workers": 2,
            "problem": {"type": "toy", "function": "quadratic", "dimension": 2},
            "platform": {"type": "star", "latency": "1ms", "bandwidth": "1Mbps"},
            "algorithms": [{"method": "gd", "step": 0.1, "start": 1}],
            "stop": {"rounds": 3},
            "claims": [{"of": "gd", "metric": "uploads", "at_most": 100}],
        }
        swept = {**source, "sweep": {"/platform/latency": ["1ms", "10ms"]}}
        packed = {**source, "record": {"format": "csv.gz"}}
        for name, scenario in (("s", source), ("swept", swept), ("packed", packed)):
            (self.root / f"{name}.json").write_text(json.dumps(scenario))
        out = self.root / "out"
        for command, folder in (
            (("run", "s.json", "--out", out / "run"), "run"),
            (("run", "packed.json", "--out", out / "packed"), "packed"),
            (("sweep", "swept.json", "--out", out / "sweep"), "sweep"),
            (("check", "s.json", "--out", out / "check"), "check/s"),
            (("check", "swept.json", "--out", out / "checked"), "checked/s"),
            (("replay", out / "run", "--set", "/platform/latency=5ms", "--out", out / "replay"), "replay"),
        ):
            with self.subTest(command=command[0], folder=folder):
                words = [self.root / word if str(word).endswith(".json") else word for word in command]
                self.assertEqual(self.laconic(*words)[0], 0)
                for kind in ("plot", "report"):
                    self.assertEqual(self.laconic(kind, out / folder)[0::2], (0, ""))

    def test_a_report_without_graphviz_or_of_many_workers_has_a_picture_all_the_same(self):
        few = self.result(
            "few",
            scenario={
                "workers": 3,
                "graph": "ring",
                "platform": {"type": "star", "latency": "10ms", "bandwidth": ["1Mbps", "1Mbps", "9Mbps"]},
            },
        )
        many = self.result(
            "many", scenario={"workers": 200, "platform": {"type": "star", "latency": "10ms", "bandwidth": "1Mbps"}}
        )
        none = self.result("none", scenario={"platform": {"type": "none"}})
        with mock.patch.dict(os.environ, {"PATH": str(self.root)}):
            for folder, words in (
                (
                    few,
                    ("3 workers", "bandwidth 1.00 Mbps to 9.00 Mbps", "ring, metropolis weights: degree 2, diameter 1"),
                ),
                (many, ("200 workers", "latency 10.0 ms")),
            ):
                self.assertEqual(self.laconic("report", folder), (0, f"{folder}/report.html\n", ""))
                page = (folder / "report.html").read_text(encoding="utf-8")
                for text in words:
                    self.assertIn(text, page.partition('<figure class="platform">')[2])
            self.laconic("report", none)
            self.assertNotIn('<figure class="platform">', (none / "report.html").read_text(encoding="utf-8"))

    def test_plot_without_results(self):
        code, said, complaint = self.laconic("plot")
        self.assertEqual((code, said), (2, ""))
        self.assertIn("laconic plot: the following arguments are required: RESULTS", complaint)


if __name__ == "__main__":
    unittest.main()

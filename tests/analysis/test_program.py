"""Both commands through laconic, and whatever its other commands write."""

import json
import os
import re
import subprocess
import unittest
from unittest import mock

from analysis import answers, decide, winners
from analysis.decide import Kind
from analysis.results import read
from analysis.study import together
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

    def test_a_sweep_says_what_its_report_begins_with(self):
        seeds = list(range(1, 10))
        grid = {"/platform/latency": ["1us", "1ms", 0.1], "/platform/bandwidth": ["10kbps", "1Mbps", 1e8]}
        late = [{"timeout": "5ms", "then": "drop"}, {"timeout": "20ms", "then": "reuse"}]
        slow = {"stragglers": {"probability": 0.3, "factor": 10}}
        cases = {  # name: the sweep, the target, and what else the scenario says
            "map": (grid, {"loss_gap": 2}, {}),
            "nobody": (grid, {"loss_gap": 1e-9}, {}),
            "two": ({"/platform/bandwidth": ["10kbps", "1Gbps"]}, {"loss_gap": 2}, {}),
            "seeds": ({"/platform/bandwidth": ["10kbps", "1Gbps"], "/seed": seeds}, {"loss_gap": 0.8}, {}),
            "map of seeds": ({**grid, "/seed": seeds[:6]}, {"loss_gap": 0.8}, {}),
            "no network": ({"/seed": seeds}, {"loss": 6}, {"platform": {"type": "none"}}),
            "blocks": ({"/conditions/late": late, "/seed": [1, 2, 3]}, {"loss_gap": 2}, {"conditions": slow}),
        }
        kinds = set()
        for name, (sweep, target, more) in cases.items():
            source = {
                "name": name.replace(" ", "-"),
                "workers": 3,
                "problem": {"type": "logistic", "l2": 0.1},
                "data": {"type": "lag-synthetic", "samples": 10, "features": 5},
                "platform": {"type": "star", "worker_speed": "1Mf", "latency": "1ms", "bandwidth": "1Mbps"},
                "algorithms": [
                    {"method": "gd", "step": "1/L"},
                    {"method": "sgd", "step": "1/L", "batch": 2},
                    {"method": "sgd", "label": "sgd, too", "step": "1/L", "batch": 3},
                    {"method": "ef-signgd", "step": "1/L"},
                ],
                "stop": {"rounds": 40, **target},
                "sweep": sweep,
                **more,
            }
            file, out = self.root / f"{source['name']}.json", self.root / source["name"]
            file.write_text(json.dumps(source))
            with self.subTest(name):
                code, said, complaint = self.laconic("sweep", file, "--out", out)
                self.assertEqual(code, 0, complaint)
                study = together([read(str(out))])
                here = answers.answers(study, winners.watched(study))
                self.assertTrue(here)
                self.assertEqual(said.splitlines()[1:-1], here)
                found = winners.arrivals(study, winners.watched(study)[0], answers.usual_cost(study))
                kinds |= {verdict.kind for _, verdict in decide.verdicts(found, study.pointers)}
        self.assertLessEqual({Kind.FIRST, Kind.UNDECIDED, Kind.NOBODY}, kinds)

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

    def test_the_platform_and_the_graph_are_those_of_the_point_that_is_shown(self):
        sweep = {"/platform/latency": ["1ms", "10ms"], "/graph/type": ["ring", "star"]}
        folder = self.result(sweep=sweep, scenario={"workers": 4, "graph": {"type": "ring"}})
        self.assertEqual(self.laconic("report", folder)[0::2], (0, ""))
        page = (folder / "report.html").read_text(encoding="utf-8")
        seen = re.findall(r'<figure class="platform" data-shown="([^"]*)"( hidden)?>(.*?)</figure>', page, re.DOTALL)
        self.assertEqual([(place, hidden) for place, hidden, _ in seen if not hidden], [("1,1", "")])
        self.assertEqual(len(seen), 4)
        for place, _, inner in seen:
            latency = ["1.00 ms", "10.0 ms"][int(place[0])]
            self.assertIn(f"latency {latency}", inner)
            self.assertIn(f"<figcaption>At latency {latency.split('.')[0]} ms, type ", inner)
        graphs = re.findall(
            r'<div data-shown="([^"]*)"(?: hidden)?><figure class="graph">.*?<figcaption>(\w+)', page, re.DOTALL
        )
        self.assertEqual(graphs, [("0,0", "ring"), ("0,1", "star"), ("1,0", "ring"), ("1,1", "star")])

    def test_a_tuned_result_shows_its_trials(self):
        source = {
            "name": "t",
            "workers": 3,
            "problem": {"type": "toy", "function": "quadratic", "dimension": 2},
            "platform": {"type": "star", "latency": "1ms", "bandwidth": "1Mbps"},
            "algorithms": [{"method": "gd", "start": 1}, {"method": "gd", "label": "too", "start": 1}],
            "stop": {"rounds": 30, "loss": 0.01},
            "tune": {"grid": {"step": [0.3, 0.1, 0.001]}, "seeds": [101]},
            "sweep": {"/platform/latency": ["1ms", "10ms"]},
        }
        (self.root / "t.json").write_text(json.dumps(source))
        self.assertEqual(self.laconic("sweep", self.root / "t.json", "--out", self.root / "o")[0], 0)
        self.assertEqual(self.laconic("report", self.root / "o")[0::2], (0, ""))
        page = (self.root / "o/report.html").read_text(encoding="utf-8")
        self.assertEqual(page.count('<figure class="trials">'), 4)  # against the step and the budget, at two points
        one = page.partition('<figure class="trials">')[2].partition("</figure>")[0]
        self.assertEqual((one.count('class="ring"'), one.count("l8 8m0 -8l-8 8")), (2, 2))  # 0.001 never arrives
        self.assertIn("--sensitivity step", self.laconic("plot", self.root / "o", "--list")[1])

    def test_plot_without_results(self):
        code, said, complaint = self.laconic("plot")
        self.assertEqual((code, said), (2, ""))
        self.assertIn("laconic plot: the following arguments are required: RESULTS", complaint)


if __name__ == "__main__":
    unittest.main()

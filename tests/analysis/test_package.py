"""`import laconic`: the program from Python."""

import json
import os
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

source = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(source / "analysis"))

import laconic

SCENARIO = {
    "name": "small",
    "workers": 3,
    "problem": {"type": "logistic", "l2": 0.01},
    "data": {"type": "gaussian", "samples": 60, "features": 5},
    "platform": {"type": "star", "bandwidth": "8Mbps", "latency": "10ms"},
    "algorithms": [{"method": "gd", "label": "=GD"}, {"method": "sgd", "batch": 5, "step": 0.01}],
    "stop": {"rounds": 20, "loss": 20},
    "claims": [{"of": "sgd", "metric": "round", "to": {"loss": 20}, "at_most": 1}],
}


class Package(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        warnings.simplefilter("ignore", laconic.LaconicWarning)
        self.addCleanup(warnings.resetwarnings)

    def test_a_dict_and_a_file_give_the_same_tables(self):
        Path("s.json").write_text(json.dumps(SCENARIO))
        one = laconic.run(SCENARIO)
        other = laconic.run("s.json", out="other")
        self.assertEqual(one.folder, Path("results/small"))
        self.assertEqual(one.status, "complete")
        self.assertEqual((one.folder / "trajectory.csv").read_bytes(), (other.folder / "trajectory.csv").read_bytes())
        self.assertEqual(list(one.summary["algorithm"]), ["=GD", "sgd"])
        rounds = one.trajectory.groupby("algorithm", sort=False)["round"].max()
        self.assertEqual(list(rounds), list(one.summary["round"]))
        self.assertTrue((one.trajectory["sim_time_s"].dtype == float) and one.trajectory["energy_j"].isna().all())

    def test_values_are_put_in_by_name_or_pointer(self):
        one = laconic.run(SCENARIO, out="a", platform__latency="1ms", seed=3)
        other = laconic.run(SCENARIO, out="b", seed=3, **{"/platform/latency": "1ms"})
        self.assertEqual(one.scenario["platform"]["latency"], "1ms")
        self.assertTrue(one.trajectory.equals(other.trajectory))
        again = laconic.replay(one, platform={"type": "star", "latency": "2ms"}, out="c")
        self.assertEqual(again.scenario["platform"]["latency"], "2ms")
        self.assertEqual(list(again.summary["round"]), list(one.summary["round"]))

    def test_mistakes_are_exceptions_with_pointer_and_text(self):
        with self.assertRaises(laconic.InputError) as caught:
            laconic.run({**SCENARIO, "workers": 0})
        error = caught.exception
        self.assertEqual((error.file, error.pointer, error.code), ("-", "/workers", 2))
        self.assertEqual(error.text, "expected a whole number from 1 to 1000000, got 0")
        with self.assertRaises(laconic.InputError) as caught:
            laconic.run("nowhere.json")
        self.assertIn("nowhere.json", str(caught.exception))
        with self.assertRaises(laconic.InputError):
            laconic.run(SCENARIO, colour="red")
        with self.assertRaises(laconic.RunError) as caught:  # all diverge
            laconic.run(SCENARIO, out="d", **{"/algorithms": [{"method": "gd", "label": "sgd", "step": 1e300}]})
        self.assertEqual(list(caught.exception.result.summary["stopped_by"]), ["diverged"])

    def test_a_sweep_and_a_tuned_run_have_their_tables(self):
        swept = laconic.sweep({**SCENARIO, "sweep": {"/platform/latency": ["1ms", "2ms"], "/seed": [1, 2]}})
        self.assertEqual(list(swept.summary["/platform/latency"].unique()), ["1ms", "2ms"])
        self.assertEqual(list(swept.summary["/seed"].unique()), [1, 2])
        tuned = {**SCENARIO, "tune": {"grid": {"step": [0.1, 0.01]}}}
        result = laconic.run(tuned, out="t")
        self.assertEqual(len(result.tuned), 2 * 2 * 3)
        self.assertEqual(list(result.chosen["algorithm"]), ["=GD", "sgd"])
        alone = laconic.tune(tuned, out="alone")
        self.assertEqual(list(alone.chosen["values/step"]), list(result.chosen["values/step"]))
        self.assertEqual(laconic.run(alone.scenario, out="again").summary.shape[0], 2)

    def test_claims_are_judged(self):
        result = laconic.check(SCENARIO, out="c")
        self.assertFalse(result.held)
        self.assertEqual(list(result.claims["verdict"]), ["fails"])

    def test_figures_are_the_programs(self):
        figure = laconic.run(SCENARIO).plot(x="round", y="loss")
        self.assertIn("image/svg+xml", figure._repr_mimebundle_())
        with self.assertRaises(laconic.InputError):
            laconic.run(SCENARIO, out="x").plot(x="rund")

    def test_progress_is_told_and_warnings_are_warnings(self):
        told = []
        laconic.run(SCENARIO, out="p", progress=told.append, **{"/stop": {"rounds": 20000}})
        self.assertEqual(told[-1], "")
        self.assertFalse(any("\r" in state or "\x1b" in state for state in told))
        warnings.simplefilter("always", laconic.LaconicWarning)
        with self.assertWarns(laconic.LaconicWarning):
            laconic.run(SCENARIO, out="w", **{"/platform/latency": 10})

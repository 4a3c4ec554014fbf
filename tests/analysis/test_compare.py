"""A simulated run held to the same one deployed: what is compared, what is refused."""

import json
import unittest

import matplotlib

matplotlib.use("Agg")

from analysis import compare, plot, report
from analysis.agreement import agreement_of, tau_b
from analysis.results import read
from fixtures import Folder


class Compare(Folder):
    def pair(self, factor=1.25, change=None, **how):
        """A simulated result and a deployed one, `factor` times as slow."""
        simulated = self.result("race", **how, stop={"loss_gap": 10.0})

        def measured(row):
            row["scenario"] = "race"
            row["sim_time_s"] *= factor
            row["wall_s"] = row["sim_time_s"] + 1
            if change:
                change(row)

        names = (simulated / "trajectory.csv").read_text().splitlines()[0].split(",") + ["wall_s"]
        deployed = self.result("deployed", change=measured, names=names, scenario={"name": "race"}, **how)
        self.mark(deployed)
        return simulated, deployed

    def mark(self, folder):
        told = json.loads((folder / "run.json").read_text())
        told["deployed"] = {"ranks": 3}
        (folder / "run.json").write_text(json.dumps(told))

    def test_errors_are_relative_to_what_was_measured(self):
        found = agreement_of(*map(read, map(str, self.pair(seeds=(1, 2)))))
        self.assertEqual([one.label for one in found.methods], ["GD", "SIGN"])
        for one in found.methods:
            self.assertEqual(one.rows, 20)  # of 11 rows of two seeds, all but the start
            for value in (one.median, one.worst, -one.shift):
                self.assertAlmostEqual(value, 0.2)
        (target,) = found.targets
        self.assertEqual([label for label, _, _ in target.times], ["GD", "SIGN"])
        # GD: 100 * 0.5^4 is the first below 10, of 2 s each; SIGN: 0.7^7, of 1 s; the second seed is 10 % above.
        self.assertEqual(target.times[0][1:], (10.0, 8.0))
        self.assertEqual(target.tau, 1.0)

    def test_a_ranking_that_turns_round_has_tau_minus_one(self):
        def slow(row):
            row["sim_time_s"] *= 10 if row["algorithm"] == "SIGN" else 1

        found = agreement_of(*map(read, map(str, self.pair(change=slow))))
        self.assertEqual(found.targets[0].tau, -1.0)

    def test_tau_b(self):
        self.assertEqual(tau_b([1, 2, 3], [10, 20, 30]), 1)
        self.assertEqual(tau_b([1, 2, 3], [3, 2, 1]), -1)
        # scipy.stats.kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])
        self.assertAlmostEqual(tau_b([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]), -0.47140452079103173)
        self.assertIsNone(tau_b([1, 1], [1, 2]))
        self.assertIsNone(tau_b([1], [2]))

    def test_the_table_the_json_and_the_figure(self):
        simulated, deployed = self.pair()
        out = self.root / "f.svg"
        code, said, complaint = self.run_command(compare.main, simulated, deployed, "--out", out)
        self.assertEqual((code, complaint), (0, ""))
        for words in ("GD", "20.0 %", "-20.0 %", "Kendall's tau-b of the rankings: 1.00", str(out)):
            self.assertIn(words, said)
        self.assertIn("simulated time", out.read_text())
        code, said, _ = self.run_command(compare.main, simulated, deployed, "--json")
        self.assertEqual(json.loads(said)["targets"][0]["kendall_tau_b"], 1.0)

    def test_the_wall_counts_where_the_run_has_no_clock_of_its_own(self):
        def no_clock(row):
            row["sim_time_s"] = ""

        found = agreement_of(*map(read, map(str, self.pair(change=no_clock))))
        self.assertAlmostEqual(found.methods[1].measured, 13.5)

    def test_a_report_of_both_and_the_list(self):
        simulated, deployed = self.pair()
        out = self.root / "r.html"
        code, _, complaint = self.run_command(report.main, simulated, deployed, "--out", out)
        self.assertEqual((code, complaint), (0, ""))
        text = out.read_text()
        self.assertIn("Simulated against deployed", text)
        self.assertIn("measured: deployed on 3 processes", text)
        _, said, _ = self.run_command(plot.main, deployed, "--list")
        self.assertIn("laconic compare SIMULATED", said)

    def test_refusals(self):
        simulated, deployed = self.pair()
        self.refused(compare.main, simulated, simulated, says='its run.json has no "deployed"')
        self.refused(compare.main, deployed, simulated, says="expected SIMULATED first")
        self.refused(compare.main, deployed, deployed, says="it was deployed")
        self.refused(compare.main, simulated, deployed, "--out", self.root / "f.txt", says="expected a name that ends")

    def test_another_scenario_is_refused(self):
        def other(row):
            if row["algorithm"] == "SIGN" and row["round"] == 7:
                row["upload_bits"] += 1

        simulated, deployed = self.pair(change=other)
        self.refused(compare.main, simulated, deployed, says="SIGN, seed 1, round 7: upload_bits is 71, and 70 in")
        self.result("seeds", seeds=(2,), scenario={"name": "race"})
        self.mark(self.root / "seeds")
        self.refused(compare.main, simulated, self.root / "seeds", says="has no seed 1")

    def test_a_row_that_only_one_of_them_has_is_refused(self):
        simulated, deployed = self.pair()
        path = deployed / "trajectory.csv"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[:4] + lines[5:]))
        self.refused(compare.main, simulated, deployed, says="has no row of round 3")


if __name__ == "__main__":
    unittest.main()

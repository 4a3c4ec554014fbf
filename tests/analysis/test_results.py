"""Reading results: what is there, what is wrong with it, and which results belong together."""

import json
import math
import unittest

from analysis import quantities, study
from analysis.columns import human
from analysis.errors import InputError
from analysis.plot import main as plot
from analysis.report import main as report
from analysis.results import read
from fixtures import COLUMNS, Folder


class Reading(Folder):
    def test_sums_and_swept_values(self):
        folder = self.result(sweep={"/platform/latency": ["1ms", "1s"]})
        rows = read(str(folder)).rows(["bits", "loss"])
        self.assertEqual(set(rows["/platform/latency"]), {"1ms", "1s"})
        last = rows[(rows["algorithm"] == "GD") & (rows["/platform/latency"] == "1s")].iloc[-1]
        self.assertEqual(last["bits"], 10 * (320 + 320))

    def test_the_csv_itself_may_be_named(self):
        self.assertEqual(read(str(self.result() / "trajectory.csv")).name, "a")

    def test_labels_that_look_like_nothing(self):
        folder = self.result(change=lambda row: row.update(algorithm="NA" if row["algorithm"] == "GD" else "null"))
        self.assertEqual(set(read(str(folder)).rows([])["algorithm"]), {"NA", "null"})

    def test_what_is_no_result(self):
        (self.root / "empty").mkdir()
        for command in (plot, report):
            self.refused(command, self.root / "empty", says="not a result: expected a folder with a trajectory.csv")
            self.refused(command, self.root / "nowhere", says="no such folder")

    def test_missing_columns(self):
        folder = self.result(names=["scenario", "algorithm", "round", "loss"])
        self.refused(plot, folder, says="no column seed")
        folder = self.result("b", names=["scenario", "algorithm", "seed", "round", "loss"])
        self.refused(plot, folder, "--x", "uploads", says='--x: unknown "uploads"')
        self.assertEqual(self.run_command(plot, folder, "--out", self.root / "b.svg")[0], 0)

    def test_an_empty_run(self):
        folder = self.result(rounds=-1)
        for command in (plot, report):
            self.refused(command, folder, says="no row: the run is empty")
        (folder / "trajectory.csv").write_text("")
        self.refused(plot, folder, says="no column scenario")

    def test_what_is_no_number(self):
        folder = self.result(
            change=lambda row: row.update(
                loss="fast" if row["round"] == 3 and row["algorithm"] == "GD" else row["loss"]
            )
        )
        self.refused(plot, folder, "--y", "loss", says='line 5: loss: expected a number, got "fast"')

    def test_what_is_no_table(self):
        folder = self.result()
        (folder / "trajectory.csv").write_bytes(b"\xff\xfe\x00")
        self.refused(plot, folder, says="cannot read: it is UTF-16, expected UTF-8")

    def test_broken_json(self):
        folder = self.result()
        (folder / "run.json").write_text("{")
        self.refused(plot, folder, says="run.json: not JSON")
        (folder / "run.json").write_text('{"scenario": 3}')
        self.refused(plot, folder, says="expected an object")
        (folder / "run.json").unlink()
        (folder / "claims.json").write_text('{"claims": 3}')
        self.refused(report, folder, says="claims.json")

    def test_formats(self):
        folder = self.result()
        told = json.loads((folder / "run.json").read_text())
        self.assertNotIn("formats", told)  # as Laconic 0.1 wrote it
        self.assertEqual(self.run_command(plot, folder, "--out", self.root / "a.svg")[0], 0)
        for formats, says in (
            ({"json": 2, "csv": 1}, "run.json: /formats/json: 2 is newer than 1, the last that this Laconic reads"),
            ({"csv": 3}, "run.json: /formats/csv: 3 is newer than 1, the last that this Laconic reads"),
            ({"json": "1"}, 'run.json: /formats: expected {"json": <number>, "csv": <number>}, got {"json": "1"}'),
            (2, "run.json: /formats: expected"),
        ):
            (folder / "run.json").write_text(json.dumps({"formats": formats, "of a later format": True}))
            for command in (plot, report):
                self.refused(command, folder, says=says)
        (folder / "run.json").write_text(json.dumps({**told, "formats": {"json": 1, "csv": 1, "more": 7}}))
        self.assertEqual(read(str(folder)).name, "a")
        (folder / "claims.json").write_text('{"formats": {"json": 2}}')
        self.refused(report, folder, says="claims.json: /formats/json: 2 is newer")


class Together(Folder):
    def read(self, *folders):
        return [read(str(folder)) for folder in folders]

    def test_runs_that_differ_in_a_value_are_as_if_swept(self):
        one = self.result("a", scenario={"name": "x"})
        two = self.result("b", scenario={"name": "x", "platform": {"type": "star", "latency": "5s"}})
        both = study.together(self.read(one, two))
        self.assertEqual(both.pointers, ["/platform/latency"])
        self.assertEqual(set(both.rows([])["/platform/latency"]), {"1s", "5s"})
        self.assertEqual(len(study.studies(self.read(one, two))), 1)

    def test_runs_that_differ_in_seeds_are_one(self):
        one = self.result("a", scenario={"name": "x", "seed": 1})
        two = self.result("b", scenario={"name": "x", "seed": 2}, change=lambda row: row.update(seed=2))
        both = study.together(self.read(one, two))
        self.assertEqual(both.pointers, [])
        self.assertEqual(set(both.rows([])["seed"]), {1, 2})

    def test_other_scenarios_have_panels_of_their_own(self):
        one, two = self.result("a"), self.result("b", scenario={"problem": {"type": "logistic"}})
        code, _, complaint = self.run_command(plot, one, two, "--out", self.root / "f.svg")
        self.assertEqual((code, complaint), (0, "note: a, b are different scenarios: each has its own panels\n"))
        self.assertEqual(len(study.studies(self.read(one, two))), 2)
        self.refused(plot, one, two, "--winner-map", says="a winner map is of one scenario")

    def test_other_sweeps_are_no_figure(self):
        one, two = self.result("a", sweep={"/platform/latency": ["1s", "2s"]}), self.result("b")
        self.refused(plot, one, two, says="different values were swept")

    def test_the_same_twice(self):
        folder = self.result()
        for command in (plot, report):
            self.refused(command, folder, folder, says="the same result is given twice")

    def test_narrowed_by_value_not_by_spelling(self):
        sweep = study.together(self.read(self.result(sweep={"/platform/latency": ["1ms", "1s"]})))
        rows = study.narrow(sweep, sweep.rows([]), {"/platform/latency": "1000us"})
        self.assertEqual(set(rows["/platform/latency"]), {"1ms"})
        with self.assertRaisesRegex(InputError, 'expected 1ms, 1s, got "3s"'):
            study.narrow(sweep, sweep.rows([]), {"/platform/latency": "3s"})


class Quantities(unittest.TestCase):
    def test_units(self):
        for text, pointer, value, unit in (
            ("10ms", "", 0.01, "s"),
            ("100Mbps", "", 1e8, "bit/s"),
            ("12.5MBps", "", 1e8, "bit/s"),
            ("1e3", "/p/bandwidth", 8e3, "bit/s"),
            ("2", "/p/latency", 2, "s"),
            ("10Gf", "", 1e10, "flop/s"),
            ("7", "/workers", 7, ""),
            ("64KiB", "", 65536, "B"),
        ):
            with self.subTest(text):
                found = quantities.parse(text, pointer)
                self.assertAlmostEqual(found.value / value, 1)
                self.assertEqual(found.unit, unit)
        for text in ("fast", "", "10 parsecs", "1,2", "{}", "ms"):
            self.assertIsNone(quantities.parse(text))

    def test_scales_are_sorted_by_value(self):
        self.assertEqual(quantities.scale_of("/l", ["1s", "2ms", "10us"]).texts, ("10us", "2ms", "1s"))
        self.assertTrue(quantities.scale_of("/l", ["1s", "2ms"]).log)
        self.assertFalse(quantities.scale_of("/l", ["1s", "2s"]).log)
        self.assertFalse(quantities.scale_of("/l", ["0s", "2s"]).log)
        mixed = quantities.scale_of("/l", ["star", "1s"])
        self.assertEqual((mixed.texts, mixed.values), (("star", "1s"), None))

    def test_human(self):
        for value, unit, text in (
            (101728000, "bit", "102 Mbit"),
            (66, "s", "66.0 s"),
            (9.9962, "", "10.00"),
            (31790, "", "31790"),
            (0, "s", "0 s"),
            (1e-5, "s", "10.0 µs"),
            (7200, "s", "2.00 h"),
            (600, "s", "10.0 min"),
            (999.9, "bit", "1.00 kbit"),
            (math.inf, "s", "inf"),
            (math.nan, "s", "-"),
            (3e-9, "", "3.00e-09"),
        ):
            with self.subTest(text):
                self.assertEqual(human(value, unit).replace("10.00", "10.0"), text.replace("10.00", "10.0"))


if __name__ == "__main__":
    unittest.main()

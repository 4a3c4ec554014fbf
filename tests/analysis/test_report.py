"""The report without a browser: what it says, carries and refuses; and both commands through laconic."""

import base64
import gzip
import json
import re
import unittest

from analysis import answers, library, line_ends, payload, quantities, section, winners
from analysis.report import main as report
from analysis.results import read
from analysis.study import together
from fixtures import METHODS, Folder
from page import Page

SWEEP = {"/platform/latency": ["1ms", "1s", "100s"], "/platform/bandwidth": ["10bps", "1Mbps"]}


class Pages(Folder):
    def page(self, *arguments):
        out = self.root / "page.html"
        code, said, complaint = self.run_command(report, *arguments, "--out", out)
        self.assertEqual((code, said, complaint), (0, f"{out}\n", ""))
        self.text = out.read_text(encoding="utf-8")
        page = Page(self.text)
        self.assertEqual(page.open, [])
        self.assertEqual(len(page.ids), len(set(page.ids)))
        return " ".join(" ".join(page.words).split())

    def data(self, name="s0"):
        packed = re.search(r'id="data-packed">([^<]*)<', self.text)[1]
        return json.loads(gzip.decompress(base64.b64decode(packed)))[name]

    def claims(self, folder, *claims):
        (folder / "claims.json").write_text(json.dumps({"claims": list(claims)}))


class Report(Pages):
    def test_question_answer_and_table(self):
        words = self.page(self.result(stop={"loss_gap": 1}, rounds=20))
        self.assertIn("What of a?", words)
        self.assertIn(
            "SIGN reached loss gap ≤ 1 first, after 13.0 s; GD was next with 14.0 s, 1.08 times as long (one seed).",
            words,
        )
        # The first to arrive stands first, and what is the same for all stands last.
        self.assertIn(
            "SIGN 13.0 s 1 130 bit 200 bit 20.0 s 5.08 0.0798 0.00798 20 20 6.40 kbit rounds GD 14.0 s", words
        )
        self.assertNotRegex(re.sub(r"<script.*?</script>", "", self.text, flags=re.DOTALL), r"https?://")

    def test_who_never_arrives(self):
        folder = self.result(stop={"loss_gap": 1})
        self.assertIn("GD alone reached loss gap ≤ 1, after 14.0 s. SIGN did not get there.", self.page(folder))
        self.assertIn(
            "Nobody reached loss gap ≤ 1e-09: nearest GD with 0.0977.", self.page(folder, "--target", "loss_gap=1e-9")
        )

    def test_what_has_not_ended_well_is_said_first(self):
        folder = self.result(stop={"loss_gap": 1}, rounds=20)
        known = json.loads((folder / "run.json").read_text())
        for status, words in (
            ("interrupted", "This result is not complete: it was interrupted. SIGN reached"),
            ("failed", "This result is not complete: some of its runs failed. SIGN reached"),
        ):
            (folder / "run.json").write_text(json.dumps({**known, "status": status}))
            self.assertIn(words, self.page(folder))
        (folder / "run.json").write_text(json.dumps(known))
        text = (folder / "summary.csv").read_text().splitlines()
        text = [line.replace(",rounds,", ",interrupted,") if ",GD," in line else line for line in text]
        (folder / "summary.csv").write_text("\n".join(text) + "\n")
        self.assertIn("Interrupted before the end: GD. SIGN reached", self.page(folder))

    def test_no_level_of_headings_is_skipped(self):
        one, two = self.result("a", stop={"loss_gap": 1}), self.result("b", scenario={"problem": {"type": "logistic"}})
        for results in ([one], [one, two]):
            self.page(*results)
            levels = [int(level) for level in re.findall(r"<h(\d)", self.text.partition("<script")[0])]
            self.assertEqual(levels[0], 1)
            self.assertTrue(all(after <= before + 1 for before, after in zip(levels, levels[1:])), levels)

    def test_claims_are_counted(self):
        def claims(**verdicts):
            return [{"verdict": verdict.replace("_", " ")} for verdict, count in verdicts.items() for _ in range(count)]

        for found, words in (
            ([], ""),
            (claims(holds=1), "The claim holds."),
            (claims(holds=3), "3 of 3 claims hold."),
            (claims(holds=3, fails=1, not_decidable=2), "3 of 6 claims hold, 1 fails, 2 not decidable."),
            (
                [*claims(holds=1), {"verdict": "fails", "expected": "fails"}],
                "1 of 2 claims hold, 1 fails (as expected).",
            ),
        ):
            self.assertEqual(section.verdicts(found), words)

    def test_infinite_and_not_a_number_in_the_table(self):
        def explode(row):
            if row["algorithm"] == "GD" and row["round"] == 10:
                row.update(loss="inf", loss_gap="inf", grad_norm="nan")

        folder = self.result(change=explode, stop={"loss_gap": 1})
        text = (folder / "summary.csv").read_text().splitlines()
        text = [line.replace(",rounds,", ",diverged,") if ",GD," in line else line for line in text]
        (folder / "summary.csv").write_text("\n".join(text) + "\n")
        self.assertIn("20.0 s infinite infinite not a number diverged", self.page(folder))

    def test_the_curves_are_the_data(self):
        self.page(self.result())
        curves = self.data()["curves"]
        gd = curves["points"][""][0]
        self.assertEqual(gd["label"], "GD")
        self.assertEqual(curves["arrays"][gd["mid"]["sim_time_s"]], [2 * number for number in range(11)])
        self.assertEqual(curves["arrays"][gd["mid"]["loss_gap"]][:3], [100, 50, 25])
        self.assertEqual(
            [axis["name"] for axis in curves["xs"]], ["round", "uploads", "upload_bits", "bits", "sim_time_s"]
        )

    def test_staleness_is_a_histogram_of_what_the_record_tells(self):
        def stale(row):
            if row["algorithm"] == "SIGN" and row["round"]:
                row.update(uploads=2 * row["round"], late=row["round"] // 2)
                row.update(staleness_mean=row["round"] % 3, staleness_max=row["round"] % 3 + (row["round"] == 1))

        text = self.page(self.result(rounds=6, change=stale))
        part = text[text.index("Staleness") : text.index("Scenario")]
        self.assertNotIn("GD", part)
        # Rounds 1 to 6 take 2, 1, 2, 1, 2, 1 uploads of ages 1, 2, 0, 1, 2, 0; one of the first two is 2 updates old.
        self.assertIn("mean 1.00, oldest 2", part)
        self.assertIn("33 % in the highest bar", self.text)
        self.assertIn("78 % or more", part)
        self.assertNotIn("Staleness", self.page(self.result("none")))

    def test_hidden_and_exposed_communication_are_two_bars_of_a_round(self):
        def told(row):
            if row["algorithm"] == "GD":
                row.update(comm_hidden_s=2 * row["round"], comm_exposed_s=row["round"] / 2)

        text = self.page(self.result(rounds=6, change=told))
        part = text[text.index("Communication beside computing") : text.index("Scenario")]
        self.assertNotIn("SIGN", part)
        self.assertIn("hidden 2.00 s, exposed 0.500 s", part)
        self.assertEqual(self.text.count('<path class="bars"'), 2)
        self.assertIn('<path class="bars" d="M0 22h55.0', self.text)
        self.assertNotIn("Communication beside computing", self.page(self.result("none")))

    def test_consensus_is_a_metric_and_a_column(self):
        folder = self.result(change=lambda row: row.update(consensus=1 / (1 + row["round"])))
        self.assertIn("distance from consensus", self.page(folder))
        self.assertIn("consensus", [axis["name"] for axis in self.data()["curves"]["ys"]])
        self.assertNotIn("distance from consensus", self.page(self.result("none")))

    def test_seeds_have_ranges(self):
        self.page(self.result(seeds=(1, 2, 3), stop={"loss_gap": 1}, rounds=20))
        gd = self.data()["curves"]["points"][""][0]
        arrays = self.data()["curves"]["arrays"]
        self.assertEqual([arrays[gd[which]["loss_gap"]][0] for which in ("low", "mid", "high")], [100, 110, 120])
        self.assertTrue("over 3 seeds" in self.text)

    def test_a_sweep_keeps_what_is_the_same_once(self):
        self.page(self.result(sweep=SWEEP, rounds=20, stop={"loss_gap": 1}))
        curves = self.data()["curves"]
        self.assertEqual(len(curves["points"]), 6)
        losses = {entry["mid"]["loss_gap"] for entries in curves["points"].values() for entry in entries}
        self.assertEqual(len(losses), 2)
        self.assertEqual(self.data()["map"]["maps"]["0|sim_time_s|"][1][1][2], 1300)
        self.assertEqual(self.text.count("<tr data-point="), 12)

    def test_maps_of_a_third_swept_value_and_of_other_targets(self):
        words = self.page(
            self.result(sweep={**SWEEP, "/workers": ["2", "4"]}, rounds=20),
            "--target",
            "loss_gap=1",
            "--target",
            "loss_gap=1e-9",
        )
        self.assertIn("To loss gap ≤ 1, the first is SIGN at 12 of 12 points (by 1.08 to 17.2 times).", words)
        self.assertIn("Nobody reached loss gap ≤ 1e-09, at any of 12 points: nearest GD with 9.54e-05.", words)
        maps = self.data()["map"]
        self.assertEqual(maps["others"], ["/workers"])
        self.assertEqual(maps["maps"]["1|round|1"][0], [[-1] * 3] * 2)

    def test_claims(self):
        folder = self.result()
        self.claims(
            folder,
            {
                "what": "GD is <fast>",
                "verdict": "holds",
                "expected": "holds",
                "metric": "upload_bits",
                "times": "SIGN",
                "value_of": 3200.0,
                "value_times": 100.0,
                "ratio": 32.0,
                "bound": {"at_least": 2},
            },
            {
                "what": "SIGN is slow",
                "verdict": "fails",
                "expected": "holds",
                "metric": "round",
                "value_of": 2,
                "range": [1, 2],
                "at": {"/workers": 2, "/conditions/late": {"timeout": "20ms", "then": "reuse"}},
                "note": "a note",
            },
            {"what": "it is round", "verdict": "fails", "expected": "fails", "measured": "as laconic says it"},
            {
                "what": "nobody knows",
                "verdict": "not decidable",
                "expected": "holds",
                "ratio": None,
                "bound": None,
                "value_of": None,
            },
        )
        words = self.page(folder)
        for part in (
            "holds GD is <fast> 3.20 kbit / 100 bit = 32 (at least 2)",
            "fails , expected: holds SIGN is slow at workers 2, late reuse after 20 ms a note 2, seeds 1 to 2",
            "fails , as expected it is round as laconic says it",
            "not decidable nobody knows -",
        ):
            self.assertIn(part, words)
        known = json.loads((folder / "claims.json").read_text())
        (folder / "claims.json").write_text(json.dumps({**known, "scale": "reduced"}))
        self.assertIn("reduced scale", self.page(folder))

    def test_values_that_change_together_have_one_menu_and_no_map(self):
        folder = self.result(sweep=SWEEP, rounds=20, stop={"loss_gap": 1})
        for name in ("trajectory.csv", "summary.csv"):
            text = [
                line
                for line in (folder / name).read_text().splitlines()
                if line.startswith(("/", "1ms,10bps", "100s,1Mbps"))
            ]
            (folder / name).write_text("\n".join(text) + "\n")
        words = self.page(folder)
        self.assertIn("at latency 1 ms, bandwidth 10 bps latency 100 s, bandwidth 1 Mbps", words)
        self.assertIn(
            "At latency 100 s, bandwidth 1 Mbps: SIGN reached loss gap ≤ 1 first, after 21.7 min; "
            "GD was next with 23.3 min",
            words,
        )
        self.assertIsNone(self.data()["map"])

    def test_nothing_that_a_user_writes_is_markup(self):
        evil = '</script><script>alert(1)</script>{{plotly}} & "'
        folder = self.result(
            scenario={"comment": evil, "name": evil},
            change=lambda row: row.update(algorithm="<b>" if row["algorithm"] == "GD" else "SIGN"),
        )
        self.assertIn(evil, self.page(folder))
        self.assertNotIn("<b>", self.text.partition("<script")[0])

    def test_results_of_one_scenario_share_a_section(self):
        one = self.result("a", scenario={"name": "x"})
        two = self.result("b", scenario={"name": "x", "platform": {"type": "star", "latency": "5s"}})
        other = self.result("c", scenario={"problem": {"type": "logistic"}})
        self.page(one, other, two)
        self.assertEqual(self.text.count("data-section="), 2)
        self.assertEqual(sorted(self.data("s0")["curves"]["points"]), ["0", "1"])

    def test_without_scenario_summary_network_or_finite_losses(self):
        def empty(row):
            row.update(sim_time_s="", loss="nan", grad_norm="inf")

        folder = self.result(change=empty)
        (folder / "run.json").unlink()
        self.page(folder, "--target", "loss_gap=1")
        self.assertEqual([axis["name"] for axis in self.data()["curves"]["ys"]], ["loss_gap"])
        nothing = self.result("b", change=lambda row: row.update(loss="nan", loss_gap="nan", grad_norm="nan"))
        self.page(nothing)
        self.assertIsNone(self.data()["curves"])

    def test_one_point_only(self):
        self.page(self.result(rounds=0, sweep={"/a": ["1"], "/b": ["x"]}, stop={"loss_gap": 1}))
        self.assertEqual(self.data()["map"]["maps"]["0|sim_time_s|"], [[[-1]], [[-1]]])

    def test_an_axis_is_logarithmic_where_curves_lie_far_apart_not_networks(self):
        self.page(self.result(sweep={"/platform/latency": ["1ms", "100s"]}))
        self.assertEqual([axis["log"] for axis in self.data()["curves"]["xs"]], [False, False, True, False, False])

    def test_what_diverged(self):
        self.page(
            self.result(
                change=lambda row: row.update(
                    loss_gap="inf" if row["round"] > 5 and row["algorithm"] == "GD" else row["loss_gap"]
                )
            )
        )
        gd, sign = self.data()["curves"]["points"][""]
        self.assertEqual((gd["diverged"], sign["diverged"]), ({"loss_gap": ["infinite", 6]}, {}))
        self.assertIsNone(self.data()["curves"]["arrays"][gd["mid"]["loss_gap"]][-1])

    def test_a_stand_in_is_named(self):
        folder = self.result()
        known = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({**known, "stand_in": "random numbers"}))
        self.assertIn("Stand-in data: random numbers", self.page(folder))

    def test_the_same_bytes_every_time(self):
        folder = self.result()
        self.page(folder)
        first = self.text
        self.page(folder)
        self.assertTrue(self.text == first)
        self.assertLess(len(first), 4_000_000)

    def test_refused(self):
        folder = self.result()
        for arguments, says in (
            (["--out", "a.pdf"], "expected a name that ends in .html"),
            (["--target", "los=1"], '--target: unknown "los"'),
            (["--out", "/proc/self/a.html"], "cannot write"),
            (["--bogus"], "unrecognized arguments: --bogus"),
        ):
            with self.subTest(arguments):
                self.refused(report, folder, *arguments, says=says)


class Words(Folder):
    def test_many_points_and_nobody(self):
        study = together([read(str(self.result(sweep=SWEEP, rounds=20)))])
        self.assertEqual(
            answers.answers(study, [winners.Target("loss_gap", 1)]),
            ["To loss gap ≤ 1, the first is SIGN at 6 of 6 points (by 1.08 to 17.2 times)."],
        )

    def test_a_winner_that_changes(self):
        folder = self.result(
            sweep={"/platform/bandwidth": ["100bps", "1Gbps"]},
            rounds=20,
            change=lambda row: row.update(sim_time_s=row["sim_time_s"] / (2.2 if row["algorithm"] == "GD" else 1)),
        )
        said = answers.answers(together([read(str(folder))]), [winners.Target("loss_gap", 1)])
        self.assertEqual(
            [answer.split(" reached")[0] for answer in said[:2]],
            ["At bandwidth 100 bps: SIGN", "At bandwidth 1 Gbps: GD"],
        )
        self.assertEqual(said[2:], ["The winner changes: to loss gap ≤ 1, it is SIGN or GD."])

    def test_swept_blocks_are_named(self):
        for text, words in (
            ('{"timeout":"20ms","then":"reuse"}', "reuse after 20 ms"),
            ("wait", "wait"),
            ("10us", "10 µs"),
            ("1e-05s", "1e-05 s"),
            ('{"type":"torus","shape":[4,4],"link_bandwidth":"1Gbps","on":true}',
             "torus, shape (4, 4), link bandwidth 1 Gbps, on yes"),
            ("{not json", "{not json"),
        ):  # fmt: skip
            self.assertEqual(quantities.scale_of("/a", [text]).label(text), words)

    def test_blocks_in_one_line(self):
        block = {
            "type": "idx",
            "rows": 5,
            "test": {"share": 0.2},
            "partition": {"type": "dirichlet", "alpha": 0.5},
            "on": True,
            "list": [1, {"type": "x"}],
        }
        self.assertEqual(
            section.inline(block), "rows 5, test (share 0.2), partition (dirichlet, alpha 0.5), on yes, list 1, (x)"
        )

    def test_numbers_of_a_payload_are_json(self):
        import numpy as np

        self.assertEqual(payload.numbers(np.array([1.23456789, np.nan, np.inf])), [1.2346, None, None])


class Still(Pages):
    def test_what_is_drawn_first_is_there_without_javascript(self):
        self.page(self.result(stop={"loss_gap": 1}), self.result("b", rounds=30, sweep=SWEEP, stop={"loss_gap": 1}))
        one, swept, curves = re.findall(r'<svg class="still".*?</svg>', self.text)
        for label in METHODS:
            colour = self.data()["styles"][label]["light"]
            self.assertRegex(one, f'<path class="curve" style="--light:{colour};[^>]*" d="M[0-9. L]+"')
            self.assertIn(f">{label}</text>", one)
        self.assertIn(">loss gap ≤ 1</text>", one)
        self.assertEqual(swept.count("<rect "), 6 + 1)  # cells, and a name
        self.assertIn('data-log="y" checked', self.text)

    def test_names_stand_apart_and_stay_inside(self):
        for places in ([5, 5, 5], [0, 100, 99], [100, 100], [1, 2, 3, 50]):
            out = sorted(line_ends.spread(places, places, 10, 0, 100))
            self.assertTrue(all(b - a >= 9.999 for a, b in zip(out, out[1:])), out)
            self.assertTrue(0 <= out[0] and out[-1] <= 100)
        self.assertEqual(line_ends.spread([50, 51], [2, 1], 10, 0, 100), [61, 51])


class Library(unittest.TestCase):
    def test_what_a_report_does_not_draw_is_left_out(self):
        whole = library.get_plotlyjs()
        small = library.what_is_drawn(whole)
        if whole.count("_dereq_(") < 100:  # a newer python3-plotly
            self.assertIsNone(small)
            return
        self.assertLess(len(small), 0.4 * len(whole))
        self.assertFalse("Mapbox GL JS is licensed" in small)
        for other in (whole[:-200], whole.replace("_dereq_", "require"), whole[: len(whole) // 2], "var Plotly;", ""):
            self.assertIsNone(library.what_is_drawn(other))


if __name__ == "__main__":
    unittest.main()

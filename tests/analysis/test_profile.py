"""Many cases at once, what tuning costs and buys, and how sure a comparison is."""

import importlib.util
import json
import unittest

import numpy as np
import pandas as pd

from analysis import decide, profile, section, tuning
from analysis.errors import InputError
from analysis.results import read
from analysis.study import Study
from fixtures import Folder


class Profiles(unittest.TestCase):
    def setUp(self):
        costs = np.array([[1.0, 2.0, np.inf], [4.0, 2.0, 2.0], [np.inf, np.inf, np.inf], [3.0, np.nan, 15.0]])
        self.profile = profile.Profile(["A", "B", "C"], profile.ratios_of(costs))

    def test_the_share_of_cases_is_counted(self):
        self.assertEqual([self.profile.share("A", factor) for factor in (1, 1.9, 2, 4)], [0.5, 0.5, 0.75, 0.75])
        self.assertEqual([self.profile.share("B", factor) for factor in (1, 2)], [0.25, 0.5])
        self.assertEqual([self.profile.share("C", factor) for factor in (1, 4, 5)], [0.25, 0.25, 0.5])

    def test_the_score_is_the_area_below_the_curve(self):
        self.assertAlmostEqual(self.profile.score("A"), (0.5 * 1 + 0.75 * 2) / 3)
        self.assertAlmostEqual(self.profile.score("B"), (0.25 * 1 + 0.5 * 2) / 3)
        self.assertAlmostEqual(self.profile.score("C"), 0.25)
        always = profile.Profile(["A"], np.ones((5, 1)))
        self.assertEqual(always.score("A"), 1)

    def test_a_share_never_falls(self):
        random = np.random.default_rng(1)
        found = profile.Profile(["A", "B"], profile.ratios_of(random.exponential(size=(40, 2))))
        for label in found.labels:
            factors, shares = found.steps(label)
            self.assertTrue((np.diff(factors) >= 0).all() and (np.diff(shares) >= 0).all())
        self.assertEqual(found.share("A", 1) + found.share("B", 1), 1)


class Reported(Folder):
    def test_a_sweep_is_summed_up(self):
        folder = self.result(sweep={"/platform/latency": ["1ms", "2ms"]}, stop={"loss_gap": 1.0})
        self.assertRegex(
            profile.words(Study([read(str(folder))], [{}]), "sim_time_s"),
            r"^\w+ 1.00, \w+ 0\.\d\d \(the mean share of 2 cases",
        )
        self.assertEqual(profile.words(Study([read(str(self.result("b")))], [{}]), "sim_time_s"), "")


class Trials(unittest.TestCase):
    def setUp(self):
        rows = [("A", t, step, k, s, c, c) for t, step, k, c in TRIALS for s in (1, 2)]
        self.rows = pd.DataFrame(rows, columns=["algorithm", "trial", "step", "k", "seed", "sim_time_s", "median"])
        self.rows["chosen"] = (self.rows["trial"] == 3).astype(int)

    def test_of_a_value_the_best_of_the_other_parameters_counts(self):
        (found,) = profile.sensitivity(self.rows, ["step", "k"], "step", ["A"])
        self.assertEqual((found.x, list(found.cost), found.chosen), ([0.1, 1.0], [5.0, 2.0], 1))

    def test_against_the_budget_the_best_so_far_counts(self):
        (found,) = profile.sensitivity(self.rows, ["step", "k"], "budget", ["A"])
        self.assertEqual((found.x, list(found.cost)), ([1, 2, 3, 4], [9, 5, 2, 2]))

    def test_an_unknown_parameter_is_refused(self):
        with self.assertRaisesRegex(InputError, 'unknown "stp" .did you mean "step"..; known: step, k, budget'):
            profile.sensitivity(self.rows, ["step", "k"], "stp", ["A"])


TRIALS = [(1, 0.1, 1, 9.0), (2, 0.1, 2, 5.0), (3, 1.0, 1, 2.0), (4, 1.0, 2, np.inf)]


class Sureness(unittest.TestCase):
    def test_probabilities_have_closed_forms(self):
        self.assertEqual(decide.before({1: 1.0, 2: 1.0}, {1: 2.0, 2: 2.0}), (1.0, 1.0, 1.0))
        self.assertEqual(decide.before({1: 1.0, 2: np.inf}, {1: 1.0, 2: np.inf})[0], 0.5)
        self.assertEqual(decide.before({1: 1.0, 2: 3.0}, {3: 2.0, 4: 2.0, 5: 0.5})[0], 2 / 6)
        share, low, high = decide.before(dict(enumerate([1.0, 2, 3, 9])), dict(enumerate([2.0, 3, 4, 5])))
        self.assertEqual((share, high), (0.75, 1.0))
        self.assertLess(low, share)

    def test_of_seeds_that_agree_nothing_is_in_doubt(self):
        self.assertEqual(decide.of_median({1: 7.0, 2: 7.0, 3: 7.0}), (7.0, 7.0))
        self.assertEqual(decide.quartiles(dict(enumerate([1.0, 2, 3, 4, np.inf]))), (2.0, 4.0))
        self.assertEqual(decide.spread_words(decide.entry_of("A", {1: 7.0, 2: 7.0}), str), "")

    def test_a_cell_of_the_table_tells_quartiles_and_interval_when_it_is_pointed_at(self):
        cell = section.cost_cell(decide.entry_of("A", dict(enumerate([1.0, 2, 3, 4, np.inf]))), "s")
        self.assertEqual(
            cell.hint,
            "quartiles 2.00 s to 4.00 s, 95 % interval of the median 1.00 s to never over 5 seeds",
        )

    @unittest.skipUnless(importlib.util.find_spec("scipy"), "no scipy")
    def test_intervals_are_scipys(self):
        from scipy import stats

        values = np.random.default_rng(2).lognormal(size=25)
        theirs = stats.bootstrap((values,), np.median, n_resamples=20000, method="percentile", random_state=3)
        own = decide.of_median(dict(enumerate(values)))
        spread = theirs.standard_error
        self.assertAlmostEqual(own[0], theirs.confidence_interval.low, delta=0.3 * spread)
        self.assertAlmostEqual(own[1], theirs.confidence_interval.high, delta=0.3 * spread)

    def test_intervals_cover_as_often_as_they_say(self):
        random = np.random.default_rng(4)
        inside = 0
        for _ in range(200):
            low, high = decide.of_median(dict(enumerate(random.normal(size=25))))
            inside += low <= 0 <= high
        self.assertGreater(inside, 180)
        self.assertLess(inside, 200)


class Told(Folder):
    def tuned(self, **more):
        folder = self.result()
        chosen = [{"algorithm": label, "trials": 12, "values": {"step": 0.1}} for label in ("GD", "SIGN")]
        told = json.loads((folder / "run.json").read_text())
        note = "tuned by sim_time_s to loss at most 1, on the seed 101; 12 trials each"
        told["tuning"] = {"chosen": chosen, "note": note, "warnings": ["a.json: warning: /tune: look"], **more}
        (folder / "run.json").write_text(json.dumps(told))
        return Study([read(str(folder))], [{}])

    def test_the_budget_is_told(self):
        study = self.tuned()
        self.assertEqual(tuning.budget(study), "each at its best of 12")
        self.assertEqual(tuning.doubts(study), ["/tune: look"])
        (sentence,) = tuning.sentences(study)
        self.assertTrue(sentence.startswith("Each at its best of 12: GD with step 0.1"), sentence)

    def test_whether_the_seeds_were_enough_is_told(self):
        folder = self.result()
        told = json.loads((folder / "run.json").read_text())
        told["seeds"] = {"words": "12 seeds: intervals within 5 %"}
        (folder / "run.json").write_text(json.dumps(told))
        study = Study([read(str(folder))], [{}])
        self.assertEqual(tuning.sentences(study), ["12 seeds: intervals within 5 %."])

    def test_on_another_network_that_is_told(self):
        self.assertIn("of the run that is replayed", tuning.budget(self.tuned(elsewhere=True)))

    def test_what_was_not_tuned_has_no_budget(self):
        study = Study([read(str(self.result()))], [{}])
        self.assertEqual((tuning.budget(study), tuning.sentences(study)), ("", []))

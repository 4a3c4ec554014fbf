"""Pictures of platforms and graphs, without the program."""

import re
import unittest

from analysis import drawing, graph, picture
from page import Page


class Pictures(unittest.TestCase):
    PLATFORM = {
        "type": "edge",
        "hosts": 1001,
        "links": 2002,
        "server": {"host": "server", "speed": 1e11},
        "workers": {"count": 1000, "speed": [1e9, 12e9]},
        "down": {"latency": [0.01, 0.12], "bandwidth": [125000, None]},
        "up": {"latency": [0.01, 0.12], "bandwidth": [125000, 125000]},
    }

    def test_platforms_as_they_are(self):
        def drawn(workers, **platform):
            return drawing.drawing(platform, workers)

        racks = drawn(7, type="two-tier", racks=3, oversubscription=4, server=1)
        for text in ("rack 2", ">server<", ">6<", "divided by 4", "10 Gbps, 10 µs"):
            self.assertIn(text, racks)
        self.assertNotIn("rack 3", racks)
        torus = drawn(4, type="torus", dimensions=[3, 2], server=1)
        self.assertEqual(re.findall(r">(server|\d)<", torus), ["0", "server", "1", "2", "3"])
        self.assertIn("group 1", drawn(4, type="dragonfly", groups=2, chassis=1, routers=2, nodes=2))
        self.assertIn("one medium for all: 11 Mbps", drawn(40, type="wifi", bandwidth="11Mbps"))
        # What has no drawing, is too large, or is not as the schema has it.
        for platform in ({"type": "star"}, {"type": "torus", "dimensions": [9, 9]}, {"type": "two-tier"}, {"type": 1}):
            self.assertEqual(drawn(80, **platform), "")

    def test_a_platform_in_ranges(self):
        words = " ".join(" ".join(Page(picture.summary_svg(self.PLATFORM)).words).split())
        self.assertEqual(
            words,
            "server 100 Gf 1000 workers 1.00 Gf to 12.0 Gf latency 10.0 ms to 120 ms "
            "bandwidth 1.00 Mbps to no limit down, 1.00 Mbps up edge: 2002 links between them",
        )
        alone = {**self.PLATFORM, "workers": {"count": 1, "speed": [1e9, 1e9]}}
        self.assertIn(">1 worker<", picture.summary_svg(alone))
        self.assertEqual([picture.summary_svg(each).count("<rect") for each in (alone, self.PLATFORM)], [2, 4])

    RING = {
        "type": "ring",
        "weights": "metropolis",
        "period": 1,
        "degree": [2, 2.0, 2],
        "diameter": 2,
        "spectral_gap": 0.46066,
        "edges": [[0, 1, True], [0, 4, True], [1, 2, True], [2, 3, True], [3, 4, True]],
    }

    def test_a_graph_in_words_and_as_drawn(self):
        drawn = graph.figure(self.RING, {"workers": 5})
        self.assertEqual(drawn.count("<circle"), 5)
        self.assertEqual(drawn.count("<path"), 1)
        self.assertIn("<figcaption>ring, metropolis weights: degree 2, diameter 2, spectral gap 0.461<", drawn)
        one_way = {
            **self.RING,
            "degree": [1, 1.2, 2],
            "period": 3,
            "diameter": None,
            "edges": [[0, 1, False]],
        }
        drawn = graph.figure(one_way, {"workers": 5})
        self.assertEqual(drawn.count("<path"), 2)
        self.assertIn("degree 1 to 2, 1.2 in the mean, spectral gap 0.461 in 3 rounds", drawn)
        self.assertNotIn("<svg", graph.figure(self.RING, {"workers": 1000}))
        self.assertNotIn("<svg", graph.figure({**self.RING, "edges": None}, {"workers": 5}))

    def test_a_torus_stands_in_rows(self):
        torus = {**self.RING, "type": "torus"}
        for scenario, rows in (
            ({"workers": 12, "graph": {"type": "torus", "rows": 2}}, 2),
            ({"workers": 12, "algorithms": [{"graph": "torus"}]}, 3),
        ):
            places = graph.places(torus, 12, scenario)
            self.assertEqual(len({y for _, y in places}), rows)
            self.assertEqual(len({x for x, _ in places}), 12 // rows)


if __name__ == "__main__":
    unittest.main()

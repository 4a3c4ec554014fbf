"""Asynchronous SGD in NumPy with a heap of events, as one would write it for a paper's plots: no network, no messages.

Called as `async_peer.py M UPDATES`; prints the microseconds of an update.
"""

import heapq
import sys
import time

import numpy as np

M, updates = int(sys.argv[1]), int(sys.argv[2])
d, step = 10, 0.1 / M
rng = np.random.default_rng(1)
seconds = 4.0 * d / (1e6 * np.exp(rng.standard_normal(M)))
theta = np.ones(d)
start = time.perf_counter()
models = [theta.copy() for _ in range(M)]
events = [(seconds[m], m) for m in range(M)]
heapq.heapify(events)
for _ in range(updates):
    now, m = events[0]
    gradient = models[m]  # of ||theta||^2 / 2
    theta = theta - step * gradient
    models[m] = theta
    heapq.heapreplace(events, (now + seconds[m], m))
print(1e6 * (time.perf_counter() - start) / updates)

"""Seconds of X v and X' u with a random CSR matrix: the median of 21 after one to warm up."""

import sys
import time

import numpy as np
import scipy.sparse

n, d, density = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
x = scipy.sparse.random(n, d, density=density, format="csr", random_state=1)
v, u, seconds = np.full(d, 0.01), np.full(n, 0.01), []
for _ in range(22):
    start = time.perf_counter()
    x @ v
    x.T @ u
    seconds.append(time.perf_counter() - start)
print(sorted(seconds[1:])[10])

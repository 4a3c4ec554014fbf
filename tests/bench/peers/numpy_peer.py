"""The benchmark's jobs in NumPy, as one would write them for a paper's plots: one process, no network, no messages.

Called as `numpy_peer.py SPEC.json`; see jobs.py.
"""

import numpy as np

from jobs import answer, read_spec


class Logistic:
    """M workers' shares of l2-regularised logistic regression; f = (1/M) sum_m f_m, f_m a mean over worker m's rows."""

    def __init__(self, spec):
        n, d, workers = spec["n"], spec["d"], spec["workers"]
        x = np.fromfile(spec["x"]).reshape(n, d)
        y = np.fromfile(spec["y"])
        cuts = np.cumsum(spec["sizes"])[:-1]
        self.l2, self.d, self.M = spec["l2"], d, workers
        self.x, self.y = np.split(x, cuts), np.split(y, cuts)

    def gradient(self, m, theta, rows=slice(None)):
        x, y = self.x[m][rows], self.y[m][rows]
        slope = -y / (1 + np.exp(y * (x @ theta)))
        return x.T @ slope / len(y) + self.l2 * theta

    def batch(self, m, k, size):
        return (k * size + np.arange(size)) % len(self.y[m])

    def loss(self, theta):
        def share(x, y):
            return np.logaddexp(0, -y * (x @ theta)).mean()

        return np.mean([share(x, y) for x, y in zip(self.x, self.y)]) + self.l2 / 2 * theta @ theta


class History:
    """sum_d weight_d ||theta^{k+1-d} - theta^{k-d}||^2"""

    def __init__(self, weights):
        self.weights, self.moved, self.last = np.array(weights), np.zeros(len(weights)), None

    def push(self, theta):
        self.moved = np.roll(self.moved, 1)
        self.moved[0] = 0 if self.last is None else np.sum((theta - self.last) ** 2)
        self.last = theta
        return self.weights @ self.moved


def gd(p, rounds, step):
    theta = np.zeros(p.d)
    for _ in range(rounds):
        theta = theta - step * sum(p.gradient(m, theta) for m in range(p.M)) / p.M
    return theta


def le_signgd(p, rounds, step, D):
    theta, history = np.zeros(p.d), History([(D - i) / D for i in range(D)])
    error, sent = np.zeros((p.M, p.d)), np.zeros((p.M, p.d))
    for k in range(rounds):
        threshold = history.push(theta) / (step * p.M) ** 2
        for m in range(p.M):
            g = p.gradient(m, theta) + error[m]
            c = np.abs(g).mean() * np.where(g < 0, -1.0, 1.0)
            if k == 0 or np.sum((c - sent[m]) ** 2) > threshold:
                sent[m], error[m] = c, g - c
        theta = theta - step * sent.mean(axis=0)
    return theta


def lasg_wk2(p, rounds, step, batch, D, d_max):
    theta, history = np.zeros(p.d), History([1 / d_max] * d_max)
    sent, at, since = np.zeros((p.M, p.d)), np.zeros((p.M, p.d)), np.zeros(p.M, int)
    for k in range(rounds):
        threshold = history.push(theta) / step**2
        for m in range(p.M):
            rows = p.batch(m, k, batch)
            g = p.gradient(m, theta, rows)
            if k == 0 or k - since[m] >= D or np.sum((g - p.gradient(m, at[m], rows)) ** 2) > threshold:
                sent[m], at[m], since[m] = g, theta, k
        theta = theta - step * sent.mean(axis=0)
    return theta


def largest_entries(v, kept):
    """Of equal ones, those of lower index."""

    size = np.abs(v)
    kth = np.partition(size, -kept)[-kept]
    above, equal = np.flatnonzero(size > kth), np.flatnonzero(size == kth)
    return np.concatenate([above, equal[: kept - len(above)]])


def topk_amsgrad(p, rounds, step, batch, kept):
    b1, b2, eps = 0.9, 0.999, 1e-8
    theta, m1, m2, top = (np.zeros(p.d) for _ in range(4))
    error = np.zeros((p.M, p.d))
    for k in range(rounds):
        total = np.zeros(p.d)
        for m in range(p.M):
            g = p.gradient(m, theta, p.batch(m, k, batch)) + error[m]
            largest = largest_entries(g, kept)
            total[largest] += g[largest]
            error[m] = g
            error[m][largest] = 0
        g = total / p.M
        m1, m2 = b1 * m1 + (1 - b1) * g, b2 * m2 + (1 - b2) * g * g
        top = np.maximum(top, m2)
        theta = theta - step * m1 / np.sqrt(top + eps)
    return theta


JOBS = {"gd": gd, "le-signgd": le_signgd, "lasg-wk2": lasg_wk2, "top-k amsgrad": topk_amsgrad}

if __name__ == "__main__":
    asked = read_spec()
    answer(Logistic(asked), asked, JOBS)

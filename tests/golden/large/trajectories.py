"""Trajectories of large-model methods, from their published algorithms alone and without a line of Laconic.

An independent program, but by the same project: it holds the C++ to the definitions, and cannot find what the project
has misunderstood. The data are those of ../beyond/small2.svm.

python3 trajectories.py [folder of small2.svm]     writes large.json and a CSV for each case beside this file
"""

import json
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
SIZES = [12, 11, 11, 12, 10, 11]
L2, WORD = 0.01, 64
CASES = {
    "local-momentum": {"method": "local-sgd", "step": 0.2, "batch": 3, "H": 3, "local_update": "momentum"},
    "local-adamw": {"method": "local-sgd", "step": 0.05, "batch": 3, "H": 3, "local_update": "adamw"},
    "slowmo": {"method": "slowmo", "step": 0.3, "batch": 3, "H": 3, "server_step": 0.8},
    "slowmo-adamw": {"method": "slowmo", "step": 0.02, "batch": 3, "H": 2, "local_update": "adamw"},
    "diloco": {"method": "diloco", "step": 0.02, "batch": 3, "H": 4},
    "diloco-other": {"method": "diloco", "step": 0.02, "batch": 2, "H": 3, "server_step": 0.4, "server_momentum": 0.5},
    "streaming": {"method": "diloco", "step": 0.02, "batch": 3, "H": 6, "fragments": 3},
    "streaming-late": {
        "method": "diloco",
        "step": 0.02,
        "batch": 3,
        "H": 6,
        "fragments": 3,
        "delay": 1,
        "alpha": 0.5,
    },
    "sparse-loco": {"method": "sparse-loco", "step": 0.02, "batch": 3, "H": 3, "block": 2, "k": 1},
    "sparse-loco-bits": {"method": "sparse-loco", "step": 0.02, "batch": 3, "H": 3, "block": 2, "k": 2, "bits": 2},
    "demo": {"method": "demo", "step": 0.01, "batch": 3, "block": 4, "k": 1},
    "demo-decay": {"method": "demo", "step": 0.01, "batch": 3, "block": 8, "k": 3, "weight_decay": 0.1},
}
ROUNDS = 40


class Workers:
    """Logistic regression with labels +-1, means over samples and over workers, l2 in each of them."""

    def __init__(self, path):
        rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
        y = np.array([float(row[0]) for row in rows])
        x = np.zeros((len(rows), 8))
        for i, row in enumerate(rows):
            for field in row[1:]:
                j, value = field.split(":")
                x[i, int(j) - 1] = float(value)
        ends = np.cumsum(SIZES)
        self.parts = [(x[e - n : e], y[e - n : e]) for e, n in zip(ends, SIZES)]

    def gradient(self, m, theta, rows):
        x, y = self.parts[m][0][rows], self.parts[m][1][rows]
        return -(x.T @ (y / (1 + np.exp(y * (x @ theta))))) / len(rows) + L2 * theta

    def cyclic(self, m, s, b):
        return (s * b + np.arange(b)) % SIZES[m]

    def loss_and_norm(self, theta):
        loss, gradient = 0.0, np.zeros(8)
        for m, (x, y) in enumerate(self.parts):
            loss += np.mean(np.logaddexp(0, -y * (x @ theta))) + L2 / 2 * theta @ theta
            gradient += self.gradient(m, theta, np.arange(SIZES[m]))
        return loss / len(self.parts), np.linalg.norm(gradient / len(self.parts))


class Local:
    """A worker's optimiser, whose state outlives rounds."""

    def __init__(self, kind, step):
        self.kind, self.step, self.t = kind, step, 0
        self.m, self.v = np.zeros(8), np.zeros(8)

    def move(self, x, g):
        self.t += 1
        if self.kind == "sgd":
            return x - self.step * g
        if self.kind == "momentum":
            self.m = 0.9 * self.m + g
            return x - self.step * self.m
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g * g
        m, v = self.m / (1 - 0.9**self.t), self.v / (1 - 0.999**self.t)
        return x - self.step * 0.1 * x - self.step * m / (np.sqrt(v) + 1e-8)


def largest_divisor(n, most):
    return max(i for i in range(1, most + 1) if n % i == 0)


def keep(v, size, k):
    """Indices of the k entries of largest magnitude in each piece; of equal ones the first."""
    kept = []
    for start in range(0, len(v), size):
        order = np.argsort(-np.abs(v[start : start + size]), kind="stable")[:k]
        kept.extend(start + np.sort(order))
    return np.array(kept)


def binned(values, bits):
    """4 bins over 6 sigma for 2 bits: each value becomes the mean of its bin."""
    centre, sigma, bins = values.mean(), values.std(), 2**bits
    code = np.clip(np.floor((values - centre) / (6 * sigma / bins)) + bins // 2, 0, bins - 1)
    return np.array([values[code == c].mean() for c in code])


def mean_of_senders(messages):
    total, count = np.zeros(8), np.zeros(8)
    for at, values in messages:
        total[at] += values
        count[at] += 1
    return np.where(count > 0, total / np.maximum(count, 1), 0)


def cosines(n):
    j = np.arange(n)
    rows = [np.sqrt((1 if k == 0 else 2) / n) * np.cos(np.pi * (2 * j + 1) * k / (2 * n)) for k in range(n)]
    return np.array(rows)


def run(case, workers):
    """Yields the model and the bits of one upload and one download, round after round."""
    M, method, b, step = len(SIZES), case["method"], case["batch"], case["step"]
    theta = np.zeros(8)
    if method == "demo":
        yield from run_demo(case, workers)
        return
    defaults = {"diloco": "adamw", "sparse-loco": "adamw"}
    local = [Local(case.get("local_update", defaults.get(method, "sgd")), step) for _ in range(M)]
    H = case["H"]

    def walk(m, x, first, count):
        for s in range(first, first + count):
            x = local[m].move(x, workers.gradient(m, x, workers.cyclic(m, s, b)))
        return x

    if "fragments" in case:
        yield from run_streaming(case, walk)
        return
    momentum, memory = np.zeros(8), np.zeros((M, 8))
    for k in range(ROUNDS):
        ends = [walk(m, theta, k * H, H) for m in range(M)]
        bits = 8 * WORD
        if method == "local-sgd":
            theta = np.mean(ends, axis=0)
        elif method == "slowmo":
            momentum = 0.5 * momentum + (theta - np.mean(ends, axis=0)) / step
            theta = theta - case.get("server_step", 1) * step * momentum
        elif method == "diloco":
            beta, g = case.get("server_momentum", 0.9), case.get("server_step", 0.7)
            delta = theta - np.mean(ends, axis=0)
            momentum = beta * momentum + delta
            theta = theta - g * (delta + beta * momentum)
        else:
            size = largest_divisor(8, case["block"] ** 2)
            messages, bits = [], 0
            for m in range(M):
                memory[m] = 0.95 * memory[m] + theta - ends[m]
                at = keep(memory[m], size, case["k"])
                values = memory[m][at]
                bits = len(at) * (WORD + int(np.ceil(np.log2(size))))
                if "bits" in case:
                    values = binned(values, case["bits"])
                    bits += len(at) * (case["bits"] - WORD) + 2 ** case["bits"] * WORD
                memory[m][at] -= values
                messages.append((at, values))
            theta = theta - 0.6 * mean_of_senders(messages)
        yield theta, bits, 8 * WORD


def run_streaming(case, walk):
    M, H, P = len(SIZES), case["H"], case["fragments"]
    t, a, every = case.get("delay", 0), case.get("alpha", 0), case["H"] // case["fragments"]
    edges = [p * 8 // P for p in range(P + 1)]
    theta, velocity = np.zeros(8), np.zeros(8)
    own, known = np.zeros((M, 8)), np.zeros((M, 8))  # each worker's model, and the global one as it last heard it
    coming = None
    for k in range(ROUNDS):
        now, down = slice(edges[k % P], edges[k % P + 1]), 8 if coming is None else coming.stop - coming.start
        for m in range(M):
            own[m] = walk(m, own[m], k * every, t)
            if coming is not None:
                known[m][coming] = theta[coming]
                own[m][coming] = (1 - a) * theta[coming] + a * own[m][coming]
            own[m] = walk(m, own[m], k * every + t, every - t)
        delta = np.mean(known[:, now] - own[:, now], axis=0)
        velocity[now] = 0.9 * velocity[now] + delta
        theta = theta.copy()
        theta[now] -= 0.7 * (delta + 0.9 * velocity[now])
        coming = now
        yield theta, (now.stop - now.start) * WORD, down * WORD


def run_demo(case, workers):
    M, gamma, size = len(SIZES), case["step"], largest_divisor(8, case["block"])
    C = np.kron(np.eye(8 // size), cosines(size))
    x, momentum = np.zeros(8), np.zeros((M, 8))
    for k in range(ROUNDS):
        messages = []
        for m in range(M):
            gradient = workers.gradient(m, x, workers.cyclic(m, k, case["batch"]))
            momentum[m] = 0.999 * momentum[m] + gamma * gradient
            q = C @ momentum[m]
            at = keep(q, size, case["k"])
            sent = np.zeros(8)
            sent[at] = q[at]
            momentum[m] -= C.T @ sent
            messages.append((at, q[at]))
        x = x - gamma * case.get("weight_decay", 0) * x
        x = x - gamma * np.sign(C.T @ mean_of_senders(messages))
        yield x, len(messages[0][0]) * (WORD + int(np.ceil(np.log2(size)))), 8 * WORD


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "beyond"
    workers = Workers(folder / "small2.svm")
    for name, case in CASES.items():
        lines = ["round,loss,grad_norm,uploads,upload_bits,downloads,download_bits"]
        counts = [0, 0, 0, 0]
        lines.append("0,%.17g,%.17g,0,0,0,0" % workers.loss_and_norm(np.zeros(8)))
        for k, (theta, up, down) in enumerate(run(case, workers), 1):
            counts = [c + add for c, add in zip(counts, [len(SIZES), len(SIZES) * up, len(SIZES), len(SIZES) * down])]
            lines.append("%d,%.17g,%.17g," % (k, *workers.loss_and_norm(theta)) + ",".join(map(str, counts)))
        (HERE / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (HERE / "large.json").write_text(json.dumps(CASES, indent=1) + "\n")


main()

"""The benchmark's jobs in PyTorch (float64, its own threads), as one would write them: see numpy_peer.py."""

import torch
import torch.nn.functional as F

from jobs import answer, read_spec

torch.set_default_dtype(torch.float64)


class Logistic:
    def __init__(self, spec):
        n, d = spec["n"], spec["d"]
        x = torch.from_file(spec["x"], size=n * d).reshape(n, d).clone()
        y = torch.from_file(spec["y"], size=n).clone()
        self.l2, self.d, self.M = spec["l2"], d, spec["workers"]
        self.x, self.y = x.split(spec["sizes"]), y.split(spec["sizes"])

    def gradient(self, m, theta, rows=None):
        x, y = self.x[m], self.y[m]
        if rows is not None:
            x, y = x[rows], y[rows]
        slope = -y * torch.sigmoid(-y * (x @ theta))
        return x.T @ slope / len(y) + self.l2 * theta

    def batch(self, m, k, size):
        return (k * size + torch.arange(size)) % len(self.y[m])

    def loss(self, theta):
        shares = [F.softplus(-y * (x @ theta), threshold=40).mean() for x, y in zip(self.x, self.y)]
        return (sum(shares) / self.M + self.l2 / 2 * theta @ theta).item()


class History:
    def __init__(self, weights):
        self.weights, self.moved, self.last = torch.tensor(weights), torch.zeros(len(weights)), None

    def push(self, theta):
        self.moved = self.moved.roll(1)
        self.moved[0] = 0 if self.last is None else (theta - self.last).square().sum()
        self.last = theta
        return self.weights @ self.moved


def gd(p, rounds, step):
    theta = torch.zeros(p.d)
    for _ in range(rounds):
        theta = theta - step * sum(p.gradient(m, theta) for m in range(p.M)) / p.M
    return theta


def le_signgd(p, rounds, step, D):
    theta, history = torch.zeros(p.d), History([(D - i) / D for i in range(D)])
    error, sent = torch.zeros(p.M, p.d), torch.zeros(p.M, p.d)
    for k in range(rounds):
        threshold = history.push(theta) / (step * p.M) ** 2
        for m in range(p.M):
            g = p.gradient(m, theta) + error[m]
            c = g.abs().mean() * torch.where(g < 0, -1.0, 1.0)
            if k == 0 or (c - sent[m]).square().sum() > threshold:
                sent[m], error[m] = c, g - c
        theta = theta - step * sent.mean(dim=0)
    return theta


def lasg_wk2(p, rounds, step, batch, D, d_max):
    theta, history = torch.zeros(p.d), History([1 / d_max] * d_max)
    sent, at, since = torch.zeros(p.M, p.d), torch.zeros(p.M, p.d), [0] * p.M
    for k in range(rounds):
        threshold = history.push(theta) / step**2
        for m in range(p.M):
            rows = p.batch(m, k, batch)
            g = p.gradient(m, theta, rows)
            if k == 0 or k - since[m] >= D or (g - p.gradient(m, at[m], rows)).square().sum() > threshold:
                sent[m], at[m], since[m] = g, theta, k
        theta = theta - step * sent.mean(dim=0)
    return theta


def largest_entries(v, kept):
    """Of equal ones, those of lower index."""

    size = v.abs()
    kth = size.topk(kept).values[-1]
    above, equal = (size > kth).nonzero().squeeze(1), (size == kth).nonzero().squeeze(1)
    return torch.cat([above, equal[: kept - len(above)]])


def topk_amsgrad(p, rounds, step, batch, kept):
    b1, b2, eps = 0.9, 0.999, 1e-8
    theta, m1, m2, top = (torch.zeros(p.d) for _ in range(4))
    error = torch.zeros(p.M, p.d)
    for k in range(rounds):
        total = torch.zeros(p.d)
        for m in range(p.M):
            g = p.gradient(m, theta, p.batch(m, k, batch)) + error[m]
            largest = largest_entries(g, kept)
            total[largest] += g[largest]
            error[m] = g
            error[m][largest] = 0
        g = total / p.M
        m1, m2 = b1 * m1 + (1 - b1) * g, b2 * m2 + (1 - b2) * g * g
        top = torch.maximum(top, m2)
        theta = theta - step * m1 / torch.sqrt(top + eps)
    return theta


JOBS = {"gd": gd, "le-signgd": le_signgd, "lasg-wk2": lasg_wk2, "top-k amsgrad": topk_amsgrad}

if __name__ == "__main__":
    with torch.no_grad():
        asked = read_spec()
        answer(Logistic(asked), asked, JOBS)

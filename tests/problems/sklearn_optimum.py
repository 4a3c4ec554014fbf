"""The least loss of a logistic regression as scikit-learn finds it, and how far from 0 its gradient is there.

FILE HALF_L2: minimises sum_i log(1 + exp(-y_i x_i' w)) + HALF_L2 ||w||^2 over LIBSVM text (.bz2, .xz).
"""

import bz2
import lzma
import sys

import numpy as np
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression

path, half_l2 = sys.argv[1], float(sys.argv[2])
with (lzma if path.endswith(".xz") else bz2).open(path) as file:
    x, y = load_svmlight_file(file)
y = np.where(y == y.max(), 1.0, -1.0)
model = LogisticRegression(C=1 / (2 * half_l2), fit_intercept=False, solver="newton-cg", tol=1e-10, max_iter=1000)
w = model.fit(x, y).coef_[0]
margin = y * (x @ w)
loss = np.logaddexp(0, -margin).sum() + half_l2 * w @ w
gradient = x.T @ (-y / (1 + np.exp(margin))) + 2 * half_l2 * w
print(repr(float(loss)), repr(float(np.linalg.norm(gradient))))

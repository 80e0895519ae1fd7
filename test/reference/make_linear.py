"""Writes linear.json: small sets, and what scikit-learn's linear models predict for them. Python with scikit-learn and NumPy.

thaw's L2 is l2/2 · Σw² beside the mean loss, over standardised features; each model here has the equivalent C or alpha.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

random = np.random.default_rng(11)
rows, width, outputs = 60, 6, 3
# Columns of different scales, one of them constant.
scales = np.array([1, 10, 0.1, 3, 1, 0])
features = (random.normal(size=(rows, width)) * scales + np.array([0, 5, 0, -2, 0, 4])).astype("float32")
standard = StandardScaler().fit_transform(features)
slopes = random.normal(size=(width, outputs))
scores = standard @ slopes + random.normal(size=(rows, outputs))


def classes(l2):
    labels = scores.argmax(1)
    model = LogisticRegression(C=1 / (rows * l2), tol=1e-10, max_iter=10_000).fit(standard, labels)
    return np.eye(outputs)[labels], model.predict_proba(standard)


def labels(l2):
    on = (scores > 0).astype(float)
    fits = [LogisticRegression(C=1 / (rows * outputs * l2), tol=1e-10, max_iter=10_000).fit(standard, column) for column in on.T]
    return on, np.stack([fit.predict_proba(standard)[:, 1] for fit in fits], 1)


def numbers(l2):
    return scores, Ridge(alpha=rows * outputs * l2 / 2).fit(standard, scores).predict(standard)


cases = []
for make in (classes, labels, numbers):
    for l2 in (1.0, 0.01):
        targets, predicted = make(l2)
        cases.append({"target": make.__name__, "l2": l2, "targets": targets.ravel().tolist(), "predicted": predicted.ravel().round(6).tolist()})
result = {"rows": rows, "width": width, "outputs": outputs, "features": features.ravel().tolist(), "cases": cases}
Path(__file__).with_name("linear.json").write_text(json.dumps(result) + "\n")

"""Writes metrics.json: inputs and what scikit-learn says they are worth. Python with scikit-learn 1.9.1, SciPy and NumPy.

Inputs are multiples of powers of two, so that both sides compute with the very same numbers, ties included.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn import metrics as m

warnings.filterwarnings("ignore")
random = np.random.default_rng(5)


def plain(value):
    """Arrays as lists, NaN as null."""
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value]
    value = float(value)
    return None if np.isnan(value) else value


def averages(truth, guess, labels, beta, zero):
    result = {}
    for average in ["none", "macro", "micro", "weighted"] + (["samples"] if truth.ndim == 2 else []):
        p, r, f, _ = m.precision_recall_fscore_support(
            truth, guess, beta=beta, labels=labels, average=None if average == "none" else average, zero_division=zero
        )
        result[average] = [plain(p), plain(r), plain(f)]
    return result


def top_k(logits, targets, k):
    """Of equal values the first counts as larger; scikit-learn takes the last, so it gets the columns in reverse."""
    classes = logits.shape[1]
    if classes == 2:
        return m.accuracy_score(targets, logits.argmax(1))
    return m.top_k_accuracy_score(classes - 1 - targets, logits[:, ::-1], k=k, labels=np.arange(classes))


def calibration_error(p, targets, bins=15):
    confidence, right = p.max(1), p.argmax(1) == targets
    total = 0.0
    for low in np.arange(bins) / bins:
        inside = (confidence > low) & (confidence <= low + 1 / bins)
        if inside.any():
            total += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return total


def single(name, logits, targets):
    classes = logits.shape[1]
    labels = np.arange(classes)
    guess = logits.argmax(1)
    p = softmax(logits, axis=1)
    present = [c for c in labels if 0 < (targets == c).sum() < len(targets)]
    auc = [m.roc_auc_score(targets == c, logits[:, c]) if c in present else np.nan for c in labels]
    p32 = p.astype(np.float32)
    rows = np.arange(len(targets))
    loss = lambda t: -log_softmax(logits / np.exp(t), axis=1)[rows, targets].mean()
    best = minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded", options={"xatol": 1e-10})
    return {
        "name": name,
        "logits": plain(logits.ravel()),
        "targets": targets.tolist(),
        "accuracy": m.accuracy_score(targets, guess),
        "topK": [top_k(logits, targets, k) for k in range(1, classes)],
        "confusion": m.confusion_matrix(targets, guess, labels=labels).ravel().tolist(),
        "balanced": plain(m.balanced_accuracy_score(targets, guess)),
        "kappa": [plain(m.cohen_kappa_score(targets, guess, labels=labels, weights=w)) for w in (None, "linear", "quadratic")],
        "matthews": m.matthews_corrcoef(targets, guess),
        "auc": plain(np.array(auc)),
        "logLoss": m.log_loss(targets, p32, labels=labels),
        "brier": m.brier_score_loss(targets, p, labels=labels, scale_by_half=False)
        if classes > 2
        else 2 * m.brier_score_loss(targets, p[:, 1], pos_label=1),
        "calibration": calibration_error(p, targets),
        "temperature": float(np.exp(best.x)),
        "scores": {str(z): averages(targets, guess, labels, 2.0, z) for z in (0, 1)} | {"f1": averages(targets, guess, labels, 1.0, 0)},
        "macroNan": [plain(v) for v in m.precision_recall_fscore_support(targets, guess, labels=labels, average="macro", zero_division=np.nan)[:3]],
    }


def multi(p, targets):
    chosen = (p >= 0.5).astype(int)
    labels = np.arange(p.shape[1])
    present = [0 < targets[:, c].sum() < len(targets) for c in labels]
    thresholds = np.arange(17, 24) / 100
    f2 = [m.fbeta_score(targets, p.astype(np.float32) >= t, beta=2, average="samples", zero_division=0) for t in thresholds]
    per_class = []
    for c in labels:
        tried = [m.fbeta_score(targets[:, c], p[:, c] >= t, beta=2, zero_division=0) for t in np.unique(p[:, c])]
        per_class.append(max(tried))
    return {
        "probabilities": plain(p.ravel()),
        "targets": targets.ravel().tolist(),
        "classes": p.shape[1],
        "cells": 1 - m.hamming_loss(targets, chosen),
        "exact": m.accuracy_score(targets, chosen),
        "auc": [plain(m.roc_auc_score(targets[:, c], p[:, c])) if present[c] else None for c in labels],
        "scores": {str(z): averages(targets, chosen, None, 2.0, z) for z in (0, 1)},
        "planet": f2,
        "bestPerClass": per_class,
    }


def regression(values, targets):
    exp = np.sqrt((((np.exp(targets) - np.exp(values)) / np.exp(targets)) ** 2).mean(0)).mean()
    return {
        "columns": values.shape[1],
        "values": plain(values.ravel()),
        "targets": plain(targets.ravel()),
        "rmse": m.root_mean_squared_error(targets, values),
        "mae": m.mean_absolute_error(targets, values),
        "r2": m.r2_score(targets, values),
        "explainedVariance": m.explained_variance_score(targets, values),
        "expRmspe": exp,
    }


def logits(rows, classes, scale=8):
    return np.round(random.normal(0, 2, (rows, classes)) * scale) / scale


def likely(z):
    """Targets drawn from the softmax of half the logits, so that these are too sure."""
    p = softmax(z / 2, axis=1)
    return np.array([random.choice(z.shape[1], p=row) for row in p])


five = logits(80, 5)
missing = logits(60, 4, 2)
gone = likely(missing)
gone[gone == 2] = 0
never = logits(40, 3)
never[:, 1] = -9
two = logits(50, 2, 2)
one = logits(12, 3)
labels = (random.random((60, 6)) < 0.3).astype(int)
labels[:, 4] = 0
labels[:5] = 0
p = np.clip(np.round((0.45 * labels + random.random((60, 6)) * 0.6) * 128) / 128, 0, 1)
p[:2] = 0
y = np.round(random.normal(0, 1, (40, 3)) * 64) / 64
x = np.round((y + random.normal(0.3, 0.5, (40, 3))) * 64) / 64
flat = x.copy()
flat_targets = y.copy()
flat_targets[:, 1] = 0.5
flat_targets[:, 2] = 0.25
flat[:, 2] = 0.25

result = {
    "single": [
        single("five classes", five, likely(five)),
        single("a class that validation lacks, with ties", missing, gone),
        single("a class that is never predicted", never, random.integers(0, 3, 40)),
        single("two classes, with ties", two, likely(two)),
        single("one class only in validation", one, np.full(12, 1)),
    ],
    "multi": multi(p, labels),
    "regression": [regression(x, y), regression(x[:, :1], y[:, :1]), regression(flat, flat_targets)],
}
Path(__file__).with_name("metrics.json").write_text(json.dumps(result) + "\n")

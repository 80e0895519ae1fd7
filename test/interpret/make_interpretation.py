"""Writes interpretation.json: predictions and what scikit-learn 1.9 says about them: reports, curves, average precision.

Probabilities are multiples of 1/64 with ties, so that both sides compute with the very same numbers.
"""

import json
from pathlib import Path

import numpy as np
from sklearn import metrics as m

random = np.random.default_rng(8)


def rounded(rows, classes):
    """Rows that add up to 1."""
    counts = random.multinomial(64, random.dirichlet(np.ones(classes)), size=1)
    return np.concatenate([random.multinomial(64, random.dirichlet(np.ones(classes)), size=1) for _ in range(rows - 1)] + [counts]) / 64


def report(truth, guess, labels, names):
    return m.classification_report(truth, guess, labels=labels, target_names=names, output_dict=True, zero_division=0)


def curves(positive, scores):
    fpr, tpr, at = m.roc_curve(positive, scores, drop_intermediate=False)
    p, r, t = m.precision_recall_curve(positive, scores)
    return {
        "roc": [fpr.tolist(), tpr.tolist(), at[1:].tolist()],
        "precisionRecall": [p.tolist(), r.tolist(), t.tolist()],
        "averagePrecision": m.average_precision_score(positive, scores),
    }


p = rounded(60, 4)
targets = np.array([random.choice(4, p=row) for row in p])
targets[targets == 3] = 0
several = np.round(random.random((50, 3)) * 64) / 64
truth = (random.random((50, 3)) < several).astype(int)
names = ["a", "b", "c", "d"]
result = {
    "single": {
        "probabilities": p.ravel().tolist(),
        "targets": targets.tolist(),
        "classes": names,
        "report": report(targets, p.argmax(1), range(4), names),
        "accuracy": m.accuracy_score(targets, p.argmax(1)),
        "confusion": m.confusion_matrix(targets, p.argmax(1), labels=range(4)).ravel().tolist(),
        "curves": [curves(targets == c, p[:, c]) for c in range(3)],
    },
    "multi": {
        "probabilities": several.ravel().tolist(),
        "targets": truth.ravel().tolist(),
        "classes": names[:3],
        "report": report(truth, (several >= 0.5).astype(int), range(3), names[:3]),
        "curves": [curves(truth[:, c], several[:, c]) for c in range(3)],
    },
}
Path(__file__).with_name("interpretation.json").write_text(json.dumps(result) + "\n")

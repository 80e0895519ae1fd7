# Reference numbers for the losses of several labels and of numbers, written to targets.json: python make_targets.py
# Made with python 3 with torch 2.15. F-beta and R2 are written out here as scikit-learn defines them (samples average; uniform average).

import json
from pathlib import Path

import torch
from torch.nn import functional as F

torch.manual_seed(3)
logits = torch.randn(6, 4) * 2
labels = (torch.rand(6, 4) > 0.5).float()
labels[2] = 0
numbers = torch.randn(6, 4)
result = {"logits": logits.flatten().tolist(), "labels": labels.flatten().tolist(), "numbers": numbers.flatten().tolist()}
for name, loss, targets in [
    ("binaryCrossEntropy", F.binary_cross_entropy_with_logits, labels),
    ("meanSquaredError", F.mse_loss, numbers),
    ("l1", F.l1_loss, numbers),
]:
    x = logits.clone().requires_grad_()
    value = loss(x, targets)
    value.backward()
    result[name] = {"loss": value.item(), "gradient": x.grad.flatten().tolist()}


def f_beta(beta, threshold):
    predicted = (torch.sigmoid(logits) >= threshold).float()
    rows = []
    for p, t in zip(predicted, labels):
        hits = (p * t).sum().item()
        if p.sum() + t.sum() == 0:
            rows.append(1.0)
            continue
        precision = hits / p.sum().item() if p.sum() > 0 else 0.0
        recall = hits / t.sum().item() if t.sum() > 0 else 0.0
        rows.append(0.0 if hits == 0 else (1 + beta**2) * precision * recall / (beta**2 * precision + recall))
    return sum(rows) / len(rows)


result["accuracyThresh"] = ((torch.sigmoid(logits) >= 0.5).float() == labels).float().mean().item()
result["f1"] = f_beta(1, 0.5)
x, y = logits[:, 0], numbers[:, 0]
result["rmse"] = F.mse_loss(x, y).sqrt().item()
result["mae"] = F.l1_loss(x, y).item()
result["r2"] = (1 - ((x - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item()
Path(__file__).with_name("targets.json").write_text(json.dumps(result) + "\n")

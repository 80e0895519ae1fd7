# Writes losses.json: losses with label smoothing, class weights and focal factors, and their gradients, by PyTorch.
# Made with python, torch 2.15, torchvision 0.29. Run in this folder: python make_losses.py
import json

import torch
import torch.nn.functional as F
from torchvision.ops import sigmoid_focal_loss

torch.manual_seed(0)
logits = (2 * torch.randn(6, 3)).double()
labels = torch.tensor([0, 2, 1, 1, 0, 2])
weights = torch.tensor([0.5, 1.0, 3.0]).double()
many = torch.tensor([[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 1], [0, 0, 1], [1, 0, 0]]).double()


def focal(x, gamma):
    """Lin et al. 2017 for one class of several: the mean of (1 − p)^gamma · −log p of the class that is right."""
    ce = F.cross_entropy(x, labels, reduction="none")
    return ((1 - torch.exp(-ce)) ** gamma * ce).mean()


def case(name, kind, options, loss_of):
    x = logits.clone().requires_grad_()
    loss = loss_of(x)
    loss.backward()
    return {"name": name, "kind": kind, "options": options, "loss": loss.item(), "gradient": x.grad.flatten().tolist()}


w = weights.tolist()
cases = [
    case("plain", "single", {}, lambda x: F.cross_entropy(x, labels)),
    case("label smoothing", "single", {"smoothing": 0.1}, lambda x: F.cross_entropy(x, labels, label_smoothing=0.1)),
    case("class weights", "single", {"weights": w}, lambda x: F.cross_entropy(x, labels, weight=weights)),
    case("both", "single", {"smoothing": 0.1, "weights": w}, lambda x: F.cross_entropy(x, labels, weight=weights, label_smoothing=0.1)),
    case("focal 2", "single", {"focal": 2}, lambda x: focal(x, 2)),
    case("focal 0.5", "single", {"focal": 0.5}, lambda x: focal(x, 0.5)),
    case("plain", "multi", {}, lambda x: F.binary_cross_entropy_with_logits(x, many)),
    case("label weights", "multi", {"weights": w}, lambda x: F.binary_cross_entropy_with_logits(x, many, weight=weights)),
    case("focal 2", "multi", {"focal": 2}, lambda x: sigmoid_focal_loss(x, many, alpha=-1, gamma=2, reduction="mean")),
    case("smoothing", "multi", {"smoothing": 0.2}, lambda x: F.binary_cross_entropy_with_logits(x, many * 0.8 + 0.1)),
]
json.dump(
    {
        "logits": logits.flatten().tolist(),
        "single": F.one_hot(labels, 3).flatten().tolist(),
        "multi": many.flatten().tolist(),
        "cases": cases,
    },
    open("losses.json", "w"),
)

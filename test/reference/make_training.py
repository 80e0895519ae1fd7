# Writes training.json: 20 steps of plain SGD on torchvision's networks in training mode, dropout off, in float64: losses, running statistics
# at the end, and the first step's gradients. Run in this folder: python make_training.py (made with torch 2.15, torchvision 0.29 on CPU).
# The start is one from which float32 can follow at all: residual branches and logits begin small, images differ in their coarse parts.
# From a start with large logits PyTorch's own float32 losses leave those in float64 by more than 5 % within 20 steps.
import json

import numpy as np
import torch
import torchvision
from formula import image_batch, kind_of, parameter, uniforms

SIZE, CELLS, BATCH, STEPS, BATCHES, LEARNING_RATE, RESIDUAL_SCALE = 64, 8, 16, 20, 4, 0.01, 0.2
CLASSIFIER_SCALES = {"resnet18": 0.4, "mobilenet_v2": 0.03}
CLASSIFIERS = ("fc.weight", "classifier.1.weight")
LAST_NORMS = ("bn2.weight", "conv.3.weight")


def start_of(name, shape, classifier_scale):
    kind = kind_of(name, shape)
    if kind == "scale":
        return np.full(shape, RESIDUAL_SCALE if name.endswith(LAST_NORMS) else 1, np.float32)
    if kind == "shift" and not name.startswith(("fc", "classifier")):
        return np.zeros(shape, np.float32)
    values = parameter(kind, name, shape)
    return values * np.float32(classifier_scale) if name in CLASSIFIERS else values


def batch(k):
    cells = image_batch(f"images {k}", (BATCH, 3, CELLS, CELLS))
    images = cells.repeat(SIZE // CELLS, 2).repeat(SIZE // CELLS, 3)
    return torch.from_numpy(images), torch.from_numpy((uniforms(f"targets {k}", BATCH) * 1000).astype("int64"))


def train(name, dtype):
    network = torchvision.models.get_model(name, weights=None).train()
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                value.copy_(torch.from_numpy(start_of(key, tuple(value.shape), CLASSIFIER_SCALES[name])))
    network.to(dtype)
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    optimiser = torch.optim.SGD(network.parameters(), LEARNING_RATE)
    losses, gradients = [], {}
    for step in range(STEPS):
        images, targets = batch(step % BATCHES)
        loss = torch.nn.functional.cross_entropy(network(images.to(dtype)), targets)
        optimiser.zero_grad()
        loss.backward()
        if step == 0:
            gradients = {key: measure(key, value.grad) for key, value in network.named_parameters()}
        optimiser.step()
        losses.append(loss.item())
    statistics = {key: value.norm().item() for key, value in network.state_dict().items() if "running" in key}
    return losses, gradients, statistics


def measure(name, gradient):
    """The norm of a gradient, and its product with a probe, which a wrong order or sign would change."""
    flat = gradient.double().flatten()
    return [flat.norm().item(), (flat @ torch.from_numpy(2 * uniforms(f"probe {name}", flat.numel()) - 1)).item()]


def short(value):
    return float(f"{value:.6g}")


result = {}
for name, classifier_scale in CLASSIFIER_SCALES.items():
    losses, gradients, statistics = train(name, torch.float64)
    single = train(name, torch.float32)
    print(name, [f"{value:.3f}" for value in losses])
    print("float32 differs in losses by", max(abs(a - b) / b for a, b in zip(single[0], losses)))
    # Shifts that a later batch norm takes out again have gradients of 0.
    known = {key: pair for key, pair in gradients.items() if pair[0] > 1e-6}
    print("in gradients by", max(abs(a - b) / pair[0] for key, pair in known.items() for a, b in zip(single[1][key], pair)))
    print("in statistics by", max(abs(single[2][key] - value) / value for key, value in statistics.items()))
    result[name] = {
        "classifierScale": classifier_scale,
        "losses": [short(value) for value in losses],
        "gradients": {key: [short(value) for value in pair] for key, pair in gradients.items()},
        "statistics": {key: short(value) for key, value in statistics.items()},
    }
settings = {"size": SIZE, "cells": CELLS, "batch": BATCH, "batches": BATCHES, "learningRate": LEARNING_RATE, "residualScale": RESIDUAL_SCALE}
with open("training.json", "w") as file:
    json.dump({**settings, "networks": result}, file, separators=(",", ":"))
    file.write("\n")

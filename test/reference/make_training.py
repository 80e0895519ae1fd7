# Writes training.json: steps of plain SGD on networks of torchvision and timm in training mode, dropout and stochastic depth off, in float64:
# losses, and of a part of the parameters running statistics at the end and the first step's gradients.
# Run in this folder: python make_training.py [names] (made with torch 2.15, torchvision 0.29, timm 1.0.31 on CPU). With names, the others are kept.
# The start is one from which float32 can follow at all: residual branches and logits begin small, images differ in their coarse parts.
# From a start with large logits PyTorch's own float32 losses leave those in float64 by more than 5 % within 20 steps.
import json
import os
import re
import sys

import numpy as np
import timm
import torch
import torchvision
from formula import image_batch, kind_of, parameter, uniforms
from make_logits import create

BATCHES, LEARNING_RATE, RESIDUAL_SCALE = 4, 0.01, 0.2
# Parameters and statistics of which numbers are kept, and the networks that keep all.
KEPT, KEEP_ALL = 24, ("resnet18", "mobilenet_v2", "levit_256", "levit_256 frozen")
LAST_NORM = (
    r"(bn2|bn3|pw_proj\.bn|conv3\.bn|aggregation\.0\.bn|conv\.3|block\.[345]\.1|proj\.ln\.bn|mlp\.ln2\.bn|layer_scale|gamma)\.weight$"
    r"|layer_scale$|gamma$"
)
AS_DRAWN = r"^(fc|classifier|classif|last_linear|head|head_dist|pos_embed|cls_token)\b"
CLASSIFIER = r"^(fc|classifier|classif|last_linear|head|head_dist)\b"
ATTENTION_BIAS = ".attention_biases"


def row(classifier_scale, size=64, batch=8, steps=4, shift=0, cells=8, attention_bias=0, frozen=False):
    """`shift`: of batch norms at the start; where there are no shortcuts, 1 keeps ReLU from magnifying what float32 rounds. `cells`: of one
    colour along each side of an image; as many as pixels where a maximum would choose among equal ones, by what they were rounded to.
    `attention_bias`: the factor of attention's biases as drawn. Where attention alone carries values on, as where it halves a map, large
    biases keep it from averaging almost all places, whose small differences the next batch norm would magnify with what was rounded.
    `frozen`: whether batch norm uses the running statistics, as drawn."""
    settings = {"classifierScale": classifier_scale, "size": size, "batch": batch, "steps": steps, "shift": shift, "cells": cells}
    return settings | ({"attentionBias": attention_bias} if attention_bias else {}) | ({"frozen": True} if frozen else {})


# By name, after which others may follow a space.
NETWORKS = {
    "resnet18": row(0.4, batch=16, steps=20),
    "mobilenet_v2": row(0.03, batch=16, steps=20),
    "resnext50_32x4d": row(0.4),
    "vgg16_bn": row(0.4, steps=2, cells=64),
    "densenet121": row(0.4),
    "inception_v4": row(0.4, size=112, steps=2, shift=1),
    "inception_resnet_v2": row(0.4, size=112, steps=2),
    "nasnetalarge": row(0.4, batch=4, steps=2, shift=1),
    "squeezenet1_1": row(0.4),
    "mobilenet_v3_large": row(0.1),
    "mobilenetv4_conv_small": row(0.1, batch=16, steps=2),
    "mobilenetv4_hybrid_medium": row(0.1, batch=16, steps=2),
    "efficientnet_b0": row(0.1),
    "tf_efficientnet_lite0": row(0.1),
    "tf_efficientnet_lite1": row(0.1),
    "tf_efficientnet_lite2": row(0.1),
    "hgnetv2_b0": row(0.1, batch=16, steps=2),
    "hgnetv2_b2": row(0.1, batch=16, steps=2, shift=1, cells=64),
    "hgnetv2_b4": row(0.1, batch=16, steps=2, shift=1, cells=64),
    "convnext_tiny": row(0.4, batch=4),
    "levit_256": row(0.1, size=224, steps=2, attention_bias=75),
    "levit_256 frozen": row(0.1, size=224, steps=2, attention_bias=75, frozen=True),
    "tiny_vit_21m_224": row(0.4, batch=4, steps=2),
    "vit_small_patch16_224": row(0.4, batch=4),
    "vit_small_patch14_dinov2": row(0.4, size=56, batch=4),
}


def start_of(name, shape, settings):
    kind = kind_of(name, shape)
    if name.endswith(ATTENTION_BIAS):
        return parameter(kind, name, shape) * np.float32(settings.get("attentionBias", 0))
    if kind == "scale":
        return np.full(shape, RESIDUAL_SCALE if re.search(LAST_NORM, name) else 1, np.float32)
    if kind == "shift" and not re.search(AS_DRAWN, name):
        return np.full(shape, settings["shift"], np.float32)
    values = parameter(kind, name, shape)
    return values * np.float32(settings["classifierScale"]) if kind == "weight" and re.search(CLASSIFIER, name) else values


def forward(network, name, images, classifier_scale):
    """The logits; of networks without a classifier, and of one whose is huge, their pooled features."""
    if name.startswith("vgg"):
        return network.features(images).mean((2, 3)) * classifier_scale
    if "dinov2" in name:
        tokens = network.forward_features(images)
        return torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], 1) * classifier_scale
    return network(images)


def batch_of(k, size, batch, cells, classes):
    coarse = image_batch(f"images {k}", (batch, 3, cells, cells))
    images = coarse.repeat(size // cells, 2).repeat(size // cells, 3)
    return torch.from_numpy(images), torch.from_numpy((uniforms(f"targets {k}", batch) * classes).astype("int64"))


def train(name, settings, dtype):
    scale, size, batch, steps, cells = (settings[key] for key in ("classifierScale", "size", "batch", "steps", "cells"))
    network = create(name.split(" ")[0]).train()
    if name.startswith("vgg"):
        network.classifier = torch.nn.Identity()
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                value.copy_(torch.from_numpy(np.asarray(start_of(key, tuple(value.shape), settings))))
    network.to(dtype)
    for module in network.modules():
        if isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0.0
        if isinstance(module, timm.layers.DropPath):
            module.drop_prob = 0.0
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) and settings.get("frozen"):
            module.eval()
    optimiser = torch.optim.SGD(network.parameters(), LEARNING_RATE)
    losses, gradients = [], {}
    for step in range(steps):
        classes = 512 if name.startswith("vgg") else 768 if "dinov2" in name else 1000
        images, targets = batch_of(step % BATCHES, size, batch, cells, classes)
        loss = torch.nn.functional.cross_entropy(forward(network, name, images.to(dtype), scale), targets)
        optimiser.zero_grad()
        loss.backward()
        if step == 0:
            gradients = {key: measure(key, value.grad) for key, value in network.named_parameters() if value.grad is not None}
        optimiser.step()
        losses.append(loss.item())
    statistics = {key: value.norm().item() for key, value in network.state_dict().items() if "running" in key}
    return losses, gradients, statistics


def measure(name, gradient):
    """The norm of a gradient, and its product with a probe, which a wrong order or sign would change."""
    flat = gradient.double().flatten()
    return [flat.norm().item(), (flat @ torch.from_numpy(2 * uniforms(f"probe {name}", flat.numel()) - 1)).item()]


def part(values, all_of_them):
    """The first, the last, and some in between."""
    keys = list(values)
    if all_of_them or len(keys) <= KEPT:
        return values
    return {keys[round(i * (len(keys) - 1) / (KEPT - 1))]: values[keys[round(i * (len(keys) - 1) / (KEPT - 1))]] for i in range(KEPT)}


def short(value):
    return float(f"{value:.6g}")


if __name__ == "__main__":
    path = "training.json"
    chosen = sys.argv[1:] or list(NETWORKS)
    result = json.load(open(path))["networks"] if sys.argv[1:] and os.path.exists(path) else {}
    for name in chosen:
        settings = NETWORKS[name]
        losses, gradients, statistics = train(name, settings, torch.float64)
        single = train(name, settings, torch.float32)
        print(name, [f"{value:.3f}" for value in losses])
        print("  float32 differs in losses by", f"{max(abs(a - b) / b for a, b in zip(single[0], losses)):.1g}", end=", ")
        # Shifts that a later batch norm takes out again have gradients of 0.
        largest = max(pair[0] for pair in gradients.values())
        known = {key: pair for key, pair in gradients.items() if pair[0] > 1e-6 * max(1, largest)}
        print("in gradients by", f"{max(abs(a - b) / pair[0] for key, pair in known.items() for a, b in zip(single[1][key], pair)):.1g}", end=", ")
        print("in statistics by", f"{max([abs(single[2][key] - value) / value for key, value in statistics.items()], default=0):.1g}", flush=True)
        whole = name in KEEP_ALL
        result[name] = {
            **settings,
            "losses": [short(value) for value in losses],
            "gradients": {key: [short(value) for value in pair] for key, pair in part(gradients, whole).items()},
            "statistics": {key: short(value) for key, value in part(statistics, whole).items()},
        }
        common = {"batches": BATCHES, "learningRate": LEARNING_RATE, "residualScale": RESIDUAL_SCALE}
        # After each network, so that what is done stays if the rest is stopped.
        with open(path, "w") as file:
            rows = [f"{json.dumps(each)}: {json.dumps(result[each], separators=(',', ':'))}" for each in NETWORKS if each in result]
            file.write(json.dumps(common, separators=(",", ":"))[:-1] + ',"networks":{\n' + ",\n".join(rows) + "\n}}\n")

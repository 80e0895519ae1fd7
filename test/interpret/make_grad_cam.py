"""Writes grad-cam.json: Grad-CAM's heat by PyTorch's autograd, for networks and heads with parameters by test/reference/formula.py.

Run in this folder (made with torch 2.15, torchvision 0.29, timm 1.0.31).
"""

import json
import sys
from pathlib import Path

import timm
import torch
import torchvision

sys.path.append(str(Path(__file__).parents[1] / "reference"))
from formula import image_batch, kind_of, parameter

SIZE, CLASSES, HIDDEN = 64, 3, 16


def filled(name, shape):
    return torch.from_numpy(parameter(kind_of(name, shape), name, shape)).double()


def norm(name, x):
    width = x.shape[1]
    mean = torch.from_numpy(parameter("mean", f"{name}.running_mean", (width,))).double()
    variance = torch.from_numpy(parameter("variance", f"{name}.running_var", (width,))).double()
    weight = torch.from_numpy(parameter("scale", f"{name}.weight", (width,))).double()
    bias = torch.from_numpy(parameter("shift", f"{name}.bias", (width,))).double()
    return torch.nn.functional.batch_norm(x, mean, variance, weight, bias, eps=1e-5)


def head(pooled):
    """thaw's head without dropout: batch norm, linear, ReLU, batch norm, linear."""
    hidden = torch.relu(norm("head.bn0", pooled) @ filled("head.fc0.weight", (HIDDEN, pooled.shape[1])).T + filled("head.fc0.bias", (HIDDEN,)))
    return norm("head.bn1", hidden) @ filled("head.fc1.weight", (CLASSES, HIDDEN)).T + filled("head.fc1.bias", (CLASSES,))


def body(name):
    network = timm.create_model(name, dynamic_img_size=True) if name.startswith("vit") else torchvision.models.get_model(name, weights=None)
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                value.copy_(torch.from_numpy(parameter(kind_of(key, value.shape), key, tuple(value.shape))))
    return network.double().eval()


def convolutional(name, images):
    features = body(name).features(images).detach().requires_grad_()
    logits = head(torch.cat([features.amax((2, 3)), features.mean((2, 3))], 1))
    maps = []
    for label in range(CLASSES):
        (gradient,) = torch.autograd.grad(logits[0, label], features, retain_graph=True)
        maps.append(torch.relu((gradient.mean((2, 3), keepdim=True) * features).sum(1))[0])
    return logits, maps


def transformer(name, images):
    network = body(name)
    tokens = network.norm_pre(network.patch_drop(network._pos_embed(network.patch_embed(images))))
    for block in network.blocks[:-1]:
        tokens = block(tokens)
    tokens = tokens.detach().requires_grad_()
    last = network.norm(network.blocks[-1](tokens))
    logits = head(torch.cat([last[:, 0], last[:, 1:].mean(1)], 1))
    maps = []
    for label in range(CLASSES):
        (gradient,) = torch.autograd.grad(logits[0, label], tokens, retain_graph=True)
        heat = torch.relu((gradient[:, 1:].mean(1, keepdim=True) * tokens[:, 1:]).sum(2))[0]
        side = int(len(heat) ** 0.5)
        maps.append(heat.reshape(side, side))
    return logits, maps


result = {}
images = torch.from_numpy(image_batch("photograph", (1, 3, SIZE, SIZE))).double()
# As uint8 pixels without normalisation, which is how thaw takes them.
pixels = torch.clamp(torch.round((images + 2) * 64), 0, 255)
for name in ("mobilenet_v2", "squeezenet1_1", "vit_small_patch16_224"):
    logits, maps = (transformer if name.startswith("vit") else convolutional)(name, pixels / 255)
    result[name] = {"logits": logits[0].tolist(), "maps": [heat.tolist() for heat in maps]}
Path(__file__).with_name("grad-cam.json").write_text(json.dumps(result) + "\n")

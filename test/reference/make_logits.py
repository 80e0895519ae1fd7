# Writes logits.json: logits of torchvision's and timm's networks with parameters and images by formula.py, and how many parameters they have.
# Run in this folder: python make_logits.py [names] (made with torch 2.15, torchvision 0.29, timm 1.0.31). With names, the others are kept.
import json
import math
import os
import sys

import timm
import torch
import torchvision
from formula import image_batch, kind_of, parameter

EVERY = 23
SIZES = {"inception_v4": [96, 96], "inception_resnet_v2": [96, 96], "nasnetalarge": [75, 64]}
SIZES |= {"levit_256": [224, 224], "tiny_vit_21m_224": [80, 96], "mobilenetv4_hybrid_medium": [64, 96]}
SIZES |= {name: [64, 96] for name in ("vit_small_patch16_224", "vit_base_patch16_224")}
SIZES |= {name: [70, 98] for name in ("vit_small_patch14_dinov2", "vit_base_patch14_dinov2")}
NETWORKS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x4d", "resnext101_64x4d"]
NETWORKS += ["wide_resnet50_2", "vgg16_bn", "vgg19_bn", "densenet121", "densenet161", "densenet169", "densenet201"]
NETWORKS += ["inception_v4", "inception_resnet_v2", "nasnetalarge", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_large"]
NETWORKS += ["efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3"]
NETWORKS += ["efficientnet_lite0", "tf_efficientnet_lite0", "tf_efficientnet_lite1", "tf_efficientnet_lite2"]
NETWORKS += ["mobilenetv4_conv_small", "mobilenetv4_hybrid_medium", "hgnetv2_b0", "hgnetv2_b2", "hgnetv2_b4"]
NETWORKS += ["convnext_tiny", "convnext_small", "convnext_base"]
NETWORKS += ["levit_256", "tiny_vit_21m_224", "vit_small_patch16_224", "vit_base_patch16_224", "vit_small_patch14_dinov2", "vit_base_patch14_dinov2"]


def fill(network):
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                value.copy_(torch.from_numpy(parameter(kind_of(name, value.shape), name, tuple(value.shape))))


def create(name):
    if name in torchvision.models.list_models():
        return torchvision.models.get_model(name, weights=None)
    if "dinov2" in name:
        return timm.create_model(name, num_classes=0, dynamic_img_size=True)
    return timm.create_model(name, num_classes=1000, **({"dynamic_img_size": True} if name.startswith("vit") else {}))


def outputs(network, name, images):
    """The logits; of a network without a classifier the class token and the mean of the others."""
    if "dinov2" not in name:
        return network(images)
    tokens = network.forward_features(images)
    return torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], 1)


if __name__ == "__main__":
    path = "logits.json"
    chosen = sys.argv[1:] or NETWORKS
    known = json.load(open(path))["networks"] if sys.argv[1:] and os.path.exists(path) else {}
    for name in chosen:
        size = SIZES.get(name, [64, 64])
        images = torch.from_numpy(image_batch("images", (2, 3, *size)))
        network = create(name).eval()
        fill(network)
        parameters = sum(math.prod(value.shape) for value in network.parameters())
        with torch.no_grad():
            single = outputs(network, name, images)
            logits = outputs(network.double(), name, images.double())
        spread = (logits[0] - logits[1]).abs().max() / logits.abs().max()
        noise = (single - logits).abs().max() / logits.abs().max()
        print(f"{name}: largest {logits.abs().max():.3g}, difference of the two images {spread:.2g}, of float32 {noise:.1g}", flush=True)
        # A part of the logits shows all that a wrong network would change, and keeps the file small.
        values = [[float(f"{value:.7g}") for value in row[::EVERY]] for row in logits.tolist()]
        known[name] = {"size": size, "parameters": parameters, "logits": values}
    with open(path, "w") as file:
        rows = [f"{json.dumps(name)}: {json.dumps(known[name], separators=(',', ':'))}" for name in NETWORKS if name in known]
        file.write('{"every": %d, "networks": {\n%s\n}}\n' % (EVERY, ",\n".join(rows)))

# Writes input_channels.json: logits of networks with parameters by formula.py whose first convolution fastai adapted to other channels.
# Run in this folder: python make_input_channels.py [names] (made with torch 2.15, torchvision 0.29, timm 1.0.31, fastai 2.8.12).
import json
import sys

import torch
from fastai.vision.learner import _get_first_layer, _load_pretrained_weights, _update_first_layer
from formula import image_batch
from make_logits import EVERY, SIZES, create, fill, outputs

NETWORKS = ["resnet18", "vgg16_bn", "densenet121", "inception_v4", "inception_resnet_v2", "nasnetalarge", "squeezenet1_1", "mobilenet_v2"]
NETWORKS += ["mobilenet_v3_large", "efficientnet_b0", "convnext_tiny", "vit_small_patch16_224", "vit_small_patch14_dinov2"]
CHANNELS = [1, 2, 5]


def adapt(network, channels):
    """The first convolution by fastai's rule for the weights; its bias stays, which fastai would draw anew."""
    if hasattr(network, "patch_embed"):
        # fastai does not find a transformer's first layer.
        old = network.patch_embed.proj
        network.patch_embed.proj = torch.nn.Conv2d(channels, old.out_channels, old.kernel_size, old.stride)
        _load_pretrained_weights(network.patch_embed.proj, old)
    else:
        old, _, _ = _get_first_layer(network)
        _update_first_layer(network, channels, True)
    first_convolution(network).bias = old.bias


def first_convolution(network):
    return next(module for module in network.modules() if isinstance(module, torch.nn.Conv2d))


def logits(name, channels):
    network = create(name).eval()
    fill(network)
    adapt(network, channels)
    size = SIZES.get(name, [64, 64])
    images = torch.from_numpy(image_batch(f"{channels} channels", (2, channels, *size)))
    # In double precision NASNet takes a quarter of an hour.
    precise = name != "nasnetalarge"
    with torch.no_grad():
        values = outputs(network.double() if precise else network, name, images.double() if precise else images)
    return [[float(f"{value:.7g}") for value in row[::EVERY]] for row in values.tolist()]


if __name__ == "__main__":
    path = "input_channels.json"
    known = json.load(open(path))["networks"] if sys.argv[1:] else {}
    for name in sys.argv[1:] or NETWORKS:
        known[name] = {"size": SIZES.get(name, [64, 64]), "logits": {str(channels): logits(name, channels) for channels in CHANNELS}}
        print(name, flush=True)
    with open(path, "w") as file:
        rows = [f"{json.dumps(name)}: {json.dumps(known[name], separators=(',', ':'))}" for name in NETWORKS]
        file.write('{"every": %d, "networks": {\n%s\n}}\n' % (EVERY, ",\n".join(rows)))

# Writes timm.json: for each architecture the tensors that a file of timm's holds (names and shapes), and timm's logits where these tensors
# have values by formula.py under timm's names. Where names and shapes are those of torchvision's network (or timm's own, which thaw took
# over), a digest stands for the list. Run in this folder: python make_timm.py [names] (made with torch 2.15, torchvision 0.29, timm 1.0.31).
import hashlib
import json
import os
import sys

import timm
import torch
from formula import image_batch
from make_logits import EVERY, NETWORKS, create, fill, outputs, SIZES

# timm's name, and the repository tag of the published weights, of what torchvision calls otherwise.
OTHER = {"mobilenet_v2": "mobilenetv2_100", "mobilenet_v3_large": "mobilenetv3_large_100"}
# Networks whose linear layers are convolutions in thaw.
LINEAR = ["levit_256"]
# Networks that timm does not have.
ABSENT = ["squeezenet1_1"]


def tensors(network):
    return {name: list(value.shape) for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}


def digest(shapes):
    lines = sorted(f"{name} {','.join(map(str, shape))}" for name, shape in shapes.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def create_timm(name):
    options = {"num_classes": 0 if "dinov2" in name else 1000}
    if name.startswith("vit"):
        options["dynamic_img_size"] = True
    return timm.create_model(OTHER.get(name, name), **options)


if __name__ == "__main__":
    path = "timm.json"
    known = json.load(open(path))["networks"] if sys.argv[1:] and os.path.exists(path) else {}
    for name in sys.argv[1:] or NETWORKS:
        if name in ABSENT:
            continue
        size = SIZES.get(name, [64, 64])
        network = create_timm(name).eval()
        shapes = tensors(network)
        same = shapes == tensors(create(name)) and name not in LINEAR
        fill(network)
        with torch.no_grad():
            logits = outputs(network.double(), name, torch.from_numpy(image_batch("images", (2, 3, *size))).double())
        values = [[float(f"{value:.7g}") for value in row[::EVERY]] for row in logits.tolist()]
        held = {"digest": digest(shapes)} if same else {"tensors": shapes}
        known[name] = {"timm": OTHER.get(name, name), "size": size, **held, "logits": values}
        print(f"{name}: {'the same names' if same else 'other names'}, largest {logits.abs().max():.3g}", flush=True)
    with open(path, "w") as file:
        rows = [f"{json.dumps(name)}: {json.dumps(known[name], separators=(',', ':'))}" for name in NETWORKS if name in known]
        file.write('{"every": %d, "networks": {\n%s\n}}\n' % (EVERY, ",\n".join(rows)))

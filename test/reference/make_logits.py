# Writes logits.json: logits of torchvision's networks with parameters and images by formula.py.
# Run in this folder: python make_logits.py (made with torch 2.15, torchvision 0.29).
import json

import torch
import torchvision
from formula import image_batch, kind_of, parameter

SIZE = 64
NETWORKS = ["resnet18", "resnet34", "resnet50", "mobilenet_v2", "squeezenet1_1"]


def fill(network):
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                value.copy_(torch.from_numpy(parameter(kind_of(name, value.shape), name, tuple(value.shape))))


if __name__ == "__main__":
    images = torch.from_numpy(image_batch("images", (2, 3, SIZE, SIZE)))
    result = {}
    for name in NETWORKS:
        network = torchvision.models.get_model(name, weights=None).eval()
        fill(network)
        with torch.no_grad():
            logits = network.double()(images.double())
        spread = (logits[0] - logits[1]).abs().max() / logits.abs().max()
        print(name, "largest", logits.abs().max().item(), "difference of the two images", spread.item())
        # Every seventh logit shows all that a wrong network would change, and keeps the file small.
        result[name] = [[float(f"{value:.7g}") for value in row[::7]] for row in logits.tolist()]
    with open("logits.json", "w") as file:
        json.dump({"size": SIZE, "every": 7, "logits": result}, file, separators=(",", ":"))
        file.write("\n")

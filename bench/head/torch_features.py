# The features of photographs as fastai makes them: decoded and scaled by Pillow, through torchvision's MobileNetV2, maximum and mean pooled.
#
#   python bench/head/torch_features.py <task.json>      {"root", "names", "weights", "size", "out"}
#
# Writes float32 [names, 2560] to `out`.

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file

task = json.loads(Path(sys.argv[1]).read_text())
torch.set_num_threads(task.get("threads", 1))
network = torchvision.models.mobilenet_v2()
state = {name: value for name, value in load_file(task["weights"]).items() if name.startswith("features.")}
network.load_state_dict(state, strict=False)
body = network.features.eval()
mean, std = (torch.tensor(values).view(3, 1, 1) for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))


def pixels(name):
    """fastai's Resize on validation images: the middle square, scaled bilinearly."""
    image = Image.open(Path(task["root"]) / name).convert("RGB")
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    square = image.resize((task["size"],) * 2, Image.BILINEAR, box=(left, top, left + side, top + side))
    return (torch.from_numpy(np.array(square)).permute(2, 0, 1).float() / 255 - mean) / std


rows = []
with torch.inference_mode():
    for start in range(0, len(task["names"]), 32):
        x = body(torch.stack([pixels(name) for name in task["names"][start : start + 32]]))
        rows.append(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1).numpy())
np.concatenate(rows).astype("<f4").tofile(task["out"])

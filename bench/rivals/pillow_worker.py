# The Pillow side of one row of bench/data: decodes the photographs and applies torchvision's transforms.
# Protocol (bench/engine/side.mjs): prints "ready" once warm; each line "round" is answered with the round's milliseconds of processor time.

import io
import json
import random
import sys
import time

import PIL
import torch
import torchvision
from PIL import Image, features
from torchvision.transforms import InterpolationMode, functional, transforms

SIZE = 224
BILINEAR = InterpolationMode.BILINEAR


def zoomed(image):
    """fastai's RandomScale: three times of four the short side is up to 1.1 times the size."""
    zoom = random.uniform(1, 1.1) if random.random() < 0.75 else 1
    return functional.resize(image, int(zoom * SIZE), BILINEAR, antialias=True)


WORKS = {
    "decode": lambda image: image,
    "resize": transforms.Compose([transforms.Resize(SIZE, BILINEAR, antialias=True), transforms.CenterCrop(SIZE)]),
    "augment": transforms.Compose(
        [
            zoomed,
            transforms.RandomApply([transforms.RandomRotation(10, BILINEAR)], 0.75),
            transforms.ColorJitter(0.05, 0.05),
            transforms.RandomHorizontalFlip(),
            transforms.RandomCrop(SIZE),
        ]
    ),
}


def main(row, *files):
    torch.set_num_threads(1)
    random.seed(0)
    torch.manual_seed(0)
    work = WORKS[row]
    photographs = []
    for file in files:
        with open(file, "rb") as stream:
            photographs.append(stream.read())

    def run():
        for data in photographs:
            work(Image.open(io.BytesIO(data)).convert("RGB"))

    run()
    run()
    turbo = features.version_feature("libjpeg_turbo")
    versions = {"Pillow": PIL.__version__, "libjpeg-turbo": turbo, "torch": torch.__version__, "torchvision": torchvision.__version__}
    print("ready", json.dumps(versions), flush=True)
    for line in sys.stdin:
        if line.strip() != "round":
            break
        start = time.process_time()
        run()
        print((time.process_time() - start) * 1000, flush=True)


main(*sys.argv[1:])

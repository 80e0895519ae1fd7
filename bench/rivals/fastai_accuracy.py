# From a folder of JPEGs to an accuracy with fastai, in two ways. "lesson" is the first lesson's: vision_learner and fine_tune with fastai's
# augmentation and defaults. "fastest" keeps the body frozen, augments nothing and takes as few epochs as it needs. Prints lines of JSON, an
# "epoch" for each validation.

import json
import sys

task = json.loads(sys.argv[1])

import fastai
import torch
import torchvision
from fastai.vision.all import (
    Callback,
    ImageDataLoaders,
    Normalize,
    Resize,
    accuracy,
    aug_transforms,
    imagenet_stats,
    set_seed,
    vision_learner,
)
from fastai.vision.learner import default_split, model_meta
from safetensors.torch import load_file

lesson = task["setting"] == "lesson"
# Epochs of a fit, and its rate: fastai's own, and the one of fastai's finder for a head.
EPOCHS, RATE = (3, 2e-3) if lesson else (1, 1e-2)
MOST_FITS = 1 if lesson else 6


def say(**event):
    print(json.dumps(event), file=answers, flush=True)


class Answer(Callback):
    order = 60

    def after_epoch(self):
        say(event="epoch", accuracy=self.recorder.values[-1][2], ends=True)


class FreezeStatistics(Callback):
    """The frozen body's batch norm keeps its statistics, which saves their computation."""

    def before_train(self):
        for module in self.model[0].modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eval()


def mobilenet(pretrained=False):
    """torchvision's network with the weights of the file."""
    network = torchvision.models.mobilenet_v2()
    network.load_state_dict({k: v for k, v in load_file(task["weights"]).items() if k.startswith("features.")}, strict=False)
    return network


def main():
    torch.set_num_threads(task["threads"])
    set_seed(task["seed"])
    say(event="versions", fastai=fastai.__version__, torch=torch.__version__, python=sys.version.split()[0])
    normalize = Normalize.from_stats(*imagenet_stats)
    dls = ImageDataLoaders.from_folder(
        task["photographs"],
        train="train",
        valid="valid",
        item_tfms=Resize(task["size"]),
        batch_tfms=[*(aug_transforms() if lesson else []), normalize],
        bs=64,
        # Without worker processes: on few cores that was faster than fastai's default of one for each core.
        num_workers=0 if task["threads"] <= 2 else task["threads"],
        device=torch.device("cpu"),
    )
    callbacks = [Answer()] if lesson else [Answer(), FreezeStatistics()]
    # As fastai's own table has it for other networks: the body ends before the last part.
    model_meta[mobilenet] = {"cut": -1, "split": default_split}
    learner = vision_learner(dls, mobilenet, pretrained=False, normalize=False, metrics=accuracy, train_bn=lesson, cbs=callbacks)
    learner.freeze()
    if not lesson:
        learner.model.to(memory_format=torch.channels_last)
    # Nothing reads the terminal.
    with learner.no_bar(), learner.no_logging():
        for _ in range(MOST_FITS):
            learner.fine_tune(EPOCHS, RATE) if lesson else learner.fit_one_cycle(EPOCHS, RATE)


# Standard output carries the answers alone; whatever fastai prints goes to standard error.
answers, sys.stdout = sys.stdout, sys.stderr
main()

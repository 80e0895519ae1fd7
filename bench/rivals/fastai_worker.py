# The fastai side of the recipe: its stages on request, by fastai's own Learner. Each is answered with its seconds and what it came to.
# Protocol (bench/peer.mjs): prints its versions once ready; each line is the name of a stage.

import copy
import json
import sys
import time
from functools import partial
from pathlib import Path

import fastai
import torch
import torchvision
from fastai.vision.all import (
    SGD,
    AdaptiveConcatPool2d,
    Callback,
    CategoryBlock,
    CrossEntropyLossFlat,
    DataBlock,
    Flatten,
    ImageBlock,
    IndexSplitter,
    Learner,
    Normalize,
    ParamScheduler,
    Resize,
    SchedCos,
    accuracy,
    apply_init,
    aug_transforms,
    combine_scheds,
    imagenet_stats,
    np,
    params,
    set_seed,
)
from safetensors.torch import load_file
from torch import nn

task = json.loads(Path(sys.argv[1]).read_text())
torch.set_num_threads(task["threads"])
classes = sorted({item["label"] for item in task["items"]})


class CentreResize(Resize):
    """The validation transform for the training images too: what activations that are computed once are made of."""

    def before_call(self, b, split_idx):
        super().before_call(b, 1)


class KeepBest(Callback):
    """The epoch that counts: the highest accuracy, of equal ones the lowest validation loss. Its weights are kept."""

    order = 60

    def before_fit(self):
        self.best = None

    def after_epoch(self):
        _, valid_loss, measured = self.recorder.values[-1]
        worth = (measured, -valid_loss)
        if self.best is None or worth > self.best:
            self.best, self.kept = worth, copy.deepcopy(self.model.state_dict())

    def after_fit(self):
        self.model.load_state_dict(self.kept)


class FreezeStatistics(Callback):
    """The body's batch norm keeps the statistics of its pretraining while the body is frozen, as thaw's does."""

    def before_train(self):
        if self.learn.opt.frozen_idx == 0:
            return
        for module in self.model[0].modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def loaders(augment):
    size = task["size"]
    normalize = Normalize.from_stats(*imagenet_stats)
    if augment:
        item = Resize(int(size * 1.15))
        batch = [*aug_transforms(size=size, max_rotate=10, max_zoom=1.1, max_lighting=0.05, max_warp=0), normalize]
    else:
        item, batch = CentreResize(size), [normalize]
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=classes)),
        get_x=lambda entry: Path(task["root"]) / entry["file"],
        get_y=lambda entry: entry["label"],
        splitter=IndexSplitter([i for i, entry in enumerate(task["items"]) if entry["valid"]]),
        item_tfms=item,
        batch_tfms=batch,
    )
    # Without worker processes: on few cores that was faster than fastai's default of one for each core.
    return block.dataloaders(task["items"], bs=64, num_workers=0, device=torch.device("cpu"))


def network():
    published = torchvision.models.mobilenet_v2()
    state = {name: value for name, value in load_file(task["weights"]).items() if name.startswith("features.")}
    published.load_state_dict(state, strict=False)
    head = nn.Sequential(
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.BatchNorm1d(2560),
        nn.Dropout(0.25),
        nn.Linear(2560, 512),
        nn.ReLU(inplace=True),
        nn.BatchNorm1d(512),
        nn.Dropout(0.5),
        nn.Linear(512, len(classes)),
    )
    apply_init(head, nn.init.kaiming_normal_)
    return nn.Sequential(published.features, head).to(memory_format=torch.channels_last)


def groups(model):
    return [params(model[0][:8]), params(model[0][8:]), params(model[1])]


class Stages:
    def cached(self):
        set_seed(task["seed"])
        self.learner = Learner(
            loaders(augment=False),
            network(),
            loss_func=CrossEntropyLossFlat(),
            opt_func=partial(SGD, mom=0.9),
            splitter=groups,
            metrics=accuracy,
            train_bn=False,
            wd=0,
            moms=(0.9, 0.9, 0.9),
            cbs=[KeepBest(), FreezeStatistics()],
        )
        self.learner.freeze()
        return self.fit([1, 1, 1], 0.01)

    def augmented(self):
        self.learner.dls = loaders(augment=True)
        return self.fit([1, 1], 0.01)

    def unfrozen(self):
        self.learner.unfreeze()
        return self.fit([2], [1e-4, 1e-3, 1e-2])

    def tta(self):
        # Plain and augmented predictions weigh the same, as in the mean over fastai 0.7's stack.
        predictions, targets = self.learner.tta(n=4, beta=0.2)
        loss = nn.functional.nll_loss(predictions.log(), targets).item()
        return {"accuracy": (predictions.argmax(1) == targets).float().mean().item(), "loss": loss}

    def fit(self, lengths, rates):
        """Cycles of cosine annealing: the schedule of fit_sgdr, which itself cannot do cycles of one length."""
        if self.learner.opt is None:
            self.learner.create_opt()
        self.learner.opt.set_hyper("lr", rates)
        peak = np.array([group["lr"] for group in self.learner.opt.hypers])
        schedule = combine_scheds([length / sum(lengths) for length in lengths], [SchedCos(peak, 0)] * len(lengths))
        self.learner.fit(sum(lengths), cbs=ParamScheduler({"lr": schedule}))
        measured, negative_loss = self.learner.keep_best.best
        return {"accuracy": measured, "loss": -negative_loss}


# Standard output carries the protocol alone; whatever fastai prints goes to standard error.
answers, sys.stdout = sys.stdout, sys.stderr
stages = Stages()
versions = {"fastai": fastai.__version__, "torch": torch.__version__, "python": sys.version.split()[0]}
print(json.dumps(versions), file=answers, flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    result = getattr(stages, line.strip())()
    print(json.dumps({"seconds": time.perf_counter() - start, **result}), file=answers, flush=True)

# The fastai side of a whole run: vision_learner, the rate by lr_find, fine_tune (frozen, then all layers with discriminative rates), tta, all
# with fastai's defaults, then the kept weights on the test part. Prints one line of JSON.

import copy
import json
import sys
import time
from pathlib import Path

import fastai
import torch
import torchvision
from fastai.vision.all import (
    Callback,
    CategoryBlock,
    DataBlock,
    GrandparentSplitter,
    ImageBlock,
    Normalize,
    Resize,
    accuracy,
    aug_transforms,
    get_image_files,
    imagenet_stats,
    model_meta,
    params,
    parent_label,
    set_seed,
    valley,
    vision_learner,
)
from safetensors.torch import load_file
from torch import nn

task = json.loads(sys.argv[1])
root, size = Path(task["root"]), task["size"]
torch.set_num_threads(task["threads"])


class KeepBest(Callback):
    """The epoch that counts: the highest accuracy, of equal ones the lowest validation loss; what came before the fit counts too."""

    order = 60
    worth = None

    def before_fit(self):
        self.improved = False

    def after_epoch(self):
        _, valid_loss, measured = self.recorder.values[-1]
        worth = (measured, -valid_loss)
        if self.worth is None or worth > self.worth:
            self.worth, self.kept, self.improved = worth, copy.deepcopy(self.model.state_dict()), True

    def after_fit(self):
        self.last = copy.deepcopy(self.model.state_dict())
        self.model.load_state_dict(self.kept)


def used():
    times = time.process_time()
    return times, time.perf_counter()


def difference(now, then):
    return {"processorSeconds": now[0] - then[0], "wallSeconds": now[1] - then[1]}


def pretrained(**_):
    published = torchvision.models.mobilenet_v2()
    state = {name: value for name, value in load_file(task["weights"]).items() if name.startswith("features.")}
    published.load_state_dict(state, strict=False)
    return published


def groups(model):
    body = model[0][0]
    return [params(body[:8]), params(body[8:]), params(model[1])]


def measured(learner, dl, tta=False):
    predictions, targets = learner.tta(dl=dl, n=4) if tta else learner.get_preds(dl=dl)
    return {
        "accuracy": (predictions.argmax(1) == targets).float().mean().item(),
        "loss": nn.functional.nll_loss(predictions.clamp_min(1e-12).log(), targets).item(),
    }


start = used()
set_seed(task["seed"])
block = DataBlock(
    blocks=(ImageBlock, CategoryBlock),
    get_items=get_image_files,
    get_y=parent_label,
    splitter=GrandparentSplitter(),
    item_tfms=Resize(int(size * 1.15)),
    batch_tfms=[*aug_transforms(size=size), Normalize.from_stats(*imagenet_stats)],
)
# Without worker processes: on few cores that was faster than fastai's default of one for each core.
dls = block.dataloaders(root / "seen", bs=task["bs"], num_workers=0, device=torch.device("cpu"))
model_meta[pretrained] = {"cut": -1, "split": groups}
learner = vision_learner(dls, pretrained, pretrained=False, metrics=accuracy, path=root)
learner.freeze()
with learner.no_bar(), learner.no_logging():
    rate = learner.lr_find(suggest_funcs=(valley,), show_plot=False).valley
    stages, best = {}, KeepBest()

    class Stage(Callback):
        """Notes what each of fine_tune's two fits came to."""

        order = 70

        def before_fit(self):
            self.begin = used()

        def after_fit(self):
            stages["frozen" if not stages else "unfrozen"] = {
                "accuracy": best.worth[0],
                "kept": best.improved,
                **difference(used(), self.begin),
            }

    learner.fine_tune(task["epochs"]["unfrozen"], rate, freeze_epochs=task["epochs"]["frozen"], cbs=[best, Stage()])
    begin = used()
    views = measured(learner, dls.valid, tta=True)
    stages["tta"] = {"accuracy": views["accuracy"], **difference(used(), begin)}
    whole = difference(used(), start)
    test = dls.test_dl(get_image_files(root / "test"), with_labels=True)
    plain, augmented = measured(learner, test), measured(learner, test, tta=True)
    learner.model.load_state_dict(best.last)
    last, last_views = measured(learner, test), measured(learner, test, tta=True)

print(
    json.dumps(
        {
            "stages": stages,
            "chosen": {"lr": rate, "bs": task["bs"], "epochs": task["epochs"]},
            **whole,
            "valid": {"plain": best.worth[0], "tta": views["accuracy"]},
            "test": {
                "images": len(test.dataset),
                "plain": plain["accuracy"],
                "loss": plain["loss"],
                "tta": augmented["accuracy"],
                "ttaLoss": augmented["loss"],
                # The weights after the last epoch, which neither side keeps.
                "last": last["accuracy"],
                "lastTta": last_views["accuracy"],
            },
            "versions": {"fastai": fastai.__version__, "torch": torch.__version__},
        }
    )
)

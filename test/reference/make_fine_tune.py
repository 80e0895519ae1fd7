# Writes fine_tune.json: the learning rate of each layer group and the momentum at every batch of fastai 2's fine_tune, five batches an epoch.
# Made with python, fastai 2.8.12, torch 2.15. Run in this folder: python make_fine_tune.py
import json

import torch
from fastai.basics import Callback, DataLoader, DataLoaders, Learner, params
from fastai.callback import schedule  # noqa: F401, which adds fine_tune
from fastai.callback.progress import ProgressCallback
from torch import nn

EPOCHS, BASE_LR = 3, 0.004


class Record(Callback):
    def before_step(self):
        self.learn.seen.append([[float(h["lr"]) for h in self.opt.hypers], float(self.opt.hypers[-1]["mom"])])


def splitter(model):
    return [params(layer) for layer in model]


items = [(torch.randn(4), torch.randn(4)) for _ in range(40)]
data = DataLoaders(DataLoader(items, bs=8), DataLoader(items[:8], bs=8))
model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4))
learn = Learner(data, model, loss_func=nn.MSELoss(), splitter=splitter, cbs=[Record()])
learn.remove_cb(ProgressCallback)
learn.seen = []
with learn.no_logging():
    learn.fine_tune(EPOCHS, BASE_LR)
json.dump({"epochs": EPOCHS, "baseLr": BASE_LR, "steps": learn.seen}, open("fine_tune.json", "w"))

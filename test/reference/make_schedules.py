# Writes schedules.json: fastai 2's 1cycle and flat-cosine schedules, and the rates that its finder suggests for three curves.
# Made with python, fastai 2.8.12, torch 2.15, numpy. Run in this folder: python make_schedules.py
import json
import math

import torch
from fastai.callback.schedule import SchedCos, SchedNo, combine_scheds, combined_cos, minimum, slide, steep, valley

STEPS = 40


def at_each(schedule):
    return [float(schedule(i / STEPS)) for i in range(STEPS)]


def suggestions(name, loss_of):
    lrs = [1e-5 * (10 / 1e-5) ** (i / 100) for i in range(90)]
    losses = [loss_of(i) for i in range(90)]
    x, y = torch.tensor(lrs, dtype=torch.float64), torch.tensor(losses, dtype=torch.float64)
    rules = {"valley": valley, "slide": slide, "minimum": minimum, "steep": steep}
    return {"name": name, "lrs": lrs, "losses": losses, **{rule: float(f(x, y, 100)[0]) for rule, f in rules.items()}}


def descent(i):
    return 0.7 - 0.5 / (1 + math.exp(-(i - 50) / 6)) + (math.exp((i - 75) / 4) / 10 if i > 60 else 0)


curves = [
    ("a smooth fall and a rise", descent),
    ("the same with ripples", lambda i: descent(i) + 0.02 * math.sin(1.7 * i)),
    ("a slow fall", lambda i: 0.7 - 0.000002 * i**2),
]
json.dump(
    {
        "steps": STEPS,
        "oneCycle": at_each(combined_cos(0.25, 1 / 25, 1, 1 / 1e5)),
        "oneCycleMomentum": at_each(combined_cos(0.25, 0.95, 0.85, 0.95)),
        "flatCosine": at_each(combine_scheds([0.75, 0.25], [SchedNo(1, 1), SchedCos(1, 1 / 1e5)])),
        "suggestions": [suggestions(*curve) for curve in curves],
    },
    open("schedules.json", "w"),
)

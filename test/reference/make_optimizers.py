# Writes optimizers.json: five training steps of one linear layer under each optimiser, by PyTorch. Made with python, torch 2.15.
# Run in this folder: python make_optimizers.py
import json
import torch

torch.manual_seed(0)
inputs = torch.randn(5, 6, 4).double()
targets = torch.softmax(torch.randn(5, 6, 3), dim=2).double()
weight, bias = torch.randn(3, 4).double(), torch.randn(3).double()
makers = {
    "sgd": (lambda ps: torch.optim.SGD(ps, momentum=0.9), None),
    "sgd clipped": (lambda ps: torch.optim.SGD(ps, momentum=0.9), 0.1),
    "adam": (lambda ps: torch.optim.Adam(ps, betas=(0.9, 0.999), eps=1e-8), None),
    "adamw": (lambda ps: torch.optim.AdamW(ps, betas=(0.9, 0.99), eps=1e-5), None),
    "rmsprop": (lambda ps: torch.optim.RMSprop(ps, alpha=0.99, eps=1e-8), None),
    "rmsprop with momentum": (lambda ps: torch.optim.RMSprop(ps, alpha=0.99, eps=1e-8, momentum=0.9), None),
}
result = {"inputs": inputs.tolist(), "targets": targets.tolist(), "weight": weight.tolist(), "bias": bias.tolist(), "cases": []}
for name, (make, clip) in makers.items():
    w, b = weight.clone().requires_grad_(), bias.clone().requires_grad_()
    optimizer = make([{"params": [w, b], "lr": 0.1, "weight_decay": 0.02}])
    losses = []
    for x, y in zip(inputs, targets):
        loss = -(y * torch.log_softmax(x @ w.T + b, dim=1)).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        optimizer.step()
        losses.append(loss.item())
    result["cases"].append({"name": name, "clip": clip, "losses": losses, "weight": w.tolist(), "bias": b.tolist()})
def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.8g}")
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return {key: rounded(part) for key, part in value.items()} if isinstance(value, dict) else value
json.dump(rounded(result), open("optimizers.json", "w"))

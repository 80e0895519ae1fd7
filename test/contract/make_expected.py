# Writes expected.json: what the operators in operators.json and 20 training steps of a small network give, computed by PyTorch in float64 from
# the inputs that formula.py makes. Run in this folder: python make_expected.py (made with torch 2.15 on CPU).
import json
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, "../reference")
from formula import image_batch, kind_of, parameter

STEPS, BATCHES, BATCH, CLASSES, LEARNING_RATE, MOMENTUM = 20, 5, 4, 3, 0.05, 0.9


def batch_norm(x, scale, shift, mean, variance, momentum=0.9):
    """ONNX's BatchNormalization in training mode: the running variance takes the biased one."""
    axes = [axis for axis in range(x.dim()) if axis != 1]
    kept = lambda old, new: momentum * old + (1 - momentum) * new.detach()
    y = F.batch_norm(x, None, None, scale, shift, training=True)
    return y, kept(mean, x.mean(axes)), kept(variance, x.var(axes, unbiased=False))


def conv(inputs, a):
    padding, options = a.get("pads", [0])[0], dict(stride=a.get("strides", 1), dilation=a.get("dilations", 1), groups=a.get("group", 1))
    return F.conv2d(*inputs, padding=padding, **options)


def max_pool(inputs, a):
    return F.max_pool2d(inputs[0], a["kernel_shape"], a["strides"], a.get("pads", [0])[0], ceil_mode=bool(a.get("ceil_mode", 0)))


def pad(inputs, a):
    x, counts = inputs
    # ONNX lists all starts, then all ends; PyTorch pairs, from the last axis on.
    pairs = list(zip(counts[: x.dim()], counts[x.dim() :]))
    return F.pad(x, [count for pair in reversed(pairs) for count in pair])


OPERATORS = {
    "Add": lambda i, a: i[0] + i[1],
    "Sub": lambda i, a: i[0] - i[1],
    "Mul": lambda i, a: i[0] * i[1],
    "Div": lambda i, a: i[0] / i[1],
    "Erf": lambda i, a: i[0].erf(),
    "Conv": conv,
    "BatchNormalization": lambda i, a: batch_norm(*i),
    "Relu": lambda i, a: F.relu(i[0]),
    "Clip": lambda i, a: i[0].clamp(i[1], i[2]),
    "HardSigmoid": lambda i, a: (0.2 * i[0] + 0.5).clamp(0, 1),
    "LayerNormalization": lambda i, a: F.layer_norm(i[0], i[0].shape[-1:], i[1], i[2]),
    "Sigmoid": lambda i, a: i[0].sigmoid(),
    "MaxPool": max_pool,
    "AveragePool": lambda i, a: F.avg_pool2d(i[0], a["kernel_shape"], a["strides"]),
    "GlobalAveragePool": lambda i, a: i[0].mean((2, 3), keepdim=True),
    "GlobalMaxPool": lambda i, a: i[0].amax((2, 3), keepdim=True),
    "Gemm": lambda i, a: F.linear(*i),
    "MatMul": lambda i, a: i[0] @ i[1],
    "Softmax": lambda i, a: i[0].softmax(a["axis"]),
    "LogSoftmax": lambda i, a: i[0].log_softmax(a["axis"]),
    "ReduceMean": lambda i, a: i[0].mean(i[1]),
    "Transpose": lambda i, a: i[0].permute(a["perm"]),
    "Reshape": lambda i, a: i[0].reshape(i[1]),
    "Squeeze": lambda i, a: i[0].squeeze(i[1][0]),
    "Slice": lambda i, a: i[0].narrow(i[3][0], i[1][0], i[2][0] - i[1][0]),
    "Pad": pad,
    "Flatten": lambda i, a: i[0].flatten(a["axis"]),
    "Concat": lambda i, a: torch.cat(i, a["axis"]),
    "Max": lambda i, a: torch.maximum(*i),
    "Min": lambda i, a: torch.minimum(*i),
    "PRelu": lambda i, a: torch.where(i[0] > 0, i[0], i[1] * i[0]),
    "Gather": lambda i, a: i[0].index_select(a["axis"], torch.tensor(i[1])),
    "ReduceL2": lambda i, a: i[0].norm(dim=i[1], keepdim=True),
}


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().flatten().tolist()]


def operator(case):
    name, shapes = case["name"], case["inputs"]
    noise = lambda what, shape: torch.from_numpy(image_batch(f"{name} {what}", shape)).double()
    inputs = [noise(f"input {i}", s) if isinstance(s, list) else s.get("ints", s.get("float")) for i, s in enumerate(shapes)]
    trained = [value for value in inputs if torch.is_tensor(value)][: case.get("trained")]
    for value in trained:
        value.requires_grad_()
    outputs = OPERATORS[case["op"]](inputs, case.get("attributes", {}))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    (outputs[0] * noise("slope", list(outputs[0].shape))).sum().backward()
    return {"outputs": [numbers(value) for value in outputs], "gradients": [numbers(value.grad) for value in trained]}


SHAPES = {
    "conv.weight": [6, 3, 3, 3],
    "norm.weight": [6],
    "norm.bias": [6],
    "norm.running_mean": [6],
    "norm.running_var": [6],
    "depthwise.weight": [6, 1, 3, 3],
    "linear.weight": [CLASSES, 24],
    "linear.bias": [CLASSES],
}


def training():
    state = {name: torch.from_numpy(parameter(kind_of(name, shape), name, shape)).double() for name, shape in SHAPES.items()}
    trained = [name for name in SHAPES if "running" not in name]
    velocity = {name: torch.zeros_like(state[name]) for name in trained}
    losses = []
    for step in range(STEPS):
        for name in trained:
            state[name] = state[name].detach().requires_grad_()
        x = torch.from_numpy(image_batch(f"batch {step % BATCHES}", [BATCH, 3, 8, 8])).double()
        target = F.one_hot((torch.arange(BATCH) + step % BATCHES) % CLASSES, CLASSES).double()
        x = F.conv2d(x, state["conv.weight"], padding=1)
        x, mean, variance = batch_norm(x, *[state[f"norm.{part}"] for part in ("weight", "bias", "running_mean", "running_var")])
        x = F.max_pool2d(F.relu(x), 2)
        x = F.conv2d(x, state["depthwise.weight"], stride=2, padding=1, groups=6).clamp(0, 6)
        logits = F.linear(x.flatten(1), state["linear.weight"], state["linear.bias"])
        loss = -(target * logits.log_softmax(1)).sum(1).mean()
        losses.append(loss.item())
        loss.backward()
        state |= {"norm.running_mean": mean, "norm.running_var": variance}
        for name in trained:
            velocity[name] = MOMENTUM * velocity[name] + state[name].grad
            state[name] = state[name].detach() - LEARNING_RATE * velocity[name]
    return {"losses": numbers(torch.tensor(losses, dtype=torch.float64)), "state": {name: numbers(value) for name, value in state.items()}}


if __name__ == "__main__":
    with open("operators.json") as file:
        cases = json.load(file)
    expected = {"operators": {case["name"]: operator(case) for case in cases}, "training": training()}
    with open("expected.json", "w") as file:
        json.dump(expected, file, separators=(",", ":"))
        file.write("\n")
    print(expected["training"]["losses"])

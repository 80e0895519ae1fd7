# Writes gradients.json: outputs and gradients of single operators by PyTorch's autograd in float64, for inputs by formula.py.
# Run in this folder: python make_gradients.py (made with torch 2.15).
import json

import numpy as np
import torch
import torch.nn.functional as F
from formula import image_batch

cases = []


def add(op, inputs, attributes, function, steps=False, constants=(), positive=False):
    """`inputs`: shapes by name; steps: inputs in whole steps of a half, so that there are ties and values at the bounds; constants: further
    inputs of whole numbers (shapes, axes); positive: inputs of at least a half."""
    key = f"{op} {len(cases)}"
    values = {}
    for name, shape in inputs.items():
        value = image_batch(f"{key} {name}", tuple(shape))
        if steps:
            value = np.floor(value * 2) / 2
        if positive:
            value = np.abs(value) + np.float32(0.5)
        values[name] = torch.from_numpy(value.astype(np.float64)).requires_grad_()
    output = function(**values)
    weights = torch.from_numpy(image_batch(f"{key} weights", tuple(output.shape)).astype(np.float64))
    (output * weights).sum().backward()
    flat = lambda value: [float(f"{number:.7g}") for number in value.detach().flatten().tolist()]
    cases.append({
        "key": key,
        "op": op,
        "attributes": attributes,
        "steps": steps,
        "constants": [list(constant) for constant in constants],
        "positive": positive,
        "inputs": inputs,
        "output": flat(output),
        "shape": list(output.shape),
        "gradients": {name: flat(value.grad) for name, value in values.items() if value.grad is not None},
    })


def conv(x, weight, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, bias=True):
    inputs = {"x": x, "weight": weight, **({"bias": [weight[0]]} if bias else {})}
    attributes = {"strides": list(stride), "pads": [*padding, *padding], "dilations": list(dilation), "group": groups}
    add("Conv", inputs, attributes, lambda x, weight, bias=None: F.conv2d(x, weight, bias, stride, padding, dilation, groups))


conv([2, 3, 5, 6], [4, 3, 3, 3], padding=(1, 1))
conv([2, 3, 5, 6], [4, 3, 1, 1], bias=False)
conv([2, 2, 6, 7], [3, 2, 1, 1], stride=(2, 2))
conv([2, 3, 9, 9], [2, 3, 7, 7], stride=(2, 2), padding=(3, 3), bias=False)
conv([1, 2, 8, 7], [3, 2, 3, 3], stride=(2, 2), padding=(1, 1))
conv([1, 2, 8, 8], [3, 2, 3, 3], stride=(3, 3), padding=(1, 0))
conv([1, 2, 7, 8], [2, 2, 3, 3], padding=(2, 2), dilation=(2, 2))
conv([1, 2, 9, 8], [2, 2, 3, 2], stride=(2, 1), padding=(1, 1), dilation=(2, 3))
conv([2, 4, 5, 5], [6, 2, 3, 3], padding=(1, 1), groups=2)
conv([2, 4, 6, 6], [4, 2, 3, 3], stride=(2, 2), padding=(1, 1), groups=2, bias=False)
conv([2, 3, 6, 6], [3, 1, 3, 3], padding=(1, 1), groups=3, bias=False)
conv([2, 3, 7, 8], [3, 1, 3, 3], stride=(2, 2), padding=(1, 1), groups=3)
conv([1, 2, 9, 9], [2, 1, 3, 3], stride=(2, 2), padding=(2, 2), dilation=(2, 2), groups=2)
conv([2, 2, 6, 6], [4, 1, 3, 3], padding=(1, 1), groups=2)
conv([1, 2, 4, 4], [2, 2, 2, 2], padding=(2, 2))

for size, kernel, stride, padding, dilation, ceil in [(8, 2, 2, 0, 1, 0), (8, 3, 2, 1, 1, 0), (7, 3, 2, 0, 1, 1), (8, 3, 2, 0, 1, 1), (6, 3, 1, 1, 1, 0), (9, 3, 3, 1, 2, 0), (5, 1, 2, 0, 1, 0)]:
    attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4, "dilations": [dilation] * 2, "ceil_mode": ceil}
    for steps in (False, True):
        add("MaxPool", {"x": [1, 2, size, size + 1]}, attributes, lambda x: F.max_pool2d(x, kernel, stride, padding, dilation, bool(ceil)), steps)

for size, kernel, stride, padding, ceil, include in [(8, 2, 2, 0, 0, 0), (7, 3, 2, 1, 0, 0), (7, 3, 2, 1, 0, 1), (8, 3, 2, 0, 1, 0), (8, 3, 2, 1, 1, 1), (6, 3, 1, 1, 0, 1), (6, 3, 3, 1, 1, 0)]:
    attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4, "ceil_mode": ceil, "count_include_pad": include}
    add("AveragePool", {"x": [1, 2, size, size + 1]}, attributes, lambda x: F.avg_pool2d(x, kernel, stride, padding, bool(ceil), bool(include)))

add("GlobalAveragePool", {"x": [2, 3, 3, 4]}, {}, lambda x: F.adaptive_avg_pool2d(x, 1))
for steps in (False, True):
    add("GlobalMaxPool", {"x": [2, 3, 3, 4]}, {}, lambda x: F.adaptive_max_pool2d(x, 1), steps)
    for axes in ([1], [0, 2]):
        add("ReduceMax", {"x": [3, 4, 3]}, {"axes": axes}, lambda x: x.amax(axes, keepdim=True), steps)
        add("ReduceMin", {"x": [3, 4, 3]}, {"axes": axes}, lambda x: x.amin(axes, keepdim=True), steps)
    add("Relu", {"x": [3, 5]}, {}, lambda x: F.relu(x), steps)
    add("Clip", {"x": [4, 6], }, {"min": -1, "max": 1}, lambda x: F.hardtanh(x, -1, 1), steps)
    add("Abs", {"x": [3, 5]}, {}, lambda x: x.abs(), steps)
    add("L1", {"x": [3, 4], "target": [3, 4]}, {}, lambda x, target: F.l1_loss(x, target), steps)

for shape in ([4, 3, 3, 4], [6, 5]):
    channels = {name: [shape[1]] for name in ("scale", "shift")}
    add("BatchNormalization", {"x": shape, **channels}, {"training_mode": 1}, lambda x, scale, shift: F.batch_norm(x, None, None, scale, shift, True, 0.1, 1e-5))

add("Gemm", {"a": [4, 3], "b": [5, 3], "c": [5]}, {"transB": 1}, lambda a, b, c: F.linear(a, b, c))
add("MatMul", {"a": [2, 3, 4], "b": [4, 5]}, {}, lambda a, b: a @ b)
add("Softmax", {"x": [3, 4, 2]}, {"axis": 1}, lambda x: F.softmax(x, 1))
add("LogSoftmax", {"x": [3, 4]}, {"axis": -1}, lambda x: F.log_softmax(x, -1))
add("Sigmoid", {"x": [3, 4]}, {}, lambda x: torch.sigmoid(x))
add("Softplus", {"x": [3, 4]}, {}, lambda x: F.softplus(x))
add("Div", {"a": [3, 4], "b": [4]}, {}, lambda a, b: a / b)
add("SoftmaxCrossEntropy", {"x": [4, 3], "target": [4, 3]}, {}, lambda x, target: F.cross_entropy(x, target))
add("BinaryCrossEntropy", {"x": [4, 3], "target": [4, 3]}, {}, lambda x, target: F.binary_cross_entropy_with_logits(x, target))
add("Pad", {"x": [1, 2, 4, 5]}, {"mode": "reflect", "pads": [0, 0, 1, 2, 0, 0, 3, 1]}, lambda x: F.pad(x, (2, 1, 1, 3), mode="reflect"))

for op, function in {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Sum": torch.add}.items():
    add(op, {"a": [3, 4], "b": [3, 4]}, {}, lambda a, b: function(a, b))
    if op != "Sum":
        add(op, {"a": [4], "b": [2, 3, 1]}, {}, lambda a, b: function(a, b))
for op, function in {"Neg": torch.neg, "Exp": torch.exp, "Identity": torch.clone}.items():
    add(op, {"x": [3, 4]}, {}, lambda x: function(x))
add("Cast", {"x": [3, 4]}, {"to": 1}, lambda x: x.clone())
for op, function in {"Log": torch.log, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal}.items():
    add(op, {"x": [3, 4]}, {}, lambda x: function(x), positive=True)
add("Pow", {"x": [3, 4]}, {"exponent": 3}, lambda x: x ** 3)
add("Where", {"a": [3, 4], "b": [3, 1]}, {}, lambda a, b: torch.where(a > b, a, b))
for axes in ([1], [0, 2]):
    for keep in (0, 1):
        attributes = {"axes": axes, "keepdims": keep}
        add("ReduceSum", {"x": [2, 3, 4]}, attributes, lambda x: x.sum(axes, keepdim=bool(keep)))
        add("ReduceMean", {"x": [2, 3, 4]}, attributes, lambda x: x.mean(axes, keepdim=bool(keep)))
        add("ReduceSumSquare", {"x": [2, 3, 4]}, attributes, lambda x: (x * x).sum(axes, keepdim=bool(keep)))
        add("ReduceL1", {"x": [2, 3, 4]}, attributes, lambda x: x.abs().sum(axes, keepdim=bool(keep)))
add("Concat", {"a": [2, 1, 3], "b": [2, 4, 3]}, {"axis": 1}, lambda a, b: torch.cat([a, b], 1))
add("Reshape", {"x": [2, 3, 4]}, {}, lambda x: x.reshape(4, 6), constants=[[4, -1]])
add("Flatten", {"x": [2, 3, 4]}, {"axis": 1}, lambda x: x.flatten(1))
add("Squeeze", {"x": [2, 1, 4]}, {}, lambda x: x.squeeze(1), constants=[[1]])
add("Unsqueeze", {"x": [2, 4]}, {}, lambda x: x.unsqueeze(1), constants=[[1]])
add("Transpose", {"x": [2, 3, 4]}, {"perm": [2, 0, 1]}, lambda x: x.permute(2, 0, 1))
add("Expand", {"x": [3, 1]}, {}, lambda x: x.expand(2, 3, 4), constants=[[2, 3, 4]])
add("Slice", {"x": [5, 6]}, {}, lambda x: x[1:4, 1::2], constants=[[1, 1], [4, 6], [0, 1], [1, 2]])
add("Slice", {"x": [5, 6]}, {}, lambda x: x.flip(1)[:, :4], constants=[[-1], [1], [1], [-1]])
add("Pad", {"x": [2, 3]}, {"mode": "constant", "pads": [1, 0, 0, 2]}, lambda x: F.pad(x, (0, 2, 1, 0)))
add("BatchNormalization", {"x": [2, 3, 3, 2], "scale": [3], "shift": [3]}, {}, lambda x, scale, shift: F.batch_norm(x, torch.ones(3).double(), torch.ones(3).double(), scale, shift, False, 0.1, 1e-5))

for steps in (False, True):
    add("HardSwish", {"x": [6, 7]}, {}, lambda x: F.hardswish(x), steps)
    add("LeakyRelu", {"x": [3, 5]}, {}, lambda x: F.leaky_relu(x, 0.01), steps)
    add("Elu", {"x": [3, 5]}, {}, lambda x: F.elu(x), steps)
add("HardSigmoid", {"x": [6, 7]}, {"alpha": 1 / 6, "beta": 0.5}, lambda x: F.hardsigmoid(x))
add("HardSigmoid", {"x": [6, 7]}, {"alpha": 0.75, "beta": 0.5}, lambda x: F.hardtanh(0.75 * x + 0.5, 0, 1))
add("Erf", {"x": [3, 5]}, {}, lambda x: torch.erf(x))
add("Tanh", {"x": [3, 5]}, {}, lambda x: torch.tanh(x))
add("Gelu", {"x": [3, 5]}, {}, lambda x: F.gelu(x))
add("Gelu", {"x": [3, 5]}, {"approximate": "tanh"}, lambda x: F.gelu(x, approximate="tanh"))
for shape in ([2, 3, 6], [2, 2, 2, 5]):
    channels = {name: [shape[-1]] for name in ("scale", "shift")}
    add("LayerNormalization", {"x": shape, **channels}, {"axis": -1}, lambda x, scale, shift: F.layer_norm(x, x.shape[-1:], scale, shift, 1e-5))
# What later networks do with the operators above: a gate per channel, attention, grouped and one-sided windows.
add("Mul", {"a": [2, 3, 4, 4], "b": [2, 3, 1, 1]}, {}, lambda a, b: a * b)
add("MatMul", {"a": [2, 3, 4, 5], "b": [2, 3, 5, 4]}, {}, lambda a, b: a @ b)
add("Softmax", {"x": [2, 3, 4, 4]}, {"axis": -1}, lambda x: F.softmax(x, -1))
conv([2, 8, 5, 5], [8, 2, 3, 3], padding=(1, 1), groups=4, bias=False)
conv([2, 3, 5, 9], [4, 3, 1, 7], padding=(0, 3), bias=False)
conv([2, 3, 9, 5], [4, 3, 7, 1], padding=(3, 0), bias=False)
conv([2, 6, 9, 9], [6, 1, 7, 7], padding=(3, 3), groups=6)
conv([2, 3, 8, 8], [4, 3, 4, 4], stride=(4, 4))

# What networks exported by others add.
for steps in (False, True):
    add("Max", {"a": [3, 5], "b": [5]}, {}, lambda a, b: torch.maximum(a, b), steps)
    add("Min", {"a": [3, 5], "b": [3, 1]}, {}, lambda a, b: torch.minimum(a, b), steps)
    add("PRelu", {"x": [2, 3, 4], "slope": [3, 1]}, {}, lambda x, slope: torch.where(x > 0, x, slope * x), steps)
add("Gather", {"x": [4, 3]}, {"axis": 0}, lambda x: x[[2, 0, 2]], constants=[[2, 0, 2]])
add("Gather", {"x": [2, 4, 3]}, {"axis": 1}, lambda x: x[:, [3, 1]], constants=[[3, 1]])
for axes in ([1], [0, 2]):
    add("ReduceL2", {"x": [2, 3, 4]}, {"axes": axes, "keepdims": 1}, lambda x: x.norm(dim=axes, keepdim=True))

if __name__ == "__main__":
    with open("gradients.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")

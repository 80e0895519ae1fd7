# Writes the small ONNX files of test/onnx and onnx.json: logits and d(loss)/d(images) by PyTorch for the networks that they are exports of.
# Run in this folder: python make_onnx.py (made with torch 2.15, onnxscript 0.7, onnx 1.23; the Keras file by make_keras.py).
import json
import os
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from formula import image_batch, kind_of, parameter
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torchvision.models import SwinTransformer

warnings.filterwarnings("ignore")
SIZE, CLASSES, FOLDER = 32, 5, "../onnx"


def norm(x, channels):
    return nn.Sequential(x, nn.BatchNorm2d(channels))


class Convolutions(nn.Module):
    """Shortcuts, a depthwise block with a gate, poolings, a hidden layer: what MobileNets and ResNets are made of."""

    def __init__(self):
        super().__init__()
        self.stem = norm(nn.Conv2d(3, 8, 3, 2, 1, bias=False), 8)
        self.wide = norm(nn.Conv2d(8, 8, 3, 1, 1, bias=False), 8)
        self.depth = norm(nn.Conv2d(8, 8, 5, 1, 2, groups=8, bias=False), 8)
        self.squeeze, self.excite = nn.Conv2d(8, 4, 1), nn.Conv2d(4, 8, 1)
        self.last = norm(nn.Conv2d(8, 12, 3, 2, 1, bias=False), 12)
        self.drop, self.hidden, self.head = nn.Dropout(0.2), nn.Linear(12, 8), nn.Linear(8, CLASSES)

    def forward(self, x):
        x = F.relu6(self.stem(x))
        x = x + F.relu(self.wide(x))
        y = F.hardswish(self.depth(x))
        y = y * F.hardsigmoid(self.excite(F.silu(self.squeeze(F.adaptive_avg_pool2d(y, 1)))))
        x = F.max_pool2d(torch.cat([x, y], 1)[:, 4:12] + x, 3, 2, 1)
        x = F.leaky_relu(self.last(x), 0.1)
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.head(F.relu(self.hidden(self.drop(x))))


class Transformer(nn.Module):
    """Patches, a class token, attention with heads, layer norms, GELU."""

    def __init__(self, width=12, heads=3, patch=8):
        super().__init__()
        self.heads = heads
        self.patch_embed = nn.Conv2d(3, width, patch, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (SIZE // patch) ** 2, width))
        make = lambda: nn.ModuleList([nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width), nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.Linear(2 * width, width)])
        self.blocks = nn.ModuleList([make() for _ in range(2)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, CLASSES)

    def forward(self, x):
        b = x.shape[0]
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(b, -1, -1), x], 1) + self.pos_embed
        _, t, c = x.shape
        for norm1, qkv, out, norm2, up, down in self.blocks:
            q, k, v = qkv(norm1(x)).reshape(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
            scores = (q @ k.transpose(-2, -1)) / (c // self.heads) ** 0.5
            x = x + out((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, c))
            x = x + down(F.gelu(up(norm2(x))))
        return self.head(self.norm(x)[:, 0])


class Mixture(nn.Module):
    """What fewer networks have: channels last, group norm, slopes, shuffled channels, a scale per channel, maxima, a padded average."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.norm, self.wide, self.narrow = nn.LayerNorm(8), nn.Linear(8, 16), nn.Linear(16, 8)
        self.gamma = nn.Parameter(torch.ones(8))
        self.group, self.slope, self.last = nn.GroupNorm(2, 8), nn.PReLU(8), nn.Conv2d(8, 10, 3, 1, 1, groups=2)
        self.head = nn.Linear(10, CLASSES)

    def forward(self, x):
        x = self.stem(x).permute(0, 2, 3, 1)
        x = x + self.gamma * self.narrow(F.gelu(self.wide(self.norm(x))))
        x = self.slope(self.group(x.permute(0, 3, 1, 2)))
        b, c, h, w = x.shape
        x = x.view(b, 2, c // 2, h, w).transpose(1, 2).reshape(b, c, h, w)
        x = F.avg_pool2d(F.pad(torch.maximum(x, -x) - 0.1 * x, (1, 0, 0, 1)), 3, 2)
        return self.head(torch.tanh(self.last(x)).mean((2, 3)))


class Frozen(nn.Module):
    """With an operator in its first half that thaw has no gradient of."""

    def __init__(self):
        super().__init__()
        self.stem, self.response, self.last = nn.Conv2d(3, 6, 3, 2, 1), nn.LocalResponseNorm(3), nn.Conv2d(6, 8, 3, 2, 1)
        self.deep, self.head = nn.Conv2d(8, 8, 3, 2, 1), nn.Linear(8, CLASSES)

    def forward(self, x):
        x = F.relu(self.last(self.response(F.relu(self.stem(x)))))
        return self.head(F.relu(self.deep(x)).mean((2, 3)))


class Strides(nn.Module):
    """A gate in the memory format channels last: the dynamo exporter reads the pooled means by strides, with computed positions."""

    def __init__(self):
        super().__init__()
        self.stem, self.squeeze, self.excite = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 4, 1), nn.Conv2d(4, 8, 1)
        self.last, self.head = nn.Conv2d(8, 96, 3, 2, 1), nn.Linear(96, CLASSES)

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = x * F.hardsigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3), keepdim=True)))))
        return self.head(F.relu(self.last(x)).mean((2, 3)))


class Windows(nn.Module):
    """Attention in shifted windows (Swin): the mask and the positions are computed from shapes."""

    def __init__(self):
        super().__init__()
        self.network = SwinTransformer([4, 4], 8, [2], [2], [4, 4], stochastic_depth_prob=0, num_classes=CLASSES)

    def forward(self, x):
        return self.network(x)


class Unfolded(nn.Module):
    """Attention between the same places of all patches (MobileViT): the number of images is multiplied and divided."""

    def __init__(self):
        super().__init__()
        self.stem, self.qkv, self.out = nn.Conv2d(3, 8, 3, 4, 1), nn.Linear(8, 24), nn.Linear(8, 8)
        self.last, self.head = nn.Conv2d(8, 12, 1), nn.Linear(12, CLASSES)

    def forward(self, x):
        x = F.silu(self.stem(x))
        b, c, h, w = x.shape
        rows, columns = h // 2, w // 2
        y = x.reshape(b * c * rows, 2, columns, 2).transpose(1, 2).reshape(b, c, rows * columns, 4).transpose(1, 3).reshape(b * 4, rows * columns, c)
        q, k, v = self.qkv(y).chunk(3, -1)
        y = y + self.out((q @ k.transpose(1, 2) / c**0.5).softmax(-1) @ v)
        y = y.view(b, 4, rows * columns, -1).transpose(1, 3).reshape(b * c * rows, columns, 2, 2).transpose(1, 2).reshape(b, c, h, w)
        return self.head(F.silu(self.last(x + y)).mean((2, 3)))


class Pooled(nn.Module):
    """Attention pools the tokens into one before the classifier."""

    def __init__(self):
        super().__init__()
        self.stem, self.latent = nn.Conv2d(3, 8, 8, 8), nn.Parameter(torch.zeros(1, 1, 8))
        self.q, self.kv, self.norm, self.up, self.down = nn.Linear(8, 8), nn.Linear(8, 16), nn.LayerNorm(8), nn.Linear(8, 16), nn.Linear(16, 8)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x):
        x = self.stem(x).flatten(2).transpose(1, 2)
        k, v = self.kv(x).chunk(2, -1)
        x = (self.q(self.latent.expand(x.shape[0], -1, -1)) @ k.transpose(1, 2) / 8**0.5).softmax(-1) @ v
        x = x + self.down(F.gelu(self.up(self.norm(x))))
        return self.head(x[:, 0])


class Branches(nn.Module):
    """Parallel poolings as in Inception, GoogLeNet and ResNeSt: rounded up, with and without the padding in the mean, with ties after ReLU."""

    def __init__(self):
        super().__init__()
        self.stem, self.left, self.right = norm(nn.Conv2d(3, 8, 3, 2, bias=False), 8), nn.Conv2d(8, 6, 1), nn.Conv2d(8, 6, (1, 3), padding=(0, 1))
        self.last, self.head = nn.Conv2d(20, 12, 3, 1, 1), nn.Linear(12, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 3, 2, ceil_mode=True)
        x = torch.cat([F.relu(self.left(F.max_pool2d(x, 3, 1, 1))), F.relu(self.right(F.avg_pool2d(x, 3, 1, 1))), F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)], 1)
        x = F.avg_pool2d(F.relu(self.last(x)), 3, 2, 1, ceil_mode=True)
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class MapBackbone(nn.Module):
    """Without a classifier: a convolution of 1×1, then a mean."""

    def __init__(self):
        super().__init__()
        self.stem, self.wide, self.conv_head = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1), nn.Conv2d(8, 32, 1)

    def forward(self, x):
        return F.relu(self.conv_head(F.relu(self.wide(F.relu(self.stem(x)))))).mean((2, 3))


class TokenBackbone(Transformer):
    """Without a classifier: the class token after the last norm."""

    def __init__(self):
        super().__init__()
        self.head = nn.Identity()


def fill(network):
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.from_numpy(parameter(kind_of(name, value.shape), name, tuple(value.shape))))
    return network.eval()


def numbers(values, every=1):
    return [float(f"{value:.7g}") for value in values.detach().flatten().tolist()[::every]]


def reference(network):
    images = torch.from_numpy(image_batch("images", (2, 3, SIZE, SIZE))).double().requires_grad_()
    logits = network.double()(images)
    F.cross_entropy(logits, torch.tensor([1, 3])).backward()
    network.float()
    return {"logits": numbers(logits), "gradient": numbers(images.grad, EVERY)}


EVERY = 29
#        file                        network, exporter, opset, options
EXPORTS = [
    ("convolutions.legacy11", Convolutions, False, 11, {}),
    ("convolutions.legacy13.norms", Convolutions, False, 13, {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}),
    ("convolutions.legacy17.batches", Convolutions, False, 17, {"dynamic_axes": {"x": {0: "n"}}}),
    ("convolutions.dynamo18", Convolutions, True, 18, {}),
    ("convolutions.dynamo21.batches", Convolutions, True, 21, {"dynamic_shapes": ({0: torch.export.Dim("n", min=1)},)}),
    ("transformer.legacy11", Transformer, False, 11, {}),
    ("transformer.legacy16.batches", Transformer, False, 16, {"dynamic_axes": {"x": {0: "n"}}}),
    ("transformer.dynamo18", Transformer, True, 18, {}),
    ("transformer.dynamo20.batches", Transformer, True, 20, {"dynamic_shapes": ({0: torch.export.Dim("n", min=1)},)}),
    ("mixture.legacy12", Mixture, False, 12, {}),
    ("mixture.legacy17.batches", Mixture, False, 17, {"dynamic_axes": {"x": {0: "n"}}}),
    ("mixture.dynamo19", Mixture, True, 19, {}),
    ("mixture.dynamo21.batches", Mixture, True, 21, {"dynamic_shapes": ({0: torch.export.Dim("n", min=1)},)}),
    ("branches.legacy17", Branches, False, 17, {}),
    ("branches.dynamo18.batches", Branches, True, 18, {"dynamic_shapes": ({0: torch.export.Dim("n", min=1)},)}),
    ("strides.dynamo18", Strides, True, 18, {}),
    ("strides.dynamo18.batches", Strides, True, 18, {"dynamic_shapes": ({0: torch.export.Dim("n", min=1)},)}),
    ("windows.legacy17.batches", Windows, False, 17, {"dynamic_axes": {"x": {0: "n"}}}),
    ("unfolded.legacy17.batches", Unfolded, False, 17, {"dynamic_axes": {"x": {0: "n"}}}),
    ("pooled.legacy17.batches", Pooled, False, 17, {"dynamic_axes": {"x": {0: "n"}}}),
]
BACKBONES = [
    ("map.legacy17.batches", MapBackbone, False, 17, {"dynamic_axes": {"x": {0: "n"}}}),
    ("tokens.dynamo18.batches", TokenBackbone, True, 18, {"dynamic_shapes": ({0: torch.export.Dim("n", min=1)},)}),
]


def export(name, network, dynamo, opset, options):
    path = f"{FOLDER}/{name}.onnx"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    more = {"external_data": False, "verbose": False} if dynamo else {"input_names": ["x"]}
    example = torch.zeros(2 if "dynamic_shapes" in options else 1, 3, SIZE, SIZE)
    if isinstance(network, Strides):
        network, example = network.to(memory_format=torch.channels_last), example.to(memory_format=torch.channels_last)
    torch.onnx.export(network, (example,), path, dynamo=dynamo, opset_version=opset, **more, **options)
    model = onnx.load(path)
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    del model.metadata_props[:], model.graph.metadata_props[:]
    if isinstance(network, Windows):
        shorten(model.graph)
    onnx.save(model, path)


def shorten(graph):
    """Numbers in place of the exporter's long names, of which this file has thousands."""
    values = {name: f"v{i}" for i, name in enumerate(dict.fromkeys(name for node in graph.node for name in node.output if name))}
    for i, node in enumerate(graph.node):
        node.name = f"n{i}"
        node.input[:] = [values.get(name, name) for name in node.input]
        node.output[:] = [values.get(name, name) for name in node.output]
    for value in graph.output:
        value.name = values[value.name]
    del graph.value_info[:]


def rewrite(name, change):
    model = onnx.load(f"{FOLDER}/convolutions.legacy13.norms.onnx")
    change(model)
    onnx.save(model, f"{FOLDER}/{name}.onnx")


def frozen():
    """The exporter writes LRN as an average pool; here it is the operator."""
    network = fill(Frozen())
    nodes = [
        helper.make_node("Conv", ["x", "stem.weight", "stem.bias"], ["a"], "stem", strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("LRN", ["b"], ["c"], "response", size=3),
        helper.make_node("Conv", ["c", "last.weight", "last.bias"], ["d"], "last", strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["d"], ["e"], "relu2"),
        helper.make_node("Conv", ["e", "deep.weight", "deep.bias"], ["f"], "deep", strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["f"], ["g"], "relu3"),
        helper.make_node("ReduceMean", ["g"], ["h"], "mean", axes=[2, 3], keepdims=0),
        helper.make_node("Gemm", ["h", "head.weight", "head.bias"], ["y"], "head", transB=1),
    ]
    info = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    weights = [numpy_helper.from_array(value.detach().numpy(), name) for name, value in network.state_dict().items()]
    graph = helper.make_graph(nodes, "frozen", [info("x", [1, 3, SIZE, SIZE])], [info("y", [1, CLASSES])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), f"{FOLDER}/frozen.onnx")


def constants(model):
    """Every other weight as a Constant node, the rest behind an Identity; data in typed fields instead of raw bytes."""
    weights = list(model.graph.initializer)
    del model.graph.initializer[:]
    for i, weight in enumerate(weights):
        array = numpy_helper.to_array(weight)
        typed = helper.make_tensor(weight.name, weight.data_type, array.shape, array.flatten().tolist())
        if i % 2:
            model.graph.node.insert(0, helper.make_node("Constant", [], [weight.name], value=typed))
            continue
        typed.name = f"{weight.name}.stored"
        model.graph.initializer.append(typed)
        model.graph.node.insert(0, helper.make_node("Identity", [typed.name], [weight.name]))


def halves(model):
    """Weights in half precision, cast when they are used."""
    weights = list(model.graph.initializer)
    del model.graph.initializer[:]
    for weight in weights:
        array = numpy_helper.to_array(weight)
        if array.dtype != np.float32:
            model.graph.initializer.append(weight)
            continue
        model.graph.initializer.append(numpy_helper.from_array(array.astype(np.float16), f"{weight.name}.half"))
        model.graph.node.insert(0, helper.make_node("Cast", [f"{weight.name}.half"], [weight.name], to=TensorProto.FLOAT))


def names(model):
    """Values with spaces, slashes, quotes and letters of other alphabets; names that thaw gives itself; nodes without names or with the same."""
    odd = ["a b", "ä/ö", "日本", 'quote"d', "../up", "input", "head.fc0.weight", "body.parameter", "x.next", "x", "constant_0", "__proto__", "lr.0"]
    every = {name for node in model.graph.node for name in [*node.input, *node.output]} - {"", model.graph.output[0].name}
    new = {name: f"{odd[i % len(odd)]}{i if i >= len(odd) else ''}" for i, name in enumerate(sorted(every))}
    for i, node in enumerate(model.graph.node):
        node.name = "" if i % 2 else "node"
        node.input[:] = [new.get(name, name) for name in node.input]
        node.output[:] = [new.get(name, name) for name in node.output]
    for value in [*model.graph.initializer, *model.graph.input]:
        value.name = new.get(value.name, value.name)
    del model.graph.value_info[:]


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    frozen()
    networks = {kind.__name__.lower(): fill(kind()) for kind in dict.fromkeys(kind for _, kind, *_ in EXPORTS)}
    for name, kind, dynamo, opset, options in EXPORTS:
        export(name, networks[kind.__name__.lower()], dynamo, opset, options)
    for name, kind, dynamo, opset, options in BACKBONES:
        export(f"backbones/{name}", fill(kind()), dynamo, opset, options)
    rewrite("convolutions.constants", constants)
    rewrite("halves.legacy13.norms", halves)
    rewrite("convolutions.names", names)
    beside = onnx.load(f"{FOLDER}/convolutions.dynamo18.onnx")
    if os.path.exists(f"{FOLDER}/convolutions.beside.data"):
        os.remove(f"{FOLDER}/convolutions.beside.data")  # It would be appended to.
    onnx.save(beside, f"{FOLDER}/convolutions.beside.onnx", save_as_external_data=True, location="convolutions.beside.data", size_threshold=64)
    rounded = fill(Convolutions())
    with torch.no_grad():
        for value in rounded.state_dict().values():
            value.copy_(value.half() if value.is_floating_point() else value)
    known = {name: reference(network) for name, network in (networks | {"halves": rounded}).items()}
    if os.path.exists("onnx.json"):
        # Keras's numbers stay.
        known = json.load(open("onnx.json"))["networks"] | known
    with open("onnx.json", "w") as file:
        rows = [f"{json.dumps(name)}: {json.dumps(known[name], separators=(',', ':'))}" for name in sorted(known)]
        file.write('{"every": %d, "networks": {\n%s\n}}\n' % (EVERY, ",\n".join(rows)))

# The PyTorch side of one row of the table: a process that does one round of the row's work when asked, in one setting of PyTorch.
# Protocol (bench/engine/side.mjs): prints "ready" once warm; each line "round" is answered with the round's milliseconds.

import argparse
import json
import os
import sys
import time

os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".inductor"))

import torch
import torchvision

CLASSES = 1000
DEVICE = "cpu"


class ThawSmall(torch.nn.Module):
    """thaw_small: MobileNetV2's body and fastai's head, without dropout."""

    def __init__(self):
        super().__init__()
        self.features = torchvision.models.mobilenet_v2().features
        self.head = torch.nn.Sequential(
            torch.nn.BatchNorm1d(2560), torch.nn.Linear(2560, 512), torch.nn.ReLU(), torch.nn.BatchNorm1d(512), torch.nn.Linear(512, CLASSES)
        )

    def forward(self, images):
        maps = self.features(images)
        return self.head(torch.cat([torch.amax(maps, (2, 3)), torch.mean(maps, (2, 3))], 1))


def network(name):
    torch.manual_seed(0)
    if name == "thaw_small":
        return ThawSmall()
    if name.startswith("vit_small"):
        import timm

        return timm.create_model(name)
    model = torchvision.models.get_model(name)
    if name == "mobilenet_v2":
        model.classifier[0] = torch.nn.Identity()  # thaw's graph of the published network has no dropout either.
    return model


def forward(task, setting):
    """Frozen forward of a batch of images: a body of constant weights, so every setting may fold and repack them."""
    images = torch.rand(task["batch"], 3, task["size"], task["size"])
    model = network(task["network"]).eval().to(DEVICE)
    if "channels-last" in setting:
        images = images.to(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    if "int8" in setting:
        model = quantized(model, images, task["network"])
    if "pt2e" in setting:
        model = exported(model, images)
    if "bf16" in setting:
        images, model = images.bfloat16(), model.bfloat16()
    if "traced" in setting:
        with torch.inference_mode():
            model = torch.jit.optimize_for_inference(torch.jit.trace(model, images))
    compiled = "compile" in setting or "pt2e" in setting
    if compiled:
        torch._inductor.config.freezing = True
        model = torch.compile(model)

    def work():
        # Inductor's constant folding needs no_grad; inference_mode is used where it is not compiled.
        with torch.no_grad() if compiled else torch.inference_mode():
            for _ in range(task["steps"]):
                model(images.to(DEVICE)).cpu()

    return work


def quantized(model, images, name):
    """Static 8-bit quantisation for x86, weights per channel, calibrated on the batch: FX graph mode."""
    import warnings

    warnings.filterwarnings("ignore")
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    torch.backends.quantized.engine = "x86"
    prepared = prepare_fx(model, get_default_qconfig_mapping("x86"), (images,))
    with torch.no_grad():
        prepared(images)
    return convert_fx(prepared)


def exported(model, images):
    """The same by export (PT2E), with torchao's quantiser for x86: the compiler fuses what it marks into oneDNN's 8-bit convolutions."""
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
    from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

    # Activations in 7 bit, as FX graph mode has them, because sums of 8 bit saturate on processors without VNNI. Only the strict
    # export tells the quantiser's patterns the uses of one ReLU apart (two in each of ResNet's blocks).
    quantizer = x86.X86InductorQuantizer().set_global(x86.get_default_x86_inductor_quantization_config(reduce_range=True))
    with torch.no_grad():
        prepared = prepare_pt2e(torch.export.export(model, (images,), strict=True).module(), quantizer)
        prepared(images)
        return convert_pt2e(prepared)


def train(task, setting):
    """Whole training step: forward, cross-entropy, backward and SGD with momentum, all layers, batch norm by the batch."""
    images = torch.rand(task["batch"], 3, task["size"], task["size"])
    targets = torch.arange(task["batch"]) % CLASSES
    model = network(task["network"]).train().to(DEVICE)
    if "channels-last" in setting:
        images = images.to(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    step = stepper(model, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True), setting)

    def work():
        for _ in range(task["steps"]):
            step(images, targets)

    return work


def head(task, setting):
    """Epochs of fastai's head on rows in memory, shuffled: batch norm, dropout, linear, ReLU, batch norm, dropout, linear."""
    torch.manual_seed(0)
    features, hidden, classes, rows, batch = (task[key] for key in ("features", "hidden", "classes", "rows", "batch"))
    model = torch.nn.Sequential(
        torch.nn.BatchNorm1d(features),
        torch.nn.Dropout(0.25),
        torch.nn.Linear(features, hidden),
        torch.nn.ReLU(),
        torch.nn.BatchNorm1d(hidden),
        torch.nn.Dropout(0.5),
        torch.nn.Linear(hidden, classes),
    ).train().to(DEVICE)
    data, labels = torch.rand(rows, features), torch.arange(rows) % classes
    step = stepper(model, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True), setting)

    def work():
        for _ in range(task["steps"]):
            order = torch.randperm(rows)
            for start in range(0, rows - batch + 1, batch):
                chosen = order[start : start + batch]
                step(data[chosen], labels[chosen]).item()

    return work


def stepper(model, optimizer, setting):
    def loss_of(images, targets):
        with torch.autocast(DEVICE, torch.bfloat16, enabled="autocast" in setting):
            logits = model(images)
        return torch.nn.functional.cross_entropy(logits.float(), targets)

    if "compile" in setting:
        loss_of = torch.compile(loss_of)

    def step(images, targets):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images.to(DEVICE), targets.to(DEVICE))
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def use(device, setting):
    """Computes on `device`. On a graphics processor in float32 throughout, or in TF32 if `setting` asks for that; its convolutions are measured."""
    global DEVICE
    DEVICE = device
    if device == "cuda":
        precision = "tf32" if "tf32" in setting else "ieee"
        torch.backends.cudnn.conv.fp32_precision = precision
        torch.backends.cuda.matmul.fp32_precision = precision
        torch.backends.cudnn.benchmark = True


def synchronize():
    """Waits until the device has done what it was given."""
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", type=json.loads, required=True)
    parser.add_argument("--setting", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    # Standard output carries the protocol alone; whatever libraries print goes to standard error.
    answers, sys.stdout = sys.stdout, sys.stderr
    setting = arguments.setting.split("+")
    use(arguments.device, setting)
    work = {"forward": forward, "train": train, "head": head}[arguments.task["kind"]](arguments.task, setting)
    work()
    work()
    synchronize()
    versions = {name: sys.modules[name].__version__ for name in ("torch", "torchvision", "torchao", "timm") if name in sys.modules}
    if DEVICE == "cuda":
        versions.update(CUDA=torch.version.cuda, GPU=torch.cuda.get_device_name())
    print("ready", json.dumps(versions), file=answers, flush=True)
    for line in sys.stdin:
        if line.strip() != "round":
            break
        start = time.perf_counter()
        work()
        synchronize()
        print((time.perf_counter() - start) * 1000, file=answers, flush=True)


main()

# From a folder of JPEGs to a trained head with PyTorch alone, as thaw does it: every photograph once through the frozen body, in batches that
# worker processes decode, then epochs of fastai's head on the features in memory. Prints lines of JSON, an "epoch" for each validation.

import json
import sys

task = json.loads(sys.argv[1])

import torch
import torchvision
from safetensors.torch import load_file
from torch import nn
from torchvision import datasets, transforms

BODY_BATCH, BATCH, EPOCHS, RATE = 32, 64, 7, 0.01
MEAN, STD = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def say(**event):
    print(json.dumps(event), flush=True)


class Body(nn.Module):
    """uint8 pixels [n, 3, size, size] to maximum and mean of the last map [n, 2560]."""

    def __init__(self):
        super().__init__()
        published = torchvision.models.mobilenet_v2()
        published.load_state_dict({k: v for k, v in load_file(task["weights"]).items() if k.startswith("features.")}, strict=False)
        self.features = published.features
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, pixels):
        map = self.features((pixels.to(self.mean.dtype) / 255 - self.mean) / self.std)
        return torch.cat([map.amax((2, 3)), map.mean((2, 3))], 1)


def features_of(folder, body):
    """The features and classes of a folder of classes, each photograph once."""
    size = task["size"]
    to_pixels = transforms.Compose([transforms.Resize(size), transforms.CenterCrop(size), transforms.PILToTensor()])
    photographs = datasets.ImageFolder(folder, to_pixels)
    loader = torch.utils.data.DataLoader(photographs, batch_size=BODY_BATCH, num_workers=task["threads"])
    rows, labels = [], []
    with torch.inference_mode():
        for pixels, its in loader:
            rows.append(body(pixels.contiguous(memory_format=torch.channels_last)).float())
            labels.append(its)
    return torch.cat(rows).clone(), torch.cat(labels), photographs.classes


def fast(body):
    """The body in the fastest of PyTorch's forms that need no compiler: traced, folded and in channels-last."""
    body = body.eval().to(memory_format=torch.channels_last)
    if task["setting"] == "bfloat16":
        body = body.bfloat16()
    example = torch.zeros(BODY_BATCH, 3, task["size"], task["size"], dtype=torch.uint8).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        return torch.jit.optimize_for_inference(torch.jit.trace(body, example))


def head_for(width, classes):
    layers = [nn.BatchNorm1d(width), nn.Dropout(0.25), nn.Linear(width, 512), nn.ReLU(inplace=True)]
    head = nn.Sequential(*layers, nn.BatchNorm1d(512), nn.Dropout(0.5), nn.Linear(512, classes))
    for layer in head:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return head


def main():
    torch.set_num_threads(task["threads"])
    torch.manual_seed(task["seed"])
    say(event="versions", torch=torch.__version__, torchvision=torchvision.__version__, python=sys.version.split()[0])
    body = fast(Body())
    rows, labels, classes = features_of(f"{task['photographs']}/train", body)
    valid_rows, valid_labels, _ = features_of(f"{task['photographs']}/valid", body)
    head = head_for(rows.shape[1], len(classes))
    optimizer = torch.optim.SGD(head.parameters(), lr=RATE, momentum=0.9, fused=True)
    for _ in range(EPOCHS):
        head.train()
        # A last batch of one would upset batch norm.
        for chosen in torch.randperm(len(rows)).split(BATCH):
            if len(chosen) == 1:
                continue
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(head(rows[chosen]), labels[chosen]).backward()
            optimizer.step()
        head.eval()
        with torch.inference_mode():
            accuracy = (head(valid_rows).argmax(1) == valid_labels).float().mean().item()
        say(event="epoch", accuracy=accuracy, ends=True)


if __name__ == "__main__":
    main()

# Makes augment.json: a made-up image changed by torchvision's and PyTorch's functions, by OpenCV's blur and by fastai 0.7's lighting formula in
# NumPy, as base64 of [height, width, 3] bytes. Run: python test/reference/make_augment.py (python with torch, torchvision, numpy and
# opencv-python-headless; the versions are written into the file).
import base64
import json
import pathlib

import cv2
import numpy
import torch
import torchvision
from torch.nn.functional import grid_sample
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import _apply_op

WIDTH, HEIGHT = 40, 31
y, x, c = numpy.meshgrid(numpy.arange(HEIGHT), numpy.arange(WIDTH), numpy.arange(3), indexing="ij")
# Ramps up and down, steep enough to show a place that is off, in colours that use the whole wheel.
ramps = numpy.abs((x * (9 - 2 * c) + y * (4 + 3 * c) + c * 90) % 256 - 128) * 2
image = numpy.clip(ramps, 0, 255).astype(numpy.uint8)
bytes_ = torch.from_numpy(image).permute(2, 0, 1)
# In double precision from 0 to 1, so that only the last rounding is left.
floats = bytes_.to(torch.float64) / 255

cases = []


def add(step, result):
    if result.dtype == torch.uint8:
        values = result
    else:
        values = (result * 255).clamp(0, 255).round().to(torch.uint8)
    data = base64.b64encode(values.permute(1, 2, 0).contiguous().numpy().tobytes()).decode()
    cases.append({"step": step, "data": data})


for factor in (0.0, 0.35, 1.0, 1.6):
    add({"kind": "brightness", "factor": factor}, F.adjust_brightness(floats, factor))
    add({"kind": "contrast", "factor": factor}, F.adjust_contrast(floats, factor))
    add({"kind": "saturation", "factor": factor}, F.adjust_saturation(floats, factor))
    add({"kind": "sharpness", "factor": factor}, F.adjust_sharpness(floats, factor))
for turn in (-0.5, -0.2, 0.05, 0.31):
    add({"kind": "hue", "turn": turn}, F.adjust_hue(floats, turn))
for bits in (2, 5, 8):
    add({"kind": "posterize", "bits": bits}, F.posterize(bytes_, bits))
for threshold in (0, 127.5, 255):
    add({"kind": "solarize", "threshold": threshold}, F.solarize(bytes_, threshold))
add({"kind": "autoContrast"}, F.autocontrast(floats))
add({"kind": "equalize"}, F.equalize(bytes_))

# fastai 0.7: x ← clip((x − mean)·factor + mean + b, 0, 1), mean over the whole image.
for brightness, contrast in ((0.05, 1.05), (-0.3, 0.5)):
    plain = image / 255
    lit = numpy.clip((plain - plain.mean()) * contrast + plain.mean() + brightness, 0, 1)
    add({"kind": "light", "brightness": brightness, "contrast": contrast}, torch.from_numpy(lit).permute(2, 0, 1))
# fastai 2's Brightness and Contrast: on log(x/(1 − x)), of values held 10⁻⁷ away from 0 and 1.
for shift, factor in ((0.6, 1.0), (0.0, 0.7), (0.0, 1.4)):
    inner = floats.clamp(1e-7, 1 - 1e-7)
    add({"kind": "logit", "shift": shift, "factor": factor}, torch.sigmoid(torch.log(inner / (1 - inner)) * factor + shift))

for strength in (1, 2, 3, 4, 5, 7):
    blurred = cv2.GaussianBlur(image.astype(numpy.float64) / 255, (2 * strength - 1, 2 * strength - 1), 0)
    add({"kind": "blur", "strength": strength}, torch.from_numpy(blurred).permute(2, 0, 1))

bilinear = InterpolationMode.BILINEAR
for degrees in (7.5, -30, 135):
    add({"kind": "rotate", "degrees": degrees, "border": "zero"}, F.rotate(floats, degrees, bilinear))
for amount in (0.3, -0.99):
    add({"kind": "shear", "x": amount, "y": 0, "border": "zero"}, _apply_op(floats, "ShearX", amount, bilinear, None))
    add({"kind": "shear", "x": 0, "y": amount, "border": "zero"}, _apply_op(floats, "ShearY", amount, bilinear, None))
add({"kind": "translate", "x": 7, "y": 0, "border": "zero"}, _apply_op(floats, "TranslateX", 7, bilinear, None))
add({"kind": "translate", "x": 0, "y": -5, "border": "zero"}, _apply_op(floats, "TranslateY", -5, bilinear, None))


def corners(tilt_x, tilt_y):
    """Where fastai 2's Warp takes the corners of [-1, 1]²: from the top left clockwise."""
    return [(-1 - tilt_y, -1 - tilt_x), (1 + tilt_y, -1 + tilt_x), (1 - tilt_y, 1 - tilt_x), (-1 + tilt_y, 1 + tilt_x)]


for tilt_x, tilt_y in ((0.2, 0.0), (-0.15, 0.2), (0.3, 0.3)):
    pixels = lambda points: [[(u + 1) / 2 * WIDTH, (v + 1) / 2 * HEIGHT] for u, v in points]
    step = {"kind": "perspective", "x": tilt_x, "y": tilt_y}
    moved = F.perspective(floats, pixels(corners(0, 0)), pixels(corners(tilt_x, tilt_y)), bilinear)
    add({**step, "border": "zero"}, moved)
    # The same by solving for the eight numbers, with what lies beyond the edge mirrored or repeated.
    rows, values = [], []
    for (u, v), (s, t) in zip(corners(tilt_x, tilt_y), corners(0, 0)):
        rows += [[u, v, 1, 0, 0, 0, -s * u, -s * v], [0, 0, 0, u, v, 1, -t * u, -t * v]]
        values += [s, t]
    m = numpy.append(numpy.linalg.solve(numpy.array(rows), numpy.array(values)), 1).reshape(3, 3)
    v, u = numpy.meshgrid((2 * numpy.arange(HEIGHT) + 1) / HEIGHT - 1, (2 * numpy.arange(WIDTH) + 1) / WIDTH - 1, indexing="ij")
    seen = m @ numpy.stack([u, v, numpy.ones_like(u)]).reshape(3, -1)
    grid = torch.from_numpy((seen[:2] / seen[2]).T.reshape(1, HEIGHT, WIDTH, 2))
    for border, mode in (("reflect", "reflection"), ("edge", "border")):
        result = grid_sample(floats[None], grid, padding_mode=mode, align_corners=False)[0]
        add({**step, "border": border}, result)

versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "numpy": numpy.__version__, "opencv": cv2.__version__}
lines = ",\n".join(json.dumps(case) for case in cases)
text = f'{{"versions": {json.dumps(versions)}, "width": {WIDTH}, "height": {HEIGHT}, "cases": [\n{lines}\n]}}\n'
pathlib.Path(__file__).with_name("augment.json").write_text(text)

# Makes resize.json: a made-up image scaled by Pillow's Image.resize(size, BILINEAR, box), as base64 of [height, width, 3] bytes.
# Run: python test/reference/make_resize.py (python with Pillow; the version is written into the file).
import base64
import json
import pathlib

import numpy
import PIL
from PIL import Image

WIDTH, HEIGHT = 61, 47
y, x, c = numpy.meshgrid(numpy.arange(HEIGHT), numpy.arange(WIDTH), numpy.arange(3), indexing="ij")
image = Image.fromarray(((x * x * 7 + y * 13 + x * y * 3 + c * 50) % 256).astype(numpy.uint8))

cases = []
for size, box in [
    ((40, 31), None),  # three to four weights per pixel
    ((23, 17), None),  # six
    ((5, 3), None),  # many
    ((100, 77), None),  # larger
    ((61, 20), None),  # one axis only
    ((30, 47), None),
    ((61, 47), None),  # nothing to do
    ((1, 1), None),
    ((24, 24), (7, 3, 47, 39)),  # a part of the image
]:
    scaled = image.resize(size, Image.Resampling.BILINEAR, box)
    data = base64.b64encode(numpy.asarray(scaled).tobytes()).decode()
    cases.append({"width": size[0], "height": size[1], "box": box, "data": data})

out = {"pillow": PIL.__version__, "width": WIDTH, "height": HEIGHT, "cases": cases}
pathlib.Path(__file__).with_name("resize.json").write_text(json.dumps(out, indent=1) + "\n")

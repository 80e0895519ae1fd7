"""Makes decode.json: small JPEGs and BMPs of every kind that headers can ask for, with Pillow's pixels, and JPEGs with restart markers.

Of the JPEGs, three pictures of 16 x 8 pixels (one for each number of components) and the segments and component numbers that are put into
them; of the BMPs, whole files. Run: python make_decode.py (Pillow 13).
"""

import base64
import io
import json
import pathlib
import struct

from PIL import Image


def encoded(data):
    return base64.b64encode(data).decode()


# JPEG


def halves(mode, colours):
    image = Image.new(mode, (16, 8))
    for i, colour in enumerate(colours):
        image.paste(colour, (8 * i, 0, 8 * i + 8, 8))
    return image


def bare_jpeg(image):
    """Without the segments that say which colours it has."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95, subsampling=0, optimize=True)
    data = file.getvalue()
    parts, at = [data[:2]], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not 0xE0 <= data[at + 1] <= 0xEF:
            parts.append(data[at:end])
        at = end
    return b"".join([*parts, data[at:]])


JPEGS = {
    1: bare_jpeg(halves("L", [60, 200])),
    3: bare_jpeg(halves("RGB", [(230, 120, 20), (40, 90, 200)])),
    4: bare_jpeg(halves("CMYK", [(200, 30, 90, 20), (10, 120, 240, 60)])),
}
IDS = {
    1: [[1], [82], [0]],
    3: [[1, 2, 3], [82, 71, 66], [0, 1, 2], [34, 35, 36], [1, 34, 35], [82, 71, 67]],
    4: [[1, 2, 3, 4], [67, 77, 89, 75], [0, 1, 2, 3], [82, 71, 66, 65]],
}
JFIF = bytes.fromhex("ffe000104a46494600010100000100010000")


def adobe(transform):
    return bytes.fromhex("ffee000e41646f6265006400000000") + bytes([transform])


def with_header(data, ids, segments):
    data = bytearray(data)
    frame, scan = data.find(b"\xff\xc0"), data.find(b"\xff\xda")
    for i, number in enumerate(ids):
        data[frame + 10 + 3 * i] = data[scan + 5 + 2 * i] = number
    return bytes(data[:2]) + segments + bytes(data[2:])


def jpeg_cases():
    for components, kinds in IDS.items():
        for ids in kinds:
            for jfif in (b"", JFIF):
                for transform in (None, 0, 1, 2):
                    marked = b"" if transform is None else adobe(transform)
                    # A JFIF segment that is too short to be one, or a second Adobe segment, is for one kind of numbers enough.
                    orders = [jfif + marked]
                    if ids == kinds[0] and marked:
                        orders += [marked + jfif, adobe(1 - min(transform, 1)) + marked]
                    for segments in dict.fromkeys(orders):
                        image = Image.open(io.BytesIO(with_header(JPEGS[components], ids, segments))).convert("RGB")
                        pixels = [image.getpixel((4, 4)), image.getpixel((12, 4))]
                        yield {"components": components, "ids": ids, "segments": segments.hex(), "pixels": pixels}


def restarts():
    """Noise, which fills the parts between the markers."""
    image = Image.frombytes("RGB", (64, 48), bytes((i * i * 7919 >> 5) % 256 for i in range(64 * 48 * 3)))
    for name, more in (("baseline", {}), ("progressive", {"progressive": True})):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=75, restart_marker_blocks=3, **more)
        yield name, file.getvalue()


# BMP


WIDTH, HEIGHT = 7, 5


def indices(bits):
    return [[(x * x + 3 * y) % (1 << bits) for x in range(WIDTH)] for y in range(HEIGHT)]


def packed(rows, bits):
    data = b""
    for row in rows:
        text = "".join(format(value, f"0{bits}b") for value in row)
        text = text.ljust((len(text) + 31) // 32 * 32, "0")
        data += int(text, 2).to_bytes(len(text) // 8, "big")
    return data


def palette(bits, size=4):
    return b"".join(bytes([(i * 53) % 256, (i * 97 + 20) % 256, (i * 29 + 7) % 256, 0][:size]) for i in range(1 << bits))


def bmp(bits, pixels, colours=b"", compression=0, header=40, masks=b"", top_down=False):
    height = -HEIGHT if top_down else HEIGHT
    info = struct.pack("<IiiHHIIiiII", header, WIDTH, height, 1, bits, compression, len(pixels), 0, 0, len(colours) // 4, 0)
    if header == 12:
        info = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, bits)
    info += masks + bytes(max(0, header - len(info) - len(masks)))
    at = 14 + len(info) + len(colours)
    return b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at) + info + colours + pixels


def rle8(rows):
    data = b""
    for row in rows:
        data += bytes([3, row[0], 0, 4, *row[3:7]])
        data += b"\0\0"
    return data[:-2] + b"\0\1"


def rle4():
    # From below: two runs, a run and 4 pixels as they are, a jump over 2 pixels and a row, and a run that is longer than its row.
    rows = ["0412" "0334" "0000", "0356" "00041234" "0000", "0278" "00020201" "039a" "0000", "0bcd" "0001"]
    return bytes.fromhex("".join(rows))


def bmp_cases():
    for bits in (1, 4, 8):
        yield f"{bits} bits", bmp(bits, packed(indices(bits)[::-1], bits), palette(bits))
    yield "8 bits, from above", bmp(8, packed(indices(8), 8), palette(8), top_down=True)
    yield "8 bits of OS/2", bmp(8, packed(indices(8)[::-1], 8), palette(8, 3), header=12)
    runs = [[row[0]] * 3 + row[3:] for row in indices(8)]
    yield "8 bits in runs", bmp(8, rle8(runs[::-1]), palette(8), compression=1)
    yield "4 bits in runs", bmp(4, rle4(), palette(4), compression=2)
    words = [[(x * 4501 + y * 977) % 65536 for x in range(WIDTH)] for y in range(HEIGHT)]
    row16 = b"".join(struct.pack("<7H2x", *row) for row in words)
    yield "16 bits", bmp(16, row16)
    yield "16 bits, 5, 6 and 5", bmp(16, row16, compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    row24 = b"".join(bytes((x * 31 + y * 17 + c * 71) % 256 for x in range(WIDTH) for c in range(3)) + bytes(3) for y in range(HEIGHT))
    yield "24 bits", bmp(24, row24)
    yield "24 bits, from above", bmp(24, row24, top_down=True)
    row32 = bytes((x * 31 + y * 17 + c * 71) % 256 for y in range(HEIGHT) for x in range(WIDTH) for c in range(4))
    yield "32 bits", bmp(32, row32)
    bgr = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    yield "32 bits, with masks", bmp(32, row32, compression=3, masks=bgr)
    yield "32 bits, of version 4", bmp(32, row32, compression=3, header=108, masks=bgr + struct.pack("<I", 0xFF000000))


def on_white(image):
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def bmp_pixels(data):
    return encoded(on_white(Image.open(io.BytesIO(data))).tobytes())


here = pathlib.Path(__file__).parent
jpeg = [json.dumps(case) for case in jpeg_cases()]
bmps = [json.dumps({"name": name, "file": encoded(data), "pixels": bmp_pixels(data)}) for name, data in bmp_cases()]
lines = ",\n    ".join
(here / "decode.json").write_text(
    '{\n  "jpegs": {\n    '
    + lines(f'"{components}": "{encoded(data)}"' for components, data in JPEGS.items())
    + '\n  },\n  "restarts": {\n    '
    + lines(f'"{name}": "{encoded(data)}"' for name, data in restarts())
    + f'\n  }},\n  "jpegCases": [\n    {lines(jpeg)}\n  ],\n  "bmps": [\n    {lines(bmps)}\n  ]\n}}\n'
)

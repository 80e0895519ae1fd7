// Makes images.json: small files of every format with the pixels that Node decodes, for other platforms to be held to, and transforms with
// the SHA-256 of what Node makes of the first file's pixels by them. Run after `npm run build`: node test/contract/make-images.mjs

import { writeFileSync } from "node:fs";
import sharp from "sharp";
import { decoder } from "#decode";
import { hashBytes } from "../../dist/core/hash.js";
import { randomStream } from "../../dist/core/random.js";
import { applyTransform } from "../../dist/data/augment/apply.js";
import { drawAugmentation } from "../../dist/data/augment/draw.js";
import { transformsSideOn } from "../../dist/data/augment/presets.js";
import { tfmsFromModel } from "../../dist/data/augment/transforms.js";

const [width, height] = [40, 26];

// Waves with a red corner, so that a picture that lies on its side is noticed.
function picture(channels) {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, i++) {
        const wave = Math.round(128 + 90 * Math.sin(x / 6 + c) * Math.cos(y / 5));
        data[i] = c === 3 ? (x < 20 ? 255 : 0) : x < 10 && y < 8 ? [220, 30, 40][c] : wave;
      }
  return sharp(data, { raw: { width, height, channels } });
}

const rgb = () => picture(3);
const files = {
  jpeg: rgb().jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
  "jpeg, half the colours": rgb().jpeg({ quality: 90 }),
  "jpeg, progressive": rgb().jpeg({ quality: 90, progressive: true }),
  "jpeg, grey": rgb().greyscale().jpeg({ quality: 95 }),
  "jpeg, CMYK": rgb().toColourspace("cmyk").jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
  "jpeg, lying on its side": rgb().withMetadata({ orientation: 6 }).jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
  png: rgb().png(),
  "png, palette": rgb().png({ palette: true }),
  "png, 16 bit": rgb().toColourspace("rgb16").png(),
  "png, grey": rgb().greyscale().toColourspace("b-w").png(),
  "png, half transparent": picture(4).png(),
  "webp, lossless": rgb().webp({ lossless: true }),
  webp: rgb().webp({ quality: 95 }),
  "webp, half transparent": picture(4).webp({ lossless: true }),
  gif: rgb().gif(),
  "gif, half transparent": picture(4).gif(),
  avif: rgb().avif({ quality: 95, chromaSubsampling: "4:4:4" }),
};

const images = [];
for (const [name, made] of Object.entries(files)) {
  const bytes = await made.toBuffer();
  const decoded = await decoder.decode(bytes);
  const pixels = Buffer.from(decoded.data).toString("base64");
  images.push({ name, file: bytes.toString("base64"), width: decoded.width, height: decoded.height, pixels });
}

const statistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const augmented = tfmsFromModel(statistics, 20, { augTfms: transformsSideOn, maxZoom: 1.1 });
const specs = {
  "scaled down a little": augmented.valid,
  "scaled down far": tfmsFromModel(statistics, 7).valid,
  "scaled up": tfmsFromModel(statistics, 61).valid,
  padded: tfmsFromModel(statistics, 24, { pad: 5 }).valid,
  squashed: tfmsFromModel(statistics, 24, { crop: "none" }).valid,
  "as it is": tfmsFromModel(statistics, 26).valid,
  augmented: augmented.train,
};
const [first] = images;
const image = { width: first.width, height: first.height, data: Buffer.from(first.pixels, "base64") };
const transforms = Object.entries(specs).map(([name, spec]) => {
  const drawn = drawAugmentation(spec, image.width, image.height, randomStream(1, "contract", name));
  return { name, spec, sha256: hashBytes(applyTransform(image, spec, drawn)) };
});
writeFileSync(new URL("images.json", import.meta.url), `${JSON.stringify({ images, transforms }, undefined, 1)}\n`);

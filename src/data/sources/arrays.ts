// A data set that is in memory already: pixels as arrays, with labels by position. The loaders hand the pixels to their workers as they are.

import { files } from "#files";
import { expected } from "../../core/errors.ts";
import { hashBytes, hashJson } from "../../core/hash.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { ImageDataset } from "../dataset/dataset.ts";
import type { ScannedItem } from "../dataset/items.ts";
import { type LabelArray, type Target, type TargetOptions, targetsOf } from "../dataset/targets.ts";
import { RGB } from "../decode/image.ts";
import { withChannels } from "../pixels/channels.ts";

/** Images of one size, [n, height, width, channels] or in grey [n, height, width]: 8 bits, or floats from 0 to 1. */
export type ImageArray = Tensor<"uint8"> | Tensor<"float32">;

/** Images and their labels. */
export type Labelled = readonly [ImageArray, LabelArray];

/** The parts of a data set in memory, fastai's names. */
export interface ArrayParts {
  readonly trn: Labelled;
  readonly val: Labelled;
  /** Images without labels. */
  readonly test?: ImageArray;
}

/**
 * The data set of arrays; its images are called "train/0" and so on, and results computed from it are stored beside `path`. Its images get
 * `channels` channels, by default three. Throws a UsageError for shapes, values or labels that make none.
 */
export function arrayDataset(
  path: string,
  { trn, val, test }: ArrayParts,
  { channels = RGB, ...options }: Omit<TargetOptions, "rowName"> & { channels?: number } = {},
): ImageDataset {
  const [train, valid] = [arrayItems("train", trn[0], channels), arrayItems("valid", val[0], channels)];
  const names = [...train, ...valid].map(({ name }) => name);
  for (const [part, items, [, y]] of [
    ["trn", train, trn],
    ["val", valid, val],
  ] as const) {
    if (items.length === 0) throw expected("at least one image", part, 0);
    if (y.length !== items.length) throw expected(`${items.length}, one for each image,`, `the number of labels of ${part}`, y.length);
  }
  const labels = [...Array.from(trn[1] as ArrayLike<unknown>), ...Array.from(val[1] as ArrayLike<unknown>)] as LabelArray;
  const { kind, classes, targets } = targetsOf(labels, { ...options, rowName: (index) => names[index] ?? `image ${index + 1}` });
  const labelled = (items: readonly ScannedItem[], from: number) =>
    items.map((item, i): ScannedItem => ({ ...item, ...(targets[from + i] as Target) }));
  return {
    path: files.resolve(path),
    kind,
    classes,
    train: labelled(train, 0),
    valid: labelled(valid, train.length),
    test: test ? arrayItems("test", test, channels) : [],
    leftOut: 0,
  };
}

/**
 * The images of `array` as items without labels, called "<part>/0" and so on, with `wanted` channels. Throws a UsageError for an array that holds
 * no images, or images of other channels; grey can become RGB and the other way round.
 */
export function arrayItems(part: string, { type, shape, data }: ImageArray, wanted: number): ScannedItem[] {
  const [count, height = 0, width = 0, channels = 1] = shape;
  if (count === undefined || shape.length < 3 || shape.length > 4 || height < 1 || width < 1 || channels < 1)
    throw expected("[n, height, width, channels], or [n, height, width] in grey,", `the shape of the images of ${part}`, shape);
  if (channels !== wanted && channels * wanted !== RGB)
    throw expected(
      `${wanted} channels, as the transforms have means,`,
      `the shape of the images of ${part}`,
      shape,
      "Make the transforms with tfmsFromStats and a mean and a deviation for each channel.",
    );
  const length = height * width * channels;
  if (data.length !== count * length) throw expected(`${count * length} elements`, `the images of ${part}`, data.length);
  return Array.from({ length: count }, (_, i) => {
    const name = `${part}/${i}`;
    const values = data.subarray(i * length, (i + 1) * length);
    // A copy, so that what becomes of the array later changes nothing.
    const pixels = type === "uint8" ? (values as Uint8Array).slice() : bytesOf(values as Float32Array, name);
    const image = withChannels({ width, height, channels, data: pixels }, wanted);
    const hash = hashJson([width, height, ...(wanted === RGB ? [] : [wanted]), hashBytes(image.data)]);
    return { file: name, name, label: -1, width, height, hash, image };
  });
}

function bytesOf(values: Float32Array, name: string): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (!(value >= 0 && value <= 1))
      throw expected("floats from 0 to 1", `the pixels of ${name}`, value, "Divide values up to 255 by 255.");
    return Math.round(value * 255);
  });
}

// Transforms as plain data: how a photograph becomes size × size pixels, for training and for validation. Numbers and order are fastai
// 0.7's.

import { expected } from "../../core/errors.ts";
import { RGB } from "../decode/image.ts";
import type { Border } from "../pixels/warp.ts";
import { type AugmentSpec, checkAugment } from "./augmentations.ts";
import { checkInterval, type Interval } from "./checks.ts";

/**
 * How the square is taken: "random" and "center" cut it from the image scaled by its short side; "none" squashes the whole image into it;
 * "googlenet" scales a random part (8 to 100 % of the area, aspect 3:4 to 4:3; Szegedy 2014), without zoom or padding, and so does
 * "resized", with `cropScale` and `cropRatio` (torchvision's RandomResizedCrop).
 */
export type Crop = "random" | "center" | "none" | "googlenet" | "resized";

/** One transform, in this order: scale so that the short side is `size` (times a zoom), add `pad` pixels on each side, augment, crop. */
export interface TransformSpec {
  /** Width and height of the result in pixels. */
  readonly size: number;
  readonly crop: Crop;
  /** Channels of the result; 1 makes pictures grey. Default 3, RGB. */
  readonly channels?: number;
  /** With probability 3/4 the scale is multiplied by a uniform draw from [1, maxZoom], or from the interval given. */
  readonly maxZoom?: number | Interval;
  /** Pixels added on each side. */
  readonly pad: number;
  /** What they show; default "reflect". */
  readonly padMode?: Border;
  /** For crop "resized": the part's share of the area, default [0.08, 1]. */
  readonly cropScale?: Interval;
  /** For crop "resized": the part's width to height, default [3/4, 4/3], drawn so that x and 1/x are equally likely. */
  readonly cropRatio?: Interval;
  readonly augment: readonly AugmentSpec[];
}

/** What happens to images on their way into a network: pixels by `train` or `valid`, then (x/255 − mean)/std per channel. */
export interface Transforms {
  readonly train: TransformSpec;
  readonly valid: TransformSpec;
  readonly size: number;
  /** One number for each channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Mean and standard deviation of each channel in [0, 1]: red, green and blue, or others. */
export type Statistics = Pick<Transforms, "mean" | "std">;

/** Options of tfmsFromModel and tfmsFromStats. */
export interface TransformOptions {
  /** 1 makes pictures grey, with the mean of the three statistics; default: as many as there are statistics. */
  channels?: number;
  /** Augmentations of training images, in order; default none. */
  augTfms?: readonly AugmentSpec[];
  /** Zoom into training images by up to this factor, at least 1, or by a factor from this interval; below 1 a border comes into view. */
  maxZoom?: number | Interval;
  /** Pixels of border on each side, for training and validation; default 0. */
  pad?: number;
  /** What the border of training images shows; default "reflect". That of validation images is always reflected. */
  padMode?: Border;
  /** Crop of training images; default "random". Validation uses "center", or "none" if training does. */
  crop?: Crop;
  /** For crop "resized": share of the area, default [0.08, 1]. */
  cropScale?: Interval;
  /** For crop "resized": width to height, default [3/4, 4/3]. */
  cropRatio?: Interval;
}

/**
 * The transforms for a network that was trained on images normalised with `mean` and `std`, at `size` pixels. Throws a UsageError that names
 * the number that is out of range.
 */
export function tfmsFromModel(architecture: Statistics, size: number, options: TransformOptions = {}): Transforms {
  const { augTfms = [], maxZoom, pad = 0, padMode, crop = "random", cropScale, cropRatio } = options;
  checkSize(size);
  checkOptions(options);
  for (const augment of augTfms) checkAugment(augment);
  const { mean, std } = statisticsFor(architecture, options.channels);
  const channels = mean.length === RGB ? {} : { channels: mean.length };
  return {
    train: {
      size,
      crop,
      ...channels,
      ...(maxZoom === undefined ? {} : { maxZoom }),
      pad,
      ...(padMode === undefined ? {} : { padMode }),
      ...(cropScale === undefined ? {} : { cropScale }),
      ...(cropRatio === undefined ? {} : { cropRatio }),
      augment: augTfms,
    },
    valid: { size, crop: crop === "none" ? "none" : "center", ...channels, pad, augment: [] },
    size,
    mean,
    std,
  };
}

/**
 * tfmsFromModel with statistics of your own: one number for each channel of the images, which need not be three. null leaves RGB pixels as
 * numbers from 0 to 1.
 */
export function tfmsFromStats(statistics: Statistics | null, size: number, options: TransformOptions = {}): Transforms {
  const { mean, std } = statistics ?? { mean: [0, 0, 0], std: [1, 1, 1] };
  if (mean.length === 0 || !mean.every(Number.isFinite)) throw expected("a number for each channel", "mean", mean);
  if (std.length !== mean.length || !std.every((deviation) => deviation > 0 && Number.isFinite(deviation)))
    throw expected(`${mean.length} numbers above 0`, "std", std);
  return tfmsFromModel({ mean, std }, size, options);
}

/** Whether the transform is random, so that one photograph can give several results. */
export function hasChance({ crop, maxZoom, augment }: TransformSpec): boolean {
  return (crop !== "none" && crop !== "center") || maxZoom !== undefined || augment.length > 0;
}

/** `statistics` for `channels` channels. */
function statisticsFor(statistics: Statistics, channels = statistics.mean.length): Statistics {
  if (channels === statistics.mean.length) return statistics;
  if (channels !== 1)
    throw expected(
      `1 or ${statistics.mean.length}`,
      "channels",
      channels,
      "For other channels, pass the mean and deviation of each to tfmsFromStats.",
    );
  const average = (values: readonly number[]): readonly number[] => [values.reduce((a, b) => a + b, 0) / values.length];
  return { mean: average(statistics.mean), std: average(statistics.std) };
}

/** The same transforms at another size. */
export function transformsWithSize(transforms: Transforms, size: number): Transforms {
  checkSize(size);
  return { ...transforms, size, train: { ...transforms.train, size }, valid: { ...transforms.valid, size } };
}

function checkSize(size: number): void {
  if (!Number.isInteger(size) || size < 1)
    throw expected("a whole number of pixels, at least 1", "size", size, "Most networks were trained at 224.");
}

function checkOptions({ maxZoom, pad = 0, cropScale = [1, 1], cropRatio = [1, 1] }: TransformOptions): void {
  if (typeof maxZoom === "number" && !(maxZoom >= 1 && maxZoom <= 10))
    throw expected("a number from 1 to 10", "maxZoom", maxZoom, "1.1 zooms in by up to 10 %.");
  if (typeof maxZoom === "object") checkInterval("maxZoom", maxZoom, 0.1, 10);
  if (!Number.isInteger(pad) || pad < 0) throw expected("a whole number of pixels", "pad", pad);
  checkInterval("cropScale", cropScale, 0.0001, 1);
  checkInterval("cropRatio", cropRatio, 0.01, 100);
}

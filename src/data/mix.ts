// Mixes the images of a batch with each other, and their targets in the same proportion: MixUp blends whole images, CutMix pastes a rectangle.
// Pure functions of pixels, targets and a random stream; the loss must accept soft targets.

import { drawBeta } from "../core/beta.ts";
import { expected } from "../core/errors.ts";
import type { RandomStream } from "../core/random.ts";
import type { Tensor } from "../core/tensor.ts";

/** Images and their targets; MixUp also takes activations, as floats. */
export interface SoftBatch<T extends "uint8" | "float32" = "uint8"> {
  /** 8 bits, [n, height, width, channels]; or floats [n, ...]. */
  readonly pixels: Tensor<T>;
  /** [n, classes], for instance one-hot. */
  readonly targets: Tensor<"float32">;
}

/**
 * MixUp (Zhang 2017): blends each image with another of the batch. Its own share is λ or 1 − λ, whichever is larger (fastai 2), with λ from
 * Beta(alpha, alpha). Blending activations of a hidden layer is Manifold Mixup (Verma et al. 2019). Throws a UsageError unless alpha is above 0.
 */
export function mixUp<T extends "uint8" | "float32">(
  batch: SoftBatch<T>,
  random: RandomStream,
  { alpha = 0.4 }: { alpha?: number } = {},
): SoftBatch<T> {
  const count = countOf(batch);
  const { data } = batch.pixels;
  const length = data.length / Math.max(1, count);
  const partners = random.shuffle(Array.from({ length: count }, (_, i) => i));
  const mixed = data.slice();
  const blend = data instanceof Uint8Array ? blendBytes : blendFloats;
  const shares = partners.map((partner, image) => {
    const drawn = drawBeta(alpha, random);
    const share = Math.max(drawn, 1 - drawn);
    const part = (index: number) => data.subarray(index * length, (index + 1) * length);
    blend(mixed.subarray(image * length, (image + 1) * length), part(image), part(partner), share);
    return share;
  });
  return { pixels: { ...batch.pixels, data: mixed } as Tensor<T>, targets: mixedTargets(batch.targets, partners, shares) };
}

type Values = Uint8Array | Float32Array;

function blendBytes(into: Values, own: Values, other: Values, share: number): void {
  // Shares in 16 bits, so that the inner loop needs integers only.
  const weight = Math.round(share * 65536);
  for (let i = 0; i < into.length; i++) into[i] = (Math.imul(own[i]!, weight) + Math.imul(other[i]!, 65536 - weight) + 32768) >> 16;
}

function blendFloats(into: Values, own: Values, other: Values, share: number): void {
  for (let i = 0; i < into.length; i++) into[i] = own[i]! * share + other[i]! * (1 - share);
}

/**
 * CutMix (Yun 2019): pastes a rectangle of another image of the batch into each, at the same place. The rectangle has the image's aspect and
 * 1 − λ of its area, with λ from Beta(alpha, alpha); its centre lies anywhere, and targets follow the area left after clipping. Throws a
 * UsageError unless alpha is above 0.
 */
export function cutMix(batch: SoftBatch, random: RandomStream, { alpha = 1 }: { alpha?: number } = {}): SoftBatch {
  const { data, length, count, height, width } = imagesOf(batch);
  const channels = length / (height * width);
  const partners = random.shuffle(Array.from({ length: count }, (_, i) => i));
  const pixels = data.slice();
  const shares = partners.map((partner, image) => {
    const side = Math.sqrt(1 - drawBeta(alpha, random));
    const [left, right] = span(width, side, random);
    const [top, bottom] = span(height, side, random);
    for (let y = top; y < bottom; y++) {
      const [from, to] = [(y * width + left) * channels, (y * width + right) * channels];
      pixels.set(data.subarray(partner * length + from, partner * length + to), image * length + from);
    }
    return 1 - ((right - left) * (bottom - top)) / (width * height);
  });
  return { pixels: { ...batch.pixels, data: pixels }, targets: mixedTargets(batch.targets, partners, shares) };
}

/** MixUp or CutMix for the whole batch, each equally likely and with its own default alpha (timm). */
export function mixUpOrCutMix(batch: SoftBatch, random: RandomStream): SoftBatch {
  return random.chance(0.5) ? mixUp(batch, random) : cutMix(batch, random);
}

function imagesOf(batch: SoftBatch): { data: Uint8Array; count: number; height: number; width: number; length: number } {
  const count = countOf(batch);
  const [, height = 0, width = 0, channels = 0] = batch.pixels.shape;
  return { data: batch.pixels.data, count, height, width, length: height * width * channels };
}

function countOf({ pixels, targets }: Readonly<Record<"pixels" | "targets", Pick<Tensor, "shape">>>): number {
  const [count = 0] = pixels.shape;
  if (targets.shape[0] !== count) throw expected(`${count} rows, one for each image,`, "targets", targets.shape);
  return count;
}

// A span of `side` times the length, its centre anywhere, clipped.
function span(length: number, side: number, random: RandomStream): readonly [number, number] {
  const centre = random.integer(0, length - 1);
  const half = (length * side) / 2;
  return [Math.max(0, Math.round(centre - half)), Math.min(length, Math.round(centre + half))];
}

function mixedTargets(targets: Tensor<"float32">, partners: readonly number[], shares: readonly number[]): Tensor<"float32"> {
  const classes = targets.data.length / Math.max(1, partners.length);
  const data = targets.data.map((value, i) => {
    const image = Math.floor(i / classes);
    const share = shares[image]!;
    return value * share + targets.data[partners[image]! * classes + (i % classes)]! * (1 - share);
  });
  return { ...targets, data };
}

// Mixing the images of a training batch, or what crosses the freeze point of them, and their targets with them.

import { UsageError } from "../../core/errors.ts";
import { randomStream } from "../../core/random.ts";
import type { Tensor } from "../../core/tensor.ts";
import { cutMix, mixUp, type SoftBatch } from "../../data/mix.ts";

/** `true` for the default alpha. */
export type MixOption = true | { readonly alpha: number };

export interface MixOptions {
  /** Blends each image with another of its batch (Zhang et al. 2018), alpha 0.4 as in fastai 2; with `precompute`, their activations. */
  mixUp?: MixOption;
  /** Pastes a rectangle of another image of the batch into each (Yun et al. 2019), alpha 1. With `mixUp` too, each batch gets either (as in timm). */
  cutMix?: MixOption;
}

/** A batch mixed within itself. */
export interface Mixed {
  readonly input: Tensor;
  readonly targets: Tensor<"float32">;
}

/** Mixes the inputs of the items at `indices`, in epoch `epoch`: pixels [n, height, width, 3], or activations [n, ...]. */
export type Mixer = (input: Tensor, indices: readonly number[], epoch: number) => Mixed;

/**
 * The mixer that `options` request; undefined if they request none. `targetsOf` gives the items' own targets. Throws a UsageError for CutMix
 * without images (`onActivations`): a rectangle of an activation is not a part of an image.
 */
export function mixerOf(
  options: MixOptions,
  targetsOf: (indices: readonly number[]) => Tensor<"float32">,
  { seed, onActivations }: { readonly seed: number; readonly onActivations: boolean },
): Mixer | undefined {
  const { mixUp: up, cutMix: cut } = options;
  if (cut && onActivations)
    throw new UsageError("cutMix needs images, and with precompute training sees activations", "Set precompute = false, or use mixUp.");
  if (!up && !cut) return undefined;
  return (input, indices, epoch) => {
    const random = randomStream(seed, "mix", epoch, indices.join());
    const batch = { pixels: input, targets: targetsOf(indices) };
    const pasted = cut && (!up || random.chance(0.5));
    const { pixels, targets } = pasted
      ? cutMix(batch as SoftBatch, random, alphaOf(cut))
      : mixUp(batch as SoftBatch<"uint8" | "float32">, random, alphaOf(up ?? true));
    return { input: pixels, targets };
  };
}

function alphaOf(option: MixOption): { readonly alpha?: number } {
  return option === true ? {} : option;
}

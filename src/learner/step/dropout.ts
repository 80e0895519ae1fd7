// Draws dropout masks. They are large and drawn at every step, so a kernel draws them: kernels/dropout.ts.

import { kernelOf } from "../../core/kernel.ts";
import { randomStream } from "../../core/random.ts";
import { sizeOf, type Tensor } from "../../core/tensor.ts";
import type { MaskSpec } from "../../nn/scope.ts";
import { KERNEL } from "./dropout-kernel.ts";

/** Draws the masks of a step by name. They are overwritten when the next ones are drawn. */
export type DropoutMasks = (...key: readonly (string | number)[]) => Readonly<Record<string, Tensor<"float32">>>;

interface Functions {
  fill(state: number, to: number, count: number, threshold: number, kept: number): void;
}

const WORDS = 16;
// Values are written eight at a time.
const STRIDE = 32;

/**
 * A function that draws the masks `specs`, from streams keyed by their name, `seed` and the step's key: 0 with the mask's probability p, to the next
 * 65,536th, else 1/(1 − p), per element (inverted dropout; Srivastava et al. 2014).
 */
export function dropoutMasks(specs: readonly MaskSpec[], seed: number): DropoutMasks {
  const open = kernelOf<Functions>(KERNEL);
  let size = WORDS * 4;
  const places = specs.map((spec) => {
    const [start, count] = [size, sizeOf(spec.shape)];
    size += Math.ceil((count * 4) / STRIDE) * STRIDE;
    return { ...spec, start, count };
  });
  return (...key) => {
    const { functions, buffer } = open(size);
    const state = new Int32Array(buffer, 0, WORDS);
    return Object.fromEntries(
      places.map(({ name, shape, probability, start, count }) => {
        const random = randomStream(seed, "dropout", name, ...key);
        for (let i = 0; i < WORDS; i++) state[i] = random.bits();
        functions.fill(0, start, count, Math.min(65_535, Math.round(probability * 65_536)), 1 / (1 - probability));
        return [name, { type: "float32", shape, data: new Float32Array(buffer, start, count) }];
      }),
    );
  };
}

// The building blocks of Inception-v4 and Inception-ResNet-v2 by timm's names: convolutions with batch norm, branches, concatenation.

import type { Value } from "../../graph/types.ts";
import { batchNorm, conv2d, type Padding, relu, type Size } from "../layers.ts";
import { maxPool, windowAverage } from "../pooling.ts";
import type { Scope } from "../scope.ts";

/** One convolution of a branch: its channels and kernel, its stride (default 1) and its padding (default none). */
export interface Unit {
  readonly channels: number;
  readonly kernel: Size;
  readonly stride?: number;
  readonly padding?: Padding;
}

/** A convolution of stride 1 that keeps the size. */
export function keep(channels: number, kernel: Size): Unit {
  return { channels, kernel, padding: typeof kernel === "number" ? (kernel - 1) / 2 : [(kernel[0] - 1) / 2, (kernel[1] - 1) / 2] };
}

/** A 3×3 convolution of stride 2 without padding. */
export function reduce(channels: number): Unit {
  return { channels, kernel: 3, stride: 2 };
}

/** Convolution, batch norm and ReLU with the parameters "<name>.conv" and "<name>.bn". */
export function unit(scope: Scope, name: string, x: Value, options: Unit): Value {
  return relu(scope, batchNorm(scope, `${name}.bn`, conv2d(scope, `${name}.conv`, x, options), { epsilon: 1e-3 }));
}

/** Consecutive units "<name>.0", "<name>.1", …, the first numbered `from`; the unit of a branch with only one has no number. */
export function branch(scope: Scope, name: string, x: Value, units: readonly Unit[], from = 0): Value {
  if (units.length === 1 && from === 0) return unit(scope, name, x, units[0] as Unit);
  return units.reduce((value, options, i) => unit(scope, `${name}.${from + i}`, value, options), x);
}

/** The mean of the 3×3 neighbourhood, then a 1×1 convolution. */
export function averageBranch(scope: Scope, name: string, x: Value, channels: number): Value {
  return branch(scope, name, windowAverage(scope, x, { kernel: 3, stride: 1, padding: 1 }), [keep(channels, 1)], 1);
}

/** The maximum of each 3×3 window; halves the size. */
export function maxBranch(scope: Scope, x: Value): Value {
  return maxPool(scope, x, { kernel: 3, stride: 2 });
}

/** Concatenates branches along the channels. */
export function join(scope: Scope, branches: readonly Value[]): Value {
  return scope.graph.add("Concat", branches, { axis: 1 });
}

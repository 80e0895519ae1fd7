// Initial values of parameters, drawn from keyed streams: the same key gives the same network, whatever else is drawn.

import { randomStream } from "../core/random.ts";
import { full, sizeOf, type Tensor, tensor } from "../core/tensor.ts";
import type { ParameterKind, ParameterSpec, Parameters } from "./scope.ts";

const CONSTANTS: Readonly<Record<Exclude<ParameterKind, "weight">, number>> = { bias: 0, scale: 1, shift: 0, mean: 0, variance: 1 };

/**
 * Initial tensors for `specs`: weights from a normal distribution with standard deviation √(2 / fan-in) (He et al. 2015, as in fastai),
 * biases and shifts 0, scales 1, running statistics of the standard normal distribution. Each weight has its own stream: `key` and its
 * name.
 */
export function initialiseParameters(specs: readonly ParameterSpec[], ...key: readonly (string | number)[]): Parameters {
  return new Map(
    specs.map((spec) => [spec.name, spec.kind === "weight" ? kaimingNormal(spec, key) : full(spec.shape, CONSTANTS[spec.kind])]),
  );
}

function kaimingNormal({ name, shape }: ParameterSpec, key: readonly (string | number)[]): Tensor<"float32"> {
  const deviation = Math.sqrt(2 / sizeOf(shape.slice(1)));
  const stream = randomStream(...key, name);
  return tensor(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => deviation * stream.normal()),
  );
}

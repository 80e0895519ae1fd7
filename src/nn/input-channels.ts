// Pretrained weights for images with channels other than RGB: the first convolution is adapted as in fastai 2 (fastai/vision/learner.py,
// _load_pretrained_weights).

import { sizeOf, type Tensor, tensor } from "../core/tensor.ts";
import type { ParameterSpec, Parameters } from "./scope.ts";

/** Channels of published weights. */
const RGB = 3;

/**
 * `parameters` of a body, with the weights [out, 3, h, w] of its first convolution adapted to `channels` channels: their sum for one
 * channel, the first two times 1.5 for two, all three followed by zeros for more. `specs` are the body's parameters in order.
 */
export function adaptInput(specs: readonly ParameterSpec[], parameters: Parameters, channels: number): Parameters {
  if (channels === RGB) return parameters;
  const first = specs.find(({ kind }) => kind === "weight");
  if (first?.shape[1] !== RGB) throw new Error("The network does not begin with a convolution of three channels");
  return new Map(parameters).set(first.name, adapted(parameters.get(first.name) as Tensor<"float32">, channels));
}

function adapted({ shape, data }: Tensor<"float32">, channels: number): Tensor<"float32"> {
  const [outputs = 0, , ...kernel] = shape;
  const taps = sizeOf(kernel);
  const result = new Float32Array(outputs * channels * taps);
  const at = (output: number, channel: number, tap: number): number => data[(output * RGB + channel) * taps + tap] as number;
  for (let output = 0; output < outputs; output++) {
    for (let channel = 0; channel < Math.min(channels, RGB); channel++) {
      for (let tap = 0; tap < taps; tap++) {
        const sum = at(output, 0, tap) + at(output, 1, tap) + at(output, 2, tap);
        result[(output * channels + channel) * taps + tap] = channels === 1 ? sum : at(output, channel, tap) * (channels === 2 ? 1.5 : 1);
      }
    }
  }
  return tensor("float32", [outputs, channels, ...kernel], result);
}

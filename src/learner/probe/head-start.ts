// A head that begins as a linear probe: fastai's head without hidden layer, or with one, whose outputs are the probe's until it is trained.

import { type Tensor, tensor } from "../../core/tensor.ts";
import { BATCH_NORM_EPSILON } from "../../nn/layers.ts";
import { type Parameters, parameterOf } from "../../nn/scope.ts";
import type { Network } from "../network.ts";
import type { LinearModel } from "./fit-linear.ts";

/** Rows whose moments are taken, which batch norm begins with. */
const ROWS = 1000;

/** Whether the head of `network` can begin as a probe: it has a pair of hidden units for each output, or no hidden layer. */
export function canStartFromProbe({ head, outputs }: Pick<Network, "head" | "outputs">): boolean {
  if (!("hidden" in head)) return false;
  const { hidden } = head;
  return hidden.length === 0 || (hidden.length === 1 && (hidden[0] as number) >= 2 * outputs);
}

/**
 * The parameters with the head as `probe`. Without hidden layer, batch norm standardises and the layer has the probe's weights. With one,
 * units 2u and 2u + 1 are the positive and the negative part of a mixture of the outputs, of which the last layer takes the difference, as in
 * Net2Net (Chen, Goodfellow and Shlens 2016). The mixtures' weights are rows of orthonormal columns, so that they add up to the outputs, and
 * each output is spread over all units: with a pair of its own, it would be gone whenever dropout takes that, and training would begin by
 * destroying it. `outputs` [rows, outputs] are the probe's for the training images.
 */
export function startingFromProbe(
  { head, outputs: count }: Pick<Network, "head" | "outputs">,
  parameters: Parameters,
  probe: LinearModel,
  outputs: Float32Array,
): Parameters {
  const first = standardizing(probe);
  const started = new Map([...parameters, ...normStatistics("head.bn0", probe.mean, probe.std)]);
  if (!("hidden" in head) || head.hidden.length === 0)
    return new Map([...started, ["head.fc0.weight", first.weight], ["head.fc0.bias", first.bias]]);
  const [w0, b0] = [copyOf(parameterOf(parameters, "head.fc0.weight")), copyOf(parameterOf(parameters, "head.fc0.bias"))];
  const [hidden, width] = w0.shape as [number, number];
  const [mean, std] = [new Float64Array(hidden), new Float64Array(hidden).fill(1)];
  const [w1, b1] = [new Float32Array(count * hidden), new Float32Array(count)];
  const pairs = Math.floor(hidden / 2);
  for (let unit = 0; unit < 2 * pairs; unit++) {
    const sign = unit % 2 === 0 ? 1 : -1;
    const mixture = Float64Array.from({ length: count }, (_, k) => sign * cosine(unit >> 1, k, pairs));
    mixInto(w0.data.subarray(unit * width, (unit + 1) * width), mixture, first.weight.data);
    mixInto(b0.data.subarray(unit, unit + 1), mixture, first.bias.data);
    [mean[unit], std[unit]] = momentsOfPart(outputs, mixture);
    for (let k = 0; k < count; k++) {
      w1[k * hidden + unit] = mixture[k]! * Math.sqrt(std[unit]! ** 2 + BATCH_NORM_EPSILON);
      b1[k]! += mixture[k]! * mean[unit]!;
    }
  }
  return new Map([
    ...started,
    ["head.fc0.weight", w0],
    ["head.fc0.bias", b0],
    ...normStatistics("head.bn1", mean, std),
    ["head.fc1.weight", tensor("float32", [count, hidden], w1)],
    ["head.fc1.bias", tensor("float32", [count], b1)],
  ]);
}

/** The probe's weights for features that batch norm has standardised. */
function standardizing({ weight, bias, mean, std }: LinearModel): { weight: Tensor<"float32">; bias: Tensor<"float32"> } {
  const width = mean.length;
  const scaled = weight.data.map((value, i) => value * Math.sqrt(std[i % width]! ** 2 + BATCH_NORM_EPSILON));
  const shifted = bias.data.map((value, k) => {
    let sum = value;
    for (let i = 0; i < width; i++) sum += weight.data[k * width + i]! * mean[i]!;
    return sum;
  });
  return { weight: { ...weight, data: scaled }, bias: { ...bias, data: shifted } };
}

/** Running statistics, with batch norm's own scale and shift at their start. */
function normStatistics(name: string, mean: Float64Array, std: Float64Array): readonly (readonly [string, Tensor<"float32">])[] {
  const shape = [mean.length];
  return [
    [`${name}.running_mean`, tensor("float32", shape, Float32Array.from(mean))],
    [
      `${name}.running_var`,
      tensor(
        "float32",
        shape,
        Float32Array.from(std, (value) => value ** 2),
      ),
    ],
  ];
}

/** Element `u` of vector `k` of the `n` orthonormal ones of the discrete cosine transform (Ahmed, Natarajan and Rao 1974). */
function cosine(u: number, k: number, n: number): number {
  return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (u + 0.5) * k) / n);
}

/** Makes `row` the mixture of the rows of its length in `rows`. */
function mixInto(row: Float32Array, mixture: Float64Array, rows: Float32Array): void {
  row.fill(0);
  for (const [k, share] of mixture.entries()) for (let i = 0; i < row.length; i++) row[i]! += share * rows[k * row.length + i]!;
}

/** Mean and standard deviation of the positive part of a mixture of `outputs`, over at most ROWS rows of them. */
function momentsOfPart(outputs: Float32Array, mixture: Float64Array): [number, number] {
  const width = mixture.length;
  const rows = outputs.length / width;
  let [sum, squares, count] = [0, 0, 0];
  for (let row = 0; row < rows; row += Math.ceil(rows / ROWS), count++) {
    const mixed = mixture.reduce((so, share, k) => so + share * outputs[row * width + k]!, 0);
    const part = Math.max(0, mixed);
    sum += part;
    squares += part * part;
  }
  return [sum / count, Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))];
}

function copyOf(value: Tensor): Tensor<"float32"> {
  return { type: "float32", shape: value.shape, data: (value.data as Float32Array).slice() };
}

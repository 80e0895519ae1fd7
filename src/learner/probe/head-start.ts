// A head that begins as a linear probe: fastai's head without hidden layer, or with one, whose outputs are the probe's until it is trained.

import { type Tensor, tensor } from "../../core/tensor.ts";
import { BATCH_NORM_EPSILON } from "../../nn/layers.ts";
import { type Parameters, parameterOf } from "../../nn/scope.ts";
import type { Network } from "../network.ts";
import type { LinearModel } from "./fit-linear.ts";

/** Whether the head of `network` can begin as a probe: it has a pair of hidden units for each output, or no hidden layer. */
export function canStartFromProbe({ head, outputs }: Pick<Network, "head" | "outputs">): boolean {
  if (!("hidden" in head)) return false;
  const { hidden } = head;
  return hidden.length === 0 || (hidden.length === 1 && (hidden[0] as number) >= 2 * outputs);
}

/**
 * The parameters with the head as `probe`. Without hidden layer, batch norm standardises and the layer has the probe's weights. With one,
 * units 2k and 2k + 1 are the positive and the negative part of output k, of which the last layer takes the difference, as in Net2Net (Chen,
 * Goodfellow and Shlens 2016); the other units keep their weights and count for nothing at first. `outputs` [rows, outputs] are the
 * probe's for the training images.
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
  for (let unit = 0; unit < 2 * count; unit++) {
    const [k, sign] = [unit >> 1, unit % 2 === 0 ? 1 : -1];
    for (let i = 0; i < width; i++) w0.data[unit * width + i] = sign * first.weight.data[k * width + i]!;
    b0.data[unit] = sign * first.bias.data[k]!;
    [mean[unit], std[unit]] = momentsOfPart(outputs, count, k, sign);
    w1[k * hidden + unit] = sign * Math.sqrt(std[unit]! ** 2 + BATCH_NORM_EPSILON);
    b1[k]! += sign * mean[unit]!;
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

/** Mean and standard deviation of max(0, sign · output k) over the rows. */
function momentsOfPart(outputs: Float32Array, count: number, k: number, sign: number): [number, number] {
  const rows = outputs.length / count;
  let [sum, squares] = [0, 0];
  for (let i = k; i < outputs.length; i += count) {
    const part = Math.max(0, sign * outputs[i]!);
    sum += part;
    squares += part * part;
  }
  return [sum / rows, Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2))];
}

function copyOf(value: Tensor): Tensor<"float32"> {
  return { type: "float32", shape: value.shape, data: (value.data as Float32Array).slice() };
}

// The fast forms of normalization.ts after a convolution, on small and large maps, against the plain form for rows.

import { expect, test } from "vitest";
import { gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { float32, type Tensor } from "../../core/tensor.ts";
import { float } from "../types.ts";

const CHANNELS = 2;
const TRAINING = { training_mode: 1, epsilon: float(1e-3) };

/** [batch, channels, height, width] as the rows [batch · height · width, channels]. */
function asRows({ data, shape }: Tensor): Tensor<"float32"> {
  const places = (shape[2] as number) * (shape[3] as number);
  const rows = (shape[0] as number) * places;
  const at = (row: number, channel: number): number => (Math.floor(row / places) * CHANNELS + channel) * places + (row % places);
  return float32(
    Array.from({ length: rows * CHANNELS }, (_, i) => Number(data[at(Math.floor(i / CHANNELS), i % CHANNELS)])),
    [rows, CHANNELS],
  );
}

test.each([5, 30])(
  "batch norm after a convolution has the output and gradients of the plain formula, with maps of %d rows and columns",
  async (size) => {
    const x = randomTensor([3, CHANNELS, size, size], "x", 4, 6);
    const weights = randomTensor(x.shape, "weights");
    const parameters = { scale: randomTensor([CHANNELS], "scale", 0.5, 2), shift: randomTensor([CHANNELS], "shift") };
    // The convolution passes x on unchanged, so its weight's gradient is the sum of x's gradient times x.
    const fast = await gradientsOf(
      { x, weight: float32([1, 1], [CHANNELS, 1, 1, 1]), ...parameters },
      (graph, inputs) => {
        const passed = graph.add("Conv", [inputs.x, inputs.weight], { group: CHANNELS, kernel_shape: [1, 1] });
        const running = [graph.constant(float32([5, 4])), graph.constant(float32([1, 1]))];
        return graph.add("BatchNormalization", [passed, inputs.scale, inputs.shift, ...running], TRAINING);
      },
      weights,
    );
    const plain = await gradientsOf(
      { x: asRows(x), ...parameters },
      (graph, inputs) => {
        const running = graph.constant(float32([0, 0]));
        return graph.add("BatchNormalization", [inputs.x, inputs.scale, inputs.shift, running, running], TRAINING);
      },
      asRows(weights),
    );
    expect(asRows(fast.output)).toBeAllClose(plain.output.data, 1e-5);
    expect(asRows(fast.gradients.x as Tensor)).toBeAllClose((plain.gradients.x as Tensor).data, 1e-5);
    expect(fast.gradients.scale).toBeAllClose((plain.gradients.scale as Tensor).data, 1e-5);
    expect(fast.gradients.shift).toBeAllClose((plain.gradients.shift as Tensor).data, 1e-5);
    const expected = Array.from({ length: CHANNELS }, (_, channel) => {
      const [values, gradients] = [asRows(x).data, (plain.gradients.x as Tensor).data];
      return values.reduce((sum, value, i) => sum + (i % CHANNELS === channel ? value * Number(gradients[i]) : 0), 0);
    });
    // Batch norm removes the scale of its input, so these are 0 except for epsilon and rounding.
    for (const [channel, value] of expected.entries())
      expect(Math.abs(Number(fast.gradients.weight?.data[channel]) - value)).toBeLessThan(1e-2);
  },
);

// The gradient rules of convolution.ts against finite differences.

import fc from "fast-check";
import { test } from "vitest";
import { expectGradients, randomTensor, windowAxis } from "../../../test/check-gradient.ts";

const axis = windowAxis(1, 3);

const convolution = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 2 }),
  out: fc.integer({ min: 1, max: 2 }),
  rows: axis,
  columns: axis,
  bias: fc.boolean(),
});

test("the gradients of a convolution agree with differences for any stride, padding, dilation and groups", async () => {
  await fc.assert(
    fc.asyncProperty(convolution, async ({ batch, group, channels, out, rows, columns, bias }) => {
      const inputs = {
        x: randomTensor([batch, channels * group, rows.size, columns.size], "x"),
        weight: randomTensor([out * group, channels, rows.kernel, columns.kernel], "weight"),
        ...(bias ? { bias: randomTensor([out * group], "bias") } : {}),
      };
      const attributes = {
        group,
        strides: [rows.stride, columns.stride],
        dilations: [rows.dilation, columns.dilation],
        pads: [rows.before, columns.before, rows.after, columns.after],
      };
      await expectGradients(inputs, (graph, { x, weight, bias }) => graph.add("Conv", [x, weight, bias], attributes));
    }),
    { numRuns: 40 },
  );
});

test.each(["SAME_UPPER", "SAME_LOWER", "VALID"])(
  "the gradients of a convolution agree with differences for auto_pad %s",
  async (padding) => {
    const inputs = { x: randomTensor([1, 2, 6, 7], "x"), weight: randomTensor([2, 2, 3, 2], "weight") };
    await expectGradients(inputs, (graph, { x, weight }) => graph.add("Conv", [x, weight], { auto_pad: padding, strides: [2, 2] }));
  },
);

// The gradient rules of convolution.ts against differences of their own graphs, and by hand where a kink or a tie decides.

import fc from "fast-check";
import { test } from "vitest";
import { expectGradients, randomTensor } from "../../../test/check-gradient.ts";

/** Kernel, stride, dilation and padding along one axis, and a size that the window fits into. */
const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 2 }),
    extra: fc.integer({ min: 0, max: 3 }),
  })
  .map((a) => ({ ...a, size: Math.max(1, a.dilation * (a.kernel - 1) + 1 - a.before - a.after) + a.extra }));

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

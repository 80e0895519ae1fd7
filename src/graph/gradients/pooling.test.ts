// The gradient rules of pooling.ts against finite differences, and against values computed by hand at ties.

import fc from "fast-check";
import { expect, test } from "vitest";
import { distinctTensor, expectGradients, gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { float32 } from "../../core/tensor.ts";

const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    pad: fc.integer({ min: 0, max: 1 }),
    extra: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ kernel, stride, dilation, pad, extra }) => ({
    kernel,
    stride,
    dilation,
    pad: Math.min(pad, Math.floor(kernel / 2)),
    size: dilation * (kernel - 1) + 1 + extra,
  }));
/**
 * Whether the last window would start after the image and is dropped; ONNX's shape inference for MaxPool counts it and refuses the graph.
 */
function dropsWindow({
  kernel,
  stride,
  dilation,
  pad,
  size,
}: {
  kernel: number;
  stride: number;
  dilation: number;
  pad: number;
  size: number;
}): boolean {
  return Math.ceil((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) * stride >= size + pad;
}

const pooling = fc.record({ rows: axis, columns: axis, ceil: fc.integer({ min: 0, max: 1 }), include: fc.integer({ min: 0, max: 1 }) });

test("the gradient of MaxPool agrees with differences for any window", async () => {
  await fc.assert(
    fc.asyncProperty(pooling, async ({ rows, columns, ceil }) => {
      fc.pre(ceil === 0 || !(dropsWindow(rows) || dropsWindow(columns)));
      const attributes = {
        kernel_shape: [rows.kernel, columns.kernel],
        strides: [rows.stride, columns.stride],
        dilations: [rows.dilation, columns.dilation],
        pads: [rows.pad, columns.pad, rows.pad, columns.pad],
        ceil_mode: ceil,
      };
      await expectGradients({ x: distinctTensor([2, 2, rows.size, columns.size], "x") }, (graph, { x }) =>
        graph.add("MaxPool", [x], attributes),
      );
    }),
    { numRuns: 30 },
  );
});

test("the gradient of AveragePool agrees with differences for any window", async () => {
  await fc.assert(
    fc.asyncProperty(pooling, async ({ rows, columns, ceil, include }) => {
      const attributes = {
        kernel_shape: [rows.kernel, columns.kernel],
        strides: [rows.stride, columns.stride],
        pads: [rows.pad, columns.pad, rows.pad, columns.pad],
        count_include_pad: include,
        ceil_mode: ceil,
      };
      await expectGradients({ x: randomTensor([2, 2, rows.size, columns.size], "x") }, (graph, { x }) =>
        graph.add("AveragePool", [x], attributes),
      );
    }),
    { numRuns: 30 },
  );
});

test("among equal maxima in a window the first gets the gradient", async () => {
  const x = float32([1, 1, 1, 1, 0, 2, 2, 2, 2], [1, 1, 3, 3]);
  const attributes = { kernel_shape: [2, 2], strides: [1, 1] };
  const { gradients } = await gradientsOf(
    { x },
    (graph, { x }) => graph.add("MaxPool", [x], attributes),
    float32([1, 10, 100, 1000], [1, 1, 2, 2]),
  );
  expect([...(gradients.x?.data ?? [])]).toEqual([1, 0, 0, 0, 0, 10 + 1000, 100, 0, 0]);
});

test.each(["GlobalAveragePool", "GlobalMaxPool"])("the gradient of %s agrees with differences", async (op) => {
  await expectGradients({ x: distinctTensor([2, 3, 2, 4], op) }, (graph, { x }) => graph.add(op, [x]));
});

test("among equal global maxima the first gets the gradient", async () => {
  const x = float32([0, 3, 3, 1], [1, 1, 2, 2]);
  const { gradients } = await gradientsOf({ x }, (graph, { x }) => graph.add("GlobalMaxPool", [x]), float32([5], [1, 1, 1, 1]));
  expect([...(gradients.x?.data ?? [])]).toEqual([0, 5, 0, 0]);
});

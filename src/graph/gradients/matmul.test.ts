// The gradient rules of matmul.ts against finite differences.

import fc from "fast-check";
import { test } from "vitest";
import { expectGradients, randomTensor } from "../../../test/check-gradient.ts";
import { float } from "../types.ts";

test.each([
  [
    [3, 4],
    [4, 2],
  ],
  [
    [2, 3, 4],
    [4, 2],
  ],
  [
    [2, 3, 4],
    [2, 4, 2],
  ],
  [
    [2, 1, 3, 4],
    [3, 4, 2],
  ],
  [
    [3, 4],
    [2, 4, 2],
  ],
])("the gradients of a product of %j and %j agree with differences", async (a, b) => {
  await expectGradients({ a: randomTensor(a, "a"), b: randomTensor(b, "b") }, (graph, { a, b }) => graph.add("MatMul", [a, b]));
});

test("the gradients of Gemm agree with differences for any transposition, factors and bias", async () => {
  const gemm = fc.record({
    transA: fc.integer({ min: 0, max: 1 }),
    transB: fc.integer({ min: 0, max: 1 }),
    alpha: fc.constantFrom(1, 0.5),
    beta: fc.constantFrom(1, 2),
    bias: fc.constantFrom<(readonly number[] | undefined)[]>(undefined, [2], [4, 2], [4, 1], []),
  });
  await fc.assert(
    fc.asyncProperty(gemm, async ({ transA, transB, alpha, beta, bias }) => {
      const inputs = {
        a: randomTensor(transA ? [3, 4] : [4, 3], "a"),
        b: randomTensor(transB ? [2, 3] : [3, 2], "b"),
        ...(bias ? { c: randomTensor(bias, "c") } : {}),
      };
      const attributes = { transA, transB, alpha: float(alpha), beta: float(beta) };
      await expectGradients(inputs, (graph, { a, b, c }) => graph.add("Gemm", [a, b, c], attributes));
    }),
    { numRuns: 25 },
  );
});

// Relative biases against a look-up of each pair of places.

import { expect, test } from "vitest";
import { float32 } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { openSession } from "../runtime/session.ts";
import { type BiasGrid, relativeBias } from "./relative-bias.ts";
import { inferenceScope } from "./scope.ts";

const SIDE = 3;
/** Two heads; biases are 10 · rows + columns of distance, in the second head negative. */
const table = [1, -1].flatMap((sign) => Array.from({ length: SIDE * SIDE }, (_, i) => sign * (10 * Math.floor(i / SIDE) + (i % SIDE))));

async function biases(options: BiasGrid): Promise<{ readonly shape: readonly number[]; readonly values: readonly number[] }> {
  const graph = new GraphBuilder();
  const input = graph.input("table", "float32", [2, SIDE * SIDE]);
  const session = await openSession(graph.build({ output: relativeBias(inferenceScope(graph, new Map()), input, options) }));
  const { output } = await session.run({ table: float32(table, [2, SIDE * SIDE]) });
  await session.release();
  return { shape: output?.shape ?? [], values: Array.from(output?.data as Float32Array) };
}

/** The places of a map of `SIDE` by `SIDE` at every `step`th row and column. */
function places(step: number): readonly (readonly [row: number, column: number])[] {
  const along = Array.from({ length: Math.ceil(SIDE / step) }, (_, i) => i * step);
  return along.flatMap((row) => along.map((column) => [row, column] as const));
}

test.each([1, 2])("each pair of places has the bias of its distance, with queries at every place in %i", async (step) => {
  const { shape, values } = await biases({ side: SIDE, step });
  const expected = [1, -1].flatMap((sign) =>
    places(step).flatMap(([row, column]) => places(1).map(([y, x]) => sign * (10 * Math.abs(row - y) + Math.abs(column - x)))),
  );
  expect(shape).toEqual([2, places(step).length, SIDE * SIDE]);
  expect(values).toEqual(expected.map((value) => expect.closeTo(value, 5)));
});

test("biases of a smaller map are resampled, and stay symmetric", async () => {
  const { shape, values } = await biases({ side: SIDE, size: [2, 2] });
  expect(shape).toEqual([2, 4, 4]);
  // Of two places, one is as far from the other as that from it; the farthest pair is diagonal.
  for (let query = 0; query < 4; query++)
    for (let key = 0; key < 4; key++) expect(values[4 * query + key]).toBeCloseTo(values[4 * key + query] as number, 5);
  expect(values[3]).toBeGreaterThan(values[2] as number);
  expect(values[2]).toBeGreaterThan(values[1] as number);
});

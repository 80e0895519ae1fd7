// The rewriting passes of lower.ts by the resulting operators; that values stay the same is shown by every test that runs a graph.

import { expect, test } from "vitest";
import { float32 } from "../core/tensor.ts";
import { openSession } from "../runtime/session.ts";
import { GraphBuilder } from "./builder.ts";
import { lower } from "./lower.ts";
import type { Graph, Value } from "./types.ts";

/** weight · rate − 1 for a weight of `shape`. */
function update(shape: readonly number[]): Graph {
  const graph = new GraphBuilder();
  const scaled = graph.add("Mul", [graph.input("weight", "float32", shape), graph.input("rate", "float32", [])]);
  return graph.build({ result: graph.add("Sub", [graph.scalar(1), scaled]) });
}

test("scalars beside a tensor whose last axis has size 1 get its rank, which ONNX Runtime computes twenty times faster", async () => {
  const graph = lower(update([2, 3, 1, 1]));
  expect(graph.nodes.map(({ op }) => op)).toEqual(["Reshape", "Mul", "Sub"]);
  for (const { inputs } of graph.nodes.slice(1)) for (const name of inputs) expect(graph.types.get(name)?.shape).toHaveLength(4);
  const session = await openSession(graph);
  const { result } = await session.run({ weight: float32([1, 2, 3, 4, 5, 6], [2, 3, 1, 1]), rate: float32(2) });
  await session.release();
  expect(result?.shape).toEqual([2, 3, 1, 1]);
  expect(result).toBeAllClose([-1, -3, -5, -7, -9, -11], 1e-6);
});

test.each(["ReduceSum", "ReduceMean"])("%s over the rows of a matrix becomes a product, with the same value", async (op) => {
  const graph = new GraphBuilder();
  const rows = graph.input("rows", "float32", [3, 2]);
  const [kept, flat] = [1, 0].map((keepdims) => graph.add(op, [rows, graph.ints([0])], { keepdims })) as [Value, Value];
  const columns = graph.add(op, [rows, graph.ints([1])], { keepdims: 0 });
  const lowered = lower(graph.build({ kept, flat, columns }));
  expect(lowered.nodes.map((node) => node.op)).toEqual(["MatMul", "Reshape", op]);
  const session = await openSession(lowered);
  const results = await session.run({ rows: float32([1, 10, 2, 20, 6, 60], [3, 2]) });
  await session.release();
  const share = op === "ReduceMean" ? 3 : 1;
  expect(results.kept?.shape).toEqual([1, 2]);
  expect(results.flat?.shape).toEqual([2]);
  for (const sum of [results.kept, results.flat]) expect(sum).toBeAllClose([9 / share, 90 / share], 1e-6);
  expect(results.columns).toBeAllClose(op === "ReduceMean" ? [5.5, 11, 33] : [11, 22, 66], 1e-6);
});

test("a graph that needs no rewriting is returned unchanged", () => {
  const graph = update([2, 3]);
  expect(lower(graph)).toBe(graph);
});

// How Node's engine handles memory.

import { expect, test } from "vitest";
import { zeros } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { openSession } from "./session.ts";

test("ONNX Runtime's copy of a result that was written into a given tensor is freed immediately", async () => {
  const size = 4_000_000;
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [size]);
  const session = await openSession(graph.build({ y: graph.add("Add", [x, x]) }));
  const [feeds, into] = [{ x: zeros("float32", [size]) }, { y: zeros("float32", [size]) }];
  const before = process.memoryUsage().arrayBuffers;
  await session.run(feeds, into);
  const grown = process.memoryUsage().arrayBuffers - before;
  await session.release();
  expect(grown).toBeLessThan(size);
});

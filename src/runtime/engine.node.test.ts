// How Node's engine handles memory and threads.

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

test("the threads of a session rest as soon as a run has ended", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [256, 256]);
  const session = await openSession(graph.build({ y: graph.add("MatMul", [x, x]) }), { device: "cpu", threads: 2 });
  const used: number[] = [];
  for (let i = 0; i < 5; i++) {
    await session.run({ x: zeros("float32", [256, 256]) });
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { user, system } = process.cpuUsage(before);
    used.push((user + system) / 1000);
  }
  await session.release();
  // Other threads of the process may have work to do in some of these times. Waiting took 40 ms in each.
  expect(used.toSorted((a, b) => a - b)[2]).toBeLessThan(10);
});

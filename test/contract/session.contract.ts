// The behaviour of sessions, on every engine.

import { expect, test } from "vitest";
import { float32, zeros } from "../../src/core/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Session } from "../../src/runtime/engine.ts";
import { contract, open } from "./device.ts";

function openScaling(factor: number): Promise<Session> {
  const graph = new GraphBuilder();
  return open(graph, { y: graph.add("Mul", [graph.input("x", "float32", [2]), graph.scalar(factor)]) });
}

contract("sessions", () => {
  test("opened and run concurrently, each returns its own result", async () => {
    const factors = [1, 2, 3, 4];
    const answers = await Promise.all(
      factors.map(async (factor) => {
        const session = await openScaling(factor);
        const results = await Promise.all([0, 1, 2].map((x) => session.run({ x: float32([x, -x]) })));
        await session.release();
        return results.map(({ y }) => Array.from(y?.data as Float32Array));
      }),
    );
    const doubled = factors.map((factor) => [0, 1, 2].map((x) => [x * factor, x * -factor]));
    expect(answers.flat(2)).toBeAllClose(doubled.flat(2), 1e-6);
  });

  test("a result is written to the tensor that was given for it", async () => {
    const session = await openScaling(3);
    const into = zeros("float32", [2]);
    const { y } = await session.run({ x: float32([1, 2]) }, { y: into });
    await session.release();
    expect(into).toBeAllClose([3, 6], 1e-6);
    expect(y).toBe(into);
  });

  test("a failed run leaves the session and the others usable", async () => {
    const [first, second] = await Promise.all([openScaling(2), openScaling(5)]);
    await expect(first.run({ x: zeros("float32", [3]) })).rejects.toThrow();
    expect((await first.run({ x: float32([1, 2]) })).y).toBeAllClose([2, 4], 1e-6);
    expect((await second.run({ x: float32([1, 2]) })).y).toBeAllClose([5, 10], 1e-6);
    await Promise.all([first.release(), second.release()]);
  });

  test("a released session throws, and may be released again", async () => {
    const session = await openScaling(2);
    await session.release();
    await session.release();
    await expect(session.run({ x: float32([1, 2]) })).rejects.toThrow("The session has been released");
  });
});

// Runs stages once in inference, for tests.

import type { Tensor } from "../../src/core/index.ts";
import { GraphBuilder } from "../../src/graph/index.ts";
import { applyStages, inferenceScope, type Parameters, type Stage } from "../../src/nn/index.ts";
import { openSession } from "../../src/runtime/index.ts";

/** The output of `stages` for `input`, with constant parameters. */
export async function runStages(stages: readonly Stage[], parameters: Parameters, input: Tensor): Promise<Tensor> {
  const graph = new GraphBuilder();
  const x = graph.input("x", input.type, input.shape);
  const y = applyStages(inferenceScope(graph, parameters), stages, x);
  const session = await openSession(graph.build({ y }));
  try {
    return (await session.run({ x: input })).y as Tensor;
  } finally {
    await session.release();
  }
}

// The graph of distances to known classes, against the measure that it stands for.

import { expect, test } from "vitest";
import { uniforms } from "../../test/reference/formula.ts";
import { float32 } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { distancesToKnown, fitKnownClasses } from "../metrics/known.ts";
import { openSession } from "../runtime/session.ts";
import { distanceNode } from "./known.ts";

const [ROWS, WIDTH, CLASSES, LIMIT] = [40, 96, 3, 0.8];

test("the graph's distances are those of metrics, in units of the limit", async () => {
  // Long-tailed as activations, some negative, and far from zero.
  const features = uniforms("features", ROWS * WIDTH, (u) => 30 * u ** 6 + 4 * (u > 0.2 ? 1 : -1));
  const labels = Array.from({ length: ROWS }, (_, row) => row % CLASSES);
  const known = fitKnownClasses(features, labels, CLASSES);
  const graph = new GraphBuilder();
  const input = graph.input("features", "float32", ["batch", WIDTH]);
  const session = await openSession(graph.build({ distance: distanceNode(graph, input, known, LIMIT) }));
  const { distance } = await session.run({ features: float32(features, [ROWS, WIDTH]) });
  await session.release();
  expect(distance?.shape).toEqual([ROWS]);
  expect(distance?.data as Float32Array).toBeAllClose(
    Array.from(distancesToKnown(features, known), (each) => each / LIMIT),
    1e-4,
  );
});

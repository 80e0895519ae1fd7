// Preprocessing inside the graph: from decoded and cropped pixels to a network's input.

import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/types.ts";

/** Per-channel statistics of pixels in [0, 1]; three for RGB. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** uint8 pixels [batch, height, width, channels] to (x/255 − mean)/std as float32 [batch, channels, height, width]. */
export function normalizePixels(graph: GraphBuilder, pixels: Value, { mean, std }: Normalization): Value {
  return normalizePlanes(graph, graph.add("Transpose", [pixels], { perm: [0, 3, 1, 2] }), { mean, std });
}

/** The same from uint8 planes [batch, channels, height, width]. */
export function normalizePlanes(graph: GraphBuilder, pixels: Value, { mean, std }: Normalization): Value {
  const planes = graph.add("Cast", [pixels], { to: 1 });
  const channels = (values: readonly number[]): Value =>
    graph.constant({ type: "float32", shape: [values.length, 1, 1], data: Float32Array.from(values) });
  const scaled = graph.add("Mul", [planes, channels(std.map((deviation) => 1 / (255 * deviation)))]);
  return graph.add("Sub", [scaled, channels(mean.map((average, i) => average / (std[i] as number)))]);
}

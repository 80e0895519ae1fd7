// The frozen part: everything left of the freeze point, as one inference session from pixels to the activations that cross the cut.

import { inferenceGraph } from "../../classifier/inference.ts";
import { type Normalization, normalizePixels } from "../../classifier/preprocess.ts";
import { hashJson } from "../../core/hash.ts";
import type { ElementType, Tensor } from "../../core/tensor.ts";
import { hashGraph } from "../../graph/hash.ts";
import { quantize, type ValueStatistics } from "../../graph/quantize.ts";
import { type Graph, staticShape } from "../../graph/types.ts";
import type { Parameters, Stage } from "../../nn/scope.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";

export interface FrozenPart {
  /** What crosses the cut, per image. */
  readonly itemShape: readonly number[];
  readonly type: ElementType;
  /** Names the function that this part computes, by the content of its graph: layers, weights, input size, normalisation and, in 8 bit, the ranges. */
  readonly key: string;
  /** What the session computes, "input" to "output"; undefined if pixels cross the cut. */
  readonly graph: Graph | undefined;
  /** uint8 pixels [batch, size, size, channels] to activations [batch, ...itemShape]. */
  run(pixels: Tensor): Promise<Tensor>;
  release(): Promise<void>;
}

export interface FrozenPartOptions {
  /** The stages left of the freeze point; none when every layer is trained, and pixels cross the cut. */
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
  readonly size: number;
  readonly normalization: Normalization;
  readonly session: SessionOptions;
}

/** Compiles the frozen part. */
export async function openFrozenPart({ stages, parameters, size, normalization, session }: FrozenPartOptions): Promise<FrozenPart> {
  const channels = normalization.mean.length;
  if (stages.length === 0) {
    return {
      itemShape: [size, size, channels],
      type: "uint8",
      key: hashJson(["pixels", size]),
      graph: undefined,
      run: async (pixels) => pixels,
      release: async () => {},
    };
  }
  const graph = inferenceGraph({
    stages,
    parameters,
    inputType: "uint8",
    inputShape: ["batch", size, size, channels],
    prepare: (builder, pixels) => normalizePixels(builder, pixels, normalization),
  });
  return partOf(graph, hashGraph(graph), { ...session, name: "frozen part" });
}

/** The same frozen part in 8 bit, with collected ranges. It has its own session; `frozen` stays open. */
export async function quantizeFrozenPart(
  frozen: FrozenPart & { readonly graph: Graph },
  { ranges, means = new Map() }: ValueStatistics,
  session: SessionOptions,
): Promise<FrozenPart> {
  const key = hashJson({
    frozen: frozen.key,
    precision: "int8",
    ranges: [...ranges],
    means: [...means].map(([name, mean]) => [name, Array.from(mean)]),
  });
  return partOf(quantize(frozen.graph, { ranges, means }), key, { ...session, name: "frozen part in 8 bit" });
}

async function partOf(graph: Graph, key: string, session: SessionOptions): Promise<FrozenPart> {
  const compiled = await openSession(graph, session);
  return {
    itemShape: itemShapeOf(graph),
    type: "float32",
    key,
    graph,
    run: async (pixels) => (await compiled.run({ input: pixels })).output as Tensor,
    release: () => compiled.release(),
  };
}

function itemShapeOf(graph: Graph): readonly number[] {
  const output = graph.outputs[0];
  if (!output) throw new Error("The frozen part has no output");
  return staticShape({ ...output, shape: output.shape.slice(1) });
}

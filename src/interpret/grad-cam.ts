// Grad-CAM (Selvaraju et al. 2017) by thaw's own gradients: where a network looked. The weight of each channel of the last feature map is
// the mean gradient of the class's logit with respect to it; the heat is the weighted sum of the channels, clipped at 0.

import { inferenceGraph } from "../classifier/inference.ts";
import { type Normalization, normalizePixels } from "../classifier/preprocess.ts";
import type { Tensor } from "../core/tensor.ts";
import { zeros } from "../core/tensor.ts";
import { differentiate } from "../graph/backward.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { sliceOf } from "../graph/slice.ts";
import type { Graph, Value } from "../graph/types.ts";
import { applyStages, describeStages, inferenceScope, type Parameters, type Stage } from "../nn/scope.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { openSession } from "../runtime/session.ts";

export interface GradCamOptions {
  /** The whole network, from normalised images to outputs. */
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
  /** Side of the network's input in pixels. */
  readonly size: number;
  readonly normalization: Normalization;
  readonly session?: SessionOptions;
}

/** The heat of one image for one output: [rows, columns] of the last feature map, at least 0, in the unit of the output. */
export interface CamMap {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  /** The network's outputs (logits) for the image. */
  readonly outputs: Float32Array;
}

export interface GradCam {
  /** The heat of uint8 pixels [1, size, size, channels] for the output `of`, or for the one that `of` chooses given all outputs. */
  map(pixels: Tensor, of: number | ((outputs: Float32Array) => number)): Promise<CamMap>;
  release(): Promise<void>;
}

/**
 * Compiles a network for heat maps. A transformer's map is its tokens at the input of the last block, on the grid of patches. Throws if
 * there is no feature map.
 */
export async function openGradCam(options: GradCamOptions): Promise<GradCam> {
  const { stages, parameters, size, normalization, session = {} } = options;
  const channels = normalization.mean.length;
  const { at, shape } = lastMap(stages, [1, channels, size, size]);
  const before = inferenceGraph({
    stages: stages.slice(0, at),
    parameters,
    inputType: "uint8",
    inputShape: [1, size, size, channels],
    prepare: (graph, pixels) => normalizePixels(graph, pixels, normalization),
  });
  const body = await openSession(before, { ...session, name: "feature map" });
  const after = inferenceGraph({ stages: stages.slice(at), parameters, inputType: "float32", inputShape: shape });
  const head = await openSession(after, { ...session, name: "outputs" });
  const heat = await openSession(heatGraph(stages.slice(at), parameters, shape), { ...session, name: "heat map" });
  return {
    async map(pixels, of) {
      const map = (await body.run({ input: pixels })).output as Tensor<"float32">;
      const outputs = ((await head.run({ input: map })).output as Tensor<"float32">).data;
      const chosen = zeros("float32", [1, outputs.length]);
      chosen.data[typeof of === "number" ? of : of(outputs)] = 1;
      const values = ((await heat.run({ map, chosen })).heat as Tensor<"float32">).data;
      const { rows, columns } = gridOf(shape);
      return { rows, columns, values, outputs };
    },
    release: async () => void (await Promise.all([body, head, heat].map((one) => one.release()))),
  };
}

/** From "map" and the one-hot "chosen" [1, outputs] to the chosen output's "heat" [rows · columns]. */
function heatGraph(stages: readonly Stage[], parameters: Parameters, shape: readonly number[]): Graph {
  const graph = new GraphBuilder();
  const map = graph.input("map", "float32", shape);
  const outputs = applyStages(inferenceScope(graph, parameters), stages, map);
  const chosen = graph.input("chosen", "float32", outputs.shape);
  const score = graph.add("ReduceSum", [graph.add("Mul", [outputs, chosen])], { keepdims: 0 });
  const [gradient] = differentiate(graph, score, [map]) as [Value];
  const places = shape.length === 4 ? [2, 3] : [1];
  const weights = graph.add("ReduceMean", [patchesOf(graph, gradient), graph.ints(places)], { keepdims: 1 });
  const weighted = graph.add("Mul", [patchesOf(graph, map), weights]);
  const heat = graph.add("Relu", [graph.add("ReduceSum", [weighted, graph.ints([shape.length === 4 ? 1 : 2])], { keepdims: 0 })]);
  return graph.build({ heat });
}

/** A map unchanged; for tokens, those of the patches. */
function patchesOf(graph: GraphBuilder, value: Value): Value {
  if (value.shape.length === 4) return value;
  const { extra } = gridOf(value.shape as readonly number[]);
  return sliceOf(graph, value, [{ axis: 1, start: extra, end: value.shape[1] as number }]);
}

/**
 * Where to cut, and the map's shape there: after the last stage with a map of several places; for tokens, before the last block and the
 * norm after it.
 */
function lastMap(stages: readonly Stage[], input: readonly number[]): { at: number; shape: readonly number[] } {
  const shapeAt = (at: number): readonly number[] => (at > 0 ? describeStages(stages.slice(0, at), input).output : []);
  const lastWith = (places: number): number => {
    let at = stages.length;
    while (at > 0 && placesIn(shapeAt(at)) < places) at--;
    return at;
  };
  const at = lastWith(2) || lastWith(1);
  if (at === 0) throw new Error("The network has no feature map to look at");
  const [shape, before] = [shapeAt(at), shapeAt(at - 2)];
  return shape.length === 3 && before.join() === shape.join() ? { at: at - 2, shape: before } : { at, shape };
}

function placesIn(shape: readonly number[]): number {
  const { rows, columns } = gridOf(shape);
  return rows * columns;
}

/** A transformer has at most a class token, a distillation token and four registers before its patches. */
const MOST_EXTRA = 6;

/** Rows and columns of a map, or of the square of patches that tokens represent, after `extra` other tokens; 0 for neither. */
function gridOf(shape: readonly number[]): { readonly rows: number; readonly columns: number; readonly extra: number } {
  if (shape.length === 4) return { rows: shape[2] as number, columns: shape[3] as number, extra: 0 };
  const tokens = shape.length === 3 ? (shape[1] as number) : 0;
  const side = Math.floor(Math.sqrt(tokens));
  const extra = tokens - side ** 2;
  return extra <= MOST_EXTRA ? { rows: side, columns: side, extra } : { rows: 0, columns: 0, extra: 0 };
}

// Which 8-bit convolutions this machine computes faster with shifted weights, by a short measurement of each.

import { type Tensor, zeros } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { encodeModel } from "../graph/model.ts";
import { isShiftable, shiftWeights } from "../graph/quantize/shift.ts";
import type { Attributes, Graph, Node, Shape, Value, ValueType } from "../graph/types.ts";
import type { Engine, Session } from "./engine.ts";

/** What the time of a convolution depends on. */
interface Layer {
  /** Of an image: channels and size. */
  readonly image: Shape;
  /** Of the weights. */
  readonly weights: Shape;
  readonly attributes: Attributes;
}

type Opening = Pick<Engine, "open">;

/** A layer that is much faster with shifted weights if any is. */
const TYPICAL: Layer = {
  image: [256, 14, 14],
  weights: [256, 256, 3, 3],
  attributes: { pads: { kind: "ints", value: [1, 1, 1, 1] } },
};

/** The first warms up. With one thread and so many short rounds, one is not interrupted even if all cores are busy. */
const ROUNDS = 10;
/** No round begins after so many milliseconds, except the second. */
const LONGEST = 100;
/** A smaller gain is not worth the form, and could be chance. */
const WORTHWHILE = 0.95;

/**
 * Weights and pixels of a measurement. No two weights of thaw's own add up to more, so that a processor that adds pairs of products in 16 bits
 * shows with these whether those of shifted weights fit.
 */
const [WEIGHT, PIXEL] = [64, 255];

const measured = new WeakMap<Opening, Map<string, Promise<boolean>>>();

/**
 * The same graph, with shifted weights in those layers that `engine` computes faster with them and with the same results. Each kind of layer is
 * measured once in a process, for about a tenth of a second at most; if one typical layer gains nothing, no other is measured.
 */
export async function withFasterConvolutions(graph: Graph, engine: Opening): Promise<Graph> {
  const shifted = new Set<Node>();
  for (const node of graph.nodes) {
    if (!isShiftable(node, graph)) continue;
    if (!(await isFasterShifted(TYPICAL, engine))) return graph;
    const layer = layerOf(node, graph);
    if (layer.image.every(Number.isInteger) && (await isFasterShifted(layer, engine))) shifted.add(node);
  }
  return shiftWeights(graph, (node) => shifted.has(node));
}

function layerOf({ inputs, attributes }: Node, { types }: Graph): Layer {
  const shapeOf = (position: number): Shape => types.get(inputs[position] as string)?.shape ?? [];
  return { image: shapeOf(0).slice(1), weights: shapeOf(3), attributes };
}

function isFasterShifted(layer: Layer, engine: Opening): Promise<boolean> {
  const its = measured.get(engine) ?? new Map<string, Promise<boolean>>();
  measured.set(engine, its);
  const key = JSON.stringify(layer);
  // An engine that cannot run one of them gains nothing.
  const known = its.get(key) ?? measure(layer, engine).catch(() => false);
  its.set(key, known);
  return known;
}

async function measure(layer: Layer, engine: Opening): Promise<boolean> {
  const plain = convolutionOf(layer);
  const models = [plain, shiftWeights(plain, (node) => isShiftable(node, plain))].map((graph) => encodeModel(channelsLast(graph)));
  const sessions: Session[] = [];
  try {
    for (const model of models) sessions.push(await engine.open(model, { device: "cpu", threads: 1 }));
    const [channels, ...size] = layer.image as number[];
    const image = filled("uint8", [1, ...size, channels as number], PIXEL);
    const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const results: Tensor[] = [];
    const end = performance.now() + LONGEST;
    for (let round = 0; round < ROUNDS && (round < 2 || performance.now() < end); round++)
      for (const [i, session] of sessions.entries()) {
        const start = performance.now();
        results[i] = (await session.run({ image })).result as Tensor;
        if (round > 0) least[i] = Math.min(least[i]!, performance.now() - start);
      }
    const [expected, found] = results as [Tensor<"uint8">, Tensor<"uint8">];
    return least[1]! < WORTHWHILE * least[0]! && expected.data.every((value, i) => value === found.data[i]);
  } finally {
    await Promise.all(sessions.map((session) => session.release()));
  }
}

/** The layer alone, "image" to "result", with weights of one value. */
function convolutionOf({ image, weights, attributes }: Layer): Graph {
  const [out, ...filter] = weights as number[];
  const builder = new GraphBuilder();
  const zero = builder.constant(zeros("uint8", []));
  const one = builder.scalar(1);
  const largest = filter.reduce((product, size) => product * size, WEIGHT * PIXEL);
  const inputs = [
    builder.input("image", "uint8", ["batch", ...image]),
    one,
    zero,
    builder.constant(filled("int8", weights as number[], WEIGHT)),
    one,
    builder.constant(zeros("int8", [out as number])),
    builder.scalar(largest / PIXEL),
    zero,
  ];
  return builder.build({ result: builder.add("QLinearConv", inputs, attributes) });
}

/** The same, of images [batch, height, width, channels]: the layout that ONNX Runtime gives whole networks in 8 bit, which it would otherwise convert from. */
function channelsLast({ nodes, inputs, outputs, constants }: Graph): Graph {
  const last = ({ shape: [batch, channels, ...size], ...value }: Value): Value => ({ ...value, shape: [batch!, ...size, channels!] });
  const values = { inputs: inputs.map(last), outputs: outputs.map(last) };
  return {
    ...values,
    constants,
    nodes: nodes.map((node) => ({
      ...node,
      domain: "com.microsoft",
      attributes: { ...node.attributes, channels_last: { kind: "int", value: 1 } },
    })),
    types: new Map<string, ValueType>([
      ...constants,
      ...[...values.inputs, ...values.outputs].map((value) => [value.name, value] as const),
    ]),
  };
}

function filled(type: "int8" | "uint8", shape: readonly number[], value: number): Tensor {
  const tensor = zeros(type, shape);
  tensor.data.fill(value);
  return tensor;
}

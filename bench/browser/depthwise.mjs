// Depthwise convolutions of WebAssembly in other forms, and as ONNX Runtime's own file computes them, and what a network would gain if they took
// no time. Prints a table; needs `npm run build`.
// `THREADS=1 node bench/browser/depthwise.mjs`

import * as packaged from "onnxruntime-web";
import * as ort from "#onnxruntime-web/node";
import { inferenceGraph } from "../../dist/classifier/inference.js";
import { normalizePixels } from "../../dist/classifier/preprocess.js";
import { GraphBuilder } from "../../dist/graph/builder.js";
import { lowerInference } from "../../dist/graph/lower-inference.js";
import { encodeModel } from "../../dist/graph/model.js";
import { rewrite } from "../../dist/graph/rewrite.js";
import { intAttribute, intsAttribute } from "../../dist/graph/types.js";
import { cutNetwork, networkOf, parametersOf } from "../../dist/learner/network.js";
import { architectureOf } from "../../dist/nn/catalogue.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";

const [BATCH, ROUNDS, SIZE] = [4, 15, 224];
for (const { env } of [ort, packaged]) env.wasm.numThreads = Number(process.env.THREADS ?? 2);

const numbers = (count) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898) / 2);
const tensor = (graph, shape, data) => graph.constant({ type: "float32", shape, data });
const slice = (graph, x, from, to, axes) => graph.add("Slice", [x, graph.ints(from), graph.ints(to), graph.ints(axes)]);

/** Each form takes [batch, channels, size, size] and weights [channels, 9], and pads by one. */
const FORMS = {
  "one convolution per channel": (graph, x, weights, channels) => grouped(graph, x, weights, channels, 1),
  "dense convolutions of 4 channels": (graph, x, weights, channels) => grouped(graph, x, weights, channels, 4),
  "dense convolutions of 16 channels": (graph, x, weights, channels) => grouped(graph, x, weights, channels, 16),
  "a banded matrix per channel and row": banded,
  "nine shifted products": shifted,
};

function grouped(graph, x, weights, channels, size) {
  const dense = new Float32Array(channels * size * 9);
  for (let c = 0; c < channels; c++) dense.set(weights.subarray(c * 9, c * 9 + 9), (c * size + (c % size)) * 9);
  const attributes = { group: channels / size, kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  return graph.add("Conv", [x, tensor(graph, [channels, size, 3, 3], dense)], attributes);
}

/** Three rows side by side, times a matrix that has the nine weights along its diagonals. */
function banded(graph, x, weights, channels, width) {
  const bands = new Float32Array(channels * 3 * width * width);
  for (let c = 0; c < channels; c++)
    for (let k = 0; k < 9; k++)
      for (let to = 0; to < width; to++) {
        const from = to + (k % 3) - 1;
        if (from >= 0 && from < width) bands[(c * 3 * width + Math.floor(k / 3) * width + from) * width + to] = weights[c * 9 + k];
      }
  const padded = graph.add("Pad", [x, graph.ints([0, 0, 1, 0, 0, 0, 1, 0])]);
  const rows = [0, 1, 2].map((row) => slice(graph, padded, [row], [row + width], [2]));
  return graph.add("MatMul", [graph.add("Concat", rows, { axis: 3 }), tensor(graph, [channels, 3 * width, width], bands)]);
}

function shifted(graph, x, weights, channels, size) {
  const padded = graph.add("Pad", [x, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
  const terms = Array.from({ length: 9 }, (_, k) => {
    const [row, column] = [Math.floor(k / 3), k % 3];
    const factors = Float32Array.from({ length: channels }, (_, c) => weights[c * 9 + k]);
    const part = slice(graph, padded, [row, column], [row + size, column + size], [2, 3]);
    return graph.add("Mul", [part, tensor(graph, [channels, 1, 1], factors)]);
  });
  return terms.reduce((a, b) => graph.add("Add", [a, b]));
}

const open = (graph, { InferenceSession }) =>
  InferenceSession.create(encodeModel(graph), { executionProviders: ["wasm"], graphOptimizationLevel: "all", logSeverityLevel: 3 });

/** The least milliseconds of one run of each graph, which take turns; of the last `others` on the package's file. */
async function compare(graphs, feeds, others = 0) {
  const sessions = await Promise.all(graphs.map((graph, i) => open(graph, i < graphs.length - others ? ort : packaged)));
  const least = graphs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, session] of sessions.entries()) {
      const start = performance.now();
      await session.run(feeds);
      least[i] = Math.min(least[i], performance.now() - start);
    }
  for (const session of sessions) await session.release();
  return least;
}

/** The graph of `form`, whose output is small so that copying it out costs nothing. */
function graphOf(form, channels, size) {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [BATCH, channels, size, size]);
  const y = form ? form(graph, x, numbers(channels * 9), channels, size) : x;
  return graph.build({ y: graph.add("ReduceMean", [y, graph.ints([2, 3])], { keepdims: 1 }) });
}

const columns = [...Object.keys(FORMS), "the package's file"];
console.log(`| milliseconds per ${BATCH} images, ${ort.env.wasm.numThreads} threads | ${columns.join(" | ")} |`);
console.log(`| --- | ${columns.map(() => "---:").join(" | ")} |`);
for (const [channels, size] of [
  [144, 56],
  [192, 28],
  [384, 14],
  [960, 7],
]) {
  const shape = [BATCH, channels, size, size];
  const feeds = { x: new ort.Tensor("float32", numbers(BATCH * channels * size * size), shape) };
  const [nothing, ...times] = await compare(
    [undefined, ...Object.values(FORMS), Object.values(FORMS)[0]].map((form) => graphOf(form, channels, size)),
    feeds,
    1,
  );
  console.log(`| ${channels} × ${size} × ${size} | ${times.map((time) => (time - nothing).toFixed(1)).join(" | ")} |`);
}

const architecture = architectureOf("mobilenet_v2");
const network = networkOf({ ...architecture, size: SIZE }, { hidden: [512], ps: [0.25, 0.5] }, 10);
const { frozen } = cutNetwork(network, (group) => group === network.groups - 1);
const whole = lowerInference(
  inferenceGraph({
    stages: frozen,
    parameters: initialiseParameters(parametersOf(network), "bench"),
    inputType: "uint8",
    inputShape: ["batch", SIZE, SIZE, 3],
    prepare: (graph, pixels) => normalizePixels(graph, pixels, architecture),
  }),
);
/** Only what the strides leave out. */
const without = rewrite(
  whole,
  (node) => node.op === "Conv" && intAttribute(node, "group", 1) > 1,
  (graph, node, [x]) => {
    const strides = intsAttribute(node, "strides") ?? [1, 1];
    return [strides[0] === 1 ? x : graph.add("MaxPool", [x], { kernel_shape: [1, 1], strides })];
  },
);
const pixels = Uint8Array.from({ length: 16 * SIZE * SIZE * 3 }, (_, i) => (i * 7919) % 251);
const [all, less] = await compare([whole, without], { input: new ort.Tensor("uint8", pixels, [16, SIZE, SIZE, 3]) });
console.log(
  `\nMobileNetV2's features at ${SIZE} take ${all.toFixed(0)} ms for 16 images, ${less.toFixed(0)} ms without depthwise convolutions.`,
);
process.exit(0);

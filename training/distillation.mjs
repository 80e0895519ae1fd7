// What the student learns from its teacher, MobileNetV2. Both are cut into six parts that hand over maps of the same shapes. First block by
// block (Wang 2018; Li et al. 2020, "DNA"): each of the student's parts gets the teacher's map and learns the teacher's next one, so that no
// part waits for those before it. Then joined: the student sees the image alone and learns all maps, the means of the last map over its
// places, which are what a head mostly looks at, and what the teacher's own classifier makes of them (SimKD, Chen 2022).

import { normalizePixels } from "../dist/classifier/preprocess.js";
import { sizeOf } from "../dist/core/tensor.js";
import { GraphBuilder } from "../dist/graph/builder.js";
import { foldBatchNorm } from "../dist/graph/fold.js";
import { mobileNetV2 as teacher } from "../dist/nn/architectures/mobilenet-v2.js";
import { thawSmallSecond as student } from "../dist/nn/architectures/thaw-small-second.js";
import { applyStages, inferenceScope } from "../dist/nn/scope.js";
import { openSession } from "../dist/runtime/session.js";

/** Where the parts end: after which of the teacher's features; and the shape of the map there. */
const ENDS = [
  { feature: 3, stride: 4, channels: 24 },
  { feature: 6, stride: 8, channels: 32 },
  { feature: 10, stride: 16, channels: 64 },
  { feature: 13, stride: 16, channels: 96 },
  { feature: 16, stride: 32, channels: 160 },
  { feature: 18, stride: 32, channels: 1280 },
];

/** The student's parts: the stages whose names begin with "part1.", "part2." and so on. */
const STUDENT = ENDS.map((_, i) => student.body.filter(({ name }) => name.startsWith(`part${i + 1}.`)));

/** Parts of the loss, by name: the error of each map and of the last one's means, and of the classes. */
export const PARTS = [...ENDS.map(({ feature }) => `map${feature}`), "means", "classes"];

/** Pixels to what student and teacher take. */
export const prepare = (graph, pixels) => normalizePixels(graph, pixels, student);

/** Shapes of the maps for images of `size` pixels, without the batch: [channels, side, side]. */
export function mapShapes(size) {
  return ENDS.map(({ stride, channels }) => [channels, Math.ceil(size / stride), Math.ceil(size / stride)]);
}

/** The student, from images [batch, 3, size, size] to its maps in one row each, [batch, numbers]. */
const joined = {
  name: "student",
  group: 0,
  apply(scope, x) {
    const maps = [];
    for (const stages of STUDENT) maps.push(applyStages(scope, stages, maps.at(-1) ?? x));
    return rows(scope.graph, maps);
  },
};

/** The same parts, each on the teacher's map: all but the first take it from the step's targets, which hold the teacher's maps in one row each. */
function blocks(size) {
  const shapes = mapShapes(size);
  return {
    name: "student in parts",
    group: 0,
    apply(scope, x) {
      const given = mapsOf(scope.graph, scope.graph.value("targets"), shapes);
      return rows(
        scope.graph,
        STUDENT.map((stages, i) => applyStages(scope, stages, i === 0 ? x : given[i - 1])),
      );
    },
  };
}

/** What a phase trains, "blocks" or "joined", as one stage. */
export function stageOf(phase, size) {
  return phase === "blocks" ? blocks(size) : joined;
}

/** The teacher as a session: pixels [batch, size, size, 3] to its maps, in one row for each image. */
export async function openTeacher(weights, size, session = {}) {
  const graph = new GraphBuilder();
  const scope = inferenceScope(graph, weights);
  const maps = [];
  let value = prepare(graph, graph.input("input", "uint8", ["batch", size, size, 3]));
  for (const [i, stage] of teacher.body.entries()) {
    value = stage.apply(scope, value);
    if (ENDS.some(({ feature }) => feature === i)) maps.push(value);
  }
  const opened = await openSession(foldBatchNorm(graph.build({ output: rows(graph, maps) })), session);
  return { run: async (pixels) => (await opened.run({ input: pixels })).output, release: () => opened.release() };
}

/**
 * What the teacher's maps are like over images and places: the mean and the deviation of each channel, one map after the other; and `scales`,
 * for each map the mean of its channels' variances, and then that of the last map's means. An error divided by its scale is 1 when a map
 * tells nothing.
 */
export function mapStatistics(batches, shapes) {
  const width = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const images = batches.flatMap(({ data }) =>
    Array.from({ length: data.length / width }, (_, i) => data.subarray(i * width, (i + 1) * width)),
  );
  const [mean, deviation, scales] = [[], [], []];
  let at = 0;
  for (const [i, [channels, height, columns]] of shapes.entries()) {
    const places = height * columns;
    let [ofMap, ofMeans] = [0, 0];
    for (let channel = 0; channel < channels; channel++, at += places) {
      const values = images.map((row) => row.subarray(at, at + places));
      const all = spread(values.flatMap((own) => [...own]));
      mean.push(all.mean);
      deviation.push(Math.sqrt(all.variance));
      ofMap += all.variance / channels;
      ofMeans += spread(values.map((own) => own.reduce((a, b) => a + b, 0) / places)).variance / channels;
    }
    scales.push(ofMap);
    if (i === shapes.length - 1) scales.push(ofMeans);
  }
  return { mean, deviation, scales };
}

function spread(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

/**
 * `parameters` with the scales and shifts of the layers that end a part set so that its map has the mean and deviation of the teacher's, and
 * blocks that add to it begin at a quarter of that: an untrained part begins with an error of about 1 instead of 2 to 7.
 */
export function scaledLikeTeacher(parameters, { mean, deviation }) {
  const scaled = new Map(parameters);
  let at = 0;
  for (const [i, { channels }] of ENDS.entries()) {
    const [means, deviations] = [mean, deviation].map((values) => Float32Array.from(values.slice(at, at + channels)));
    at += channels;
    const narrow = STUDENT[i].map(({ name }) => `${name}.narrow.norm`).filter((name) => scaled.has(`${name}.weight`));
    // The last part ends with the classic convolution, norm and ReLU, whose start is good as it is.
    if (i === ENDS.length - 1) continue;
    for (const [k, name] of narrow.entries()) {
      const set = (what, data) => scaled.set(`${name}.${what}`, { ...scaled.get(`${name}.${what}`), data });
      set("weight", k === 0 ? deviations : deviations.map((value) => value / 4));
      if (k === 0) set("bias", means);
    }
  }
  return scaled;
}

/**
 * The loss, with the teacher's maps as targets: weighted, the squared error of each map and of the last map's means, both relative to how
 * much the teacher's vary, and the divergence (Kullback and Leibler 1951) of the classes that the teacher's classifier sees in the last map
 * from those that it sees in its own.
 */
export function distillation(weights, scales, size, lossWeights) {
  const shapes = mapShapes(size);
  const width = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  return {
    targetShape: [width],
    loss(graph, output, targets) {
      const [own, wanted] = [mapsOf(graph, output, shapes), mapsOf(graph, targets, shapes)];
      const parts = {};
      for (const i of shapes.keys()) parts[PARTS[i]] = relativeError(graph, own[i], wanted[i], scales[i]);
      const [ownMeans, wantedMeans] = [own.at(-1), wanted.at(-1)].map((map) =>
        graph.add("ReduceMean", [map, graph.ints([2, 3])], { keepdims: 1 }),
      );
      parts.means = relativeError(graph, ownMeans, wantedMeans, scales.at(-1));
      const scope = inferenceScope(graph, weights);
      const [ownLogs, wantedLogs] = [ownMeans, wantedMeans].map((means) =>
        graph.add("LogSoftmax", [applyStages(scope, teacher.classifier, means)], { axis: 1 }),
      );
      const apart = graph.add("Mul", [graph.add("Exp", [wantedLogs]), graph.add("Sub", [wantedLogs, ownLogs])]);
      const perImage = graph.add("ReduceSum", [apart, graph.ints([1])], { keepdims: 0 });
      parts.classes = graph.add("ReduceMean", [perImage, graph.ints([0])], { keepdims: 0 });
      const weighted = PARTS.filter((name) => lossWeights[name]).map((name) =>
        graph.add("Mul", [parts[name], graph.scalar(lossWeights[name])]),
      );
      return { loss: weighted.reduce((a, b) => graph.add("Add", [a, b])), parts };
    },
  };
}

function relativeError(graph, own, wanted, scale) {
  const gap = graph.add("Sub", [own, wanted]);
  const mean = graph.add("ReduceMean", [graph.add("Mul", [gap, gap]), graph.ints([0, 1, 2, 3])], { keepdims: 0 });
  return graph.add("Mul", [mean, graph.scalar(1 / scale)]);
}

/** Maps [batch, …] as one row for each image. */
function rows(graph, maps) {
  return graph.add(
    "Concat",
    maps.map((map) => graph.add("Flatten", [map], { axis: 1 })),
    { axis: 1 },
  );
}

/** What `rows` put together, apart again. */
function mapsOf(graph, row, shapes) {
  let at = 0;
  return shapes.map((shape) => {
    const end = at + sizeOf(shape);
    const own = graph.add("Slice", [row, graph.ints([at]), graph.ints([end]), graph.ints([1])]);
    at = end;
    return graph.add("Reshape", [own, graph.ints([row.shape[0], ...shape])]);
  });
}

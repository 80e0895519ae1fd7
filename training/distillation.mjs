// What the student learns from its teacher, MobileNetV2. The student has the teacher's layers and a random start; both are cut into 18 parts, one
// for each block. First block by block (Wang 2018; Li et al. 2020, "DNA"): each of the student's parts gets the teacher's map and learns the
// teacher's next one, so that no part waits for those before it. Then joined: the student sees the image alone and learns maps, the means of
// the last map over its places, which are what a head mostly looks at, and what the teacher's own classifier makes of them (SimKD, Chen 2022).

import { normalizePixels } from "../dist/classifier/preprocess.js";
import { sizeOf } from "../dist/core/tensor.js";
import { GraphBuilder } from "../dist/graph/builder.js";
import { foldBatchNorm } from "../dist/graph/fold.js";
import { mobileNetV2 as teacher } from "../dist/nn/architectures/mobilenet-v2.js";
import { thawSmall as student } from "../dist/nn/architectures/thaw-small.js";
import { applyStages, describeStages, inferenceScope } from "../dist/nn/scope.js";
import { openSession } from "../dist/runtime/session.js";

/**
 * The teacher's features that a part ends with. The stem goes with the first block, and the last block with the convolution after it: alone,
 * its narrow map of 320 channels is learnt slowly, and what matters is what the convolution makes of it.
 */
const ENDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18];
const STUDENT = ENDS.map((end, i) => student.body.slice(i === 0 ? 0 : ENDS[i - 1] + 1, end + 1));

/** Parts of the loss, by name: the error of each map and of the last one's means, and of the classes. */
export const PARTS = [...ENDS.map((feature) => `map${feature}`), "means", "classes"];

/** Pixels to what student and teacher take. */
export const prepare = (graph, pixels) => normalizePixels(graph, pixels, student);

/** Shapes of the maps for images of `size` pixels, without the batch: [channels, side, side]. */
export function mapShapes(size) {
  return ENDS.map((end) => describeStages(teacher.body.slice(0, end + 1), [1, 3, size, size]).output.slice(1));
}

/** Whether part `i` adds to the map it gets. */
function adds(shapes, i) {
  return i > 0 && shapes[i].every((length, axis) => length === shapes[i - 1][axis]);
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

/** The parts with a weight in the loss, each on the teacher's map: all but the first take it from the step's targets, which hold the teacher's maps in one row each. */
function blocks(size, lossWeights) {
  const shapes = mapShapes(size);
  return {
    name: "student in parts",
    group: 0,
    apply(scope, x) {
      const given = mapsOf(scope.graph, scope.graph.value("targets"), shapes);
      return rows(
        scope.graph,
        STUDENT.map((stages, i) => (lossWeights[PARTS[i]] ? applyStages(scope, stages, i === 0 ? x : given[i - 1]) : given[i])),
      );
    },
  };
}

/** What a phase trains, "blocks" or "joined", as one stage. */
export function stageOf(phase, size, lossWeights) {
  return phase === "blocks" ? blocks(size, lossWeights) : joined;
}

/** The teacher as a session: pixels [batch, size, size, 3] to its maps, in one row for each image. */
export async function openTeacher(weights, size, session = {}) {
  const graph = new GraphBuilder();
  const scope = inferenceScope(graph, weights);
  const maps = [];
  let value = prepare(graph, graph.input("input", "uint8", ["batch", size, size, 3]));
  for (const [i, stage] of teacher.body.entries()) {
    value = stage.apply(scope, value);
    if (ENDS.includes(i)) maps.push(value);
  }
  const opened = await openSession(foldBatchNorm(graph.build({ output: rows(graph, maps) })), session);
  return { run: async (pixels) => (await opened.run({ input: pixels })).output, release: () => opened.release() };
}

/**
 * What the teacher's maps are like over images and places: the mean and the deviation of each channel of what each part makes, which is the
 * map or, where the part adds to the map before it, what it adds. `scales` divide the errors: for each map the mean of its channels' variances,
 * then that of the last map's means, then for each part that of what it makes. An error divided by its scale is 1 when a map tells nothing.
 */
export function mapStatistics(batches, shapes) {
  const width = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const images = batches.flatMap(({ data }) =>
    Array.from({ length: data.length / width }, (_, i) => data.subarray(i * width, (i + 1) * width)),
  );
  const [mean, deviation, ofMaps, ofMade] = [[], [], [], []];
  let ofMeans = 0;
  let at = 0;
  for (const [i, shape] of shapes.entries()) {
    const [channels, height, columns] = shape;
    const places = height * columns;
    const before = adds(shapes, i) ? sizeOf(shape) : undefined;
    let [ofMap, made] = [0, 0];
    for (let channel = 0; channel < channels; channel++, at += places) {
      const values = images.map((row) => row.subarray(at, at + places));
      const map = spread(values);
      const own =
        before === undefined ? map : spread(values.map((value, k) => value.map((v, place) => v - images[k][at - before + place])));
      mean.push(own.mean);
      deviation.push(Math.sqrt(own.variance));
      ofMap += map.variance / channels;
      made += own.variance / channels;
      if (i === shapes.length - 1)
        ofMeans += spread([Float64Array.from(values, (value) => value.reduce((a, b) => a + b, 0) / places)]).variance / channels;
    }
    ofMaps.push(ofMap);
    ofMade.push(made);
  }
  return { mean, deviation, scales: [...ofMaps, ofMeans, ...ofMade] };
}

/** Mean and variance over all numbers of `lists`. */
function spread(lists) {
  const count = lists.reduce((sum, list) => sum + list.length, 0);
  let [sum, squares] = [0, 0];
  for (const list of lists)
    for (const value of list) {
      sum += value;
      squares += value * value;
    }
  return { mean: sum / count, variance: Math.max(0, squares / count - (sum / count) ** 2) };
}

/**
 * `parameters` with the scales and shifts of the layers that end a part set so that what the part makes has the mean and deviation of the
 * teacher's: an untrained part begins with an error of about 2 instead of any number.
 */
export function scaledLikeTeacher(parameters, { mean, deviation }, shapes) {
  const scaled = new Map(parameters);
  let at = 0;
  for (const [i, [channels]] of shapes.entries()) {
    const [means, deviations] = [mean, deviation].map((values) => Float32Array.from(values.slice(at, at + channels)));
    at += channels;
    // The last part ends with the classic convolution, norm and ReLU, whose start is good as it is.
    if (i === ENDS.length - 1) continue;
    const norm = `blocks.${ENDS[i]}.conv.${i === 0 ? 2 : 3}`;
    const set = (what, data) => scaled.set(`${norm}.${what}`, { ...scaled.get(`${norm}.${what}`), data });
    set("weight", deviations);
    set("bias", means);
  }
  return scaled;
}

/**
 * The loss, with the teacher's maps as targets: weighted, the squared error of each map and of the last map's means, both relative to how
 * much the teacher's vary (while parts learn apart: to how much the teacher's part makes varies), and the divergence (Kullback and Leibler 1951) of the classes that the teacher's classifier sees in the last map
 * from those that it sees in its own.
 */
export function distillation(weights, scales, size, phase, lossWeights) {
  const shapes = mapShapes(size);
  const [ofMeans, ofMaps] = [scales[shapes.length], phase === "blocks" ? scales.slice(shapes.length + 1) : scales];
  const width = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  return {
    targetShape: [width],
    loss(graph, output, targets) {
      const [own, wanted] = [mapsOf(graph, output, shapes), mapsOf(graph, targets, shapes)];
      const parts = {};
      for (const i of shapes.keys()) {
        if (lossWeights[PARTS[i]]) parts[PARTS[i]] = relativeError(graph, own[i], wanted[i], ofMaps[i]);
      }
      const [ownMeans, wantedMeans] = [own.at(-1), wanted.at(-1)].map((map) =>
        graph.add("ReduceMean", [map, graph.ints([2, 3])], { keepdims: 1 }),
      );
      parts.means = relativeError(graph, ownMeans, wantedMeans, ofMeans);
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

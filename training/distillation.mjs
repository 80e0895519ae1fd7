// What the student learns from its teacher, MobileNetV2: maps of features at four depths, place by place (FitNets, Romero 2015), each by one
// linear layer that is thrown away after training; and what the teacher's own last layers make of the deepest one (SimKD, Chen 2022).

import { normalizePixels } from "../dist/classifier/preprocess.js";
import { sizeOf } from "../dist/core/tensor.js";
import { GraphBuilder } from "../dist/graph/builder.js";
import { foldBatchNorm } from "../dist/graph/fold.js";
import { mobileNetV2 as teacher } from "../dist/nn/architectures/mobilenet-v2.js";
import { thawSmall as student } from "../dist/nn/architectures/thaw-small.js";
import { conv2d } from "../dist/nn/layers.js";
import { applyStages, inferenceScope } from "../dist/nn/scope.js";
import { openSession } from "../dist/runtime/session.js";

/** After which of the teacher's layers and of the student's stages the maps are compared: at 1/4, 1/8, 1/16 and 1/32 of the image's size. */
const TAPS = [
  { layer: "features.3", stage: "stage1.0", stride: 4, channels: 24 },
  { layer: "features.6", stage: "stage2.1", stride: 8, channels: 32 },
  { layer: "features.13", stage: "stage3.1", stride: 16, channels: 96 },
  { layer: "features.17", stage: "last", stride: 32, channels: 320 },
];
/** The teacher's layers behind the deepest tap. */
const REST = [...teacher.body.slice(18), ...teacher.classifier];

/** Parts of the loss, by name: the squared error at each tap, and the cross-entropy of the classes. */
export const PARTS = [...TAPS.map(({ stride }) => `map${stride}`), "classes"];

/** Pixels to what student and teacher take. */
export const prepare = (graph, pixels) => normalizePixels(graph, pixels, student);

/** Shapes of the maps for images of `size` pixels, without the batch: [channels, side, side]. */
export function mapShapes(size) {
  return TAPS.map(({ stride, channels }) => [channels, Math.ceil(size / stride), Math.ceil(size / stride)]);
}

/** The student with its linear layers: images to all predicted maps in one row each, [batch, numbers]. */
export const studentWithTaps = {
  name: "student",
  group: 0,
  apply(scope, x) {
    const rows = [];
    let value = x;
    for (const stage of student.body) {
      value = stage.apply(scope, value);
      const tap = TAPS.find((candidate) => candidate.stage === stage.name);
      if (tap) rows.push(flat(scope.graph, conv2d(scope, `tap${tap.stride}`, value, { channels: tap.channels, kernel: 1, bias: true })));
    }
    return scope.graph.add("Concat", rows, { axis: 1 });
  },
};

/** The teacher as a session: pixels [batch, size, size, 3] to its maps, in one row for each image. */
export async function openTeacher(weights, size) {
  const graph = new GraphBuilder();
  const scope = inferenceScope(graph, weights);
  const rows = [];
  let value = prepare(graph, graph.input("input", "uint8", ["batch", size, size, 3]));
  for (const stage of teacher.body.slice(0, 18)) {
    value = stage.apply(scope, value);
    if (TAPS.some(({ layer }) => layer === stage.name)) rows.push(flat(graph, value));
  }
  const output = graph.add("Concat", rows, { axis: 1 });
  const session = await openSession(foldBatchNorm(graph.build({ output })), {});
  return { run: async (pixels) => (await session.run({ input: pixels })).output, release: () => session.release() };
}

/** Mean and standard deviation of each channel of the maps over images and places, as one row each for `shapes`: what standardises a target. */
export function mapStatistics(batches, shapes) {
  const width = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)];
  const images = batches.reduce((sum, { shape }) => sum + shape[0], 0);
  for (const { data } of batches) {
    for (let i = 0; i < data.length; i++) {
      sums[i % width] += data[i] / images;
      squares[i % width] += (data[i] * data[i]) / images;
    }
  }
  const [mean, deviation] = [new Float32Array(width), new Float32Array(width)];
  let at = 0;
  for (const [channels, height, columns] of shapes) {
    const places = height * columns;
    for (let channel = 0; channel < channels; channel++, at += places) {
      const average = (values) => values.subarray(at, at + places).reduce((a, b) => a + b, 0) / places;
      const centre = average(sums);
      mean.fill(centre, at, at + places);
      deviation.fill(Math.sqrt(average(squares) - centre ** 2), at, at + places);
    }
  }
  const row = (data) => ({ type: "float32", shape: [1, width], data });
  return { mean: row(mean), deviation: row(deviation) };
}

/**
 * The loss, with the teacher's maps as targets: weighted, the mean squared error of each standardised map, and the cross-entropy between
 * what the teacher's last layers make of the deepest map and of the student's prediction of it.
 */
export function distillation(weights, { mean, deviation }, size, lossWeights) {
  const shapes = mapShapes(size);
  const width = mean.shape[1];
  return {
    targetShape: [width],
    loss(graph, predicted, maps) {
      const batch = predicted.shape[0];
      const inverse = { ...deviation, data: deviation.data.map((value) => 1 / value) };
      const wanted = graph.add("Mul", [graph.add("Sub", [maps, graph.constant(mean)]), graph.constant(inverse)]);
      const gap = graph.add("Sub", [predicted, wanted]);
      const squares = graph.add("Mul", [gap, gap]);
      const slice = (value, from, to) => graph.add("Slice", [value, graph.ints([from]), graph.ints([to]), graph.ints([1])]);
      const parts = {};
      let at = 0;
      for (const [i, shape] of shapes.entries()) {
        const end = at + sizeOf(shape);
        parts[PARTS[i]] = graph.add("ReduceMean", [slice(squares, at, end), graph.ints([0, 1])], { keepdims: 0 });
        at = end;
      }
      const last = width - sizeOf(shapes.at(-1));
      const part = ({ data }) => graph.constant({ type: "float32", shape: [1, width - last], data: data.slice(last) });
      const own = graph.add("Add", [graph.add("Mul", [slice(predicted, last, width), part(deviation)]), part(mean)]);
      const scope = inferenceScope(graph, weights);
      const logits = (row) => applyStages(scope, REST, graph.add("Reshape", [row, graph.ints([batch, ...shapes.at(-1)])]));
      const soft = graph.add("Softmax", [logits(slice(maps, last, width))], { axis: 1 });
      const entropy = graph.add("Mul", [soft, graph.add("LogSoftmax", [logits(own)], { axis: 1 })]);
      const perImage = graph.add("ReduceSum", [entropy, graph.ints([1])], { keepdims: 0 });
      parts.classes = graph.add("Neg", [graph.add("ReduceMean", [perImage, graph.ints([0])], { keepdims: 0 })]);
      const weighted = PARTS.map((name) => graph.add("Mul", [parts[name], graph.scalar(lossWeights[name])]));
      return { loss: weighted.reduce((a, b) => graph.add("Add", [a, b])), parts };
    },
  };
}

function flat(graph, value) {
  return graph.add("Flatten", [value], { axis: 1 });
}

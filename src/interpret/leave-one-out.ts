// Probabilities of classes for images that the classifier has not seen: ridge regression on features, whose answer without a row follows
// from the answer with it, so that one solution serves all rows.

import { softmaxRows } from "../classifier/softmax.ts";
import type { WorkOptions } from "../core/progress.ts";
import { randomStream } from "../core/random.ts";
import type { Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { product } from "../graph/product.ts";
import type { Graph } from "../graph/types.ts";
import { fitTemperature, withTemperature } from "../metrics/calibrate.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { openSession } from "../runtime/session.ts";
import { inverse, productWithItself } from "./symmetric.ts";

export interface LeaveOneOutOptions extends Pick<WorkOptions, "onProgress" | "signal"> {
  readonly classes: number;
  readonly session?: SessionOptions;
}

/** The penalty in mean eigenvalues of the features' products: strong, so that a wrong label hardly draws others with it. */
const PENALTY = 1;
/** Features are summed into at most so many columns if there are more of them and of rows: the time grows with the cube. */
const WIDEST = 1024;
/** Rows per product. */
const BLOCK = 1024;
/** Rows that the temperature is fitted on, at most. */
const CALIBRATED = 2000;
/** Scores lie about in [0, 1]; the temperature that makes probabilities of them is within the bounds of `fitTemperature` at this scale. */
const SCALE = 20;
/** What is left of a row's weight without its own influence, at least: the influence is below 1 but for rounding. */
const LEAST = 1e-6;

/**
 * Probabilities [rows, classes] of each row by a linear classifier that was fitted on all other rows: `values` [rows, width] are standardised
 * features, `labels` class indices. It is ridge regression on the classes' indicators (Hastie, Tibshirani and Friedman 2009, section 7.10: a
 * row's answer without itself is (ŷ − h·y) / (1 − h)), followed by a softmax with the temperature that suits the labels best.
 */
export async function leaveOneOut(values: Float32Array, labels: ArrayLike<number>, options: LeaveOneOutOptions): Promise<Float32Array> {
  return (await leaveOneOutOfEach(values, [labels], options))[0] as Float32Array;
}

/** The same for several labellings of the rows, which share the work that does not depend on labels. */
export async function leaveOneOutOfEach(
  values: Float32Array,
  labellings: readonly ArrayLike<number>[],
  options: LeaveOneOutOptions,
): Promise<readonly Float32Array[]> {
  const { classes, session = {}, signal, onProgress } = options;
  const rows = labellings[0]?.length ?? 0;
  const report = (done: number): void => {
    signal?.throwIfAborted();
    onProgress?.({ task: "Comparing labels", done, total: 4 * rows, unit: "rows" });
  };
  const { points, width, gram, byRows } = await inFewColumns(values, rows, session, report);
  let trace = 0;
  for (let i = 0; i < width; i++) trace += gram[i * width + i]!;
  // If all features are 0, any penalty will do.
  const inverted = await inverse(gram, width, (PENALTY * trace) / width || 1, session, (share) => report(Math.floor((1 + share) * rows)));
  const columns = classes * labellings.length;
  const compiled = await openSession(fitGraph(inverted, byRows, sumsByClass(points, width, labellings, classes), width, columns), {
    ...session,
    name: "leave one out",
  });
  const all = labellings.map((labels) => ({ labels, counts: countsOf(labels, classes), scores: new Float32Array(rows * classes) }));
  try {
    for (let start = 0; start < rows; start += BLOCK) {
      const end = Math.min(rows, start + BLOCK);
      const rowsOf = (matrix: Float32Array): Tensor => ({
        type: "float32",
        shape: [end - start, width],
        data: matrix.slice(start * width, end * width),
      });
      const result = await compiled.run({ points: rowsOf(points), ...(byRows && { weighted: rowsOf(inverted) }) });
      const [fitted, leverage] = [result.fitted?.data as Float32Array, result.leverage?.data as Float32Array];
      for (let row = start; row < end; row++) {
        // The mean of the indicators is fitted too, without a penalty: it adds 1 / rows to each row's influence.
        const own = leverage[row - start]! + 1 / rows;
        for (const [k, { labels, counts, scores }] of all.entries())
          for (let label = 0; label < classes; label++) {
            const withRow = fitted[(row - start) * columns + k * classes + label]! + counts[label]! / rows;
            scores[row * classes + label] = (SCALE * (withRow - (label === labels[row] ? own : 0))) / Math.max(1 - own, LEAST);
          }
      }
      report(2 * rows + end);
    }
  } finally {
    await compiled.release();
  }
  return all.map(({ labels, scores }, k) => {
    const probabilities = softmaxRows(withTemperature(scores, temperatureFor(scores, labels, classes)), classes);
    report(3 * rows + Math.floor(((k + 1) / all.length) * rows));
    return probabilities;
  });
}

function countsOf(labels: ArrayLike<number>, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]!++;
  return counts;
}

/** The features' products with each other, XᵀX, or those of the rows, XXᵀ, if there are fewer of these (`byRows`), and the points: X or XXᵀ. */
async function inFewColumns(
  values: Float32Array,
  rows: number,
  session: SessionOptions,
  report: (done: number) => void,
): Promise<{ points: Float32Array; width: number; gram: Float32Array; byRows: boolean }> {
  const all = values.length / rows;
  const points = Math.min(all, rows) > WIDEST ? sketch(values, all) : values;
  const width = points.length / rows;
  const byRows = rows < width;
  const gram = await productWithItself(points, width, byRows, session, report);
  return byRows ? { points: gram, width: rows, gram, byRows } : { points, width, gram, byRows };
}

/** Each column added to one of WIDEST with a random sign, which keeps products of rows in the mean (Charikar, Chen and Farach-Colton 2002). */
function sketch(values: Float32Array, width: number): Float32Array {
  const random = randomStream("sketch");
  const places = Int32Array.from({ length: width }, () => random.integer(0, WIDEST - 1));
  const signs = Int8Array.from({ length: width }, () => (random.chance(0.5) ? 1 : -1));
  const result = new Float32Array((values.length / width) * WIDEST);
  for (let start = 0, to = 0; start < values.length; start += width, to += WIDEST)
    for (let i = 0; i < width; i++) result[to + places[i]!]! += signs[i]! * values[start + i]!;
  return result;
}

/**
 * From some rows of the points P, and with `byRows` the same rows of the inverse V: what is fitted to them, W·B [rows, columns], and each
 * row's influence on itself, the diagonal of W·Pᵀ [rows]. W is P·V, or V; B are the sums by class, of each labelling.
 */
function fitGraph(inverted: Float32Array, byRows: boolean, sums: Float32Array, width: number, columns: number): Graph {
  const graph = new GraphBuilder();
  const points = graph.input("points", "float32", ["rows", width]);
  const weighted = byRows
    ? graph.input("weighted", "float32", ["rows", width])
    : graph.add("MatMul", [points, graph.constant({ type: "float32", shape: [width, width], data: inverted }, "inverse")]);
  const fitted = product(graph, weighted, graph.constant({ type: "float32", shape: [columns, width], data: sums }, "sums"), {
    transB: true,
  });
  const leverage = graph.add("ReduceSum", [graph.add("Mul", [weighted, points]), graph.ints([1])], { keepdims: 0 });
  return graph.build({ fitted, leverage });
}

/** The sum of each class's points in each labelling: [labellings · classes, width]. */
function sumsByClass(points: Float32Array, width: number, labellings: readonly ArrayLike<number>[], classes: number): Float32Array {
  const sums = new Float32Array(classes * labellings.length * width);
  for (const [k, labels] of labellings.entries())
    for (let row = 0; row < labels.length; row++) {
      const start = (k * classes + labels[row]!) * width;
      for (let i = 0; i < width; i++) sums[start + i]! += points[row * width + i]!;
    }
  return sums;
}

function temperatureFor(scores: Float32Array, labels: ArrayLike<number>, classes: number): number {
  const step = Math.ceil(labels.length / CALIBRATED);
  const chosen = Array.from({ length: Math.ceil(labels.length / step) }, (_, i) => i * step);
  const some = new Float32Array(chosen.length * classes);
  for (const [i, row] of chosen.entries()) some.set(scores.subarray(row * classes, (row + 1) * classes), i * classes);
  return fitTemperature(
    some,
    chosen.map((row) => labels[row]!),
  );
}

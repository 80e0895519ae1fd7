// A linear model of feature vectors, fitted until it is best: multinomial or binary logistic regression, or least squares, with L2. How strong
// the L2 is, is chosen by cross-validation along a path of strengths, each of which begins where the stronger one ended.

import { expected } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { type Tensor, zeros } from "../../core/tensor.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";
import { drawFolds } from "./folds.ts";
import { Lbfgs } from "./lbfgs.ts";
import { type LinearTarget, type Objective, openObjective } from "./objective.ts";
import { type Standardized, standardize } from "./standardize.ts";

export interface LinearOptions extends Pick<WorkOptions, "signal"> {
  /** What the targets are: one class per row (rows of one 1), independent labels (0 or 1), or numbers; default "classes". */
  target?: LinearTarget;
  /**
   * Strengths of the L2 to choose from, above 0: the loss is the mean over the rows (of labels and numbers also over the outputs) plus l2/2
   * times the sum of the squared weights of the standardised features. scikit-learn's C for classes is 1/(rows · l2). Default: 3.16 down to 0.001, half a decade apart, or a decade
   * if there are more than 16 outputs.
   */
  l2s?: readonly number[];
  /** Folds of the cross-validation, at least 2; default 5. */
  folds?: number;
  /** The folds that are measured, from the first on; default all, or the first alone if there are more than 16 outputs. */
  measured?: number;
  /** Draws the folds; default 42. */
  seed?: number;
  session?: SessionOptions;
}

/** A strength of the L2, and the mean loss of rows that were held out. */
export interface StrengthLoss {
  readonly l2: number;
  readonly loss: number;
}

export interface LinearModel {
  /** [outputs, width], for features as they are. */
  readonly weight: Tensor<"float32">;
  /** [outputs]. */
  readonly bias: Tensor<"float32">;
  /** Mean and standard deviation of each feature; the deviation of a constant one counts as 1. */
  readonly mean: Float64Array;
  readonly std: Float64Array;
  /** The strength of the L2 that was chosen. */
  readonly l2: number;
  /** The strengths that were tried, strongest first. */
  readonly strengths: readonly StrengthLoss[];
  /** Times that the loss of all rows was evaluated. */
  readonly evaluations: number;
}

const STRENGTHS = [3.16, 1, 0.316, 0.1, 0.0316, 0.01, 0.00316, 0.001];
const COARSE_STRENGTHS = [1, 0.1, 0.01, 0.001];
const FOLDS = 5;
/** Up to this many outputs reading the features takes longer than the arithmetic, so that further folds cost little. */
const FEW_OUTPUTS = 16;
/** The least share by which a step must lower the loss: in the search for the strength, and at last. */
const [ROUGH, FINE] = [3e-3, 1e-5];
const MOST_EVALUATIONS = 200;

/**
 * Fits a linear model to `features` [rows, width] and `targets` [rows, outputs]. The same arguments give the same model. Throws a UsageError
 * for shapes that do not fit, fewer rows than folds, and numbers that are not finite.
 */
export async function fitLinear(
  features: Tensor<"float32">,
  targets: Tensor<"float32">,
  options: LinearOptions = {},
): Promise<LinearModel> {
  check(features, targets, options);
  const [rows, width] = features.shape as [number, number];
  const outputs = targets.shape[1] as number;
  const { l2s = outputs > FEW_OUTPUTS ? COARSE_STRENGTHS : STRENGTHS, target = "classes", session, signal } = options;
  const standard = standardize(features.data, width);
  // A column with a number that is not finite has no mean.
  if (!standard.mean.every(Number.isFinite)) throw expected("finite numbers", "the features", Number.NaN);
  if (!targets.data.every(Number.isFinite)) throw expected("finite numbers", "the targets", Number.NaN);
  const shared = { target, features: withOnes(standard.values, rows, width), targets, session };
  const search = await openObjective({ ...shared, fitted: fittedRows(targets, target, options) });
  const path = await alongPath(search, l2s, outputs * (width + 1), width + 1, signal).finally(() => search.release());
  const whole = await openObjective({ ...shared, fitted: [new Uint8Array(rows).fill(1)] });
  const fitted = await minimise(whole, [path.weights], path.l2, width + 1, FINE, signal).finally(() => whole.release());
  const evaluations = path.evaluations + fitted.evaluations;
  return { ...unstandardized(fitted.weights[0] as Float32Array, outputs, standard), l2: path.l2, strengths: path.strengths, evaluations };
}

/** The model's outputs, [rows, outputs], for the rows of `features`, which has `width` columns; of classes and labels they are logits. */
export async function predictLinear(
  { weight, bias }: Pick<LinearModel, "weight" | "bias">,
  features: Tensor<"float32">,
  session: SessionOptions = {},
): Promise<Float32Array> {
  const graph = new GraphBuilder();
  const x = graph.input("features", "float32", features.shape);
  const outputs = graph.add("Gemm", [x, graph.constant(weight), graph.constant(bias)], { transB: 1 });
  const compiled = await openSession(graph.build({ outputs }), { ...session, name: "linear model" });
  try {
    return (await compiled.run({ features })).outputs?.data as Float32Array;
  } finally {
    await compiled.release();
  }
}

interface Path {
  readonly strengths: readonly StrengthLoss[];
  readonly l2: number;
  /** The mean of the folds' weights at the best strength: where the fit to all rows begins. */
  readonly weights: Float32Array;
  readonly evaluations: number;
}

/** Goes from the strongest L2 to weaker ones, until the loss of held-out rows rises. */
async function alongPath(
  objective: Objective,
  l2s: readonly number[],
  size: number,
  width: number,
  signal: AbortSignal | undefined,
): Promise<Path> {
  let weights: readonly Float32Array[] = Array.from({ length: objective.models }, () => new Float32Array(size));
  let evaluations = 0;
  const strengths: StrengthLoss[] = [];
  let best: { l2: number; loss: number; weights: readonly Float32Array[] } | undefined;
  for (const l2 of [...l2s].sort((a, b) => b - a)) {
    const fitted = await minimise(objective, weights, l2, width, ROUGH, signal);
    weights = fitted.weights;
    evaluations += fitted.evaluations;
    const loss = fitted.heldLosses.reduce((a, b) => a + b, 0) / fitted.heldLosses.length;
    strengths.push({ l2, loss });
    if (best && !(loss < best.loss)) break;
    best = { l2, loss, weights };
  }
  if (!best) throw new Error("There is no strength to choose from");
  return { strengths, l2: best.l2, weights: meanOf(best.weights), evaluations };
}

/** The weights [outputs, width] that minimise each model's loss plus the L2 of all but the last column. */
async function minimise(
  objective: Objective,
  starts: readonly Float32Array[],
  l2: number,
  width: number,
  tolerance: number,
  signal: AbortSignal | undefined,
): Promise<{ weights: readonly Float32Array[]; heldLosses: readonly number[]; evaluations: number }> {
  const searches = starts.map((start) => new Lbfgs(start, tolerance));
  const heldLosses = starts.map(() => Number.NaN);
  let evaluations = 0;
  while (searches.some(({ done }) => !done) && evaluations < MOST_EVALUATIONS) {
    signal?.throwIfAborted();
    const points = searches.map(({ point }) => point);
    const results = await objective.evaluate(points);
    evaluations++;
    for (const [model, search] of searches.entries()) {
      const { loss, heldLoss, gradient } = results[model]!;
      if (search.done) continue;
      search.tell(loss + penalise(points[model] as Float32Array, gradient, l2, width), gradient);
      if (search.best === points[model]) heldLosses[model] = heldLoss;
    }
  }
  return { weights: searches.map(({ best }) => best), heldLosses, evaluations };
}

/** Adds the gradient of l2/2·Σw² to `gradient`, and returns that. The last column holds the biases, which are free. */
function penalise(weights: Float32Array, gradient: Float32Array, l2: number, width: number): number {
  let squares = 0;
  for (let start = 0; start < weights.length; start += width)
    for (let i = start; i < start + width - 1; i++) {
      const weight = weights[i]!;
      squares += weight * weight;
      gradient[i]! += l2 * weight;
    }
  return (l2 / 2) * squares;
}

function check(features: Tensor<"float32">, targets: Tensor<"float32">, { l2s = STRENGTHS, folds = FOLDS, measured }: LinearOptions): void {
  const [rows, ...rest] = features.shape;
  if (rows === undefined || rest.length !== 1) throw expected("[rows, width]", "the shape of the features", features.shape);
  if (targets.shape.length !== 2 || targets.shape[0] !== rows)
    throw expected(`[${rows}, outputs]`, "the shape of the targets", targets.shape);
  if (!Number.isInteger(folds) || folds < 2) throw expected("a whole number of at least 2", "folds", folds);
  if (rows < folds) throw expected(`at least ${folds} rows (one for each fold)`, "the features", rows);
  if (measured !== undefined && !(Number.isInteger(measured) && measured >= 1 && measured <= folds))
    throw expected(`a whole number from 1 to ${folds}`, "measured", measured);
  if (l2s.length === 0 || !l2s.every((l2) => l2 > 0 && Number.isFinite(l2))) throw expected("numbers above 0", "l2s", l2s);
  for (const [name, { data }] of Object.entries({ features, targets }))
    if (!data.every(Number.isFinite))
      throw expected(
        "finite numbers",
        `the ${name}`,
        data.find((value) => !Number.isFinite(value)),
      );
}

/** Of each fold that is measured, the rows outside it. */
function fittedRows(targets: Tensor<"float32">, target: LinearTarget, options: LinearOptions): readonly Uint8Array[] {
  const [rows, outputs] = targets.shape as [number, number];
  const { folds = FOLDS, measured = outputs > FEW_OUTPUTS ? 1 : folds, seed = 42 } = options;
  const labels = Array.from({ length: rows }, (_, row) =>
    target === "classes" ? targets.data.subarray(row * outputs, (row + 1) * outputs).indexOf(1) : 0,
  );
  const fold = drawFolds(labels, folds, seed);
  return Array.from({ length: measured }, (_, held) => Uint8Array.from(fold, (its) => (its === held ? 0 : 1)));
}

/** The features with a last column of ones, whose weights are the biases. */
function withOnes(values: Float32Array, rows: number, width: number): Tensor<"float32"> {
  const result = zeros("float32", [rows, width + 1]);
  for (let row = 0; row < rows; row++) {
    const start = row * (width + 1);
    result.data.set(values.subarray(row * width, (row + 1) * width), start);
    result.data[start + width] = 1;
  }
  return result;
}

/** The model of the features as they are, from weights [outputs, width + 1] of standardised ones. */
function unstandardized(
  weights: Float32Array,
  outputs: number,
  { mean, scale }: Standardized,
): Pick<LinearModel, "weight" | "bias" | "mean" | "std"> {
  const width = mean.length;
  const [weight, bias] = [zeros("float32", [outputs, width]), zeros("float32", [outputs])];
  for (let output = 0; output < outputs; output++) {
    const start = output * (width + 1);
    let shift = weights[start + width]!;
    for (let i = 0; i < width; i++) {
      const scaled = weights[start + i]! * scale[i]!;
      weight.data[output * width + i] = scaled;
      shift -= scaled * mean[i]!;
    }
    bias.data[output] = shift;
  }
  return { weight, bias, mean, std: scale.map((value) => (value > 0 ? 1 / value : 1)) };
}

function meanOf(each: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(each[0]?.length ?? 0);
  for (const values of each) for (const [i, value] of values.entries()) mean[i]! += value / each.length;
  return mean;
}

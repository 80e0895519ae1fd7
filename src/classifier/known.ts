// What a model knows of its classes' photographs: with it, a photograph of none of them can be told by its distance from them, where the
// probability is as sure as ever.

import { float32, type Tensor } from "../core/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/types.ts";
import { describeStages, type ParameterSpec, type Parameters, type Stage } from "../nn/scope.ts";

/** What is kept of a training set's features: a few numbers for each class and feature. */
export interface KnownClasses {
  /** The classes' means of the signed square roots of the features: [classes, width]. */
  readonly means: Float32Array;
  /** What the squared differences are multiplied by: [width]. */
  readonly precision: Float32Array;
}

/** Names in the weights' file; no layer's name begins so. */
const [MEANS, PRECISION] = ["known.means", "known.precision"];

/** The two tensors of the weights' file. */
export function knownTensors({ means, precision }: KnownClasses): ReadonlyMap<string, Tensor<"float32">> {
  const width = precision.length;
  return new Map([
    [MEANS, float32(means, [means.length / width, width])],
    [PRECISION, float32(precision, [width])],
  ]);
}

/** What `parameters` hold of the classes. */
export function knownIn(parameters: Parameters): KnownClasses {
  const data = (name: string): Float32Array => parameters.get(name)?.data as Float32Array;
  return { means: data(MEANS), precision: data(PRECISION) };
}

/** The parameters without what they hold of the classes. */
export function withoutKnown(parameters: Parameters): Parameters {
  return new Map([...parameters].filter(([name]) => name !== MEANS && name !== PRECISION));
}

/** The stages before the head, whose output is an image's features, and the head. */
export function splitAtHead(stages: readonly Stage[]): readonly [features: readonly Stage[], head: readonly Stage[]] {
  const at = stages.findIndex(({ group }) => group === 2);
  return [stages.slice(0, at), stages.slice(at)];
}

/** The two tensors' names and shapes for a network of `stages` on images of shape `input`; none if its head takes maps instead of vectors. */
export function knownSpecs(stages: readonly Stage[], input: readonly number[], classes: number): readonly ParameterSpec[] {
  const { output } = describeStages(splitAtHead(stages)[0], input);
  const [, width, ...more] = output;
  if (width === undefined || more.length > 0) return [];
  return [
    { name: MEANS, shape: [classes, width], kind: "mean" },
    { name: PRECISION, shape: [width], kind: "scale" },
  ];
}

/**
 * The distance of each row of `features` [n, width] to the nearest class, in units of `limit`: [n]. The same as metrics.distancesToKnown, as
 * one matrix product; the classes' centre is taken off first, so that single precision is enough.
 */
export function distanceNode(graph: GraphBuilder, features: Value, { means, precision }: KnownClasses, limit: number): Value {
  const width = precision.length;
  const classes = means.length / width;
  const factors = precision.map(Math.sqrt);
  const centre = Float32Array.from(precision, (_, i) => {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += means[k * width + i]!;
    return sum / classes;
  });
  const places = means.map((mean, i) => (mean - centre[i % width]!) * factors[i % width]!);
  const lengths = Float32Array.from({ length: classes }, (_, k) =>
    places.subarray(k * width, (k + 1) * width).reduce((sum, place) => sum + place * place, 0),
  );
  const root = (value: Value): Value => graph.add("Sqrt", [graph.add("Relu", [value])]);
  const roots = graph.add("Sub", [root(features), root(graph.add("Neg", [features]))]);
  const row = (values: Float32Array): Value => graph.constant({ type: "float32", shape: [width], data: Float32Array.from(values) });
  const place = graph.add("Mul", [graph.add("Sub", [roots, row(centre)]), row(factors)]);
  const twice = graph.constant(
    float32(
      places.map((value) => -2 * value),
      [classes, width],
    ),
  );
  const towards = graph.add("Gemm", [place, twice, graph.constant(float32(lengths, [classes]))], { transB: 1 });
  const nearest = graph.add("ReduceMin", [towards, graph.ints([1])], { keepdims: 0 });
  const squared = graph.add("Add", [graph.add("ReduceSumSquare", [place, graph.ints([1])], { keepdims: 0 }), nearest]);
  return graph.add("Mul", [root(squared), graph.scalar(1 / (Math.sqrt(width) * limit))]);
}

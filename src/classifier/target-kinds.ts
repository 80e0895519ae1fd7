// What the outputs of a saved model's network mean: one row for each kind of target.

import type { TargetKind } from "../data/dataset/targets.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/types.ts";
import type { ModelDescription } from "./format.ts";
import { softmaxRows } from "./softmax.ts";
import { sigmoids, unscale } from "./targets.ts";

/** The meaning of a model's outputs. */
export interface OutputMeaning {
  readonly kind: TargetKind;
  /** The name of an exported model's output. */
  readonly answers: "probabilities" | "values";
  /** Answers [rows, classes] for `outputs` [rows, classes], as a new array. */
  activate(outputs: Float32Array, classes: number): Float32Array;
  /** The same as a node of a graph. */
  node(graph: GraphBuilder, outputs: Value): Value;
  /**
   * Whether a class is predicted, given its probability, its rank (0 for the most probable) and the image's distance; undefined if the most
   * probable always is.
   */
  isPresent?: (probability: number, place: number, distance: number | undefined) => boolean;
  /** Further metadata of an exported model. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An image that lies farther from the known classes is of none of them: distances are in units of the limit. */
export const NONE_ABOVE = 1;

type Target = NonNullable<ModelDescription["target"]>;
/** What model.json contains about the outputs beside their kind. */
interface Details {
  readonly single: Pick<ModelDescription, "calibration">;
  readonly multi: Extract<Target, { kind: "multi" }>;
  readonly continuous: Extract<Target, { kind: "continuous" }>;
}

const MEANINGS: { readonly [Kind in TargetKind]: (details: Details[Kind]) => Omit<OutputMeaning, "kind"> } = {
  single: ({ calibration: { noneBelow, known } = { temperature: 1 } }) => ({
    answers: "probabilities",
    activate: softmaxRows,
    node: (graph, logits) => graph.add("Softmax", [logits], { axis: 1 }),
    ...((noneBelow !== undefined || known) && {
      isPresent: (probability, place, distance) =>
        place === 0 && probability >= (noneBelow ?? 0) && !(distance !== undefined && distance > NONE_ABOVE),
    }),
    metadata: {
      ...(noneBelow !== undefined && { none_below: `${noneBelow}` }),
      ...(known && { none_above_distance: `${NONE_ABOVE}` }),
    },
  }),
  multi: ({ threshold }) => ({
    answers: "probabilities",
    activate: sigmoids,
    node: (graph, logits) => graph.add("Sigmoid", [logits]),
    isPresent: (probability) => probability >= threshold,
    metadata: { threshold: `${threshold}` },
  }),
  continuous: (scale) => ({
    answers: "values",
    activate: (outputs) => unscale(outputs, scale),
    node(graph, outputs) {
      const row = (values: readonly number[]): Value =>
        graph.constant({ type: "float32", shape: [1, values.length], data: Float32Array.from(values) });
      return graph.add("Add", [graph.add("Mul", [outputs, row(scale.std)]), row(scale.mean)]);
    },
    metadata: {},
  }),
};

/** The kind of a model's targets; a model.json without a target has one class per image. */
export function kindOf({ target }: Pick<ModelDescription, "target">): TargetKind {
  return target?.kind ?? "single";
}

/** The meaning of the model's outputs. */
export function meaningOf({ target, calibration }: Pick<ModelDescription, "target" | "calibration">): OutputMeaning {
  const kind = kindOf({ target });
  const meaning = MEANINGS[kind] as (details: unknown) => Omit<OutputMeaning, "kind">;
  return { kind, ...meaning(target ?? { calibration }) };
}

/** The answers [rows, classes] for `outputs` [rows, classes], with the model's calibration (Guo et al. 2017), as a new array. */
export function answersOf(outputs: Float32Array, description: Pick<ModelDescription, "classes" | "target" | "calibration">): Float32Array {
  const { classes, calibration } = description;
  const calibrated = calibration ? outputs.map((output) => output / calibration.temperature) : outputs;
  return meaningOf(description).activate(calibrated, classes.length);
}

// What a recipe holds: the value of each choice, as the choice's row describes it, and the plan that follows from the others.

import * as v from "valibot";
import type { ValueChoice } from "../choices/choice.ts";
import type { ChosenValues, ValueChoiceTable } from "../choices/choice-table.ts";
import { epochsOf, MOST_EPOCHS } from "../choices/epochs.ts";
import { LEAST_SIZE, MOST_SIZE } from "../choices/plan-choices.ts";
import type { ValueKind } from "../choices/values.ts";
import { TRAINING_STAGES } from "../choices/words.ts";

const Whole = (least: number, most = Number.MAX_SAFE_INTEGER) => v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
const Positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

const Coefficient = v.pipe(v.number(), v.finite());

const StageFields = v.strictObject({
  name: v.picklist(TRAINING_STAGES),
  /** A name of `architectures`, or the path of an ONNX file. */
  network: v.string(),
  /** Width and height of the images in pixels. */
  size: Whole(LEAST_SIZE, MOST_SIZE),
  /** Epochs are cycleLen · (1 + cycleMult + cycleMult² + …), one term for each cycle; the rate falls along a cosine in each. */
  cycles: Whole(1, MOST_EPOCHS),
  cycleLen: Whole(1, MOST_EPOCHS),
  cycleMult: Whole(1, 10),
  /** The head's learning rate; left out, the finder's. */
  lr: v.optional(Positive),
});
const StageSchema = v.pipe(
  StageFields,
  v.check((stage) => epochsOf(stage) <= MOST_EPOCHS, `Invalid cycles: Expected at most ${MOST_EPOCHS} epochs in all`),
);

const PlanFields = {
  stages: v.pipe(v.array(StageSchema), v.minLength(1), v.readonly()),
  /** The value or node that ends the body of networks which are ONNX files; left out, the one that they are cut at by default. */
  cut: v.optional(v.string()),
  /** The normalisation of their images, (x − mean) / std for red, green and blue in [0, 1]; left out, what thaw finds in the file. */
  mean: v.optional(v.tuple([Coefficient, Coefficient, Coefficient])),
  std: v.optional(v.tuple([Positive, Positive, Positive])),
  /** Weights by network, if they are not its first ones: a path, a row of the catalogue, or a file of the hub. */
  weights: v.record(v.string(), v.string()),
  /** The photographs it was made for: a hash of all files and labels. */
  data: v.strictObject({ fingerprint: v.string(), classes: Whole(1), train: Whole(1), valid: Whole(1) }),
  /** The reasons for the choices, for people. */
  why: v.record(v.string(), v.string()),
};
const PlanSchema = v.strictObject(PlanFields);

/** Everything that was chosen for a run, so that another run can repeat it. */
export interface Recipe extends ChosenValues, v.InferOutput<typeof PlanSchema> {
  readonly format: "thaw recipe";
  readonly version: 1;
}

/** A stage that trains, on one network at one size. */
export type StagePlan = Recipe["stages"][number];

/** The schema of recipes whose choices are those of `table`. */
export function recipeSchema(table: ValueChoiceTable): v.GenericSchema<unknown> {
  return v.strictObject({
    format: v.literal("thaw recipe"),
    version: v.literal(1),
    ...Object.fromEntries(Object.entries(table).map(([key, row]) => [key, entryOf(row)])),
    ...PlanFields,
  });
}

function entryOf({ value, missing }: ValueChoice): v.GenericSchema<unknown> {
  if (!missing) return valueSchema(value);
  return missing.value === undefined ? v.optional(valueSchema(value)) : v.optional(valueSchema(value), missing.value);
}

/** The schema of the values that `kind` describes. */
export function valueSchema(kind: ValueKind): v.GenericSchema<unknown> {
  switch (kind.kind) {
    case "integer":
      return Whole(kind.least, kind.most);
    case "number": {
      const { least, most = Number.POSITIVE_INFINITY, below = Number.POSITIVE_INFINITY } = kind;
      return v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(most), v.ltValue(below));
    }
    case "word":
      return v.picklist(kind.words);
    case "boolean":
      return v.boolean();
    case "text":
      return v.string();
    case "list":
      return v.array(valueSchema(kind.of));
  }
}

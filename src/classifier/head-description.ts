// A saved model's description of its head: fastai's, by its hidden layers, or a list of layers. Data, never code.

import * as v from "valibot";

const Positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const Probability = v.pipe(v.number(), v.minValue(0), v.ltValue(1));
const Outputs = v.union([Positive, v.literal("classes")]);

const LayerSchema = v.union([
  v.picklist(["concatPool", "averagePool", "maxPool", "batchNorm", "relu"]),
  v.strictObject({ dropout: Probability }),
  v.strictObject({ linear: Outputs }),
  v.strictObject({ conv: Outputs, kernel: v.optional(Positive) }),
]);

/** Children that are cut from the end of the body. */
const xtraCut = v.optional(Positive);
const MOST_BLOCKS = 100;
const fastaiHead = {
  hidden: v.pipe(v.array(Positive), v.maxLength(MOST_BLOCKS), v.readonly()),
  ps: v.pipe(v.array(Probability), v.maxLength(MOST_BLOCKS + 1), v.readonly()),
};

/** The head of a model.json of version 1 or 2. */
export const FastaiHead = v.strictObject(fastaiHead);

/** The head of model.json. */
export const HeadSchema = v.union([
  v.strictObject({ ...fastaiHead, xtraCut }),
  v.strictObject({ layers: v.pipe(v.array(LayerSchema), v.minLength(1), v.maxLength(1000), v.readonly()), xtraCut }),
]);

export type HeadDescription = v.InferOutput<typeof HeadSchema>;

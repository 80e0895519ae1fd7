// Predictions as the work of shards: which names, what decides their rows, and the rows.

import type { Classifier } from "../../classifier/classifier.ts";
import type { ModelDescription } from "../../classifier/format.ts";
import type { Regressor } from "../../classifier/regressor.ts";
import { fileAt } from "../../data/files/remote.node.ts";
import type { ShardWork } from "../../shards/write-shard.ts";
import { type Predicted, predictJson } from "./lines.ts";

/** What decides the rows of predictions, beside the photographs. */
export const workOf = (model: ModelDescription, predicted: Predicted): unknown => ({ task: "predict", model, predicted });

/** The predictions of `model` as writeShard takes them. */
export function predictions(model: Classifier | Regressor, predicted: Predicted): Pick<ShardWork, "work" | "about" | "rows"> {
  return {
    work: workOf(model.description, predicted),
    about: { task: "predict", predicted },
    async *rows(names, signal) {
      for await (const result of model.predictFiles(names.map(fileAt), signal && { signal }))
        yield { line: predictJson(result, predicted), failed: "error" in result };
    },
  };
}

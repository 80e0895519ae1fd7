// A trained regressor for use in a product: from a picture to numbers, such as an age. Loads no training code.

import { UsageError } from "../core/errors.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import type { ModelDescription } from "./format.ts";
import { type FilesOptions, type Model, openModel, type Picture, type PictureFile, type RawAnswer } from "./model.ts";
import { type ModelSource, modelName, readModel } from "./read-model.ts";
import { answersOf, kindOf } from "./target-kinds.ts";

/** The predicted numbers of one picture by column name, in the order of the columns and the units of the training data. */
export type Values = ReadonlyMap<string, number>;

/** The result for one file: its numbers, or why it could not be read. */
export type FileValues = { readonly file: string; readonly values: Values } | { readonly file: string; readonly error: string };

export interface Regressor {
  readonly kind: "continuous";
  /** The names of the predicted columns. */
  readonly columns: readonly string[];
  readonly description: ModelDescription;
  /** The numbers of one picture; simultaneous requests are computed in one batch. Throws an ImageError if it cannot be read. */
  predict(picture: Picture): Promise<Values>;
  /** The numbers of many files, in their order, computed in batches; a file that cannot be read does not stop the others. */
  predictFiles(files: readonly PictureFile[], options?: FilesOptions): AsyncIterable<FileValues>;
  /** Waits for running predictions and frees the network's memory; predicting afterwards throws a UsageError. */
  dispose(): Promise<void>;
}

/** Loads the model folder of a regressor. Throws a UsageError for any other folder, and for a classifier. */
export async function loadRegressor(source: ModelSource, options: SessionOptions = {}): Promise<Regressor> {
  const saved = await readModel(source);
  if (kindOf(saved.description) !== "continuous")
    throw new UsageError(`The model in ${modelName(source)} predicts classes, not numbers`, "Load it with loadClassifier.");
  return regressorOf(await openModel(saved, options));
}

/** Wraps an open regression model. */
export function regressorOf(model: Model): Regressor {
  const { description } = model;
  const columns = description.classes;
  const read = ({ outputs }: RawAnswer): Values => {
    const values = answersOf(outputs, description);
    return new Map(columns.map((name, i) => [name, values[i] as number]));
  };
  return {
    kind: "continuous",
    columns,
    description,
    predict: async (picture) => read(await model.outputs(picture)),
    async *predictFiles(files, options = {}) {
      for await (const found of model.files(files, read, options))
        yield "error" in found ? found : { file: found.file, values: found.result };
    },
    dispose: () => model.dispose(),
  };
}

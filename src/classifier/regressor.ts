// A trained regressor in a product: from a picture to numbers, such as an age. Loads no training code.

import { UsageError } from "../core/errors.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import type { ModelDescription } from "./format.ts";
import { type FilesOptions, type Model, openModel, type Picture } from "./model.ts";
import { type ModelSource, modelName, readModel } from "./read-model.ts";
import { answersOf, kindOf } from "./target-kinds.ts";

/** The predicted numbers of one picture by the names of their columns, in the units of the training data. */
export type Values = Readonly<Record<string, number>>;

/** The result for one file: its numbers, or why it could not be read. */
export type FileValues = { readonly file: string; readonly values: Values } | { readonly file: string; readonly error: string };

export interface Regressor {
  readonly kind: "continuous";
  /** Names of the numbers. */
  readonly columns: readonly string[];
  readonly description: ModelDescription;
  /** The numbers of one picture; as those of a classifier's predict. Throws ImageError for a picture that cannot be read. */
  predict(picture: Picture): Promise<Values>;
  /** The numbers of many files, in their order, read and computed in batches; a file that cannot be read does not stop the rest. */
  predictFiles(files: readonly string[], options?: FilesOptions): AsyncIterable<FileValues>;
  /** Frees the network's memory after running predictions have ended; predicting afterwards throws a UsageError. */
  dispose(): Promise<void>;
}

/** Loads the model folder of a regression. Throws a UsageError for a folder that is not one, and for a model of classes. */
export async function loadRegressor(source: ModelSource, options: SessionOptions = {}): Promise<Regressor> {
  const saved = await readModel(source);
  if (kindOf(saved.description) !== "continuous")
    throw new UsageError(`The model in ${modelName(source)} predicts classes, not numbers`, "Load it with loadClassifier.");
  return regressorOf(await openModel(saved, options));
}

/** The regressor of an open model of numbers. */
export function regressorOf(model: Model): Regressor {
  const { description } = model;
  const columns = description.classes;
  const read = (outputs: Float32Array): Values => {
    const values = answersOf(outputs, description);
    return Object.fromEntries(columns.map((name, i) => [name, values[i] as number]));
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

// A trained classifier for use in a product: from a picture to classes and probabilities. Loads no training code.

import { UsageError } from "../core/errors.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import type { ModelDescription } from "./format.ts";
import { type FilesOptions, type Model, openModel, type Picture, type PictureFile, type RawAnswer } from "./model.ts";
import { type ModelSource, modelName, readModel } from "./read-model.ts";
import { type Regressor, regressorOf } from "./regressor.ts";
import { answersOf, kindOf, meaningOf, type OutputMeaning } from "./target-kinds.ts";

export interface Prediction {
  readonly class: string;
  /** In [0, 1], after temperature scaling; the probabilities of all classes sum to 1, unless an image may have several labels. */
  readonly probability: number;
  /**
   * Whether the image is of this class, for models that do not always name one. If an image may have several labels: whether the
   * probability reaches the model's threshold. If it may belong to no class: whether this is the best class, reaches `noneBelow`, and the
   * image lies near enough to the known classes.
   */
  readonly present?: boolean;
  /**
   * Of the most probable class, if the model knows how its classes' photographs look: how far the image lies from them. Above 1 it lies
   * farther than most of the validation photographs, and is taken for none of the classes, however high the probability is.
   */
  readonly distance?: number;
}

/** The result for one file: its predictions, most probable first, or why it could not be read. */
export type FilePrediction =
  | { readonly file: string; readonly predictions: readonly Prediction[] }
  | { readonly file: string; readonly error: string };

export interface Classifier {
  /** "single": an image is of one class; "multi": it has any number of labels. */
  readonly kind: "single" | "multi";
  readonly classes: readonly string[];
  readonly description: ModelDescription;
  /**
   * The classes of one picture, most probable first. Simultaneous requests are computed in one batch, with the same results. Throws an
   * ImageError for a picture that cannot be read.
   */
  predict(picture: Picture): Promise<readonly Prediction[]>;
  /** The classes of many files, in their order, computed in batches; a file that cannot be read does not stop the others. */
  predictFiles(files: readonly PictureFile[], options?: FilesOptions): AsyncIterable<FilePrediction>;
  /** Waits for running predictions and frees the network's memory; predicting afterwards throws a UsageError. */
  dispose(): Promise<void>;
}

/** Loads the model folder that `ConvLearner.save` or `thaw train` wrote. Throws a UsageError for any other folder, and for a regressor. */
export async function loadClassifier(source: ModelSource, options: SessionOptions = {}): Promise<Classifier> {
  const saved = await readModel(source);
  const { classes } = saved.description;
  if (kindOf(saved.description) === "continuous")
    throw new UsageError(
      `The model in ${modelName(source)} predicts numbers (${classes.join(", ")}), not classes`,
      "Load it with loadRegressor.",
    );
  return classifierOf(await openModel(saved, options));
}

/** Loads a model folder of either kind; the result's `kind` is "continuous" for a regressor. Throws a UsageError for any other folder. */
export async function loadModel(source: ModelSource, options: SessionOptions = {}): Promise<Classifier | Regressor> {
  const model = await openModel(await readModel(source), options);
  return kindOf(model.description) === "continuous" ? regressorOf(model) : classifierOf(model);
}

function classifierOf(model: Model): Classifier {
  const { description } = model;
  const { classes } = description;
  const { kind, isPresent } = meaningOf(description);
  const read = ({ outputs, distance }: RawAnswer): readonly Prediction[] =>
    rank(classes, answersOf(outputs, description), isPresent, distance);
  return {
    kind: kind as Classifier["kind"],
    classes,
    description,
    predict: async (picture) => read(await model.outputs(picture)),
    async *predictFiles(files, options = {}) {
      for await (const found of model.files(files, read, options))
        yield "error" in found ? found : { file: found.file, predictions: found.result };
    },
    dispose: () => model.dispose(),
  };
}

function rank(
  classes: readonly string[],
  probabilities: Float32Array,
  isPresent: OutputMeaning["isPresent"],
  distance: number | undefined,
): readonly Prediction[] {
  const sorted = classes
    .map((name, i) => ({ class: name, probability: probabilities[i] as number }))
    .sort((a, b) => b.probability - a.probability);
  if (!isPresent) return sorted;
  return sorted.map((each, place) => ({
    ...each,
    present: isPresent(each.probability, place, distance),
    ...(place === 0 && distance !== undefined && { distance }),
  }));
}

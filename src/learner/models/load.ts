// Continues from a saved model: its network with a last layer for the classes of the data, in any order, known ones as they were learnt.

import { type ModelSource, modelName, readModel } from "../../classifier/read-model.ts";
import { kindOf } from "../../classifier/target-kinds.ts";
import { type Scale, scaleOf } from "../../classifier/targets.ts";
import { expected, UsageError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import { initialiseParameters } from "../../nn/initialise.ts";
import { withUntrainable } from "../../nn/onnx/trainable.ts";
import { type Parameters, parameterOf } from "../../nn/scope.ts";
import { type Network, networkOf, outputParameters } from "../network.ts";

export interface OpenSavedOptions {
  /** Drops the model's classes that the data lacks; default false, which refuses such data. */
  readonly dropClasses?: boolean | undefined;
  /** Draws the rows of the classes that the model does not know. */
  readonly seed: number;
}

/** What a learner continues with. */
export interface Saved {
  readonly network: Network;
  readonly parameters: Parameters;
  readonly threshold?: number;
  readonly scale?: Scale;
}

/** Reads the model `source` for `data`. Throws a UsageError for data of another kind, normalisation or lack of classes. */
export async function openSaved(
  source: ModelSource,
  data: ImageClassifierData,
  { dropClasses = false, seed }: OpenSavedOptions,
): Promise<Saved> {
  const { description, architecture, parameters } = await readModel(source);
  const { target, classes, head, preprocessing } = description;
  const name = modelName(source);
  const kind = kindOf(description);
  if (kind !== data.kind) throw expected(`targets of the kind "${kind}", as the model in ${name} has,`, "the data", data.kind);
  if (preprocessing.mean.join() !== data.tfms.mean.join() || preprocessing.std.join() !== data.tfms.std.join())
    throw new UsageError(
      `The data is not normalised as the model in ${name} was trained: mean ${preprocessing.mean.join(", ")}, deviation ${preprocessing.std.join(", ")}`,
      "Make its transforms with tfmsFromStats and these numbers.",
    );
  const missing = classes.filter((known) => !data.classes.includes(known));
  if (missing.length > 0 && !dropClasses)
    throw new UsageError(
      `The data lacks ${missing.length} of the ${classes.length} ${TARGET_KINDS[kind].names} that the model in ${name} knows: ${missing.join(", ")}`,
      "Add images of them, or give dropClasses: true to go on without them.",
    );
  const network = networkOf(withUntrainable(architecture), head, data.c, data.channels);
  const rows = data.classes.map((wanted) => classes.indexOf(wanted));
  return {
    network,
    parameters: withRows(network, parameters, rows, seed),
    ...(target?.kind === "multi" && { threshold: target.threshold }),
    ...(target?.kind === "continuous" && { scale: scaleWith(target, rows, data) }),
  };
}

/** The parameters with the last layer's rows in the order of `rows`, each a row of the model, or −1 for one to be drawn. */
function withRows(network: Network, parameters: Parameters, rows: readonly number[], seed: number): Parameters {
  const fresh = initialiseParameters(outputParameters(network), seed, "new classes");
  return new Map(
    [...parameters].map(([name, old]) => {
      const drawn = fresh.get(name) as Tensor<"float32"> | undefined;
      if (!drawn) return [name, old] as const;
      const length = drawn.data.length / rows.length;
      for (const [to, from] of rows.entries())
        if (from >= 0)
          drawn.data.set(
            (parameterOf(parameters, name) as Tensor<"float32">).data.subarray(from * length, (from + 1) * length),
            to * length,
          );
      return [name, drawn] as const;
    }),
  );
}

/** The scale of the model's columns, and of the data for those that the model does not know. */
function scaleWith({ mean, std }: Scale, rows: readonly number[], data: ImageClassifierData): Scale {
  const own = scaleOf(data.train.map((item) => item.values ?? []));
  const of = (known: readonly number[], fresh: readonly number[]) => rows.map((row, i) => (row < 0 ? fresh[i] : known[row]) as number);
  return { mean: of(mean, own.mean), std: of(std, own.std) };
}

// Writes a learner's network as a model folder: what a product needs, and a description of the training.

import type { Calibration, ModelContents } from "../../classifier/format.ts";
import { type KnownClasses, knownTensors } from "../../classifier/known.ts";
import { writeModel } from "../../classifier/write-model.ts";
import type { Store } from "../../core/store/store.ts";
import { storeOf } from "../../core/store/store-of.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { Network } from "../network.ts";
import { LEARNER_KINDS, type OutputSettings } from "../task/target-kinds.ts";

export interface SaveOptions extends OutputSettings {
  readonly network: Network;
  readonly data: ImageClassifierData;
  readonly parameters: Parameters;
  readonly calibration: Calibration | undefined;
  /** What is known of the classes, if the calibration has a limit for it. */
  readonly known: KnownClasses | undefined;
  /** Describes the training to readers. */
  readonly training: Readonly<Record<string, unknown>>;
}

/** Writes the model that `loadClassifier` reads. */
export async function saveModel(place: string | Store, options: SaveOptions): Promise<void> {
  const { parameters, network, known } = options;
  const weights = known ? new Map([...parameters, ...knownTensors(known)]) : parameters;
  await writeModel(storeOf(place), contentsOf(options), weights, network.architecture.stored);
}

/** What the model.json of a model says. */
export function contentsOf({
  network,
  data,
  threshold,
  scale,
  calibration,
  training,
}: Omit<SaveOptions, "parameters" | "known">): ModelContents {
  const { architecture, head } = network;
  const { classes, kind } = data;
  const target = LEARNER_KINDS[kind].saved({ threshold, scale });
  const { size, mean, std, valid } = data.tfms;
  const crop = valid.crop === "none" ? "none" : "center";
  const preprocessing = { size, crop, pad: valid.pad, interpolation: "bilinear", antialias: true, mean, std } as const;
  return {
    architecture: architecture.name,
    head,
    classes,
    ...(target && { target }),
    ...(calibration && { calibration }),
    preprocessing,
    training,
  };
}

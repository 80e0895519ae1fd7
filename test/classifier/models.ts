// Small models for testing the classifier: SqueezeNet with seeded weights, written as after training.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import type { ModelContents } from "../../src/classifier/format.ts";
import { networkStages } from "../../src/classifier/network-stages.ts";
import { writeModel } from "../../src/classifier/write-model.ts";
import { diskStore } from "../../src/core/store/disk.node.ts";
import { architectureOf } from "../../src/index.ts";
import { describeParameters, initialiseParameters, type Parameters, parameterOf } from "../../src/nn/index.ts";
import { randomTensor } from "../check-gradient.ts";

const { name, mean, std } = architectureOf("squeezenet1_1");

/** The default contents of the models. */
export const contents: ModelContents = {
  architecture: name,
  head: { hidden: [4], ps: [0.25, 0.5] },
  classes: ["cats", "dogs"],
  preprocessing: { size: 64, crop: "center", pad: 0, interpolation: "bilinear", antialias: true, mean, std },
  training: { seed: 7 },
};

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "thaw-models-"));
}

/** Seeded weights for the network that `contents` describe. */
export function weightsFor({ architecture, head, classes, preprocessing: { size } }: ModelContents): Parameters {
  const stages = networkStages(architectureOf(architecture), head, classes.length);
  return initialiseParameters(describeParameters(stages, [1, 3, size, size]), "old model");
}

/** Writes a model to a new folder and returns its path; `change` modifies the seeded weights. */
export async function makeModel(
  changes: Partial<ModelContents> = {},
  change = (weights: Parameters): Parameters => weights,
): Promise<string> {
  const folder = join(await temporaryFolder(), "model");
  const all = { ...contents, ...changes };
  await writeModel(diskStore(folder), all, change(weightsFor(all)));
  return folder;
}

/** Ranges of batch norm's learnt parameters. */
const TRAINED_NORM = [
  ["weight", 0.5, 1.5],
  ["bias", -0.5, 0.5],
  ["running_mean", -0.5, 0.5],
  ["running_var", 0.5, 2],
] as const;

/** The parameters with batch norm as after training: seeded batch norm hardly changes its input. */
export function withTrainedNorms(parameters: Parameters): Parameters {
  const means = [...parameters.keys()].filter((name) => name.endsWith(".running_mean"));
  const drawn = means.flatMap((mean) =>
    TRAINED_NORM.map(([kind, low, high]) => {
      const name = mean.replace("running_mean", kind);
      return [name, randomTensor(parameterOf(parameters, name).shape, name, low, high)] as const;
    }),
  );
  return new Map([...parameters, ...drawn]);
}

/** A PNG of 90 by 70 pixels of waves; each `phase` gives a different picture. */
export function picture(phase = 0): Promise<Uint8Array> {
  const [width, height] = [90, 70];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 100 * Math.sin(phase + x / 9 + (i % 3)) * Math.cos(y / 7);
  });
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

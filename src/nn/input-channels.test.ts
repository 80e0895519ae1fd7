// Networks for images with other channels, against networks that fastai 2 adapted. With ALL_NETWORKS=1 for every family.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { everyNetwork } from "../../test/nn/all-networks.ts";
import { runStages } from "../../test/nn/run-stages.ts";
import { formulaParameters, imageBatch } from "../../test/reference/formula.ts";
import { architectureOf } from "../index.ts";
import { bodyParameters, networkParameters, tokenPool } from "./index.ts";
import { adaptInput } from "./input-channels.ts";

interface Adapted {
  readonly size: readonly [height: number, width: number];
  /** By number of channels. */
  readonly logits: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const reference: { readonly every: number; readonly networks: Readonly<Record<string, Adapted>> } = JSON.parse(
  readFileSync(new URL("../../test/reference/input_channels.json", import.meta.url), "utf8"),
);

/** First layers: a convolution without bias, one with bias, a narrow one, and patches. */
const quick = new Set(["resnet18", "squeezenet1_1", "mobilenet_v2", "vit_small_patch16_224"]);

// With these weights its gates magnify rounding: PyTorch's own logits in float32 and float64 differ by 8e-4.
const tolerances: Readonly<Record<string, number>> = { mobilenet_v3_large: 1e-3 };

describe.each(Object.entries(reference.networks))("%s", (name, { size, logits }) => {
  test.skipIf(!everyNetwork && !quick.has(name))("gives fastai's logits for 1, 2 and 5 channels", { timeout: 300_000 }, async () => {
    const architecture = architectureOf(name);
    const { body, classifier } = architecture;
    const parameters = formulaParameters(networkParameters(architecture));
    const stages = [...body, ...(classifier.length > 0 ? classifier : [{ name: "pool", group: 1, apply: tokenPool }])];
    for (const [channels, expected] of Object.entries(logits)) {
      const images = imageBatch(`${channels} channels`, [2, Number(channels), ...size]);
      const result = await runStages(stages, adaptInput(bodyParameters(architecture), parameters, Number(channels)), images);
      const width = result.shape[1] as number;
      const kept = Array.from(result.data as Float32Array).filter((_, i) => (i % width) % reference.every === 0);
      expect(kept, `${channels} channels`).toBeAllClose(expected.flat(), tolerances[name] ?? 1e-4);
    }
  });
});

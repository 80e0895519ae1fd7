// Wrong labels among photographs of flowers (bench/label-errors measures them on all photographs), and heat maps of a saved model. Skipped
// if the photographs are absent.

import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConvLearner, findDataProblems, ImageClassifierData, mobileNetV2, openHeatMaps, tfmsFromModel } from "../../src/index.ts";
import { temporaryFolder } from "../learner/tiny.ts";
import { shared } from "../shared.ts";

test.skipIf(shared === undefined)(
  "at least half of the photographs in wrong folders are in the first sixth of the list, and heat maps of learner and saved model agree",
  {
    timeout: 300_000,
  },
  async () => {
    const folder = join(await temporaryFolder(), "flowers");
    const classes = readdirSync(join(shared!, "data", "flowers"));
    const wrong = new Set<string>();
    // The first 24 of each class, the last two of which go to a wrong folder.
    for (const [label, name] of classes.entries())
      for (const [i, file] of readdirSync(join(shared!, "data", "flowers", name))
        .slice(0, 24)
        .entries()) {
        const put = i < 22 ? name : classes[(label + 1) % classes.length]!;
        if (put !== name) wrong.add(`${put}/${file}`);
        cpSync(join(shared!, "data", "flowers", name, file), join(folder, put, file));
      }
    const data = await ImageClassifierData.fromPaths(folder, { tfms: tfmsFromModel(mobileNetV2, 128), bs: 32 });
    const learner = await ConvLearner.pretrained(mobileNetV2, data, { weights: join(shared!, "weights", "mobilenet_v2.safetensors") });
    const { images, labels } = await findDataProblems(learner);
    expect(images).toBe(24 * classes.length);
    expect(labels).toHaveLength(images);
    const found = labels.slice(0, 2 * wrong.size).filter(({ file }) => wrong.has(file));
    expect(found.length).toBeGreaterThanOrEqual(0.5 * wrong.size);
    const model = join(await temporaryFolder(), "model");
    await learner.save(model);
    const photo = join(folder, labels[0]!.file);
    const [fromLearner, fromModel] = [await openHeatMaps(learner), await openHeatMaps(model)];
    expect((await fromModel.of(photo)).values).toEqual((await fromLearner.of(photo)).values);
    await Promise.all([fromLearner.release(), fromModel.release(), learner.dispose()]);
  },
);

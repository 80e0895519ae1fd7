// Saves two models to the same folder in turn, the first one last: node save.mjs <model> <other> <place>. Ends like the command thaw.

import { readModel } from "../../dist/classifier/read-model.js";
import { writeModel } from "../../dist/classifier/write-model.js";
import { diskStore } from "../../dist/core/store/disk.node.js";
import { ending } from "./ending.mjs";

const [model, other, place] = process.argv.slice(2);
await ending(async () => {
  const models = [await readModel(other), await readModel(model)];
  for (let i = 0; i < 10; i++) {
    const { description, parameters } = models[i % 2];
    await writeModel(diskStore(place), description, parameters);
  }
});

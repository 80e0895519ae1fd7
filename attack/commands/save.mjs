// Saves two models to the same folder in turn, the first one last: node save.mjs <model> <other> <place> <times>. Ends like the command thaw.

import { fileURLToPath } from "node:url";
import { readModel } from "../../dist/classifier/read-model.js";
import { writeModel } from "../../dist/classifier/write-model.js";
import { diskStore } from "../../dist/core/store/disk.node.js";
import { ending } from "./ending.mjs";

export async function saveInTurn(model, other, place, times) {
  const models = [await readModel(other), await readModel(model)];
  for (let i = 0; i < Number(times); i++) {
    const { description, parameters } = models[i % 2];
    await writeModel(diskStore(place), description, parameters);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ending(() => saveInTurn(...process.argv.slice(2)));

// The first lesson of fastai, line by line: node examples/lesson.mjs <folder of photographs> <mobilenet_v2.safetensors> [<model folder>]

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConvLearner, ImageClassifierData, mobileNetV2, tfmsFromModel, transformsSideOn } from "thaw";
import { loadClassifier } from "thaw/classifier"; // all that a product needs: no training code is loaded by it

const [folder, weights, name = "lesson-model"] = process.argv.slice(2);

const arch = mobileNetV2;
const tfms = tfmsFromModel(arch, 224, { augTfms: transformsSideOn, maxZoom: 1.1 });
const data = await ImageClassifierData.fromPaths(folder, { tfms });
const learn = await ConvLearner.pretrained(arch, data, { precompute: true, weights });
const onEpoch = ({ epoch, trainLoss, validLoss, accuracy }) =>
  print(`${epoch}  ${trainLoss.toFixed(4)}  ${validLoss.toFixed(4)}  ${accuracy}`);

const found = await learn.lrFind(); // found.suggestion (valley), found.plot() draws it
print(`suggested rate: ${found.suggestion}, chart of ${found.plot().svg().length} characters`);
await learn.fit(0.01, 1, { onEpoch }); // head on cached activations: seconds
learn.precompute = false;
await learn.fit(0.01, 3, { cycleLen: 1, onEpoch }); // augmentation, warm restarts
learn.unfreeze();
await learn.fit([1e-4, 1e-3, 1e-2], 3, { cycleLen: 1, cycleMult: 2, onEpoch });
const { probabilities, targets } = await learn.tta();
print(`test-time augmentation: ${probabilities.length / targets.length} probabilities for each of ${targets.length} images`);
await learn.setData(await data.withSize(299)); // progressive resizing
await learn.save(name);
await learn.dispose();

const model = await loadClassifier(name); // in a product
const [best] = await model.predict(await readFile(join(folder, data.valid[0].name)));
print(`${data.valid[0].name}: ${best.class}, ${best.probability}`);
await model.dispose();

function print(line) {
  process.stdout.write(`${line}\n`);
}

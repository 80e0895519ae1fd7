// How good the backbone's features are, beside MobileNetV2's and beside the same network with random weights: the recipe's first stage, a
// new head on activations computed once, with five seeds. node training/evaluate.mjs --folder <photographs> --network <name> [--weights <file>]

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { architectureOf, ConvLearner, ImageClassifierData, tfmsFromModel } from "../dist/index.js";
import { initialiseParameters } from "../dist/nn/initialise.js";
import { writeSafetensors } from "../dist/nn/safetensors.js";
import { bodyParameters } from "../dist/nn/weights.js";

const SPLIT_SEED = 42;
const FALLBACK_RATE = 1e-2;

const { values: flags } = parseArgs({
  options: {
    folder: { type: "string" },
    network: { type: "string" },
    weights: { type: "string" },
    /** Weights drawn at random instead of trained ones. */
    random: { type: "boolean", default: false },
    size: { type: "string" },
    seeds: { type: "string", default: "5" },
    /** A committed list of the photographs that are validated on; the run stops where the split is another one. */
    split: { type: "string" },
    "write-split": { type: "boolean", default: false },
  },
});
const architecture = architectureOf(flags.network);
const size = Number(flags.size ?? architecture.size);
const scratch = await mkdtemp(join(tmpdir(), "thaw-evaluate-"));
try {
  const data = await ImageClassifierData.fromPaths(flags.folder, { tfms: tfmsFromModel(architecture, size), seed: SPLIT_SEED });
  if (flags.split) await checkSplit(data, flags.split);
  const weights = flags.random ? await randomWeights() : flags.weights;
  const accuracies = [];
  for (let seed = 1; seed <= Number(flags.seeds); seed++) accuracies.push(await accuracyOf(data, weights, seed));
  const median = accuracies.toSorted((a, b) => a - b)[Math.floor(accuracies.length / 2)];
  const name = `${architecture.name}${flags.random ? " with random weights" : ""}`;
  process.stdout.write(
    `${basename(flags.folder)}, ${name}, ${size} px: median ${median.toFixed(4)} of ${accuracies.map((value) => value.toFixed(4)).join(" ")}\n`,
  );
} finally {
  await rm(scratch, { recursive: true });
}

/** Accuracy on the validation images after the last epoch. */
async function accuracyOf(data, weights, seed) {
  const learner = await ConvLearner.pretrained(architecture, data, { weights, seed, precompute: true, cache: join(scratch, "cache") });
  try {
    const { suggestion = FALLBACK_RATE } = await learner.lrFind();
    const epochs = await learner.fit(suggestion, 3, { cycleLen: 1, cycleMult: 2 });
    return epochs.at(-1).accuracy;
  } finally {
    await learner.dispose();
  }
}

async function randomWeights() {
  const file = join(scratch, "random.safetensors");
  await writeFile(file, writeSafetensors(initialiseParameters(bodyParameters(architecture), 1, "backbone")));
  return file;
}

async function checkSplit({ valid }, file) {
  const names = valid.map((item) => item.name);
  if (flags["write-split"]) await writeFile(file, `${names.join("\n")}\n`);
  const listed = (await readFile(file, "utf8")).trim().split("\n");
  if (listed.join() !== names.join()) throw new Error(`The validation images are not those of ${file}`);
}

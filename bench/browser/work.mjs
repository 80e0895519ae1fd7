// What thaw does in one round of a row, in Node and in a page alike. Weights and pictures are random, which does not change the work.

import { normalizePixels } from "../../dist/classifier/preprocess.js";
import { openFrozenPart } from "../../dist/learner/frozen/frozen-part.js";
import { cutNetwork, networkOf, parametersOf } from "../../dist/learner/network.js";
import { stillTrainer } from "../../dist/learner/step/still-trainer.js";
import { architectureOf } from "../../dist/nn/catalogue.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";

/** fastai's head, for so many classes. */
const [HEAD, CLASSES] = [{ hidden: [512], ps: [0.25, 0.5] }, 10];

/** Photographs of a set for which it is worth it to start whatever computes features faster. */
const MANY = 10_000;

/**
 * Opens a row: "features", from pixels to what is cached; "head", a step of the head on cached activations; "all", a step of all layers on
 * pixels. `run` does it once, on `batch` pictures.
 */
export async function openWork({ kind, network: name, size, batch }, threads) {
  const architecture = architectureOf(name);
  const network = networkOf({ ...architecture, size }, HEAD, CLASSES);
  const parameters = initialiseParameters(parametersOf(network), "bench");
  const session = { threads };
  const pixels = {
    type: "uint8",
    shape: [batch, size, size, 3],
    data: Uint8Array.from({ length: batch * size * size * 3 }, (_, i) => (i * 7919) % 251),
  };
  const { frozen, trained } = cutNetwork(network, (group) => group === network.groups - 1);
  const part = kind !== "all" && openFrozenPart({ stages: frozen, parameters, size, normalization: architecture, session });
  if (kind === "features") return { run: () => part.run(pixels, MANY), release: () => part.release() };
  const given =
    kind === "head"
      ? { stages: trained, inputType: part.type, itemShape: part.itemShape }
      : {
          stages: network.stages,
          prepare: (graph, input) => normalizePixels(graph, input, architecture),
          inputType: "uint8",
          itemShape: [size, size, 3],
        };
  const input = kind === "head" ? await part.run(pixels) : pixels;
  if (part) await part.release();
  const trainer = stillTrainer({ ...given, classes: CLASSES, parameters, session }, network.groups);
  return { run: () => trainer.step(input), release: () => trainer.release() };
}

/** Milliseconds that `times` runs take. */
export async function timed({ run }, times) {
  const start = performance.now();
  for (let i = 0; i < times; i++) await run();
  return performance.now() - start;
}

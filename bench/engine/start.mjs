// How long a command takes from a cold start: a new process each time, the files in the system's memory.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { writeModel } from "../../dist/classifier/write-model.js";
import { diskStore } from "../../dist/core/store/disk.node.js";
import { architectureOf } from "../../dist/nn/catalogue.js";
import { createHead } from "../../dist/nn/head.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";
import { describeParameters } from "../../dist/nn/scope.js";
import { medianOf } from "./table.mjs";

const RUNS = 9;
const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** The median wall time of `thaw --help` ("help") or of `thaw predict` on a saved model and one photograph ("predict"), in seconds. */
export async function measureStart(name) {
  const folder = mkdtempSync(join(tmpdir(), "thaw-bench-"));
  try {
    const args = name === "help" ? ["--help"] : await prediction(folder);
    const times = [];
    for (let run = 0; run <= RUNS; run++) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
      times.push((performance.now() - start) / 1000);
      if (status !== 0) throw new Error(`thaw ${args.join(" ")} ended with ${status}: ${stderr}`);
    }
    return { seconds: medianOf(times.slice(1)), times };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Saves a classifier of two classes and a photograph of 500×375 in `folder`. */
async function prediction(folder) {
  const { body, features, size, mean, std, name } = architectureOf("mobilenet_v2");
  const head = { hidden: [512], ps: [0.25, 0.5] };
  const stages = [...body, ...createHead({ features, classes: 2, ...head })];
  const parameters = initialiseParameters(describeParameters(stages, [1, 3, size, size]), "bench");
  const preprocessing = { size, crop: "center", pad: 0, interpolation: "bilinear", antialias: true, mean, std };
  await writeModel(
    diskStore(join(folder, "model")),
    { architecture: name, head, classes: ["cat", "dog"], preprocessing, training: {} },
    parameters,
  );
  const photograph = join(folder, "photograph.jpg");
  await sharp({
    create: { width: 500, height: 375, channels: 3, background: "#808080", noise: { type: "gaussian", mean: 128, sigma: 30 } },
  })
    .jpeg()
    .toFile(photograph);
  return ["predict", join(folder, "model"), photograph];
}

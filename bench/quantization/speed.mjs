// The frozen part in 8 bit beside full precision: the two take turns on the same batches, figures are medians of the rounds. Each network is a
// row of bench/results/networks/precisions-<kind of processor>.csv, in which later measurements replace earlier ones.
//
//   node bench/quantization/speed.mjs --network thaw_small --network mobilenet_v2 --rounds 5
//
// `openBoth` is what another comparison needs: the two sessions, with random weights and pixels.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { randomStream } from "../../dist/core/random.js";
import { openFrozenPart, quantizeFrozenPart } from "../../dist/learner/frozen/frozen-part.js";
import { collectRanges } from "../../dist/learner/frozen/ranges.js";
import { cutNetwork, networkOf } from "../../dist/learner/network.js";
import { architectureOf } from "../../dist/nn/catalogue.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";
import { describeParameters } from "../../dist/nn/scope.js";
import { machineName, processorKind } from "../processor.mjs";

/** The frozen part of a network up to its pooled features in both precisions, with random weights, and pixels [batch, size, size, 3] for it. */
export async function openBoth(name, { size, batch, threads }) {
  const architecture = architectureOf(name);
  const network = networkOf(architecture, { hidden: [512], ps: [0.25, 0.5] }, 2);
  const { frozen: stages } = cutNetwork(network, (group) => group === network.groups - 1);
  const parameters = initialiseParameters(describeParameters(stages, [1, 3, size, size]), 1, "speed");
  const session = { threads };
  const fp32 = openFrozenPart({ stages, parameters, size, normalization: architecture, session });
  const pixels = (count, seed) => {
    const random = randomStream("pixels", seed);
    const data = Uint8Array.from({ length: count * size * size * 3 }, () => random.bits() & 255);
    return { type: "uint8", shape: [count, size, size, 3], data };
  };
  const calibration = await collectRanges(fp32.graph, { observed: [pixels(4, 1)], checked: [pixels(4, 2)] }, session);
  return { fp32, int8: quantizeFrozenPart(fp32, calibration, session), pixels: pixels(batch, 3) };
}

async function measure(name, options, rounds) {
  const { fp32, int8, pixels } = await openBoth(name, options);
  const times = { fp32: [], int8: [] };
  for (let round = 0; round <= rounds; round++)
    for (const [precision, part] of [
      ["fp32", fp32],
      ["int8", int8],
    ]) {
      const start = performance.now();
      await part.run(pixels);
      if (round > 0) times[precision].push(performance.now() - start);
    }
  await Promise.all([fp32.release(), int8.release()]);
  const speed = (values) => (options.batch / values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]) * 1000;
  return { fp32: speed(times.fp32), int8: speed(times.int8) };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      network: { type: "string", multiple: true, default: ["mobilenet_v2", "resnet34", "squeezenet1_1", "thaw_small"] },
      size: { type: "string", default: "224" },
      batch: { type: "string", default: "32" },
      threads: { type: "string", default: String(cpus().length) },
      rounds: { type: "string", default: "5" },
    },
  });
  const options = { size: Number(values.size), batch: Number(values.batch), threads: Number(values.threads) };
  console.log(`${cpus()[0]?.model}, ${options.threads} threads, ${options.size} pixels, batch ${options.batch}`);
  for (const name of values.network) {
    const { fp32, int8 } = await measure(name, options, Number(values.rounds));
    console.log(`${name}: fp32 ${fp32.toFixed(0)} images/s, int8 ${int8.toFixed(0)} images/s, ratio ${(int8 / fp32).toFixed(2)}`);
    keep([name, options.size, options.threads, fp32.toFixed(0), int8.toFixed(0), (int8 / fp32).toFixed(2)]);
  }
}

/** Writes a row, instead of that of the same network, size and threads if there is one. */
function keep(row) {
  const path = fileURLToPath(new URL(`../results/networks/precisions-${processorKind()}.csv`, import.meta.url));
  const [, ...rows] = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  const others = rows.filter((line) => !line.startsWith(`${row.slice(0, 3).join()},`));
  const all = [...others, [...row, new Date().toISOString().slice(0, 10), `"${machineName()}"`].join()];
  writeFileSync(path, `network,size,threads,fp32_images_per_second,int8_images_per_second,ratio,date,processor\n${all.join("\n")}\n`);
}

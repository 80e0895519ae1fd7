// Trains and predicts for a long time and looks at the memory.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const script = (name) => fileURLToPath(new URL(`../commands/${name}.mjs`, import.meta.url));
const KINDS = [
  { name: "steps", full: 10_000, quick: 300, of: "training steps" },
  { name: "predictions", full: 1_000_000, quick: 3000, of: "predictions" },
];
/** By how much the smallest size of the last tenth may exceed that of the second. */
const GROWTH = 1.05;

export const memory = {
  name: "memory",
  title: "10,000 training steps and 1,000,000 predictions",
  expected: "resident memory of the last tenth at most 5 % above the second tenth's",
  unit: "steps and predictions",
  quick: KINDS.length,
  async prepare({ openScene, folder, quick, notes }) {
    await openScene();
    return {
      cases: KINDS.length,
      of: 1_010_000,
      async attack(i) {
        const kind = KINDS[i];
        const count = quick ? kind.quick : kind.full;
        const [early, late] = await measure(kind.name, count, join(folder, "base"));
        notes[`resident memory after a tenth and at the end of ${count.toLocaleString("en-US")} ${kind.of}`] =
          `${Math.round(early / 1e6)} and ${Math.round(late / 1e6)} MB`;
        // What a short run allocates first weighs too much.
        const grown = late > early * (quick ? 1.5 : GROWTH);
        return { count, failure: grown ? `${kind.name}: ${early} bytes became ${late}` : undefined };
      },
    };
  },
};

function measure(name, count, model) {
  const env = { ...process.env, MALLOC_ARENA_MAX: "1" };
  return new Promise((resolve, reject) =>
    execFile(process.execPath, ["--expose-gc", script(name), String(count), model], { env }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout)),
    ),
  );
}

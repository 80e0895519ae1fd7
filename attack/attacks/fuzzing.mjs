// Feeds the parsers of what may come from elsewhere with damaged inputs. Inputs that reach more and more code are looked for by the coverage
// that V8 counts, in a small part of each case; the rest are damaged copies of these, without counting, which is faster.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("../fuzz/worker.mjs", import.meta.url));
const FOUND = fileURLToPath(new URL("../fuzz/found", import.meta.url));
const NAMES = ["onnx", "safetensors", "model", "recipe", "zarr", "csv", "image", "onnx-import"];
/** Inputs of a case, fewer where one is costly: many, since a process takes half a second to start. */
const INPUTS = { "onnx-import": 1000, onnx: 20_000 };
const MANY = 100_000;
/** Milliseconds of a case after which it hangs. */
const PATIENCE = 600_000;

export const fuzzing = {
  name: "fuzzing",
  title: "damaged ONNX, safetensors, model.json, recipe.json, zarr.json, CSV and image headers",
  expected: "read, or refused with a sentence, within seconds and 1 GB",
  unit: "inputs",
  noteOf: (name, { fed, corpus }) => `${name}: ${fed.toLocaleString("en-US")} inputs, made from ${corpus} that reach different code`,
  quick: NAMES.length,
  async prepare({ openScene, folder, quick, notes }) {
    await openScene();
    const models = ["base", "other"].map((name) => join(folder, name)).join(",");
    const known = new Set();
    return {
      cases: Number.MAX_SAFE_INTEGER,
      of: 10_000_000,
      async attack(i) {
        const name = NAMES[i % NAMES.length];
        const count = quick ? 500 : (INPUTS[name] ?? MANY);
        const { broken, corpus, count: fed } = await feed(name, i + 2, quick && name === "onnx-import" ? 25 : count, models, folder);
        const note = notes[name] ?? { fed: 0, corpus: 0 };
        notes[name] = { fed: note.fed + fed, corpus: Math.max(note.corpus, corpus) };
        const fresh = broken.filter(({ signature }) => !known.has(`${name} ${signature}`));
        for (const { signature, input } of fresh) {
          known.add(`${name} ${signature}`);
          if (!quick && input !== undefined) save(name, Buffer.from(input, "base64"));
        }
        return { count: fed, failure: fresh.length > 0 ? fresh.map(({ what }) => `${name}: ${what}`).join("\n") : undefined };
      },
    };
  },
};

function feed(name, seed, count, models, folder) {
  const args = ["--max-old-space-size=1024", WORKER, name, String(seed), String(count), models, join(folder, "corpus", name)];
  return new Promise((resolve) =>
    execFile(process.execPath, args, { timeout: PATIENCE, killSignal: "SIGKILL", maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (!error) return resolve(JSON.parse(stdout));
      const what = `seed ${seed}: ended by ${error.signal ?? error.code}: ${stderr.slice(-400)}`;
      resolve({ count: 0, corpus: 0, broken: [{ signature: `ended by ${error.signal ?? error.code}`, what }] });
    }),
  );
}

function save(name, bytes) {
  mkdirSync(FOUND, { recursive: true });
  writeFileSync(join(FOUND, `${name}-${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}.bin`), bytes);
}

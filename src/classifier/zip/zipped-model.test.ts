// Zips of models: thaw's own, those that other programs make, damaged ones and malicious ones.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, type Zippable, zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryStore } from "../../../test/contract/memory-store.ts";
import { makeModel } from "../../../test/fixtures/models.ts";
import { contentOf } from "../../core/hash.ts";
import { type ModelSource, readModel } from "../read-model.ts";
import { zipModel } from "./zipped-model.ts";

const folder = mkdtempSync(join(tmpdir(), "thaw-zip-"));
afterAll(() => rmSync(folder, { recursive: true }));

let model = "";
let files: { "model.json": Uint8Array; "weights.safetensors": Uint8Array };
beforeAll(async () => {
  model = await makeModel();
  const read = (name: string) => new Uint8Array(readFileSync(join(model, name)));
  files = { "model.json": read("model.json"), "weights.safetensors": read("weights.safetensors") };
});

/** What a model is, for comparisons. */
async function contentsOf(source: ModelSource): Promise<unknown> {
  const { description, parameters } = await readModel(source);
  return { description, parameters: [...parameters].map(([name, tensor]) => [name, contentOf(tensor)]) };
}

function zipFile(name: string, content: Zippable): string {
  const file = join(folder, name);
  writeFileSync(file, zipSync(content));
  return file;
}

test("a saved model as a zip, as a file and as a blob, is the model", async () => {
  const expected = await contentsOf(model);
  const blob = await zipModel(model);
  expect(blob.type).toBe("application/zip");
  expect(await contentsOf(blob)).toEqual(expected);
  const file = join(folder, "pets.ZIP");
  writeFileSync(file, new Uint8Array(await blob.arrayBuffer()));
  expect(await contentsOf(file)).toEqual(expected);
  // An outsider's reading of it.
  const script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), sorted(z.namelist()))";
  const { stdout } = spawnSync("python3", ["-c", script, file], { encoding: "utf8" });
  expect(stdout.trim()).toMatch(/^None \['model.json', 'weights.safetensors'/);
});

test("a zip of the folder itself, by another program, is the model too, whatever lies beside it", async () => {
  const script =
    "import sys, os, zipfile; z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\nfor n in os.listdir(sys.argv[2]): z.write(os.path.join(sys.argv[2], n), 'my pets/' + n)\nz.writestr('__MACOSX/my pets/._model.json', 'x'); z.close()";
  const file = join(folder, "mine.zip");
  expect(spawnSync("python3", ["-c", script, file, model]).status).toBe(0);
  expect(await contentsOf(file)).toEqual(await contentsOf(model));
});

test("a store without a model is not zipped", async () => {
  const store = memoryStore();
  await store.put("other.txt", "text");
  await expect(zipModel(store)).rejects.toThrow("There is no model in memory");
});

test.each<[string, (made: typeof files) => Zippable, string]>([
  ["no model", () => ({ "readme.txt": strToU8("text") }), "holds no model: there is no model.json in it"],
  ["no weights", (made) => ({ "model.json": made["model.json"] }), "cannot read"],
  ["other weights", (made) => ({ ...made, "weights.safetensors": made["weights.safetensors"].slice(0, -4) }), "its SHA-256 differs"],
  [
    "a bomb",
    (made) => ({ ...made, "weights.safetensors": new Uint8Array(20_000_000) }),
    "weights.safetensors in it would have 20000000 bytes",
  ],
])("a zip with %s is refused", async (what, change, message) => {
  const file = zipFile(`${what}.zip`, change(files));
  await expect(readModel(file)).rejects.toMatchObject({ name: "UsageError", message: expect.stringContaining(message) });
});

test("a damaged zip is refused with its name, wherever it was cut or changed", async () => {
  const whole = new Uint8Array(await (await zipModel(model)).arrayBuffer());
  const expected = await contentsOf(model);
  for (let i = 0; i < 60; i++) {
    const damaged = i % 2 === 0 ? whole.slice(0, Math.floor((i * whole.length) / 60)) : whole.slice();
    if (i % 2 === 1) damaged[Math.floor((i * whole.length) / 60)]! ^= 0x55;
    const outcome = await contentsOf(new Blob([damaged])).catch((error: unknown) => error);
    if (!(outcome instanceof Error)) expect(outcome).toEqual(expected);
    else expect(outcome).toMatchObject({ name: "UsageError" });
  }
});

test("a zip that is not there is told as a model that is not there", async () => {
  await expect(readModel(join(folder, "none.zip"))).rejects.toThrow("none.zip is not a model folder: cannot read");
});

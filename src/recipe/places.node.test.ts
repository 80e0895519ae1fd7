// Where runs read and write, and who may.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { places } from "./places.node.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "thaw-places-")));
afterAll(() => rmSync(root, { recursive: true }));

test("a model's folder has one lock, also under the name of a link to it, and its photographs are found from both", async () => {
  const [folder, model, link] = [join(root, "photographs"), join(root, "models/one"), join(root, "link")];
  for (const place of [folder, model]) mkdirSync(place, { recursive: true });
  symlinkSync(model, link);
  const [chosen, linked] = await Promise.all([model, link].map((out) => places.choose({ folder, out, force: true })));
  const lock = await places.lock(chosen!);
  await expect(places.lock(linked!)).rejects.toThrow(`Another run makes ${model}`);
  await lock.release();
  for (const name of [model, link]) expect(places.photographsOf(name, linked!.photographs as string)?.path).toBe(folder);
});

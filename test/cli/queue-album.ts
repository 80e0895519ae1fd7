// The photographs that the tests of queues predict, and what one process makes of them.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { makeModel, picture, temporaryFolder } from "../fixtures/models.ts";
import { thaw } from "./command.ts";

export const PHOTOS = 120;

export interface QueueAlbum {
  /** A temporary folder. */
  readonly folder: string;
  readonly model: string;
  /** The folder of PHOTOS files, of which one is no picture. */
  readonly photos: string;
  /** The rows of one process, sorted. */
  readonly expected: readonly string[];
  /** The rows of the parts in `out`, which has to be complete, sorted. */
  rowsOf(out: string): Promise<readonly string[]>;
}

const sorted = (text: string): readonly string[] => text.trimEnd().split("\n").toSorted();

export async function makeQueueAlbum(): Promise<QueueAlbum> {
  const folder = await temporaryFolder();
  const model = await makeModel({ classes: ["cats", "dogs"], calibration: { temperature: 3 } });
  const photos = join(folder, "photos");
  await mkdir(photos);
  for (let i = 0; i < PHOTOS; i++) await writeFile(join(photos, `${i}.png`), i === 7 ? "no picture" : await picture(i));
  return {
    folder,
    model,
    photos,
    expected: sorted(thaw("predict", model, photos, "--json").stdout),
    async rowsOf(out) {
      const file = join(folder, "all.jsonl");
      expect(thaw("join", out, "--jsonl", file, "--force")).toMatchObject({ status: 0 });
      return sorted(await readFile(file, "utf8"));
    },
  };
}

// Writes the sample pictures to a folder to train on: train and valid, cats and dogs. Each picture depends only on the seed and its number.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expected, UsageError } from "../core/errors.ts";
import { writeFile } from "../core/files.node.ts";
import type { WorkOptions } from "../core/progress.ts";
import { systemCode, writeError } from "../core/system-error.ts";
import type { Animal } from "./look.ts";
import { drawPicture } from "./picture.ts";
import { rasterise } from "./rasterise.node.ts";

export interface SampleOptions extends WorkOptions {
  /** The folder to write to; created if it does not exist. */
  readonly folder: string;
  readonly seed?: number | undefined;
  /** Training pictures of each class, at least 1; in addition, validation gets a third as many, rounded up. */
  readonly count?: number | undefined;
  /** Allow a folder that is not empty; only the pictures of an earlier sample in it are removed. */
  readonly force?: boolean | undefined;
}

export interface Sample {
  readonly classes: readonly string[];
  /** Number of training pictures, both classes together. */
  readonly train: number;
  readonly valid: number;
}

/** The default number of training pictures of each class: enough to learn from, and drawn in seconds. */
export const SAMPLE_COUNT = 200;

const ANIMALS: readonly Animal[] = ["cat", "dog"];
const PARTS = ["train", "valid"] as const;
const OWN_FILE = /^(cat|dog)-\d{4,}\.jpg$/;
/** Pictures drawn concurrently: enough for libvips to keep the threads of a small machine busy. */
const AT_A_TIME = 4;

/**
 * Draws cats and dogs into <folder>/train and <folder>/valid, a folder for each class; the same seed gives the same bytes. Throws a
 * UsageError for a folder that is not empty, unless `force` is set, or that cannot be written to.
 */
export async function drawSample(options: SampleOptions): Promise<Sample> {
  const { folder, seed = 42, count = SAMPLE_COUNT, force = false, signal, onProgress } = options;
  if (!Number.isInteger(count) || count < 1) throw expected("an integer of at least 1", "count", count);
  await prepareFolder(folder, force);
  const counts = { train: count, valid: Math.ceil(count / 3) };
  const jobs = PARTS.flatMap((part) =>
    Array.from({ length: counts[part] }, (_, number) => ANIMALS.map((animal) => ({ part, animal, number }))).flat(),
  );
  const report = (done: number): void => onProgress?.({ task: "Drawing pictures", done, total: jobs.length, unit: "pictures" });
  report(0);
  for (let start = 0; start < jobs.length; start += AT_A_TIME) {
    signal?.throwIfAborted();
    await Promise.all(
      jobs.slice(start, start + AT_A_TIME).map(async ({ part, animal, number }) => {
        const file = join(folder, part, `${animal}s`, `${animal}-${`${number + 1}`.padStart(4, "0")}.jpg`);
        await writeFile(file, await rasterise(drawPicture(animal, seed, part, number)));
      }),
    );
    report(Math.min(jobs.length, start + AT_A_TIME));
  }
  return { classes: ANIMALS.map((animal) => `${animal}s`), train: counts.train * ANIMALS.length, valid: counts.valid * ANIMALS.length };
}

async function prepareFolder(folder: string, force: boolean): Promise<void> {
  const content = await contentOf(folder);
  if (content.length === 0) return;
  if (!force) {
    throw new UsageError(
      `${folder} is not empty`,
      "Choose a new folder, or use --force to draw into this one: pictures of an earlier sample are replaced, other files stay.",
    );
  }
  for (const part of PARTS) {
    for (const animal of ANIMALS) {
      const pictures = join(folder, part, `${animal}s`);
      const old = (await contentOf(pictures)).filter((name) => OWN_FILE.test(name));
      await Promise.all(old.map((name) => rm(join(pictures, name))));
    }
  }
}

async function contentOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw writeError(error, folder);
  }
}

// Draws the sample pictures once for all platforms, and computes in Node what they are compared with.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import sharp from "sharp";
import type { TestProject } from "vitest/node";
import { drawSample } from "../../src/index.ts";
import { type Course, courseOf, type RecipeResult, recipeOf, stepLosses } from "./sample-outcome.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** PNG files in base64 by name, and what Node's CPU makes of them. */
    sample: {
      readonly pictures: Readonly<Record<string, string>>;
      readonly steps: readonly number[];
      readonly course: Course;
      readonly recipe: RecipeResult;
    };
  }
}

export async function setup({ provide }: TestProject): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "thaw-sample-"));
  try {
    await drawSample({ folder, count: 12 });
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const pictures: Record<string, Uint8Array> = {};
    for (const file of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
      const name = relative(folder, file).replaceAll("\\", "/").replace(".jpg", ".png");
      // Without loss, so that every platform sees the same pixels.
      pictures[name] = await sharp(file).resize(96, 96, { fit: "fill" }).png().toBuffer();
    }
    provide("sample", {
      pictures: Object.fromEntries(Object.entries(pictures).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")])),
      steps: await stepLosses(pictures),
      course: await courseOf(pictures),
      recipe: await recipeOf(pictures),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

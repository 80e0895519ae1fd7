// The weights that ship: they are there, small, whole, and those of the network that names them.

import { readFile, stat } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { architectures } from "../../nn/catalogue.ts";
import { findWeights } from "../../nn/hub/find-weights.node.ts";
import { readSafetensors } from "../../nn/safetensors.ts";
import { loadBody } from "../../nn/weights.ts";

describe.each(architectures.filter(({ shipped }) => shipped !== undefined))("the weights of $name that ship", (architecture) => {
  let file: string;
  beforeAll(async () => {
    file = (await findWeights(architecture, undefined, { offline: true })).path;
  });

  test("take at most 8 MB", async () => {
    expect((await stat(file)).size).toBeLessThanOrEqual(8_000_000);
  });

  test("are all of the body's, finite, with variances above zero", async () => {
    const body = loadBody(architecture, readSafetensors(await readFile(file), file), file);
    for (const [name, { data }] of body) {
      const lowest = name.endsWith("running_var") ? Number.MIN_VALUE : Number.NEGATIVE_INFINITY;
      expect(
        (data as Float32Array).every((value) => Number.isFinite(value) && value >= lowest),
        name,
      ).toBe(true);
    }
  });
});

// The weights that ship: they are there, small, whole, and those of the network that names them.

import { readFile, stat } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { UsageError } from "../core/errors.ts";
import { architectures } from "../nn/catalogue.ts";
import { mobileNetV2 } from "../nn/mobilenet-v2.ts";
import { readSafetensors } from "../nn/safetensors.ts";
import { loadBody } from "../nn/weights.ts";
import { shippedWeights } from "./pretrained.ts";

describe.each(architectures.filter(({ shipped }) => shipped !== undefined))("the weights of $name that ship", (architecture) => {
  const file = shippedWeights(architecture);

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

test("a network without weights here names the ones that have some", () => {
  expect(() => shippedWeights(mobileNetV2)).toThrow(UsageError);
  expect(() => shippedWeights(mobileNetV2)).toThrow(
    expect.objectContaining({
      message: "There are no weights for mobilenet_v2 here",
      hint: "Give its safetensors file, or choose a network whose weights ship with thaw: thaw_small.",
    }),
  );
});

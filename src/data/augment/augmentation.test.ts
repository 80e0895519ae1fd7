// Every augmentation in the table has all its parts.

import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import * as api from "../../index.ts";
import type { RgbImage } from "../decode/image.ts";
import * as data from "../index.ts";
import { applyTransform } from "./apply.ts";
import { AUGMENTATIONS, type AugmentSpec, checkAugment } from "./augmentations.ts";
import { drawAugmentation } from "./draw.ts";
import { tfmsFromStats } from "./transforms.ts";

const SIZE = 32;
const photo: RgbImage = { width: 40, height: SIZE, data: Uint8Array.from({ length: 3 * 40 * SIZE }, (_, i) => (i * i * 7 + i * 13) % 251) };

type Kind = AugmentSpec["kind"];
type Path = readonly (string | number)[];
const kinds = Object.keys(AUGMENTATIONS) as Kind[];

function examplesOf(kind: Kind): readonly { code: string; spec: AugmentSpec }[] {
  return AUGMENTATIONS[kind].examples(SIZE).flatMap(({ code, spec }) => [spec].flat().map((each: AugmentSpec) => ({ code, spec: each })));
}

/** Where the numbers in `value` are. */
function numbersIn(value: unknown): readonly Path[] {
  if (typeof value === "number") return [[]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner).map((path) => [key, ...path]));
}

function withNaN(spec: AugmentSpec, path: Path): AugmentSpec {
  const copy = structuredClone(spec) as unknown as Record<string | number, unknown>;
  const holder = path.slice(0, -1).reduce((inner, key) => inner[key] as typeof copy, copy);
  holder[path.at(-1)!] = Number.NaN;
  return copy as unknown as AugmentSpec;
}

test.each(kinds)("%s has examples of its kind, made by a function that users can import", (kind) => {
  expect(examplesOf(kind).length).toBeGreaterThan(0);
  for (const { code, spec } of examplesOf(kind)) {
    expect(spec.kind).toBe(kind);
    const [maker] = code.split("(");
    expect(data).toHaveProperty(maker!, expect.any(Function));
    expect(api).toHaveProperty(maker!, expect.any(Function));
  }
});

test.each(
  kinds.flatMap((kind) =>
    examplesOf(kind).flatMap(({ code, spec }) => numbersIn(spec).map((path) => [code, path.join("."), spec, path] as const)),
  ),
)("of %s, %s is checked", (_, __, spec, path) => {
  expect(() => checkAugment(spec)).not.toThrow();
  expect(() => checkAugment(withNaN(spec, path))).toThrow(` of "${spec.kind}" but received`);
});

test.each(kinds)("%s draws something that changes the pixels", (kind) => {
  const { spec } = examplesOf(kind)[0]!;
  const { train, valid } = tfmsFromStats(null, SIZE, { augTfms: [spec], crop: "none" });
  const { width, height } = photo;
  const plain = applyTransform(photo, valid, drawAugmentation(valid, width, height, randomStream("plain")));
  const results = Array.from({ length: 10 }, (_, i) =>
    applyTransform(photo, train, drawAugmentation(train, width, height, randomStream("parts", i))),
  );
  expect(results.some((pixels) => pixels.some((value, i) => value !== plain[i]))).toBe(true);
});

// The table of published weights, against timm's configurations and results, and against the networks.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hashBytes } from "../../core/hash.ts";
import { architectureOf, architectures } from "../catalogue.ts";
import { defaultWeights, publishedWeights } from "./published.ts";

const facts: readonly Readonly<Record<string, unknown>>[] = JSON.parse(
  readFileSync(new URL("../../../test/reference/published.json", import.meta.url), "utf8"),
);

test.each(publishedWeights.filter(({ names }) => names === "timm"))("$name agrees with timm", (row) => {
  const { name, hub, licence, size, crop, interpolation, mean, std, top1 } = row;
  expect({ name, repository: hub?.repository, licence, size, crop, interpolation, mean, std, ...(top1 !== undefined && { top1 }) }).toEqual(
    facts.find((fact) => fact.name === name),
  );
});

test.each(architectures)("the default weights of $name have the network's normalisation", ({ name, mean, std }) => {
  expect(defaultWeights(name)).toMatchObject({ architecture: name, mean, std });
});

test("names are unique, and each row is for a known network", () => {
  expect(new Set(publishedWeights.map(({ name }) => name)).size).toBe(publishedWeights.length);
  for (const { architecture } of publishedWeights) expect(architectureOf(architecture).name).toBe(architecture);
});

test("the hash of thaw's own weights matches the shipped file", () => {
  const [own] = publishedWeights;
  const file = readFileSync(new URL(`../../../weights/${architectureOf("thaw_small").shipped}`, import.meta.url));
  expect(own?.sha256).toBe(hashBytes(file));
});

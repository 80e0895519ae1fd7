// The catalogue: names, near misses and normalisation.

import { expect, test } from "vitest";
import { UsageError } from "../core/errors.ts";
import { architectureOf, architectures } from "./catalogue.ts";

const KNOWN = "The networks are thaw_small, resnet18, resnet34, resnet50, mobilenet_v2, squeezenet1_1.";

test("every network is found by its name", () => {
  for (const architecture of architectures) expect(architectureOf(architecture.name)).toBe(architecture);
});

test.each([
  ["ResNet-34", "resnet34"],
  ["mobilenetv2", "mobilenet_v2"],
  ["squeezenet", "squeezenet1_1"],
  ["resnet35", "resnet34"],
])("%s suggests %s", (name, near) => {
  expect(() => architectureOf(name)).toThrow(
    expect.objectContaining({ message: `There is no network "${name}"`, hint: `Did you mean ${near}? ${KNOWN}` }),
  );
});

test("a name that is like none lists the known ones", () => {
  expect(() => architectureOf("vgg16")).toThrow(UsageError);
  expect(() => architectureOf("vgg16")).toThrow(expect.objectContaining({ hint: KNOWN }));
});

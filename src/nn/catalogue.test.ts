// The catalogue: names and suggestions for misspelt ones.

import { expect, test } from "vitest";
import { UsageError } from "../core/errors.ts";
import { architectureOf, architectures } from "./catalogue.ts";

const KNOWN = `The networks are ${architectures.map(({ name }) => name).join(", ")}.`;

test("every network is found by its name", () => {
  for (const architecture of architectures) expect(architectureOf(architecture.name)).toBe(architecture);
});

test("the first edition of thaw_small is found, for models that were saved with it, and not offered", () => {
  expect(architectureOf("thaw_small_first").features).toBe(512);
  expect(architectures.map(({ name }) => name)).not.toContain("thaw_small_first");
  expect(() => architectureOf("thaw_smal")).toThrow(expect.objectContaining({ hint: `Did you mean thaw_small? ${KNOWN}` }));
});

test.each([
  ["ResNet-34", "resnet34"],
  ["mobilenetv2", "mobilenet_v2"],
  ["squeezenet", "squeezenet1_1"],
  ["resnet35", "resnet34"],
  ["wide resnet 50", "wide_resnet50_2"],
  ["vgg16", "vgg16_bn"],
  ["mobilenet", "mobilenet_v2 or mobilenet_v3_large or mobilenetv4_conv_small"],
  ["DINOv2", "vit_base_patch14_dinov2 or vit_small_patch14_dinov2"],
  ["convnext", "convnext_tiny or convnext_base or convnext_small"],
  ["eficientnet-b0", "efficientnet_b0"],
])("%s suggests %s", (name, near) => {
  expect(() => architectureOf(name)).toThrow(
    expect.objectContaining({ message: `There is no network "${name}"`, hint: `Did you mean ${near}? ${KNOWN}` }),
  );
});

test("the error for a name that resembles none lists the known ones", () => {
  expect(() => architectureOf("alexnet")).toThrow(UsageError);
  expect(() => architectureOf("alexnet")).toThrow(expect.objectContaining({ hint: KNOWN }));
});

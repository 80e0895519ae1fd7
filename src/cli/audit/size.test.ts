import { expect, test } from "vitest";
import { architectureOf } from "../../nn/catalogue.ts";
import { auditSize } from "./run.ts";

test("photographs are looked at as large as a run takes them, and at 224 pixels at least", () => {
  const sizes = (train: number) =>
    ["thaw_small", "mobilenet_v2", "resnet34", "tf_efficientnet_lite2"].map((name) => auditSize(architectureOf(name), train));
  expect(sizes(999)).toEqual([224, 288, 224, 260]);
  expect(sizes(1000)).toEqual([224, 224, 224, 260]);
});

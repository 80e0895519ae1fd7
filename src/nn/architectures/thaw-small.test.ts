// thaw's own network has MobileNetV2's layers, which test/nn/architectures.slow.test.ts holds to torchvision's, under names of its own.

import { expect, test } from "vitest";
import { runStages } from "../../../test/nn/run-stages.ts";
import { formulaParameters, imageBatch } from "../../../test/reference/formula.ts";
import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { describeParameters } from "../scope.ts";
import { networksThatFit } from "../weights.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import { thawSmall } from "./thaw-small.ts";

const SHAPE = [1, 3, 64, 64] as const;
const specs = describeParameters(mobileNetV2.body, SHAPE);
const parameters = formulaParameters(specs);
const renamed = new Map([...parameters].map(([name, value]) => [name.replace(/^features/, "blocks"), value as Tensor<"float32">]));

test("with MobileNetV2's numbers the body computes what MobileNetV2's does", async () => {
  const image = imageBatch("thaw_small", SHAPE);
  const [own, other] = await Promise.all([runStages(thawSmall.body, renamed, image), runStages(mobileNetV2.body, parameters, image)]);
  expect(own.shape).toEqual([1, 1280, 2, 2]);
  expect(own.data).toEqual(other.data);
});

test("a file of its weights fits no other network", () => {
  expect(networksThatFit(renamed)).toEqual([thawSmall]);
});

test("in half precision it has less than 8 MB", () => {
  expect(specs.reduce((sum, { shape }) => sum + 2 * sizeOf(shape), 0)).toBeLessThan(8e6);
});

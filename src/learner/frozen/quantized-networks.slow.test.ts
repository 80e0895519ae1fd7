// The networks of the catalogue in 8 bit, with random weights: the features stay near those of full precision.

import { expect, test } from "vitest";
import { randomTensor } from "../../../test/check-gradient.ts";
import { inferenceGraph } from "../../classifier/inference.ts";
import type { Tensor } from "../../core/index.ts";
import { quantize } from "../../graph/index.ts";
import { type Architecture, architectureOf, mobileNetV2, resnet18, squeezeNet11 } from "../../index.ts";
import { thawSmallFirst } from "../../nn/architectures/thaw-small-first.ts";
import { describeParameters, initialiseParameters } from "../../nn/index.ts";
import { openSession } from "../../runtime/index.ts";
import { collectRanges } from "./ranges.ts";

const SIZE = 64;

function graphOf(architecture: Architecture) {
  const parameters = initialiseParameters(describeParameters(architecture.body, [1, 3, SIZE, SIZE]), 1, architecture.name);
  return inferenceGraph({ stages: architecture.body, parameters, inputType: "float32", inputShape: ["batch", 3, SIZE, SIZE] });
}

const ARITHMETIC = ["Conv", "Relu", "Clip", "Add", "Concat"];

test.each([
  { architecture: thawSmallFirst, least: 0.99 },
  { architecture: resnet18, least: 0.98 },
  { architecture: squeezeNet11, least: 0.98 },
  // Many thin layers in a row (thaw_small has the same), without the statistics of a trained network.
  { architecture: mobileNetV2, least: 0.94 },
  { architecture: architectureOf("tf_efficientnet_lite0"), least: 0.98 },
  { architecture: architectureOf("mobilenetv4_conv_small"), least: 0.99 },
  // Each of its layers ends with a scale and a shift, which stay in full precision.
  { architecture: architectureOf("hgnetv2_b0"), least: 0.99, replaced: ["Conv", "Relu"] },
])(
  "$architecture.name: the cosine of float and 8-bit features is above $least",
  async ({ architecture, least, replaced = ARITHMETIC }) => {
    const graph = graphOf(architecture);
    const images = (name: string) => randomTensor([4, 3, SIZE, SIZE], name, -2, 2);
    const calibration = await collectRanges(graph, { observed: [images("observed")], checked: [images("checked")] }, { threads: 1 });
    const integer = quantize(graph, calibration);
    const operators = integer.nodes.map(({ op }) => op);
    expect(operators.filter((op) => replaced.includes(op))).toEqual([]);
    const features: Float32Array[] = [];
    for (const each of [graph, integer]) {
      const session = await openSession(each, { threads: 1 });
      const { output } = (await session.run({ input: images("new") })) as { output: Tensor<"float32"> };
      features.push(output.data.slice());
      await session.release();
    }
    const [a, b] = features as [Float32Array, Float32Array];
    const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    expect(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))).toBeGreaterThan(least);
  },
  120_000,
);

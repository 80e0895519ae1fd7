// ONNX files from PyTorch's two exporters and Keras, in operator sets 11 to 21, against PyTorch's logits and gradients.

import { describe, expect, test } from "vitest";
import { importModel, ONNX_SIZE, type OnnxReference, onnxFiles, onnxReference } from "../../../test/fixtures/onnx-models.ts";
import { imageBatch } from "../../../test/reference/formula.ts";
import { float32, type Tensor } from "../../core/index.ts";
import { differentiate, GraphBuilder, softmaxCrossEntropy } from "../../graph/index.ts";
import type { Architecture } from "../../index.ts";
import { openSession } from "../../runtime/index.ts";
import { applyStages, describeParameters, inferenceScope } from "../index.ts";
import { openStored } from "./stored.ts";

const images = imageBatch("images", [2, 3, ONNX_SIZE, ONNX_SIZE]);
const targets = float32([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [2, 5]);
const files = onnxFiles
  .filter((file) => file !== "frozen.onnx")
  .map((file) => ({ file, network: onnxReference.networks[file.split(".")[0] as string] as OnnxReference }));

describe.each(files)("$file", ({ file, network }) => {
  test("gives PyTorch's logits for any number of images, and its gradient", async () => {
    const { architecture, classifierParameters } = await importModel(file);
    const parameters = new Map([...architecture.parameters, ...classifierParameters]);
    const stages = [...architecture.body, ...architecture.classifier];
    const graph = new GraphBuilder();
    const x = graph.input("images", "float32", images.shape);
    const logits = applyStages(inferenceScope(graph, parameters), stages, x);
    const { loss } = softmaxCrossEntropy(graph, logits, graph.constant(targets));
    const [gradient] = differentiate(graph, loss, [x]);
    if (!gradient) throw new Error("The images have no gradient");
    const found = await run(graph, { logits, gradient }, images);
    expect(found.logits).toBeAllClose(network.logits, 1e-4);
    const kept = Array.from((found.gradient as Tensor<"float32">).data).filter((_, i) => i % onnxReference.every === 0);
    expect(kept).toBeAllClose(network.gradient, 1e-4);

    const any = new GraphBuilder();
    const batch = any.input("images", "float32", ["batch", ...images.shape.slice(1)]);
    const one = { ...images, shape: [1, 3, ONNX_SIZE, ONNX_SIZE], data: images.data.slice(0, images.data.length / 2) };
    const single = await run(any, { logits: applyStages(inferenceScope(any, parameters), stages, batch) }, one);
    expect(single.logits).toBeAllClose(network.logits.slice(0, 5), 1e-4);
  });

  test("has two trainable layer groups, and survives storing", async () => {
    const { architecture, obstacles } = await importModel(file);
    const { parameters } = architecture;
    expect(obstacles).toEqual([]);
    expect(new Set(architecture.body.map(({ group }) => group))).toEqual(new Set([0, 1]));
    const again = openStored(architecture.name, architecture.stored, ONNX_SIZE);
    const outline = ({ body, features, size }: Architecture) => [features, size, ...body.map(({ name, group }) => `${group} ${name}`)];
    expect(outline(again)).toEqual(outline(architecture));
    const specs = describeParameters(again.body, [1, 3, ONNX_SIZE, ONNX_SIZE]);
    expect(specs).toEqual(describeParameters(architecture.body, [1, 3, ONNX_SIZE, ONNX_SIZE]));
    expect(new Set(specs.map(({ name }) => name))).toEqual(new Set(parameters.keys()));
  });
});

async function run(graph: GraphBuilder, outputs: Parameters<GraphBuilder["build"]>[0], feed: Tensor): Promise<Record<string, Tensor>> {
  const session = await openSession(graph.build(outputs));
  try {
    return await session.run({ images: feed });
  } finally {
    await session.release();
  }
}

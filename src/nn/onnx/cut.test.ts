// Where thaw cuts an exported network by itself: before its classifier, or at its end if it has none, and never silently near its start.

import { readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { importModel, onnxPath } from "../../../test/fixtures/onnx-models.ts";
import { ModelProtoSchema, NodeProtoSchema, TensorProtoSchema } from "../../../test/reference/onnx-proto/onnx_pb.ts";
import { describeStages } from "../scope.ts";
import { importOnnx } from "./import.ts";

test.each([
  ["backbones/map.legacy17.batches.onnx", "map", [32, 8, 8]],
  ["backbones/tokens.dynamo18.batches.onnx", "tokens", [17, 12]],
] as const)("%s has no classifier: nothing is dropped, not even a last layer or norm", async (file, form, shape) => {
  const { architecture, classifierParameters, end, warnings } = await importModel(file);
  expect(architecture.stored.form).toBe(form);
  expect(end.shape).toEqual(["batch", ...shape]);
  expect([...classifierParameters.keys()]).toEqual([]);
  expect(warnings.map(({ message }) => message).filter((message) => message.includes("replaces"))).toEqual([]);
});

test.each(["strides.dynamo18.onnx", "strides.dynamo18.batches.onnx"])(
  "%s, which reads pooled means by computed positions, is cut before its classifier",
  async (file) => {
    const { end, classifierParameters } = await importModel(file);
    expect(end.shape).toEqual(["batch", 96, 8, 8]);
    expect([...classifierParameters.values()].map(({ shape }) => shape)).toEqual([[5, 96], [5]]);
  },
);

/** The backbone of 17 tokens, with further nodes from its last norm to the output. */
function withEnd(...nodes: readonly { opType: string; constant: readonly (readonly number[])[] }[]): Uint8Array {
  const model = fromBinary(ModelProtoSchema, readFileSync(onnxPath("backbones/tokens.dynamo18.batches.onnx")));
  const { graph } = model;
  const norm = graph?.node.findLast(({ opType }) => opType === "LayerNormalization");
  if (!graph || !norm) throw new Error("no norm");
  let last = norm.output[0] as string;
  for (const [i, { opType, constant }] of nodes.entries()) {
    const names = constant.map((values, k) => {
      const name = `end.${i}.${k}`;
      graph.initializer.push(
        create(TensorProtoSchema, { name, dataType: 7, dims: [BigInt(values.length)], int64Data: values.map(BigInt) }),
      );
      return name;
    });
    graph.node.push(create(NodeProtoSchema, { opType, name: `end.${i}`, input: [last, ...names], output: [`end.${i}.out`] }));
    last = `end.${i}.out`;
  }
  graph.output.length = 1;
  for (const output of graph.output) output.name = last;
  return toBinary(ModelProtoSchema, model);
}

const patchesAlone = { opType: "Slice", constant: [[1], [17], [1]] } as const;
const mean = { opType: "ReduceMean", constant: [[1]] } as const;

test.each([
  ["tokens of a square of patches", [patchesAlone], "patches", 16],
  ["tokens that the network averages itself", [mean], "patches", 17],
  ["patches that the network averages itself", [patchesAlone, mean], "patches", 16],
] as const)("%s have no class token: the head pools all of them alike", async (_, nodes, form, tokens) => {
  const { architecture, end } = await importOnnx("tokens.onnx", withEnd(...nodes), () => new Uint8Array());
  expect(architecture.stored.form).toBe(form);
  expect(end.shape).toEqual(["batch", tokens, 12]);
  const { output } = describeStages(architecture.body, [2, 3, architecture.size, architecture.size]);
  expect(output).toEqual([2, 12, tokens, 1]);
  expect(architecture.features).toBe(12);
});

/** The file with the operator of its last convolution's input replaced by one that neither thaw nor the file describes. */
function withUnknown(file: string): Uint8Array {
  const model = fromBinary(ModelProtoSchema, readFileSync(onnxPath(file)));
  const { node = [], valueInfo = [] } = model.graph ?? {};
  valueInfo.length = 0;
  const odd = node.find(({ opType }) => opType === "HardSwish" || opType === "Relu");
  if (!odd) throw new Error(`${file} has no activation`);
  [odd.opType, odd.name] = ["Odd", "odd"];
  return toBinary(ModelProtoSchema, model);
}

test("a network that cannot be followed to its classifier is refused with the share that would be lost, unless the cut is named", async () => {
  const bytes = withUnknown("backbones/map.legacy17.batches.onnx");
  const none = () => new Uint8Array();
  const refused = await importOnnx("odd.onnx", bytes, none).catch((error) => error);
  expect(refused.message).toMatch(/^odd\.onnx can be followed only in part: .*node "odd".* drops 2 layers with 80 % of its parameters$/s);
  const [, cut] = /--cut (\S+)$/.exec(refused.hint) ?? [];
  const { end } = await importOnnx("odd.onnx", bytes, none, { cut });
  expect(end).toMatchObject({ name: cut, shape: ["batch", 8, 16, 16] });
});

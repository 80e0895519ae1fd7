// The head: its parameters, its order (maximum first), its dropout, and invalid options.

import { expect, test } from "vitest";
import { runStages } from "../../test/nn/run-stages.ts";
import { trainingScope } from "../../test/nn/training-scope.ts";
import { float32 } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type CreateHeadOptions, createHead } from "./head.ts";
import { initialiseParameters } from "./initialise.ts";
import { applyStages, describeParameters, type MaskSpec } from "./scope.ts";

const twoImages = float32([1, 5, 3, 3, -2, -4, -6, 0, 8, 0, 0, 0, 1, 2, 3, 6], [2, 2, 2, 2]);

/** The dropout masks that a head requests in training. */
function masksOf(options: CreateHeadOptions): readonly MaskSpec[] {
  const graph = new GraphBuilder();
  const scope = trainingScope(graph);
  applyStages(scope, createHead(options), graph.input("x", "float32", [4, options.features, 2, 2]));
  return scope.masks;
}

test("the pooling gives each channel's maximum, then each channel's mean, and belongs to the body's last group", async () => {
  const stages = createHead({ features: 2, classes: 3 });
  expect(stages.map(({ name, group }) => [name, group])).toEqual([
    ["pool", 1],
    ["head.0", 2],
    ["head.1", 2],
  ]);
  const pooled = await runStages(stages.slice(0, 1), new Map(), twoImages);
  expect(pooled).toEqual(float32([5, 0, 3, -3, 8, 6, 2, 3], [2, 4]));
});

test("for a transformer the pooling gives the class token, then the mean of the others", async () => {
  const [pool] = createHead({ features: 2, classes: 3 });
  const tokens = float32([9, -9, 1, 10, 2, 20, 6, 60], [1, 4, 2]);
  expect(await runStages(pool ? [pool] : [], new Map(), tokens)).toEqual(float32([9, -9, 3, 30], [1, 4]));
});

test("a single token, which the network has pooled itself, is taken twice", async () => {
  const [pool] = createHead({ features: 2, classes: 3 });
  expect(await runStages(pool ? [pool] : [], new Map(), float32([9, -9], [1, 1, 2]))).toEqual(float32([9, -9, 9, -9], [1, 4]));
});

test("the parameters are those of fastai's head", () => {
  const specs = describeParameters(createHead({ features: 512, classes: 2 }), [1, 512, 7, 7]);
  expect(specs.map(({ name, shape }) => `${name} [${shape}]`)).toEqual([
    "head.bn0.weight [1024]",
    "head.bn0.bias [1024]",
    "head.bn0.running_mean [1024]",
    "head.bn0.running_var [1024]",
    "head.fc0.weight [512,1024]",
    "head.fc0.bias [512]",
    "head.bn1.weight [512]",
    "head.bn1.bias [512]",
    "head.bn1.running_mean [512]",
    "head.bn1.running_var [512]",
    "head.fc1.weight [2,512]",
    "head.fc1.bias [2]",
  ]);
});

test("dropout is 0.25, then 0.5 by default; one number applies to all layers, and 0 omits it", () => {
  const shapes = [
    { name: "head.dropout0", shape: [4, 4] },
    { name: "head.dropout1", shape: [4, 512] },
  ];
  expect(masksOf({ features: 2, classes: 3 })).toEqual([
    { ...shapes[0], probability: 0.25 },
    { ...shapes[1], probability: 0.5 },
  ]);
  expect(masksOf({ features: 2, classes: 3, ps: 0.1 })).toEqual(shapes.map((mask) => ({ ...mask, probability: 0.1 })));
  expect(masksOf({ features: 2, classes: 3, ps: [0, 0.5] })).toEqual([{ ...shapes[1], probability: 0.5 }]);
  expect(masksOf({ features: 2, classes: 3, hidden: [8, 8] }).map(({ probability }) => probability)).toEqual([0.25, 0.25, 0.5]);
});

test("without a hidden layer the head is one block", () => {
  const names = describeParameters(createHead({ features: 2, classes: 3, hidden: [] }), [1, 2, 2, 2]).map(({ name }) => name);
  expect(names.filter((name) => name.endsWith("weight"))).toEqual(["head.bn0.weight", "head.fc0.weight"]);
});

test("the output may be probabilities that sum to 1, or independent ones", async () => {
  const options: CreateHeadOptions = { features: 2, classes: 3 };
  const parameters = initialiseParameters(describeParameters(createHead(options), [1, 2, 2, 2]), 3);
  const [logits, softmax, sigmoid] = await Promise.all(
    (["logits", "softmax", "sigmoid"] as const).map(async (output) =>
      Array.from((await runStages(createHead({ ...options, output }), parameters, twoImages)).data as Float32Array),
    ),
  );
  const rows = [logits?.slice(0, 3), logits?.slice(3)].map((row = []) => row.map(Math.exp));
  expect(softmax).toBeAllClose(
    rows.flatMap((row) => row.map((x) => x / row.reduce((a, b) => a + b))),
    1e-5,
  );
  expect(sigmoid).toBeAllClose(logits?.map((x) => 1 / (1 + Math.exp(-x))) ?? [], 1e-5);
});

test("training batch norm on one image is refused with the cure", () => {
  const graph = new GraphBuilder();
  expect(() =>
    applyStages(trainingScope(graph), createHead({ features: 2, classes: 3 }), graph.input("x", "float32", [1, 2, 2, 2])),
  ).toThrow(
    expect.objectContaining({
      message: 'Expected more than one value per channel for batch norm "head.bn0" but received 1',
      hint: "Train with at least two images per batch, or freeze batch norm.",
    }),
  );
});

test.each([
  [{ features: 2, classes: 0 }, "Expected a whole number of at least 1 for classes but received 0"],
  [{ features: 2, classes: 2, hidden: [1.5] }, "Expected a whole number of at least 1 for hidden but received 1.5"],
  [{ features: 2, classes: 2, ps: 1 }, "Expected a number in [0, 1) for ps but received 1"],
  [{ features: 2, classes: 2, ps: [0.5] }, "Expected 2 probabilities for ps but received [0.5]"],
  [{ features: 2, classes: 2, ps: [Number.NaN, 0.5] }, "Expected a number in [0, 1) for ps"],
])("%j is refused", (options, message) => {
  expect(() => createHead(options)).toThrow(message);
});

test("a body with another number of features is refused", () => {
  expect(() => describeParameters(createHead({ features: 512, classes: 2 }), [1, 1280, 7, 7])).toThrow(
    "Expected 512 channels for the head's input but received 1280",
  );
});

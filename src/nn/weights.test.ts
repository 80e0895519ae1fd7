// Matching a file's tensors to a network, and the error messages.

import { expect, test } from "vitest";
import { full, type Tensor } from "../core/tensor.ts";
import { mobileNetV2 } from "./architectures/mobilenet-v2.ts";
import { resnet18, resnet34 } from "./architectures/resnet.ts";
import { vitSmall } from "./architectures/vision-transformer.ts";
import type { ParameterSpec } from "./scope.ts";
import { bodyParameters, loadBody, matchParameters, networkParameters } from "./weights.ts";

function tensorsOf(specs: readonly ParameterSpec[]): Map<string, Tensor<"float32">> {
  return new Map(specs.map(({ name, shape }) => [name, full(shape, 1)]));
}

const specs: readonly ParameterSpec[] = ["a", "b", "c", "d"].map((name) => ({ name, shape: [2], kind: "bias" }));

test("matching tensors are returned in the network's order", () => {
  const tensors = tensorsOf(specs.toReversed());
  expect([...matchParameters(specs, tensors, "x").keys()]).toEqual(["a", "b", "c", "d"]);
});

test("mismatches are counted, with the first names of each kind", () => {
  const tensors = new Map([
    ["d", full([3], 1)],
    ["e", full([1], 1)],
  ]);
  expect(() => matchParameters(specs, tensors, "x.safetensors")).toThrow(
    'x.safetensors does not fit the network: 3 missing ("a", "b", "c"); 1 unexpected ("e"); 1 of another shape ("d" is [3] instead of [2])',
  );
  expect(() => matchParameters(specs, new Map(), "x")).toThrow('4 missing ("a", "b", "c", …)');
});

test("unused tensors that are allowed are not an error", () => {
  const tensors = tensorsOf([...specs, { name: "fc.bias", shape: [9], kind: "bias" }]);
  expect(() => matchParameters(specs, tensors, "x")).toThrow('1 unexpected ("fc.bias")');
  expect(matchParameters(specs, tensors, "x", ["fc.bias"]).has("fc.bias")).toBe(false);
});

test("a body loads from a whole network, from only a body, and beside a classifier for other classes", () => {
  const body = bodyParameters(resnet18).map(({ name }) => name);
  const whole = tensorsOf(networkParameters(resnet18));
  expect([...loadBody(resnet18, whole, "x").keys()]).toEqual(body);
  expect([...loadBody(resnet18, tensorsOf(bodyParameters(resnet18)), "x").keys()]).toEqual(body);
  expect([...loadBody(resnet18, whole.set("fc.weight", full([10, 512], 1)), "x").keys()]).toEqual(body);
});

test("a body loads from names behind a prefix, and from fastai's numbers, if every name then fits", () => {
  const own = [...tensorsOf(networkParameters(resnet18))];
  const body = bodyParameters(resnet18).map(({ name }) => name);
  const named = (rename: (name: string) => string) => new Map(own.map(([name, value]) => [rename(name), value]));
  for (const prefix of ["model.", "module.", "module.model."])
    expect([
      ...loadBody(
        resnet18,
        named((name) => prefix + name),
        "x",
      ).keys(),
    ]).toEqual(body);
  // The layers of Sequential(conv1, bn1, relu, maxpool, layer1, …), then the head.
  const places: Readonly<Record<string, string>> = {
    conv1: "0.0",
    bn1: "0.1",
    layer1: "0.4",
    layer2: "0.5",
    layer3: "0.6",
    layer4: "0.7",
    fc: "1.8",
  };
  const numbered = named((name) => name.replace(/^\w+/, (first) => places[first] as string));
  expect([...loadBody(resnet18, numbered, "x").keys()]).toEqual(body);
  expect(() =>
    loadBody(
      resnet18,
      named((name) => (name === "conv1.weight" ? name : `model.${name}`)),
      "x",
    ),
  ).toThrow("does not fit");
});

test("the error names what a file with timm's names lacks", () => {
  const names = { "conv_stem.weight": [32, 3, 3, 3], "blocks.1.0.conv_pwl.weight": [24, 96, 1, 1], "bn2.running_var": [1280] };
  const tensors = new Map(Object.entries(names).map(([name, shape]) => [name, full(shape, 1)]));
  expect(() => loadBody(mobileNetV2, tensors, "m.safetensors")).toThrow(/m\.safetensors does not fit the network: 257 missing \(/);
  expect(() => loadBody(mobileNetV2, tensors, "m.safetensors")).not.toThrow(/unexpected|of another shape/);
});

test("the error identifies a file for another network if it is known", () => {
  expect(() => loadBody(resnet18, tensorsOf(networkParameters(resnet34)), "r.safetensors")).toThrow(
    expect.objectContaining({
      message: "r.safetensors contains the weights of resnet34, not of resnet18",
      hint: "Choose resnet34, or give the weights of resnet18.",
    }),
  );
  expect(() => loadBody(mobileNetV2, tensorsOf(specs), "v.safetensors")).toThrow(
    'v.safetensors does not contain the weights of mobilenet_v2: none of its 4 tensors ("a", …) has a name of this network',
  );
  expect(() => loadBody(mobileNetV2, new Map(), "v.safetensors")).toThrow("it contains no tensors");
  const hint = "Give a safetensors file of vit_small_patch16_224 with torchvision's or timm's parameter names.";
  expect(() => loadBody(vitSmall, new Map(), "v.safetensors")).toThrow(expect.objectContaining({ hint }));
});

test("the error names a tensor that is missing from the right network's file", () => {
  const tensors = tensorsOf(networkParameters(resnet18));
  tensors.delete("layer1.0.bn1.running_var");
  expect(() => loadBody(resnet18, tensors, "x.safetensors")).toThrow(
    'x.safetensors does not fit the network: 1 missing ("layer1.0.bn1.running_var")',
  );
});

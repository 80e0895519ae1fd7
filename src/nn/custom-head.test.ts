import { describe, expect, test } from "vitest";
import { resnet34 } from "./architectures/resnet.ts";
import { vitSmall } from "./architectures/vision-transformer.ts";
import { createCustomHead, type HeadLayer } from "./custom-head.ts";
import { cutBody } from "./cut-body.ts";
import { describeStages } from "./scope.ts";

function described(layers: readonly HeadLayer[], classes: number, input = [1, 10, 4, 4]) {
  const { parameters, output } = describeStages(createCustomHead(layers, classes), input);
  return { parameters: parameters.map(({ name, shape }) => `${name} [${shape}]`), output };
}

describe("a head as a list of layers", () => {
  test("names each layer's parameters by its index in the list", () => {
    expect(described(["concatPool", "batchNorm", { dropout: 0.5 }, { linear: 7 }, "relu", { linear: "classes" }], 3)).toEqual({
      parameters: [
        "head.1.weight [20]",
        "head.1.bias [20]",
        "head.1.running_mean [20]",
        "head.1.running_var [20]",
        "head.3.weight [7,20]",
        "head.3.bias [7]",
        "head.5.weight [3,7]",
        "head.5.bias [3]",
      ],
      output: [1, 3],
    });
  });

  test("may be a convolution, then pooling, as for class activation maps", () => {
    expect(described([{ conv: "classes" }, "averagePool"], 5)).toEqual({
      parameters: ["head.0.weight [5,10,3,3]", "head.0.bias [5]"],
      output: [1, 5],
    });
    expect(described(["relu", { conv: 4, kernel: 1 }, { conv: "classes", kernel: 5 }, "maxPool"], 2).output).toEqual([1, 2]);
  });

  test("applies concatPool to a transformer's tokens", () => {
    expect(described(["concatPool", { linear: "classes" }], 2, [1, 17, 10]).parameters[0]).toBe("head.1.weight [2,20]");
  });

  test("puts its leading pools into the body's last group, and the other layers into its own", () => {
    const groups = (layers: readonly HeadLayer[]) => createCustomHead(layers, 2).map(({ group }) => group);
    expect(groups(["averagePool", "batchNorm", { linear: "classes" }])).toEqual([1, 2, 2]);
    expect(groups([{ conv: "classes" }, "averagePool"])).toEqual([2, 2]);
  });

  test.each<[readonly HeadLayer[], string]>([
    [["averagePool", { linear: 5 }], 'Expected "classes" outputs for the last linear or conv of the custom head but received 5'],
    [["averagePool"], 'Expected "classes" outputs for the last linear or conv of the custom head but received "none of them"'],
    [
      ["averagePool", { linear: "classes" }, { linear: "classes" }],
      'Expected a whole number of at least 1 for a layer of the custom head before its last but received "classes"',
    ],
    [["averagePool", { dropout: 1 }, { linear: "classes" }], "Expected a number in [0, 1) for dropout but received 1"],
    [[{ conv: "classes", kernel: 2 }, "averagePool"], "Expected an odd number for kernel but received 2"],
    [
      [{ linear: "classes" }],
      'Expected one vector per image for layer 0 of the custom head, {"linear":"classes"}, but received [1,10,4,4]',
    ],
    [
      ["averagePool", "maxPool", { linear: "classes" }],
      'Expected a map per image for layer 1 of the custom head, "maxPool", but received [1,10]',
    ],
    [[{ conv: "classes" }], "Expected [batch, 2] for the custom head's output but received [1,2,4,4]"],
  ])("%j is refused", (layers, message) => {
    expect(() => described(layers, 2)).toThrow(message);
  });
});

describe("xtraCut", () => {
  // torchvision: layer4 of ResNet-34 has 13,114,368 parameters of the body's 21,284,672.
  test("removes a ResNet's last layer", () => {
    const { body, features } = cutBody(resnet34, 1);
    const { parameters } = describeStages(body, [1, 3, 224, 224]);
    const learnt = parameters.filter(({ kind }) => kind !== "mean" && kind !== "variance");
    expect(learnt.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0)).toBe(21_284_672 - 13_114_368);
    expect(features).toBe(256);
    expect(body.at(-1)?.name).toBe("layer3.5");
  });

  test("removes one block of a transformer, which keeps its width", () => {
    const { body, features } = cutBody(vitSmall, 2);
    expect([body.at(-1)?.name, features]).toEqual(["blocks.10", 384]);
  });

  test("leaves at least one child", () => {
    expect(() => cutBody(resnet34, 6)).toThrow("Expected a whole number from 0 to 5 for xtraCut of resnet34 but received 6");
  });
});

// What is said of a run's networks before anything is looked at.

import { expect, test } from "vitest";
import { checkNetworks } from "./networks.ts";

test("what cannot be said of a network that is named is refused at once", () => {
  expect(() => checkNetworks({ arch: "resnet18", weights: ["a", "b"] })).toThrow("a file for each of resnet18");
  expect(() => checkNetworks({ arch: "resnet18", mean: [300, 300, 300] })).toThrow("--mean and --std are for ONNX files");
  expect(() => checkNetworks({ arch: "resnet18", cut: "x" })).toThrow('no ONNX file to cut at "x"');
  expect(() => checkNetworks({ arch: "resnet81" })).toThrow("resnet81");
});

test("without a name a file of weights or a recipe may be of any network", () => {
  expect(() => checkNetworks({ weights: ["a", "b"], cut: "x", mean: [0.5, 0.5, 0.5] })).not.toThrow();
  expect(() => checkNetworks({ arch: "a.onnx", cut: "x", mean: [0.5, 0.5, 0.5] })).not.toThrow();
});

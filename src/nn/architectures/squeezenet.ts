// SqueezeNet 1.1 (Iandola et al. 2016) as torchvision builds it: no batch norm anywhere. Layer groups: features 0 to 6, features 7 to 12.

import type { Value } from "../../graph/types.ts";
import { conv2d, relu } from "../layers.ts";
import { averagePool, maxPool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

const FIRST_OF_SECOND_GROUP = 7;

const pool = (scope: Scope, _name: string, x: Value): Value => maxPool(scope, x, { kernel: 3, stride: 2, ceil: true });

const fire =
  (squeezed: number, expanded: number) =>
  (scope: Scope, name: string, x: Value): Value => {
    const narrow = relu(scope, conv2d(scope, `${name}.squeeze`, x, { channels: squeezed, kernel: 1, bias: true }));
    const ones = relu(scope, conv2d(scope, `${name}.expand1x1`, narrow, { channels: expanded, kernel: 1, bias: true }));
    const threes = relu(scope, conv2d(scope, `${name}.expand3x3`, narrow, { channels: expanded, kernel: 3, padding: 1, bias: true }));
    return scope.graph.add("Concat", [ones, threes], { axis: 1 });
  };

const LAYERS: readonly ((scope: Scope, name: string, x: Value) => Value)[] = [
  (scope, name, x) => conv2d(scope, name, x, { channels: 64, kernel: 3, stride: 2, bias: true }),
  (scope, _name, x) => relu(scope, x),
  pool,
  fire(16, 64),
  fire(16, 64),
  pool,
  fire(32, 128),
  fire(32, 128),
  pool,
  fire(48, 192),
  fire(48, 192),
  fire(64, 256),
  fire(64, 256),
];

/** SqueezeNet 1.1: 0.7 M parameters before the head. */
export const squeezeNet11: Architecture = {
  name: "squeezenet1_1",
  body: LAYERS.map(
    (layer, i): Stage => ({
      name: `features.${i}`,
      group: i < FIRST_OF_SECOND_GROUP ? 0 : 1,
      apply: (scope, x) => layer(scope, `features.${i}`, x),
    }),
  ),
  classifier: [
    {
      name: "classifier",
      group: 2,
      apply: (scope, x) =>
        averagePool(scope, relu(scope, conv2d(scope, "classifier.1", x, { channels: imageNetClasses, kernel: 1, bias: true }))),
    },
  ],
  features: 512,
  ...imageNetInput,
};

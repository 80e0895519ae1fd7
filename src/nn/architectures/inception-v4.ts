// Inception-v4 (Szegedy et al. 2016) as timm builds it. Layer groups are fastai's: features before 9, features from 9 on. The body is all
// of `features`: fastai's cut omits the last module.

import type { Value } from "../../graph/types.ts";
import { linear } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, tensorFlowInput } from "./imagenet.ts";
import { averageBranch, branch, join, keep, maxBranch, reduce, unit } from "./inception.ts";

type Module = (scope: Scope, name: string, x: Value) => Value;

const FIRST_OF_SECOND_GROUP = 9;

const firstReduction: Module = (scope, name, x) => join(scope, [maxBranch(scope, x), unit(scope, `${name}.conv`, x, reduce(96))]);

const stemBranches: Module = (scope, name, x) =>
  join(scope, [
    branch(scope, `${name}.branch0`, x, [keep(64, 1), { channels: 96, kernel: 3 }]),
    branch(scope, `${name}.branch1`, x, [keep(64, 1), keep(64, [1, 7]), keep(64, [7, 1]), { channels: 96, kernel: 3 }]),
  ]);

const secondReduction: Module = (scope, name, x) => join(scope, [unit(scope, `${name}.conv`, x, reduce(192)), maxBranch(scope, x)]);

const inceptionA: Module = (scope, name, x) =>
  join(scope, [
    branch(scope, `${name}.branch0`, x, [keep(96, 1)]),
    branch(scope, `${name}.branch1`, x, [keep(64, 1), keep(96, 3)]),
    branch(scope, `${name}.branch2`, x, [keep(64, 1), keep(96, 3), keep(96, 3)]),
    averageBranch(scope, `${name}.branch3`, x, 96),
  ]);

const reductionA: Module = (scope, name, x) =>
  join(scope, [
    branch(scope, `${name}.branch0`, x, [reduce(384)]),
    branch(scope, `${name}.branch1`, x, [keep(192, 1), keep(224, 3), reduce(256)]),
    maxBranch(scope, x),
  ]);

const inceptionB: Module = (scope, name, x) =>
  join(scope, [
    branch(scope, `${name}.branch0`, x, [keep(384, 1)]),
    branch(scope, `${name}.branch1`, x, [keep(192, 1), keep(224, [1, 7]), keep(256, [7, 1])]),
    branch(scope, `${name}.branch2`, x, [keep(192, 1), keep(192, [7, 1]), keep(224, [1, 7]), keep(224, [7, 1]), keep(256, [1, 7])]),
    averageBranch(scope, `${name}.branch3`, x, 128),
  ]);

const reductionB: Module = (scope, name, x) =>
  join(scope, [
    branch(scope, `${name}.branch0`, x, [keep(192, 1), reduce(192)]),
    branch(scope, `${name}.branch1`, x, [keep(256, 1), keep(256, [1, 7]), keep(320, [7, 1]), reduce(320)]),
    maxBranch(scope, x),
  ]);

const inceptionC: Module = (scope, name, x) => {
  const fork = (at: string, value: Value): readonly Value[] => [
    unit(scope, `${name}.${at}a`, value, keep(256, [1, 3])),
    unit(scope, `${name}.${at}b`, value, keep(256, [3, 1])),
  ];
  const first = unit(scope, `${name}.branch1_0`, x, keep(384, 1));
  const second = unit(scope, `${name}.branch2_0`, x, keep(384, 1));
  const tall = unit(scope, `${name}.branch2_1`, second, keep(448, [3, 1]));
  const wide = unit(scope, `${name}.branch2_2`, tall, keep(512, [1, 3]));
  const straight = unit(scope, `${name}.branch0`, x, keep(256, 1));
  return join(scope, [straight, ...fork("branch1_1", first), ...fork("branch2_3", wide), averageBranch(scope, `${name}.branch3`, x, 256)]);
};

const MODULES: readonly Module[] = [
  (scope, name, x) => unit(scope, name, x, reduce(32)),
  (scope, name, x) => unit(scope, name, x, { channels: 32, kernel: 3 }),
  (scope, name, x) => unit(scope, name, x, keep(64, 3)),
  firstReduction,
  stemBranches,
  secondReduction,
  ...Array<Module>(4).fill(inceptionA),
  reductionA,
  ...Array<Module>(7).fill(inceptionB),
  reductionB,
  ...Array<Module>(3).fill(inceptionC),
];

/** Inception-v4: 41.1 M parameters before the head; images of at least 75 pixels. */
export const inceptionV4: Architecture = {
  name: "inception_v4",
  body: MODULES.map(
    (module, i): Stage => ({
      name: `features.${i}`,
      group: i < FIRST_OF_SECOND_GROUP ? 0 : 1,
      apply: (scope, x) => module(scope, `features.${i}`, x),
    }),
  ),
  classifier: [
    { name: "last_linear", group: 2, apply: (scope, x) => linear(scope, "last_linear", averagePool(scope, x), imageNetClasses) },
  ],
  features: 1536,
  size: 299,
  ...tensorFlowInput,
};

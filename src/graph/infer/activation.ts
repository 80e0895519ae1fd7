// Shape inference of activations: the shape stays as it is.

import type { InferenceRule } from "./rule.ts";

const same: InferenceRule = (context) => [{ type: context.input(0).type, shape: context.input(0).shape }];

const OPS = [
  "Relu",
  "LeakyRelu",
  "Clip",
  "Sigmoid",
  "Tanh",
  "Softmax",
  "LogSoftmax",
  "HardSigmoid",
  "HardSwish",
  "Gelu",
  "Elu",
  "Softplus",
  "Dropout",
];

export const activationRules: Readonly<Record<string, InferenceRule>> = Object.fromEntries(OPS.map((op) => [op, same]));

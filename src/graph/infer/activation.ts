// Shape inference of activations and other operators whose output has the shape of their first input.

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
  "PRelu",
  "Selu",
  "Celu",
  "Mish",
  "Softsign",
  "ThresholdedRelu",
  "Shrink",
  "Hardmax",
  "LRN",
  "LpNormalization",
  "MeanVarianceNormalization",
  "CumSum",
  "Trilu",
  "ScatterND",
  "ScatterElements",
];

export const activationRules: Readonly<Record<string, InferenceRule>> = Object.fromEntries(OPS.map((op) => [op, same]));

// Shape inference of normalisation layers.

import { intAttribute } from "../types.ts";
import { type InferenceRule, normalizeAxis } from "./rule.ts";

export const normalizationRules: Readonly<Record<string, InferenceRule>> = {
  BatchNormalization: (context) => {
    const x = context.input(0);
    for (const i of [1, 2, 3, 4]) {
      const statistic = context.input(i);
      if (statistic.shape.length !== 1 || statistic.shape[0] !== x.shape[1]) context.fail(`needs [${x.shape[1]}] for input ${i}`);
    }
    const channels = { type: "float32", shape: [x.shape[1] ?? 1] } as const;
    return [{ type: x.type, shape: x.shape }, channels, channels];
  },
  LayerNormalization: (context) => {
    const x = context.input(0);
    const axis = normalizeAxis(context, intAttribute(context.node, "axis", -1), x.shape.length);
    const scale = context.input(1);
    if (scale.shape.join() !== x.shape.slice(axis).join()) context.fail(`needs [${x.shape.slice(axis)}] for input 1`);
    const statistics = { type: "float32", shape: x.shape.map((size, i) => (i < axis ? size : 1)) } as const;
    return [{ type: x.type, shape: x.shape }, statistics, statistics];
  },
};

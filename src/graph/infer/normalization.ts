// Shape inference of normalisation layers.

import type { InferenceRule } from "./rule.ts";

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
};

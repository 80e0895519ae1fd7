// The table of gradient rules, by operator.

import type { Node } from "../types.ts";
import { activationGradients } from "./activation.ts";
import { convolutionGradients } from "./convolution.ts";
import { elementwiseGradients } from "./elementwise.ts";
import { gateGradients } from "./gate.ts";
import { gatherGradients } from "./gather.ts";
import { layerNormGradients } from "./layer-norm.ts";
import { matMulGradients } from "./matmul.ts";
import { normalizationGradients } from "./normalization.ts";
import { poolingGradients } from "./pooling.ts";
import { reduceGradients } from "./reduce.ts";
import type { GradientRule } from "./rule.ts";
import { shapeGradients } from "./shape.ts";

const RULES: Readonly<Record<string, GradientRule>> = {
  ...activationGradients,
  ...convolutionGradients,
  ...elementwiseGradients,
  ...gateGradients,
  ...gatherGradients,
  ...layerNormGradients,
  ...matMulGradients,
  ...normalizationGradients,
  ...poolingGradients,
  ...reduceGradients,
  ...shapeGradients,
};

/** The operators that have a rule, sorted. */
export const differentiableOperators: readonly string[] = Object.keys(RULES).sort();

/** The rule for a node's operator; throws an error that names operator and node if there is none. */
export function ruleOf(node: Node): GradientRule {
  const rule = Object.hasOwn(RULES, node.op) ? RULES[node.op] : undefined;
  if (rule) return rule;
  throw new Error(
    `Operator ${node.op} (node "${node.name}") has no gradient rule, so the layers before it cannot be trained; there are rules for ${differentiableOperators.join(", ")}`,
  );
}

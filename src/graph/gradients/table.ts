// The table of gradient rules, by operator.

import type { Node } from "../types.ts";
import { elementwiseGradients } from "./elementwise.ts";
import type { GradientRule } from "./rule.ts";

const RULES: Readonly<Record<string, GradientRule>> = { ...elementwiseGradients };

/** The rule for a node's operator; throws naming operator and node where there is none. */
export function ruleOf(node: Node): GradientRule {
  const rule = Object.hasOwn(RULES, node.op) ? RULES[node.op] : undefined;
  if (rule) return rule;
  const known = Object.keys(RULES).sort().join(", ");
  throw new Error(`Operator ${node.op} (node "${node.name}") has no gradient rule, so what lies before it cannot be trained; there are rules for ${known}`);
}

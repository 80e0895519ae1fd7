// Shape inference of reductions over axes. Axes come as an input (opset 13 and 18 on) or, in older files, as an attribute.

import { type Dimension, intAttribute, intsAttribute } from "../types.ts";
import { constantInts, type InferenceContext, type InferenceRule, normalizeAxis } from "./rule.ts";

const OPS = [
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
  "ReduceSumSquare",
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSumExp",
];

const reduce: InferenceRule = (context) => {
  const x = context.input(0);
  const axes = reducedAxes(context);
  if (axes.length === 0 && intAttribute(context.node, "noop_with_empty_axes", 0) === 1) return [{ type: x.type, shape: x.shape }];
  const over = new Set(axes.length > 0 ? axes.map((axis) => normalizeAxis(context, axis, x.shape.length)) : x.shape.keys());
  const keep = intAttribute(context.node, "keepdims", 1) === 1;
  const shape = x.shape.flatMap((dimension, i): Dimension[] => (over.has(i) ? (keep ? [1] : []) : [dimension]));
  return [{ type: x.type, shape }];
};

export const reduceRules: Readonly<Record<string, InferenceRule>> = {
  ...Object.fromEntries(OPS.map((op) => [op, reduce])),
  ArgMax: (context) => {
    const x = context.input(0);
    const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), x.shape.length);
    const keep = intAttribute(context.node, "keepdims", 1) === 1;
    return [{ type: "int64", shape: x.shape.flatMap((dimension, i): Dimension[] => (i === axis ? (keep ? [1] : []) : [dimension])) }];
  },
};

function reducedAxes(context: InferenceContext): readonly number[] {
  const attribute = intsAttribute(context.node, "axes");
  if (attribute) return attribute;
  return context.inputs[1] ? constantInts(context, 1, "axes") : [];
}

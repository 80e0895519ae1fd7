// Gradients of newer networks' activations: hard sigmoid and hard swish, GELU and the error function, and piecewise-linear ones.

import type { GraphBuilder } from "../builder.ts";
import { ONNX_TYPES } from "../element-types.ts";
import { float, floatAttribute, stringAttribute, type Value } from "../types.ts";
import { unbroadcast } from "./elementwise.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

/** 1 for elements of `value` above 0, else 0. */
function positive(graph: GraphBuilder, value: Value): Value {
  return graph.add("Cast", [graph.add("Greater", [value, graph.scalar(0)])], { to: ONNX_TYPES.float32 });
}

/** The slope of a hard sigmoid from its output `y`: `alpha` strictly between 0 and 1, else 0, as in PyTorch. */
function hardSlope(graph: GraphBuilder, y: Value, alpha: number): Value {
  const inside = positive(graph, graph.add("Mul", [y, graph.add("Sub", [graph.scalar(1), y])]));
  return graph.add("Mul", [inside, graph.scalar(alpha)]);
}

const hardSigmoid: GradientRule = ({ graph, gradient, outputs, node }) => [
  graph.add("Mul", [gradient, hardSlope(graph, outputs[0] as Value, floatAttribute(node, "alpha", 0.2))]),
];

const hardSwish: GradientRule = (context) => {
  const { graph, gradient } = context;
  const x = context.input(0);
  const gate = graph.add("HardSigmoid", [x], { alpha: float(1 / 6), beta: float(0.5) });
  return [graph.add("Mul", [gradient, graph.add("Add", [gate, graph.add("Mul", [x, hardSlope(graph, gate, 1 / 6)])])])];
};

/** The standard normal density e^(−x²/2) / √(2π), the slope of Φ in GELU, x · Φ(x) (Hendrycks and Gimpel 2016). */
function normalDensity(graph: GraphBuilder, x: Value): Value {
  const exponent = graph.add("Mul", [graph.add("Mul", [x, x]), graph.scalar(-0.5)]);
  return graph.add("Mul", [graph.add("Exp", [exponent]), graph.scalar(1 / Math.sqrt(2 * Math.PI))]);
}

const erf: GradientRule = (context) => {
  const { graph, gradient } = context;
  const x = context.input(0);
  const density = graph.add("Exp", [graph.add("Neg", [graph.add("Mul", [x, x])])]);
  return [graph.add("Mul", [gradient, graph.add("Mul", [density, graph.scalar(2 / Math.sqrt(Math.PI))])])];
};

const gelu: GradientRule = (context) => {
  const { graph, gradient, node } = context;
  const x = context.input(0);
  const half = (value: Value): Value => graph.add("Mul", [graph.add("Add", [value, graph.scalar(1)]), graph.scalar(0.5)]);
  if (stringAttribute(node, "approximate", "none") === "tanh") return [graph.add("Mul", [gradient, tanhSlope(context, x, half)])];
  const below = half(graph.add("Erf", [graph.add("Mul", [x, graph.scalar(Math.SQRT1_2)])]));
  return [graph.add("Mul", [gradient, graph.add("Add", [below, graph.add("Mul", [x, normalDensity(graph, x)])])])];
};

/** d/dx of GELU's approximation x · (1 + tanh u) / 2 with u = √(2/π) · (x + 0.044715 x³) (Hendrycks and Gimpel 2016). */
function tanhSlope({ graph }: GradientContext, x: Value, half: (value: Value) => Value): Value {
  const square = graph.add("Mul", [x, x]);
  const [cubic, root] = [0.044715, Math.sqrt(2 / Math.PI)];
  const polynomial = (factor: number): Value =>
    graph.add("Add", [graph.add("Mul", [square, graph.scalar(factor * root)]), graph.scalar(root)]);
  const tanh = graph.add("Tanh", [graph.add("Mul", [x, polynomial(cubic)])]);
  const bend = graph.add("Mul", [graph.add("Sub", [graph.scalar(1), graph.add("Mul", [tanh, tanh])]), polynomial(3 * cubic)]);
  return graph.add("Add", [half(tanh), graph.add("Mul", [graph.add("Mul", [x, bend]), graph.scalar(0.5)])]);
}

const tanh: GradientRule = ({ graph, gradient, outputs }) => {
  const y = outputs[0] as Value;
  return [graph.add("Mul", [gradient, graph.add("Sub", [graph.scalar(1), graph.add("Mul", [y, y])])])];
};

/** Slope 1 above 0, `below` elsewhere. */
function bent({ graph, gradient }: GradientContext, x: Value, below: Value): Value {
  return graph.add("Mul", [gradient, graph.add("Where", [graph.add("Greater", [x, graph.scalar(0)]), graph.scalar(1), below])]);
}

const leakyRelu: GradientRule = (context) => [
  bent(context, context.input(0), context.graph.scalar(floatAttribute(context.node, "alpha", 0.01))),
];

const pRelu: GradientRule = (context) => {
  const { graph, gradient } = context;
  const [x, slope] = [context.input(0), context.input(1)];
  const below = graph.add("Mul", [gradient, graph.add("Min", [x, graph.scalar(0)])]);
  return [context.needs(0) ? bent(context, x, slope) : undefined, context.needs(1) ? unbroadcast(graph, below, slope) : undefined];
};

/** Below 0 the output is alpha · (e^x − 1), so its slope is the output plus alpha (ELU, Clevert et al. 2016). */
const elu: GradientRule = (context) => {
  const { graph } = context;
  const slope = graph.add("Add", [context.outputs[0] as Value, graph.scalar(floatAttribute(context.node, "alpha", 1))]);
  return [bent(context, context.input(0), slope)];
};

export const gateGradients: Readonly<Record<string, GradientRule>> = {
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Erf: erf,
  Gelu: gelu,
  Tanh: tanh,
  LeakyRelu: leakyRelu,
  PRelu: pRelu,
  Elu: elu,
};

// Optimisers as graph functions: from a parameter, its gradient and its state to the new ones, inside the training step.

import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/types.ts";

/** The scalars that steer one layer group during one step; each is an input of the step. */
export interface Hyperparameters {
  readonly lr: Value;
  /** SGD's momentum, Adam's first beta. In [0, 1). */
  readonly momentum: Value;
  readonly weightDecay: Value;
}

export interface OptimizerInputs extends Hyperparameters {
  /** 1 − momentum^t and 1 − beta2^t after t steps (Adam's corrections for starting from zero). */
  readonly correction1: Value;
  readonly correction2: Value;
}

/** An optimiser: which tensors it keeps per parameter (zeros at the start, of the parameter's shape) and how it updates. */
export interface Optimizer {
  readonly name: string;
  /** Default of `momentum`. */
  readonly momentum: number;
  /** Adam's second beta; 0 where there is none. */
  readonly beta2: number;
  readonly state: readonly string[];
  /** [new parameter, ...new state], each of the parameter's shape. */
  update(graph: GraphBuilder, parameter: Value, gradient: Value, state: readonly Value[], inputs: OptimizerInputs): readonly Value[];
}

/** Stochastic gradient descent with momentum and L2 decay, as in PyTorch (Sutskever et al. 2013, without Nesterov): v ← μv + g + wd·w; w ← w − lr·v. */
export function sgd({ momentum = 0.9 }: { momentum?: number } = {}): Optimizer {
  return {
    name: "sgd",
    momentum,
    beta2: 0,
    state: ["velocity"],
    update(graph, parameter, gradient, [velocity], { lr, momentum: mu, weightDecay }) {
      const decayed = graph.add("Add", [gradient, graph.add("Mul", [parameter, weightDecay])]);
      const next = graph.add("Add", [graph.add("Mul", [velocity, mu]), decayed]);
      return [graph.add("Sub", [parameter, graph.add("Mul", [next, lr])]), next];
    },
  };
}

/** Adam (Kingma and Ba 2015) with L2 decay added to the gradient, as in PyTorch. */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: { beta1?: number; beta2?: number; epsilon?: number } = {}): Optimizer {
  return {
    name: "adam",
    momentum: beta1,
    beta2,
    state: ["mean", "square"],
    update(graph, parameter, gradient, state, inputs) {
      const decayed = graph.add("Add", [gradient, graph.add("Mul", [parameter, inputs.weightDecay])]);
      const { step, next } = adamStep(graph, decayed, state, inputs, beta2, epsilon);
      return [graph.add("Sub", [parameter, graph.add("Mul", [step, inputs.lr])]), ...next];
    },
  };
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019): w ← w·(1 − lr·wd) before the step. */
export function adamW({ beta1 = 0.9, beta2 = 0.99, epsilon = 1e-5 }: { beta1?: number; beta2?: number; epsilon?: number } = {}): Optimizer {
  return {
    name: "adamw",
    momentum: beta1,
    beta2,
    state: ["mean", "square"],
    update(graph, parameter, gradient, state, inputs) {
      const { step, next } = adamStep(graph, gradient, state, inputs, beta2, epsilon);
      const kept = graph.add("Sub", [graph.scalar(1), graph.add("Mul", [inputs.lr, inputs.weightDecay])]);
      return [graph.add("Sub", [graph.add("Mul", [parameter, kept]), graph.add("Mul", [step, inputs.lr])]), ...next];
    },
  };
}

/**
 * RMSProp (Tieleman and Hinton 2012) with L2 decay added to the gradient, as in PyTorch: s ← αs + (1 − α)g²; v ← μv + g/(√s + ε); w ← w − lr·v.
 */
export function rmsProp({
  momentum = 0,
  alpha = 0.99,
  epsilon = 1e-8,
}: {
  momentum?: number;
  alpha?: number;
  epsilon?: number;
} = {}): Optimizer {
  return {
    name: "rmsprop",
    momentum,
    beta2: 0,
    state: ["square", "velocity"],
    update(graph, parameter, gradient, [square, velocity], { lr, momentum: mu, weightDecay }) {
      const decayed = graph.add("Add", [gradient, graph.add("Mul", [parameter, weightDecay])]);
      const squared = graph.add("Mul", [graph.add("Mul", [decayed, decayed]), graph.scalar(1 - alpha)]);
      const nextSquare = graph.add("Add", [graph.add("Mul", [square, graph.scalar(alpha)]), squared]);
      const step = graph.add("Div", [decayed, graph.add("Add", [graph.add("Sqrt", [nextSquare]), graph.scalar(epsilon)])]);
      const nextVelocity = graph.add("Add", [graph.add("Mul", [velocity, mu]), step]);
      return [graph.add("Sub", [parameter, graph.add("Mul", [nextVelocity, lr])]), nextSquare, nextVelocity];
    },
  };
}

/** `optimizer` with weight decay outside the gradient (Loshchilov and Hutter 2019): w ← w·(1 − lr·wd), then its own update without decay. */
export function decoupled(optimizer: Optimizer): Optimizer {
  return {
    ...optimizer,
    name: `${optimizer.name} with decoupled decay`,
    update(graph, parameter, gradient, state, inputs) {
      const kept = graph.add("Sub", [graph.scalar(1), graph.add("Mul", [inputs.lr, inputs.weightDecay])]);
      const decayed = graph.add("Mul", [parameter, kept]);
      return optimizer.update(graph, decayed, gradient, state, { ...inputs, weightDecay: graph.scalar(0) });
    },
  };
}

function adamStep(
  graph: GraphBuilder,
  gradient: Value,
  state: readonly Value[],
  inputs: OptimizerInputs,
  beta2: number,
  epsilon: number,
): { step: Value; next: readonly Value[] } {
  const [mean, square] = state as [Value, Value];
  const rest = graph.add("Sub", [graph.scalar(1), inputs.momentum]);
  const nextMean = graph.add("Add", [graph.add("Mul", [mean, inputs.momentum]), graph.add("Mul", [gradient, rest])]);
  const squared = graph.add("Mul", [graph.add("Mul", [gradient, gradient]), graph.scalar(1 - beta2)]);
  const nextSquare = graph.add("Add", [graph.add("Mul", [square, graph.scalar(beta2)]), squared]);
  const root = graph.add("Sqrt", [graph.add("Div", [nextSquare, inputs.correction2])]);
  const step = graph.add("Div", [graph.add("Div", [nextMean, inputs.correction1]), graph.add("Add", [root, graph.scalar(epsilon)])]);
  return { step, next: [nextMean, nextSquare] };
}

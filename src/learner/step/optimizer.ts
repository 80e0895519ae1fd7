// Optimisers as pairs of pure functions: the scalars of a step, and the update of a parameter as part of the step's graph.

import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/types.ts";

/** The hyperparameters of one layer group in one step: numbers, or the inputs of the graph that carry them. */
export interface Hyperparameters<T> {
  readonly lr: T;
  /** SGD's momentum, Adam's first beta. In [0, 1). */
  readonly momentum: T;
  readonly weightDecay: T;
}

export interface OptimizerInputs extends Hyperparameters<Value> {
  /** What `scalars` gives for this step, by name. */
  readonly scalars: Readonly<Record<string, Value>>;
}

/** An optimiser. The training step carries its state; nothing else interprets it. */
export interface Optimizer {
  readonly name: string;
  /** Default of `momentum`. */
  readonly momentum: number;
  /** Names of the state's tensors: one each per parameter, of the parameter's shape, zero before the first step. */
  readonly state: readonly string[];
  /** Further scalars that a layer group's update takes in step `t` (from 1), always under the same names; default none. */
  scalars?(t: number, hyperparameters: Hyperparameters<number>): Readonly<Record<string, number>>;
  /** [new parameter, ...new state], each of the parameter's shape. */
  update(graph: GraphBuilder, parameter: Value, gradient: Value, state: readonly Value[], inputs: OptimizerInputs): readonly Value[];
}

/** Stochastic gradient descent with momentum and L2 decay, as in PyTorch (Sutskever et al. 2013, without Nesterov): v ← μv + g + wd·w; w ← w − lr·v. */
export function sgd({ momentum = 0.9 }: { momentum?: number } = {}): Optimizer {
  return {
    name: "sgd",
    momentum,
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
    state: ["mean", "square"],
    scalars: biasCorrections(beta2),
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
    state: ["mean", "square"],
    scalars: biasCorrections(beta2),
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

/** Adam's corrections for a state that starts at zero. */
function biasCorrections(beta2: number): NonNullable<Optimizer["scalars"]> {
  return (t, { momentum }) => ({ correction1: 1 - momentum ** t, correction2: 1 - beta2 ** t });
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
  const { correction1, correction2 } = inputs.scalars;
  const rest = graph.add("Sub", [graph.scalar(1), inputs.momentum]);
  const nextMean = graph.add("Add", [graph.add("Mul", [mean, inputs.momentum]), graph.add("Mul", [gradient, rest])]);
  const squared = graph.add("Mul", [graph.add("Mul", [gradient, gradient]), graph.scalar(1 - beta2)]);
  const nextSquare = graph.add("Add", [graph.add("Mul", [square, graph.scalar(beta2)]), squared]);
  const root = graph.add("Sqrt", [graph.add("Div", [nextSquare, correction2])]);
  const step = graph.add("Div", [graph.add("Div", [nextMean, correction1]), graph.add("Add", [root, graph.scalar(epsilon)])]);
  return { step, next: [nextMean, nextSquare] };
}

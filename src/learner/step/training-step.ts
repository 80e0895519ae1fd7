// The training step as one graph: forward, loss, backward, gradient clip and update. Parameters and optimiser state go in and come out.

import type { ElementType } from "../../core/tensor.ts";
import { differentiate } from "../../graph/backward.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { softmaxCrossEntropy } from "../../graph/losses.ts";
import type { Graph, Value } from "../../graph/types.ts";
import { type MaskSpec, type ParameterKind, type Parameters, parameterOf, type Scope, type Stage } from "../../nn/scope.ts";
import type { Optimizer, OptimizerInputs } from "./optimizer.ts";

/** What training minimises, unless it is the softmax cross-entropy of a classifier. */
export interface Objective {
  /** Shape of one item's targets. */
  readonly targetShape: readonly number[];
  /** The scalar to differentiate, from the last stage's output and the targets [batch, ...targetShape]; `parts` are scalars to watch. */
  loss(graph: GraphBuilder, output: Value, targets: Value): { readonly loss: Value; readonly parts: Readonly<Record<string, Value>> };
}

export interface TrainingStepOptions {
  /** The stages right of the freeze point. */
  readonly stages: readonly Stage[];
  /** Turns the step's input into what the first stage takes; the identity if it takes activations. */
  readonly prepare?: ((graph: GraphBuilder, input: Value) => Value) | undefined;
  readonly inputType: ElementType;
  /** The input's shape with its batch size, such as [64, 2560]. */
  readonly inputShape: readonly number[];
  /** Classes of the soft labels. */
  readonly classes: number;
  /** The loss of the last stage's output; default softmax cross-entropy with soft labels. */
  readonly objective?: Objective | undefined;
  readonly parameters: Parameters;
  /** Whether a layer group is trained; a frozen group keeps its parameters as constants. */
  readonly trainable: (group: number) => boolean;
  /** Keeps batch norm's running statistics in trained groups too (their scale and shift still train). */
  readonly bnFreeze: boolean;
  readonly optimizer: Optimizer;
  /** The largest global L2 norm of the gradient; undefined for no limit (Pascanu et al. 2013). */
  readonly clip?: number | undefined;
  /** Sums the gradients of several batches before an update: the mean over all their items, as of one large batch; default false. */
  readonly accumulate?: boolean | undefined;
}

/** A training step and the names of its state: feed `name`, and take its next value from the output `next(name)`. */
export interface TrainingStep {
  readonly graph: Graph;
  /** Trained parameters, in the order of the network. */
  readonly trained: readonly { readonly name: string; readonly group: number; readonly shape: readonly number[] }[];
  /** Running statistics that the step updates. */
  readonly statistics: readonly string[];
  /** Optimiser state, zeros at the start. */
  readonly state: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly masks: readonly MaskSpec[];
  readonly groups: readonly number[];
  /** Names of the objective's scalars; each is an output. */
  readonly parts: readonly string[];
}

/** The input that carries the scalar `name` of layer group `group`. */
export function scalarOf(name: string, group: number): string {
  return `${name}.${group}`;
}

/** The input that carries the optimiser's own scalar `name` of layer group `group`. */
export function optimizerScalarOf(name: string, group: number): string {
  return scalarOf(`optimizer.${name}`, group);
}

/** The output that carries the next value of the input `name`. */
export function next(name: string): string {
  return `${name}.next`;
}

/**
 * Builds the step. Inputs: "input"; "targets" [batch, classes] (soft labels), or what the objective takes; the scalars "lr.<group>",
 * "momentum.<group>", "weightDecay.<group>" and the optimiser's own; with `accumulate` the scalar "apply", which is 0 to add up gradients
 * only; the trained parameters, statistics, optimiser state and dropout masks.
 * Outputs: "loss" (the batch's mean, a scalar); "logits" [batch, classes] (the last stage's output); the objective's parts; and `next(name)`
 * of all state.
 */
export function buildTrainingStep(options: TrainingStepOptions): TrainingStep {
  const { stages, inputShape, classes, optimizer, trainable } = options;
  const graph = new GraphBuilder();
  const input = graph.input("input", options.inputType, inputShape);
  const objective = options.objective ?? classification(classes);
  const targets = graph.input("targets", "float32", [inputShape[0] as number, ...objective.targetShape]);
  const recorder = new Recorder(graph, options);
  let x = options.prepare ? options.prepare(graph, input) : input;
  for (const stage of stages) x = stage.apply(recorder.scopeOf(stage.group), x);
  const { loss, parts } = objective.loss(graph, x, targets);

  const values = recorder.trained.map(({ name }) => graph.value(name));
  const computed = differentiate(graph, loss, values);
  const sum = options.accumulate ? accumulateGradients(graph, recorder.trained, computed, inputShape[0] as number) : undefined;
  const gradients = clipGradients(graph, sum?.means ?? computed, options.clip);
  const groups = [...new Set(stages.map((stage) => stage.group).filter(trainable))].sort((a, b) => a - b);
  const steering = new Map(groups.map((group) => [group, steer(graph, group, optimizer)]));

  const outputs: Record<string, Value> = { loss, logits: x, ...parts };
  for (const [name, value] of sum?.next ?? []) outputs[next(name)] = value;
  const state: { name: string; shape: readonly number[] }[] = [...(sum?.next ?? [])].map(([name, { shape }]) => ({
    name,
    shape: shape as readonly number[],
  }));
  for (const [i, { name, group, shape }] of recorder.trained.entries()) {
    const slots = optimizer.state.map((slot) => graph.input(`${name}.${slot}`, "float32", shape));
    state.push(...slots.map((slot) => ({ name: slot.name, shape })));
    const updated = optimizer.update(graph, values[i] as Value, gradients[i] as Value, slots, steering.get(group) as OptimizerInputs);
    for (const [k, old] of [values[i] as Value, ...slots].entries())
      outputs[next(old.name)] = sum ? graph.add("Where", [sum.apply, updated[k], old]) : (updated[k] as Value);
  }
  for (const [name, value] of recorder.statistics) outputs[next(name)] = value;
  return {
    graph: graph.build(outputs),
    trained: recorder.trained,
    statistics: [...recorder.statistics.keys()],
    state,
    masks: recorder.masks,
    groups,
    parts: Object.keys(parts),
  };
}

function classification(classes: number): Objective {
  return {
    targetShape: [classes],
    loss: (graph, logits, targets) => ({ loss: softmaxCrossEntropy(graph, logits, targets).loss, parts: {} }),
  };
}

/** Collects the parameters, statistics and masks of a training graph's layers. */
class Recorder {
  readonly trained: { name: string; group: number; shape: readonly number[] }[] = [];
  readonly statistics = new Map<string, Value>();
  readonly masks: MaskSpec[] = [];
  readonly #graph: GraphBuilder;
  readonly #options: TrainingStepOptions;
  readonly #values = new Map<string, Value>();

  constructor(graph: GraphBuilder, options: TrainingStepOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  scopeOf(group: number): Scope {
    const trainable = this.#options.trainable(group);
    const batchStatistics = trainable && !this.#options.bnFreeze;
    return {
      graph: this.#graph,
      training: true,
      batchStatistics,
      parameter: (name, shape, kind) => this.#parameter(name, shape, kind, trainable, batchStatistics, group),
      statistic: (name, value) => void this.statistics.set(name, value),
      mask: (name, shape, probability) => {
        this.masks.push({ name, shape, probability });
        return this.#graph.input(name, "float32", shape);
      },
    };
  }

  #parameter(
    name: string,
    shape: readonly number[],
    kind: ParameterKind,
    trainable: boolean,
    batchStatistics: boolean,
    group: number,
  ): Value {
    const made = this.#values.get(name);
    if (made) return made;
    const isStatistic = kind === "mean" || kind === "variance";
    const value = (isStatistic ? batchStatistics : trainable)
      ? this.#graph.input(name, "float32", shape)
      : this.#graph.constant(parameterOf(this.#options.parameters, name), name);
    if (trainable && !isStatistic) this.trained.push({ name, group, shape });
    this.#values.set(name, value);
    return value;
  }
}

function steer(graph: GraphBuilder, group: number, optimizer: Optimizer): OptimizerInputs {
  const scalar = (name: string): Value => graph.input(name, "float32", []);
  const own = Object.keys(optimizer.scalars?.(1, { lr: 0, momentum: 0, weightDecay: 0 }) ?? {});
  return {
    lr: scalar(scalarOf("lr", group)),
    momentum: scalar(scalarOf("momentum", group)),
    weightDecay: scalar(scalarOf("weightDecay", group)),
    scalars: Object.fromEntries(own.map((name) => [name, scalar(optimizerScalarOf(name, group))])),
  };
}

/** The sum of gradients · items since the last update, and the mean over the items of all batches in it. */
function accumulateGradients(
  graph: GraphBuilder,
  trained: TrainingStep["trained"],
  gradients: readonly Value[],
  batch: number,
): { readonly apply: Value; readonly means: readonly Value[]; readonly next: ReadonlyMap<string, Value> } {
  const apply = graph.add("Greater", [graph.input("apply", "float32", []), graph.scalar(0)]);
  const zero = graph.scalar(0);
  const added = (name: string, shape: readonly number[], value: Value): Value =>
    graph.add("Add", [graph.input(`${name}.accumulated`, "float32", shape), value]);
  const count = added("items", [], graph.scalar(batch));
  const sums = trained.map(({ name, shape }, i) => added(name, shape, graph.add("Mul", [gradients[i] as Value, graph.scalar(batch)])));
  const names = ["items", ...trained.map(({ name }) => name)].map((name) => `${name}.accumulated`);
  return {
    apply,
    means: sums.map((sum) => graph.add("Div", [sum, count])),
    next: new Map([count, ...sums].map((sum, i) => [names[i] as string, graph.add("Where", [apply, zero, sum])])),
  };
}

/** Scales all gradients by min(1, clip / (norm + 1e-6)), as PyTorch's clip_grad_norm_ does. */
function clipGradients(graph: GraphBuilder, gradients: readonly Value[], clip: number | undefined): readonly Value[] {
  if (clip === undefined) return gradients;
  const squares = gradients.map((gradient) => graph.add("ReduceSumSquare", [gradient], { keepdims: 0 }));
  const norm = graph.add("Sqrt", [graph.add("Sum", squares)]);
  const scale = graph.add("Min", [graph.scalar(1), graph.add("Div", [graph.scalar(clip), graph.add("Add", [norm, graph.scalar(1e-6)])])]);
  return gradients.map((gradient) => graph.add("Mul", [gradient, scale]));
}

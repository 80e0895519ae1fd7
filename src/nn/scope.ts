// A scope is the graph that layers build into. It decides whether a parameter becomes a constant (frozen, inference) or an input (trained).

import type { Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/types.ts";

/** A parameter's role, which decides its initial value and whether weight decay and statistics apply. */
export type ParameterKind = "weight" | "bias" | "scale" | "shift" | "mean" | "variance";

export interface ParameterSpec {
  /** torchvision's name, such as "features.0.0.weight". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
}

/** Tensors by parameter name. */
export type Parameters = ReadonlyMap<string, Tensor>;

/** A dropout mask, an input of the training step: 0 or 1/(1 − p) per element, of the value's shape. */
export interface MaskSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly probability: number;
}

export interface Scope {
  readonly graph: GraphBuilder;
  /** True if dropout is active. */
  readonly training: boolean;
  /** True if batch norm normalises by the batch's statistics and updates the running ones. */
  readonly batchStatistics: boolean;
  /** The value of a parameter; repeated calls return the same value. */
  parameter(name: string, shape: readonly number[], kind: ParameterKind): Value;
  /** Records the new running statistic of `name` as an output of the step. */
  statistic(name: string, value: Value): void;
  /** A dropout mask of `shape` as an input. */
  mask(name: string, shape: readonly number[], probability: number): Value;
}

/** A part of a network that belongs to a single layer group. Freezing cuts between stages. */
export interface Stage {
  readonly name: string;
  /** The layer group: 0 and 1 for a body, 2 for a head. */
  readonly group: number;
  /** Extends the scope's graph from `x` [batch, channels, height, width] to the stage's output. */
  apply(scope: Scope, x: Value): Value;
}

/** A network as data: its stages, their layer groups, and its input's size and normalisation. */
export interface Architecture {
  /** The name on the command line, such as "mobilenet_v2". */
  readonly name: string;
  /** Everything before the pooling, in order; groups 0 and 1. */
  readonly body: readonly Stage[];
  /** torchvision's own pooling and 1,000-way classifier, which completes `body` to the published network; empty if none is published. */
  readonly classifier: readonly Stage[];
  /** Channels of the body's output. */
  readonly features: number;
  /** Image size in pixels at which the published weights were trained. */
  readonly size: number;
  /** A larger size at which the features of whole photographs tell more, for about 1.6 times the work; absent where that was not measured. */
  readonly sharperSize?: number;
  /** Per-channel normalisation of RGB in [0, 1]. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** File of the body's pretrained weights in the package's folder "weights", if thaw ships them. */
  readonly shipped?: string;
  /** The body's weights, if the network was read from a file that contains them. */
  readonly parameters?: Parameters;
  /** Layer groups before `from` can only be frozen; `reason` names the operator without a gradient. Only for networks from ONNX files. */
  readonly untrainable?: { readonly from: number; readonly reason: string };
  /** For a network that no code builds: what a saved model needs to rebuild it. */
  readonly stored?: StoredNetwork;
}

/** A network that came from an ONNX file, without its weights, as data. */
export interface StoredNetwork {
  /** An ONNX file whose inputs are the images and the parameters, and whose output is the head's input. */
  readonly bytes: Uint8Array;
  /**
   * The meaning of the output's axes: a map [n, c, h, w] or [n, h, w, c], tokens [n, t, c] or [n, c, t] of which the first is a class token,
   * such tokens of patches alone, or a vector [n, c].
   */
  readonly form: NetworkForm;
  /** Name of the value at which the second layer group begins. */
  readonly split: string;
}

export type NetworkForm = "map" | "map-last" | "tokens" | "tokens-last" | "patches" | "patches-last" | "vector";

/** Runs `x` through `stages`. */
export function applyStages(scope: Scope, stages: readonly Stage[], x: Value): Value {
  return stages.reduce((value, stage) => stage.apply(scope, value), x);
}

/** A scope for inference: parameters are constants, batch norm uses its running statistics, nothing is dropped. */
export function inferenceScope(graph: GraphBuilder, parameters: Parameters): Scope {
  const values = new Map<string, Value>();
  return {
    graph,
    training: false,
    batchStatistics: false,
    parameter(name) {
      const made = values.get(name) ?? graph.constant(parameterOf(parameters, name), name);
      values.set(name, made);
      return made;
    },
    statistic: refuse,
    mask: refuse,
  };
}

/** The tensor of `name`; throws if it is missing. */
export function parameterOf(parameters: Parameters, name: string): Tensor {
  const value = parameters.get(name);
  if (!value) throw new Error(`The network has no parameter "${name}"`);
  return value;
}

/** All parameters that `stages` use, in the order of first use; `input` is the shape they are applied to. */
export function describeParameters(stages: readonly Stage[], input: readonly number[]): readonly ParameterSpec[] {
  return describeStages(stages, input).parameters;
}

/** The parameters of `stages` in the order of first use, and the output's shape, for an input of shape `input`. */
export function describeStages(
  stages: readonly Stage[],
  input: readonly number[],
): { readonly parameters: readonly ParameterSpec[]; readonly output: readonly number[] } {
  const graph = new GraphBuilder();
  const specs = new Map<string, ParameterSpec>();
  const scope: Scope = {
    graph,
    training: false,
    batchStatistics: false,
    parameter(name, shape, kind) {
      if (specs.has(name)) return graph.value(name);
      specs.set(name, { name, shape, kind });
      return graph.input(name, "float32", shape);
    },
    statistic: refuse,
    mask: refuse,
  };
  const output = applyStages(scope, stages, graph.input("input", "float32", input));
  return { parameters: [...specs.values()], output: staticShape(output) };
}

function refuse(): never {
  throw new Error("An inference scope has no training state");
}

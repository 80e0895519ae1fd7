// The linear probe of a learner: a linear classifier of the body's features, fitted at once, as a first answer and as the head's start.

import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { type Tensor, zeros } from "../../core/tensor.ts";
import type { TargetKind } from "../../data/dataset/targets.ts";
import type { InputBatch } from "../frozen/batches.ts";
import type { LearnerState } from "../state/learner-state.ts";
import type { Validation } from "../task/task.ts";
import { fitLinear, type LinearModel, type LinearOptions, predictLinear } from "./fit-linear.ts";
import { canStartFromProbe, startingFromProbe } from "./head-start.ts";
import type { LinearTarget } from "./objective.ts";

export interface LinearProbeOptions extends WorkOptions, Pick<LinearOptions, "l2s" | "folds" | "measured"> {
  /**
   * Puts the probe into the head, which then predicts what the probe predicts, and goes on from there when it is trained: a head without
   * hidden layer, or with one that has at least two units for each output. Default false.
   */
  start?: boolean;
}

/** A linear probe, and what it is worth on the validation images. */
export interface LinearProbe extends Validation {
  /** The linear model of the features, and the L2 that was chosen. */
  readonly model: LinearModel;
  /** Time of the fit, without the activations that it needs. */
  readonly seconds: number;
}

const TARGETS: Readonly<Record<TargetKind, LinearTarget>> = { single: "classes", multi: "labels", continuous: "numbers" };

/**
 * Fits the probe to the training images, whose features are cached, and measures it on the validation images. Throws a UsageError if the body
 * does not end in one vector per image, for fewer training images than folds, and for `start` if the head cannot begin as a probe.
 */
export async function linearProbe(state: LearnerState, { start = false, ...options }: LinearProbeOptions): Promise<LinearProbe> {
  const { network, data, session, seed, path, weights } = state;
  if (start && !canStartFromProbe(network))
    throw new UsageError(
      "The head cannot begin as a linear probe",
      `Give it no hidden layer (xtraFc: []) or one of at least ${2 * network.outputs} units, and no customHead.`,
    );
  const work = state.work(options);
  const frozen = await path.open(network.groups - 1, weights.parameters);
  if (frozen.itemShape.length !== 1)
    throw new UsageError(
      `The head takes activations of the shape [${frozen.itemShape}], and a linear probe one vector per image`,
      "Probe a learner without customHead.",
    );
  const width = frozen.itemShape[0] as number;
  const pass = { order: [...data.train.keys()], epoch: 0, batchSize: data.bs, precompute: { views: 0 } };
  const train = await inOne(await path.trainBatches(frozen, pass, work), data.train.length, width);
  const valid = await inOne(await path.batches("valid", frozen, true, work), data.valid.length, width);
  const task = state.uncalibratedTask;
  const begin = performance.now();
  const model = await fitLinear(train, task.targets(data.train), {
    ...options,
    target: TARGETS[data.kind],
    seed,
    session,
    signal: work.signal,
  });
  const seconds = (performance.now() - begin) / 1000;
  const worth = task.measure(data.valid, await predictLinear(model, valid, session));
  if (start) weights.parameters = startingFromProbe(network, weights.parameters, model, await predictLinear(model, train, session));
  return { ...worth, model, seconds };
}

/** The activations of all batches, in the order of the items: [count, width]. */
async function inOne(batches: AsyncIterable<InputBatch>, count: number, width: number): Promise<Tensor<"float32">> {
  const all = zeros("float32", [count, width]);
  for await (const { input, indices } of batches)
    for (const [row, index] of indices.entries())
      all.data.set((input.data as Float32Array).subarray(row * width, (row + 1) * width), index * width);
  return all;
}

// A network as the learner sees it: stages in order, their layer groups, and where freezing cuts them.

import type { HeadDescription } from "../classifier/head-description.ts";
import { networkStages } from "../classifier/network-stages.ts";
import { expected } from "../core/errors.ts";
import { type Architecture, describeParameters, type ParameterSpec, type Stage } from "../nn/scope.ts";

export interface Network {
  readonly architecture: Architecture;
  readonly head: HeadDescription;
  /** Body, pooling and head, in order. */
  readonly stages: readonly Stage[];
  /** Channels of the images. */
  readonly channels: number;
  /** Number of outputs: classes, or columns of numbers. */
  readonly outputs: number;
  /** Number of layer groups: those of the body, and the head. */
  readonly groups: number;
}

/** `architecture` with a fresh head for `classes` classes, for images of `channels` channels. */
export function networkOf(architecture: Architecture, head: HeadDescription, classes: number, channels = 3): Network {
  const stages = networkStages(architecture, head, classes);
  return { architecture, head, stages, channels, outputs: classes, groups: Math.max(...stages.map((stage) => stage.group)) + 1 };
}

/** The parameters of `network`, in its order. */
export function parametersOf({ stages, channels, architecture: { size } }: Network): readonly ParameterSpec[] {
  return describeParameters(stages, [1, channels, size, size]);
}

/** The parameters that hold a row for each output, those of the last layer: found as those that grow with one more output. */
export function outputParameters(network: Network): readonly ParameterSpec[] {
  const { architecture, head, outputs, channels } = network;
  const larger = parametersOf(networkOf(architecture, head, outputs + 1, channels));
  return parametersOf(network).filter(({ shape }, i) => shape[0] !== larger[i]?.shape[0]);
}

/** The stages left and right of the freeze point: the cut lies before the first stage of a trainable group. */
export function cutNetwork(
  network: Network,
  trainable: (group: number) => boolean,
): { frozen: readonly Stage[]; trained: readonly Stage[] } {
  const cut = network.stages.findIndex((stage) => trainable(stage.group));
  const at = cut < 0 ? network.stages.length : cut;
  return { frozen: network.stages.slice(0, at), trained: network.stages.slice(at) };
}

/** The index of layer group `group`, which counts from the end if it is negative. Throws a UsageError, naming `name`, if there is none. */
export function groupAt({ groups }: Network, group: number, name: string): number {
  const index = group < 0 ? group + groups : group;
  if (!Number.isInteger(index) || index < 0 || index >= groups)
    throw expected(`a whole number from ${-groups} to ${groups - 1}`, name, group);
  return index;
}

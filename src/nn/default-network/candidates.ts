// Which of the measured networks suits the work: accuracy counts first, and time where it is short. Pure.

import { architectureOf } from "../catalogue.ts";
import { type PublishedWeights, publishedWeights } from "../published/published.ts";
import type { Architecture } from "../scope.ts";
import { MEASURED_PHOTOGRAPHS, type MeasuredNetwork, measuredNetworks } from "./measured.ts";

/** What the network is for. */
export interface Workload {
  readonly photographs: number;
  /** Threads that the machine can run at once. */
  readonly cores: number;
  /** Seconds that all the work may take; default no limit. */
  readonly time?: number | undefined;
  /** Side in pixels of the images that a network will be given. */
  sizeOf(architecture: Architecture): number;
}

/** A difference in accuracy for which it is not worth waiting: the sets differ by more. */
const SIMILAR = 0.015;
/** The part of a time limit that the activations may take. */
const SHARE = 0.5;
/** Seconds that the activations may take without a time limit. */
const LONGEST = 600;

/** The row of the catalogue. */
export function rowOf({ weights }: MeasuredNetwork): PublishedWeights {
  return publishedWeights.find(({ name }) => name === weights) as PublishedWeights;
}

/** The network's name in the catalogue of networks. */
export function nameOf(network: MeasuredNetwork): string {
  return rowOf(network).architecture;
}

/** Whether its weights ship with thaw. */
export function isShipped(network: MeasuredNetwork): boolean {
  return architectureOf(nameOf(network)).shipped !== undefined;
}

/** The network whose weights ship with thaw. */
export const shippedNetwork = measuredNetworks.find(isShipped) as MeasuredNetwork;

/** The seconds that the activations take on a machine like the one of the measurements. */
export function estimatedSeconds(network: MeasuredNetwork, { photographs, cores, sizeOf }: Workload): number {
  const architecture = architectureOf(nameOf(network));
  return ((network.seconds * photographs) / MEASURED_PHOTOGRAPHS / cores) * (sizeOf(architecture) / architecture.size) ** 2;
}

/** The networks whose activations fit the time; if none does, the fastest. */
export function fittingNetworks(networks: readonly MeasuredNetwork[], workload: Workload): readonly MeasuredNetwork[] {
  const allowed = workload.time === undefined ? LONGEST : workload.time * SHARE;
  const fitting = networks.filter((network) => estimatedSeconds(network, workload) <= allowed);
  return fitting.length > 0 ? fitting : networks.toSorted((a, b) => a.seconds - b.seconds).slice(0, 1);
}

/** The fastest of the networks that are about as good as the best of `networks`, which holds at least one. */
export function bestNetwork(networks: readonly MeasuredNetwork[]): MeasuredNetwork {
  const most = Math.max(...networks.map(({ accuracy }) => accuracy));
  const good = networks.filter(({ accuracy }) => most - accuracy <= SIMILAR);
  return good.reduce((best, network) => (network.seconds < best.seconds ? network : best));
}

/** Whether `one` is better than `other` by more than it takes to wait for it. */
export function isBetter(one: MeasuredNetwork, other: MeasuredNetwork): boolean {
  return one.accuracy - other.accuracy > SIMILAR;
}

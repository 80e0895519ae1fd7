// The network of work for which none is named: the best whose weights are here or that the hub gives at once, else the one that ships with
// thaw.

import { UsageError } from "../../core/errors.ts";
import { architectureOf } from "../catalogue.ts";
import { HubFailure } from "../hub/failure.node.ts";
import { cachedPath, type HubOptions } from "../hub/file.node.ts";
import { findWeights } from "../hub/find-weights.node.ts";
import { hubSettings } from "../hub/settings.node.ts";
import { bestNetwork, fittingNetworks, isBetter, isShipped, nameOf, rowOf, shippedNetwork, type Workload } from "./candidates.ts";
import type { DefaultNetwork, FindDefaultOptions, Measured } from "./default-network.ts";
import { givenUp, rememberGivenUp } from "./given-up.node.ts";
import { type MeasuredNetwork, measuredNetworks } from "./measured.ts";
import { OutOfPatience, PATIENCE, type Patience, withPatience } from "./patience.node.ts";

export interface FindDefaultNodeOptions extends FindDefaultOptions, Pick<HubOptions, "env"> {
  /** Default PATIENCE. */
  readonly patience?: Patience;
  /** Milliseconds since 1970; default the machine's. */
  readonly now?: number;
}

/** Attempts at a download: a connection that fails once is forgiven. */
const ATTEMPTS = 2;

/**
 * Finds the network for `workload`, and downloads its weights if they are worth it and the hub gives them at once. Throws the reason of an
 * aborted signal; the part that was downloaded stays.
 */
export async function findDefaultNetwork(workload: Workload, options: FindDefaultNodeOptions = {}): Promise<DefaultNetwork> {
  const fitting = fittingNetworks(measuredNetworks, workload);
  const here = await areHere(fitting, options);
  const ready = here.length > 0 ? bestNetwork(here) : shippedNetwork;
  const wanted = bestNetwork([...fitting.filter(isKnown), ready]);
  if (isBetter(wanted, ready)) {
    const why = await download(wanted, options);
    return why === undefined ? { ...described(wanted), source: "hub" } : taken(ready, wanted, why);
  }
  const best = bestNetwork(measuredNetworks.filter(isKnown));
  if (!isBetter(best, ready)) return taken(ready);
  return taken(ready, best, workload.time === undefined ? "there are so many photographs" : "the time is short");
}

/** Whether these very weights were measured. */
function isKnown({ isEstimate = false }: MeasuredNetwork): boolean {
  return !isEstimate;
}

function taken(network: MeasuredNetwork, better?: MeasuredNetwork, why = ""): DefaultNetwork {
  return {
    ...described(network),
    source: isShipped(network) ? "thaw" : "cache",
    ...(better && { missed: { ...described(better), megabytes: better.megabytes, why } }),
  };
}

function described(network: MeasuredNetwork): Measured {
  const { weights, accuracy, isEstimate } = network;
  return { network: nameOf(network), weights, accuracy, ...(isEstimate && { isEstimate }) };
}

/** Those of `networks` whose weights ship with thaw, or are whole in the cache. */
async function areHere(networks: readonly MeasuredNetwork[], { env, signal }: FindDefaultNodeOptions): Promise<readonly MeasuredNetwork[]> {
  const here: MeasuredNetwork[] = [];
  for (const network of networks) {
    const { hub, name } = rowOf(network);
    if (hub && (await cachedPath(hub, env)) === undefined) continue;
    const found = await findWeights(architectureOf(nameOf(network)), name, { env, signal, offline: true }).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
    });
    if (found) here.push(network);
  }
  return here;
}

/** Downloads the weights of `network`; returns why it cannot. */
async function download(network: MeasuredNetwork, options: FindDefaultNodeOptions): Promise<string | undefined> {
  const { env = process.env, patience = PATIENCE, now = performance.timeOrigin + performance.now(), onProgress, signal } = options;
  const settings = hubSettings(env);
  if (options.offline ?? settings.offline) return "nothing may be downloaded";
  const before = await givenUp(settings, now);
  if (before !== undefined) return `${before}, less than an hour ago`;
  const architecture = architectureOf(nameOf(network));
  // Loading it is not the hub's time.
  await import("@huggingface/hub");
  try {
    await withPatience(
      (watched) => findWeights(architecture, network.weights, { ...watched, env, offline: false, attempts: ATTEMPTS }),
      { onProgress, signal },
      patience,
    );
    return undefined;
  } catch (error) {
    if (signal?.aborted) throw error;
    const why = reasonOf(error, settings.endpoint, patience);
    if (error instanceof OutOfPatience || (error instanceof HubFailure && error.isUnreachable)) await rememberGivenUp(settings, now, why);
    return why;
  }
}

function reasonOf(error: unknown, endpoint: string, { answer, download }: Patience): string {
  if (error instanceof OutOfPatience)
    return error.reason === "silent"
      ? `${endpoint} did not answer in ${answer / 1000} seconds`
      : `the download from ${endpoint} would have taken more than ${download / 1000} seconds`;
  if (error instanceof HubFailure) return error.why;
  if (error instanceof UsageError) return `its weights cannot be kept (${error.message})`;
  throw error;
}

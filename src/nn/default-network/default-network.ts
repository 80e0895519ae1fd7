// What was taken as the network of work for which none was named, and in words.

import type { FindWeightsOptions } from "../hub/weights.ts";
import { nameOf, shippedNetwork, type Workload } from "./candidates.ts";
import { MEASURED_SETS } from "./measured.ts";

/** A measured network. */
export interface Measured {
  /** Its name in the catalogue of networks. */
  readonly network: string;
  /** The name of its row in the catalogue of weights. */
  readonly weights: string;
  /** Mean accuracy in [0, 1] on the sets of photographs that networks were measured on. */
  readonly accuracy: number;
  /** True if that is the accuracy of other weights of the network. */
  readonly isEstimate?: boolean;
}

/** A better network that was not taken. */
export interface MissedNetwork extends Measured {
  /** Size of its file; 0 if it is here. */
  readonly megabytes: number;
  /** Why it was not taken, as the end of a sentence. */
  readonly why: string;
}

/** The network that was taken. */
export interface DefaultNetwork extends Measured {
  /** Where its weights come from: with thaw, from the cache of Hugging Face's tools, or from the hub just now. */
  readonly source: "thaw" | "cache" | "hub";
  readonly missed?: MissedNetwork;
}

export type FindDefaultOptions = Pick<FindWeightsOptions, "offline" | "onProgress" | "signal">;

/** Finds the network for `workload`. Throws the reason of an aborted signal. */
export type FindDefaultNetwork = (workload: Workload, options?: FindDefaultOptions) => Promise<DefaultNetwork>;

/** Which network was taken, why, and what another would give, in a line. */
export function defaultNetworkInWords(chosen: DefaultNetwork): string {
  const { network, source, missed } = chosen;
  const sets = `on ${MEASURED_SETS} sets of photographs`;
  if (missed) {
    const size = missed.megabytes > 0 ? ` (${Math.round(missed.megabytes)} MB)` : "";
    return `${network}, because ${missed.why}; ${missed.network}${size} gives ${percent(missed)} instead of ${percent(chosen)} ${sets}`;
  }
  if (source === "thaw") return `${network}, which comes with thaw: ${percent(chosen)} ${sets}`;
  const from = source === "cache" ? "whose weights are here" : "just downloaded";
  const instead = `${percent(shippedNetwork)} with ${nameOf(shippedNetwork)}, which comes with thaw`;
  return `${network}, ${from}: ${percent(chosen)} ${sets}, ${instead}`;
}

function percent({ accuracy, isEstimate }: Pick<Measured, "accuracy" | "isEstimate">): string {
  return `${isEstimate ? "about " : ""}${Math.round(accuracy * 100)} %`;
}

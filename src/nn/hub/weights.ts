// The contract that both platforms' search for weights meets (#weights).

import type { WorkOptions } from "../../core/progress.ts";
import type { PublishedWeights } from "../published/published.ts";
import type { Architecture } from "../scope.ts";

export interface FoundWeights {
  /** Path of a safetensors file, in a browser its address. */
  readonly path: string;
  /** The catalogue's row, if it is of one. */
  readonly row?: PublishedWeights;
}

export interface FindWeightsOptions extends Pick<WorkOptions, "onProgress" | "signal"> {
  /** Takes what is in the cache and asks the network nothing; default as HF_HUB_OFFLINE says. */
  readonly offline?: boolean | undefined;
}

/** The file with the weights of `architecture` that `named` stands for. Throws a UsageError that says what was looked for and what to do. */
export type FindWeights = (architecture: Architecture, named: string | undefined, options?: FindWeightsOptions) => Promise<FoundWeights>;

// The contract of both platforms' search for weights (#weights).

import type { WorkOptions } from "../../core/progress.ts";
import type { PublishedWeights } from "../published/published.ts";
import type { Architecture } from "../scope.ts";

export interface FoundWeights {
  /** Path of a safetensors file; in a browser its address, or its place in the browser's storage. */
  readonly path: string;
  /** Its content, if it was read. */
  readonly bytes?: Uint8Array;
  /** The catalogue's row, if it is from one. */
  readonly row?: PublishedWeights;
}

export interface FindWeightsOptions extends Pick<WorkOptions, "onProgress" | "onWarning" | "signal"> {
  /** Uses only the cache and no network; default HF_HUB_OFFLINE. */
  readonly offline?: boolean | undefined;
}

/** The file with the weights of `architecture` that `named` refers to. Throws a UsageError that says what was looked for and what to do. */
export type FindWeights = (architecture: Architecture, named: string | undefined, options?: FindWeightsOptions) => Promise<FoundWeights>;

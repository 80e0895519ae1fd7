// Weights in a browser: only addresses.

import { UsageError } from "../../core/errors.ts";
import type { FindWeights } from "./weights.ts";

export const findWeights: FindWeights = async ({ name }, named) => {
  if (named !== undefined && /^(?:[a-z]+:)?\.{0,2}\//.test(named)) return { path: named };
  throw new UsageError(
    named === undefined ? `A browser has no weights of ${name}` : `${named} is not an address of weights`,
    "Give the address of a safetensors file.",
  );
};

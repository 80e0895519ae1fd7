// The head that the user asks for, as a model's description stores it.

import type { HeadDescription } from "../classifier/head-description.ts";
import { UsageError } from "../core/errors.ts";
import type { HeadLayer } from "../nn/custom-head.ts";

export interface HeadOptions {
  /** Dropout of the head: one number, or one per block; default 0.25 for each hidden layer and 0.5 before the last. */
  ps?: number | readonly number[];
  /** Widths of the head's hidden layers; default [512]. */
  xtraFc?: readonly number[];
  /** Children of the body that are left out at its end, such as 1 for a ResNet without its last block of layers; default 0. */
  xtraCut?: number;
  /** A custom head instead of pooling, hidden layers and dropout, such as ["averagePool", { linear: "classes" }]. */
  customHead?: readonly HeadLayer[];
}

/** The description of the head. Throws a UsageError for options that exclude each other. */
export function headOf({ ps, xtraFc, xtraCut, customHead }: HeadOptions): HeadDescription {
  const cut = xtraCut ? { xtraCut } : {};
  if (customHead) {
    if (ps !== undefined || xtraFc !== undefined)
      throw new UsageError("A customHead has its own layers and dropout", "Leave out ps and xtraFc.");
    return { layers: [...customHead], ...cut };
  }
  const hidden = [...(xtraFc ?? [512])];
  const blocks = typeof ps === "number" ? [...hidden, 0].map(() => ps) : (ps ?? [...hidden.map(() => 0.25), 0.5]);
  return { hidden, ps: [...blocks], ...cut };
}

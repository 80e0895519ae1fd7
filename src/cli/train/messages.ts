// What the command and the thread that trains say to each other. All of it is plain data.

import type { SentError } from "../../page/messages.ts";
import type { RecipeEvent } from "../../recipe/events.ts";
import type { TrainOptions } from "../../recipe/options.ts";

/** What the thread is started with. */
export interface TrainingData {
  readonly options: Omit<TrainOptions, "signal" | "onEvent">;
  /** File of the trace; true for the default one. */
  readonly profile: string | true | undefined;
}

/** The command's only message asks the thread to stop at the next safe point. */
export const STOP = "stop";

export type FromTraining =
  | { readonly kind: "event"; readonly event: RecipeEvent }
  /** The trace was written to `file`. */
  | { readonly kind: "profile"; readonly file: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: SentError };

// Progress as events. Layers report; only the CLI (or a page) draws.

export interface Progress {
  /** What is being done, to show to the user: "Checking photographs". */
  readonly task: string;
  readonly done: number;
  /** 0 if it is not known, such as the length of a file that its server does not tell. */
  readonly total: number;
  /** What is counted: "images", "steps". */
  readonly unit: string;
  /** The smoothed training loss so far, if something is trained. */
  readonly loss?: number;
  /** The learning rate of the last layers, if something is trained. */
  readonly lr?: number;
}

/** A warning for the user: what was left out or chosen, and why. */
export interface Warning {
  readonly message: string;
  readonly hint?: string;
}

/** Options of long-running work: where to report and how to stop. An aborted signal ends the work at the next safe point. */
export interface WorkOptions {
  onProgress?: ((progress: Progress) => void) | undefined;
  onWarning?: ((warning: Warning) => void) | undefined;
  signal?: AbortSignal | undefined;
}

// Ctrl-C: the first asks the work to stop at the next safe point; the second ends the process at once, by the system's default.

/** The exit code of a command that Ctrl-C ended: 128 and the signal's number. */
export const INTERRUPTED = 130;

/** The exit code that asks a scheduler to try again: sysexits.h's EX_TEMPFAIL. */
export const TRY_AGAIN = 75;

/** What asks a command to stop, and its exit code then: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: INTERRUPTED, SIGTERM: 143 } as const;

export interface Interruptible {
  readonly signal: AbortSignal;
  /** The exit code for what aborted the signal. */
  exitCode(): number;
  /** Gives the signals back to the system. */
  release(): void;
}

/**
 * A signal that the first Ctrl-C aborts, after which `onInterrupt` runs; or the first of `signals`, which are those that a scheduler sends too.
 */
export function interruptible(onInterrupt: () => void, signals: readonly (keyof typeof EXIT_CODES)[] = ["SIGINT"]): Interruptible {
  const controller = new AbortController();
  let exitCode = INTERRUPTED;
  const interrupt = (name: NodeJS.Signals): void => {
    exitCode = EXIT_CODES[name as keyof typeof EXIT_CODES];
    release();
    controller.abort();
    onInterrupt();
  };
  const release = (): void => {
    for (const name of signals) process.off(name, interrupt);
  };
  // Only once: a second listener could not end the process at once, because JavaScript waits while the engine computes.
  for (const name of signals) process.once(name, interrupt);
  return { signal: controller.signal, exitCode: () => exitCode, release };
}

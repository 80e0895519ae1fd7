// Ctrl-C: the first asks the work to stop at the next safe point; the second ends the process at once, by the system's default.

/** The exit code of a command that Ctrl-C ended: 128 and the signal's number. */
export const INTERRUPTED = 130;

/** A signal that the first Ctrl-C aborts, after which `onInterrupt` runs; `release` gives Ctrl-C back to the system. */
export function interruptible(onInterrupt: () => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort();
    onInterrupt();
  };
  // Only once: a second listener could not end the process at once, because JavaScript waits while the engine computes.
  process.once("SIGINT", interrupt);
  return { signal: controller.signal, release: () => process.off("SIGINT", interrupt) };
}

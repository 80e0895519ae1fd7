// Ctrl-C: the first asks the work to stop at the next safe point, the second quits at once.

/** The exit code of a command that Ctrl-C ended: 128 and the signal's number. */
export const INTERRUPTED = 130;

/** A signal that Ctrl-C aborts; `onFirst` runs at the first Ctrl-C, `release` gives Ctrl-C back to the system. */
export function interruptible(onFirst: () => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
    onFirst();
  };
  process.on("SIGINT", interrupt);
  return { signal: controller.signal, release: () => process.off("SIGINT", interrupt) };
}

// Ends a connection that brings too little: a server that sends a byte now and then would otherwise keep it open for ever.

/** The lowest rate, in bytes per second. */
const SLOWEST = 1000;

export interface StreamWatch {
  /** Aborted if the connection is too slow. */
  readonly signal: AbortSignal;
  /** Tells of `more` bytes. */
  arrived(more: number): void;
  /** Ends the watch and closes whatever is still open. */
  release(): void;
}

/** The reason for which a slow connection was ended. */
export class Stalled extends Error {}

/** Ends a connection that brings too little in `milliseconds`, or when `signal` is aborted. */
export function watchStream(milliseconds: number, signal: AbortSignal | undefined): StreamWatch {
  const controller = new AbortController();
  const enough = (SLOWEST * milliseconds) / 1000;
  let bytes = 0;
  const timer = setTimeout(
    () => controller.abort(new Stalled(`${bytes} bytes arrived in ${Math.round(milliseconds / 1000)} seconds`)),
    milliseconds,
  );
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    arrived(more: number) {
      bytes += more;
      if (bytes < enough) return;
      bytes = 0;
      timer.refresh();
    },
    release() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}

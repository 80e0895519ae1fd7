// Text that several processes append lines to at once, and that none of them changes otherwise.

/** A file of lines that only grows. Several processes, or tabs, may have it open: each reads what the others append. */
export interface SharedLog {
  /** What messages call it. */
  readonly place: string;
  /** The whole lines, without their ends, that were appended since the last call, by whomever; at first all. A line that was cut short is one too, once another follows it. */
  read(): Promise<readonly Uint8Array[]>;
  /** Appends a line, which has no line break; resolves when it outlasts a power failure. Throws a UsageError if it cannot be written. */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

// Errors. A user's mistake is a UsageError (message, cure, exit code 2); any other error is shown with its stack.

/** A mistake that the user can fix: `message` says what is wrong, `hint` how to fix it. The CLI exits with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** Something elsewhere (a server, the way to it) fails for now: the same may succeed later. */
export class UnavailableError extends UsageError {}

/**
 * Builds the error for an invalid value: "Expected `what` for `name` but received `actual`". The caller throws it; `hint` is the cure.
 */
export function expected(what: string, name: string, actual: unknown, hint?: string): UsageError {
  return new UsageError(`Expected ${what} for ${name} but received ${show(actual)}`, hint);
}

function show(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Error) return value.message;
  return JSON.stringify(value) ?? String(value);
}

// Errors. A user's mistake is a UsageError (message, cure, exit code 2); any other error keeps its stack.

/** A mistake that the person who runs thaw can mend: `message` names the thing, `hint` the cure. The CLI exits with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/**
 * Builds the error for a value that is not what was asked for: "Expected `what` for `name` but received `actual`".
 * Throw what it returns; `hint` says what to do about it.
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

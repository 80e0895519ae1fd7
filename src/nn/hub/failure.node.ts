// Turns errors of the hub into messages with the file, the cause and the cure.

import { UsageError } from "../../core/errors.ts";
import type { HubFile } from "../published/published.ts";

/** A temporary failure; the next attempt should come after `pause` milliseconds. */
export class PassingFailure extends Error {
  readonly failure: UsageError;
  readonly pause: number;

  constructor(failure: UsageError, pause: number) {
    super(failure.message);
    this.failure = failure;
    this.pause = pause;
  }
}

/** The error for a file that could not be obtained. */
export class HubFailure extends UsageError {
  /** The cause alone. */
  readonly why: string;
  /** Whether nothing, or nothing whole, came from the hub. */
  readonly isUnreachable: boolean;

  constructor(file: HubFile, why: string, cure: string, { isUnreachable = false, ...options }: ErrorOptions & { isUnreachable?: boolean }) {
    super(`Cannot get ${hubFileName(file)}: ${why}`, cure, options);
    this.why = why;
    this.isUnreachable = isUnreachable;
  }
}

/** The alternative if the network cannot deliver the file. */
const OTHERWISE = "or download the file by other means and name it with --weights";

/** The name of a file in messages. */
export function hubFileName({ repository, file, revision }: HubFile): string {
  return `${repository}/${file}${revision === "main" ? "" : `@${revision}`}`;
}

/** The error for a file that could not be obtained. */
export function hubFailure(file: HubFile, why: string, cure: string): HubFailure {
  return new HubFailure(file, why, cure, {});
}

/** The error for a status that a retry would not change, or did not. `hint` is the server's header X-Error-Code. */
export function statusFailure(file: HubFile, endpoint: string, status: number, hint: string | null, withToken: boolean): UsageError {
  const fail = (why: string, cure: string): UsageError => hubFailure(file, `${endpoint} ${why}`, cure);
  const token = withToken
    ? "Check that the token (HF_TOKEN, or the one that `hf auth login` saved) is valid and may read the repository."
    : "Set HF_TOKEN to a token of your account, or run `hf auth login`.";
  if (status === 401) return fail("requires authentication (401): the repository is private, gated, or does not exist", token);
  if (status === 403 || hint === "GatedRepo")
    return fail(`refuses it (${status})`, `Accept the terms on ${endpoint}/${file.repository} if there are any. ${token}`);
  if (status === 404) {
    const missing =
      hint === "RevisionNotFound" ? "has no such revision" : hint === "RepoNotFound" ? "has no such repository" : "has no such file";
    return fail(
      `${missing} (404)`,
      "Check the spelling; `thaw models` lists the weights that thaw knows. A mirror (HF_ENDPOINT) may lack it.",
    );
  }
  if (status === 429)
    return fail(
      "has received too many requests (429)",
      "Wait a few minutes and run the same command again; a token (HF_TOKEN) raises the limit.",
    );
  return fail(`responded with status ${status}`, `Run the same command again later, use a mirror (HF_ENDPOINT), ${OTHERWISE}.`);
}

/** The error for a connection that failed or broke. */
export function connectionFailure(file: HubFile, endpoint: string, cause: unknown): UsageError {
  return new HubFailure(
    file,
    `${endpoint} cannot be reached (${reasonOf(cause)})`,
    `The part that was downloaded is kept: run the same command again. Check the network, use a mirror (HF_ENDPOINT), ${OTHERWISE}.`,
    { cause, isUnreachable: true },
  );
}

/** The error for a response that is not the file. */
export function unexpectedResponse(file: HubFile, endpoint: string, what: string): UsageError {
  return hubFailure(
    file,
    `${endpoint} responded with ${what} instead of the file`,
    `A proxy or a log-in page may be in between, or HF_ENDPOINT is not a hub: open ${endpoint} in a browser, ${OTHERWISE}.`,
  );
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  if (inner instanceof Error) return "code" in inner ? String(inner.code) : inner.message;
  return cause.message;
}

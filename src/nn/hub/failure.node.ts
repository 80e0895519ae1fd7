// Errors of the hub as messages: the file, the cause, the cure.

import { UsageError } from "../../core/errors.ts";
import type { HubFile } from "../published/published.ts";

/** A failure that may be gone at the next attempt, which should come after `pause` milliseconds. */
export class PassingFailure extends Error {
  readonly failure: UsageError;
  readonly pause: number;

  constructor(failure: UsageError, pause: number) {
    super(failure.message);
    this.failure = failure;
    this.pause = pause;
  }
}

/** What is done where the network cannot give the file. */
const OTHERWISE = "or download the file by other means and name it with --weights";

/** A file as it is named in messages. */
export function hubFileName({ repository, file, revision }: HubFile): string {
  return `${repository}/${file}${revision === "main" ? "" : `@${revision}`}`;
}

/** The error of a file that could not be had. */
export function hubFailure(file: HubFile, why: string, cure: string, cause?: unknown): UsageError {
  return new UsageError(`Cannot get ${hubFileName(file)}: ${why}`, cure, { cause });
}

/** The error of a status that asking again would not change, or did not. `hint` is what the server says in its header X-Error-Code. */
export function statusFailure(file: HubFile, endpoint: string, status: number, hint: string | null, withToken: boolean): UsageError {
  const fail = (why: string, cure: string): UsageError => hubFailure(file, `${endpoint} ${why}`, cure);
  const token = withToken
    ? "Check that the token (HF_TOKEN, or the one that `hf auth login` saved) is valid and may read the repository."
    : "Set HF_TOKEN to a token of your account, or run `hf auth login`.";
  if (status === 401) return fail("wants to know who asks (401): the repository is private, gated, or not there", token);
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
    return fail("is asked too often (429)", "Wait some minutes and run the same command again; with a token (HF_TOKEN) more is allowed.");
  return fail(`answers with status ${status}`, `Run the same command again later, use a mirror (HF_ENDPOINT), ${OTHERWISE}.`);
}

/** The error of a connection that was not made or did not hold. */
export function connectionFailure(file: HubFile, endpoint: string, cause: unknown): UsageError {
  return hubFailure(
    file,
    `${endpoint} cannot be reached (${reasonOf(cause)})`,
    `What was downloaded is kept: run the same command again. Check the network, use a mirror (HF_ENDPOINT), ${OTHERWISE}.`,
    cause,
  );
}

/** The error of an answer that is not the file. */
export function strangeAnswer(file: HubFile, endpoint: string, what: string): UsageError {
  return hubFailure(
    file,
    `${endpoint} answers with ${what} instead of the file`,
    `A proxy or a log-in page may be in between, or HF_ENDPOINT is not a hub: open ${endpoint} in a browser, ${OTHERWISE}.`,
  );
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  if (inner instanceof Error) return "code" in inner ? String(inner.code) : inner.message;
  return cause.message;
}

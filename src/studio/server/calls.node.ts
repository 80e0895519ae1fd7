// Calls of the page, checked against their table before the engine sees them.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { CALLS, type CallName } from "../protocol/calls.ts";
import type { CallAnswer } from "../protocol/routes.ts";
import { Answered } from "./answer.node.ts";
import type { ServedEngine } from "./served-engine.ts";

/** Labels of a million photographs, as numbers, or a table of them. */
export const CALL_LIMITS = { bytes: 64_000_000, values: 2_000_000 };

/** Answers the call `name` with the arguments in `body`. Throws an answer for a call that there is not, or with other arguments. */
export async function answerCall(engine: ServedEngine, name: string, body: Uint8Array): Promise<CallAnswer> {
  if (!Object.hasOwn(CALLS, name)) throw new Answered(404, "There is no such call.");
  const call = name as CallName;
  const json = parseJson(body, CALL_LIMITS, (reason) => new Answered(400, `The body ${reason}.`));
  const args = v.safeParse(CALLS[call], json);
  if (!args.success) throw new Answered(400, `${v.getDotPath(args.issues[0]) ?? "The body"}: ${args.issues[0].message.slice(0, 300)}`);
  const work = engine[call] as (...given: readonly unknown[]) => Promise<unknown>;
  return { result: (await work.apply(engine, args.output)) ?? null };
}

/** What is said of a failure: of a mistake with its cure, of anything else that it failed. */
export function failureOf(error: unknown): { readonly status: number; readonly answer: CallAnswer } {
  if (error instanceof Answered) return { status: error.status, answer: { error: { message: error.message } } };
  const { message } = error instanceof Error ? error : { message: String(error) };
  if (!(error instanceof UsageError)) return { status: 500, answer: { error: { message: `It failed: ${message}` } } };
  return { status: 400, answer: { error: { message, ...(error.hint !== undefined && { hint: error.hint }) } } };
}

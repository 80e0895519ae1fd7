// Remembers for a while that the hub was given up, so that the next run does not wait for it again.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { HubSettings } from "../hub/settings.node.ts";

/** In milliseconds. */
const REMEMBERED = 3_600_000;

const schema = v.object({ endpoint: v.string(), at: v.number(), why: v.string() });

/** Why the hub of `settings` was given up, if that was within the hour before `now`, in milliseconds since 1970. */
export async function givenUp(settings: HubSettings, now: number): Promise<string | undefined> {
  const bytes = await readFile(fileOf(settings)).catch(() => undefined);
  const { success, output } = v.safeParse(schema, parseJsonOrNothing(bytes, { bytes: 10_000 }));
  return success && output.endpoint === settings.endpoint && Math.abs(now - output.at) < REMEMBERED ? output.why : undefined;
}

/** Remembers that the hub of `settings` was given up at `now`, and why. Where nothing can be written, the next run waits again. */
export async function rememberGivenUp(settings: HubSettings, now: number, why: string): Promise<void> {
  const record = { endpoint: settings.endpoint, at: Math.round(now), why };
  await writeFile(fileOf(settings), `${JSON.stringify(record)}\n`).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
  });
}

function fileOf({ known }: HubSettings): string {
  return join(known, "given-up.json");
}

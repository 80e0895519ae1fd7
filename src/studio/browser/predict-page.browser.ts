// The page that predicts, as the static page has it beside itself.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import type { PageFiles } from "../runs/model-page.ts";

const FilesSchema = v.object({ own: v.array(v.string()) });
const ElsewhereSchema = v.record(v.string(), v.string());

/** The files of the page in the folder "predict" of the page at `base`; large ones are those of the page itself. Throws a UsageError without it. */
export async function predictPageAt(base: string): Promise<PageFiles> {
  const folder = new URL("predict/", base);
  const { own } = v.parse(FilesSchema, JSON.parse(await text(new URL("files.json", folder))));
  const elsewhere = v.parse(ElsewhereSchema, JSON.parse(await text(new URL("elsewhere.json", folder))));
  const places = [...[...own, "files.json"].map((name) => [name, new URL(name, folder)] as const), ...placesOf(elsewhere, base)];
  return new Map(await Promise.all(places.map(async ([name, place]) => [name, await bytes(place)] as const)));
}

function placesOf(elsewhere: Readonly<Record<string, string>>, base: string): readonly (readonly [string, URL])[] {
  return Object.entries(elsewhere).map(([name, place]) => [name, new URL(place, base)]);
}

async function text(address: URL): Promise<string> {
  return new TextDecoder().decode(await bytes(address));
}

async function bytes(address: URL): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok)
    throw new UsageError(
      `The page that predicts is not here: ${address.pathname} (${response.status})`,
      "Make this site again with thaw studio --static, and put all of its files on the host.",
    );
  return new Uint8Array(await response.arrayBuffer());
}

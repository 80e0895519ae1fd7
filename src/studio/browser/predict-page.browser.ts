// The page that predicts, as the static page has it beside itself.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { PAGE_LIST, type PageFiles, PageListSchema } from "../runs/model-page.ts";

const ElsewhereSchema = v.record(v.string(), v.string());

/** The files of the page in the folder "predict" of the page at `base`; large ones are those of the page itself. Throws a UsageError without it. */
export async function predictPageAt(base: string): Promise<PageFiles> {
  const folder = new URL("predict/", base);
  const { own } = v.parse(PageListSchema, await listAt(new URL(PAGE_LIST, folder)));
  const elsewhere = v.parse(ElsewhereSchema, await listAt(new URL("elsewhere.json", folder)));
  const places = [
    ...[...own, PAGE_LIST].map((name) => [name, new URL(name, folder)] as const),
    ...Object.entries(elsewhere).map(([name, place]) => [name, new URL(place, base)] as const),
  ];
  return new Map(await Promise.all(places.map(async ([name, place]) => [name, await bytes(place)] as const)));
}

async function listAt(address: URL): Promise<unknown> {
  return parseJson(await bytes(address), { bytes: 100_000 }, (reason) => new Error(`${address.pathname} ${reason}`));
}

async function bytes(address: URL): Promise<Uint8Array> {
  const response = await fetch(address).catch((cause: unknown) => {
    throw new UsageError(`The page that predicts cannot be loaded: ${address.pathname}`, "Connect to the network, and export again.", {
      cause,
    });
  });
  if (!response.ok)
    throw new UsageError(
      `The page that predicts is not here: ${address.pathname} (${response.status})`,
      "Make this site again with thaw studio --static, and put all of its files on the host.",
    );
  return new Uint8Array(await response.arrayBuffer());
}

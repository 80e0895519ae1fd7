// A manifest: a file that names photographs by their addresses, with labels.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { fetchBytes } from "../../core/fetch-bytes.ts";
import { parseJson } from "../../core/json.ts";
import type { Part } from "../dataset/dataset.ts";
import { parseTable } from "../sources/table.ts";

/** The most bytes of a manifest, and the most values in one of JSON. */
const LIMITS = { bytes: 100_000_000, values: 4_000_000 };

const partSchema = v.optional(v.picklist(["train", "valid", "test"]));
const rowSchema = v.object({ address: v.string(), label: v.string(), part: partSchema });
const manifestSchema = v.union([v.array(rowSchema), v.record(v.string(), v.array(v.string()))]);

type Row = { readonly address: string; readonly label: string; readonly part?: Part | undefined };

/** What a manifest is, for hints. */
const FORM =
  'Write a list of { "address": …, "label": … }, lists of addresses by class, or a table whose columns are called address and label.';

/** The photographs that the manifest at `address` names, with absolute addresses. Throws a UsageError for a file that is no manifest. */
export async function readManifest(
  address: string,
  { stall, signal }: { readonly stall?: number; readonly signal?: AbortSignal | undefined },
): Promise<Row[]> {
  const bytes = await fetchBytes(address, { most: LIMITS.bytes, signal, ...(stall !== undefined && { stall }) });
  const isJson = /^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 64)));
  const rows = isJson ? fromJson(bytes, address) : fromTable(bytes, address);
  if (rows.length === 0) throw new UsageError(`The manifest ${address} names no photographs`, FORM);
  // A page's own address is the base of a relative one.
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  const base = new URL(address, location?.href).href;
  return rows.map((row) => {
    if (!URL.canParse(row.address, base)) throw new UsageError(`"${row.address}" in the manifest ${address} is no address`, FORM);
    return { ...row, address: new URL(row.address, base).href };
  });
}

function fromJson(bytes: Uint8Array, address: string): Row[] {
  const value = parseJson(bytes, LIMITS, (reason, cause) => new UsageError(`The manifest ${address} ${reason}`, FORM, { cause }));
  const manifest = v.safeParse(manifestSchema, value);
  if (!manifest.success) throw new UsageError(`The manifest ${address} does not name photographs with labels`, FORM);
  const found = manifest.output;
  if (Array.isArray(found)) return found;
  return Object.entries(found).flatMap(([label, addresses]) => addresses.map((each) => ({ address: each, label })));
}

function fromTable(bytes: Uint8Array, address: string): Row[] {
  const name = address.slice(address.lastIndexOf("/") + 1);
  const table = parseTable({ name, bytes });
  const column = (title: string): number => table.header?.findIndex((each) => each.toLowerCase() === title) ?? -1;
  const [addresses, labels, parts] = ["address", "label", "part"].map(column) as [number, number, number];
  if (addresses < 0 || labels < 0) throw new UsageError(`The manifest ${address} has no columns called address and label`, FORM);
  return table.map((cells, row) => {
    const [place = "", label = "", part = ""] = [cells[addresses], cells[labels], parts < 0 ? "" : cells[parts]];
    const checked = v.safeParse(partSchema, part === "" ? undefined : part.toLowerCase());
    if (place === "" || label === "" || !checked.success)
      throw new UsageError(
        `Line ${table.line(row)} of the manifest ${address} lacks an address or a label, or its part is not train, valid or test`,
        "Fill it in, or take the row out.",
      );
    return { address: place, label, part: checked.output };
  });
}

// Resolves the user's name for a network's weights in a browser: an address, a place in the browser's storage, a row of the catalogue, or a
// file of the hub; without a name, the weights that ship with thaw or else the network's first row.

import * as v from "valibot";
import { storage } from "#storage";
import { UsageError } from "../../core/errors.ts";
import { fetchBytes } from "../../core/fetch-bytes.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import { isAddress } from "../../core/store/places.ts";
import { defaultWeights, type HubFile, type PublishedWeights, rowCalled, rowNames } from "../published/published.ts";
import type { Architecture } from "../scope.ts";
import { isIndex, readIndex } from "../shards.ts";
import { checkHubFile, parseHub } from "./hub-file.ts";
import { storedWeights } from "./stored-weights.browser.ts";
import type { FindWeights, FindWeightsOptions, FoundWeights } from "./weights.ts";

/** Whole, so that bundlers find the files. */
const SHIPPED: Readonly<Record<string, URL>> = {
  "thaw_small.safetensors": new URL("../../../weights/thaw_small.safetensors", import.meta.url),
};

const HUB = "https://huggingface.co";

/**
 * What `named` refers to: the address of a safetensors file, which may end in "#sha256=" and the file's hash; a file in the browser's storage;
 * the name of a row of the catalogue; "hf:owner/repository", "hf:owner/repository/file" or either followed by "@revision"; undefined for the
 * network's default weights. What comes from a row, the hub, or an address with a hash is stored and not downloaded again.
 */
export const findWeights: FindWeights = async (architecture, named, options = {}) => {
  if (named === undefined) return ofRow(architecture, defaultWeights(architecture.name), options);
  if (named.startsWith("hf:")) return fromHub(parseHub(named), undefined, options);
  if (isAddress(named)) return atAddress(named, options);
  const row = rowCalled(named, architecture.name);
  if (row) return ofRow(architecture, row, options);
  const { store, key } = storage.openFile(named);
  if (await store.stat(key)) return { path: named };
  throw new UsageError(
    `There are no weights called ${named} in the browser's storage, and no published ones`,
    `Give the address of a safetensors file ("./${named}", "https://…"), or for ${architecture.name} one of ${rowNames(architecture.name)}.`,
  );
};

async function ofRow(architecture: Architecture, row: PublishedWeights | undefined, options: FindWeightsOptions): Promise<FoundWeights> {
  if (row?.hub) return { ...(await fromHub(row.hub, row.sha256, options)), row };
  const file = architecture.shipped;
  const shipped = row && file !== undefined ? SHIPPED[file] : undefined;
  if (row && file !== undefined && shipped)
    return { ...(await storedWeights({ name: file, address: shipped.href, key: `thaw/${file}`, sha256: row.sha256 }, options)), row };
  throw new UsageError(
    `The weights of ${architecture.name} are not published as safetensors`,
    "Give the address of a safetensors file with its weights.",
  );
}

async function atAddress(named: string, options: FindWeightsOptions): Promise<FoundWeights> {
  const [, address, sha256] = /^(.*)#sha256=([0-9a-f]{64})$/i.exec(named) ?? [];
  if (address === undefined || sha256 === undefined) return { path: named };
  const hash = sha256.toLowerCase();
  return storedWeights({ name: address, address, key: `sha256/${hash}.safetensors`, sha256: hash }, options);
}

/** A file of the hub; the files that an index names are stored beside it. */
async function fromHub(file: HubFile, sha256: string | undefined, options: FindWeightsOptions): Promise<FoundWeights> {
  const found = await oneOfHub(file, sha256, options);
  if (!isIndex(file.file)) return found;
  const folder = file.file.slice(0, file.file.lastIndexOf("/") + 1);
  for (const shard of new Set(readIndex(found.bytes, found.path).values()))
    await oneOfHub({ ...file, file: folder + shard }, undefined, options);
  return found;
}

async function oneOfHub(hubFile: HubFile, sha256: string | undefined, options: FindWeightsOptions) {
  checkHubFile(hubFile);
  const { repository, file, revision } = hubFile;
  const name = `${repository}/${file}${revision === "main" ? "" : `@${revision}`}`;
  const address = `${HUB}/${repository}/resolve/${revision}/${file}`;
  const key = `hub/${repository}/${revision}/${file}`;
  const promised = () => promisedHash(hubFile, options.signal);
  return storedWeights({ name, address, key, sha256, promised }, options);
}

const filesSchema = v.array(
  v.object({ path: v.string(), lfs: v.optional(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })) }),
);

/** The SHA-256 that the hub lists for a file; small files have none. */
async function promisedHash({ repository, file, revision }: HubFile, signal: AbortSignal | undefined): Promise<string | undefined> {
  const address = `${HUB}/api/models/${repository}/paths-info/${revision}`;
  const bytes = await fetchBytes(address, { most: 1_000_000, form: { paths: file }, signal });
  const files = v.safeParse(filesSchema, parseJsonOrNothing(bytes, { bytes: 1_000_000 }));
  const found = files.success ? files.output.find(({ path }) => path === file) : undefined;
  if (!found)
    throw new UsageError(
      `The hub has no file ${file} in ${repository}@${revision}`,
      "Check the spelling of the repository, file and revision.",
    );
  return found.lfs?.oid;
}

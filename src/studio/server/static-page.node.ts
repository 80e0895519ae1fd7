// Pages for web hosts: as they were built, with the large files that the package has in other folders anyway.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { parseJson } from "../../core/json.ts";
import { systemCode } from "../../core/system-error.ts";
import type { PageFiles } from "../runs/model-page.ts";

/** Files of a page, and where in the package they are: scripts/build.mjs writes it. */
export const ELSEWHERE_FILE = "elsewhere.json";
const ElsewhereSchema = v.record(v.string(), v.string());
/** The folder of the static page that holds the page that predicts. */
const PREDICT = "predict";

/** Where the package has its pages, and itself. */
export interface Built {
  readonly static: string;
  readonly predict: string;
  readonly root: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** The pages that are built with thaw; from its sources, those of the last build. */
export const BUILT: Built = {
  static: here("../../../dist/studio/static"),
  predict: here("../../../dist/studio/predict"),
  root: here("../../.."),
};

/**
 * Writes the static page to the folder `to`, which must be empty or missing. The page that predicts is in its folder "predict", for its exports,
 * without the large files that both have. Returns the number of files. Throws a UsageError if it is not built, or cannot be written.
 */
export async function writeStaticPage(built: Built, to: string): Promise<number> {
  const there = await readdir(to).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw new UsageError(`${to} is no folder that can be read`, "Name another one.", { cause: error });
  });
  const [page, predict] = [await listOf(built.static), await listOf(built.predict)];
  if (there.length > 0) throw new UsageError(`${to} is not empty`, "Name a new folder: nothing is overwritten.");
  const names = new Map([...page.elsewhere].map(([name, place]) => [place, name]));
  const [elsewhere, others] = [new Map<string, string>(), new Map(predict.own)];
  for (const [name, place] of predict.elsewhere) {
    const same = names.get(place);
    if (same === undefined) others.set(name, join(built.root, place));
    elsewhere.set(name, same ?? `${PREDICT}/${name}`);
  }
  const files = new Map([...pathsOf(page, built.root), ...[...others].map(([name, path]) => [`${PREDICT}/${name}`, path] as const)]);
  for (const [name, path] of files) await writeFile(join(to, name), await readFile(path));
  await writeFile(join(to, PREDICT, ELSEWHERE_FILE), `${JSON.stringify(Object.fromEntries(elsewhere), undefined, 2)}\n`);
  return files.size + 1;
}

/** All files of the page that predicts. Throws a UsageError if it is not built. */
export async function predictPage({ predict, root }: Built = BUILT): Promise<PageFiles> {
  const paths = pathsOf(await listOf(predict), root);
  return new Map(await Promise.all([...paths].map(async ([name, path]) => [name, new Uint8Array(await readFile(path))] as const)));
}

interface PageList {
  /** Paths on the disk of what is in the page's folder, by name. */
  readonly own: ReadonlyMap<string, string>;
  /** Places in the package of what is not, by name. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

function pathsOf({ own, elsewhere }: PageList, root: string): ReadonlyMap<string, string> {
  return new Map([...own, ...[...elsewhere].map(([name, place]) => [name, join(root, place)] as const)]);
}

async function listOf(built: string): Promise<PageList> {
  const list = await readFile(join(built, ELSEWHERE_FILE)).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new UsageError(
      `The page is not in ${built}`,
      "In a clone of thaw, build it: node scripts/build.mjs --static. Otherwise install thaw again: its files are incomplete.",
    );
  });
  const elsewhere = v.parse(
    ElsewhereSchema,
    parseJson(list, { bytes: 100_000 }, (reason) => new Error(`${ELSEWHERE_FILE} ${reason}`)),
  );
  const entries = await readdir(built, { recursive: true, withFileTypes: true });
  const own = entries.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const name = file.slice(join(built, "/").length).replaceAll("\\", "/");
    return entry.isFile() && name !== ELSEWHERE_FILE ? [[name, file] as const] : [];
  });
  return { own: new Map(own), elsewhere: new Map(Object.entries(elsewhere)) };
}

// The page as static files for any web host: as it was built, with the large files that the package has in other folders anyway.

import { copyFile, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { ensureFolder } from "../../core/files.node.ts";
import { parseJson } from "../../core/json.ts";
import { systemCode, writeError } from "../../core/system-error.ts";

/** Files of the page, and where in the package they are: scripts/build.mjs writes it. */
export const ELSEWHERE_FILE = "elsewhere.json";
const ElsewhereSchema = v.record(v.string(), v.string());

/**
 * Writes the static page that was built in `built` to the folder `to`, which must be empty or missing; `root` is the package's folder. Returns the
 * number of files. Throws a UsageError if it is not built, or cannot be written.
 */
export async function writeStaticPage(built: string, root: string, to: string): Promise<number> {
  const list = await readFile(join(built, ELSEWHERE_FILE)).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new UsageError(
      `The static page is not in ${built}`,
      "In a clone of thaw, build it: node scripts/build.mjs --static. Otherwise install thaw again: its files are incomplete.",
    );
  });
  const elsewhere = v.parse(
    ElsewhereSchema,
    parseJson(list, { bytes: 100_000 }, (reason) => new Error(`${ELSEWHERE_FILE} ${reason}`)),
  );
  const there = await readdir(to).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw new UsageError(`${to} is no folder that can be read`, "Name another one.", { cause: error });
  });
  if (there.length > 0) throw new UsageError(`${to} is not empty`, "Name a new folder: nothing is overwritten.");
  const own = (await readdir(built, { recursive: true, withFileTypes: true })).flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    return entry.isFile() && entry.name !== ELSEWHERE_FILE ? [[file.slice(join(built, "/").length), file] as const] : [];
  });
  const files = new Map([...own, ...Object.entries(elsewhere).map(([name, place]) => [name, join(root, place)] as const)]);
  for (const [name, from] of files) {
    const place = join(to, name);
    await ensureFolder(dirname(place));
    await copyFile(from, place).catch((error: unknown) => {
      throw writeError(error, place);
    });
  }
  return files.size;
}

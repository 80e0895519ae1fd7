// The files of the page, known by their names before the first request: nothing else of the disk can be asked for.

import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { systemCode } from "../../core/system-error.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".safetensors": "application/octet-stream",
  ".txt": "text/plain; charset=utf-8",
};

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  read(): Promise<Uint8Array>;
  /** Whether its name changes with its content, so that a browser may keep it. */
  readonly isFixed: boolean;
}

/** The files in `folder` by their paths in the page's address; "/" is index.html. Throws a UsageError if that is not there. */
export async function pageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${file.slice(join(folder, "/").length).replaceAll("\\", "/")}`;
    files.set(path, { type, read: () => readFile(file), isFixed: /-[\w-]{8,}\.\w+$/.test(entry.name) });
  }
  const index = files.get("/index.html");
  if (!index)
    throw new UsageError(
      `The studio's page is not in ${folder}`,
      "In a clone of thaw, build it: npm run build. Otherwise install thaw again: its files are incomplete.",
    );
  return files.set("/", index);
}

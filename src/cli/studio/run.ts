// `thaw studio`: serves the page on this machine until Ctrl-C.

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFor, elsewhereWarning } from "../../core/cache-folder.node.ts";
import { shownPath } from "../../core/shown-path.node.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { paintFor, printLines, printRows } from "../shared/terminal.ts";
import { warningLines } from "../shared/warning.ts";
import { listeningLines } from "./lines.ts";
import { openBrowser } from "./open-browser.ts";

export interface StudioFlags {
  port?: number;
  /** False with --no-open. */
  open?: boolean;
  work?: string;
  cache?: string;
  offline?: boolean;
  /** The folder for the static page. */
  static?: string;
  json?: boolean;
}

/** The folder that is made where none is named. */
const NEW_FOLDER = "photographs";
/** The built page. */
const PAGE = fileURLToPath(new URL("../../studio/page/", import.meta.url));

/** Serves the studio of `folder` until it is interrupted; returns 0. Throws a UsageError if the folder or the port cannot be used. */
export async function studioCommand(folder = NEW_FOLDER, flags: StudioFlags = {}): Promise<number> {
  const { port = 0, open = true, work, cache, offline, json = false } = flags;
  if (flags.static !== undefined) return staticCommand(flags.static, json);
  const [{ MOST_PICTURE_BYTES, NodeStudio }, { startServer }] = await Promise.all([
    import("../../studio/node/studio.node.ts"),
    import("../../studio/server/server.node.ts"),
  ]);
  const warn = paintFor(process.stderr, process.env);
  const kept = cache ?? cacheFor(folder);
  const elsewhere = cache === undefined ? elsewhereWarning(folder, kept) : undefined;
  if (elsewhere) printLines(process.stderr, warningLines(elsewhere, warn));
  const isNew = !existsSync(folder);
  const studio = await NodeStudio.open({
    folder,
    work,
    cache: resolve(kept),
    cores: availableParallelism(),
    offline,
    now: Date.now,
  });
  const ended = interrupted();
  try {
    const onError = (error: unknown): void =>
      printLines(process.stderr, [...`${(error as Error).stack ?? error}`.split("\n"), "", "This is a mistake in thaw: please report it."]);
    const server = await startServer({ engine: studio, page: PAGE, port, mostBytes: MOST_PICTURE_BYTES, onError });
    const { url } = server;
    if (json) printRows(process.stdout, [jsonLine({ event: "listening", url })]);
    else
      printLines(process.stdout, listeningLines(printable(shownPath(resolve(folder))), isNew, url, paintFor(process.stdout, process.env)));
    if (open) openBrowser(url);
    await ended;
    await server.close();
  } finally {
    await studio.close();
  }
  return 0;
}

/** Writes the static page to `folder`; returns 0. */
async function staticCommand(folder: string, json: boolean): Promise<number> {
  const { BUILT, writeStaticPage } = await import("../../studio/server/static-page.node.ts");
  const files = await writeStaticPage(BUILT, resolve(folder));
  if (json) printRows(process.stdout, [jsonLine({ event: "written", folder: resolve(folder), files })]);
  else printLines(process.stdout, [`The page is in ${printable(shownPath(resolve(folder)))}: put its ${files} files on any web host.`]);
  return 0;
}

/** Resolves at the first Ctrl-C, or when the system asks the process to end; the second Ctrl-C ends it at once. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

// Loading in a browser: in workers.

import type { ImageFile } from "./image-file.ts";
import { inspectHere } from "./inspect.ts";
import { loadHere } from "./load-task.ts";
import { defaultWorkers, endThreads, runInPool } from "./pool.browser.ts";
import type { Pool } from "./pool.ts";
import { scanHere } from "./scan-file.ts";

export const pool: Pool = {
  workers: defaultWorkers,
  load: (task) => runInPool("load", typeof task.image === "string" ? { ...task, image: absolute(task.image) } : task, () => loadHere(task)),
  scan: (task) => runInPool("scan", { ...task, file: absolute(task.file) }, () => scanHere(task)),
  inspect: (file) => runInPool("inspect", absolute(file), () => inspectHere(file)),
  close: async () => endThreads(),
};

/** The absolute form of an address, which is relative to the page: in the worker it would be relative to its script. */
function absolute(file: ImageFile): ImageFile {
  const { location } = globalThis as unknown as { readonly location: { readonly href: string } };
  return typeof file === "string" && URL.canParse(file, location.href) ? new URL(file, location.href).href : file;
}

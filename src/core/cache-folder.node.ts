// Where thaw stores what it computes about a data set: beside it, so that the photographs' own folder is not modified.

import { basename, dirname, join, resolve } from "node:path";

/** The absolute path of the cache folder of the data set in the folder `data`: ".thaw/<name>" beside it. */
export function cacheBeside(data: string): string {
  const path = resolve(data);
  return join(dirname(path), ".thaw", basename(path));
}

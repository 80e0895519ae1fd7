// Where thaw keeps what it computed about a data set: beside it, so that the photographs' own folder stays as it is.

import { basename, dirname, join, resolve } from "node:path";

/** The folder of what is kept about the data set in the folder `data`: ".thaw/<name>" beside it, as an absolute path. */
export function cacheBeside(data: string): string {
  const path = resolve(data);
  return join(dirname(path), ".thaw", basename(path));
}

// A browser has no files to save charts in.

import { UsageError } from "../core/errors.ts";

/** Throws a UsageError that says what to do instead. */
export async function saveChart(file: string): Promise<void> {
  throw new UsageError(`There is no file system here to save ${file} in`, "Show the chart's svg() in the page, or offer it as a download.");
}

// A browser has no file system to save charts to.

import { UsageError } from "../core/errors.ts";

/** Throws a UsageError that says what to do instead. */
export async function saveChart(file: string): Promise<void> {
  throw new UsageError(`There is no file system here to save ${file} to`, "Show the chart's svg() in the page, or offer it as a download.");
}

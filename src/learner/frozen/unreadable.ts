// An image that was readable when the data was checked and is not any more.

import { UsageError } from "../../core/errors.ts";
import type { Item } from "../../data/dataset/items.ts";
import type { FailedItem } from "../../data/load/loader.ts";

/** Throws a UsageError naming the first file of `failed`; does nothing if there is none. */
export function failOnUnreadable(items: readonly Item[], failed: readonly FailedItem[]): void {
  const [failure] = failed;
  if (failure)
    throw new UsageError(
      `Cannot read ${items[failure.index]?.file}: ${failure.error}`,
      "The file changed since it was checked. Nothing that was computed is lost: run the same command again, or put the file back first.",
    );
}

// Hands a file of the engine to the browser, which asks or saves as its user likes.

import type { Download } from "../../protocol/results.ts";

export function save({ name, address }: Download): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

// Measurements as lines of JSON.

import { existsSync, readFileSync } from "node:fs";

/** The rows of `file`; none if it does not exist. */
export function rowsIn(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line).map((line) => JSON.parse(line));
}

// Which thaw this is. For Node; what a browser loads has no package.json beside it.

import { readFileSync } from "node:fs";

/** The version in thaw's package.json. */
export function version(): string {
  const description = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}

// A file in a folder, whether that is a path or an address.

import { join } from "node:path";
import { isS3Address } from "./address.ts";

/** The path or address of `name` in `folder`; `name` has "/" between folders. */
export function placeIn(folder: string, name: string): string {
  return isS3Address(folder) ? `${folder.replace(/\/+$/, "")}/${name}` : join(folder, name);
}

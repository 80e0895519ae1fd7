// Copies in a browser: there is no disk to write them to.

import { UsageError } from "../../core/errors.ts";
import type { ImageCopier } from "./copies.ts";

export const copier: ImageCopier = { folderFor: noDisk, refuseInside: noDisk, copy: noDisk };

function noDisk(): never {
  throw new UsageError("There is no file system here for resized copies", "Resize in Node, or withSize for other transforms.");
}

// The images below an address, as they are listed: of very many, no list is made.

import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { extensionOf, kindOfFile } from "../decode/file-names.ts";
import { isPlainText } from "../decode/image.ts";
import { isHidden } from "../files/hidden.ts";
import { type ListedObject, objectsBelow } from "../files/s3-tree.node.ts";
import { PassedBy } from "./passed-by.ts";

/**
 * The names of the images at `address`, from there on: those that FolderReader would find. Throws a UsageError for an address that cannot be
 * listed, or has none below it.
 */
export async function* imagesBelow(address: string, { signal, onWarning }: WorkOptions = {}): AsyncGenerator<string, void, undefined> {
  const passedBy = new PassedBy();
  let images = 0;
  for await (const object of objectsBelow(address, signal)) {
    const { name } = object;
    if (name.split("/").some(isHidden)) continue;
    const kind = await kindOf(object);
    if (kind === "image") {
      images++;
      yield name;
    }
    if (kind === "unknown") passedBy.unknown.push(name);
  }
  passedBy.report(onWarning);
  if (images === 0) throw new UsageError(`There are no images in ${address}`, "Name photographs, or folders that hold them.");
}

async function kindOf({ name, file }: ListedObject): Promise<ReturnType<typeof kindOfFile>> {
  const last = name.slice(name.lastIndexOf("/") + 1);
  const kind = kindOfFile(last);
  if (kind !== "image" || extensionOf(last) !== "") return kind;
  const start = await file.start?.().catch(() => undefined);
  return start && isPlainText(start) ? "other" : "image";
}

// `thaw augment`: a contact sheet of what each transform does to one photograph.

import { basename, extname, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { printable } from "../shared/printable.ts";
import { paintFor, printLines } from "../shared/terminal.ts";

export interface AugmentFlags {
  out?: string;
  size: number;
  seed: number;
  columns: number;
}

/** Writes the contact sheet of `photo` and returns the exit code 0. Throws a UsageError for a photograph that cannot be read. */
export async function augmentCommand(photo: string, { out, size, seed, columns }: AugmentFlags): Promise<number> {
  const target = out ?? `${basename(photo, extname(photo))}-augmented.png`;
  if (extname(target).toLowerCase() !== ".png")
    throw new UsageError(`${target} is not a name for the sheet, which is a PNG`, "Name a .png file with --out.");
  if (resolve(target) === resolve(photo)) throw new UsageError(`${target} is the photograph itself`, "Name another file with --out.");
  const [{ decoder }, { ImageError }, { writeFile }, { contactSheet }] = await Promise.all([
    import("#decode"),
    import("../../data/decode/image.ts"),
    import("../../core/files.node.ts"),
    import("./sheet.ts"),
  ]);
  const image = await decoder
    .read(photo)
    .then((bytes) => decoder.decode(bytes))
    .catch((error: unknown) => {
      if (!(error instanceof ImageError)) throw error;
      throw new UsageError(`${photo}: ${error.message}`, "Name one photograph.", { cause: error });
    });
  const { png, width, height, names } = await contactSheet(image, { size, seed, columns });
  await writeFile(target, png);
  const paint = paintFor(process.stdout, process.env);
  printLines(process.stdout, [
    `Drew ${names.length} transforms ${columns} times each, ${width} × ${height} pixels: ${paint.bold(printable(target))}`,
  ]);
  return 0;
}

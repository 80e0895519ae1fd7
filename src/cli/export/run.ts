// `thaw export`: a model as one ONNX file, or as a folder for transformers.js.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { printLines, printRows } from "../shared/terminal.ts";

export interface ExportFlags {
  format: "onnx" | "transformers";
  out?: string;
  force?: boolean;
  json?: boolean;
}

/** Writes the model of the folder `model` in `flags.format`; returns 0. Throws a UsageError if the target exists. */
export async function exportCommand(model: string, { format, out, force = false, json = false }: ExportFlags): Promise<number> {
  const place = out ?? `${model.replace(/\/+$/, "")}${format === "onnx" ? ".onnx" : "-transformers"}`;
  for (const path of format === "onnx" ? [place, beside(place)] : [place])
    if (!force && (await stat(path).catch(() => undefined)))
      throw new UsageError(`${path} already exists`, "Choose another place with --out, or replace it with --force.");
  const files = await filesOf(model, format, place);
  let bytes = 0;
  for (const [path, content] of files) {
    await writeFile(path, content);
    bytes += content.length;
  }
  if (json) printRows(process.stdout, [jsonLine({ format, out: place, files: [...files.keys()], bytes })]);
  else printLines(process.stdout, [`${printable(place)}  ${(bytes / 1e6).toFixed(1)} MB`]);
  return 0;
}

/** The file that describes the ONNX file `place`. */
function beside(place: string): string {
  return `${place.replace(/\.onnx$/, "")}.json`;
}

/** The content of each file by its path. */
async function filesOf(model: string, format: ExportFlags["format"], place: string): Promise<ReadonlyMap<string, string | Uint8Array>> {
  if (format === "onnx") {
    const { exportOnnx } = await import("../../classifier/export/onnx.ts");
    const { describeOnnx } = await import("../../classifier/export/onnx-description.ts");
    const description = `${JSON.stringify(await describeOnnx(model), undefined, 2)}\n`;
    return new Map<string, string | Uint8Array>([
      [place, await exportOnnx(model)],
      [beside(place), description],
    ]);
  }
  const { exportTransformers } = await import("../../classifier/export/transformers.ts");
  return new Map([...(await exportTransformers(model))].map(([path, content]) => [join(place, path), content]));
}

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
  const there = await stat(place).catch(() => undefined);
  if (there && !force) throw new UsageError(`${place} already exists`, "Choose another place with --out, or replace it with --force.");
  const files = await filesOf(model, format);
  let bytes = 0;
  for (const [path, content] of files) {
    await writeFile(path === "" ? place : join(place, path), content);
    bytes += content.length;
  }
  const written = [...files.keys()].map((path) => (path === "" ? place : join(place, path)));
  if (json) printRows(process.stdout, [jsonLine({ format, out: place, files: written, bytes })]);
  else printLines(process.stdout, [`${printable(place)}  ${(bytes / 1e6).toFixed(1)} MB`]);
  return 0;
}

/** The content of each file by its path below the place that was asked for; "" is that place. */
async function filesOf(model: string, format: ExportFlags["format"]): Promise<ReadonlyMap<string, string | Uint8Array>> {
  if (format === "onnx") return new Map([["", await (await import("../../classifier/export/onnx.ts")).exportOnnx(model)]]);
  return (await import("../../classifier/export/transformers.ts")).exportTransformers(model);
}

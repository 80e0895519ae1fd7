// `thaw export`: a model as one ONNX file, as a folder for transformers.js, or as a web page.

import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { shellWord } from "../../core/shell-word.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { printLines, printRows } from "../shared/terminal.ts";

export interface ExportFlags {
  format: "onnx" | "transformers";
  out?: string;
  /** The folder for a web page, instead of a format. */
  page?: string;
  force?: boolean;
  json?: boolean;
}

/** What is written: a format, or the page. */
type Target = ExportFlags["format"] | "page";

/** Writes the model of the folder `model` in `flags.format`, or as a page; returns 0. Throws a UsageError if the target exists. */
export async function exportCommand(model: string, flags: ExportFlags): Promise<number> {
  const { out, page, force = false, json = false } = flags;
  const format = page === undefined ? flags.format : "page";
  const place = page ?? out ?? `${model.replace(/\/+$/, "")}${format === "onnx" ? ".onnx" : "-transformers"}`;
  for (const path of format === "onnx" ? [place, beside(place)] : [place])
    if (!force && (await stat(path).catch(() => undefined)))
      throw new UsageError(
        `${path} already exists`,
        `Choose another place with ${page === undefined ? "--out" : "--page"}, or replace it with --force.`,
      );
  const files = await filesOf(model, format, place);
  if (format === "page") await (await import("./page.ts")).replacePage(place, files);
  else for (const [path, content] of files) await writeFile(path, content);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (json) printRows(process.stdout, [jsonLine({ format, out: place, files: [...files.keys()], bytes })]);
  else printLines(process.stdout, [`${printable(place)}  ${(bytes / 1e6).toFixed(1)} MB`, ...(format === "page" ? [servedBy(place)] : [])]);
  return 0;
}

/** How to look at the page here. */
function servedBy(place: string): string {
  return `Put it on any web host. To look at it here: npx http-server ${shellWord(place)}`;
}

/** The file that describes the ONNX file `place`. */
function beside(place: string): string {
  return `${place.replace(/\.onnx$/, "")}.json`;
}

/** The content of each file by its path. */
async function filesOf(model: string, format: Target, place: string): Promise<ReadonlyMap<string, string | Uint8Array>> {
  if (format === "onnx") {
    const { exportOnnx } = await import("../../classifier/export/onnx.ts");
    const { describeOnnx } = await import("../../classifier/export/onnx-description.ts");
    const description = `${JSON.stringify(await describeOnnx(model), undefined, 2)}\n`;
    return new Map<string, string | Uint8Array>([
      [place, await exportOnnx(model)],
      [beside(place), description],
    ]);
  }
  if (format === "page") {
    const [{ modelReader }, { pageOf }, { predictPage }] = await Promise.all([
      import("../../classifier/read-model.ts"),
      import("../../studio/runs/model-page.ts"),
      import("../../studio/server/static-page.node.ts"),
    ]);
    const files = await pageOf(await modelReader(model), basename(resolve(model), ".zip"), await predictPage());
    return new Map([...files].map(([path, content]) => [join(place, path), content]));
  }
  const { exportTransformers } = await import("../../classifier/export/transformers.ts");
  return new Map([...(await exportTransformers(model))].map(([path, content]) => [join(place, path), content]));
}

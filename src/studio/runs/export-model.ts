// A run's model as a file to download.

import { exportOnnx } from "../../classifier/export/onnx.ts";
import { describeOnnx } from "../../classifier/export/onnx-description.ts";
import { exportTransformers } from "../../classifier/export/transformers.ts";
import { zipModel } from "../../classifier/zip/zipped-model.ts";
import type { Store } from "../../core/store/store.ts";
import type { ExportFormat } from "../protocol/results.ts";
import { type PageFiles, pageOf } from "./model-page.ts";

/** Exports the model in `place` as a zip that is called like `name`; `page` reads the files of the page that predicts. */
export async function exportModel(
  place: Store,
  format: ExportFormat,
  name: string,
  page: () => Promise<PageFiles>,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const base = name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").replaceAll(/^-+|-+$/g, "") || "model";
  switch (format) {
    case "model":
      return { name: `${base}.zip`, bytes: new Uint8Array(await (await zipModel(place)).arrayBuffer()) };
    case "onnx": {
      const description = JSON.stringify(await describeOnnx(place), undefined, 2);
      const files = new Map<string, string | Uint8Array>([
        [`${base}.onnx`, await exportOnnx(place)],
        [`${base}.json`, `${description}\n`],
      ]);
      return { name: `${base}-onnx.zip`, bytes: await zipped(files) };
    }
    case "transformers":
      return { name: `${base}-transformers.zip`, bytes: await zipped(await exportTransformers(place)) };
    case "page":
      return { name: `${base}-page.zip`, bytes: await zipped(await pageOf(place, name, await page())) };
  }
}

/** Files as a zip; weights hardly shrink, so nothing is compressed. */
async function zipped(files: ReadonlyMap<string, string | Uint8Array>): Promise<Uint8Array> {
  const { zipSync } = await import("fflate");
  const encoder = new TextEncoder();
  return zipSync(
    Object.fromEntries([...files].map(([name, content]) => [name, typeof content === "string" ? encoder.encode(content) : content])),
    { level: 0 },
  );
}

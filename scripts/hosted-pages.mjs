// Builds the pages for web hosts: the studio that trains in the browser, and the page that predicts with one model.

import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/**
 * Builds the page of `name` ("static" or "predict") as files for web hosts in `folder`. Its large files are in the package already, so they are
 * taken out again, and a list says where they are: `thaw studio --static` and `thaw export --page` put them back. Another list is for the
 * page's service worker.
 */
export async function buildHosted(name, folder) {
  await build({ configFile: join(root, "src/studio/page", name, "vite.config.ts"), logLevel: "error", build: { outDir: folder } });
  const elsewhere = { "onnxruntime-license.txt": "vendor/LICENSE" };
  const places = { ".wasm": "vendor/onnxruntime-web/dist", ".safetensors": "weights" };
  for (const file of filesIn(folder)) {
    const [, place] = Object.entries(places).find(([end]) => file.endsWith(end)) ?? [];
    // A page that predicts computes on the CPU, and has its weights in the model.
    const isSpare = name === "predict" && /webgpu|asyncify|\.safetensors$/.test(basename(file));
    if (place === undefined && !isSpare) continue;
    // Vite has put a hash between the name and its ending.
    if (!isSpare) elsewhere[relative(folder, file)] = `${place}/${basename(file).replace(/-[\w-]{8}(?=\.\w+$)/, "")}`;
    rmSync(file);
  }
  for (const place of Object.values(elsewhere)) if (!existsSync(join(root, place))) throw new Error(`The package has no ${place}`);
  const own = filesIn(folder).map((file) => relative(folder, file).replaceAll("\\", "/"));
  const list = { format: `thaw ${name} page`, own: own.sort(), large: Object.keys(elsewhere) };
  writeFileSync(join(folder, "files.json"), `${JSON.stringify(list, undefined, 2)}\n`);
  writeFileSync(join(folder, "elsewhere.json"), `${JSON.stringify(elsewhere, undefined, 2)}\n`);
}

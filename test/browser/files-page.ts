// The page of files-page, built by Vite and served, for tests that drive browsers.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import { build, type PreviewServer, preview } from "vite";

const root = fileURLToPath(new URL("files-page", import.meta.url));

/** What lets a page use threads. */
export const ISOLATING = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** A short course of the head, for `learn` in the page. */
export const COURSE = {
  arch: "thaw_small",
  size: 32,
  bs: 8,
  seed: 3,
  stages: ["precompute"],
  epochs: [3],
  lrs: [0.01],
  precision: "fp32",
} as const;

/** Builds the page into `folder` and serves it with `headers`. */
export async function serveFilesPage(folder: string, headers: Record<string, string>): Promise<{ server: PreviewServer; address: string }> {
  const outDir = join(folder, "page");
  await build({ root, configFile: false, logLevel: "error", worker: { format: "es" }, build: { outDir, target: "es2022" } });
  const server = await preview({ root, configFile: false, logLevel: "error", build: { outDir }, preview: { port: 0, headers } });
  return { server, address: server.resolvedUrls?.local[0] as string };
}

/** The file of weights in a model's zip. */
export function weightsIn(zip: Uint8Array): Buffer {
  const [, bytes] = Object.entries(unzipSync(zip)).find(([name]) => name.endsWith("weights.safetensors"))!;
  return Buffer.from(bytes);
}

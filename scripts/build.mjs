// Builds dist, unless it is newer than every source: npm starts this at each install and each pack, and a training that runs from dist should
// not lose its files then. `--force` builds anyway, the studio's page still only if its sources changed, and `--static` that page for web hosts too. Also fills the folder vendor, and
// gives a clone the command `npx thaw`, which npx would otherwise install from the clone first.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import "./vendor-engine.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [source, dist, link] = [join(root, "src"), join(root, "dist"), join(root, "node_modules/.bin/thaw")];
const main = join(dist, "cli/main.js");
const built = join(dist, ".tsbuildinfo");
/** The layers whose code is in the studio's page. */
const PAGE_TAKES = ["core", "chart", "recipe", "interpret", "studio/protocol", "studio/remote"];
const [pageSource, page] = [join(source, "studio/page"), join(dist, "studio/page")];

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Whether `result` is newer than all files in `folders`, and than what says how it is built. */
function isFresh(result, folders) {
  if (!existsSync(result)) return false;
  const { mtimeMs } = statSync(result);
  const inputs = [...folders.flatMap(filesIn), join(root, "tsconfig.json"), join(root, "package-lock.json")];
  return inputs.every((file) => statSync(file).mtimeMs <= mtimeMs);
}

/** Deletes what was built from sources that are gone, which would otherwise be packed. */
function prune() {
  for (const file of filesIn(dist)) {
    const from = file.replace(dist, source).replace(/\.(js|js\.map|d\.ts)$/, ".ts");
    if (file !== built && !file.startsWith(join(page, "/")) && !file.startsWith(join(dist, "studio/static/")) && !existsSync(from))
      rmSync(file);
  }
}

/**
 * Builds the studio's page as static files. Its large files are in the package already, so they are taken out again, and a list says where they
 * are: `thaw studio --static` puts them back.
 */
async function buildStatic() {
  const { build } = await import("vite");
  const folder = join(dist, "studio/static");
  await build({ configFile: join(pageSource, "static/vite.config.ts"), logLevel: "error" });
  const elsewhere = {};
  const places = { ".wasm": "vendor/onnxruntime-web/dist", ".safetensors": "weights" };
  for (const file of filesIn(folder)) {
    const [ending, place] = Object.entries(places).find(([end]) => file.endsWith(end)) ?? [];
    if (ending === undefined) continue;
    // Vite has put a hash between the name and its ending.
    elsewhere[relative(folder, file)] = `${place}/${basename(file).replace(/-[\w-]{8}(?=\.\w+$)/, "")}`;
    rmSync(file);
  }
  for (const place of Object.values(elsewhere)) if (!existsSync(join(root, place))) throw new Error(`The package has no ${place}`);
  writeFileSync(join(folder, "elsewhere.json"), `${JSON.stringify(elsewhere, undefined, 2)}\n`);
}

if (process.argv.includes("--force") || !existsSync(main) || !isFresh(built, [source])) {
  const { status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", root], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  const now = new Date();
  utimesSync(built, now, now);
  prune();
}
if (!isFresh(join(page, "index.html"), [pageSource, ...PAGE_TAKES.map((layer) => join(source, layer))])) {
  const { build } = await import("vite");
  await build({ configFile: join(pageSource, "vite.config.ts"), logLevel: "warn" });
}
if (process.argv.includes("--static")) await buildStatic();
chmodSync(main, 0o755);
if (process.platform !== "win32" && !existsSync(link)) {
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  symlinkSync("../../dist/cli/main.js", link);
}

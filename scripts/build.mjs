// Builds dist, unless it is newer than every source: npm starts this at each install and each pack, and a training that runs from dist should
// not lose its files then. `--force` builds anyway, the studio's pages still only if their sources changed, and `--static` those for web hosts too.
// Also fills the folder vendor, and gives a clone the command `npx thaw`, which npx would otherwise install from the clone first.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import "./vendor-engine.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [source, dist, link] = [join(root, "src"), join(root, "dist"), join(root, "node_modules/.bin/thaw")];
const main = join(dist, "cli/main.js");
/** Written after a build: what the compiler keeps beside it (.tsbuildinfo) is written by a check of the types too. */
const built = join(dist, ".built");
const kept = [built, join(dist, ".tsbuildinfo")];
/** The layers whose code is in the studio's page. */
const PAGE_TAKES = ["core", "chart", "recipe", "interpret", "studio/protocol", "studio/remote"];
/** Those in the page that predicts. */
const PREDICT_TAKES = ["core", "graph", "runtime", "nn", "data", "classifier", "chart", "studio/protocol"];
/** Folders of dist that hold pages. */
const BUILT_BY_VITE = ["studio/page", "studio/static", "studio/predict"];
const page = join(dist, "studio/page");
const sourcesOf = (layers) => ["studio/page", ...layers].map((layer) => join(source, layer));

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Whether `result` is newer than all files in `folders`, and than what says how it is built. */
function isFresh(result, folders) {
  if (!existsSync(result)) return false;
  const { mtimeMs } = statSync(result);
  const inputs = [
    ...folders.flatMap(filesIn),
    ...["tsconfig.json", "package-lock.json", "scripts/hosted-pages.mjs"].map((name) => join(root, name)),
  ];
  return inputs.every((file) => statSync(file).mtimeMs <= mtimeMs);
}

/** Deletes what was built from sources that are gone, which would otherwise be packed. */
function prune() {
  for (const file of filesIn(dist)) {
    const from = file.replace(dist, source).replace(/\.(js|d\.ts)$/, ".ts");
    if (!kept.includes(file) && !BUILT_BY_VITE.some((folder) => file.startsWith(join(dist, folder, "/"))) && !existsSync(from))
      rmSync(file);
  }
}

if (process.argv.includes("--force") || !existsSync(main) || !isFresh(built, [source])) {
  const { status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", root], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(built, "");
  prune();
}
if (!isFresh(join(page, "index.html"), sourcesOf(PAGE_TAKES))) {
  const { build } = await import("vite");
  await build({ configFile: join(source, "studio/page/vite.config.ts"), logLevel: "warn" });
}
/** Loaded only here: where everything is built, nothing needs Vite. */
const buildHosted = async (name) => (await import("./hosted-pages.mjs")).buildHosted(name, join(dist, "studio", name));
const toHost = process.argv.includes("--static");
if (toHost) await buildHosted("static");
if (toHost || !isFresh(join(dist, "studio/predict/elsewhere.json"), sourcesOf(PREDICT_TAKES))) await buildHosted("predict");
chmodSync(main, 0o755);
if (process.platform !== "win32" && !existsSync(link)) {
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  symlinkSync("../../dist/cli/main.js", link);
}

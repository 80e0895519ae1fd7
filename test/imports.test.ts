// What `import "thaw"` loads of its dependencies: those that take long to load wait until they are used.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Names each file that is loaded on standard error. */
const hook = `import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(\`
  export function load(url, context, next) { process._rawDebug(url); return next(url, context); }
\`));`;

/** The packages that importing `entry` of the built package loads; ONNX Runtime's parts count as packages. */
function packagesOf(entry: string): readonly string[] {
  const args = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, "--input-type=module", "-e", `await import("${entry}")`];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  expect(status).toBe(0);
  const names = [...stderr.matchAll(/\/(?:node_modules|vendor)\/((?:@[^/]+\/)?[^/\s]+)\//g)].map(([, name]) => name as string);
  return [...new Set(names)].sort();
}

test("importing thaw loads no chart, no decoder, no engine, no worker threads and no download", () => {
  const light = ["@bufbuild/protobuf", "@node-rs/crc32", "@noble/hashes", "csv-parse", "pure-rand", "valibot"];
  expect(packagesOf("thaw").filter((name) => !light.includes(name))).toEqual([]);
});

test("importing thaw/classifier loads less", () => {
  const light = ["@bufbuild/protobuf", "@noble/hashes", "pure-rand", "valibot"];
  expect(packagesOf("thaw/classifier").filter((name) => !light.includes(name))).toEqual([]);
});

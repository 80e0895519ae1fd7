// Compiles the kernels of this folder into the files that have them: run it after a change here. The compiler is fetched for this alone, because it is large.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMPILER = "assemblyscript@0.28.20";
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const FILES = {
  resample: "src/data/pixels/resample-kernel.ts",
  warp: "src/data/pixels/warp-kernel.ts",
  dropout: "src/learner/step/dropout-kernel.ts",
  depthwise: "scripts/depthwise-kernel.mjs",
};

for (const [name, file] of Object.entries(FILES)) {
  const source = readFileSync(here(`${name}.ts`));
  const folder = mkdtempSync(join(tmpdir(), "thaw-kernel-"));
  const wasm = join(folder, "kernel.wasm");
  const flags = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--importMemory", "--outFile", wasm];
  execFileSync("npx", ["--yes", "--package", COMPILER, "asc", here(`${name}.ts`), ...flags], { stdio: "inherit", cwd: folder });
  const lines = readFileSync(wasm)
    .toString("base64")
    .match(/.{1,120}/g);
  rmSync(folder, { recursive: true });
  writeFileSync(
    here(`../${file}`),
    `// Made by \`node kernels/build.mjs\` from kernels/${name}.ts with ${COMPILER}: do not edit.

/** SHA-256 of the source that this was made of. */
export const KERNEL_SOURCE = "${createHash("sha256").update(source).digest("hex")}";

/** The WebAssembly module, in base64. */
export const KERNEL = \`
${lines.join("\n")}
\`;
`,
  );
}

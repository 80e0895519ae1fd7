// Fills the folder vendor with the parts of ONNX Runtime that thaw uses, from onnxruntime-node and onnxruntime-web in node_modules. They are
// part of thaw's package, because as dependencies they would bring install scripts: onnxruntime-node's downloads CUDA libraries, and fails
// where their server cannot be reached. Does nothing if the folder already has these versions.

import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Which files of each package thaw uses, by their paths in it. */
const PARTS = {
  "onnxruntime-node": {
    type: "commonjs",
    // DirectML is a provider that thaw never asks for. macOS' library is there twice, under two names.
    uses: (path) => /^dist\/\w+\.js$|^bin\/.*\.(node|so\.1|dylib|dll)$/.test(path) && !/DirectML|libonnxruntime\.\d+\.\d+/.test(path),
  },
  "onnxruntime-web": {
    type: "module",
    uses: (path) =>
      /^dist\/(ort\.node\.min\.mjs|ort\.(wasm|webgpu)\.bundle\.min\.mjs|ort-wasm-simd-threaded(\.asyncify)?\.(mjs|wasm))$/.test(path),
  },
};

/** Two names for one file where the disk allows it, so that a clone does not hold the libraries twice. */
function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

for (const [name, { type, uses }] of Object.entries(PARTS)) {
  const [from, to] = [join(root, "node_modules", name), join(root, "vendor", name)];
  const { version, license, repository } = read(join(from, "package.json"));
  // Written last: it says that everything else is there.
  const mark = join(to, "package.json");
  if (existsSync(mark) && read(mark).version === version) continue;
  rmSync(to, { recursive: true, force: true });
  const files = readdirSync(from, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  for (const path of files.filter(uses)) place(join(from, path), join(to, path));
  writeFileSync(mark, `${JSON.stringify({ name, version, license, repository, type, private: true }, undefined, 2)}\n`);
}

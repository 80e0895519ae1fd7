// Fills the folder vendor with the parts of ONNX Runtime that thaw uses, from onnxruntime-node and onnxruntime-web in node_modules. They are
// part of thaw's package, because as dependencies they would bring install scripts: onnxruntime-node's downloads CUDA libraries, and fails
// where their server cannot be reached. WebAssembly's matrix products, depthwise convolutions and activations are made faster
// (matrix-product.mjs, depthwise.mjs, in-place.mjs), and its JavaScript uses tensors where they lie (wasm-places.mjs). Each part has its own
// copy of onnxruntime-common, whose registry of backends takes each name only once: a program may use onnxruntime-node beside thaw. Does
// nothing if the folder already has these versions, made by this revision of the script.

import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withDirectDepthwise } from "./depthwise.mjs";
import { withVectorsInPlace } from "./in-place.mjs";
import { withFasterProducts } from "./matrix-product.mjs";
import { withPlaces } from "./wasm-places.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Raised when the script writes something else. */
const REVISION = 7;

/** Which files of each package thaw uses, by their paths in it. */
const PARTS = {
  "onnxruntime-node": {
    type: "commonjs",
    common: "dist/cjs",
    // DirectML is a provider that thaw never asks for. macOS' library is there twice, under two names.
    uses: (path) => /^dist\/\w+\.js$|^bin\/.*\.(node|so\.1|dylib|dll)$/.test(path) && !/DirectML|libonnxruntime\.\d+\.\d+/.test(path),
  },
  "onnxruntime-web": {
    type: "module",
    common: "dist/esm",
    uses: (path) =>
      /^dist\/(ort\.node\.min\.mjs|ort\.(wasm|webgpu)\.bundle\.min\.mjs|ort-wasm-simd-threaded(\.asyncify)?\.(mjs|wasm))$/.test(path),
  },
};

/** Two names for one file where the disk allows it, so that a clone does not hold the libraries twice. */
function place(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** The folder `from` in `to`: the files that `uses` says. */
function copy(from, to, uses) {
  const files = readdirSync(from, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  for (const path of files.filter(uses)) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    if (/\.m?js$/.test(path)) {
      const code = readFileSync(join(from, path), "utf8");
      const placing = PLACING.test(path) ? withPlaces(code) : code;
      writeFileSync(join(to, path), placing.replaceAll(IMPORT, '$1"../common/index.js"').replace(MAP, ""));
    } else if (path === "dist/ort-wasm-simd-threaded.wasm") {
      writeFileSync(join(to, path), withVectorsInPlace(withDirectDepthwise(withFasterProducts(readFileSync(join(from, path))))));
    } else if (/^bin\/.*\/linux\/.*\.node$/.test(path)) {
      // Linux takes two names of one file for one library, whose second start in a process crashes it. In a clone and in pnpm's store equal
      // files are one, so this one is made another; what follows the last section is not loaded.
      writeFileSync(join(to, path), Buffer.concat([readFileSync(join(from, path)), Buffer.from("\n")]));
    } else place(join(from, path), join(to, path));
  }
}

/** The JavaScript that runs sessions on the device "wasm". */
const PLACING = /^dist\/ort\.(node\.min|wasm\.bundle\.min)\.mjs$/;
/** How the parts name onnxruntime-common. */
const IMPORT = /(from\s*|require\()"onnxruntime-common"/g;
/** Where a file names its source map, which is not copied: Vite's server would complain about each. */
const MAP = /^\/\/# sourceMappingURL=.*\n?$/m;

for (const [name, { type, common, uses }] of Object.entries(PARTS)) {
  const [from, to] = [join(root, "node_modules", name), join(root, "vendor", name)];
  const { version, license, repository } = read(join(from, "package.json"));
  // Written last: it says that everything else is there.
  const mark = join(to, "package.json");
  if (existsSync(mark) && read(mark).version === version && read(mark).revision === REVISION) continue;
  rmSync(to, { recursive: true, force: true });
  copy(from, to, uses);
  copy(join(root, "node_modules/onnxruntime-common", common), join(to, "common"), (path) => path.endsWith(".js"));
  const made = { name, version, license, repository, type, private: true, revision: REVISION };
  writeFileSync(mark, `${JSON.stringify(made, undefined, 2)}\n`);
}

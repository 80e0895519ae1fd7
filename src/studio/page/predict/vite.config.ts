// Builds the page that predicts with one model into dist/studio/predict, without ONNX Runtime's WebAssembly, which the package has elsewhere, and
// without a model: an export puts both beside it.

import { fileURLToPath } from "node:url";
import { mergeConfig } from "vite";
import page from "../static/vite.config.ts";

export default mergeConfig(page, {
  root: fileURLToPath(new URL(".", import.meta.url)),
  build: { outDir: fileURLToPath(new URL("../../../../dist/studio/predict", import.meta.url)) },
});

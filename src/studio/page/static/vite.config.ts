// Builds the static page into dist/studio/static, without what the package has in other folders: ONNX Runtime's WebAssembly and the weights that
// ship with thaw, which `thaw studio --static` puts beside it.

import { fileURLToPath } from "node:url";
import { mergeConfig } from "vite";
import page from "../vite.config.ts";

export default mergeConfig(page, {
  root: fileURLToPath(new URL(".", import.meta.url)),
  worker: { format: "es" },
  build: {
    outDir: fileURLToPath(new URL("../../../../dist/studio/static", import.meta.url)),
    // A decoder's kernel and the like are small, and asked for by their addresses.
    assetsInlineLimit: 0,
  },
});

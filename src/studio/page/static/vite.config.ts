// Builds the static page into dist/studio/static, without what the package has in other folders: ONNX Runtime's WebAssembly and the weights that
// ship with thaw, which `thaw studio --static` puts beside it.

import { fileURLToPath } from "node:url";
import { mergeConfig } from "vite";
import page from "../vite.config.ts";

/** Some hosts send .mjs as a type that browsers run no script of. */
const output = {
  assetFileNames: ({ names }: { readonly names: readonly string[] }) =>
    names[0]?.endsWith(".mjs") ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
};

export default mergeConfig(page, {
  root: fileURLToPath(new URL(".", import.meta.url)),
  publicDir: fileURLToPath(new URL("../host/public", import.meta.url)),
  worker: { format: "es", rollupOptions: { output } },
  build: {
    outDir: fileURLToPath(new URL("../../../../dist/studio/static", import.meta.url)),
    // A decoder's kernel and the like are small, and asked for by their addresses.
    assetsInlineLimit: 0,
    rollupOptions: { output },
  },
});

// Builds the studio's page into dist/studio/page: files of its own, which need nothing but the server that they come from.

import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root,
  // Addresses within the page are relative, so that a static page works in any folder of a web host.
  base: "./",
  resolve: { conditions: ["thaw-source", ...defaultClientConditions] },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: fileURLToPath(new URL("../../../dist/studio/page", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Of the packages whose code the page holds.
    license: { fileName: "licenses.md" },
    // The charts, which load when the first is drawn.
    chunkSizeWarningLimit: 700,
  },
});

// What a page with thaw asks of Vite, and nothing more.

import { defineConfig } from "vite";

// With these headers the page may use all cores; without them it computes on one.
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default defineConfig({
  server: { headers },
  preview: { headers },
  // Vite would move the JavaScript away from the WebAssembly files that lie beside it.
  optimizeDeps: { exclude: ["thaw"] },
  build: { target: "es2022" },
});

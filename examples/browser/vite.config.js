// What pages with thaw ask of Vite, and nothing more.

import { defineConfig } from "vite";

// With these headers a page may use all cores. Where a server cannot send them, isolate.js does what they do.
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default defineConfig({
  base: "./",
  server: { headers },
  preview: { headers },
  // Vite would move the JavaScript away from the WebAssembly files that lie beside it, and load the page again, in the middle of a training,
  // whenever it finds another package that thaw uses.
  optimizeDeps: { noDiscovery: true },
  worker: { format: "es" },
  build: {
    target: "es2022",
    rollupOptions: { input: ["index.html", "webcam.html", "predict.html"].map((page) => new URL(page, import.meta.url).pathname) },
  },
});

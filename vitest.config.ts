// Three runs: everything in Node; the contract of the engines in a headless Chromium; the same contract on Node's WebGPU provider.
// `CHROMIUM` names the browser to start; Debian's is the default, and its software Vulkan driver stands in for a GPU.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";
import type { Device } from "./src/runtime/engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What the contract runs on; undefined where this machine has no such device. */
    device: Device | undefined;
  }
}

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const vulkan = process.env.VK_ICD_FILENAMES ?? "/usr/lib/chromium/vk_swiftshader_icd.json";
const contract = ["test/contract/*.contract.ts"];
const browserArguments = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  resolve: { conditions: ["thaw-source"] },
  ssr: { resolve: { conditions: ["thaw-source"] } },
  test: {
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", ...contract],
          setupFiles: ["test/setup.node.ts"],
          provide: { device: "cpu" },
        },
      },
      {
        extends: true,
        test: {
          name: "webgpu",
          include: contract,
          provide: { device: existsSync(vulkan) ? "webgpu" : undefined },
          env: { VK_ICD_FILENAMES: vulkan, LD_LIBRARY_PATH: dirname(vulkan) },
        },
      },
      {
        extends: true,
        resolve: { conditions: [...defaultClientConditions] },
        // Vite would move the package's JavaScript away from the WebAssembly files that lie beside it.
        optimizeDeps: { exclude: ["onnxruntime-web"] },
        test: {
          name: "browser",
          include: contract,
          provide: { device: "wasm" },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: chromium, args: browserArguments } }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});

// Everything in Node (what takes long in a suite of its own), and the contract of the engines also on Node's WebGPU provider and, in a headless
// Chromium, on WebAssembly and WebGPU.
// `CHROMIUM` names the browser to start; Debian's is the default, and its software Vulkan driver stands in for a GPU.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions } from "vite";
import { configDefaults, defineConfig, type TestProjectConfiguration } from "vitest/config";
import type { Device } from "./src/runtime/engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What the contract runs on; undefined where this machine has no such device. */
    device: Device | undefined;
    /** In a browser, the path of this folder on the disk. */
    root: string;
  }
}

// What the engines load has to be there before they are tested.
execFileSync(process.execPath, ["scripts/vendor-engine.mjs"]);

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const vulkan = process.env.VK_ICD_FILENAMES ?? "/usr/lib/chromium/vk_swiftshader_icd.json";
const contract = ["test/contract/*.contract.ts"];
/** Compared with what Node's CPU makes of the same pictures, which is computed before they begin. */
const platforms = ["test/contract/*.platforms.ts"];
const slow = ["{src,test}/**/*.slow.test.ts"];
const onlyBrowser = ["src/**/*.browser.test.ts"];
const browserArguments = [
  "--headless",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function inNode(name: string, include: readonly string[], exclude: readonly string[] = []): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: [...include],
      exclude: [...configDefaults.exclude, ...exclude],
      setupFiles: ["test/setup.node.ts"],
      provide: { device: "cpu" },
      // No test depends on what is on this machine or in the network: where no network is named, thaw looks for weights in both.
      env: { HF_HOME: join(tmpdir(), "thaw-test-huggingface"), HF_ENDPOINT: "http://127.0.0.1:1" },
      // The test files of a process share the modules: importing thaw for each took as long as testing it.
      isolate: false,
      maxWorkers: Math.max(2, availableParallelism() - 1),
      sequence: { groupOrder: 1 },
    },
  };
}

function inBrowser(
  name: string,
  device: Device,
  include: readonly string[],
  more: readonly string[],
  globalSetup: string | string[] = [],
): TestProjectConfiguration {
  return {
    extends: true,
    resolve: { conditions: [...defaultClientConditions] },
    // Only a page with these headers may use threads.
    server: { headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" } },
    optimizeDeps: {
      // Found in the middle of a test, they would load the page anew.
      include: [
        "@bufbuild/protobuf/wire",
        "@noble/hashes/sha2.js",
        "@noble/hashes/utils.js",
        "echarts/charts",
        "echarts/components",
        "echarts/core",
        "echarts/renderers",
        "fflate",
        "pure-rand/distribution/uniformFloat64",
        "pure-rand/distribution/uniformInt",
        "pure-rand/generator/mersenne",
        "pure-rand/generator/xoroshiro128plus",
        "valibot",
        "zarrita",
      ],
    },
    test: {
      name,
      include: [...include],
      globalSetup,
      provide: { device, root: import.meta.dirname },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath: chromium, args: [...browserArguments, ...more] } }),
        instances: [{ browser: "chromium" }],
      },
    },
  };
}

export default defineConfig({
  resolve: { conditions: ["thaw-source"] },
  ssr: { resolve: { conditions: ["thaw-source"] } },
  test: {
    setupFiles: ["test/setup.ts"],
    // Files that thaw loads as they are, as in a user's project.
    server: { deps: { external: [/\/vendor\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A page on a busy machine needs more than the second that is Vitest's default.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      inNode("node", ["src/**/*.test.ts", "test/**/*.test.ts", ...contract], [...slow, ...onlyBrowser]),
      inNode("slow", slow),
      { extends: true, test: { name: "wasm", include: contract, provide: { device: "wasm" } } },
      {
        extends: true,
        test: {
          name: "webgpu",
          include: [...contract, "test/cli/*.webgpu.ts"],
          provide: { device: existsSync(vulkan) ? "webgpu" : undefined },
          env: { VK_ICD_FILENAMES: vulkan, LD_LIBRARY_PATH: dirname(vulkan) },
        },
      },
      {
        extends: true,
        test: { name: "wasm-sample", include: platforms, globalSetup: "test/contract/sample-reference.ts", provide: { device: "wasm" } },
      },
      inBrowser("browser-sample", "wasm", platforms, ["--disable-gpu"], "test/contract/sample-reference.ts"),
      inBrowser("browser", "wasm", [...contract, ...onlyBrowser], ["--disable-gpu"]),
      inBrowser("browser-webgpu", "webgpu", contract, ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]),
    ],
  },
});

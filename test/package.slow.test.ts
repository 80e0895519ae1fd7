// The package that npm would publish: its contents, and that it draws, trains and predicts in an empty folder. Installs from npm's
// registry, so it runs only if CI is set.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));

const weights = readdirIfThere(join(repository, "weights"))
  .filter((name) => name.endsWith(".safetensors"))
  .map((name) => `weights/${name}`);

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

function run(command: string, args: readonly string[], cwd: string): string {
  return runBoth(command, args, cwd).stdout;
}

/** What a command that must succeed prints, without what the environment says about installing ONNX Runtime. */
function runBoth(command: string, args: readonly string[], cwd: string): { stdout: string; stderr: string } {
  const given = Object.entries(process.env).filter(([name]) => !/onnxruntime|ignore_scripts/i.test(name));
  const env = { ...Object.fromEntries(given), NO_COLOR: "1", FORCE_COLOR: "0" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return { stdout, stderr };
}

function readdirIfThere(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

let folder: string;
let packed: Packed;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "thaw-package-"));
  // The build from before the tests, without running scripts, which would rebuild while other tests run.
  const printed = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], repository);
  packed = (JSON.parse(printed) as [Packed])[0];
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

// npm before version 11 does not know package.json's allowScripts; it runs what the lockfile marks, and onnxruntime-node would download CUDA.
test("no install script runs in a clone: the lockfile marks none", () => {
  expect(readFileSync(join(repository, "package-lock.json"), "utf8")).not.toContain("hasInstallScript");
});

// An entry without a hash would be installed whatever the registry sends.
test("every package of the lockfile has a SHA-512", () => {
  const { packages } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
  const entries = Object.entries<{ integrity?: string }>(packages).filter(([path]) => path !== "");
  expect(entries.filter(([, { integrity = "" }]) => !/^sha512-[\w+/]{86}==$/.test(integrity)).map(([path]) => path)).toEqual([]);
  expect(entries.length).toBeGreaterThan(300);
});

describe("the package", () => {
  test("contains the built files, the weights, the licences and their documentation, and nothing else", () => {
    const others = packed.files
      .map(({ path }) => path)
      .filter(
        (path) =>
          !/^(dist\/[\w/.-]+\.(js|d\.ts)|dist\/studio\/(page|static|predict)\/(index\.html|licenses\.md|elsewhere\.json|files\.json|assets\/[\w.-]+\.(css|svg|mjs))|vendor\/.*)$/.test(
            path,
          ),
      );
    const told = ["CHANGELOG.md", "LICENSE", "README.md", "THIRD_PARTY.md", "package.json"];
    expect(others.filter((path) => !/^weights\/\w+\.(safetensors|md)$/.test(path)).sort()).toEqual(told.sort());
    expect(others.filter((path) => path.endsWith(".safetensors"))).toEqual(weights);
    expect(packed.files.filter(({ path }) => /\.test\.|\.map$/.test(path))).toEqual([]);
  });

  test("contains ONNX Runtime for each platform that has a native library, for browsers, and its licence", () => {
    const vendored = packed.files.map(({ path }) => path).filter((path) => path.startsWith("vendor/"));
    const native = vendored.filter((path) => path.endsWith(".node")).map((path) => path.split("/").slice(-3, -1).join("-"));
    expect(native.sort()).toEqual(["darwin-arm64", "linux-arm64", "linux-x64", "win32-arm64", "win32-x64"]);
    const wasm = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"].map(
      (name) => `vendor/onnxruntime-web/dist/${name}`,
    );
    expect(vendored).toEqual(expect.arrayContaining(["vendor/LICENSE", ...wasm]));
  });

  test("has no install script, nor has a package that it depends on", () => {
    const { packages } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const needed = Object.entries(packages).filter(([, { dev }]) => !dev);
    const scripts = needed.flatMap(([folder]) => {
      const file = join(repository, folder, "package.json");
      return existsSync(file)
        ? Object.keys(JSON.parse(readFileSync(file, "utf8")).scripts ?? {}).map((name) => [folder, name] as const)
        : [];
    });
    const ours = scripts.filter(([folder]) => folder === "").map(([, name]) => name);
    expect(needed.length).toBeGreaterThan(30);
    expect(scripts.filter(([, name]) => /^(pre|post)?install$/.test(name))).toEqual([]);
    // npm would ask about it at each install from a file.
    expect(ours).not.toContain("prepare");
  });

  test("contains the files that its entries name", () => {
    const paths = new Set(packed.files.map(({ path }) => `./${path}`));
    const description = JSON.parse(run("node", ["-p", "JSON.stringify(require('./package.json'))"], repository));
    const pathsIn = (entry: unknown): string[] => (typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(pathsIn));
    const named = pathsIn(description.exports);
    expect([...named, description.bin.thaw].filter((path) => !paths.has(path))).toEqual([]);
  });

  // Vite's server prints an error for each.
  test("names no source maps, which it does not contain", () => {
    const code = packed.files.map(({ path }) => path).filter((path) => /\.m?js$/.test(path));
    const naming = code.filter((path) => /^\/\/# sourceMappingURL=/m.test(readFileSync(join(repository, path), "utf8")));
    expect(code.length).toBeGreaterThan(500);
    expect(naming).toEqual([]);
  });

  test("contains weights of at most 8 MB", () => {
    for (const { size } of packed.files.filter(({ path }) => path.startsWith("weights/"))) expect(size).toBeLessThanOrEqual(8_000_000);
  });
});

describe.skipIf(!process.env.CI || weights.length === 0)("installed into an empty folder", () => {
  let installed: { stderr: string };
  beforeAll(() => {
    writeFileSync(join(folder, "package.json"), "{}");
    installed = runBoth("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, packed.filename)], folder);
  }, 600_000);

  test("draws a sample, trains on it with its own network, and predicts", { timeout: 300_000 }, () => {
    run("npx", ["thaw", "sample", "pets", "--count", "8"], folder);
    const printed = run("npx", ["thaw", "train", "pets", "--size", "64", "--bs", "8"], folder);
    expect(printed).toContain("thaw predict");
    expect(existsSync(join(folder, "pets-model", "model.json"))).toBe(true);
    const [picture = ""] = readdirSync(join(folder, "pets", "valid", "dogs"));
    const line = JSON.parse(run("npx", ["thaw", "predict", "pets-model", join("pets", "valid", "dogs", picture), "--json"], folder));
    expect(["cats", "dogs"]).toContain(line.class);
  });

  test("was installed without a warning", () => {
    expect(installed.stderr).toBe("");
  });

  test("says which package a queue in PostgreSQL needs, for that one is not installed with it", () => {
    const ask = () => runBoth("npx", ["thaw", "jobs", "postgres://nobody@127.0.0.1:1/none"], folder);
    expect(ask).toThrow(/ended with 2:.*needs the package pg-boss, which is not installed/s);
  });

  test("predicts the same in WebAssembly, and says so once, where the native library cannot be loaded", { timeout: 300_000 }, () => {
    const native = join(folder, "node_modules", "thaw", "vendor", "onnxruntime-node", "bin");
    const picture = readdirSync(join(folder, "pets", "valid", "dogs"))[0] as string;
    const ask = () => runBoth("npx", ["thaw", "predict", "pets-model", join("pets", "valid", "dogs", picture), "--json"], folder);
    const expected = JSON.parse(ask().stdout).probabilities.dogs as number;
    renameSync(native, `${native}-away`);
    const { stdout, stderr } = ask();
    renameSync(`${native}-away`, native);
    expect(JSON.parse(stdout).probabilities.dogs).toBeCloseTo(expected, 4);
    expect(stderr.match(/computes in WebAssembly/g)).toHaveLength(1);
  });

  test("exports every layer that has its own entry", () => {
    const names = ["thaw", ...["core", "graph", "runtime", "nn", "data", "classifier"].map((layer) => `thaw/${layer}`)];
    const script = `for (const name of ${JSON.stringify(names)}) console.log(Object.keys(await import(name)).length > 0)`;
    expect(run("node", ["--input-type=module", "-e", script], folder)).toBe("true\n".repeat(names.length));
  });
});

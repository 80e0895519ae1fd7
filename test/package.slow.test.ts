// The package that npm would publish: its contents, and that it draws, trains and predicts in an empty folder. Installs from npm's
// registry, so it runs only if CI is set.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip", NO_COLOR: "1", FORCE_COLOR: "0" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

function readdirIfThere(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Packs the build from before the tests, without running scripts, which would rebuild while other tests run. */
function pack(...args: readonly string[]): Packed {
  return (JSON.parse(run("npm", ["pack", "--ignore-scripts", "--json", ...args], repository)) as [Packed])[0];
}

// npm before version 11 does not know package.json's allowScripts; it runs what the lockfile marks, and onnxruntime-node would download CUDA.
test("no install script runs in a clone: the lockfile marks none", () => {
  expect(readFileSync(join(repository, "package-lock.json"), "utf8")).not.toContain("hasInstallScript");
});

describe("the package", () => {
  let packed: Packed;
  beforeAll(() => {
    packed = pack("--dry-run");
  });

  test("contains the built files, the weights, the licences and their documentation, and nothing else", () => {
    const others = packed.files.map(({ path }) => path).filter((path) => !/^dist\/[\w/.-]+\.(js|d\.ts)$/.test(path));
    const told = ["CHANGELOG.md", "LICENSE", "README.md", "THIRD_PARTY.md", "package.json", "src/graph/proto/LICENSE"];
    expect(others.filter((path) => !/^weights\/\w+\.(safetensors|md)$/.test(path)).sort()).toEqual(told.sort());
    expect(others.filter((path) => path.endsWith(".safetensors"))).toEqual(weights);
    expect(packed.files.filter(({ path }) => /\.test\.|\.map$/.test(path))).toEqual([]);
  });

  test("contains the files that its entries name", () => {
    const paths = new Set(packed.files.map(({ path }) => `./${path}`));
    const description = JSON.parse(run("node", ["-p", "JSON.stringify(require('./package.json'))"], repository));
    const pathsIn = (entry: unknown): string[] => (typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(pathsIn));
    const named = pathsIn(description.exports);
    expect([...named, description.bin.thaw].filter((path) => !paths.has(path))).toEqual([]);
  });

  test("contains weights of at most 8 MB", () => {
    for (const { size } of packed.files.filter(({ path }) => path.startsWith("weights/"))) expect(size).toBeLessThanOrEqual(8_000_000);
  });
});

describe.skipIf(!process.env.CI || weights.length === 0)("installed into an empty folder", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "thaw-package-"));
    const { filename } = pack("--pack-destination", folder);
    writeFileSync(join(folder, "package.json"), "{}");
    run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, filename)], folder);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test("draws a sample, trains on it with its own network, and predicts", { timeout: 300_000 }, () => {
    run("npx", ["thaw", "sample", "pets", "--count", "8"], folder);
    const printed = run("npx", ["thaw", "train", "pets", "--size", "64", "--bs", "8"], folder);
    expect(printed).toContain("thaw predict");
    expect(existsSync(join(folder, "pets-model", "model.json"))).toBe(true);
    const [picture = ""] = readdirSync(join(folder, "pets", "valid", "dogs"));
    const line = JSON.parse(run("npx", ["thaw", "predict", "pets-model", join("pets", "valid", "dogs", picture), "--json"], folder));
    expect(["cats", "dogs"]).toContain(line.class);
  });

  test("exports every layer that has its own entry", () => {
    const names = ["thaw", ...["core", "graph", "runtime", "nn", "data", "classifier"].map((layer) => `thaw/${layer}`)];
    const script = `for (const name of ${JSON.stringify(names)}) console.log(Object.keys(await import(name)).length > 0)`;
    expect(run("node", ["--input-type=module", "-e", script], folder)).toBe("true\n".repeat(names.length));
  });
});

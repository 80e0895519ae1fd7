// `thaw models` through the built command: the list, narrowed and sorted, as a table and for machines; and a measurement.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { architectures, publishedWeights } from "../../src/index.ts";
import { thaw } from "./command.ts";

interface Row {
  readonly name: string;
  readonly network: string;
  readonly here: boolean;
  readonly top1?: number;
}

function rows(...args: readonly string[]): readonly Row[] {
  const { status, stdout, stderr } = thaw("models", "--json", ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("the list has a row for every published weight, one of each network's marked", () => {
  const { status, stdout } = thaw("models");
  expect(status).toBe(0);
  const lines = stdout.split("\n");
  for (const { name } of publishedWeights) expect(stdout).toContain(` ${name} `);
  expect(lines.filter((line) => /^\*[+ ] +\w/.test(line))).toHaveLength(architectures.length);
  expect(stdout).toContain("*+  thaw_small ");
  expect(stdout).toContain("The network of mobilenetv2_100.ra_in1k is called mobilenet_v2.");
  expect(stdout).toContain("squeezenet1_1.tv_in1k is not published as safetensors: give --weights a file.");
});

test("words narrow the list, columns sort it, and machines get every fact", () => {
  expect(rows("resnet34").map(({ name }) => name)).toEqual(["resnet34.tv_in1k", "resnet34.a1_in1k", "resnet34.ra4_e3600_r224_in1k"]);
  const best = rows("apache", "--sort", "top1");
  expect(best[0]?.name).toBe("convnext_base.fb_in22k_ft_in1k");
  expect(rows("resnet34.a1")).toEqual([
    {
      name: "resnet34.a1_in1k",
      network: "resnet34",
      isDefault: false,
      names: "timm",
      hub: "timm/resnet34.a1_in1k/model.safetensors@main",
      sha256: "unpinned",
      licence: "apache-2.0",
      trainedOn: "ImageNet-1k",
      size: 224,
      crop: 0.95,
      interpolation: "bicubic",
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      top1: 76.42,
      parameters: 21_284_672,
      features: 512,
      here: false,
    },
  ]);
});

test("weights that Hugging Face's cache holds are here", () => {
  const home = mkdtempSync(join(tmpdir(), "models-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });
  vi.stubEnv("HF_HOME", home);
  const repository = join(home, "hub", "models--timm--resnet18.a1_in1k");
  for (const [file, content] of [
    ["refs/main", "c".repeat(40)],
    [`snapshots/${"c".repeat(40)}/model.safetensors`, "x"],
  ] as const) {
    mkdirSync(dirname(join(repository, file)), { recursive: true });
    writeFileSync(join(repository, file), content);
  }
  expect(rows("--here").map(({ name }) => name)).toEqual(["thaw_small", "resnet18.a1_in1k"]);
});

test.each([
  [["alexnet"], 'error: There are no weights with alexnet\nhint: "thaw models" lists all.\n'],
  [["--sort", "colour"], /error: option '--sort <column>' argument 'colour' is invalid/],
])("%j is a mistake", (args, message) => {
  const { status, stdout, stderr } = thaw("models", ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  if (typeof message === "string") expect(stderr).toBe(message);
  else expect(stderr).toMatch(message);
});

test("networks are measured, each in a process of its own", { timeout: 120_000 }, () => {
  const { status, stdout } = thaw("models", "thaw_small", "squeezenet1_1", "--measure", "--size", "32", "--bs", "2", "--json");
  expect(status).toBe(0);
  const measured = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(measured.map(({ network }) => network)).toEqual(["squeezenet1_1", "thaw_small"]);
  for (const { frozen, training, frozenMemory, trainingMemory } of measured) {
    expect(frozen).toBeGreaterThan(training);
    expect(trainingMemory).toBeGreaterThanOrEqual(frozenMemory);
  }
});

// timm's files: tensors with timm's names and shapes, with values by formula, give timm's logits. With ALL_NETWORKS=1 for all networks,
// otherwise for one of each family; that the names are known is tested for all.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { everyNetwork, networks } from "../../test/nn/all-networks.ts";
import { runStages } from "../../test/nn/run-stages.ts";
import { formulaParameters, imageBatch } from "../../test/reference/formula.ts";
import { type Tensor, zeros } from "../core/index.ts";
import { architectureOf, defaultWeights } from "../index.ts";
import { loadBody, matchParameters, networkParameters, type ParameterKind, type ParameterSpec, tokenPool } from "./index.ts";
import { inOwnNames } from "./weights.ts";

interface File {
  readonly timm: string;
  readonly size: readonly [height: number, width: number];
  /** Digest of names and shapes, if they are thaw's. */
  readonly digest?: string;
  /** Shapes by name, if they are not thaw's. */
  readonly tensors?: Readonly<Record<string, readonly number[]>>;
  readonly logits: readonly (readonly number[])[];
}

const reference: { readonly every: number; readonly networks: Readonly<Record<string, File>> } = JSON.parse(
  readFileSync(new URL("../../test/reference/timm.json", import.meta.url), "utf8"),
);

/** The same as make_timm.py's `kind_of`. */
function kindOf(name: string, shape: readonly number[]): ParameterKind {
  if (name.endsWith(".running_mean")) return "mean";
  if (name.endsWith(".running_var")) return "variance";
  if (/(^|\.)(pos_embed|cls_token|attention_biases)$/.test(name)) return "shift";
  if (/\.(gamma|scale)$/.test(name)) return "scale";
  return shape.length > 1 ? "weight" : name.endsWith(".weight") ? "scale" : "shift";
}

/** The parameters in timm's file. */
function specsOf({ tensors }: File, own: readonly ParameterSpec[]): readonly ParameterSpec[] {
  return tensors ? Object.entries(tensors).map(([name, shape]) => ({ name, shape, kind: kindOf(name, shape) })) : own;
}

function digestOf(specs: readonly ParameterSpec[]): string {
  const lines = specs.map(({ name, shape }) => `${name} ${shape.join()}`).sort((a, b) => (a < b ? -1 : 1));
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** A gigabyte of weights, of which only six names differ. */
const heavy = new Set(["vgg16_bn"]);

const published = networks.filter(({ name }) => reference.networks[name] !== undefined);

test("every network with weights on the hub has a reference", () => {
  const without = networks.filter(({ name }) => reference.networks[name] === undefined).map(({ name }) => name);
  expect(without.filter((name) => defaultWeights(name)?.names === "timm")).toEqual([]);
});

describe.each(published)("timm's $name", ({ name, skipped }) => {
  const file = reference.networks[name] as File;
  const architecture = architectureOf(name);
  const specs = networkParameters(architecture);

  test("contains each parameter of the network, and nothing unknown", () => {
    if (file.digest !== undefined) return expect(digestOf(specs)).toBe(file.digest);
    const tensors = new Map(specsOf(file, specs).map((spec) => [spec.name, zeros("float32", spec.shape)]));
    const shapes = (entries: Iterable<readonly [string, { readonly shape: readonly number[] }]>) =>
      new Map([...entries].map(([key, { shape }]) => [key, shape.join()]));
    expect(shapes(inOwnNames(architecture, tensors))).toEqual(shapes(specs.map((spec) => [spec.name, spec] as const)));
  });

  // If names and shapes are thaw's, architectures.test.ts covers it.
  test.skipIf(!everyNetwork && (skipped || heavy.has(name) || file.tensors === undefined))(
    "gives timm's logits",
    { timeout: 300_000 },
    async () => {
      const tensors = formulaParameters(specsOf(file, specs)) as ReadonlyMap<string, Tensor<"float32">>;
      const parameters = matchParameters(specs, inOwnNames(architecture, tensors), "file");
      const { body, classifier } = architecture;
      const stages = [...body, ...(classifier.length > 0 ? classifier : [{ name: "pool", group: 1, apply: tokenPool }])];
      const result = await runStages(stages, parameters, imageBatch("images", [2, 3, ...file.size]));
      const width = result.shape[1] as number;
      const kept = Array.from(result.data as Float32Array).filter((_, i) => (i % width) % reference.every === 0);
      expect(kept).toBeAllClose(file.logits.flat(), 1e-4);
      expect([...loadBody(architecture, tensors, "file").values()].every((value) => value.type === "float32")).toBe(true);
    },
  );
});

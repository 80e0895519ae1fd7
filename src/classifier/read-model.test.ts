// Hostile or damaged model files are refused with a UsageError, whatever was done to them; nothing else is thrown, and nothing is trusted.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { contents, makeModel } from "../../test/fixtures/models.ts";
import { hashBytes } from "../core/hash.ts";
import { UsageError } from "../index.ts";
import { readSafetensors } from "../nn/index.ts";
import { MODEL_FILE, parseDescription, WEIGHTS_FILE } from "./format.ts";
import { readModel } from "./read-model.ts";

let [description, weights]: [Uint8Array, Uint8Array] = [new Uint8Array(), new Uint8Array()];

beforeAll(async () => {
  const folder = await makeModel();
  [description, weights] = await Promise.all([readFile(join(folder, MODEL_FILE)), readFile(join(folder, WEIGHTS_FILE))]);
});

/** Reads the model with other weights and their correct hash in the description. */
function withWeights(bytes: Uint8Array): Promise<unknown> {
  return withDescription((model) => ({ ...model, weights: { ...model.weights, sha256: hashBytes(bytes) } }), bytes);
}

// biome-ignore lint/suspicious/noExplicitAny: a hostile file's content has no type.
function withDescription(change: (model: any) => unknown, bytes = weights): Promise<unknown> {
  const json = JSON.stringify(change(JSON.parse(new TextDecoder().decode(description))));
  return readModel({ [MODEL_FILE]: new TextEncoder().encode(json), [WEIGHTS_FILE]: bytes });
}

const preprocessing = contents.preprocessing;

test.each<[string, object, string]>([
  ["other weights", { weights: { file: WEIGHTS_FILE, sha256: "0".repeat(64) } }, "does not belong to model.json: its SHA-256 differs"],
  ["weights elsewhere", { weights: { file: "../../secret.safetensors", sha256: "0".repeat(64) } }, "weights.file: "],
  ["an absurd size", { preprocessing: { ...preprocessing, size: 1e9 } }, "preprocessing.size: "],
  [
    "a size too small for the network",
    { preprocessing: { ...preprocessing, size: 1 } },
    "model.json describes no network that thaw can build: ",
  ],
  ["a deviation of 0", { preprocessing: { ...preprocessing, std: [0.2, 0, 0.2] } }, "preprocessing.std.1: "],
  ["a mean that is not a number", { preprocessing: { ...preprocessing, mean: [null, 0, 0] } }, "preprocessing.mean.0: "],
  ["a border too wide for memory", { preprocessing: { ...preprocessing, pad: 1e12 } }, "preprocessing.pad: "],
  ["a class that is not text", { classes: ["cats", 7] }, "classes.1: "],
  ["a duplicate class", { classes: ["cats", "cats"] }, "classes: Expected unique names"],
  [
    "one class more than the weights",
    { classes: ["cats", "dogs", "owls"] },
    '2 of another shape ("head.fc1.weight" is [2,4] instead of [3,4]',
  ],
  ["one layer more than the weights", { head: { hidden: [4, 4], ps: [0, 0, 0] } }, "does not fit the network"],
  ["an enormous head", { head: { hidden: [1e15], ps: [0, 0] } }, "does not fit the network"],
  ["an unknown network", { architecture: "../resnet" }, 'describes no network that thaw can build: There is no network "../resnet"'],
  ["a temperature of 0", { calibration: { temperature: 0 } }, "calibration.temperature: "],
  ["code", { onload: "process.exit()" }, "onload: "],
])("%s is refused by name", async (_, change, message) => {
  const reading = withDescription((model) => ({ ...model, ...change }));
  await expect(reading).rejects.toThrow(UsageError);
  await expect(reading).rejects.toThrow(message);
});

test("infinity, written as too large a number, is refused", async () => {
  const json = new TextDecoder().decode(description).replace("0.485", "1e999");
  expect(() => parseDescription(new TextEncoder().encode(json), "model.json")).toThrow("preprocessing.mean.0: ");
});

test("a description larger than any real one is refused before it is parsed", () => {
  const huge = () => parseDescription(new Uint8Array(16_000_001), "model.json");
  expect(huge).toThrow("model.json has 16000001 bytes, more than the 16000000 that it may have");
});

test.each([
  ["a key given twice", (json: string) => json.replace('"classes"', '"version":3,"classes"'), 'model.json has "version" twice'],
  ["a head of very many layers", (json: string) => json.replace('"hidden":[', `"hidden":[${"4,".repeat(100_000)}`), "head: "],
])("a description with %s is refused", (_, change, message) => {
  const json = change(JSON.stringify(JSON.parse(new TextDecoder().decode(description))));
  expect(() => parseDescription(new TextEncoder().encode(json), "model.json")).toThrow(message);
});

describe("weights with a correct hash", () => {
  test("that hold a NaN are refused", async () => {
    const bytes = Uint8Array.from(weights);
    bytes.set([0, 0, 192, 127], bytes.length - 4);
    await expect(withWeights(bytes)).rejects.toThrow("has NaN or infinity");
  });

  test("that are truncated or too long are refused", async () => {
    await expect(withWeights(weights.subarray(0, weights.length - 1))).rejects.toThrow(UsageError);
    await expect(withWeights(new Uint8Array([...weights.subarray(0, 100_000)]))).rejects.toThrow(UsageError);
    await expect(withWeights(new Uint8Array(0))).rejects.toThrow("it has 0 bytes");
  });
});

test("changing any bytes of model.json gives a model or a UsageError", async () => {
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255), kind: fc.constantFrom("set", "insert", "delete", "cut") });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = [...description];
      for (const { at, byte, kind } of changes) {
        const place = at % Math.max(1, bytes.length);
        if (kind === "cut") bytes.length = place;
        else bytes.splice(place, kind === "insert" ? 0 : 1, ...(kind === "delete" ? [] : [byte]));
      }
      try {
        parseDescription(Uint8Array.from(bytes), MODEL_FILE);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("changing any bytes of the weights' header gives tensors or a UsageError", async () => {
  const header = Number(new DataView(weights.buffer, weights.byteOffset).getBigUint64(0, true)) + 8;
  await fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(header - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = Uint8Array.from(weights);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        readSafetensors(bytes, WEIGHTS_FILE);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
    { numRuns: 300 },
  );
});

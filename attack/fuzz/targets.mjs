// The parsers of what may come from elsewhere. Each takes bytes and returns, or throws an error that says what is wrong with them.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseDescription } from "../../dist/classifier/format.js";
import { UsageError } from "../../dist/core/errors.js";
import { ImageError } from "../../dist/data/decode/image.js";
import { checkFile } from "../../dist/data/decode/image-header.js";
import { readCsv } from "../../dist/data/sources/csv.js";
import { readSource } from "../../dist/graph/source/read.js";
import { listEntries } from "../../dist/learner/frozen/cache/list.js";
import { importOnnx } from "../../dist/nn/onnx/import.js";
import { separateParameters } from "../../dist/nn/onnx/parameters.js";
import { readMetadata, readSafetensors } from "../../dist/nn/safetensors.js";
import { storedRecipe } from "../../dist/recipe/file/recipe-file.js";

const tests = fileURLToPath(new URL("../../test", import.meta.url));
const small = (folder, pattern) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => readFileSync(`${folder}/${name}`))
    .sort((a, b) => a.length - b.length);
const text = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const noFiles = () => {
  throw new UsageError("There are no files beside it", "Give them.");
};
const store = (key, bytes) => ({
  locate: (name) => name ?? "store",
  get: async (name) => (name === key ? bytes : undefined),
  list: async (prefix) => (key.startsWith(prefix) ? [{ key, bytes: bytes.length, modified: 0 }] : []),
});
const photographs = Array.from("abcdefghijkl", (letter) => `${letter}.jpg`);
const table = (row) => text(photographs.map(row).join(""));
const tree = (bytes) => ({
  path: "folder",
  locate: (name) => `folder/${name}`,
  entries: async () => photographs.map((name) => ({ name, kind: "file", isLink: false })),
  namesIn: async () => photographs,
  resolve: (_, path) => (/^\/|\.\.|\0/.test(path) ? undefined : path),
  realPlace: async () => "folder/",
  readTable: async () => ({ name: "labels.csv", bytes }),
});

/** A tensor file with `header` and `bytes` of data. */
function safetensors(header, bytes) {
  const json = text(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(bytes)]);
}

const ENTRY = `activations/${"0".repeat(64)}.zarr/zarr.json`;
const metadata = {
  zarr_format: 3,
  node_type: "array",
  shape: [4, 8],
  chunk_grid: { name: "regular", configuration: { chunk_shape: [4, 8] } },
  attributes: {
    thaw: {
      ...{ createdBy: "thaw", data: "/photos", part: "train", network: "thaw_small", group: 1, stage: "x", precision: "fp32" },
      transform: { size: 32 },
      files: { sha256: "0".repeat(64), bytes: 10 },
    },
  },
};

/**
 * The parsers by their names: valid inputs to start from, and a function that takes bytes. `models` are folders of models of thaw.
 */
export function targetsFor(models) {
  const saved = (name) => models.map((folder) => readFileSync(`${folder}/${name}`));
  return {
    onnx: {
      inputs: small(`${tests}/onnx`, /\.onnx$/).slice(0, 8),
      parse: (bytes) => void separateParameters(readSource(bytes, noFiles)),
    },
    "onnx-import": { inputs: small(`${tests}/onnx`, /\.onnx$/).slice(0, 4), parse: (bytes) => importOnnx("x.onnx", bytes, noFiles) },
    safetensors: {
      inputs: [
        safetensors({ a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] }, __metadata__: { format: "pt" } }, 16),
        safetensors({ a: { dtype: "F16", shape: [3], data_offsets: [0, 6] }, b: { dtype: "F32", shape: [], data_offsets: [6, 10] } }, 10),
      ],
      parse(bytes) {
        readSafetensors(bytes, "x");
        readMetadata(bytes, "x");
      },
    },
    model: { inputs: saved("model.json"), parse: (bytes) => void parseDescription(bytes, "model.json") },
    recipe: { inputs: saved("recipe.json"), parse: (bytes) => storedRecipe({ store: store("recipe.json", bytes), key: "recipe.json" }) },
    zarr: { inputs: [text(metadata)], parse: (bytes) => listEntries(store(ENTRY, bytes)) },
    csv: {
      inputs: [
        table((name, i) => `${i === 0 ? "name,label\n" : ""}${name},${i % 2 ? "cat" : "dog"}\n`),
        table((name, i) => `"${name}","do""g${i % 3} cat"\r\n`),
        table((name, i) => `${i === 0 ? "id,x,y\n" : ""}${name},${i},${i / 3}\n`),
      ],
      parse: (bytes) => readCsv(tree(bytes), "", "labels.csv", { continuous: bytes.length % 2 === 0 }),
    },
    image: {
      inputs: JSON.parse(readFileSync(`${tests}/contract/images.json`, "utf8")).images.map(({ file }) => Buffer.from(file, "base64")),
      parse: (bytes) => void checkFile(bytes),
    },
  };
}

/** Whether `error` says what is wrong with the input; all others are mistakes of the parser. */
export function isRefusal(error) {
  return error instanceof UsageError || error instanceof ImageError;
}

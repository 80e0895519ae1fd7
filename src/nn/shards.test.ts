// Weights in several files beside an index: read as one, and refused if they contradict it or leave the folder.

import { expect, test } from "vitest";
import { float32 } from "../core/tensor.ts";
import { writeSafetensors } from "./safetensors.ts";
import { isIndex, readShards } from "./shards.ts";

const files: Readonly<Record<string, Uint8Array>> = {
  "m-1.safetensors": writeSafetensors(new Map([["a", float32([1])]])),
  "m-2.safetensors": writeSafetensors(new Map([["b", float32([2])]])),
};
const read = (map: unknown) =>
  readShards(
    new TextEncoder().encode(JSON.stringify({ metadata: {}, weight_map: map })),
    "i.json",
    async (file) => files[file] ?? Promise.reject(new Error(file)),
  );

test("the tensors of all files are read", async () => {
  expect(isIndex("f/model.safetensors.index.json")).toBe(true);
  const found = await read({ b: "m-2.safetensors", a: "m-1.safetensors", "bn.num_batches_tracked": "m-1.safetensors" });
  expect(Object.fromEntries(found)).toEqual({ a: float32([1]), b: float32([2]) });
});

test.each([
  ["a path", { a: "../m-1.safetensors" }, 'refers to the file "../m-1.safetensors" for "a", which is not a file of its folder'],
  ["an absolute path", { a: "/m-1.safetensors" }, "which is not a file of its folder"],
  ["another kind of file", { a: "m-1.bin" }, "which is not a file of its folder"],
  ["no map", "a", 'it has no "weight_map"'],
  ["a tensor that is not there", { a: "m-1.safetensors", c: "m-1.safetensors" }, 'm-1.safetensors lacks the tensor "c"'],
  ["a tensor in another file", { a: "m-2.safetensors" }, 'm-2.safetensors holds the tensor "b", but i.json does not say so'],
])("an index with %s is refused", async (_, map, message) => {
  await expect(read(map)).rejects.toThrow(message);
});

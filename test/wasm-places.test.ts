// ONNX Runtime's JavaScript for WebAssembly with tensors used where they lie (scripts/wasm-places.mjs) beside the files that its package has.
// What it does is tested in contract/placed.contract.ts.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { withPlaces } from "../scripts/wasm-places.mjs";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");

describe.each(["ort.node.min.mjs", "ort.wasm.bundle.min.mjs"])("%s", (file) => {
  const theirs = read(`node_modules/onnxruntime-web/dist/${file}`);

  test("in thaw is the package's with places, but for the name of onnxruntime-common and the map", () => {
    const plain = (code: string) =>
      code.replaceAll('"../common/index.js"', '"onnxruntime-common"').replace(/\/\/# sourceMappingURL=.*\n?$/, "");
    expect(plain(read(`vendor/onnxruntime-web/dist/${file}`))).toBe(plain(withPlaces(theirs)));
  });

  test("differs from the package's in three places", () => {
    const ours = withPlaces(theirs);
    expect(ours.split(/\.places\.get\(/)).toHaveLength(3);
    expect(ours.split(/[\w$]+\.places=new WeakMap,[\w$]+\.module=[\w$]+,/)).toHaveLength(2);
    const back = ours
      .replace(/[\w$]+\.places=new WeakMap,[\w$]+\.module=[\w$]+,/, "")
      .replace(/\([\w$]+=[\w$]+\.places\.get\([\w$]+\)\)\|\|\((.*?HEAPU8\.set\(.*?\),[\w$]+\))\)/g, "$1");
    expect(back).toBe(theirs);
  });

  test.each([
    ["_malloc(", "_alloc(", "0 places that copy a tensor were found in ONNX Runtime's JavaScript instead of 2"],
    [
      "multiple calls to 'initializeWebAssembly",
      "again",
      "0 places that start WebAssembly were found in ONNX Runtime's JavaScript instead of 1",
    ],
    [/=!0,/g, "=true,", "0 places that take WebAssembly's module were found in ONNX Runtime's JavaScript instead of 1"],
  ] as const)("of another release, without %s, is refused", (from, to, message) => {
    expect(() => withPlaces(theirs.replaceAll(from, to))).toThrow(message);
  });

  test("is changed only once", () => {
    expect(() => withPlaces(withPlaces(theirs))).toThrow("0 places that copy a tensor");
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openOnnx } from "./open.browser.ts";

// In this test #storage is the disk, which is read in the same way as an address.
const folder = mkdtempSync(join(tmpdir(), "thaw-onnx-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file is read as a whole, and files beside it are refused", async () => {
  const file = join(folder, "model.onnx");
  writeFileSync(file, "bytes");
  writeFileSync(join(folder, "weights.data"), "more");
  const { name, bytes, external } = await openOnnx(file);
  expect([name, new TextDecoder().decode(bytes)]).toEqual(["model.onnx", "bytes"]);
  expect(() => external("weights.data", 0, 1)).toThrow('needs the file "weights.data" beside it, which a browser cannot read');
});

test("the error names a missing file", async () => {
  const file = join(folder, "none.onnx");
  await expect(openOnnx(file)).rejects.toMatchObject({ name: "UsageError", message: `Cannot read the ONNX file ${file}` });
});

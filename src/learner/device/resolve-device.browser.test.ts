import { expect, test } from "vitest";
import { requireDevice } from "./resolve-device.ts";

test("Node's own device is refused in a page, whose own are offered", async () => {
  await expect(requireDevice("cpu")).rejects.toThrow('Expected "auto", "wasm" or "webgpu" for the device but received "cpu"');
});

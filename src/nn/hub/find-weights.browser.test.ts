import { expect, test } from "vitest";
import { squeezeNet11 } from "../architectures/squeezenet.ts";
import { findWeights } from "./find-weights.browser.ts";

test.each(["https://example.org/weights.safetensors", "/weights.safetensors", "./weights.safetensors", "../a/weights.safetensors"])(
  "%s is an address",
  async (address) => {
    expect(await findWeights(squeezeNet11, address)).toEqual({ path: address });
  },
);

test("names that only Node can look up are refused with the cure", async () => {
  const hint = "Give the address of a safetensors file.";
  await expect(findWeights(squeezeNet11, "resnet34.a1_in1k")).rejects.toMatchObject({ hint });
  await expect(findWeights(squeezeNet11, "hf:owner/name")).rejects.toMatchObject({ hint });
  await expect(findWeights(squeezeNet11, undefined)).rejects.toThrow("A browser has no weights of squeezenet1_1");
});

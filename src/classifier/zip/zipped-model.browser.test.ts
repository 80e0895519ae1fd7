// A model's zip in a real browser, from its storage.

import { expect, onTestFinished, test } from "vitest";
import { storage } from "../../core/store/storage.browser.ts";
import { readModel } from "../read-model.ts";
import { zipModel, zipReader } from "./zipped-model.ts";

test("what is stored is zipped whole, and a picked file that is no model is refused by its name", async () => {
  const store = storage.open("zip-test/pets");
  onTestFinished(() => storage.open("zip-test").replace(new Map()));
  const weights = new Uint8Array(200_000).map((_, i) => i % 253);
  await store.replace(
    new Map<string, string | Uint8Array>([
      ["model.json", "{}"],
      ["weights.safetensors", weights],
      ["more/log.csv", "a,b"],
    ]),
  );
  const zip = await zipModel("zip-test/pets");
  const reader = await zipReader(new Uint8Array(await zip.arrayBuffer()), "pets.zip");
  expect(await storage.hash((await reader.get("weights.safetensors"))!)).toBe(await storage.hash(weights));
  expect(await reader.get("more/log.csv")).toEqual(new TextEncoder().encode("a,b"));
  expect(await reader.getRange("model.json", 1, 5)).toEqual(new TextEncoder().encode("}"));
  await expect(readModel(new File([zip], "pets.zip"))).rejects.toThrow("pets.zip/model.json");
  await expect(readModel(new File(["text"], "text.zip"))).rejects.toThrow("text.zip is damaged, or no zip");
});

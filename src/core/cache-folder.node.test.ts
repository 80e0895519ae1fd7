import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cacheFor, elsewhereWarning } from "./cache-folder.node.ts";

const env = { XDG_CACHE_HOME: "/home/ann/caches" };

test("the cache lies beside the photographs, whether or not its folders exist", () => {
  const root = mkdtempSync(join(tmpdir(), "thaw-cache-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const beside = join(root, ".thaw", "pets");
  expect(cacheFor(join(root, "pets"))).toBe(beside);
  mkdirSync(beside, { recursive: true });
  expect(cacheFor(join(root, "pets", "..", "pets"))).toBe(beside);
  expect(elsewhereWarning(join(root, "pets"), beside)).toBeUndefined();
});

test("where nothing can be written it lies in the user's cache, one folder for each data set, and that is told", () => {
  const canWrite = (path: string) => path.startsWith("/home/ann");
  const [first, second] = ["/mnt/a/pets", "/mnt/b/pets"].map((data) => cacheFor(data, { env, canWrite })) as [string, string];
  for (const place of [first, second]) expect(place).toMatch(/^\/home\/ann\/caches\/thaw\/pets-[0-9a-f]{8}$/);
  expect(first).not.toBe(second);
  expect(elsewhereWarning("/mnt/a/pets", first)).toEqual({
    message: `/mnt/a/.thaw/pets cannot be written, so what is computed is stored in ${first}`,
    hint: "Name another folder with --cache.",
  });
});

test("if neither place can be written, the option that names another is told", () => {
  expect(() => cacheFor("/mnt/a/pets", { env, canWrite: () => false })).toThrow(
    expect.objectContaining({ name: "UsageError", hint: "Name a folder with --cache (cache)." }),
  );
});

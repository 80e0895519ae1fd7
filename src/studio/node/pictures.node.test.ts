import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";
import { Pictures } from "./pictures.node.ts";

const here = new AbortController().signal;

/** The files of so many pictures. */
async function files(count: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "thaw-pictures-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = Array.from({ length: count }, (_, i) => join(folder, `${i}.png`));
  for (const name of names) await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).toFile(name);
  return names;
}

test("a picture is made for who still waits, and not at all if all have left before its turn", async () => {
  const pictures = new Pictures();
  const [wanted, unwanted, ...before] = (await files(2 + availableParallelism())) as [string, string, ...string[]];
  const busy = before.map((file) => pictures.of(file, "thumbnail", here));
  const left = new AbortController();
  const first = pictures.of(wanted, "thumbnail", left.signal);
  const second = pictures.of(wanted, "thumbnail", here);
  const alone = pictures.of(unwanted, "thumbnail", left.signal);
  left.abort();
  await expect(alone).rejects.toThrow("aborted");
  expect((await second).type).toBe("image/jpeg");
  expect((await first).bytes).toEqual((await second).bytes);
  expect((await pictures.of(unwanted, "thumbnail", here)).type).toBe("image/jpeg");
  await Promise.all(busy);
});

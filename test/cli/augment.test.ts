// `thaw augment` through the built command.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";
import { thaw } from "./command.ts";

async function photograph(): Promise<{ root: string; photo: string }> {
  const root = mkdtempSync(join(tmpdir(), "augment-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const photo = join(root, "beach.jpg");
  const data = Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) => (i * 5) % 256);
  await sharp(data, { raw: { width: 90, height: 60, channels: 3 } })
    .jpeg()
    .toFile(photo);
  return { root, photo };
}

test("draws a sheet of all transforms, the same for the same seed", async () => {
  const { root, photo } = await photograph();
  const [first, second] = [join(root, "a.png"), join(root, "b.png")];
  const { status, stdout, stderr } = thaw("augment", photo, "--out", first, "--size", "24", "--columns", "3");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { width, height, format } = await sharp(first).metadata();
  expect(format).toBe("png");
  expect(stdout).toMatch(new RegExp(`^Drew \\d+ transforms 3 times each, ${width} × ${height} pixels: ${first}\\n$`));
  expect(thaw("augment", photo, "--out", second, "--size", "24", "--columns", "3").status).toBe(0);
  expect(readFileSync(second)).toEqual(readFileSync(first));
});

test("mistakes are named, exit with 2 and write nothing", async () => {
  const { root, photo } = await photograph();
  const notes = join(root, "notes.txt");
  writeFileSync(notes, "no picture");
  expect(thaw("augment", notes, "--out", join(root, "x.png"))).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining(`${notes}: not an image`),
  });
  expect(thaw("augment", photo, "--out", join(root, "x.jpg"))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("x.jpg is not a name for the sheet"),
  });
  expect(thaw("augment", join(root, "missing.jpg"), "--out", join(root, "x.png")).status).toBe(2);
  expect(thaw("augment", photo, "--size", "0").stderr).toContain("--size");
  expect(existsSync(join(root, "x.png"))).toBe(false);
});

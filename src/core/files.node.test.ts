// Files are written whole, and the error of a failed write says how to fix it.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UsageError } from "./errors.ts";
import { ensureFolder, writeFile } from "./files.node.ts";

const folder = mkdtempSync(join(tmpdir(), "thaw-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function mistakeOf(work: Promise<void>): Promise<[string, string | undefined]> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error ?? new Error("It was written");
  return [error.message.replaceAll(folder, "FOLDER"), error.hint];
}

test("text and bytes replace the earlier contents, and nothing else is left behind", async () => {
  const path = join(folder, "a/b/model.bin");
  await writeFile(path, "text");
  expect(readFileSync(path, "utf8")).toBe("text");
  // A part of a larger buffer, which must not be written whole.
  await writeFile(path, Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
  expect([...readFileSync(path)]).toEqual([2, 3]);
  expect(readdirSync(join(folder, "a/b"))).toEqual(["model.bin"]);
});

test("a folder is created with its parents, and creating it again is no error", async () => {
  await ensureFolder(join(folder, "x/y"));
  await ensureFolder(join(folder, "x/y"));
  expect(existsSync(join(folder, "x/y"))).toBe(true);
});

test("the error names a file in the way", async () => {
  writeFileSync(join(folder, "file"), "");
  const hint = "Choose another folder, or move that file away.";
  expect(await mistakeOf(ensureFolder(join(folder, "file")))).toEqual([
    "Cannot write FOLDER/file: a file is where a folder should be",
    hint,
  ]);
  expect(await mistakeOf(writeFile(join(folder, "file/model.bin"), ""))).toEqual([
    "Cannot write FOLDER/file: a file is where a folder should be",
    hint,
  ]);
});

test.runIf(existsSync("/proc/self"))("where the system makes no folders, the error says so at once", async () => {
  const place = `/proc/${process.pid}`;
  const mistake = [`Cannot write ${place}/a/b: no folders can be made in ${place}`, "Choose another folder."];
  expect(await mistakeOf(ensureFolder(`${place}/a/b`))).toEqual(mistake);
  expect(await mistakeOf(writeFile(`${place}/a/b/file`, "text"))).toEqual(mistake);
});

test("the error names a link that leads nowhere", async () => {
  symlinkSync(join(folder, "nowhere"), join(folder, "link"));
  for (const path of ["link", "link/a/b"])
    expect(await mistakeOf(ensureFolder(join(folder, path)))).toEqual([
      `Cannot write FOLDER/${path}: a file is where a folder should be`,
      "Choose another folder, or move that file away.",
    ]);
});

test("the error names a folder in the way", async () => {
  await ensureFolder(join(folder, "taken"));
  expect(await mistakeOf(writeFile(join(folder, "taken"), ""))).toEqual([
    "Cannot write FOLDER/taken: it is a folder",
    "Choose another file name.",
  ]);
});

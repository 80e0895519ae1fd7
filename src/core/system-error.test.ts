// The errors of failed writes say how to fix them.

import { expect, test } from "vitest";
import { UsageError } from "./errors.ts";
import { readError, systemError, writeError } from "./system-error.ts";

test.each([
  ["ENOSPC", "Cannot write /models/pets: the disk is full", "Free some space, or choose a folder on another disk."],
  ["EDQUOT", "Cannot write /models/pets: the disk is full", "Free some space, or choose a folder on another disk."],
  ["EACCES", "Cannot write /models/pets: no permission", "Choose a folder that you may write to, or change its permissions."],
  ["EROFS", "Cannot write /models/pets: the disk is read-only", "Choose a folder on a disk that can be written."],
])("%s becomes a readable message", (code, message, hint) => {
  const cause = Object.assign(new Error("system"), { code });
  expect(writeError(cause, "/models/pets")).toMatchObject({ name: "UsageError", message, hint, cause });
});

test("an error that does not come from the disk is returned unchanged", () => {
  const error = new TypeError("a mistake of ours");
  expect(writeError(error, "/models/pets")).toBe(error);
});

const system = (code: string, more: object = {}): Error => Object.assign(new Error(`${code}: system`), { code, ...more });

test.each([
  ["EIO", "the disk reports an error (EIO)"],
  ["EMFILE", "too many files are open (EMFILE)"],
  ["ENOENT", "it does not exist, or was deleted meanwhile"],
  ["EACCES", "no permission"],
  ["EXDEV", "the system reports EXDEV"],
])("%s on reading has a sentence and a cure", (code, cause) => {
  expect(readError(system(code), "/photos/a.jpg")).toMatchObject({
    name: "UsageError",
    message: `Cannot read /photos/a.jpg: ${cause}`,
    hint: expect.stringMatching(/\.$/),
  });
});

test.each([
  [system("EIO", { syscall: "open", path: "/a/zarr.json" }), "Cannot read /a/zarr.json: the disk reports an error (EIO)"],
  [system("EACCES", { syscall: "rename", path: "/a/b", dest: "/a/c" }), "Cannot use /a/c: no permission"],
  [system("EIO", { syscall: "fsync" }), "Cannot use a file: the disk reports an error (EIO)"],
  [
    new Error("from a package", { cause: system("EMFILE", { syscall: "open", path: "/a" }) }),
    "Cannot read /a: too many files are open (EMFILE)",
  ],
  [new Error("from a package", { cause: new UsageError("said already") }), "said already"],
])("at the border of the command %s becomes a sentence", (error, message) => {
  expect(systemError(error)?.message).toBe(message);
});

test("a mistake in the program is none of the system's errors", () => {
  const circle = new Error("a");
  circle.cause = circle;
  for (const error of [new TypeError("x"), Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" }), circle, "text", undefined])
    expect(systemError(error)).toBeUndefined();
});

// What stops a write is told with its cure.

import { expect, test } from "vitest";
import { writeError } from "./system-error.ts";

test.each([
  ["ENOSPC", "Cannot write /models/pets: the disk is full", "Free some space, or choose a folder on another disk."],
  ["EDQUOT", "Cannot write /models/pets: the disk is full", "Free some space, or choose a folder on another disk."],
  ["EACCES", "Cannot write /models/pets: no permission", "Choose a folder that you may write to, or change its permissions."],
  ["EROFS", "Cannot write /models/pets: the disk is read-only", "Choose a folder on a disk that can be written."],
])("%s is told in words", (code, message, hint) => {
  const cause = Object.assign(new Error("system"), { code });
  expect(writeError(cause, "/models/pets")).toMatchObject({ name: "UsageError", message, hint, cause });
});

test("an error that is not the disk's stays what it is", () => {
  const error = new TypeError("a mistake of ours");
  expect(writeError(error, "/models/pets")).toBe(error);
});

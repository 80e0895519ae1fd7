// The errors of failed writes say how to fix them.

import { expect, test } from "vitest";
import { writeError } from "./system-error.ts";

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

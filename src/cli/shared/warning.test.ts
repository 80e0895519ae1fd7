import { expect, test } from "vitest";
import { plain } from "./terminal.ts";
import { warningLines } from "./warning.ts";

test("a warning carries its cure", () => {
  expect(warningLines({ message: "3 files could not be read", hint: "They are named in run.json." }, plain)).toEqual([
    "warning: 3 files could not be read",
    "hint: They are named in run.json.",
  ]);
  expect(warningLines({ message: "3 files could not be read" }, plain)).toHaveLength(1);
});

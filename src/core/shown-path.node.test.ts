// One rule for paths in messages.

import { resolve } from "node:path";
import { expect, test } from "vitest";
import { shownPath } from "./shown-path.node.ts";

test("paths in the working folder are relative to it, others absolute", () => {
  expect(shownPath(resolve("photos-model"))).toBe("photos-model");
  expect(shownPath("./photos-model/")).toBe("photos-model");
  expect(shownPath(resolve("..photos"))).toBe("..photos");
  expect(shownPath(resolve("../elsewhere"))).toBe(resolve("../elsewhere"));
  expect(shownPath("../elsewhere")).toBe(resolve("../elsewhere"));
  expect(shownPath(resolve("."))).toBe(".");
});

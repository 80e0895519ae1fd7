// The text after a command's options.

import { expect, test } from "vitest";
import { wrapParagraphs } from "./help.ts";

test("paragraphs are wrapped to the terminal, and commands stay whole", () => {
  const text =
    "\nExamples:\n  thaw train a-long-name --recipe recipe.json\n    the same again, to\n    the same bits\n  thaw x\n\nExit codes: 0 done,\n1 failed.";
  expect(wrapParagraphs(text, 20)).toBe(
    "\nExamples:\n  thaw train a-long-name --recipe recipe.json\n    the same again,\n    to the same bits\n  thaw x\n\nExit codes: 0 done,\n1 failed.",
  );
  expect(wrapParagraphs(text, 80)).toContain("\n    the same again, to the same bits\n");
});

// What comes from outside, at the borders to a terminal, to JSON and to a spreadsheet.

import { expect, test } from "vitest";
import { csvLine, jsonLine, printable } from "./printable.ts";

test("a name cannot steer the terminal", () => {
  expect(printable("a\u001b[31mb\nc\u0007.jpg")).toBe("ab?c?.jpg");
  expect(printable("\u009b2Ja\u0085b\u2028c\u202egpj.exe")).toBe("a?b?c?gpj.exe");
  expect(printable("Käfer 🐞 👩‍🔬 שלום.jpg")).toBe("Käfer 🐞 👩‍🔬 שלום.jpg");
});

test("a line of JSON has no control characters and means the same", () => {
  const value = { "\u009b": ["\u001b[2J", "\u202e", "\u007f\n"] };
  expect(jsonLine(value)).toBe('{"\\u009b":["\\u001b[2J","\\u202e","\\u007f\\n"]}');
  expect(JSON.parse(jsonLine(value))).toEqual(value);
});

test("a text that a spreadsheet would compute gets an apostrophe, and a number none", () => {
  const formulas = ['=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"];
  for (const formula of formulas) expect(csvLine([formula])).toMatch(/^"?'/);
  expect(csvLine(['=HYPERLINK("http://x","y")'])).toBe('"\'=HYPERLINK(""http://x"",""y"")"');
  expect(csvLine(["a-b=c", -0.5, 1e-7, "", "it's"])).toBe("a-b=c,-0.5,1e-7,,it's");
});

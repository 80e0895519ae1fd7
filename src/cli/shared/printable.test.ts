// What comes from outside, at the borders to a terminal and to JSON.

import { expect, test } from "vitest";
import { jsonLine, printable } from "./printable.ts";

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

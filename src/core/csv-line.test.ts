import { expect, test } from "vitest";
import { cellText, csvLine } from "./csv-line.ts";

const formulas = ['=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"];

test("a text that a spreadsheet would compute gets an apostrophe, and a number none", () => {
  for (const formula of formulas) expect(csvLine([formula])).toMatch(/^"?'/);
  expect(csvLine(['=HYPERLINK("http://x","y")'])).toBe('"\'=HYPERLINK(""http://x"",""y"")"');
  expect(csvLine(["a-b=c", -0.5, 1e-7, "", "it's"])).toBe("a-b=c,-0.5,1e-7,,it's");
});

test("the apostrophe goes again, and one that was there stays", () => {
  expect(cellText("'=1")).toBe("=1");
  expect(cellText("'tis.jpg")).toBe("'tis.jpg");
});

import { expect, test } from "vitest";
import { repeatCommand } from "./repeat-command.ts";

test("the command that repeats a run names the folder and the recipe, quoted for a shell", () => {
  expect(repeatCommand({ folder: "my photos" }, "it's/recipe.json")).toBe(
    "npx thaw train 'my photos' --recipe 'it'\\''s/recipe.json' --out again",
  );
});

test("folders of parts are named again", () => {
  const parts = { trainName: ".", validName: "held out", testName: "test" };
  expect(repeatCommand({ folder: "f", parts }, "r")).toBe(
    "npx thaw train f --train . --valid 'held out' --test test --recipe r --out again",
  );
});

test("labels from a table are read again as they were", () => {
  const table = { labelColumns: ["age", "body height"], separator: ";", skipHeader: false, continuous: true };
  expect(repeatCommand({ folder: "faces", csv: "ages.csv", table }, "m/recipe.json")).toBe(
    "npx thaw train faces --csv ages.csv --label-column age --label-column 'body height' --separator ';' --no-header --continuous " +
      "--recipe m/recipe.json --out again",
  );
  expect(
    repeatCommand({ folder: "f", csv: "t.csv", table: { suffix: ".jpg", skipHeader: true, catSeparator: "", multiLabel: true } }, "r"),
  ).toBe("npx thaw train f --csv t.csv --suffix .jpg --labels-separator '' --header --multi-label --recipe r --out again");
});

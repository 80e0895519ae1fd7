import { expect, test } from "vitest";
import { plain } from "../shared/terminal.ts";
import { listeningLines } from "./lines.ts";

test("who mistypes a folder sees that it is new", () => {
  expect(listeningLines("flowers", false, "http://127.0.0.1:1/?token=a", plain)[0]).toBe("The studio of flowers is open:");
  expect(listeningLines("flowrs", true, "http://127.0.0.1:1/?token=a", plain)[0]).toBe(
    "The studio of flowrs, a new folder without photographs, is open:",
  );
});

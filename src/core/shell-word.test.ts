import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test("a word is quoted only if a shell would misread it", () => {
  expect(["models/cats-2", "my model", "it's", ""].map(shellWord)).toEqual(["models/cats-2", "'my model'", "'it'\\''s'", "''"]);
});

test.skipIf(process.platform === "win32")("a shell reads every word as it was", () => {
  const words = ["a b", "$HOME", "`id`", "'\"\\", "*", "a\nb", "é", "!x", "~"];
  expect(execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`], { encoding: "utf8" })).toBe(
    `${words.join("\0")}\0`,
  );
});

import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test("a word is quoted only if a shell would misread it", () => {
  expect(["models/cats-2", "my model", "it's", ""].map(shellWord)).toEqual(["models/cats-2", "'my model'", "'it'\\''s'", "''"]);
});

test.skipIf(process.platform === "win32")("a shell reads every word as it was", () => {
  const words = ["a b", "$HOME", "`id`", "'\"\\", "*", "é", "!x", "~"];
  expect(execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`], { encoding: "utf8" })).toBe(
    `${words.join("\0")}\0`,
  );
});

test("control characters and marks that turn text around are escaped, and a shell reads the word as it was", (context) => {
  const words = ["a\nb", "\u001b[31mred\u009b", "it's \\ \u202etxt.gpj\u2066"];
  const typed = words.map(shellWord);
  expect(typed).toEqual(["$'a\\012b'", "$'\\033[31mred\\302\\233'", "$'it\\'s \\\\ \\342\\200\\256txt.gpj\\342\\201\\246'"]);
  context.skip(spawnSync("bash", ["-c", ""]).status !== 0, "no bash");
  expect(execFileSync("bash", ["-c", `printf '%s\\0' ${typed.join(" ")}`], { encoding: "utf8" })).toBe(`${words.join("\0")}\0`);
});

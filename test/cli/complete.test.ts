// Completion at the Tab key: the script of each shell, and what thaw answers when the shell asks.

import { expect, test } from "vitest";
import { thaw } from "./command.ts";

/** The proposals, without their descriptions, and the closing directive: ":4" no files, ":0" files. */
function asked(...words: readonly string[]) {
  const { stdout } = thaw("complete", "--", ...words);
  const lines = stdout.trimEnd().split("\n");
  return { proposed: lines.slice(0, -1).map((line) => line.split("\t")[0]), files: lines.at(-1) === ":0" };
}

test("commands, options and the values of options are completed", () => {
  expect(asked("tr")).toEqual({ proposed: ["train"], files: false });
  expect(asked("train", "--see")).toEqual({ proposed: ["--seed"], files: false });
  expect(asked("train", "photos", "--precision", "")).toEqual({ proposed: ["auto", "fp32", "int8"], files: false });
});

test("--arch is completed with the names of networks", () => {
  expect(asked("train", "photos", "--arch", "resnet3")).toEqual({ proposed: ["resnet34"], files: false });
  expect(asked("audit", "photos", "--arch", "").proposed).toContain("mobilenet_v2");
});

test("files are completed where a command takes files", () => {
  expect(asked("predict", "model", "")).toEqual({ proposed: [], files: true });
});

test("each shell gets its script, another name is a mistake", () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) expect(thaw("complete", shell).stdout).toMatch(/thaw complete (--|'--')/);
  expect(thaw("complete", "tcsh")).toMatchObject({ status: 2, stderr: expect.stringContaining('received "tcsh"') });
});

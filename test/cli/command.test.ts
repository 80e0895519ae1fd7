// The command's help, its errors and its exit codes, through the built program.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { main, thaw } from "./command.ts";

test("help names the commands, shows an example of each, and fits 80 columns", () => {
  const { status, stdout, stderr } = thaw("--help");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("thaw train photos");
  expect(stdout).toContain("thaw predict photos-model dog.jpg");
  expect(stdout).toContain("thaw sample pets");
  for (const help of [stdout, ...["train", "predict", "sample"].map((command) => thaw(command, "--help").stdout)]) {
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
});

test("help on training names every option with its default", () => {
  const { stdout } = thaw("train", "--help");
  const text = stdout.replace(/\s+/g, " ");
  for (const option of [
    "--resume",
    "--recipe <file>",
    "--time <duration>",
    "--weights <files>",
    "--threads <n>",
    "--cache <folder>",
    "--out <folder>",
    "--force",
    "--json",
  ]) {
    expect(text).toContain(option);
  }
  expect(text).toMatch(/--seed <n> [^<]*\(default: 42\)/);
  expect(text).toMatch(/--bs <n> [^<]*\(default: 64, fewer for few photographs\)/);
  expect(text).toMatch(/--sizes <pixels> [^<]*\(default: its own, or larger for few photographs\)/);
  expect(text).toContain(
    "--arch <names> the pretrained network; several are tried in turn (default: the best whose weights are here or are downloaded at once)",
  );
});

test("before a command is known, nothing is loaded but its parser: no engine, no decoder, no recipe", () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (?:.* from )?"([^"]+)";$/gm)) {
      if (name.startsWith(".")) visit(join(dirname(file), name));
      else packages.add(name);
    }
  };
  visit(main);
  expect([...packages].filter((name) => !name.startsWith("node:")).sort()).toEqual(["commander", "fast-wrap-ansi", "picocolors"]);
});

test("the version is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(thaw("--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test.each([
  [["trian", "photos"], "error: unknown command 'trian'\nhint: Did you mean train?\n"],
  [["train"], "error: missing required argument 'folder'\n"],
  [["train", "photos", "--batch", "3"], "error: unknown option '--batch'\nhint: Did you mean --bs?\n"],
  [["train", "photos", "--learning-rate=3"], "error: unknown option '--learning-rate=3'\nhint: Did you mean --lr?\n"],
  [["train", "photos", "--sise", "64"], "error: unknown option '--sise'\nhint: Did you mean --size?\n"],
  [["train", "photos", "--size", "16"], 'error: Expected an integer from 32 to 1024 for --size but received "16"\n'],
  [["train", "photos", "--bs", "1"], 'error: Expected an integer of at least 2 for --bs but received "1"\n'],
  [["train", "photos", "--seed", "-1"], 'error: Expected an integer of at least 0 for --seed but received "-1"\n'],
  [["predict", "model", "a.jpg", "--threads", "0"], 'error: Expected an integer of at least 1 for --threads but received "0"\n'],
  [["sample", "pets", "--count", "0"], 'error: Expected an integer from 1 to 9999 for --count but received "0"\n'],
  [["sample"], "error: missing required argument 'folder'\n"],
  [["predict", "model"], "error: No photographs are named\nhint: Name files, folders or addresses, or a list of them with --list.\n"],
])("%j is a mistake: exit code 2 and nothing on standard output", (args, message) => {
  expect(thaw(...args)).toMatchObject({ status: 2, stdout: "", stderr: message });
});

test("no command at all prints the help as a mistake", () => {
  const { status, stdout, stderr } = thaw();
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("Usage: thaw");
});

test("a folder without images is a mistake", () => {
  const root = mkdtempSync(join(tmpdir(), "predict-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "album"));
  expect(thaw("predict", "model", join(root, "album"))).toMatchObject({
    status: 2,
    stdout: "",
    stderr: `error: There are no images in ${join(root, "album")}\nhint: Name photographs, or folders that hold them.\n`,
  });
});

test("a reader that goes away ends the command quietly", () => {
  const { stdout, stderr } = spawnSync("bash", ["-c", `"${process.execPath}" "${main}" --help | true; echo "\${PIPESTATUS[0]}"`], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(["0\n", "141\n"]).toContain(stdout);
});

test("`thaw help train` prints what `thaw train --help` does", () => {
  expect(thaw("help", "train")).toMatchObject({ status: 0, stdout: thaw("train", "--help").stdout });
  expect(thaw("help", "trian").status).toBe(2);
});

test("a device that is not there is refused before anything is read or written", () => {
  const folder = mkdtempSync(join(tmpdir(), "thaw-device-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const photos = join(folder, "photos");
  thaw("sample", photos, "--count", "4");
  vi.stubEnv("VK_DRIVER_FILES", join(folder, "none.json"));
  vi.stubEnv("VK_ICD_FILENAMES", join(folder, "none.json"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const mistaken = thaw("train", photos, "--device", "gpu");
  expect(mistaken).toMatchObject({ status: 2, stdout: "" });
  expect(mistaken.stderr).toContain('Expected "auto", "cpu", "wasm" or "webgpu" for the device but received "gpu"');
  if (process.platform === "linux") {
    const missing = thaw("train", photos, "--device", "webgpu");
    expect(missing).toMatchObject({ status: 2, stdout: "" });
    expect(missing.stderr).toContain('error: There is no graphics processor for the device "webgpu"\nhint: ');
  }
  expect(readdirSync(folder)).toEqual(["photos"]);
});

// Names of classes, photographs, columns and nodes that hold escape sequences, other control characters, line breaks, marks that turn text
// around, and formulas: no command prints them as they are, to either stream, and a spreadsheet computes nothing.

import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { onnxPath } from "../fixtures/onnx-models.ts";
import { makePictures } from "../learner/tiny.ts";
import { type Outcome, thaw } from "./command.ts";

const STEERING = "\u001b[2J\u001b]0;title\u0007\u009b31m\u0085\r\nerror: forged\u202e\u2066\u200f\u007f";
const CLASS = `=HYPERLINK("http;","cats")${STEERING}`;

let root: string;
let pictures: string;
let model: string;
const outcomes = new Map<string, Outcome>();

/** Runs a command that does its work, whatever it finds. */
function run(name: string, ...args: readonly string[]): void {
  const outcome = thaw(...args);
  outcomes.set(name, outcome);
  expect(outcome, name).toMatchObject({ status: expect.toBeOneOf([0, 1]) });
}

/** Runs a command that is a mistake. */
function mistake(name: string, ...args: readonly string[]): void {
  const outcome = thaw(...args);
  outcomes.set(name, outcome);
  expect(outcome, name).toMatchObject({ status: 2 });
}

beforeAll(async () => {
  const made = await makePictures(24, 6);
  root = dirname(made);
  pictures = join(root, `photos${STEERING}`);
  model = join(root, `model${STEERING}`);
  renameSync(made, pictures);
  for (const part of ["train", "valid"]) {
    const [first = ""] = readdirSync(join(pictures, part)).sort();
    renameSync(join(pictures, part, first), join(pictures, part, CLASS));
    const own = join(pictures, part, CLASS);
    const [photo = "", other = ""] = readdirSync(own);
    renameSync(join(own, photo), join(own, `@SUM(1)${STEERING}.png`));
    cpSync(join(own, other), join(pictures, part, `copy${STEERING}.png`));
    if (part === "valid") writeFileSync(join(own, `broken${STEERING}.png`), "no picture");
  }
  mkdirSync(join(root, "table"));
  const photos = readdirSync(join(pictures, "train", CLASS)).slice(0, 8);
  for (const [i, photo] of photos.entries()) cpSync(join(pictures, "train", CLASS, photo), join(root, "table", `${i}.png`));
  const cells = photos.map((_, i) => `${i}.png,"-1+1${STEERING}${i % 2}"`);
  const table = `file,"label${STEERING}"\n${cells.join("\n")}\n`;
  writeFileSync(join(root, "table.csv"), table);
  writeFileSync(join(root, "missing.csv"), `${table}"missing${STEERING}.png",x\n`);
  const onnx = readFileSync(onnxPath("convolutions.legacy11.onnx"), "latin1").replaceAll("Conv", "\u001b[2J");
  writeFileSync(join(root, "hostile.onnx"), onnx, "latin1");

  const quick = ["--size", "32", "--bs", "8", "--epochs", "1", "--stages", "precompute,tta"];
  run("train", "train", pictures, ...quick, "--out", model);
  run("train --json", "train", pictures, ...quick, "--out", `${model}2`, "--json");
  run("train --resume", "train", pictures, ...quick, "--out", model, "--resume");
  run("train --csv", "train", join(root, "table"), "--csv", join(root, "table.csv"), ...quick, "--out", join(root, "tags"));
  mistake("train --csv, no photograph", "train", join(root, "table"), "--csv", join(root, "missing.csv"));
  mistake("train --csv, no column", "train", root, "--csv", join(root, "table.csv"), "--label-column", STEERING);
  mistake("train --onnx", "train", pictures, "--onnx", join(root, "hostile.onnx"));
  mistake("train --recipe", "train", pictures, "--recipe", STEERING);
  mistake("train, no folder", "train", `nothing${STEERING}`);
  for (const json of [[], ["--json"]]) {
    const as = (name: string) => [name, ...json].join(" ");
    run(as("check"), "check", pictures, ...json);
    run(as("audit"), "audit", pictures, "--size", "32", ...json);
    run(as("predict"), "predict", model, join(pictures, "valid"), `missing${STEERING}.png`, ...json);
    run(as("predict --top"), "predict", model, join(pictures, "valid"), "--top", "2", ...json);
    run(as("evaluate"), "evaluate", model, pictures, ...json);
    run(as("info"), "info", model, ...json);
    run(as("report"), "report", model, ...json);
    if (json.length === 0) run(as("export"), "export", model, "--out", join(root, `${STEERING}.onnx${json.length}`), ...json);
    if (json.length === 0) run(as("resize"), "resize", pictures, "16", "--out", join(root, `small${STEERING}${json.length}`), ...json);
    run(as("cache"), "cache", pictures, ...json);
    if (json.length === 0) mistake(as("cache --entry"), "cache", pictures, "--entry", STEERING, ...json);
    if (json.length === 0) mistake(as("models"), "models", STEERING, ...json);
  }
  run("predict --csv", "predict", model, join(pictures, "valid"), `+missing${STEERING}.png`, "--csv");
  mistake("export again", "export", model, "--out", join(root, `${STEERING}.onnx0`));
  run(
    "augment",
    "augment",
    join(pictures, "valid", CLASS, readdirSync(join(pictures, "valid", CLASS))[0]!),
    "--out",
    `${root}/${STEERING}.png`,
  );
  mistake("augment, no photograph", "augment", STEERING);
  run("sample", "sample", join(root, `sample${STEERING}`), "--count", "2");
  mistake("complete", "complete", STEERING);
  mistake("unknown command", STEERING);
  mistake("unknown option", "check", pictures, `--${STEERING}`);
  mistake("not a number", "train", pictures, "--bs", STEERING);
  const description = JSON.parse(readFileSync(join(model, "model.json"), "utf8"));
  writeFileSync(join(model, "model.json"), JSON.stringify({ ...description, architecture: STEERING }));
  mistake("info, unknown network", "info", model);
  writeFileSync(join(model, "model.json"), JSON.stringify({ ...description, version: STEERING }));
  mistake("info, unknown version", "info", model);
  writeFileSync(join(model, "model.json"), STEERING);
  mistake("info, not JSON", "info", model);
  return () => rmSync(root, { recursive: true, force: true });
}, 600_000);

test("nothing but text and line breaks is printed", () => {
  expect(outcomes.size).toBeGreaterThan(35);
  for (const [name, { stdout, stderr }] of outcomes) {
    for (const text of [stdout, stderr]) {
      const raw = text.match(/[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu) ?? [];
      expect([...new Set(raw)], `${name}: ${JSON.stringify(text.slice(0, 2000))}`).toEqual([]);
      expect(text, name).not.toMatch(/^error: forged/m);
    }
  }
});

test("lines of JSON still say the names as they are", () => {
  expect(JSON.parse(outcomes.get("info --json")!.stdout).classes).toContain(CLASS);
  const row = JSON.parse(outcomes.get("predict --json")!.stdout.split("\n").at(-2)!);
  expect(row.file).toBe(`missing${STEERING}.png`);
});

describe("a spreadsheet", () => {
  test("computes no cell of the predictions", () => {
    const rows: string[][] = parse(outcomes.get("predict --csv")!.stdout);
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.flat().some((cell) => cell.startsWith("'=HYPERLINK"))).toBe(true);
    for (const cell of rows.flat()) expect(cell).toMatch(/^$|^[^=+\-@\t\r]|^-?[\d.]+(e-?\d+)?$/);
  });
});

// `thaw audit --apply`: the decisions in a table are carried out, but only if all can be, and only with --yes.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { thaw } from "./command.ts";

let root: string;
let pets: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "changes-"));
  pets = join(root, "pets");
  for (const name of ["cats", "=dogs"]) {
    mkdirSync(join(pets, "train", name), { recursive: true });
    for (const i of [1, 2]) writeFileSync(join(pets, "train", name, `${i}${name}.jpg`), `${name} ${i}`);
  }
  onTestFinished(() => rmSync(root, { recursive: true }));
});

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(folder.length + 1))
    .sort();

function apply(rows: readonly string[], ...flags: readonly string[]) {
  writeFileSync(join(root, "changes.csv"), `\uFEFFfile,label,change\n${rows.join("\n")}\n`);
  return thaw("audit", pets, "--apply", join(root, "changes.csv"), ...flags);
}

test("without --yes it says what it would do; with it photographs change their class, and deleted ones are kept", () => {
  const rows = ["train/cats/1cats.jpg,cats,'=dogs", "train/=dogs/1=dogs.jpg,'=dogs,delete", "train/cats/2cats.jpg,cats,"];
  const before = filesIn(pets);
  const dry = apply(rows);
  expect(dry).toMatchObject({ status: 0, stderr: "" });
  expect(dry.stdout).toMatch(/^file +change\ntrain\/cats\/1cats\.jpg +=dogs\n.*delete\n\nNothing was changed\. --yes makes 2 changes\. /);
  expect(filesIn(pets)).toEqual(before);
  expect(apply(rows, "--yes").stdout).toContain("Made 2 changes. What is deleted is kept in");
  expect(filesIn(pets)).toEqual(["train/=dogs/1cats.jpg", "train/=dogs/2=dogs.jpg", "train/cats/2cats.jpg"]);
  expect(filesIn(join(root, ".thaw", "pets", "removed"))).toEqual(["train/=dogs/1=dogs.jpg"]);
});

test("a list with a mistake changes nothing, and the message names it", () => {
  const good = "train/cats/1cats.jpg,cats,=dogs";
  writeFileSync(join(pets, "train", "=dogs", "2cats.jpg"), "another");
  const before = filesIn(pets);
  for (const [row, message] of [
    ["train/cats/9.jpg,cats,delete", "train/cats/9.jpg is not in"],
    ["train/cats/2cats.jpg,cats,birds", '"birds", the change of train/cats/2cats.jpg, is neither "delete" nor a class'],
    ["train/cats/2cats.jpg,cats,=dogs", "exists already"],
    ["../changes.csv,cats,delete", "is not a photograph of a class"],
    [good, "Two changes concern train/cats/1cats.jpg"],
  ] as const) {
    const { status, stderr } = apply([good, row], "--yes");
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(filesIn(pets)).toEqual(before);
  }
  expect(thaw("audit", pets, "--yes").status).toBe(2);
});

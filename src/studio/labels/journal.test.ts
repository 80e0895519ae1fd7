import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openSharedLog } from "../../core/store/shared-log.node.ts";
import { LabelJournal } from "./journal.ts";
import type { Said } from "./record.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "thaw-labels-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

let ids = 0;

async function open(place: string, folders: readonly string[] = ["roses", "tulips"]) {
  const warnings: string[] = [];
  const log = await openSharedLog(place);
  const journal = new LabelJournal(log, {
    folders,
    now: () => 1000,
    newId: () => `id-${ids++}`,
    onWarning: ({ message }) => warnings.push(message),
  });
  await journal.refresh();
  return { journal, warnings, do: (said: Said) => journal.add(() => said) };
}

const label = (name: string, to: string | null): Said => ({ act: "label", labels: [{ class: to, names: [name] }] });

test("labels, skips and deletions hold after a restart, and so do undo and redo", async () => {
  const place = join(folder(), "deep", "labels.jsonl");
  const first = await open(place);
  await first.do(label("a.jpg", "roses"));
  await first.do({ act: "skip", names: ["b.jpg"], skipped: true });
  await first.do({ act: "delete", names: ["c.jpg"], deleted: true });
  await first.journal.close();

  const second = await open(place);
  const { state } = second.journal;
  expect([state.verdict("a.jpg"), state.verdict("b.jpg"), state.verdict("c.jpg")]).toEqual([
    { label: "roses", skipped: false },
    { skipped: true },
    { deleted: true },
  ]);
  expect((await second.journal.undo())?.does.act).toBe("delete");
  expect((await second.journal.undo())?.does.act).toBe("skip");
  expect(second.journal.state.verdict("c.jpg")).toEqual({});
  await second.journal.close();

  const third = await open(place);
  expect(third.journal.toRedo?.does.act).toBe("skip");
  await third.journal.redo();
  expect((await third.journal.redo())?.does.act).toBe("delete");
  expect(await third.journal.redo()).toBeUndefined();
  expect(third.journal.state.verdict("c.jpg")).toEqual({ deleted: true });
  for (let i = 0; i < 3; i++) await third.journal.undo();
  expect(await third.journal.undo()).toBeUndefined();
  expect(third.journal.state.verdict("a.jpg")).toEqual({});
  await third.journal.close();
  expect(third.warnings).toEqual([]);
});

test("an act after undoing leaves nothing to redo", async () => {
  const { journal, do: act } = await open(join(folder(), "labels.jsonl"));
  await act(label("a.jpg", "roses"));
  await journal.undo();
  await act(label("a.jpg", "tulips"));
  expect(journal.toRedo).toBeUndefined();
  expect(await journal.redo()).toBeUndefined();
  expect(journal.state.verdict("a.jpg").label).toBe("tulips");
  await journal.close();
});

test("classes are made, renamed, merged and removed, for folders and for what the user labelled", async () => {
  const { journal, do: act } = await open(join(folder(), "labels.jsonl"));
  const of = () => [journal.state.ofFolder("roses"), journal.state.ofFolder("tulips"), journal.state.verdict("a.jpg").label];
  await act(label("a.jpg", "daisies"));
  await act({ act: "renameClass", class: "roses", to: "Rosa" });
  expect(of()).toEqual(["Rosa", "tulips", "daisies"]);
  await act({ act: "mergeClasses", classes: ["Rosa", "daisies"], into: "flowers" });
  expect(of()).toEqual(["flowers", "tulips", "flowers"]);
  expect([...journal.state.classes].sort()).toEqual(["flowers", "tulips"]);
  await act({ act: "removeClass", class: "flowers" });
  expect(of()).toEqual([undefined, "tulips", null]);
  for (let i = 0; i < 3; i++) await journal.undo();
  expect(of()).toEqual(["roses", "tulips", "daisies"]);
  expect([...journal.state.classes].sort()).toEqual(["daisies", "roses", "tulips"]);
  await journal.close();
});

test("a moved file keeps what was said about it, and the folder that it came from", async () => {
  const { journal, do: act } = await open(join(folder(), "labels.jsonl"));
  await act(label("tulips/a.jpg", "roses"));
  await act({ act: "moved", files: [{ from: "tulips/a.jpg", to: "roses/a.jpg" }] });
  expect(journal.state.verdict("roses/a.jpg").label).toBe("roses");
  await journal.undo();
  expect(journal.state.verdict("roses/a.jpg").label).toBeUndefined();
  expect(journal.state.origin("roses/a.jpg")).toBe("tulips/a.jpg");
  await journal.close();
});

test("two journals of one file see and undo each other's acts", async () => {
  const place = join(folder(), "labels.jsonl");
  const [one, two] = [await open(place), await open(place)];
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => [one.do(label(`one/${i}.jpg`, "roses")), two.do(label(`two/${i}.jpg`, "tulips"))]).flat(),
  );
  await one.journal.refresh();
  await two.journal.refresh();
  for (const { journal } of [one, two])
    for (let i = 0; i < 50; i++)
      expect([journal.state.verdict(`one/${i}.jpg`).label, journal.state.verdict(`two/${i}.jpg`).label]).toEqual(["roses", "tulips"]);
  expect(one.journal.toUndo).toEqual(two.journal.toUndo);
  const [a, b] = await Promise.all([one.journal.undo(), two.journal.undo()]);
  expect(a && b).toBeTruthy();
  await one.journal.refresh();
  await two.journal.refresh();
  expect(one.journal.toUndo).toEqual(two.journal.toUndo);
  await one.journal.close();
  await two.journal.close();
});

test("processes that append at once lose nothing", async () => {
  const place = join(folder(), "labels.jsonl");
  const built = new URL("../../../dist/core/store/shared-log.node.js", import.meta.url).href;
  const script = `import { openSharedLog } from ${JSON.stringify(built)};
    const log = await openSharedLog(${JSON.stringify(place)});
    for (let i = 0; i < 200; i++) await log.append(process.argv[1] + "." + i + "." + "x".repeat(2000));
    await log.close();`;
  const run = promisify(execFile);
  await Promise.all(["a", "b", "c"].map((name) => run(process.execPath, ["--input-type=module", "-e", script, name])));
  const log = await openSharedLog(place);
  const lines = (await log.read()).map((line) => Buffer.from(line).toString());
  await log.close();
  expect(new Set(lines).size).toBe(600);
  for (const name of ["a", "b", "c"])
    expect(lines.filter((line) => line.startsWith(name)).map((line) => Number(line.split(".")[1]))).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    );
});

test("wherever the last line is cut, the lines before it hold and the next act begins a line of its own", async () => {
  const place = join(folder(), "labels.jsonl");
  const begun = await open(place);
  await begun.do(label("a.jpg", "roses"));
  const before = readFileSync(place).length;
  await begun.do(label("grün.jpg", "tulips"));
  await begun.journal.close();
  const whole = readFileSync(place);
  for (let cut = before; cut < whole.length; cut++) {
    writeFileSync(place, whole);
    truncateSync(place, cut);
    const { journal, warnings, do: act } = await open(place);
    expect(journal.state.verdict("a.jpg").label).toBe("roses");
    expect(journal.state.verdict("grün.jpg").label).toBeUndefined();
    await act(label("b.jpg", "tulips"));
    await journal.close();
    // What was cut is a line now: whole but for its break, or one that is passed by with a warning.
    const again = await open(place);
    expect(again.journal.state.verdict("b.jpg").label).toBe("tulips");
    expect(again.journal.state.verdict("grün.jpg").label).toBe(cut === whole.length - 1 ? "tulips" : undefined);
    expect(again.warnings).toEqual(warnings);
    expect(warnings.length).toBe(cut === before || cut === whole.length - 1 ? 0 : 1);
    await again.journal.close();
  }
});

test("lines that are no acts are passed by and named", async () => {
  const place = join(folder(), "labels.jsonl");
  const begun = await open(place);
  await begun.do(label("a.jpg", "roses"));
  await begun.journal.close();
  const line = (does: unknown, more = {}) => `${JSON.stringify({ v: 1, id: `x${ids++}`, at: 1, does, ...more })}\n`;
  const hostile = [
    line({ act: "label", labels: [{ class: "roses", names: ["../../etc/passwd"] }] }),
    line({ act: "label", labels: [{ class: "roses", names: ["/etc/passwd"] }] }),
    line({ act: "label", labels: [{ class: "../roses", names: ["a.jpg"] }] }),
    line({ act: "label", labels: [{ class: "", names: ["a.jpg"] }] }),
    line({ act: "label", labels: [{ class: ".hidden", names: ["a.jpg"] }] }),
    line({ act: "moved", files: [{ from: "a.jpg", to: "b/../../c.jpg" }] }),
    line({ act: "shell", command: "rm" }),
    line(label("a.jpg", null), { v: 2 }),
    line(label("a.jpg", null), { at: -1 }),
    line(label("a.jpg", null), { id: "../x" }),
    '{"v":1,"id":"y","at":1,"does":{"act":"undo","of":1}}\n',
    `${"[".repeat(100_000)}\n`,
    '{"v":1,"v":1}\n',
    "\u0007not JSON\n",
    "\xff\xfe\n",
    '{"__proto__":{"v":1}}\n',
  ];
  for (const text of hostile) {
    const whole = readFileSync(place);
    appendFileSync(place, text);
    const { journal, warnings } = await open(place);
    expect(warnings, text.slice(0, 100)).toHaveLength(1);
    expect(warnings[0]).toContain("line 2 (");
    expect(journal.state.verdict("a.jpg").label).toBe("roses");
    expect([...journal.state.classes]).toEqual(["roses", "tulips"]);
    await journal.close();
    writeFileSync(place, whole);
  }
});

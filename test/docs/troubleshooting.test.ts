// The page on troubleshooting quotes messages that the source has.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = new URL("../..", import.meta.url);
const read = (file: string): Promise<string> => readFile(new URL(file, root), "utf8");

/** What the first cell of each row quotes, without the rows about installing, whose messages are npm's. */
async function quotedMessages(): Promise<readonly string[]> {
  const [, ...sections] = (await read("docs/troubleshooting.md")).split("\n## ").slice(1);
  const cells = sections.join("\n").match(/^\| `[^|]*/gm) ?? [];
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => message as string));
}

test("every message on the page is one that thaw can print", async () => {
  const files = (await readdir(new URL("src", root), { recursive: true })).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const source = (await Promise.all(files.map((file) => read(join("src", file))))).join("\n").replaceAll('\\"', '"');
  const messages = await quotedMessages();
  expect(messages.length).toBeGreaterThan(30);
  const parts = messages.flatMap((message) => message.split("…").map((part) => part.trim())).filter((part) => part !== "");
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});

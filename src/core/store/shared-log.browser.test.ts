import { expect, test } from "vitest";
import { databaseStore } from "./database.browser.ts";
import { openSharedLog } from "./shared-log.browser.ts";

test("two logs of one name read what both append, in one order", async () => {
  const store = databaseStore(`log-${crypto.randomUUID()}`);
  const [one, two] = [openSharedLog(store, "labels.jsonl"), openSharedLog(store, "labels.jsonl")];
  await Promise.all(Array.from({ length: 20 }, (_, i) => [one.append(`one ${i}`), two.append(`two ${i}`)]).flat());
  const text = async (log: typeof one) => (await log.read()).map((line) => new TextDecoder().decode(line));
  const lines = await text(one);
  expect(lines).toHaveLength(40);
  expect(new Set(lines).size).toBe(40);
  expect(await text(two)).toEqual(lines);
  expect(await text(one)).toEqual([]);
  await two.append("last");
  expect(await text(one)).toEqual(["last"]);
});

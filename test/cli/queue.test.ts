// Photographs predicted by the workers of a queue in one command: joined, the rows are those of one process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, expect, test } from "vitest";
import { main, thaw } from "./command.ts";
import { makeQueueAlbum, type QueueAlbum } from "./queue-album.ts";

let { folder, model, photos, expected, rowsOf }: QueueAlbum = {} as QueueAlbum;
beforeAll(async () => {
  ({ folder, model, photos, expected, rowsOf } = await makeQueueAlbum());
});

test("without an address, workers of the command itself predict all; the same command again finds it done", async () => {
  const out = join(folder, "local");
  const first = thaw("predict", model, photos, "--out", out, "--queue", "--workers", "2");
  expect([first.status, first.stderr]).toEqual([0, expect.not.stringContaining("rror")]);
  expect(first.stdout).toContain("120 photographs in 3 shards; 2 workers here.\n");
  expect(first.stdout).toContain("3 of 3 shards, 120 photographs, 1 unreadable, in ");
  expect(await rowsOf(out)).toEqual(expected);
  const again = thaw("predict", model, photos, "--out", out, "--queue", "--json");
  expect(
    again.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { event: "queued", shards: 3, photographs: 120 },
    { event: "done", shards: 3, aside: 0, photographs: 120, unreadable: 1 },
  ]);
  const other = thaw("predict", model, photos, "--out", out, "--queue", "--shards", "4");
  expect([other.status, other.stderr]).toEqual([2, expect.stringContaining("has parts of 3 shards")]);
});

test("photographs that a list names are handed out too", async () => {
  const [out, list] = [join(folder, "listed"), join(folder, "some.csv")];
  const names = [3, 7, 11].map((i) => join(photos, `${i}.png`));
  await writeFile(list, ["name,path", ...names.map((name, i) => `${i},${name}`)].join("\n"));
  const done = thaw("predict", model, "--list", list, "--column", "path", "--out", out, "--queue", "--workers", "1");
  expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining("3 photographs in 1 shard; 1 worker here.") });
  expect(await rowsOf(out)).toEqual(expected.filter((row) => names.includes(JSON.parse(row).file)));
});

test("a shard that no machine can do is set aside with its error, and the command fails", async () => {
  const out = join(folder, "mistake");
  expect(thaw("predict", model, photos, "--out", out, "--shard", "2/3", "--top", "1").status).toBe(0);
  const { status, stdout, stderr } = thaw("predict", model, photos, "--out", out, "--queue", "--workers", "1");
  expect([status, stdout]).toEqual([1, expect.stringContaining("1 shard set aside:")]);
  expect(stdout).toMatch(/\nThe same command tries again\.\n$/);
  expect(stderr).toMatch(/Shard 2 of 3 of .*: failed, and is set aside: /);
  expect(stderr).not.toContain("Nothing left to do");
  expect(stdout).toMatch(/shard 2 after 1 failure, on .*: .*was made with another model or other options/);
});

test.each([
  [["--queue"], "--queue needs a folder for the parts"],
  [["--queue", "album", "--out", "parts"], "the address of a PostgreSQL database"],
  [["--queue", "--out", "parts", "--shard", "1/2"], "divide the photographs in two ways"],
  [["--queue", "--out", "parts", "--csv"], "--queue writes parts"],
  [["--queue", "--out", "parts", "--detach"], "--detach needs the address"],
  [["--queue", "postgres://thaw@127.0.0.1:1/x", "--out", "parts"], "Cannot reach the queue in postgres://thaw@127.0.0.1:1/x"],
  [["--workers", "2"], "--workers needs a queue"],
])("thaw predict %j is a mistake that is named", (args, message) => {
  const { status, stderr } = thaw("predict", model, photos, ...args);
  expect([status, stderr]).toEqual([message.startsWith("Cannot reach") ? 75 : 2, expect.stringContaining(message)]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("a worker that waits for the queue's server stops at %s", async (signal, status) => {
  const child = spawn(process.execPath, [main, "work", "postgres://thaw@127.0.0.1:1/x"]);
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toContain("The queue cannot be reached");
  child.kill(signal);
  expect((await lines.next()).value).toBe("Stopping.");
  expect(await ended).toEqual([status, null]);
});

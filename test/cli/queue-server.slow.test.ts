// Photographs predicted by workers over PostgreSQL, through the command. Whoever does them, whoever is killed meanwhile, the joined rows are those of
// one process. Skipped where there is no PostgreSQL.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPostgres, type PostgresServer } from "../fixtures/postgres.ts";
import { environment, main, thaw, thawBeside } from "./command.ts";
import { makeQueueAlbum, PHOTOS, type QueueAlbum } from "./queue-album.ts";

let { folder, model, photos, expected, rowsOf }: QueueAlbum = {} as QueueAlbum;
beforeAll(async () => {
  ({ folder, model, photos, expected, rowsOf } = await makeQueueAlbum());
});

const start = findPostgres();
describe.skipIf(!start)(`over PostgreSQL${start ? "" : " (skipped: no server's binaries here)"}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await (start as NonNullable<typeof start>)();
  });
  afterAll(() => server.remove());
  const put = (out: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = thaw("predict", model, photos, "--out", out, "--queue", server.url, "--detach", ...args, "--json");
    expect([status, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout) as { id: string; added: number };
  };
  const startWorker = (): ChildProcess =>
    spawn(process.execPath, [main, "work", server.url, "--json"], { env: environment(), stdio: ["ignore", "pipe", "ignore"] });
  /** Waits until a worker says that it has taken a shard; then it has yet to load the model. */
  const hasTaken = async (worker: ChildProcess): Promise<void> => {
    for await (const line of createInterface({ input: worker.stdout! })) if (JSON.parse(line).event === "taken") return;
    throw new Error("the worker took nothing");
  };
  const state = (id: string) =>
    thaw("jobs", server.url, "--json")
      .stdout.trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .find((work) => work.id === id);

  test("there is no queue before work is put into one, and a wrong password is said to be wrong", () => {
    const none = thaw("jobs", server.url);
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("There is no queue in postgres://thaw@127.0.0.1")]);
    const wrong = thaw("work", server.url.replace("secret", "wrong"));
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("the password or the user is wrong")]);
    expect(wrong.stderr).not.toContain(":wrong@");
    const database = thaw("jobs", `${server.url}x`);
    expect([database.status, database.stderr]).toEqual([2, expect.stringContaining("there is no such database")]);
  });

  test("a worker that comes while the server restarts waits for it, for half a minute", async () => {
    const out = join(folder, "early");
    const { id } = put(out);
    await server.stop("SIGKILL");
    const began = Date.now();
    const never = thawBeside({}, "work", "postgres://thaw@127.0.0.1:1/x");
    const worker = startWorker();
    const ended = once(worker, "exit");
    const [line] = await once(createInterface({ input: worker.stdout! }), "line");
    expect(JSON.parse(line)).toEqual({ event: "away", message: expect.stringContaining("ECONNREFUSED") });
    await server.start();
    expect(await ended).toEqual([0, null]);
    expect(state(id).shards.done).toBe(3);
    expect(await never).toMatchObject({
      status: 75,
      stdout: "The queue cannot be reached (connect ECONNREFUSED 127.0.0.1:1); trying again.\n",
      stderr: expect.stringContaining("Cannot reach the queue in postgres://thaw@127.0.0.1:1/x"),
    });
    expect(Date.now() - began).toBeGreaterThan(29_000);
  }, 180_000);

  test("workers do what was put, once however often, and jobs says how far it is", async () => {
    const out = join(folder, "remote");
    const { id, added } = put(out);
    expect([added, put(out).added]).toEqual([3, 0]);
    expect(state(id)).toMatchObject({ shards: { all: 3, waiting: 3, done: 0 }, photographs: { all: PHOTOS, done: 0 } });
    const worker = thaw("work", server.url, "--workers", "2");
    expect([worker.status, worker.stderr]).toEqual([0, ""]);
    expect(worker.stdout).toMatch(/Shard 1 of 3 of .*photos: \d+ photographs, \d unreadable, in 00:\d\d\.\n/);
    expect(worker.stdout).toContain("Nothing left to do.\n");
    expect(state(id)).toMatchObject({ shards: { done: 3 }, photographs: { done: PHOTOS, unreadable: 1 }, failures: [] });
    expect(thaw("jobs", server.url).stdout).toContain("  3 of 3 shards done\n  120 of 120 photographs, 1 unreadable\n");
    expect(await rowsOf(out)).toEqual(expected);
  });

  test("Ctrl-C gives the shard back at once, with exit code 130, and another worker goes on", async () => {
    const out = join(folder, "interrupted");
    const { id } = put(out, "--shards", "2");
    const worker = startWorker();
    const ended = once(worker, "exit");
    await hasTaken(worker);
    worker.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    const { waiting, active, done } = state(id).shards;
    expect([active, waiting + done]).toEqual([0, 2]);
    expect(thaw("predict", model, photos, "--out", out, "--queue", server.url, "--shards", "2", "--workers", "1").status).toBe(0);
    expect(await rowsOf(out)).toEqual(expected);
  });

  test("a worker with another model, or that sees other photographs, says so and does nothing", async () => {
    const [copy, album] = [join(folder, "copied model"), join(folder, "album")];
    await cp(model, copy, { recursive: true });
    await cp(photos, album, { recursive: true });
    const out = join(folder, "unfit");
    const asked = thaw("predict", copy, album, "--out", out, "--queue", server.url, "--detach", "--json");
    const { id } = JSON.parse(asked.stdout);
    const works = () => thaw("work", server.url);
    const refusing = async (change: () => Promise<unknown>, message: string) => {
      await change();
      const { status, stdout } = works();
      expect([status, stdout]).toEqual([2, expect.stringContaining(message)]);
      expect(state(id)).toMatchObject({ shards: { waiting: 3, active: 0, aside: 0 } });
    };
    const json = join(copy, "model.json");
    const before = await readFile(json, "utf8");
    await refusing(
      () => writeFile(json, before.replace('"dogs"', '"wolves"')),
      "is not the one that the photographs were put into the queue with",
    );
    await writeFile(json, before);
    await refusing(() => rename(join(album, "3.png"), join(album, "other.png")), "This machine sees 120 photographs in");
    await rename(join(album, "other.png"), join(album, "3.png"));
    await refusing(() => rename(album, `${album} away`), "This machine sees");
    await rename(`${album} away`, album);
    expect(works().status).toBe(0);
    expect(state(id).shards.done).toBe(3);
  });

  test("what was set aside can be tried again, and what is not done can be cancelled", async () => {
    const out = join(folder, "again");
    expect(thaw("predict", model, photos, "--out", out, "--shard", "1/3", "--top", "1").status).toBe(0);
    const { id } = put(out);
    expect(thaw("work", server.url).status).toBe(0);
    expect(state(id)).toMatchObject({ shards: { done: 2, aside: 1 }, failures: [{ shard: 1, errors: 1 }] });
    const said = thaw("jobs", server.url).stdout;
    expect(said).toContain("1 shard set aside:");
    expect(said).toContain(`thaw jobs retry ${server.url.replace(":secret", "")} ${id}`);
    await rm(join(out, "shard-1-of-3"), { recursive: true });
    expect(thaw("jobs", "retry", server.url, id.slice(0, 6)).stdout).toContain("1 shard will be tried again");
    expect(thaw("jobs", "cancel", server.url).stdout).toContain("1 shard cancelled; what is done is kept");
    expect(thaw("jobs", "cancel", server.url).stdout).toContain("Nothing in the queue is unfinished");
    expect(thaw("jobs", "retry", server.url, "--json").stdout).toBe(`{"event":"retry","id":"${id}","shards":1}\n`);
    expect(thaw("work", server.url).status).toBe(0);
    expect(await rowsOf(out)).toEqual(expected);
    expect(thaw("jobs", "cancel", server.url, "zzz")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("the first digits of one of"),
    });
  });

  test("a killed worker's shard goes to another within a minute; neither that nor a server that crashes costs or doubles a row", async () => {
    const out = join(folder, "killed");
    const { id } = put(out, "--shards", "4");
    const killed = startWorker();
    await hasTaken(killed);
    killed.kill("SIGKILL");
    const others = [startWorker(), startWorker()];
    const ended = Promise.all(others.map((worker) => once(worker, "exit")));
    await Promise.all(others.map(hasTaken));
    await server.stop("SIGKILL");
    await server.start();
    const began = Date.now();
    expect((await ended).map(([code]) => code)).toEqual([0, 0]);
    expect((Date.now() - began) / 1000).toBeLessThan(60);
    expect(state(id)).toMatchObject({ shards: { done: 4, aside: 0 }, photographs: { done: PHOTOS } });
    expect(await rowsOf(out)).toEqual(expected);
  }, 180_000);
});

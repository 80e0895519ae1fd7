// Downloads in which one byte is flipped or missing, wherever it is, whether the length says so or not. FLIPS=200 tries so many.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lied } from "../../../test/fixtures/hub-lies.ts";
import { FILE, give, startHub } from "../../../test/fixtures/hub-server.ts";
import { randomStream } from "../../core/random.ts";
import { hubFile } from "./file.node.ts";

const FLIPS = Number(process.env.FLIPS ?? 12);

test("none is accepted, and nothing of it stays that a later download would build on", { timeout: 60_000 + 1000 * FLIPS }, async () => {
  const random = randomStream("flips");
  let damage: ((bytes: Buffer) => Buffer) | undefined;
  const { address } = await startHub(lied, ({ server, range }, response) => {
    if (!damage || server === "endpoint" || range === "bytes=0-0") return false;
    const sent = damage(Buffer.from(lied));
    // A shorter body in place of the same length ends the connection; with its own length it is a shorter file.
    give(sent.length === lied.length || random.chance(0.5) ? sent : Buffer.concat([sent, Buffer.of(0)]), range, response);
    return true;
  });
  const home = mkdtempSync(join(tmpdir(), "hub-flips-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const env = { HF_HOME: home, HF_ENDPOINT: address };
  for (let i = 0; i < FLIPS; i++) {
    const place = i === 0 ? 0 : i === 1 ? lied.length - 1 : random.integer(0, lied.length - 1);
    damage =
      i % 2 === 0
        ? (bytes) =>
            Buffer.concat([bytes.subarray(0, place), Buffer.of((bytes[place] as number) ^ (1 << (i % 8))), bytes.subarray(place + 1)])
        : (bytes) => Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
    await expect(hubFile(FILE, { env, patience: 1 }), `${i % 2 === 0 ? "flipped" : "missing"} byte ${place}`).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(/the download has the SHA-256|cannot be reached|to a request for/),
    });
    expect(readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("snapshots"))).toEqual([]);
  }
  damage = undefined;
  expect(readFileSync(await hubFile(FILE, { env })).equals(lied)).toBe(true);
});

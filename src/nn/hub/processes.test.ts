// The shared cache between processes: two that download the same file concurrently, and one that is killed during a download.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FILE, give, sha256, startHub } from "../../../test/fixtures/hub-server.ts";
import { hubFile } from "./file.node.ts";

const content = Buffer.from(Array.from({ length: 2_000_000 }, (_, i) => (i * 7919) % 251));

const script = `
  import { hubFile } from ${JSON.stringify(new URL("../../../dist/nn/hub/file.node.js", import.meta.url).href)};
  process.stdout.write(await hubFile(${JSON.stringify(FILE)}));
`;

function downloader(env: Readonly<Record<string, string>>): { child: ChildProcess; path: Promise<string> } {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env: { ...process.env, ...env } });
  const path = new Promise<string>((resolve) => {
    let text = "";
    child.stdout?.on("data", (part) => {
      text += part;
    });
    child.on("close", () => resolve(text));
  });
  return { child, path };
}

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), "hub-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const blobsIn = (folder: string): string => join(folder, "hub", "models--owner--name", "blobs");

test("two processes that download concurrently both get the whole file, and leave nothing else behind", async () => {
  // Neither gets a response before both have sent their requests.
  const waiting: (() => void)[] = [];
  const { address } = await startHub(content, ({ server, range }, response) => {
    if (server === "endpoint" || range === "bytes=0-0") return false;
    waiting.push(() => give(content, range, response));
    if (waiting.length === 2) for (const answer of waiting) answer();
    return true;
  });
  const folder = home();
  const env = { HF_HOME: folder, HF_ENDPOINT: address };
  const [first, second] = await Promise.all([downloader(env).path, downloader(env).path]);
  expect(first).toBe(second);
  expect(readFileSync(first).equals(content)).toBe(true);
  expect(readdirSync(blobsIn(folder))).toEqual([sha256(content)]);
});

test("a process resumes the download of a killed one", async () => {
  let killed = false;
  let child: ChildProcess | undefined;
  const { address, requests } = await startHub(content, ({ server, range }, response) => {
    if (killed || server === "endpoint" || range === "bytes=0-0") return false;
    response.writeHead(206, { "Content-Range": `bytes 0-${content.length - 1}/${content.length}`, "Content-Length": content.length });
    response.write(content.subarray(0, 1_000_000));
    const timer = setInterval(() => {
      const [partial] = readdirSync(blobsIn(folder));
      if (partial === undefined || statSync(join(blobsIn(folder), partial)).size < 1_000_000) return;
      clearInterval(timer);
      killed = true;
      child?.kill("SIGKILL");
    }, 5);
    return true;
  });
  const folder = home();
  const env = { HF_HOME: folder, HF_ENDPOINT: address };
  const started = downloader(env);
  child = started.child;
  await started.path;
  expect(killed).toBe(true);
  expect(readFileSync(await hubFile(FILE, { env })).equals(content)).toBe(true);
  expect(requests.at(-1)?.range).toBe(`bytes=1000000-${content.length - 1}`);
  expect(readdirSync(blobsIn(folder))).toEqual([sha256(content)]);
});

// Files of the hub, from a local server that is slow, breaks off, sends wrong data, or refuses; and the cache, which Hugging Face's tools
// read.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { COMMIT, FILE, give, type Misbehaviour, sha256, startHub } from "../../../test/fixtures/hub-server.ts";
import type { Progress } from "../../index.ts";
import { type HubOptions, hubFile } from "./file.node.ts";

const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) % 251));
const repository = "hub/models--owner--name";

interface Place {
  readonly home: string;
  readonly options: HubOptions & { env: Record<string, string> };
}

function place(address: string, env: Record<string, string> = {}): Place {
  const home = mkdtempSync(join(tmpdir(), "hub-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  return { home, options: { env: { HF_HOME: home, HF_ENDPOINT: address, ...env }, patience: 1 } };
}

async function hub(misbehave?: Misbehaviour, env?: Record<string, string>) {
  const server = await startHub(content, misbehave);
  return { ...server, ...place(server.address, env) };
}

const refusal = (message: string, hint: RegExp) =>
  expect.objectContaining({ name: "UsageError", message, hint: expect.stringMatching(hint) });

test("a file is downloaded once, into the layout of Hugging Face's cache, with progress in megabytes", async () => {
  const { home, options, requests } = await hub();
  const steps: Progress[] = [];
  const path = await hubFile(FILE, { ...options, onProgress: (step) => steps.push(step) });
  expect(path).toBe(join(home, repository, "snapshots", COMMIT, FILE.file));
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(readlinkSync(path)).toBe(`../../blobs/${sha256(content)}`);
  expect(readFileSync(join(home, repository, "refs", "main"), "utf8")).toBe(COMMIT);
  expect(readdirSync(join(home, repository, "blobs"))).toEqual([sha256(content)]);
  expect(steps.at(-1)).toEqual({ task: "Downloading owner/name/model.safetensors", done: 3, total: 3, unit: "MB" });
  const asked = requests.length;
  expect(await hubFile(FILE, options)).toBe(path);
  expect(requests).toHaveLength(asked);
});

test("two simultaneous requests share one download", async () => {
  const { options, requests } = await hub();
  const [first, second] = await Promise.all([hubFile(FILE, options), hubFile(FILE, options)]);
  expect(first).toBe(second);
  expect(requests.filter(({ server, range }) => server === "store" && range !== "bytes=0-0")).toHaveLength(1);
});

test("the token is sent to the endpoint, but not to the storage it redirects to, nor put into messages", async () => {
  const { options, requests } = await hub(undefined, { HF_TOKEN: "hf_secret" });
  await hubFile(FILE, options);
  expect(new Set(requests.map(({ server, authorization }) => `${server} ${authorization}`))).toEqual(
    new Set(["endpoint Bearer hf_secret", "store undefined"]),
  );
  const refusing = await hub((_, response) => Boolean(response.writeHead(401).end()), { HF_TOKEN: "hf_secret" });
  const error = await hubFile(FILE, refusing.options).catch((caught: Error & { hint: string }) => caught);
  expect(`${(error as Error).message} ${(error as { hint: string }).hint} ${(error as Error).stack}`).not.toContain("hf_secret");
});

test("the token is also read from the file that `hf auth login` writes", async () => {
  const { home, options, requests } = await hub();
  writeFileSync(join(home, "token"), "hf_from_file\n");
  await hubFile(FILE, options);
  expect(requests[0]?.authorization).toBe("Bearer hf_from_file");
});

test("an interrupted download resumes where it stopped", async () => {
  const { options, requests } = await hub(({ server, range, before }, response) => {
    if (server === "endpoint" || range === "bytes=0-0" || before > 4) return false;
    give(content, range, response, before < 3 ? 1_000_000 : 2_000_000);
    return true;
  });
  expect(readFileSync(await hubFile(FILE, options)).equals(content)).toBe(true);
  const parts = requests.filter(({ server, range }) => server === "store" && range !== "bytes=0-0");
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.slice(1).every(({ range }) => Number(/=(\d+)-/.exec(range ?? "")?.[1]) > 0)).toBe(true);
});

test("a download that never ends keeps its part, and the next one resumes it, also for a process that has ended", async () => {
  let cut = true;
  const { home, options, requests } = await hub(({ server, range }, response) => {
    if (!cut || server === "endpoint" || range === "bytes=0-0") return false;
    give(content, range, response, 1_500_000);
    return true;
  });
  await expect(hubFile(FILE, options)).rejects.toEqual(
    expect.objectContaining({
      message: expect.stringMatching(/^Cannot get owner\/name\/model\.safetensors: http:\S+ cannot be reached \(/),
      hint: expect.stringContaining("The part that was downloaded is kept: run the same command again."),
    }),
  );
  const blobs = join(home, repository, "blobs");
  const [partial = ""] = readdirSync(blobs);
  expect(readFileSync(join(blobs, partial)).equals(content.subarray(0, 1_500_000))).toBe(true);
  // As if its process had ended: no process has the highest possible number.
  const left = join(blobs, `${sha256(content)}.${hostname().replace(/[^\w-]/g, "-")}.4194304.0.incomplete`);
  execFileSync("mv", [join(blobs, partial), left]);
  cut = false;
  expect(readFileSync(await hubFile(FILE, options)).equals(content)).toBe(true);
  expect(requests.at(-1)?.range).toBe("bytes=1500000-2999999");
  expect(readdirSync(blobs)).toEqual([sha256(content)]);
});

test("a partial file of a running process is left alone", async () => {
  const { home, options } = await hub();
  const blobs = join(home, repository, "blobs");
  mkdirSync(blobs, { recursive: true });
  const other = `${sha256(content)}.${hostname().replace(/[^\w-]/g, "-")}.${process.ppid}.0.incomplete`;
  writeFileSync(join(blobs, other), "theirs");
  await hubFile(FILE, options);
  expect(readFileSync(join(blobs, other), "utf8")).toBe("theirs");
});

test("a stalled connection is closed and reopened", async () => {
  const { options } = await hub(({ server, range, before }, response) => {
    if (server === "endpoint" || range === "bytes=0-0" || before > 1) return false;
    response.writeHead(206, { "Content-Range": `bytes 0-2999999/3000000`, "Content-Length": content.length });
    response.write(content.subarray(0, 100_000));
    return true;
  });
  expect(readFileSync(await hubFile(FILE, { ...options, stall: 200 })).equals(content)).toBe(true);
});

test("a slow server does not cause a failure", async () => {
  const { options } = await hub(({ server, range }, response) => {
    if (server === "endpoint" || range === "bytes=0-0") return false;
    response.writeHead(206, { "Content-Range": `bytes 0-2999999/3000000`, "Content-Length": content.length });
    let sent = 0;
    const timer = setInterval(() => {
      response.write(content.subarray(sent, sent + 500_000));
      sent += 500_000;
      if (sent < content.length) return;
      clearInterval(timer);
      response.end();
    }, 40);
    return true;
  });
  expect(readFileSync(await hubFile(FILE, { ...options, stall: 2000 })).equals(content)).toBe(true);
});

test("a stopped download throws the signal's reason and can be resumed", async () => {
  const controller = new AbortController();
  const { options, requests } = await hub();
  const stopping = hubFile(FILE, {
    ...options,
    signal: controller.signal,
    onProgress: ({ done }) => done > 0 && controller.abort(new Error("stopped")),
  });
  await expect(stopping).rejects.toThrow("stopped");
  const before = requests.length;
  await hubFile(FILE, options);
  expect(Number(/=(\d+)-/.exec(requests.slice(before).at(-1)?.range ?? "")?.[1])).toBeGreaterThan(0);
});

test("bytes that differ from the hub's hash are refused and deleted", async () => {
  const wrong = Buffer.from(content).fill(0, 100, 200);
  const { home, options } = await hub(({ server, range }, response) => {
    if (server === "endpoint") return false;
    give(wrong, range, response);
    return true;
  });
  await expect(hubFile(FILE, options)).rejects.toEqual(
    refusal(
      `Cannot get owner/name/model.safetensors: the download has the SHA-256 ${sha256(wrong)}, but the hub lists ${sha256(content)}`,
      /It was damaged in transit and has been deleted/,
    ),
  );
  expect(readdirSync(join(home, repository, "blobs"))).toEqual([]);
  expect(existsSync(join(home, "thaw"))).toBe(false);
});

test("a file that differs from the catalogue's hash is refused", async () => {
  const { options } = await hub();
  await expect(hubFile({ ...FILE, sha256: "0".repeat(64) }, options)).rejects.toEqual(
    refusal(
      `Cannot get owner/name/model.safetensors: it has the SHA-256 ${sha256(content)}, but the catalogue lists ${"0".repeat(64)}`,
      /Do not use it/,
    ),
  );
  expect(await hubFile({ ...FILE, sha256: sha256(content) }, options)).toContain(FILE.file);
});

test("the first download's hash is binding, also after the cache was emptied and for another mirror", async () => {
  const { home, options } = await hub();
  await hubFile(FILE, options);
  const record = join(home, "thaw", "owner--name", "main", `${FILE.file}.json`);
  expect(JSON.parse(readFileSync(record, "utf8"))).toEqual({ sha256: sha256(content) });
  rmSync(join(home, "hub"), { recursive: true });
  const other = Buffer.from("another file");
  const mirror = await startHub(other);
  const elsewhere = { ...options, env: { ...options.env, HF_ENDPOINT: mirror.address } };
  await expect(hubFile(FILE, elsewhere)).rejects.toEqual(
    refusal(
      `Cannot get owner/name/model.safetensors: it has the SHA-256 ${sha256(other)}, but the first download had ${sha256(content)}`,
      new RegExp(`delete ${record}`),
    ),
  );
  rmSync(record);
  expect(readFileSync(await hubFile(FILE, elsewhere))).toEqual(other);
});

test("a record of the first download that cannot be read still binds", async () => {
  const { home, options } = await hub();
  await hubFile(FILE, options);
  const record = join(home, "thaw", "owner--name", "main", `${FILE.file}.json`);
  rmSync(record);
  mkdirSync(record);
  await expect(hubFile(FILE, options)).rejects.toThrow(`Cannot read ${record}: it is a folder`);
});

test("a response that is shorter than announced is requested again, and then reported", async () => {
  const { options } = await hub(({ server, range }, response) => {
    if (server === "endpoint" || range === "bytes=0-0") return false;
    const asked = range?.replace("=", " ") ?? "bytes 0-2999999";
    response.writeHead(206, { "Content-Range": `${asked}/${content.length}`, "Content-Length": 10 }).end(content.subarray(0, 10));
    return true;
  });
  await expect(hubFile(FILE, options)).rejects.toThrow(/cannot be reached \(the response ended after 50 of 3000000 bytes\)/);
});

test("a part other than the requested one is refused", async () => {
  const { options, address } = await hub(({ server, range }, response) => {
    if (server === "endpoint" || range === "bytes=0-0") return false;
    response.writeHead(206, { "Content-Range": "bytes 0-9/10", "Content-Length": 10 }).end(content.subarray(0, 10));
    return true;
  });
  await expect(hubFile(FILE, options)).rejects.toThrow(
    `${address} responded with "bytes 0-9/10" to a request for bytes=10-2999999 instead of the file`,
  );
});

test.each([
  [
    "a web page",
    "the endpoint's",
    (response: import("node:http").ServerResponse) => response.writeHead(200, { "Content-Type": "text/html" }).end("<html>"),
  ],
  [
    "the status 200 to a request for a part of it",
    "the whole",
    (response: import("node:http").ServerResponse) => response.writeHead(200).end("bytes"),
  ],
])("%s is not accepted as a file", async (what, _, answer) => {
  const { options, address } = await hub((_seen, response) => Boolean(answer(response)));
  await expect(hubFile(FILE, options)).rejects.toEqual(
    refusal(
      `Cannot get owner/name/model.safetensors: ${address} responded with ${what} instead of the file`,
      /A proxy or a log-in page may be in between/,
    ),
  );
});

test.each([
  [404, "EntryNotFound", "has no such file (404)", /Check the spelling; `thaw models` lists/],
  [404, "RevisionNotFound", "has no such revision (404)", /Check the spelling/],
  [404, "RepoNotFound", "has no such repository (404)", /Check the spelling/],
  [
    401,
    "",
    "requires authentication (401): the repository is private, gated, or does not exist",
    /Set HF_TOKEN to a token of your account, or run `hf auth login`/,
  ],
  [403, "GatedRepo", "refuses it (403)", /Accept the terms on http\S+\/owner\/name if there are any/],
])("status %i %s is reported immediately, with the cure", async (status, code, why, cure) => {
  const { options, address, requests } = await hub((_, response) => Boolean(response.writeHead(status, { "X-Error-Code": code }).end()));
  await expect(hubFile(FILE, options)).rejects.toEqual(refusal(`Cannot get owner/name/model.safetensors: ${address} ${why}`, cure));
  expect(requests).toHaveLength(1);
});

test.each([429, 503])("status %i is retried", async (status) => {
  const { options, requests } = await hub(({ before, server }, response) => {
    if (server === "store" || before > 1) return false;
    response.writeHead(status, { "Retry-After": "0" }).end();
    return true;
  });
  expect(readFileSync(await hubFile(FILE, options)).equals(content)).toBe(true);
  expect(requests.filter(({ server }) => server === "endpoint").length).toBeGreaterThan(3);
});

test("a hub that keeps receiving too many requests says so", async () => {
  const { options, address, requests } = await hub((_, response) => Boolean(response.writeHead(429).end()));
  await expect(hubFile(FILE, options)).rejects.toEqual(
    refusal(
      `Cannot get owner/name/model.safetensors: ${address} has received too many requests (429)`,
      /Wait a few minutes and run the same command again/,
    ),
  );
  expect(requests).toHaveLength(5);
  const long = await hub((_, response) => Boolean(response.writeHead(429, { "Retry-After": "3600" }).end()));
  await expect(hubFile(FILE, long.options)).rejects.toThrow("has received too many requests (429)");
  expect(long.requests).toHaveLength(1);
});

test("the error for an unreachable hub says so, and lists alternatives", async () => {
  const { options } = place("http://127.0.0.1:9");
  await expect(hubFile(FILE, options)).rejects.toEqual(
    expect.objectContaining({
      message: expect.stringMatching(/^Cannot get owner\/name\/model.safetensors: http:\/\/127.0.0.1:9 cannot be reached \(.+\)$/),
      hint: expect.stringMatching(/use a mirror \(HF_ENDPOINT\), or download the file by other means and name it with --weights/),
    }),
  );
});

test.each([{ offline: true }, { env: { HF_HUB_OFFLINE: "1" } }])("%j uses no network", async ({ offline, env }) => {
  const { home, options, requests } = await hub(undefined, env);
  await expect(hubFile(FILE, { ...options, offline })).rejects.toEqual(
    refusal(
      `Cannot get owner/name/model.safetensors: it is not in the cache ${join(home, "hub")}, and downloads are disabled`,
      /Run once without --offline and HF_HUB_OFFLINE/,
    ),
  );
  expect(requests).toEqual([]);
});

test("a file that Python downloaded is used and checked against the name of its blob", async () => {
  const { home, options } = place("http://127.0.0.1:9", { HF_HUB_OFFLINE: "1" });
  const [blob, snapshot] = [join(home, repository, "blobs", sha256(content)), join(home, repository, "snapshots", COMMIT, FILE.file)];
  for (const path of [blob, snapshot, join(home, repository, "refs", "main")]) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(blob, content);
  writeFileSync(join(home, repository, "refs", "main"), COMMIT);
  symlinkSync(`../../blobs/${sha256(content)}`, snapshot);
  expect(await hubFile(FILE, options)).toBe(snapshot);
  expect(await hubFile({ ...FILE, revision: COMMIT }, options)).toBe(snapshot);
  writeFileSync(blob, content.subarray(1));
  await expect(hubFile(FILE, options)).rejects.toEqual(
    refusal(
      `Cannot get owner/name/model.safetensors: the file in the cache is damaged: ${snapshot}`,
      /Delete it and run the same command again/,
    ),
  );
});

test.each([
  { ...FILE, file: "../../escape" },
  { ...FILE, revision: ".." },
  { ...FILE, repository: "owner//name" },
])("%j leads out of the cache and is refused", async (file) => {
  const { options, requests } = await hub();
  await expect(hubFile(file, options)).rejects.toThrow("Expected letters, digits, dots, dashes and single slashes");
  expect(requests).toEqual([]);
});

test("an endpoint that is not an address is refused by the variable's name", async () => {
  const { options } = place("huggingface.co");
  await expect(hubFile(FILE, options)).rejects.toThrow(
    'Expected an address such as https://huggingface.co for the environment variable HF_ENDPOINT but received "huggingface.co"',
  );
});

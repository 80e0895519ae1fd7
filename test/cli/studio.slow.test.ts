// `thaw studio` through the built command: it says where it listens, lets in who has the token, and after a kill a run goes on.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { drawSample } from "../../src/index.ts";
import { temporaryFolder } from "../fixtures/models.ts";
import { main, thaw } from "./command.ts";

// `npm run build` makes it.
const built = existsSync(fileURLToPath(new URL("../../dist/studio/page/index.html", import.meta.url)));
let child: ChildProcess | undefined;
afterEach(() => void child?.kill("SIGKILL"));

interface Page {
  readonly origin: string;
  readonly port: string;
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
}

/** Starts the studio and opens it as a browser does. */
async function open(folder: string): Promise<Page> {
  child = spawn(process.execPath, [main, "studio", folder, "--no-open", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const { value } = await createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
    [Symbol.asyncIterator]()
    .next();
  const { event, url } = JSON.parse(value) as { event: string; url: string };
  expect(event).toBe("listening");
  const { origin, port } = new URL(url);
  expect((await fetch(origin)).status).toBe(403);
  const first = await fetch(url);
  const cookie = first.headers.get("set-cookie")?.split(";")[0] as string;
  return {
    origin,
    port,
    async call(name, ...args) {
      const headers = { cookie, origin, "content-type": "application/json" };
      const response = await fetch(`${origin}/call/${name}`, { method: "POST", headers, body: JSON.stringify(args) });
      const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
      if (answer.error) throw new Error(answer.error.message);
      return answer.result;
    },
  };
}

const namesOf = async (page: Page, run: unknown) =>
  ((await page.call("trainingEvents", run)) as { what: { event: string } }[]).map(({ what }) => what.event);

test.skipIf(!built)("a run goes on after the studio was killed, and Ctrl-C ends the studio", { timeout: 240_000 }, async () => {
  const folder = join(await temporaryFolder(), "pets");
  await drawSample({ folder, count: 12 });
  const first = await open(folder);
  const taken = thaw("studio", folder, "--no-open", "--port", first.port);
  expect(taken.status).toBe(2);
  expect(taken.stderr).toContain(`Port ${first.port} is taken`);
  const run = await first.call("train", { choices: { stages: ["augment"], epochs: [500], threads: 1 } });
  await expect.poll(() => namesOf(first, run), { timeout: 120_000, interval: 200 }).toContain("epoch");
  child?.kill("SIGKILL");
  await once(child as ChildProcess, "exit");

  const second = await open(folder);
  // The run's own process noticed, and saved what it had.
  await expect.poll(() => second.call("resume", run).then(() => "resumed", String), { timeout: 60_000, interval: 500 }).toBe("resumed");
  await expect.poll(() => namesOf(second, run), { timeout: 60_000, interval: 200 }).toContain("resumed");
  const isTraining = async () => {
    const names = await namesOf(second, run);
    return names.lastIndexOf("epoch") > names.indexOf("resumed");
  };
  await expect.poll(isTraining, { timeout: 120_000, interval: 200 }).toBe(true);
  child?.kill("SIGINT");
  expect(await once(child as ChildProcess, "exit")).toEqual([0, null]);
  expect(existsSync(`${folder}-studio/labels.jsonl`)).toBe(true);
});

test("mistakes in the command are told", () => {
  const wrong = thaw("studio", "--port", "0.5");
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("--port");
});

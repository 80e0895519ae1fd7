// Drives Firefox over WebDriver BiDi: as much of the protocol (https://w3c.github.io/webdriver-bidi) as the tests of a page need. Playwright
// drives only a Firefox of its own, and puppeteer-core would bring sixty packages.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

/** A page in a Firefox of its own. */
export interface FirefoxPage {
  goto(address: string): Promise<void>;
  /** The value of an expression in the page, awaited if it is a promise: what JSON can say. Throws what it throws. */
  evaluate(expression: string): Promise<unknown>;
  /** Picks files in the file input that `selector` finds, as its user would. */
  pick(selector: string, files: readonly string[]): Promise<void>;
  /** Ends Firefox. */
  close(): Promise<void>;
}

/** Starts the Firefox at `path`, without a window and with an empty profile. */
export async function openFirefox(path: string): Promise<FirefoxPage> {
  const profile = await mkdtemp(join(tmpdir(), "thaw-firefox-"));
  // Without these it asks its maker's servers for this and that.
  const settings = ["app.update.enabled", "datareporting.policy.dataSubmissionEnabled", "network.captive-portal-service.enabled"];
  await writeFile(join(profile, "user.js"), settings.map((name) => `user_pref("${name}", false);\n`).join(""));
  const process = spawn(path, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const end = async (): Promise<void> => {
    if (process.exitCode === null && process.kill()) await once(process, "exit");
    await rm(profile, { recursive: true, force: true });
  };
  try {
    const socket = new WebSocket(`${await addressOf(process)}/session`);
    await once(socket, "open");
    return await pageOf(socket, end);
  } catch (error) {
    await end();
    throw error;
  }
}

/** Where Firefox listens, which it says when it is ready. */
async function addressOf(process: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: process.stderr! })) {
    const [, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
    if (address === undefined) continue;
    process.stderr!.resume();
    return address;
  }
  throw new Error("Firefox ended before it listened");
}

interface Answer {
  readonly id: number;
  readonly type: "success" | "error";
  readonly result: unknown;
  readonly message: string;
}
interface Evaluated {
  readonly type: "success" | "exception";
  readonly result?: { readonly value: string };
  readonly exceptionDetails?: { readonly text: string };
}

async function pageOf(socket: WebSocket, end: () => Promise<void>): Promise<FirefoxPage> {
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.on("message", (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let last = 0;
  const send = async <T>(method: string, params: object): Promise<T> => {
    const id = ++last;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { type, result, message } = await answered;
    if (type === "error") throw new Error(`${method}: ${message}`);
    return result as T;
  };
  await send("session.new", { capabilities: {} });
  const { contexts } = await send<{ contexts: { context: string }[] }>("browsingContext.getTree", {});
  const { context } = contexts[0]!;
  return {
    goto: async (url) => void (await send("browsingContext.navigate", { context, url, wait: "complete" })),
    async evaluate(expression) {
      const { result, exceptionDetails } = await send<Evaluated>("script.evaluate", {
        expression: `(async () => JSON.stringify((await (${expression})) ?? null))()`,
        target: { context },
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return JSON.parse(result!.value);
    },
    async pick(selector, files) {
      const locator = { type: "css", value: selector };
      const { nodes } = await send<{ nodes: { sharedId: string }[] }>("browsingContext.locateNodes", { context, locator });
      await send("input.setFiles", { context, element: { sharedId: nodes[0]!.sharedId }, files });
    },
    async close() {
      await send("browser.close", {}).catch(() => undefined);
      socket.close();
      await end();
    },
  };
}

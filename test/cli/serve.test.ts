// The server of the command: what it answers is what "thaw predict --json" prints, and signals reload and end it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { makeModel, picture, temporaryFolder } from "../fixtures/models.ts";
import { main, thaw } from "./command.ts";

let child: ChildProcess | undefined;
afterEach(() => void child?.kill("SIGKILL"));

/** Starts `thaw serve` and returns what it prints, line by line. */
function serve(...args: readonly string[]): AsyncIterator<string> {
  child = spawn(process.execPath, [main, "serve", ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  return createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
}

test("a server says where it listens, answers as predict prints, loads a new model on SIGHUP, and ends on SIGTERM", async () => {
  const model = await makeModel();
  const lines = serve(model, "--port", "0", "--json", "--threads", "1");
  const next = async () => JSON.parse((await lines.next()).value);
  const listening = await next();
  expect(listening).toEqual({
    event: "listening",
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    model,
    classes: ["cats", "dogs"],
    token: false,
    open: false,
  });
  const photo = join(await temporaryFolder(), "photo.png");
  const bytes = await picture();
  await writeFile(photo, bytes);
  const ask = async () =>
    (await fetch(`${listening.url}/predict?file=${encodeURIComponent(photo)}`, { method: "POST", body: new Uint8Array(bytes) })).text();
  const answered = await ask();
  expect(answered).toBe(thaw("predict", model, photo, "--json", "--threads", "1").stdout);

  await cp(await makeModel({ classes: ["birds", "fish"] }), model, { recursive: true, force: true });
  child!.kill("SIGHUP");
  expect(await next()).toEqual({ event: "reloaded", model, classes: ["birds", "fish"] });
  expect(Object.keys(JSON.parse(await ask()).probabilities).sort()).toEqual(["birds", "fish"]);

  child!.kill("SIGTERM");
  expect(await next()).toEqual({ event: "closing", signal: "SIGTERM" });
  expect(await once(child!, "exit")).toEqual([0, null]);
});

test("a person gets a command to try, with the token's place if there is one", async () => {
  process.env.THAW_TOKEN = "secret";
  const lines = serve(await makeModel(), "--port", "0");
  delete process.env.THAW_TOKEN;
  const text = [await lines.next(), await lines.next(), await lines.next()].map(({ value }) => value);
  expect(text[0]).toMatch(/model \(2 classes\) is served on http:\/\/127\.0\.0\.1:\d+\. Try it:$/);
  expect(text[2]).toMatch(
    /^ {2}curl -H "Authorization: Bearer \$THAW_TOKEN" --data-binary @photo\.jpg http:\/\/127\.0\.0\.1:\d+\/predict$/,
  );
  child!.kill("SIGINT");
  expect(await once(child!, "exit")).toEqual([0, null]);
});

test("a server that is open to the network without a token says so, and one with a token does not", async () => {
  const said = async (token: string): Promise<string> => {
    process.env.THAW_TOKEN = token;
    const lines = serve(await makeModel(), "--port", "0", "--host", "0.0.0.0");
    delete process.env.THAW_TOKEN;
    const text: string[] = [];
    while (!text.at(-1)?.startsWith("Stop it")) text.push((await lines.next()).value);
    child!.kill("SIGINT");
    await once(child!, "exit");
    return text.join("\n");
  };
  expect(await said("")).toContain("\nAnyone on the network can use it. Set THAW_TOKEN to require a token.\n");
  expect(await said("secret")).not.toContain("Everyone");
});

test("an address that is not this machine's is named as such", async () => {
  // TEST-NET-1 of RFC 5737, which nobody has.
  const { status, stderr } = thaw("serve", await makeModel(), "--port", "0", "--host", "192.0.2.1");
  expect([status, stderr]).toEqual([2, expect.stringContaining("Cannot listen on 192.0.2.1:0: this machine does not have that address\n")]);
});

test.each([
  [["nowhere"], "nowhere"],
  [["nowhere", "--port", "70000"], "--port"],
  [["nowhere", "--waiting", "0"], "--waiting"],
])("thaw serve %j is a mistake that is named", (args, name) => {
  const { status, stderr } = thaw("serve", ...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  expect(stderr).toContain(name);
});

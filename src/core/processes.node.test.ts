import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { processes } from "./processes.node.ts";

test("a process runs until it ends, and this one runs", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const started = new Date().toISOString();
  const of = { pid: child.pid as number, host: processes.own.host, started };
  expect(processes.isRunning(of)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(processes.isRunning(of)).toBe(false);
  expect(processes.isRunning(processes.own)).toBe(true);
});

test("a number that now belongs to another process, or was given before the machine started, is not the process's", () => {
  const { identity, ...own } = processes.own;
  expect(processes.isRunning({ ...own, started: "2001-01-01T00:00:00.000Z" })).toBe(false);
  expect(processes.isRunning({ ...own, pid: process.ppid, started: "2001-01-01T00:00:00.000Z" })).toBe(false);
  if (identity !== undefined) expect(processes.isRunning({ ...own, identity: `${identity}0` })).toBe(false);
});

test("another machine's process may run", () => {
  expect(processes.isRunning({ ...processes.own, host: `not ${processes.own.host}` })).toBe(true);
});

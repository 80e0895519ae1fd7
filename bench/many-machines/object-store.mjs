// A server of S3's protocol that keeps what it is given when it is killed: versitygw over folders, on a free port of 127.0.0.1. It is on the PATH after
// `go install github.com/versity/versitygw/cmd/versitygw@v1.8.0`.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./postgres.mjs";

const [ID, SECRET] = ["user", "secretsecret"];
/** Milliseconds that a server may take to start. */
const PATIENCE = 30_000;

/**
 * Starts a server whose buckets are the folders `names` in `folder`. `env` is what a client must find in its environment, `stop(signal)` ends the
 * server, with SIGKILL as a crash would, and `start()` starts it again on what it had stored.
 */
export async function startObjectStore(folder, names) {
  for (const name of names) mkdirSync(join(folder, name), { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  let server;
  const start = async () => {
    let failure;
    server = spawn("versitygw", ["--port", address, "--quiet", "posix", folder], {
      env: { ...process.env, ROOT_ACCESS_KEY: ID, ROOT_SECRET_KEY: SECRET },
      stdio: ["ignore", "ignore", "inherit"],
    });
    server.once("error", (error) => {
      failure = error;
    });
    const began = performance.now();
    while (!(await fetch(`http://${address}`).catch(() => undefined))) {
      if (failure || server.exitCode !== null || performance.now() - began > PATIENCE)
        throw new Error("versitygw does not start; is it on the PATH?", { cause: failure });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const stop = (signal = "SIGTERM") =>
    new Promise((resolve) => {
      if (server.exitCode !== null || server.signalCode !== null) return resolve();
      server.once("exit", resolve);
      server.kill(signal);
    });
  await start();
  process.once("exit", () => server.kill("SIGKILL"));
  return {
    env: {
      AWS_ENDPOINT_URL_S3: `http://${address}`,
      AWS_ACCESS_KEY_ID: ID,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: "us-east-1",
    },
    start,
    stop,
  };
}

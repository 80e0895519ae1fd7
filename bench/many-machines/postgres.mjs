// A PostgreSQL server of its own, in a temporary folder and on a free port of 127.0.0.1: started, killed and started again as a test or a
// measurement needs it. Takes Debian's binaries, or those in the folder POSTGRES_BIN; as root it runs as an unprivileged user.

import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DEBIAN = "/usr/lib/postgresql";

/** The folder of `initdb` and `postgres`; undefined if there is none. */
export function postgresBinaries() {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [process.env.POSTGRES_BIN, ...debian.map((version) => join(DEBIAN, version, "bin"))];
  return folders.find((folder) => folder && existsSync(join(folder, "initdb")));
}

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return {};
  for (const user of ["postgres", "nobody"]) {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((each) => each.startsWith(`${user}:`));
    if (line) return { uid: Number(line.split(":")[2]), gid: Number(line.split(":")[3]) };
  }
  throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody");
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts a server. `url` is the address of its database, `stop(signal)` ends it, with SIGKILL as a crash would, `start()` starts it again on what
 * it had stored, and `remove()` ends it and deletes everything.
 */
export async function startPostgres() {
  const bin = postgresBinaries();
  if (!bin) throw new Error(`No PostgreSQL in ${DEBIAN}: apt-get install postgresql, or name the folder of its binaries in POSTGRES_BIN`);
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), "thaw-postgres-"));
  const password = join(folder, "password");
  writeFileSync(password, "secret\n");
  if (user.uid !== undefined) for (const path of [folder, password]) chownSync(path, user.uid, user.gid);
  const data = join(folder, "data");
  execFileSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "thaw", "--auth=scram-sha-256", `--pwfile=${password}`, "-E", "UTF8", "--locale=C"],
    {
      ...user,
      stdio: "ignore",
      cwd: folder,
    },
  );
  const port = await freePort();
  let server;
  const settings = { listen_addresses: "127.0.0.1", port, unix_socket_directories: folder, shared_buffers: "32MB", max_connections: 60 };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  /** Resolves with undefined once the server is ready; with what it said if it ended. */
  const tried = () =>
    new Promise((resolve, reject) => {
      let said = "";
      server = spawn(join(bin, "postgres"), ["-D", data, ...args], { ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
      server.stderr.on("data", (text) => {
        said = (said + text).slice(-4000);
        if (said.includes("ready to accept connections")) resolve(undefined);
      });
      server.once("exit", () => resolve(said));
      server.once("error", reject);
    });
  const start = async () => {
    for (let attempt = 1; ; attempt++) {
      const said = await tried();
      if (said === undefined) return;
      // The processes of a server that was killed take a moment to notice.
      if (attempt >= 40 || !/pre-existing shared memory|lock file/.test(said)) throw new Error(`PostgreSQL did not start:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const stop = (signal = "SIGINT") =>
    new Promise((resolve) => {
      if (server.exitCode !== null || server.signalCode !== null) return resolve();
      server.once("exit", resolve);
      server.kill(signal);
    });
  await start();
  // Also when a test or a measurement fails half-way.
  process.once("exit", () => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: `postgres://thaw:secret@127.0.0.1:${port}/postgres`,
    version: execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" }).trim(),
    start,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

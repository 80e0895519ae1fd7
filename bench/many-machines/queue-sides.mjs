// The two queues of queue.mjs behind one face. A lease lasts ten seconds, which is the shortest that pg-boss has.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const from = (modules, name) => import(pathToFileURL(createRequire(join(modules, "package.json")).resolve(name)).href);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Seconds of a lease. */
export const LEASE = 10;

export const SIDES = {
  async "pg-boss"(url) {
    const { PgBoss } = await import("pg-boss");
    const boss = new PgBoss({ connectionString: url, superviseIntervalSeconds: 5, monitorIntervalSeconds: 5, max: 4 });
    boss.on("error", () => {});
    await boss.start();
    await boss.createQueue("jobs", { heartbeatSeconds: LEASE, retryLimit: 20 });
    return {
      add: (ids) =>
        boss.insert(
          "jobs",
          ids.map((id) => ({ data: { id } })),
        ),
      // As `thaw work` does it: jobs are fetched one after another, and an empty queue is asked again every second.
      async work(handle) {
        for (;;) {
          try {
            const [job] = await boss.fetch("jobs");
            if (!job) {
              await sleep(1000);
              continue;
            }
            const renewing = setInterval(() => boss.touch("jobs", job).catch(() => {}), (LEASE / 3) * 1000);
            await handle(job.data.id);
            clearInterval(renewing);
            await boss.complete("jobs", job);
          } catch {
            await sleep(500);
          }
        }
      },
      close: () => boss.stop({ graceful: false }),
    };
  },
  async bullmq(url, modules) {
    const { Queue, Worker, createPostgresBackend } = await from(modules, "bullmq");
    const options = { connection: { connectionString: url, migrate: true } };
    const queue = new Queue("jobs", options, createPostgresBackend);
    queue.on("error", () => {});
    await queue.waitUntilReady();
    let worker;
    return {
      add: (ids) => queue.addBulk(ids.map((id) => ({ name: "job", data: { id }, opts: { attempts: 20 } }))),
      async work(handle) {
        const leases = { lockDuration: LEASE * 1000, stalledInterval: 5000, maxStalledCount: 20 };
        worker = new Worker("jobs", (job) => handle(job.data.id), { ...options, ...leases }, createPostgresBackend);
        worker.on("error", () => {});
      },
      async close() {
        await worker?.close(true);
        await queue.close();
      },
    };
  },
};

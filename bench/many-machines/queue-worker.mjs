// A worker of queue.mjs: says when it is ready, then a line for each job that it takes and one for each that it has done. A job takes `ms`.

import { SIDES } from "./queue-sides.mjs";

const [, , side, url, modules, ms] = process.argv;
const queue = await SIDES[side](url, modules);
const say = (what, id) => process.stdout.write(`${JSON.stringify({ what, id, at: Date.now() })}\n`);
await Promise.all([
  queue.work(async (id) => {
    say("taken", id);
    if (Number(ms) > 0) await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    say("done", id);
  }),
  say("ready"),
]);

// The memory of a browser's pages (Linux): of the processes that hold them and their workers.

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Resident megabytes of all processes of pages together. */
async function megabytesOf(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const sizes = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => sizeOf(id));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function sizeOf(process) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process}/status`, "utf8"));
  return Number(kilobytes) / 1000;
}

/** Runs `train`, alone in `browser`, for so many minutes; megabytes in the second, the fourth and the last sixth of the time, and at most. */
export async function memoryOver(minutes, browser, train) {
  const milliseconds = 60_000 * minutes;
  const session = await browser.newBrowserCDPSession();
  const seen = [];
  let over = false;
  const ended = train(milliseconds).finally(() => {
    over = true;
  });
  for (let i = 0; i < 60 && !over; i++) {
    await Promise.race([setTimeout(milliseconds / 60), ended]);
    seen.push(await megabytesOf(session));
  }
  const epochs = await ended;
  await session.detach();
  const part = (sixth) => seen.slice(Math.floor((sixth * seen.length) / 6), Math.floor(((sixth + 1) * seen.length) / 6));
  const middleOf = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
  return { second: middleOf(part(1)), middle: middleOf(part(3)), last: middleOf(part(5)), most: Math.max(...seen), epochs };
}

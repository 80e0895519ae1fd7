// A shared log in a browser's own storage: a value for each line, numbered, because a value cannot grow. Of two tabs that write the same
// number one does so, and the other takes the next.

import type { SharedLog } from "./shared-log.ts";
import type { Store } from "./store.ts";

/** Digits of a line's number, so that keys are in order. */
const DIGITS = 9;

/** Opens the log `name` in `store`. */
export function openSharedLog(store: Store, name: string): SharedLog {
  let read = 0;
  const keyOf = (number: number): string => `${name}/${String(number).padStart(DIGITS, "0")}`;
  return {
    place: store.locate(name),
    async read() {
      const lines: Uint8Array[] = [];
      for (let line = await store.get(keyOf(read)); line !== undefined; line = await store.get(keyOf(read))) {
        lines.push(line);
        read++;
      }
      return lines;
    },
    async append(line) {
      for (let number = read; !(await store.create(keyOf(number), line)); ) number++;
    },
    close: async () => {},
  };
}

// What `thaw jobs` prints. Pure.

import { secondsLeft, type WorkState } from "../../queue/queue.ts";
import { printable } from "../shared/printable.ts";
import { clock, count, type Paint, quantity } from "../shared/terminal.ts";
import { placesOf } from "../work/lines.ts";

/** A work for programs. */
export function stateJson(state: WorkState) {
  const { work, id, waiting, active, done, aside, cancelled, rows, failed, rate, failures } = state;
  const { folder, model, paths, list, column, out, shards, all } = work;
  const left = secondsLeft(state);
  return {
    id,
    folder,
    model,
    paths,
    list,
    column,
    out,
    shards: { all: shards, waiting, active, done, aside, cancelled },
    photographs: { all: all.photographs, done: rows, unreadable: failed },
    perSecond: rate,
    ...(left !== undefined && { secondsLeft: left }),
    failures,
  };
}

/** The lines for a work; `retry` is the command that retries its failures. */
export function stateLines(state: WorkState, retry: string, paint: Paint): string[] {
  const { work, id, waiting, active, done, cancelled, rows, failed, rate } = state;
  const left = secondsLeft(state);
  const parts = [
    `${count(done)} of ${quantity(work.shards, "shard")} done`,
    ...(active > 0 ? [`${count(active)} at work`] : []),
    ...(waiting > 0 ? [`${count(waiting)} waiting`] : []),
    ...(cancelled > 0 ? [`${count(cancelled)} cancelled`] : []),
  ];
  const pace =
    rate > 0 && left !== undefined ? [`${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)} photographs/s, ${clock(left)} left`] : [];
  return [
    `${paint.bold(id)}  ${printable(placesOf(work))}, by ${printable(work.model)}, to ${printable(work.out)}`,
    `  ${parts.join(", ")}`,
    `  ${count(rows)} of ${quantity(work.all.photographs, "photograph")}, ${count(failed)} unreadable`,
    ...pace.map((line) => `  ${line}`),
    ...failureLines(state, retry, paint).map((line) => `  ${line}`),
  ];
}

/** The shards that are set aside, and how to try them again: by the command `retry`, or else by the same one; nothing if there are none. */
export function failureLines({ failures, aside }: WorkState, retry: string | undefined, paint: Paint): string[] {
  if (aside === 0) return [];
  return [
    paint.red(`${quantity(aside, "shard")} set aside:`),
    ...failures.flatMap(({ shard, errors, message, hint, worker }) => [
      `  shard ${shard} after ${quantity(errors, "failure")}${worker === "" ? "" : `, on ${printable(worker)}`}: ${printable(message)}`,
      ...(hint === undefined ? [] : [`    ${printable(hint)}`]),
    ]),
    ...(aside > failures.length ? [`  and ${count(aside - failures.length)} more`] : []),
    ...(retry === undefined ? ["The same command tries again."] : ["Try again:", `  ${retry}`]),
  ];
}

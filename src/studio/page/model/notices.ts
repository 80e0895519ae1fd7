// What the page tells the user in passing: what was done, with a way back, and what went wrong, with its cure.

import { signal } from "@preact/signals";
import { UsageError } from "../../../core/errors.ts";

export interface Notice {
  readonly id: number;
  readonly kind: "done" | "warning" | "error";
  readonly message: string;
  readonly hint?: string | undefined;
  /** What can be done about it. */
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

/** How long what was done is shown; problems stay until they are closed. */
const SHOWN_FOR = 6000;
/** More would cover the page. */
const MOST = 4;

export class Notices {
  readonly shown = signal<readonly Notice[]>([]);
  #next = 0;

  /** Shows a notice; the same problem again replaces the one that is shown. */
  add(notice: Omit<Notice, "id">): void {
    const id = this.#next++;
    const others = this.shown.value.filter(
      ({ kind, message }) => (notice.kind === "done" ? kind !== "done" : true) && !(kind === notice.kind && message === notice.message),
    );
    this.shown.value = [...others, { ...notice, id }].slice(-MOST);
    if (notice.kind === "done") setTimeout(() => this.close(id), SHOWN_FOR);
  }

  fail(error: unknown): void {
    const hint = error instanceof UsageError ? error.hint : undefined;
    this.add({ kind: "error", message: error instanceof Error ? error.message : `${error}`, hint });
  }

  close(id: number): void {
    this.shown.value = this.shown.value.filter((notice) => notice.id !== id);
  }
}

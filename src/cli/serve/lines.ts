// What `thaw serve` prints. Pure.

import { shellWord } from "../../core/shell-word.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { quantity } from "../shared/terminal.ts";

/** Something that happened to a server. */
export type ServerEvent =
  | {
      readonly event: "listening";
      readonly url: string;
      readonly model: string;
      readonly classes: readonly string[];
      /** Whether clients need one. */
      readonly token: boolean;
      /** Whether whoever reaches this machine over the network may use it. */
      readonly open: boolean;
    }
  | { readonly event: "reloaded"; readonly model: string; readonly classes: readonly string[] }
  | { readonly event: "closing"; readonly signal: string };

/** The line of JSON for `event`. */
export function serveJson(event: ServerEvent): string {
  return jsonLine(event);
}

/** The lines of text for `event`. */
export function serveLines(event: ServerEvent): string[] {
  switch (event.event) {
    case "listening":
      return [
        `${named(event)} is served on ${event.url}. Try it:`,
        "",
        `  curl ${event.token ? '-H "Authorization: Bearer $THAW_TOKEN" ' : ""}--data-binary @photo.jpg ${shellWord(`${event.url}/predict`)}`,
        "",
        ...(event.open ? ["Anyone on the network can use it. Set THAW_TOKEN to require a token."] : []),
        "Stop it with Ctrl-C.",
      ];
    case "reloaded":
      return [`${named(event)} was loaded anew.`];
    case "closing":
      return [`${event.signal}: no more requests are taken; those that came are answered.`];
  }
}

function named({ model, classes }: { readonly model: string; readonly classes: readonly string[] }): string {
  return `${printable(model)} (${quantity(classes.length, "class", "classes")})`;
}

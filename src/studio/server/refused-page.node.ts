// What is shown to a person whose browser opened an address that is refused: the reason as a page. Programs get it as JSON.

import type { IncomingMessage } from "node:http";
import { escapeHtml } from "../../interpret/report/html.ts";

/** Whether the answer is what a browser shows in a tab. */
export function isForTab({ headers }: IncomingMessage): boolean {
  return headers["sec-fetch-dest"] === "document";
}

/** A page that says `message`. It loads nothing: whoever is refused gets no files. */
export function refusedPage(message: string, hint = ""): string {
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>thaw studio</title>' +
    '<body style="max-width: 34rem; margin: 20vh auto; padding: 0 1.5rem; font: 1rem/1.5 system-ui, sans-serif">' +
    `<h1 style="font-size: 1.4rem">This page cannot be opened</h1><p>${escapeHtml(message)} ${escapeHtml(hint)}</p></body></html>`
  );
}

// The text after a command's options in its help, which commander does not wrap.

import { paintFor, wrapWords } from "./terminal.ts";

const USUAL_WIDTH = 80;

/** A function that gives `text` as paragraphs that fit the terminal, for commander's `addHelpText`. */
export function helpText(text: string): () => string {
  return () => wrapParagraphs(text, Math.min(USUAL_WIDTH, paintFor(process.stdout, process.env).width));
}

/** `text` with its lines joined to paragraphs and wrapped to `width` columns. Lines indented by two spaces are commands, which stay whole. */
export function wrapParagraphs(text: string, width: number): string {
  const paragraphs: string[] = [];
  let joins = false;
  for (const line of text.split("\n")) {
    const before = paragraphs.at(-1);
    const indent = indentOf(line);
    if (joins && before !== undefined && indent === indentOf(before)) paragraphs[paragraphs.length - 1] = `${before} ${line.trimStart()}`;
    else paragraphs.push(line);
    joins = line !== "" && indent !== 2 && !line.endsWith(":");
  }
  return paragraphs.flatMap((line) => (indentOf(line) === 2 ? [line] : wrapWords(line, width))).join("\n");
}

function indentOf(line: string): number {
  return line === "" ? -1 : line.length - line.trimStart().length;
}

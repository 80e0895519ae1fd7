// What a request brings along, bounded in bytes and in time.

import type { IncomingMessage } from "node:http";
import { Answered } from "./answer.node.ts";

export interface BodyLimits {
  readonly bytes: number;
  /** From the headers to the last byte. */
  readonly milliseconds: number;
}

/** The bytes that all requests together may hold at once. */
const ALL_BYTES = 512_000_000;
let held = 0;

/** The body of a request. Throws an answer for one that is too large or too slow, of which no more is read. */
export function readBody(request: IncomingMessage, { bytes: most, milliseconds }: BodyLimits): Promise<Uint8Array> {
  const said = Number(request.headers["content-length"] ?? 0);
  if (said > most) return Promise.reject(tooLarge(most));
  const parts: Buffer[] = [];
  let bytes = 0;
  return new Promise<Uint8Array>((resolve, reject) => {
    const refuse = (answer: Answered): void => {
      clearTimeout(timer);
      request.pause();
      reject(answer);
    };
    const timer = setTimeout(() => refuse(new Answered(408, "The request took too long.")), milliseconds);
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      held += part.length;
      parts.push(part);
      if (bytes > most) refuse(tooLarge(most));
      else if (held > ALL_BYTES) refuse(new Answered(503, "Too much is being sent at once."));
    });
    request.once("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts));
    });
    request.once("close", () => refuse(new Answered(400, "The request broke off.")));
    request.once("error", () => refuse(new Answered(400, "The request broke off.")));
  }).finally(() => {
    held -= bytes;
  });
}

function tooLarge(most: number): Answered {
  return new Answered(413, `At most ${(most / 1e6).toFixed(0)} MB can be sent at once.`);
}

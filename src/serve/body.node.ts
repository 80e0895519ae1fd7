// What a request brings along, bounded in bytes and in time.

import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

export interface BodyLimits {
  readonly bytes: number;
  /** From the headers to the last byte. */
  readonly milliseconds: number;
}

/** The bytes that all requests together may hold at once. */
const ALL_BYTES = 512_000_000;
let held = 0;

/** The body of a request. Throws a Refusal for one that is too large or too slow, of which no more is read. */
export function readBody(request: IncomingMessage, { bytes: most, milliseconds }: BodyLimits): Promise<Uint8Array> {
  const said = Number(request.headers["content-length"] ?? 0);
  if (said > most) return Promise.reject(tooLarge(most));
  const parts: Buffer[] = [];
  let bytes = 0;
  return new Promise<Uint8Array>((resolve, reject) => {
    const refuse = (refusal: Refusal): void => {
      clearTimeout(timer);
      request.pause();
      reject(refusal);
    };
    const timer = setTimeout(
      () => refuse(new Refusal(408, "The request took too long", "Send it again, over a faster connection.")),
      milliseconds,
    );
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      held += part.length;
      parts.push(part);
      if (bytes > most) refuse(tooLarge(most));
      else if (held > ALL_BYTES) refuse(new Refusal(503, "Too much is being sent at once", "Send it again in a moment."));
    });
    request.once("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts));
    });
    request.once("close", () => refuse(new Refusal(400, "The request was cut off", "Send it again.")));
    request.once("error", () => refuse(new Refusal(400, "The request was cut off", "Send it again.")));
  }).finally(() => {
    held -= bytes;
  });
}

function tooLarge(most: number): Refusal {
  return new Refusal(
    413,
    `The request is larger than ${most / 1e6} MB`,
    "Send smaller pictures, which are scaled down anyway, or fewer at once; or start thaw serve with more --megabytes.",
  );
}

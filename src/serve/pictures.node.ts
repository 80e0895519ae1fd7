// The pictures in a request: its body, or the files of a form.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy } from "@fastify/busboy";
import { type BodyLimits, readBody } from "./body.node.ts";
import { Refusal } from "./refusal.ts";

export interface SentPicture {
  /** What the client calls it. */
  readonly file: string;
  /** The encoded file. */
  readonly bytes: Uint8Array;
}

export interface RequestLimits extends BodyLimits {
  /** Files of a form. */
  readonly pictures: number;
}

/** What the picture of a body is called that says no name. */
const UNNAMED = "picture";

/**
 * The pictures in a request, at least one: the files of multipart/form-data, or else its body, which is called `file`. Throws a Refusal for a
 * request that has none, is larger than the limits, or is cut off.
 */
export async function picturesIn(
  request: IncomingMessage,
  file: string | undefined,
  limits: RequestLimits,
): Promise<readonly SentPicture[]> {
  const body = await readBody(request, limits);
  const type = request.headers["content-type"] ?? "";
  // As other servers want pictures, in Base64.
  if (/^application\/json/i.test(type) && /^\s*["[{]/.test(Buffer.from(body.subarray(0, 100)).toString("latin1")))
    throw new Refusal(
      415,
      "The request is JSON, and /predict takes the image files themselves",
      "Send the bytes of an image file as the body, or image files as multipart/form-data.",
    );
  const pictures = /^multipart\/form-data/i.test(type)
    ? await filesOf(type, body, limits.pictures)
    : [{ file: file || UNNAMED, bytes: body }];
  if (pictures.length === 0 || pictures.some(({ bytes }) => bytes.length === 0))
    throw new Refusal(
      400,
      "The request has no picture",
      "Send the bytes of an image file as the body, or image files as multipart/form-data.",
    );
  return pictures;
}

/** The files of a form, in their order. */
async function filesOf(type: string, body: Uint8Array, most: number): Promise<readonly SentPicture[]> {
  const pictures: SentPicture[] = [];
  try {
    // One file more than there may be shows that there are too many.
    const form = new Busboy({
      headers: { "content-type": type },
      limits: { files: most + 1, fields: most, fieldSize: 1000, headerPairs: 20 },
    });
    form.on("file", (field, stream, name) => {
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      // The form itself ends with an error as well.
      stream.on("error", () => undefined);
      const at = pictures.push({ file: name || field, bytes: new Uint8Array() }) - 1;
      stream.on("end", () => {
        pictures[at] = { file: name || field, bytes: Buffer.concat(chunks) };
      });
    });
    await pipeline(Readable.from([body]), form);
  } catch {
    throw new Refusal(
      400,
      "The form of the request is damaged",
      "Send image files as multipart/form-data, as curl -F picture=@dog.jpg does.",
    );
  }
  if (pictures.length > most) throw new Refusal(413, `The request has more than ${most} pictures`, "Send fewer pictures at once.");
  return pictures;
}

// What is to be known of an image file before training: that it can be decoded, its hash and its size.

import { decoder } from "#decode";
import { storage } from "#storage";
import type { ImageFacts } from "../dataset/items.ts";
import { asFailure, bytesOf, type Failure, type ImageFile } from "./image-file.ts";

/** Decodes an image once, in the calling thread, and takes its hash. */
export async function scanHere(file: ImageFile): Promise<ImageFacts | Failure> {
  try {
    const bytes = await bytesOf(file);
    const { width, height } = await decoder.decode(bytes);
    return { hash: await storage.hash(bytes), width, height };
  } catch (error) {
    return asFailure(error);
  }
}

// Decoding in a real browser: images that share a canvas leave nothing on it for each other.

import { expect, test } from "vitest";
import { decoder } from "./decode.browser.ts";

/** A PNG file of one colour. */
async function png(width: number, height: number, colour: string): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
}

/** The colours of an image's pixels. */
async function coloursOf(file: Uint8Array): Promise<{ size: readonly number[]; colours: readonly string[] }> {
  const { width, height, data } = await decoder.decode(file);
  expect(data.length).toBe(3 * width * height);
  const pixels = Array.from({ length: width * height }, (_, i) => data.slice(3 * i, 3 * i + 3).join(" "));
  return { size: [width, height], colours: [...new Set(pixels)] };
}

test("what is transparent is white whatever was decoded before, and one that is too large for the canvas is whole", async () => {
  const [red, clear, half] = await Promise.all([png(300, 200, "#ff0000"), png(40, 250, "#00000000"), png(310, 20, "#0000ff80")]);
  const [wide, tall] = await Promise.all([png(1025, 3, "#00ff00"), png(2, 1500, "#00ff00")]);
  expect(await coloursOf(red)).toEqual({ size: [300, 200], colours: ["255 0 0"] });
  expect(await coloursOf(clear)).toEqual({ size: [40, 250], colours: ["255 255 255"] });
  expect(await coloursOf(half)).toEqual({ size: [310, 20], colours: ["127 127 255"] });
  expect(await coloursOf(wide)).toEqual({ size: [1025, 3], colours: ["0 255 0"] });
  expect(await coloursOf(tall)).toEqual({ size: [2, 1500], colours: ["0 255 0"] });
  expect(await coloursOf(red)).toEqual({ size: [300, 200], colours: ["255 0 0"] });
});

test("images that are decoded at the same time do not mix", async () => {
  const colours = ["#102030", "#405060", "#708090", "#a0b0c0"];
  const files = await Promise.all(Array.from({ length: 40 }, (_, i) => png(50 + i, 90 - i, colours[i % 4] as string)));
  const found = await Promise.all(files.map(coloursOf));
  expect(found.map(({ colours }) => colours)).toEqual(files.map((_, i) => [["16 32 48", "64 80 96", "112 128 144", "160 176 192"][i % 4]]));
});

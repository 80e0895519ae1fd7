// Pictures with captions.

import sharp from "sharp";
import { expect, test } from "vitest";
import { drawingToPng } from "../data/decode/encode.node.ts";
import { pictureGrid } from "./picture-grid.ts";

test("pictures stand in rows with their captions, and hostile names stay text", async () => {
  const red = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#f00" } })
    .png()
    .toBuffer();
  const address = `data:image/png;base64,${red.toString("base64")}`;
  const pictures = ["cats", "</text><script>\u001b[2J", "a", "b", "c"].map((name) => ({ address, caption: [name] }));
  const chart = pictureGrid({ title: "Most & least", pictures, columns: 2 });
  expect([chart.width, chart.height]).toEqual([356, 620]);
  const svg = chart.svg();
  expect(svg.match(/<image /g)).toHaveLength(5);
  expect(svg).toContain(">&lt;/text>&lt;script>?[2J</text>");
  const { data, info } = await sharp(await drawingToPng(svg, 1))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // The middle of the first picture is red.
  expect([...data.subarray((124 * info.width + 92) * 3, (124 * info.width + 92) * 3 + 3)]).toEqual([255, 0, 0]);
});

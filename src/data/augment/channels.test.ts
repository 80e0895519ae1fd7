// Images of other than three channels: each is moved alike.

import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import type { PixelImage } from "../decode/image.ts";
import { withChannels } from "../pixels/channels.ts";
import { transformChannels } from "./channels.ts";
import { drawAugmentation } from "./draw.ts";
import { transformsSideOn } from "./presets.ts";
import { tfmsFromModel, tfmsFromStats } from "./transforms.ts";

const SIDE = 40;
const size = 24;

function noise(channels: number, seed = 1): PixelImage {
  const stream = randomStream("noise", seed);
  return { width: SIDE, height: SIDE, channels, data: Uint8Array.from({ length: SIDE * SIDE * channels }, () => stream.bits() & 0xff) };
}

/** Channel `channel` of pixels with `channels` channels. */
function channelOf(data: Uint8Array, channel: number, channels: number): Uint8Array {
  return data.filter((_, i) => i % channels === channel);
}

const statistics = (channels: number) => ({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.25) });

test.each([1, 2, 5])("%i channels are each moved and lit as a grey picture by the same draw", (channels) => {
  const spec = tfmsFromStats(statistics(channels), size, { augTfms: transformsSideOn, maxZoom: 1.2 }).train;
  expect(spec.channels).toBe(channels);
  const image = noise(channels);
  const drawn = drawAugmentation(spec, SIDE, SIDE, randomStream("draw"));
  const result = transformChannels(image, spec, drawn);
  for (let channel = 0; channel < channels; channel++) {
    const grey = withChannels({ ...image, channels: 1, data: channelOf(image.data, channel, channels) }, 3);
    expect(channelOf(result, channel, channels)).toEqual(channelOf(transformChannels(grey, { ...spec, channels: 3 }, drawn), 0, 3));
  }
});

test("transforms for one channel have the mean of a network's statistics, and others want their own", () => {
  const network = { mean: [0.1, 0.2, 0.6], std: [0.1, 0.2, 0.3] } as const;
  const { mean, std, valid } = tfmsFromModel(network, size, { channels: 1 });
  expect([...mean, ...std]).toEqual([expect.closeTo(0.3), expect.closeTo(0.2)]);
  expect(valid.channels).toBe(1);
  expect(tfmsFromModel(network, size).train).not.toHaveProperty("channels");
  expect(() => tfmsFromModel(network, size, { channels: 4 })).toThrow("Expected 1 or 3 for channels but received 4");
  expect(() => tfmsFromStats({ mean: [0.5, 0.5], std: [0.2] }, size)).toThrow("Expected 2 numbers above 0 for std but received [0.2]");
});

// Grey as Pillow makes it, and what cannot be converted.

import { expect, test } from "vitest";
import { withChannels } from "./channels.ts";

test('colours become grey as Pillow\'s convert("L"), and grey becomes three equal channels', () => {
  const data = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 200, 30, 77, 77, 77, 1, 2, 3);
  const grey = withChannels({ width: 6, height: 1, data }, 1);
  expect([...grey.data]).toEqual([76, 150, 29, 124, 77, 2]);
  expect([...withChannels(grey, 3).data.subarray(0, 6)]).toEqual([76, 76, 76, 150, 150, 150]);
});

test("other numbers of channels cannot be made of each other", () => {
  expect(() => withChannels({ width: 2, height: 1, channels: 4, data: new Uint8Array(8) }, 3)).toThrow(
    "Expected 3 channels for an image but received 4",
  );
});

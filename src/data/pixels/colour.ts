// Grey, saturation and hue of 8-bit RGB [.., 3], with torchvision's formulas (rgb_to_grayscale, adjust_saturation, adjust_hue).

const [RED, GREEN, BLUE] = [0.2989, 0.587, 0.114] as const;

/** The mean of the pixels' grey values. */
export function meanGrey(pixels: Uint8Array): number {
  let [red, green, blue] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 3) {
    red += pixels[i]!;
    green += pixels[i + 1]!;
    blue += pixels[i + 2]!;
  }
  return (3 * (RED * red + GREEN * green + BLUE * blue)) / pixels.length;
}

/** Multiplies each pixel's distance from its own grey by `factor`, in place. */
export function saturate(pixels: Uint8Array, factor: number): void {
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const grey = (RED * red + GREEN * green + BLUE * blue) * (1 - factor);
    clamped[i] = red * factor + grey;
    clamped[i + 1] = green * factor + grey;
    clamped[i + 2] = blue * factor + grey;
  }
}

/** Rotates the hue of each pixel by `turn` of the colour wheel, in place. */
export function rotateHue(pixels: Uint8Array, turn: number): void {
  // To hue, saturation and value and back, in sixths of the wheel; grey has no hue to rotate.
  const sixths = (turn - Math.floor(turn)) * 6;
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const hue = value === red ? (green - blue) / chroma + 6 : value === green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
    pixels[i] = channel(5, hue + sixths, value, chroma);
    pixels[i + 1] = channel(3, hue + sixths, value, chroma);
    pixels[i + 2] = channel(1, hue + sixths, value, chroma);
  }
}

function channel(start: number, hue: number, value: number, chroma: number): number {
  // Not %, which is several times slower on fractions.
  const sum = start + hue;
  const k = sum - 6 * Math.floor(sum / 6);
  return value - chroma * Math.max(0, Math.min(k, 4 - k, 1)) + 0.5;
}

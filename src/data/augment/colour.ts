// Changes of colour, in place on [.., 3] 8-bit RGB. The formulas are torchvision's (adjust_brightness and so on) unless said; results are
// rounded to the nearest whole number.

import type { ColourStep } from "./steps.ts";

/** Changes `pixels` as `step` says; what depends on the whole picture (mean, range, histogram) is taken from these pixels. */
export function changeColours(pixels: Uint8Array, step: ColourStep): void {
  switch (step.kind) {
    case "light": {
      const mean = meanOf(pixels);
      lookUp(pixels, (value) => (value - mean) * step.contrast + mean + step.brightness * 255);
      break;
    }
    case "brightness":
      lookUp(pixels, (value) => value * step.factor);
      break;
    case "contrast": {
      const mean = meanGrey(pixels) * (1 - step.factor);
      lookUp(pixels, (value) => value * step.factor + mean);
      break;
    }
    case "logit":
      lookUp(pixels, (value) => 255 / (1 + Math.exp(-(logit(value / 255) * step.factor + step.shift))));
      break;
    case "saturation":
      saturate(pixels, step.factor);
      break;
    case "hue":
      turnHue(pixels, step.turn);
      break;
    case "posterize":
      lookUp(pixels, (value) => value & (0xff << (8 - step.bits)));
      break;
    case "solarize":
      lookUp(pixels, (value) => (value >= step.threshold ? 255 - value : value));
      break;
    case "autoContrast":
      eachChannel(pixels, stretched);
      break;
    case "equalize":
      eachChannel(pixels, equalized);
      break;
  }
}

/** log(x/(1 − x)), of black and white that of 10⁻⁷ and 1 − 10⁻⁷ (fastai 2). */
export function logit(x: number): number {
  const inner = Math.min(Math.max(x, 1e-7), 1 - 1e-7);
  return Math.log(inner / (1 - inner));
}

const [RED, GREEN, BLUE] = [0.2989, 0.587, 0.114] as const;

// Four values at a time where they lie so: this is the most frequent change, and loads and stores are what it costs.
function lookUp(pixels: Uint8Array, change: (value: number) => number): void {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => change(value));
  const whole = pixels.byteOffset % 4 === 0 ? pixels.length >> 2 : 0;
  const words = new Uint32Array(pixels.buffer, whole > 0 ? pixels.byteOffset : 0, whole);
  for (let i = 0; i < whole; i++) {
    const four = words[i]!;
    words[i] = table[four & 255]! | (table[(four >>> 8) & 255]! << 8) | (table[(four >>> 16) & 255]! << 16) | (table[four >>> 24]! << 24);
  }
  for (let i = whole * 4; i < pixels.length; i++) pixels[i] = table[pixels[i]!]!;
}

function meanOf(pixels: Uint8Array): number {
  const whole = pixels.byteOffset % 4 === 0 ? pixels.length >> 2 : 0;
  const words = new Uint32Array(pixels.buffer, whole > 0 ? pixels.byteOffset : 0, whole);
  let sum = 0;
  for (let i = 0; i < whole; i++) {
    const four = words[i]!;
    // Two sums of two beside one another, then both halves.
    const pairs = (four & 0x00ff00ff) + ((four >>> 8) & 0x00ff00ff);
    sum += (pairs & 0xffff) + (pairs >>> 16);
  }
  for (let i = whole * 4; i < pixels.length; i++) sum += pixels[i]!;
  return sum / pixels.length;
}

function meanGrey(pixels: Uint8Array): number {
  let [red, green, blue] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 3) {
    red += pixels[i]!;
    green += pixels[i + 1]!;
    blue += pixels[i + 2]!;
  }
  return (3 * (RED * red + GREEN * green + BLUE * blue)) / pixels.length;
}

function saturate(pixels: Uint8Array, factor: number): void {
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const grey = (RED * red + GREEN * green + BLUE * blue) * (1 - factor);
    clamped[i] = red * factor + grey;
    clamped[i + 1] = green * factor + grey;
    clamped[i + 2] = blue * factor + grey;
  }
}

// To hue, saturation and value and back, in sixths of the wheel; grey has no hue to turn.
function turnHue(pixels: Uint8Array, turn: number): void {
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
  // Not %, which is several times slower on numbers that are not whole.
  const sum = start + hue;
  const k = sum - 6 * Math.floor(sum / 6);
  return value - chroma * Math.max(0, Math.min(k, 4 - k, 1)) + 0.5;
}

function eachChannel(pixels: Uint8Array, tableOf: (counts: Uint32Array) => Uint8ClampedArray): void {
  for (let c = 0; c < 3; c++) {
    const counts = new Uint32Array(256);
    for (let i = c; i < pixels.length; i += 3) counts[pixels[i]!]!++;
    const table = tableOf(counts);
    for (let i = c; i < pixels.length; i += 3) pixels[i] = table[pixels[i]!]!;
  }
}

const unchanged = (): Uint8ClampedArray => Uint8ClampedArray.from({ length: 256 }, (_, value) => value);

// The darkest value to 0, the brightest to 255.
function stretched(counts: Uint32Array): Uint8ClampedArray {
  const low = counts.findIndex((count) => count > 0);
  const high = counts.findLastIndex((count) => count > 0);
  if (high <= low) return unchanged();
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => ((value - low) * 255) / (high - low));
}

// All values equally frequent; the rounding is Pillow's (ImageOps.equalize).
function equalized(counts: Uint32Array): Uint8ClampedArray {
  const brightest = counts[counts.findLastIndex((count) => count > 0)]!;
  const step = Math.floor((counts.reduce((sum, count) => sum + count, 0) - brightest) / 255);
  if (step === 0) return unchanged();
  let sum = Math.floor(step / 2);
  return Uint8ClampedArray.from(counts, (count) => {
    const value = Math.floor(sum / step);
    sum += count;
    return value;
  });
}

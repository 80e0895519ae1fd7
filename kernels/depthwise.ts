// Depthwise convolutions in ONNX Runtime's WebAssembly, in AssemblyScript (https://www.assemblyscript.org); `node kernels/build.mjs`
// makes scripts/depthwise-kernel.mjs of it, which scripts/depthwise.mjs puts into the file. What is called here is small enough to become a
// part of the one function, and there are no variables outside of it, so that it can be moved.
//
// Rows of the input are copied between zeros, so that no output is at a border. With a stride of 2 their even and odd columns are apart, so
// that neighbouring outputs take neighbouring numbers. Sums are taken in ONNX Runtime's order, for the same bits.
//
// The gradient of a depthwise convolution's weights is a convolution too (src/graph/gradients/convolution-weight.ts), whose kernel is a whole
// image and whose output is the window. There neighbouring numbers of a row of the kernel are taken at once, for nine outputs, and the columns
// are apart with a dilation of 2. Sums are in another order.

// Where the parameters of a convolution are in MLAS_CONV_PARAMETERS (onnxruntime/core/mlas/inc/mlas.h).
const DIMENSIONS: usize = 4;
const GROUPS: usize = 12;
const INPUT_CHANNELS: usize = 16;
const INPUT_HEIGHT: usize = 24;
const INPUT_WIDTH: usize = 28;
const KERNEL_HEIGHT: usize = 36;
const KERNEL_WIDTH: usize = 40;
const DILATION_HEIGHT: usize = 48;
const DILATION_WIDTH: usize = 52;
const PADDING_TOP: usize = 60;
const PADDING_LEFT: usize = 64;
const STRIDE_HEIGHT: usize = 84;
const STRIDE_WIDTH: usize = 88;
const FILTER_COUNT: usize = 96;
const OUTPUT_HEIGHT: usize = 100;
const OUTPUT_WIDTH: usize = 104;
const OUTPUT_SIZE: usize = 116;
const KERNEL_SIZE: usize = 120;
const BETA: usize = 124;

// Kinds of MLAS_ACTIVATION, which the limits of CLIP follow.
const IDENTITY: i32 = 0;
const RELU: i32 = 1;
const CLIP: i32 = 5;

// Bytes of the buffer, which has twice as many, that the copied rows take: with the input and the output they stay in the first cache.
const BYTES: i32 = 32768;

// Gradients: the greatest height and width of a window, and the fewest numbers of a kernel, more than those of other convolutions.
const WINDOW: i32 = 7;
const IMAGE: i32 = 64;

/**
 * What MlasConvOperation does, for the convolutions that `suits` says: one channel of one image, from `input` to `output`. `bias` may be 0.
 * Returns whether it is done.
 */
export function convolve(
  parameters: usize,
  input: usize,
  filter: usize,
  bias: usize,
  buffer: usize,
  output: usize,
  start: i32,
  count: i32,
): bool {
  if (!suits(parameters, start, count)) return false;
  const isGradient = suitsGradient(parameters);
  // ONNX Runtime takes larger ones in several steps.
  if (!isGradient && load<i32>(parameters, KERNEL_SIZE) > 128) return false;
  const height = load<i32>(parameters, INPUT_HEIGHT);
  const width = load<i32>(parameters, INPUT_WIDTH);
  const top = load<i32>(parameters, PADDING_TOP);
  const left = load<i32>(parameters, PADDING_LEFT);
  const dilation = load<i32>(parameters, DILATION_WIDTH);
  const columns = load<i32>(parameters, OUTPUT_WIDTH);
  const wide = (load<i32>(parameters, KERNEL_WIDTH) - 1) * dilation + 1;
  // In gradients outputs and kernel change places: of the one `rows` are `stride` apart, the other is `tall`, with what dilation leaves out.
  const stride = isGradient ? dilation : load<i32>(parameters, STRIDE_WIDTH);
  const rows = isGradient ? load<i32>(parameters, KERNEL_HEIGHT) : load<i32>(parameters, OUTPUT_HEIGHT);
  const tall = isGradient ? load<i32>(parameters, OUTPUT_HEIGHT) : (load<i32>(parameters, KERNEL_HEIGHT) - 1) * dilation + 1;

  // A copied row: zeros, `copied` columns of the input, zeros from `right` on. With a stride of 2 its odd columns are `half` behind the even ones.
  const needed = (columns - 1) * load<i32>(parameters, STRIDE_WIDTH) + wide;
  const copied = min(width, needed - left);
  const right = left + copied;
  const half = (((needed >> (stride - 1)) + 11) & ~3) << 2;
  const pitch = half << (stride - 1);
  const fitting = BYTES / pitch;
  if (fitting < tall) return false;
  // Where the columns of both kinds begin; with a stride of 1 there is one kind.
  const odd = place(stride - 1, stride, half);
  const even = place(left, stride, half);
  const next = place(left + 1, stride, half);
  const zeros = place(right, stride, half);
  const others = place(right + stride - 1, stride, half);
  const behind = (((needed - right) >> (stride - 1)) + stride - 1) << 2;

  const activation = load<usize>(parameters);
  const kind = load<i32>(activation);
  const lower: f32 = kind === IDENTITY ? -Infinity : kind === RELU ? 0 : load<f32>(activation, 4);
  const least = f32x4.splat(lower);
  const greatest = f32x4.splat(kind === CLIP ? load<f32>(activation, 8) : <f32>Infinity);
  // Adding −0 changes nothing; adding 0 turns −0 into 0, as the maximum of it and 0 would.
  const added = f32x4.splat(bias ? load<f32>(bias) : <f32>-0.0);
  const signless = f32x4.splat(reinterpret<i32>(lower) === 0 ? <f32>0.0 : <f32>-0.0);
  // Those of 3 × 3.
  const w0 = v128.load32_splat(filter, 0);
  const w1 = v128.load32_splat(filter, 4);
  const w2 = v128.load32_splat(filter, 8);
  const w3 = v128.load32_splat(filter, 12);
  const w4 = v128.load32_splat(filter, 16);
  const w5 = v128.load32_splat(filter, 20);
  const w6 = v128.load32_splat(filter, 24);
  const w7 = v128.load32_splat(filter, 28);
  const w8 = v128.load32_splat(filter, 32);
  const frequent = tall === 3 && wide === 3 && dilation === 1;
  const second = place(1, stride, half);
  const third = place(2, stride, half);

  // As many rows of the output at a time as their inputs fit.
  const band = ((fitting - tall) >> (stride - 1)) + 1;
  const last = max(columns - 4, 0) << 2;
  const spare = buffer + BYTES;
  let results = output;
  // What is left of all outputs behind the last vector, ONNX Runtime sums in another order, and leaves −0 as it is.
  let vectors = count & ~3;
  const fours = (load<i32>(parameters, KERNEL_SIZE) - 1) & ~3;
  const step = pitch << (stride - 1);
  const length = load<i32>(parameters, KERNEL_WIDTH) << 2;
  // What of a line's last vector is not in the one before, which it may overlap.
  const rest = i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(-(length >> 2) & 3));
  // Sums of a gradient, four numbers each, lie behind the rows, and behind them where their numbers are in the rows. Nine of them are taken
  // at once: a whole window of 3 × 3. Up to eight may not be used.
  const places = spare + 1024;
  if (isGradient) {
    for (let i = 0; i < count + 8; i++) {
      v128.store(spare + (i << 4), f32x4.splat(0));
      store<i32>(places + (i << 2), 0);
    }
    for (let row = 0; row < tall; row++)
      for (let x = 0; x < columns; x++) store<i32>(places + ((row * columns + x) << 2), row * pitch + place(x, stride, half));
  }
  for (let first = 0; first < rows; first += band) {
    const end = min(rows, first + band);
    for (let row = first * stride; row < (end - 1) * stride + tall; row++) {
      const to = buffer + (row - first * stride) * pitch;
      if (<u32>(row - top) >= <u32>height) {
        for (let i = 0; i < pitch; i += 16) v128.store(to + i, f32x4.splat(0));
        continue;
      }
      const from = input + (((row - top) * width) << 2);
      v128.store(to, f32x4.splat(0));
      v128.store(to + odd, f32x4.splat(0));
      for (let i = 0; i < behind; i += 16) {
        v128.store(to + zeros + i, f32x4.splat(0));
        v128.store(to + others + i, f32x4.splat(0));
      }
      if (stride === 1) copy(from, to + (left << 2), copied);
      else split(from, to + even, to + next, copied);
    }

    if (isGradient) {
      const below = filter + end * length;
      for (let i = 0; i < count; i += 9) {
        const at = places + (i << 2);
        const place0 = load<i32>(at);
        const place1 = load<i32>(at, 4);
        const place2 = load<i32>(at, 8);
        const place3 = load<i32>(at, 12);
        const place4 = load<i32>(at, 16);
        const place5 = load<i32>(at, 20);
        const place6 = load<i32>(at, 24);
        const place7 = load<i32>(at, 28);
        const place8 = load<i32>(at, 32);
        const sums = spare + (i << 4);
        let sum0 = v128.load(sums);
        let sum1 = v128.load(sums, 16);
        let sum2 = v128.load(sums, 32);
        let sum3 = v128.load(sums, 48);
        let sum4 = v128.load(sums, 64);
        let sum5 = v128.load(sums, 80);
        let sum6 = v128.load(sums, 96);
        let sum7 = v128.load(sums, 112);
        let sum8 = v128.load(sums, 128);
        let from = buffer;
        for (let line = filter + first * length; line < below; line += length) {
          for (let x = 0; ; x = min(x + 16, length - 16)) {
            let factor = v128.load(line + x);
            if (x === length - 16) factor = v128.and(factor, rest);
            sum0 = f32x4.add(sum0, f32x4.mul(factor, v128.load(from + x + place0)));
            sum1 = f32x4.add(sum1, f32x4.mul(factor, v128.load(from + x + place1)));
            sum2 = f32x4.add(sum2, f32x4.mul(factor, v128.load(from + x + place2)));
            sum3 = f32x4.add(sum3, f32x4.mul(factor, v128.load(from + x + place3)));
            sum4 = f32x4.add(sum4, f32x4.mul(factor, v128.load(from + x + place4)));
            sum5 = f32x4.add(sum5, f32x4.mul(factor, v128.load(from + x + place5)));
            sum6 = f32x4.add(sum6, f32x4.mul(factor, v128.load(from + x + place6)));
            sum7 = f32x4.add(sum7, f32x4.mul(factor, v128.load(from + x + place7)));
            sum8 = f32x4.add(sum8, f32x4.mul(factor, v128.load(from + x + place8)));
            if (x === length - 16) break;
          }
          from += step;
        }
        v128.store(sums, sum0);
        v128.store(sums, sum1, 16);
        v128.store(sums, sum2, 32);
        v128.store(sums, sum3, 48);
        v128.store(sums, sum4, 64);
        v128.store(sums, sum5, 80);
        v128.store(sums, sum6, 96);
        v128.store(sums, sum7, 112);
        v128.store(sums, sum8, 128);
      }
      continue;
    }

    let upper = buffer;
    for (let row = first; row < end; row++) {
      const below = upper + tall * pitch;
      const to = columns < 4 ? spare : results;
      // The last vector of a row overlaps the one before.
      if (frequent) {
        const middle = upper + pitch;
        const lowest = middle + pitch;
        for (let x = 0; ; x = min(x + 16, last)) {
          let sum = f32x4.mul(v128.load(upper + x), w0);
          sum = f32x4.add(sum, f32x4.mul(v128.load(upper + x + second), w1));
          sum = f32x4.add(sum, f32x4.mul(v128.load(upper + x + third), w2));
          sum = f32x4.add(sum, f32x4.mul(v128.load(middle + x), w3));
          sum = f32x4.add(sum, f32x4.mul(v128.load(middle + x + second), w4));
          sum = f32x4.add(sum, f32x4.mul(v128.load(middle + x + third), w5));
          sum = f32x4.add(sum, f32x4.mul(v128.load(lowest + x), w6));
          sum = f32x4.add(sum, f32x4.mul(v128.load(lowest + x + second), w7));
          sum = f32x4.add(sum, f32x4.mul(v128.load(lowest + x + third), w8));
          v128.store(to + x, ended(sum, added, signless, least, greatest));
          if (x === last) break;
        }
      } else if (last === 0) {
        let weight = filter;
        let sum = f32x4.splat(-0.0);
        for (let line = upper; line < below; line += pitch * dilation) {
          for (let column = 0; column < wide; column += dilation) {
            sum = f32x4.add(sum, f32x4.mul(v128.load(line + place(column, stride, half)), v128.load32_splat(weight)));
            weight += 4;
          }
        }
        v128.store(to, ended(sum, added, signless, least, greatest));
      } else {
        for (let x = 0; ; x += 64) {
          const x0 = min(x, last);
          const x1 = min(x0 + 16, last);
          const x2 = min(x0 + 32, last);
          const x3 = min(x0 + 48, last);
          let weight = filter;
          let sum0 = f32x4.splat(-0.0);
          let sum1 = sum0;
          let sum2 = sum0;
          let sum3 = sum0;
          for (let line = upper; line < below; line += pitch * dilation) {
            for (let column = 0; column < wide; column += dilation) {
              const from = line + place(column, stride, half);
              const factor = v128.load32_splat(weight);
              sum0 = f32x4.add(sum0, f32x4.mul(v128.load(from + x0), factor));
              sum1 = f32x4.add(sum1, f32x4.mul(v128.load(from + x1), factor));
              sum2 = f32x4.add(sum2, f32x4.mul(v128.load(from + x2), factor));
              sum3 = f32x4.add(sum3, f32x4.mul(v128.load(from + x3), factor));
              weight += 4;
            }
          }
          v128.store(to + x0, ended(sum0, added, signless, least, greatest));
          v128.store(to + x1, ended(sum1, added, signless, least, greatest));
          v128.store(to + x2, ended(sum2, added, signless, least, greatest));
          v128.store(to + x3, ended(sum3, added, signless, least, greatest));
          if (x3 === last) break;
        }
      }
      if (columns < 4) for (let x = 0; x < columns << 2; x += 4) store<f32>(results + x, load<f32>(spare + x));
      for (let x = max(0, vectors) << 2; x < columns << 2; x += 4) {
        const sum = sumByFours(upper + x, filter, fours, tall * pitch, pitch * dilation, wide, dilation, stride, half);
        v128.store_lane<f32>(results + x, ended(f32x4.splat(sum), added, f32x4.splat(-0.0), least, greatest), 0);
      }
      vectors -= columns;
      results += columns << 2;
      upper += step;
    }
  }
  if (isGradient) {
    for (let i = 0; i < count; i++) {
      const sum = v128.load(spare + (i << 4));
      const halves = f32x4.add(sum, v128.shuffle<f32>(sum, sum, 2, 3, 0, 1));
      const whole = f32x4.add(halves, v128.shuffle<f32>(halves, halves, 1, 0, 3, 2));
      v128.store_lane<f32>(output + (i << 2), f32x4.add(whole, added), 0);
    }
  }
  return true;
}

// Depthwise, with the same stride of 1 or 2 and the same dilation both ways, all outputs at once and into new ones.
function suits(parameters: usize, start: i32, count: i32): bool {
  const kind = load<i32>(load<usize>(parameters));
  const dilation = load<i32>(parameters, DILATION_WIDTH);
  return (
    load<i32>(parameters, DIMENSIONS) === 2 &&
    load<i32>(parameters, INPUT_CHANNELS) === 1 &&
    load<i32>(parameters, FILTER_COUNT) === 1 &&
    load<i32>(parameters, DILATION_HEIGHT) === dilation &&
    load<i32>(parameters, STRIDE_HEIGHT) === load<i32>(parameters, STRIDE_WIDTH) &&
    load<u32>(parameters, STRIDE_WIDTH) - 1 < 2 &&
    load<i32>(parameters, PADDING_LEFT) <= min(4, (load<i32>(parameters, KERNEL_WIDTH) - 1) * dilation) &&
    load<f32>(parameters, BETA) === 0 &&
    start === 0 &&
    count === load<i32>(parameters, OUTPUT_SIZE) &&
    (kind === IDENTITY || kind === RELU || kind === CLIP)
  );
}

// The gradient of a small window of a convolution with a stride of 1 or 2. Threads may share the outputs of a single group, but not of several.
function suitsGradient(parameters: usize): bool {
  return (
    load<i32>(parameters, GROUPS) > 1 &&
    load<i32>(parameters, STRIDE_WIDTH) === 1 &&
    load<i32>(parameters, KERNEL_SIZE) >= IMAGE &&
    load<u32>(parameters, DILATION_WIDTH) - 1 < 2 &&
    load<i32>(parameters, KERNEL_WIDTH) >= 4 &&
    load<i32>(parameters, OUTPUT_HEIGHT) <= WINDOW &&
    load<i32>(parameters, OUTPUT_WIDTH) <= WINDOW &&
    load<i32>(load<usize>(parameters)) === IDENTITY
  );
}

// Where a column is in a copied row.
function place(column: i32, stride: i32, half: i32): i32 {
  return (column & (stride - 1)) * half + ((column >> (stride - 1)) << 2);
}

// Of products with the window at `from`: the first, then `fours`, four at a time, then the others. Its rows are `step` apart, up to `end`.
function sumByFours(from: usize, filter: usize, fours: i32, end: i32, step: i32, wide: i32, dilation: i32, stride: i32, half: i32): f32 {
  let k = 0;
  let sum: f32 = 0;
  let four: f32 = 0;
  for (let line = 0; line < end; line += step) {
    for (let column = 0; column < wide; column += dilation) {
      const product = load<f32>(from + line + place(column, stride, half)) * load<f32>(filter + (k << 2));
      if (k === 0) sum = product;
      else if (k > fours) sum += product;
      else {
        four = (k & 3) === 1 ? product : four + product;
        if ((k & 3) === 0) sum += four;
      }
      k++;
    }
  }
  return sum;
}

// Sums with bias and activation.
function ended(sum: v128, added: v128, signless: v128, least: v128, greatest: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.add(sum, added), signless), least), greatest);
}

// Copies `count` numbers, the last four possibly twice.
function copy(from: usize, to: usize, count: i32): void {
  if (count < 4) {
    for (let i = 0; i < count << 2; i += 4) store<f32>(to + i, load<f32>(from + i));
    return;
  }
  const last = (count - 4) << 2;
  for (let i = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
  v128.store(to + last, v128.load(from + last));
}

// Copies `count` numbers, those at even places to `evens` and the others to `odds`, the last four pairs possibly twice.
function split(from: usize, evens: usize, odds: usize, count: i32): void {
  let i = 0;
  if (count >= 8) {
    const last = ((count - 8) >> 1) << 3;
    for (; ; i = min(i + 32, last)) {
      const a = v128.load(from + i);
      const b = v128.load(from + i, 16);
      v128.store(evens + (i >> 1), v128.shuffle<f32>(a, b, 0, 2, 4, 6));
      v128.store(odds + (i >> 1), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
      if (i === last) break;
    }
    i += 32;
  }
  for (; i < count << 2; i += 4) store<f32>((i & 4 ? odds : evens) + ((i >> 3) << 2), load<f32>(from + i));
}

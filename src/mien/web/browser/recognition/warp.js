// cv2.warpAffine for images of 8 bits: bilinear or bicubic, with OpenCV's fixed-point places and weights.

import { newImage, roundHalfEven } from "./pixels.js";

const STEPS = 32; // places between two pixels
const SCALE = 1024; // of coordinates
const WEIGHT = 32768; // sum of the weights of a pixel

// `matrix` [a, b, c, d, e, f] maps a pixel (x, y) of the result to (ax + by + c, dx + ey + f) of the image. Beyond the
// image is `border`, a color, or the nearest pixel if it is null.
export const warpLinear = (image, matrix, width, height, border = null) => warp(image, matrix, width, height, linear, border);

export const warpCubic = (image, matrix, width, height) => warp(image, matrix, width, height, cubic, null);

function warp(image, [a, b, c, d, e, f], width, height, kernel, border) {
  const made = newImage(width, height, image.channels);
  const blend = blender(image, border, kernel);
  const columns = Array.from({ length: width }, (_, x) => [roundHalfEven(a * x * SCALE), roundHalfEven(d * x * SCALE)]);
  const half = SCALE / STEPS / 2;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const startX = roundHalfEven((b * y + c) * SCALE) + half;
    const startY = roundHalfEven((e * y + f) * SCALE) + half;
    for (const [moveX, moveY] of columns) {
      blend((startX + moveX) >> 5, (startY + moveY) >> 5, made.data, to);
      to += image.channels;
    }
  }
  return made;
}

// Returns a function that writes the blended pixel at a place, in steps between pixels.
function blender({ width, height, channels, data }, border, kernel) {
  const { size, before } = kernel;
  const offsets = new Int32Array(size * size);
  return (placeX, placeY, target, to) => {
    const weights = kernel.weights(placeY & (STEPS - 1), placeX & (STEPS - 1));
    const left = (placeX >> 5) - before;
    const top = (placeY >> 5) - before;
    for (let row = 0, at = 0; row < size; row++) {
      const y = top + row;
      const isRow = y >= 0 && y < height;
      const start = (y < 0 ? 0 : isRow ? y : height - 1) * width;
      for (let column = 0; column < size; column++, at++) {
        const x = left + column;
        const isInside = isRow && x >= 0 && x < width;
        offsets[at] = border && !isInside ? -1 : (start + (x < 0 ? 0 : x >= width ? width - 1 : x)) * channels;
      }
    }
    for (let channel = 0; channel < channels; channel++) {
      let sum = WEIGHT / 2;
      for (let at = 0; at < offsets.length; at++) {
        sum += weights[at] * (offsets[at] < 0 ? border[channel] : data[offsets[at] + channel]);
      }
      sum >>= 15;
      target[to + channel] = sum < 0 ? 0 : sum > 255 ? 255 : sum;
    }
  };
}

// A kernel of `size` x `size` pixels, the first of them `before` pixels before the place; `values` are its weights
// along an axis.
function makeKernel(size, before, values) {
  const table = [];
  const weights = (down, across) => {
    const key = STEPS * down + across;
    table[key] ??= exactWeights(values(down / STEPS), values(across / STEPS));
    return table[key];
  };
  return { size, before, weights };
}

// The weights in whole numbers; what rounding adds or takes is corrected at a pixel in the middle.
function exactWeights(rows, columns) {
  const size = rows.length;
  const weights = Int32Array.from({ length: size * size }, (_, at) =>
    roundHalfEven(Math.fround(rows[Math.floor(at / size)] * columns[at % size]) * WEIGHT));
  const error = weights.reduce((sum, one) => sum + one, 0) - WEIGHT;
  if (error) {
    const low = size / 2 - 1;
    const middle = [low, low + 1].flatMap((row) => [row * size + low, row * size + low + 1]);
    middle.sort((one, other) => weights[one] - weights[other]);
    weights[error < 0 ? middle.at(-1) : middle[0]] -= error;
  }
  return weights;
}

const linear = makeKernel(2, 0, (x) => [Math.fround(1 - x), Math.fround(x)]);

// Keys (1981) with A = -0.75.
const cubic = makeKernel(4, 1, (x) => {
  const a = -0.75;
  const first = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  const second = ((a + 2) * x - (a + 3)) * x * x + 1;
  const third = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
  return [first, second, third, 1 - first - second - third].map(Math.fround);
});

// cv2.resize for images of 8 bits: by areas (INTER_AREA) and bilinear (INTER_LINEAR), with OpenCV's rounding.

import { newImage, roundHalfEven } from "./pixels.js";

export function resizeArea(image, width, height) {
  if (width === image.width && height === image.height) return image;
  const across = image.width / width;
  const along = image.height / height;
  if (across < 1 || along < 1) return resizeByWeights(image, width, height, areaWeights);
  if (Number.isInteger(across) && Number.isInteger(along)) return averageBlocks(image, width, height, across, along);
  return averageAreas(image, width, height, across, along);
}

export function resizeLinear(image, width, height) {
  if (width === image.width && height === image.height) return image;
  return resizeByWeights(image, width, height, linearWeights);
}

function averageBlocks(image, width, height, across, along) {
  const { channels, data } = image;
  const made = newImage(width, height, channels);
  const row = image.width * channels;
  const share = Math.fround(1 / (across * along));
  const isHalf = across === 2 && along === 2;
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let dy = 0; dy < along; dy++) {
          let from = (y * along + dy) * row + x * across * channels + channel;
          for (let dx = 0; dx < across; dx++, from += channels) sum += data[from];
        }
        made.data[to++] = isHalf ? (sum + 2) >> 2 : roundHalfEven(Math.fround(sum * share));
      }
    }
  }
  return made;
}

// For each pixel of the result, the pixels that it covers and their weights.
function areaParts(size, length, scale) {
  const parts = [];
  for (let at = 0; at < length; at++) {
    const start = at * scale;
    const end = start + scale;
    const cell = Math.min(scale, size - start);
    const last = Math.min(Math.floor(end), size - 1);
    const first = Math.min(Math.ceil(start), last);
    const covered = [];
    if (first - start > 1e-3) covered.push([first - 1, Math.fround((first - start) / cell)]);
    for (let one = first; one < last; one++) covered.push([one, Math.fround(1 / cell)]);
    if (end - last > 1e-3) covered.push([last, Math.fround(Math.min(end - last, 1, cell) / cell)]);
    parts.push(covered);
  }
  return parts;
}

function averageAreas(image, width, height, across, along) {
  const { channels, data } = image;
  const made = newImage(width, height, channels);
  const columns = areaParts(image.width, width, across);
  const row = width * channels;
  const sums = new Float32Array(row);
  const line = new Float32Array(row);
  let known = -1;
  areaParts(image.height, height, along).forEach((rows, y) => {
    sums.fill(0);
    for (const [from, weight] of rows) {
      if (from !== known) averageRow(data, from * image.width * channels, channels, columns, line);
      known = from;
      for (let at = 0; at < row; at++) sums[at] += weight * line[at];
    }
    for (let at = 0; at < row; at++) made.data[y * row + at] = roundHalfEven(sums[at]);
  });
  return made;
}

function averageRow(data, start, channels, columns, line) {
  let to = 0;
  for (const covered of columns) {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (const [from, weight] of covered) sum = Math.fround(sum + data[start + from * channels + channel] * weight);
      line[to++] = sum;
    }
  }
}

const BITS = 2048;

function linearWeights(size, length) {
  const scale = size / length;
  return (at) => {
    const place = Math.fround((at + 0.5) * scale - 0.5);
    const first = Math.floor(place);
    return [first, Math.fround(place - first)];
  };
}

// OpenCV enlarges by areas with weights of its own.
function areaWeights(size, length) {
  const scale = size / length;
  const inverse = length / size;
  return (at) => {
    const first = Math.floor(at * scale);
    const part = Math.fround(at + 1 - (first + 1) * inverse);
    return [first, part <= 0 ? 0 : part - Math.floor(part)];
  };
}

function fixedWeights(size, length, weights) {
  const place = weights(size, length);
  return Array.from({ length }, (_, at) => {
    let [first, part] = place(at);
    if (first < 0) [first, part] = [0, 0];
    if (first >= size - 1) [first, part] = [size - 1, 0];
    return [first, Math.min(first + 1, size - 1), roundHalfEven((1 - part) * BITS), roundHalfEven(part * BITS)];
  });
}

function resizeByWeights(image, width, height, weights) {
  const { channels, data } = image;
  const made = newImage(width, height, channels);
  const columns = fixedWeights(image.width, width, weights);
  const row = width * channels;
  const lines = new Map();
  const lineOf = (y) => {
    if (!lines.has(y)) {
      if (lines.size > 2) lines.clear();
      lines.set(y, blendRow(data, y * image.width * channels, channels, columns, row));
    }
    return lines.get(y);
  };
  fixedWeights(image.height, height, weights).forEach(([first, second, one, other], y) => {
    const above = lineOf(first);
    const below = lineOf(second);
    for (let at = 0; at < row; at++) {
      made.data[y * row + at] = (((one * (above[at] >> 4)) >> 16) + ((other * (below[at] >> 4)) >> 16) + 2) >> 2;
    }
  });
  return made;
}

function blendRow(data, start, channels, columns, row) {
  const line = new Int32Array(row);
  let to = 0;
  for (const [first, second, one, other] of columns) {
    for (let channel = 0; channel < channels; channel++) {
      line[to++] = data[start + first * channels + channel] * one + data[start + second * channels + channel] * other;
    }
  }
  return line;
}

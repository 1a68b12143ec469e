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

// For each pixel of the result, the pixels that it covers and their weights: those of pixel `at` are from `starts[at]`
// to `starts[at + 1]`.
function areaParts(size, length, scale) {
  const starts = new Int32Array(length + 1);
  const places = [];
  const weights = [];
  const add = (place, weight) => {
    places.push(place);
    weights.push(weight);
  };
  for (let at = 0; at < length; at++) {
    const start = at * scale;
    const end = start + scale;
    const cell = Math.min(scale, size - start);
    const last = Math.min(Math.floor(end), size - 1);
    const first = Math.min(Math.ceil(start), last);
    if (first - start > 1e-3) add(first - 1, (first - start) / cell);
    for (let one = first; one < last; one++) add(one, 1 / cell);
    if (end - last > 1e-3) add(last, Math.min(end - last, 1, cell) / cell);
    starts[at + 1] = places.length;
  }
  return { starts, places: Int32Array.from(places), weights: Float32Array.from(weights) };
}

function averageAreas(image, width, height, across, along) {
  const { channels, data } = image;
  const made = newImage(width, height, channels);
  const columns = areaParts(image.width, width, across);
  const rows = areaParts(image.height, height, along);
  const averageRow = channels === 3 ? averageColors : averageGrays;
  const row = width * channels;
  const sums = new Float32Array(row);
  const line = new Float32Array(row);
  let known = -1;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let part = rows.starts[y]; part < rows.starts[y + 1]; part++) {
      const from = rows.places[part];
      if (from !== known) averageRow(data, from * image.width * channels, columns, line);
      known = from;
      const weight = rows.weights[part];
      for (let at = 0; at < row; at++) sums[at] += weight * line[at];
    }
    for (let at = 0; at < row; at++) made.data[y * row + at] = roundHalfEven(sums[at]);
  }
  return made;
}

function averageGrays(data, start, { starts, places, weights }, line) {
  for (let at = 0; at < line.length; at++) {
    let sum = 0;
    for (let part = starts[at]; part < starts[at + 1]; part++) sum = Math.fround(sum + data[start + places[part]] * weights[part]);
    line[at] = sum;
  }
}

function averageColors(data, start, { starts, places, weights }, line) {
  for (let at = 0, to = 0; to < line.length; at++, to += 3) {
    let [red, green, blue] = [0, 0, 0];
    for (let part = starts[at]; part < starts[at + 1]; part++) {
      const from = start + 3 * places[part];
      const weight = weights[part];
      red = Math.fround(red + data[from] * weight);
      green = Math.fround(green + data[from + 1] * weight);
      blue = Math.fround(blue + data[from + 2] * weight);
    }
    line[to] = red;
    line[to + 1] = green;
    line[to + 2] = blue;
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

// For each pixel of the result, the two pixels between which it lies and their weights in whole numbers, four values.
function fixedWeights(size, length, weights) {
  const place = weights(size, length);
  const table = new Int32Array(4 * length);
  for (let at = 0; at < length; at++) {
    let [first, part] = place(at);
    if (first < 0) [first, part] = [0, 0];
    if (first >= size - 1) [first, part] = [size - 1, 0];
    table.set([first, Math.min(first + 1, size - 1), roundHalfEven((1 - part) * BITS), roundHalfEven(part * BITS)], 4 * at);
  }
  return table;
}

function resizeByWeights(image, width, height, weights) {
  const { channels, data } = image;
  const made = newImage(width, height, channels);
  const columns = fixedWeights(image.width, width, weights);
  const rows = fixedWeights(image.height, height, weights);
  const row = width * channels;
  const lines = [0, 1].map(() => ({ y: -1, values: new Int32Array(row) }));
  const lineOf = (y, other) => {
    const line = lines.find((one) => one.y === y) || lines.find((one) => one !== other);
    if (line.y !== y) blendRow(data, y * image.width * channels, channels, columns, line.values);
    line.y = y;
    return line;
  };
  for (let y = 0; y < height; y++) {
    const first = lineOf(rows[4 * y], lines.find((line) => line.y === rows[4 * y + 1]));
    const second = lineOf(rows[4 * y + 1], first);
    const [above, below] = [first.values, second.values];
    const [one, other] = [rows[4 * y + 2], rows[4 * y + 3]];
    for (let at = 0; at < row; at++) {
      made.data[y * row + at] = (((one * (above[at] >> 4)) >> 16) + ((other * (below[at] >> 4)) >> 16) + 2) >> 2;
    }
  }
  return made;
}

function blendRow(data, start, channels, columns, line) {
  for (let column = 0, to = 0; column < columns.length; column += 4) {
    const first = start + columns[column] * channels;
    const second = start + columns[column + 1] * channels;
    const [one, other] = [columns[column + 2], columns[column + 3]];
    for (let channel = 0; channel < channels; channel++, to++) {
      line[to] = data[first + channel] * one + data[second + channel] * other;
    }
  }
}

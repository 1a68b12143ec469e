// Images of 8 bits: { width, height, channels, data }, where channels is 1 (gray) or 3 (RGB), interleaved.

export function newImage(width, height, channels) {
  return { width, height, channels, data: new Uint8Array(width * height * channels) };
}

export function fromRgba({ width, height, data }) {
  const image = newImage(width, height, 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    image.data[to] = data[from];
    image.data[to + 1] = data[from + 1];
    image.data[to + 2] = data[from + 2];
  }
  return image;
}

// Luma of ITU-R BT.601 in 15 bits, as OpenCV computes it.
export function withChannels(image, channels) {
  if (image.channels === channels) return image;
  const made = newImage(image.width, image.height, channels);
  const { data } = image;
  for (let at = 0; at < image.width * image.height; at++) {
    if (channels === 3) made.data.fill(data[at], 3 * at, 3 * at + 3);
    else made.data[at] = (9798 * data[3 * at] + 19235 * data[3 * at + 1] + 3735 * data[3 * at + 2] + 16384) >> 15;
  }
  return made;
}

// The part from (left, top) to (right, bottom), which lie within the image.
export function cut(image, left, top, right, bottom) {
  const { width, channels, data } = image;
  const part = newImage(right - left, bottom - top, channels);
  const row = part.width * channels;
  for (let y = top; y < bottom; y++) {
    const from = (y * width + left) * channels;
    part.data.set(data.subarray(from, from + row), (y - top) * row);
  }
  return part;
}

// The image turned counterclockwise by a number of right angles.
export function turned(image, quarters) {
  let result = image;
  for (let turn = 0; turn < ((quarters % 4) + 4) % 4; turn++) result = quarterTurn(result);
  return result;
}

function quarterTurn({ width, height, channels, data }) {
  const made = newImage(height, width, channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const to = ((width - 1 - x) * height + y) * channels;
      for (let channel = 0; channel < channels; channel++) made.data[to + channel] = data[from + channel];
    }
  }
  return made;
}

export function meanColor({ channels, data }) {
  const sums = new Float64Array(channels);
  for (let at = 0; at < data.length; at++) sums[at % channels] += data[at];
  return Array.from(sums, (sum) => roundHalfEven((sum * channels) / data.length));
}

// Adding 1.5 times 2 to the 52nd leaves no bits for fractions: the hardware rounds, halves to even numbers.
const NO_FRACTIONS = 6755399441055744;

export const roundHalfEven = (value) => value + NO_FRACTIONS - NO_FRACTIONS;

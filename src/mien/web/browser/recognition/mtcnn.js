// The three networks of MTCNN: from an image to boxes, scores and landmarks. The port of mien.detection.mtcnn.network.
// Candidates are rounded to 32 bits as in Python: a view that is rotated by a little more has other pixels.
// Their first spatial axis is x, so the image is transposed once; boxes are corners [left, top, right, bottom].

import { nonMaximumSuppression } from "./detections.js";
import { newImage, roundHalfEven } from "./pixels.js";
import { resizeArea } from "./resize.js";

export class Mtcnn {
  constructor(graphs, settings) {
    this.graphs = graphs;
    this.settings = settings;
  }

  sides(longest) {
    return [Math.max(this.settings.coarse, Math.min(longest, this.settings.longest))];
  }

  minFace(longest) {
    const { min_faces: [lowest, highest], part } = this.settings;
    return Math.min(Math.max(longest * part, lowest), highest);
  }

  async find(image, minFace) {
    const pixels = transposed(image);
    const windows = await this.refined(pixels, await this.proposed(pixels, minFace));
    return this.located(pixels, windows);
  }

  // The windows of the first network in all levels of the pyramid, as squares.
  async proposed(pixels, minFace) {
    const { window, scale_step: step, overlap, max_windows: most } = this.settings;
    const found = [];
    for (let scale = window / minFace; Math.min(pixels.width, pixels.height) * scale >= window; scale *= step) {
      found.push(...(await this.level(pixels, scale)));
    }
    return kept(found, overlap, "union").slice(0, most).map((one) => square(moved(one)));
  }

  async level(pixels, scale) {
    const { window, stride, thresholds, level_overlap: overlap, max_windows: most, outputs } = this.settings;
    const level = resizeArea(pixels, Math.ceil(pixels.width * scale), Math.ceil(pixels.height * scale));
    const [scores, offsets] = await this.run("pnet", [level], outputs.pnet);
    const ratio = [pixels.height / level.height, pixels.width / level.width];
    const columns = scores.dims[2];
    const found = [];
    for (let at = 0; at < scores.data.length / 2; at++) {
      const score = scores.data[2 * at + 1];
      if (!(score >= thresholds[0])) continue;
      const place = [Math.floor(at / columns), at % columns].map((one) => stride * one);
      const ends = place.map((one) => one + window);
      const corners = [...place, ...ends].map((one, axis) => one * ratio[axis % 2]);
      found.push({ corners, score, offset: offsets.data.slice(4 * at, 4 * at + 4) });
    }
    return kept(found, overlap, "union").slice(0, most);
  }

  // The windows that the second network keeps, as squares.
  async refined(pixels, windows) {
    const { sides, thresholds, overlap, outputs } = this.settings;
    const [scores, offsets] = await this.onWindows("rnet", pixels, windows, sides[0], outputs.rnet);
    const found = windows.map((corners, at) => ({ corners, score: scores[at][1], offset: offsets[at] }));
    return kept(found.filter((one) => one.score > thresholds[1]), overlap, "union").map((one) => square(moved(one)));
  }

  // The faces that the third network finds in the windows.
  async located(pixels, windows) {
    const { sides, thresholds, overlap, outputs } = this.settings;
    const [scores, offsets, points] = await this.onWindows("onet", pixels, windows, sides[1], outputs.onet);
    const found = windows.map((corners, at) => ({
      corners: moved({ corners, offset: offsets[at] }).map(Math.fround),
      score: scores[at][1],
      landmarks: landmarksOf(corners, points[at]).map((point) => point.map(Math.fround)),
    }));
    return kept(found.filter((one) => one.score > thresholds[2]), overlap, "smaller");
  }

  // Rows of each output for the image in each window.
  async onWindows(name, pixels, windows, side, outputs) {
    const rows = outputs.map(() => []);
    for (let start = 0; start < windows.length; start += this.settings.batch) {
      const images = windows.slice(start, start + this.settings.batch).map((corners) => resizeArea(cutWindow(pixels, corners), side, side));
      const found = await this.run(name, images, outputs);
      found.forEach(({ data, dims }, output) => {
        for (let at = 0; at < images.length; at++) rows[output].push(data.slice(at * dims.at(-1), (at + 1) * dims.at(-1)));
      });
    }
    return rows;
  }

  // Runs a network on images of one size; returns { data, dims } of each output.
  async run(name, images, outputs) {
    const [{ width, height, data: { length } }] = images;
    const data = new Float32Array(images.length * length);
    images.forEach((image, at) => {
      for (let one = 0; one < length; one++) data[at * length + one] = (image.data[one] - 127.5) / 128;
    });
    const graph = this.graphs[name];
    const found = await graph.run({ [graph.input]: { type: "float32", data, dims: [images.length, height, width, 3] } });
    return outputs.map((output) => found[output]);
  }
}

function kept(found, threshold, kind) {
  return nonMaximumSuppression(found.map((one) => one.corners), found.map((one) => one.score), threshold, kind).map((at) => found[at]);
}

function moved({ corners, offset }) {
  const sides = [corners[2] - corners[0], corners[3] - corners[1]];
  return corners.map((corner, at) => corner + offset[at] * sides[at % 2]);
}

// The square of whole pixels around the same center, as long as the longer side.
function square([left, top, right, bottom]) {
  const half = Math.max(right - left, bottom - top) / 2;
  const start = [roundHalfEven((left + right) / 2 - half), roundHalfEven((top + bottom) / 2 - half)];
  const side = Math.max(roundHalfEven(2 * half), 1);
  return [...start, start[0] + side, start[1] + side];
}

// Five x, then five y, in sides of the window.
function landmarksOf([left, top, right, bottom], points) {
  return [0, 1, 2, 3, 4].map((at) => [left + points[at] * (right - left), top + points[at + 5] * (bottom - top)]);
}

function transposed({ width, height, channels, data }) {
  const made = newImage(height, width, channels);
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) made.data[(x * height + y) * channels + channel] = data[from++];
    }
  }
  return made;
}

// A part of a transposed image; beyond the border it is black.
function cutWindow(pixels, [left, top, right, bottom]) {
  const { channels } = pixels;
  const part = newImage(bottom - top, right - left, channels);
  const [first, last] = [Math.max(top, 0), Math.min(bottom, pixels.width)];
  for (let x = Math.max(left, 0); x < Math.min(right, pixels.height) && first < last; x++) {
    const row = pixels.data.subarray((x * pixels.width + first) * channels, (x * pixels.width + last) * channels);
    part.data.set(row, ((x - left) * part.width + first - top) * channels);
  }
  return part;
}

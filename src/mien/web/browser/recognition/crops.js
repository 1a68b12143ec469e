// From detections to the faces that the network sees: square, upright, framed as in FER2013.
// The port of mien.detection.crops and mien.media.images.resize.

import { constants } from "./constants.js";
import { cut } from "./pixels.js";
import { resizeArea } from "./resize.js";
import { warpCubic, warpLinear } from "./warp.js";

// The square of a detection: its center, its side, and the cosine and sine of its rotation.
function windowOf({ box, tilt }, framing) {
  const [left, top, width, height] = box;
  const angle = (tilt * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const unit = Math.sqrt(width * height);
  const down = framing.down * unit;
  return { x: left + width / 2 - sin * down, y: top + height / 2 + cos * down, side: framing.scale * unit, cos, sin };
}

// A face of an image as a square of `size` pixels, upright.
export function cropFace(image, detection, size, framing) {
  return resizeWindow(image, windowOf(detection, framing), size);
}

// An image that is one face, as a square; one that has this size stays as it is.
export function resizeFace(image, size) {
  if (image.width === size && image.height === size) return image;
  const whole = { box: [0, 0, image.width, image.height], tilt: 0 };
  return resizeWindow(image, windowOf(whole, { scale: 1, down: 0 }), size);
}

function resizeWindow(image, wanted, size) {
  const { region, window } = reduced(...regionOf(image, wanted));
  const samples = size * Math.max(1, Math.min(Math.ceil(window.side / size), Math.floor(constants.resize.max_samples / size)));
  const warp = window.side < size ? warpCubic : warpLinear;
  return resizeArea(warp(region, matrixOf(window, samples), samples, samples), size, size);
}

// Maps the center of a sample to a point between the centers of pixels.
function matrixOf({ x, y, side, cos, sin }, samples) {
  const step = side / samples;
  const linear = [cos * step, -sin * step, sin * step, cos * step];
  const first = (1 - samples) / 2;
  const originX = x - 0.5 + (linear[0] + linear[1]) * first;
  const originY = y - 0.5 + (linear[2] + linear[3]) * first;
  return [linear[0], linear[1], originX, linear[2], linear[3], originY];
}

// The part of the image that the window touches, at least one pixel, and the window in it.
function regionOf(image, window) {
  const { x, y, side, cos, sin } = window;
  const reach = ((Math.abs(cos) + Math.abs(sin)) * side) / 2 + constants.resize.margin;
  const [left, right] = clipped(x - reach, x + reach, image.width);
  const [top, bottom] = clipped(y - reach, y + reach, image.height);
  return [cut(image, left, top, right, bottom), { ...window, x: x - left, y: y - top }];
}

function clipped(low, high, length) {
  const start = Math.floor(Math.min(Math.max(low, 0), length - 1));
  return [start, Math.max(Math.ceil(Math.min(high, length)), start + 1)];
}

// A region with more pixels per axis than OpenCV can warp is averaged first, as in Python.
function reduced(region, window) {
  const factor = Math.ceil(Math.max(region.width, region.height) / constants.resize.max_region);
  if (factor === 1) return { region, window };
  const smaller = resizeArea(region, Math.ceil(region.width / factor), Math.ceil(region.height / factor));
  const scale = smaller.width / region.width;
  return { region: smaller, window: { ...window, x: window.x * scale, y: window.y * scale, side: window.side * scale } };
}

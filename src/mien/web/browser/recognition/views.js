// An image scaled and rotated for a detector, and the way back. The port of mien.detection.rotated_views.

import { constants } from "./constants.js";
import { cut, meanColor, roundHalfEven } from "./pixels.js";
import { resizeArea, resizeLinear } from "./resize.js";
import { warpLinear } from "./warp.js";

// The image scaled to `longest` pixels along its longer side and rotated back by `tilt` degrees.
export function rotatedView(image, longest, tilt = 0) {
  const small = scaled(image, longest);
  const across = image.width / small.width;
  const along = image.height / small.height;
  const rotated = rotatedBack(small, tilt);
  const [a, b, c, d, e, f] = rotated.back;
  const back = [across * a, across * b, across * c, along * d, along * e, along * f];
  const point = ([x, y]) => [back[0] * x + back[1] * y + back[2], back[3] * x + back[4] * y + back[5]];
  return { image: rotated.image, tilt, point, box: (corners) => boxBack(corners, point, across, along) };
}

// An upright box around the same center.
function boxBack([left, top, right, bottom], point, across, along) {
  const [x, y] = point([left + (right - left) / 2, top + (bottom - top) / 2]);
  const width = (right - left) * across;
  const height = (bottom - top) * along;
  return [x - width / 2, y - height / 2, width, height];
}

// The part of the image around a box, twice as long as it.
export function partAround(image, box) {
  const reach = Math.max(box[2], box[3]);
  const [left, right] = within(box[0] + box[2] / 2, reach, image.width);
  const [top, bottom] = within(box[1] + box[3] / 2, reach, image.height);
  return { part: cut(image, left, top, right, bottom), left, top };
}

function within(center, reach, size) {
  const start = Math.floor(Math.min(Math.max(center - reach, 0), size - 1));
  return [start, Math.max(Math.ceil(Math.min(center + reach, size)), start + 1)];
}

function scaled(image, longest) {
  const factor = longest / Math.max(image.width, image.height);
  const [width, height] = [image.width, image.height].map((side) => Math.max(roundHalfEven(side * factor), constants.views.min_side));
  return (factor < 1 ? resizeArea : resizeLinear)(image, width, height);
}

function rotatedBack(image, tilt) {
  if (!tilt) return { image, back: [1, 0, 0, 0, 1, 0] };
  const { width, height } = image;
  const angle = (tilt * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const columns = Math.ceil(width * Math.abs(cos) + height * Math.abs(sin));
  const rows = Math.ceil(width * Math.abs(sin) + height * Math.abs(cos));
  const [x, y] = [width / 2, height / 2];
  const matrix = [cos, sin, (1 - cos) * x - sin * y + (columns - width) / 2, -sin, cos, sin * x + (1 - cos) * y + (rows - height) / 2];
  // Boxes are measured from the borders of pixels, OpenCV warps from their centers.
  const centers = [...matrix];
  centers[2] += (cos + sin) / 2 - 0.5;
  centers[5] += (cos - sin) / 2 - 0.5;
  const turned = warpLinear(image, inverted(centers), columns, rows, meanColor(image));
  return { image: turned, back: inverted(matrix) };
}

function inverted([a, b, c, d, e, f]) {
  const share = 1 / (a * e - b * d);
  const [p, q, r, s] = [e * share, -b * share, -d * share, a * share];
  return [p, q, -p * c - q * f, r, s, -r * c - s * f];
}

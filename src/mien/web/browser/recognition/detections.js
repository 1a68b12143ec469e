// Detections: { box: [left, top, width, height], score, tilt, landmarks: five [x, y] or null, doubt }, and what is
// done with them. The port of mien.detection.nms, moves and landmarks.

import { constants } from "./constants.js";

const cornersOf = ([left, top, width, height]) => [left, top, left + width, top + height];

// The overlap of two boxes given by their corners, over the area of their union or of the smaller one.
function overlapOfCorners(one, other, kind) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  const shared = Math.max(width, 0) * Math.max(height, 0);
  const area = (one[2] - one[0]) * (one[3] - one[1]);
  const areas = (other[2] - other[0]) * (other[3] - other[1]);
  return shared / Math.max(kind === "smaller" ? Math.min(area, areas) : area + areas - shared, 1e-37);
}

export const overlap = (one, other) => overlapOfCorners(cornersOf(one), cornersOf(other), "smaller");

// Indices of the boxes (corners) that overlap none with a higher score by more than the threshold, by falling score.
export function nonMaximumSuppression(corners, scores, threshold, kind) {
  let order = scores.map((_, at) => at).sort((one, other) => scores[other] - scores[one] || one - other);
  const kept = [];
  while (order.length) {
    const [first] = order;
    kept.push(first);
    order = order.slice(1).filter((at) => overlapOfCorners(corners[first], corners[at], kind) <= threshold);
  }
  return kept;
}

// From left to right; of several detections of one face, the one with the highest score.
export function suppress(found) {
  if (found.length < 2) return found;
  const corners = found.map((one) => cornersOf(one.box));
  const kept = nonMaximumSuppression(corners, found.map((one) => one.score), constants.nms.max_overlap, "smaller");
  const center = ({ box }) => box[0] + box[2] / 2;
  return kept.map((at) => found[at]).sort((one, other) => center(one) - center(other) || one.box[1] - other.box[1]);
}

export function shifted(detection, right, down) {
  const [left, top, width, height] = detection.box;
  const landmarks = detection.landmarks && detection.landmarks.map(([x, y]) => [x + right, y + down]);
  return { ...detection, box: [left + right, top + down, width, height], landmarks };
}

// A detection in an image that was turned counterclockwise by right angles, as one in the original image.
export function turnedBack(detection, quarters, width, height) {
  let found = detection;
  for (let back = quarters % 4; back > 0; back--) found = quarterBack(found, back % 2 ? width : height);
  return found;
}

function quarterBack(detection, width) {
  const [left, top, across, along] = detection.box;
  return {
    ...detection,
    box: [width - top - along, left, along, across],
    tilt: wrapped(detection.tilt + 90),
    landmarks: detection.landmarks && detection.landmarks.map(([x, y]) => [width - y, x]),
  };
}

// An angle from -180 to 180.
const wrapped = (angle) => ((((angle + 180) % 360) + 360) % 360) - 180;

export const isOtherOrientation = (one, other) => Math.abs(wrapped(one - other)) > constants.reliability.other_orientation;

// Degrees by which a face is rotated clockwise: the least-squares similarity from an upright face (Umeyama 1991).
export function tiltOf(landmarks) {
  const { template, fitted } = constants.landmarks;
  const points = fitted.map((at) => landmarks[at]);
  const [middle, origin] = [mean(points), mean(template)];
  let real = 0;
  let imaginary = 0;
  points.forEach(([x, y], at) => {
    const [dx, dy] = [x - middle[0], y - middle[1]];
    const [u, v] = [template[at][0] - origin[0], template[at][1] - origin[1]];
    real += u * dx + v * dy;
    imaginary += u * dy - v * dx;
  });
  return (Math.atan2(imaginary, real) * 180) / Math.PI;
}

const mean = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);

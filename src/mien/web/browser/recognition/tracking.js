// Track numbers from frame to frame, and probabilities smoothed over time. The port of mien.recognition.tracking.

import { constants } from "./constants.js";
import { shifted } from "./detections.js";

const centerOf = ([left, top, width, height]) => [left + width / 2, top + height / 2];
const sideOf = (box) => Math.sqrt(box[2] * box[3]);

export class Tracker {
  constructor() {
    this.tracks = [];
    this.count = 0;
  }

  // The detections of a frame, at a time in seconds, as { track, detection } in their order.
  update(detections, time) {
    this.tracks = this.tracks.filter((track) => track.detected || time - track.time <= constants.tracking.max_age);
    const expected = this.tracks.map((track) => predicted(track, time).box);
    const pairs = pairsOf(expected, detections.map((one) => one.box));
    const found = detections.map((one, at) =>
      pairs.has(at) ? updated(this.tracks[pairs.get(at)], one, time) : this.newTrack(one, time));
    const used = new Set(pairs.values());
    const missed = this.tracks.filter((_, at) => !used.has(at)).map((track) => ({ ...track, detected: false }));
    this.tracks = [...found, ...missed];
    return found.map(({ number, detection }) => ({ track: number, detection }));
  }

  // The extrapolated faces of the last run of the detector, from left to right.
  predict(time) {
    const found = this.tracks.filter((track) => track.detected).map((track) => ({ track: track.number, detection: predicted(track, time) }));
    return found.sort((one, other) => one.detection.box[0] - other.detection.box[0]);
  }

  newTrack(detection, time) {
    this.count += 1;
    return { number: this.count, detection, time, velocity: [0, 0], detected: true };
  }
}

// The detection of a track, extrapolated with a decaying velocity.
function predicted({ detection, time, velocity }, now) {
  const { velocity_decay: decay } = constants.tracking;
  const lasting = decay * -Math.expm1(-Math.max(0, now - time) / decay);
  return shifted(detection, velocity[0] * lasting, velocity[1] * lasting);
}

function updated(track, detection, time) {
  const passed = Math.max(time - track.time, 1e-3);
  const [from, to] = [centerOf(track.detection.box), centerOf(detection.box)];
  const now = to.map((value, axis) => (value - from[axis]) / passed);
  const before = track.velocity.some(Boolean) ? track.velocity : now;
  const { velocity_momentum: momentum } = constants.tracking;
  const velocity = now.map((value, axis) => momentum * before[axis] + (1 - momentum) * value);
  return { number: track.number, detection, time, velocity, detected: true };
}

// Position of the expected box by that of the found one: greedy, the closest first.
function pairsOf(expected, found) {
  const all = expected.flatMap((box, old) => found.map((other, at) => ({ old, at, closeness: closenessOf(box, other) })));
  all.sort((one, other) => other.closeness - one.closeness);
  const pairs = new Map();
  const used = new Set();
  for (const { old, at, closeness } of all) {
    if (closeness <= 0) break;
    if (pairs.has(at) || used.has(old)) continue;
    pairs.set(at, old);
    used.add(old);
  }
  return pairs;
}

// Above 1 where boxes overlap, 0 to 1 where they are near, 0 elsewhere.
function closenessOf(box, other) {
  const { min_iou: minIou, max_distance: maxDistance, max_side_ratio: maxRatio } = constants.tracking;
  const overlap = iou(box, other);
  if (overlap >= minIou) return 1 + overlap;
  const sides = [sideOf(box), sideOf(other)];
  const [x, y] = centerOf(box).map((value, axis) => value - centerOf(other)[axis]);
  const distance = Math.hypot(x, y) / Math.max(...sides, 1e-9);
  const isAlike = Math.max(...sides) <= maxRatio * Math.min(...sides);
  return isAlike && distance < maxDistance ? 1 - distance / maxDistance : 0;
}

export function iou(one, other) {
  const [width, height] = [0, 1].map((axis) =>
    Math.max(0, Math.min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - Math.max(one[axis], other[axis])));
  const shared = width * height;
  const union = one[2] * one[3] + other[2] * other[3] - shared;
  return union > 0 ? shared / union : 0;
}

// Averages probabilities exponentially with a time constant in seconds; 0 is off.
export class Smoother {
  constructor(tau) {
    this.tau = tau;
    this.means = new Map();
  }

  smooth(tracks, rows, time) {
    const smoothed = rows.map((row, at) => {
      const values = this.mean(tracks[at], row, time);
      this.means.set(tracks[at], { time, values });
      return values;
    });
    for (const [track, mean] of this.means) if (time - mean.time > constants.smoothing.max_age) this.means.delete(track);
    return smoothed;
  }

  mean(track, row, time) {
    const before = this.means.get(track);
    if (this.tau <= 0 || !before) return row;
    const weight = -Math.expm1(-(time - before.time) / this.tau);
    const moved = before.values.map((value, at) => value + (row[at] - value) * weight);
    const sum = moved.reduce((total, value) => total + value, 0);
    return moved.map((value) => value / sum);
  }
}

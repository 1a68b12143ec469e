// The search for faces in views of an image, which both networks share. The port of mien.detection.view_search.

import { constants } from "./constants.js";
import { overlap, shifted, suppress, tiltOf } from "./detections.js";
import { partAround, rotatedView } from "./views.js";

// A network has `find(image, minFace)`, which returns [{ corners, score, landmarks }], and `sides(longest)` and
// `minFace(longest)` of the views; `settings` are those of its entry in the manifest.
export class ViewSearch {
  constructor(network, settings) {
    this.network = network;
    this.settings = settings;
  }

  // The faces of an RGB image from left to right; `rotated` searches for heads rotated to either side if there is none.
  async detect(image, rotated = true) {
    const { coarse, rotated: rotatedScore } = this.settings;
    const sides = this.network.sides(Math.max(image.width, image.height));
    let found = await this.inViews(image, sides.map((side) => [side, 0]));
    let lowest = 0;
    if (!found.length && rotated) {
      found = await this.inViews(image, constants.search.angles.map((tilt) => [coarse, tilt]));
      lowest = rotatedScore;
    }
    const straight = [];
    for (const one of suppress(found)) straight.push(await this.straightened(image, one));
    return suppress(straight).filter((one) => one.score >= lowest);
  }

  async inViews(image, views) {
    const found = [];
    for (const [side, tilt] of views) {
      found.push(...(await this.inView(image, rotatedView(image, side, tilt), this.network.minFace(side))));
    }
    return found;
  }

  async inView(image, view, minFace) {
    const found = await this.network.find(view.image, minFace);
    const detections = found.map(({ corners, score, landmarks }) => ({
      box: view.box(corners),
      score: Math.min(score, 1),
      tilt: view.tilt + this.settings.gain * tiltOf(landmarks),
      landmarks: landmarks.map(view.point),
      doubt: null,
    }));
    return detections.filter((one) => isValid(one, image));
  }

  // The same face detected again in views that are rotated until its score is highest.
  async straightened(image, detection) {
    const { clear, upright } = this.settings;
    const { near, steps, min_gain: minGain } = constants.search;
    if (detection.score > clear && Math.abs(detection.tilt) < upright) return detection;
    const again = await this.closer(image, detection, detection.tilt);
    if (again && again.score > clear && Math.abs(again.tilt - detection.tilt) < near) return again;
    const first = again || detection;
    let best = null;
    for (const step of steps) {
      const one = await this.closer(image, detection, detection.tilt + step);
      if (one && (!best || one.score > best.score)) best = one;
    }
    if (!best || best.score <= first.score + minGain) best = first;
    return (await this.closer(image, detection, best.tilt)) || best;
  }

  // The same face in a view of its surroundings, rotated back by `tilt`; null if it isn't found.
  async closer(image, detection, tilt) {
    const { close } = this.settings;
    const { part, left, top } = partAround(image, detection.box);
    const found = await this.inView(part, rotatedView(part, close, tilt), constants.search.face_in_close_view * close);
    const same = found.map((one) => shifted(one, left, top)).filter((one) => overlap(one.box, detection.box) > constants.nms.max_overlap);
    return same.reduce((best, one) => (!best || one.score > best.score ? one : best), null);
  }
}

function isValid({ box, score, landmarks }, image) {
  const [left, top, width, height] = box;
  const x = left + width / 2;
  const y = top + height / 2;
  const isFinite = [...box, score, ...landmarks.flat()].every(Number.isFinite);
  return isFinite && Math.min(width, height) > 0 && x >= 0 && x <= image.width && y >= 0 && y <= image.height;
}

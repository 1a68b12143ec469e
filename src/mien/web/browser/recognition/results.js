// Results as the API of `mien serve` returns them: the port of `Face.from_probabilities` and of their dictionaries.

import { constants } from "./constants.js";

const rounded = (value, digits) => Number(value.toFixed(digits));

// A face of a detection, its probabilities (in the order of the classes) and the number of its track.
export function faceOf(detection, probabilities, { classes, threshold }, track = null) {
  const confidence = Math.max(...probabilities);
  const reason = detection.doubt || (confidence < (threshold ?? 0) || threshold >= 1 ? constants.low_confidence : null);
  const { names } = constants.landmarks;
  return {
    box: detection.box.map((value) => rounded(value, 1)),
    score: rounded(detection.score, 4),
    tilt: rounded(detection.tilt, 1),
    landmarks: detection.landmarks
      && Object.fromEntries(detection.landmarks.map((point, at) => [names[at], point.map((value) => rounded(value, 1))])),
    label: classes[probabilities.indexOf(confidence)],
    confidence: rounded(confidence, 5),
    uncertain: reason !== null,
    uncertain_reason: reason,
    probabilities: Object.fromEntries(classes.map((name, at) => [name, rounded(probabilities[at], 5)])),
    track,
  };
}

export function resultOf(source, image, faces, frame = null, time = null) {
  const { width, height } = image;
  return { source, width, height, frame, time: time === null ? null : rounded(time, 4), truncated: false, faces };
}

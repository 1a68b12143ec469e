// Whether a detection is an upright face: by its score, and by views turned by right angles. The port of
// mien.detection.reliability.

import { constants } from "./constants.js";
import { isOtherOrientation, overlap, shifted, turnedBack } from "./detections.js";
import { turned } from "./pixels.js";
import { partAround } from "./views.js";

// The detections with a `doubt`, in their order. `limits` are the scores of the detector that are low and clear.
export async function withDoubts(search, image, detections, limits) {
  const { max_compared: most, orientation, low_score: lowScore } = constants.reliability;
  const unclear = detections.filter((one) => one.score < limits.clear);
  const isUpright = detections.some((one) => one.score >= limits.clear && !isOtherOrientation(one.tilt, 0));
  const compared = isUpright ? [] : [...unclear].sort((one, other) => area(other) - area(one)).slice(0, most);
  const others = new Set();
  for (const one of compared) if (await isTurned(search, image, one, limits)) others.add(one);
  if (others.size) for (const one of unclear) if (!compared.includes(one)) others.add(one);
  return detections.map((one) => ({ ...one, doubt: others.has(one) ? orientation : one.score < limits.low ? lowScore : null }));
}

const area = ({ box }) => box[2] * box[3];

// Whether the face scores higher where it has another orientation.
async function isTurned(search, image, detection, limits) {
  const { part, left, top } = partAround(image, detection.box);
  const here = shifted(detection, -left, -top);
  const minScore = detection.score < limits.low ? limits.clear : 0;
  for (const quarters of [2, 1, 3]) {
    const found = await search.detect(turned(part, quarters), false);
    for (const one of found.map((each) => turnedBack(each, quarters, part.width, part.height))) {
      if (overlap(one.box, here.box) <= constants.nms.max_overlap) continue;
      const isCloser = 1 - one.score < constants.reliability.closer_to_1 * (1 - detection.score);
      if (one.score >= minScore && isCloser && isOtherOrientation(one.tilt, detection.tilt)) return true;
    }
  }
  return false;
}

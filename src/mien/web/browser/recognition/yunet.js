// The network of YuNet: from an image to boxes, scores and landmarks. The port of mien.detection.yunet.network.

import { nonMaximumSuppression } from "./detections.js";

const clip = (value) => Math.max(0, Math.min(1, value));

export class YuNet {
  constructor(graphs, settings) {
    this.graph = graphs.network;
    this.settings = settings;
  }

  // A small image is enlarged, a large one is searched at two sizes.
  sides(longest) {
    const { coarse, longest: most, max_single: single } = this.settings;
    const fine = Math.max(coarse, Math.min(longest, most));
    return fine > single ? [fine, coarse] : [fine];
  }

  minFace() {
    return 0;
  }

  async find(image) {
    const { strides, nms_threshold: threshold } = this.settings;
    const { data, width, height } = inputOf(image, strides.at(-1));
    const outputs = await this.graph.run({ input: { type: "float32", data, dims: [1, 3, height, width] } });
    const found = strides.flatMap((stride) => this.decoded(outputs, stride, width / stride));
    const kept = nonMaximumSuppression(found.map((one) => one.corners), found.map((one) => one.score), threshold, "union");
    return kept.map((at) => found[at]);
  }

  // The faces of one grid.
  decoded(outputs, stride, columns) {
    const { threshold, largest_log: largestLog } = this.settings;
    const [classes, objects, boxes, points] = ["cls", "obj", "bbox", "kps"].map((name) => outputs[`${name}_${stride}`].data);
    const found = [];
    for (let cell = 0; cell < classes.length; cell++) {
      const score = Math.sqrt(clip(classes[cell]) * clip(objects[cell]));
      if (!(score >= threshold)) continue;
      const [column, row] = [cell % columns, Math.floor(cell / columns)];
      const [x, y] = [boxes[4 * cell] + column, boxes[4 * cell + 1] + row];
      const [across, down] = [2, 3].map((at) => Math.exp(Math.min(boxes[4 * cell + at], largestLog)) / 2);
      const corners = [x - across, y - down, x + across, y + down].map((value) => Math.fround(value * stride));
      const landmarks = [0, 1, 2, 3, 4].map((at) => [
        Math.fround((points[10 * cell + 2 * at] + column) * stride),
        Math.fround((points[10 * cell + 2 * at + 1] + row) * stride),
      ]);
      found.push({ corners, score, landmarks });
    }
    return found;
  }
}

// The image as BGR planes, padded with zeros to whole cells.
function inputOf(image, cell) {
  const width = Math.ceil(image.width / cell) * cell;
  const height = Math.ceil(image.height / cell) * cell;
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let y = 0, from = 0; y < image.height; y++) {
    for (let to = y * width; to < y * width + image.width; to++, from += 3) {
      data[to] = image.data[from + 2];
      data[plane + to] = image.data[from + 1];
      data[2 * plane + to] = image.data[from];
    }
  }
  return { data, width, height };
}

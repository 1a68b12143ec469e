// Recognition in images and in frames: detector, crops, network, results. Networks are opened on first use.

import { constants } from "./constants.js";
import { cropFace, resizeFace } from "./crops.js";
import { Mtcnn } from "./mtcnn.js";
import { withChannels } from "./pixels.js";
import { withDoubts } from "./reliability.js";
import { faceOf, resultOf } from "./results.js";
import { ViewSearch } from "./search.js";
import { Smoother, Tracker } from "./tracking.js";
import { YuNet } from "./yunet.js";

const NETWORKS = { yunet: YuNet, mtcnn: Mtcnn };

export class Recognizer {
  // `manifest` is the site's; `open(path)` returns the graph of a file of the site.
  constructor(manifest, open) {
    this.manifest = manifest;
    this.open = open;
    this.opened = new Map();
  }

  // The result of an RGB image: the faces that the detector finds, or the image itself as the one face.
  async recognize(image, source, { bundle, detector }) {
    const entry = this.bundle(bundle);
    const name = this.detectorName(detector);
    const found = await this.detect(image, name);
    const rows = await this.classify(this.crops(image, found, name, entry), entry);
    return resultOf(source, image, found.map((one, at) => faceOf(one, rows[at], entry)));
  }

  bundle(name) {
    return this.manifest.bundles.find((one) => one.name === name) || this.manifest.bundles[0];
  }

  detectorName(name) {
    return this.manifest.detectors.includes(name) ? name : this.manifest.detectors[0];
  }

  async detect(image, name) {
    if (!NETWORKS[name]) {
      return [{ box: [0, 0, image.width, image.height], score: 1, tilt: 0, landmarks: null, doubt: null }];
    }
    const search = await this.search(name);
    return withDoubts(search, image, await search.detect(image), constants.detectors[name].score_limits);
  }

  async search(name) {
    const settings = constants.detectors[name];
    const graphs = {};
    for (const [part, path] of Object.entries(settings.files)) graphs[part] = await this.graph(path);
    return new ViewSearch(new NETWORKS[name](graphs, settings), settings);
  }

  graph(path) {
    if (!this.opened.has(path)) {
      const opening = this.open(path);
      this.opened.set(path, opening);
      opening.catch(() => this.opened.delete(path));
    }
    return this.opened.get(path);
  }

  crops(image, detections, detector, { metadata }) {
    const pixels = withChannels(image, metadata.channels);
    if (!NETWORKS[detector]) return detections.map(() => resizeFace(pixels, metadata.size));
    return detections.map((one) => cropFace(pixels, one, metadata.size, constants.detectors[detector].framing));
  }

  // Probabilities of each crop, in the order of the classes.
  async classify(crops, { file, batch, classes, metadata: { size, channels } }) {
    const rows = [];
    const graph = crops.length ? await this.graph(file) : null;
    for (let start = 0; start < crops.length; start += batch) {
      const part = crops.slice(start, start + batch);
      const data = new Uint8Array(part.length * size * size * channels);
      part.forEach((crop, at) => data.set(crop.data, at * crop.data.length));
      const dims = channels === 1 ? [part.length, size, size] : [part.length, size, size, channels];
      const { input, output } = constants.graph;
      const found = (await graph.run({ [input]: { type: "uint8", data, dims } }, [output]))[output].data;
      for (let at = 0; at < part.length; at++) rows.push(Array.from(found.subarray(at * classes.length, (at + 1) * classes.length)));
    }
    return rows;
  }
}

// One frame after another: track numbers, and probabilities smoothed over time. The port of mien.recognition.video.
export class FrameRecognizer {
  constructor(recognizer, { bundle, detector, smooth, detect_every: detectEvery } = {}, source = "live") {
    this.recognizer = recognizer;
    this.entry = recognizer.bundle(bundle);
    this.detector = recognizer.detectorName(detector);
    this.source = source;
    this.detectEvery = detectEvery ?? constants.video.detect_every;
    this.detected = null;
    this.tracker = new Tracker();
    this.smoother = new Smoother(smooth ?? constants.video.smooth);
  }

  // Opens the networks, so that the first frame isn't late.
  async prepare() {
    await this.recognizer.graph(this.entry.file);
    if (NETWORKS[this.detector]) await this.recognizer.search(this.detector);
  }

  // The result of an RGB frame; numbers and times, in seconds, must increase.
  async recognize(image, frame, time) {
    const tracked = (await this.tracked(image, frame, time)).filter(({ detection }) => isInside(detection, image));
    const found = tracked.map((one) => one.detection);
    const tracks = tracked.map((one) => one.track);
    const crops = this.recognizer.crops(image, found, this.detector, this.entry);
    const rows = this.smoother.smooth(tracks, await this.recognizer.classify(crops, this.entry), time);
    const faces = found.map((one, at) => faceOf(one, rows[at], this.entry, tracks[at]));
    return resultOf(this.source, image, faces, frame, time);
  }

  // The detector runs on the first frame, and then on each that is `detectEvery` or more later.
  async tracked(image, frame, time) {
    if (this.detected !== null && frame - this.detected < this.detectEvery) return this.tracker.predict(time);
    this.detected = frame;
    return this.tracker.update(await this.recognizer.detect(image, this.detector), time);
  }
}

// Whether the center of a face is in the image; an extrapolated one may have left it.
function isInside({ box: [left, top, width, height] }, image) {
  const [x, y] = [left + width / 2, top + height / 2];
  return x >= 0 && x <= image.width && y >= 0 && y <= image.height;
}

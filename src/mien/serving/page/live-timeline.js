// The stacked area of a live session: the probabilities of a person over the last minute.

import { fitBitmap, toBlob } from "./dom.js";
import { colorOf } from "./expressions.js";
import { drawStacked } from "./stacked-area.js";

const SECONDS = 60;
const GAP = 1.5;

export class LiveTimeline {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.person = 0; // a track; 0: whoever is largest
    this.clear();
  }

  clear() {
    this.samples = new Map();
    this.classes = [];
    this.now = 0;
    this.draw(0);
  }

  /** The tracks of the last minute. */
  get people() {
    return [...this.samples.keys()].filter((track) => track).sort((one, other) => one - other);
  }

  /**
   * Adds the faces at a time in seconds, the largest first.
   * @param {number} time
   * @param {import("./types.js").Face[]} faces
   */
  add(time, faces) {
    faces.forEach((face, at) => {
      this.classes = Object.keys(face.probabilities);
      const sample = { time, probabilities: Object.values(face.probabilities) };
      for (const key of at ? [face.track] : [face.track, 0]) {
        if (!this.samples.has(key)) this.samples.set(key, []);
        this.samples.get(key).push(sample);
      }
    });
    for (const [key, samples] of this.samples) {
      while (samples.length && samples[0].time < time - SECONDS - GAP) samples.shift();
      if (!samples.length) this.samples.delete(key);
    }
  }

  draw(now) {
    this.now = now;
    fitBitmap(this.canvas);
    this.paint(this.canvas.getContext("2d"), this.canvas.width, this.canvas.height);
  }

  paint(context, width, height) {
    context.clearRect(0, 0, width, height);
    const x = (time) => width * (1 - (this.now - time) / SECONDS);
    drawStacked(context, this.samples.get(this.person) || [], this.classes, { x, height, gap: GAP });
  }

  /** The timeline as a PNG with its axis and the colors of the expressions. */
  image() {
    const [width, height, edge] = [1200, 300, 30];
    const canvas = Object.assign(document.createElement("canvas"), { width: width + 2 * edge, height: height + 4.2 * edge });
    const context = canvas.getContext("2d");
    const area = Object.assign(document.createElement("canvas"), { width, height });
    this.paint(area.getContext("2d"), width, height);
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(area, edge, edge);
    context.strokeStyle = "#b9bec8";
    context.strokeRect(edge + 0.5, edge + 0.5, width - 1, height - 1);
    this.annotate(context, edge, width, height);
    return toBlob(canvas, "image/png");
  }

  annotate(context, edge, width, height) {
    context.font = "18px system-ui, sans-serif";
    context.fillStyle = "#3c414b";
    for (let seconds = 0; seconds <= SECONDS; seconds += 10) {
      context.textAlign = seconds === SECONDS ? "left" : seconds ? "center" : "right";
      context.fillText(seconds ? `−${seconds} s` : "now", edge + width * (1 - seconds / SECONDS), height + 1.8 * edge);
    }
    context.textAlign = "left";
    let left = edge;
    for (const name of this.classes) {
      context.fillStyle = colorOf(name);
      context.fillRect(left, height + 2.7 * edge, 18, 18);
      context.fillStyle = "#3c414b";
      context.fillText(name, left + 26, height + 3.2 * edge);
      left += context.measureText(name).width + 56;
    }
  }
}

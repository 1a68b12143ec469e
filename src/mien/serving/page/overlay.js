// Faces over an image, at the rate of the display.

import { fitBitmap, wantsLessMotion } from "./dom.js";
import { drawFaces } from "./drawing.js";

const GLIDE = 60; // milliseconds

/**
 * Draws faces over the image of a stage, which is as large as fits.
 * @param {HTMLCanvasElement} canvas
 * @param {{width: number, height: number}} image
 * @param {import("./types.js").Face[]} faces
 * @param {{mirrored?: boolean, bars?: boolean, chosen?: number | null}} options
 */
export function drawOverlay(canvas, image, faces, { mirrored = false, bars = false, chosen = null } = {}) {
  fitBitmap(canvas);
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  const scale = Math.min(width / image.width, height / image.height);
  const ratio = width / (canvas.clientWidth || width);
  drawFaces(context, faces, {
    scale,
    left: (width - image.width * scale) / 2,
    top: (height - image.height * scale) / 2,
    mirrorWidth: mirrored ? image.width : 0,
    size: ratio * Math.max(12, Math.min(17, canvas.clientWidth / 44)),
    bars,
    chosen,
  });
}

/** Moves boxes and bars to where they were found, since results come less often than the display is drawn. */
export class Glide {
  constructor() {
    this.shown = new Map();
    this.drawn = 0;
  }

  /** @param {import("./types.js").Face[]} faces @param {number} now In milliseconds. */
  moved(faces, now) {
    const share = wantsLessMotion() ? 1 : 1 - Math.exp(-(now - this.drawn) / GLIDE);
    this.drawn = now;
    const toward = (before, value) => before + share * (value - before);
    this.shown = new Map(faces.map((face) => {
      const before = this.shown.get(face.track);
      if (!before) return [face.track, face];
      const box = face.box.map((value, at) => toward(before.box[at], value));
      const values = Object.entries(face.probabilities).map(([name, value]) => [name, toward(before.probabilities[name] ?? value, value)]);
      return [face.track, { ...face, box, probabilities: Object.fromEntries(values) }];
    }));
    return [...this.shown.values()];
  }
}

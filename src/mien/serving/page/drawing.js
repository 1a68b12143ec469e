// Boxes, labels and bars of faces on a canvas.

import { colorOf } from "./expressions.js";
import { percent } from "./words.js";

/** @typedef {import("./types.js").Face} Face */

const FONT = "system-ui, sans-serif";
const PLATE = "#101216d9";

/**
 * Draws the faces of an image into a canvas context of `scale` times its size.
 * @param {CanvasRenderingContext2D} context
 * @param {Face[]} faces
 * @param {{scale?: number, left?: number, top?: number, mirrorWidth?: number, bars?: boolean, chosen?: number | null, size?: number}} [options]
 *   `mirrorWidth` is the width of a mirrored image, `chosen` the track that is drawn above the others, `size` that of the text.
 */
export function drawFaces(context, faces, options = {}) {
  const { scale = 1, left = 0, top = 0, mirrorWidth = 0, bars = false, chosen = null } = options;
  const size = options.size || Math.max(13, Math.min(22, context.canvas.width / 40));
  context.textBaseline = "middle";
  const placed = faces.map((face) => {
    const [x, y, width, height] = face.box;
    const from = mirrorWidth ? mirrorWidth - x - width : x;
    /** @type {[number, number, number, number]} */
    const box = [left + from * scale, top + y * scale, width * scale, height * scale];
    return { face, box };
  });
  for (const { face, box } of placed) {
    context.globalAlpha = chosen === null || face.track === chosen ? 1 : 0.45;
    drawBox(context, face, box, size);
  }
  if (bars) {
    const taken = placed.map(({ box }) => box);
    for (const { face, box } of placed) drawBars(context, face, box, size * 0.72, taken);
  }
  for (const { face, box } of placed) {
    context.globalAlpha = chosen === null || face.track === chosen ? 1 : 0.45;
    drawLabel(context, face, box, size);
  }
  context.globalAlpha = 1;
}

function drawBox(context, face, [x, y, width, height], size) {
  const radius = Math.min(size / 2, width / 8);
  context.lineWidth = Math.max(2, size / 6);
  context.setLineDash(face.uncertain ? [size / 2, size / 3] : []);
  for (const [color, grown] of [["#000a", 1], [colorOf(face.label), 0]]) {
    context.strokeStyle = color;
    context.beginPath();
    context.roundRect(x - grown, y - grown, width + 2 * grown, height + 2 * grown, radius);
    context.stroke();
  }
  context.setLineDash([]);
}

function plate(context, x, y, width, height, radius) {
  context.fillStyle = PLATE;
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fill();
}

function drawLabel(context, face, [x, y, , height], size) {
  context.font = `600 ${size}px ${FONT}`;
  const text = `${face.label} ${percent(face.confidence)}${face.uncertain ? " ?" : ""}`;
  const width = context.measureText(text).width + 1.7 * size;
  const high = 1.6 * size;
  const left = Math.max(0, Math.min(x, context.canvas.width - width));
  const above = y - high - 4 >= 0 ? y - high - 4 : Math.min(y + height + 4, context.canvas.height - high);
  plate(context, left, above, width, high, size / 2.5);
  context.fillStyle = colorOf(face.label);
  context.beginPath();
  context.arc(left + 0.75 * size, above + high / 2, 0.32 * size, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#fff";
  context.fillText(text, left + 1.3 * size, above + high / 2 + 1);
}

// Right of the box, or left of it; nowhere if something else is there.
function drawBars(context, face, [x, y, width, height], size, taken) {
  const names = Object.keys(face.probabilities);
  const row = 1.5 * size;
  const wide = 11 * size;
  const high = names.length * row + size;
  const top = Math.max(0, Math.min(y, context.canvas.height - high));
  const place = [x + width + 6, x - wide - 6].map((left) => [left, top, wide, high])
    .find((panel) => panel[0] >= 0 && panel[0] + wide <= context.canvas.width && !taken.some((box) => overlap(box, panel)));
  if (!place || high > context.canvas.height || height < 3 * row) return;
  taken.push(place);
  drawPanel(context, face, place, size, row);
}

/** @param {number[]} one @param {number[]} other Left, top, width and height. */
function overlap(one, other) {
  const [x, y, width, height] = one;
  const [left, top, wide, high] = other;
  return x < left + wide && left < x + width && y < top + high && top < y + height;
}

/** @param {number[]} place Left, top, width and height. */
function drawPanel(context, face, place, size, row) {
  const [left, top, wide, high] = place;
  plate(context, left, top, wide, high, size / 2);
  Object.entries(face.probabilities).forEach(([name, value], at) => {
    const middle = top + size / 2 + (at + 0.5) * row;
    context.font = `${name === face.label ? 650 : 400} ${size}px ${FONT}`;
    context.fillStyle = name === face.label ? "#fff" : "#d4d7dd";
    context.fillText(name, left + 0.6 * size, middle + 1, 4.9 * size);
    const room = wide - 6.5 * size;
    context.fillStyle = "#ffffff2e";
    context.fillRect(left + 5.9 * size, middle - 0.3 * size, room, 0.6 * size);
    context.fillStyle = colorOf(name);
    context.fillRect(left + 5.9 * size, middle - 0.3 * size, room * value, 0.6 * size);
  });
}

/** Draws the square around a box of an image into a canvas. */
export function drawCrop(canvas, image, box, side) {
  const [x, y, width, height] = box;
  const length = 1.25 * Math.max(width, height);
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.fillStyle = "#0b0b0d";
  context.fillRect(0, 0, side, side);
  context.drawImage(image, x + width / 2 - length / 2, y + height / 2 - length / 2, length, length, 0, 0, side, side);
}

// Boxes and labels of faces on a canvas.

import { colorOf, percent } from "./expressions.js";

// Draws the faces of an image of `width` x `height` pixels into a canvas context of `scale` times that size.
export function drawFaces(context, faces, { scale = 1, left = 0, top = 0, mirrorWidth = 0 } = {}) {
  const size = Math.max(13, Math.min(22, context.canvas.width / 40));
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (const face of faces) {
    const [x, y, width, height] = face.box;
    const place = mirrorWidth ? mirrorWidth - x - width : x;
    const box = [left + place * scale, top + y * scale, width * scale, height * scale];
    drawBox(context, face, box, size);
    drawLabel(context, face, box, size);
  }
}

function drawBox(context, face, [x, y, width, height], size) {
  context.lineWidth = Math.max(2, size / 6);
  context.setLineDash(face.uncertain ? [size / 2, size / 3] : []);
  context.strokeStyle = "#000a";
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  context.strokeStyle = colorOf(face.label);
  context.strokeRect(x, y, width, height);
  context.setLineDash([]);
}

function drawLabel(context, face, [x, y, , height], size) {
  const text = `${face.label} ${percent(face.confidence)}${face.uncertain ? " ?" : ""}`;
  const width = context.measureText(text).width + size;
  const high = 1.5 * size;
  const left = Math.max(0, Math.min(x, context.canvas.width - width));
  const above = y - high - 2 >= 0 ? y - high - 2 : Math.min(y + height + 2, context.canvas.height - high);
  context.fillStyle = "#16161acc";
  context.beginPath();
  context.roundRect(left, above, width, high, size / 3);
  context.fill();
  context.fillStyle = colorOf(face.label);
  context.fillRect(left, above, size / 3, high);
  context.fillStyle = "#fff";
  context.fillText(text, left + 0.6 * size, above + high / 2 + 1);
}

// Draws the square around a box of an image into a canvas.
export function drawCrop(canvas, image, box, side) {
  const [x, y, width, height] = box;
  const length = 1.25 * Math.max(width, height);
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.fillStyle = "#0b0b0d";
  context.fillRect(0, 0, side, side);
  context.drawImage(image, x + width / 2 - length / 2, y + height / 2 - length / 2, length, length, 0, 0, side, side);
}

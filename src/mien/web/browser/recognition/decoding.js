// Encoded images to RGB pixels, by the browser: upright, without color management, on white where transparent.

import { constants } from "./constants.js";
import { fromRgba } from "./pixels.js";

export class UnreadableImage extends Error {}

export async function decode(blob) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "default" });
  } catch {
    throw new UnreadableImage("not an image that this browser can read (JPEG, PNG, …)");
  }
  try {
    return pixelsOf(bitmap);
  } catch (error) {
    throw error instanceof UnreadableImage ? error : new UnreadableImage(`too large for this browser (${error.message})`);
  } finally {
    bitmap.close();
  }
}

let canvas = null;

export function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  if (width * height > constants.max_pixels) {
    throw new UnreadableImage(`${width}x${height} pixels; expected at most ${constants.max_pixels / 1e6} megapixels`);
  }
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  return fromRgba(context.getImageData(0, 0, width, height));
}

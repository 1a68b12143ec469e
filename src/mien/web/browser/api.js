// The recognition of this site, in place of that by a server: the same names with the same types (types.js).
// A worker of the browser recognizes; images, frames and results never leave it.

import { ask } from "./local-recognition.js";

export { recognizeImages } from "./local-images.js";
export { openLive } from "./local-live.js";
export { addVideo, followVideo, hasEnded, listVideos, readResults, removeVideo } from "./local-videos.js";

/** Whether videos can be processed; without, the section is not shown. */
export const canProcessVideos = true;

/** Whether the map of a face can be computed. */
export const canExplain = false;

/** @returns {Promise<import("./types.js").Explanation>} */
export async function explainFace() {
  throw new Error("This page computes no maps.");
}

/** Where images go. */
export const PRIVACY = "Everything stays in this browser.";

/** @returns {Promise<import("./types.js").Models>} */
export async function getModels() {
  const response = await fetch(new URL("manifest.json", import.meta.url)).catch(() => null);
  if (!response?.ok) throw new Error("The site can't be loaded completely. Reload the page.");
  const { bundles, detectors } = await response.json();
  ask("about").catch(() => {}); // loads the runtime meanwhile
  return { bundles, detectors };
}

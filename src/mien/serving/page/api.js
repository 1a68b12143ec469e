// All that the page asks of its server. Other modules import this one only, so that a page which recognizes
// in the browser replaces it: it exports the same names with the same types (types.js).

import { request } from "./server-request.js";

export { explainFace } from "./server-explain.js";
export { recognizeImages } from "./server-images.js";
export { openLive } from "./server-live.js";
export { addVideo, followVideo, hasEnded, listVideos, readResults, removeVideo } from "./server-videos.js";

/** Whether videos can be processed; without, the section is not shown. */
export const canProcessVideos = true;

/** Whether the map of a face can be computed. */
export const canExplain = true;

const isOwn = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

/** Where images go. */
export const PRIVACY = isOwn ? "Everything stays on this computer." : `Images are sent to ${location.hostname} only.`;

/** @returns {Promise<import("./types.js").Models>} */
export const getModels = () => request("v1/bundles");

// Why a face is classified as it is: a map that the server computes.

import { request } from "./server-request.js";

/**
 * @param {File} file The image.
 * @param {import("./types.js").Face} face One of its faces.
 * @param {import("./types.js").Choice} choice
 * @returns {Promise<import("./types.js").Explanation>}
 */
export function explainFace(file, { box: [left, top, width, height] }, { bundle, detector }) {
  const form = new FormData();
  form.append("files", file, file.name);
  const query = new URLSearchParams({ x: String(Math.max(0, left + width / 2)), y: String(Math.max(0, top + height / 2)) });
  if (bundle) query.set("bundle", bundle);
  if (detector) query.set("detector", detector);
  return request(`v1/explain?${query}`, { method: "POST", body: form });
}

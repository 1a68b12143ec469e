// The dialog with all probabilities of a face.

import { by } from "./dom.js";
import { showBars } from "./expressions.js";
import { percent, remarkOf } from "./words.js";

/**
 * @param {import("./types.js").Face} face
 * @param {{source: string, crop: string, evidence?: Node | null}} about `crop` is the address of the image of the face,
 *   `evidence` shows which parts of it spoke for the answer, where that is known.
 */
export function showFace(face, { source, crop, evidence = null }) {
  by("face-title").textContent = `${face.label}, ${percent(face.confidence)}`;
  by("face-large").src = crop;
  showBars(by("face-bars"), face);
  by("face-evidence").hidden = !evidence;
  by("face-evidence").replaceChildren(...(evidence ? [evidence] : []));
  by("face-remark").textContent = [source, remarkOf(face)].filter(Boolean).join(" · ");
  by("face-dialog").showModal();
}

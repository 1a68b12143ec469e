// What spoke for the answer: the map of a face, on request.

import { canExplain, explainFace } from "./api.js";
import { element } from "./dom.js";

const ASK = "Show what spoke for this answer";

/**
 * A button that is replaced by the map, or null if nothing can be explained.
 * @param {File} file
 * @param {import("./types.js").Face} face
 * @param {import("./types.js").Choice} choice
 */
export function evidenceOf(file, face, choice) {
  if (!canExplain) return null;
  const button = element("button", { type: "button", textContent: ASK });
  button.onclick = async () => {
    button.disabled = true;
    button.textContent = "Computing…";
    try {
      button.replaceWith(drawn(await explainFace(file, face, choice)));
    } catch (error) {
      button.disabled = false;
      button.textContent = `${error.message} Try again`;
    }
  };
  return button;
}

function drawn(found) {
  const image = element("img", { src: found.image, alt: `The face with the parts that spoke for ${found.class}`, width: 200, height: 200 });
  const words = found.description || "no part stands out";
  const legend = "Orange parts spoke for the answer, blue parts against it: what changes when they are hidden.";
  return element("figure", { className: "evidence" }, image,
    element("figcaption", {}, element("strong", { textContent: `${found.class}: ${words}` }), element("p", { className: "quiet", textContent: legend })));
}

// Colors and bars of expressions, shared by all sections.

import { element } from "./dom.js";
import { percent } from "./words.js";

const colors = new Map();

/** @param {import("./types.js").Bundle[]} bundles */
export function learnColors(bundles) {
  for (const bundle of bundles) bundle.classes.forEach((name, at) => colors.set(name, bundle.colors[at]));
}

export const colorOf = (name) => colors.get(name) || "#7f7f7f";

export function swatch(name) {
  const made = element("span", { className: "swatch" });
  made.style.background = colorOf(name);
  return made;
}

export const pill = (name) => element("span", { className: "pill" }, swatch(name), name);

export const legend = (names) => names.map((name) => element("li", {}, swatch(name), name));

// Screen readers get one term with its value for each class; the bar itself is decoration.
function makeBars(names) {
  const bars = element("dl", { className: "bars" });
  bars.dataset.names = names.join();
  for (const name of names) {
    const fill = element("span", { className: "fill" });
    fill.style.background = colorOf(name);
    const track = element("span", { className: "track", attributes: { "aria-hidden": "true" } }, fill);
    bars.append(element("div", {}, element("dt", { textContent: name }), element("dd", {}, track, element("span", { className: "value" }))));
  }
  return bars;
}

/**
 * Shows bars of all probabilities; later calls with the same parent only move them.
 * @param {HTMLElement} parent
 * @param {import("./types.js").Face} face
 */
export function showBars(parent, face) {
  const names = Object.keys(face.probabilities);
  let bars = /** @type {HTMLElement} */ (parent.querySelector(".bars"));
  if (!bars || bars.dataset.names !== names.join()) {
    bars = makeBars(names);
    parent.replaceChildren(bars);
  }
  names.forEach((name, at) => {
    const row = bars.children[at];
    row.classList.toggle("top", name === face.label);
    /** @type {HTMLElement} */ (row.querySelector(".fill")).style.transform = `scaleX(${face.probabilities[name]})`;
    row.querySelector(".value").textContent = percent(face.probabilities[name]);
  });
}

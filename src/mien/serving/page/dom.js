// Small helpers for elements of the page.

/** @param {string} id @returns {any} */
export const by = (id) => document.getElementById(id);

/** @param {string} tag @returns {any} */
export function element(tag, properties = {}, ...children) {
  const { attributes = {}, ...rest } = /** @type {any} */ (properties);
  const made = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** Fills a select with options, and keeps the choice if it is still there. */
export function fillSelect(select, names, label = (name) => name) {
  const before = select.value;
  const labels = names.map(label);
  const present = [...select.options].map((option) => `${option.value}\n${option.text}`).join("\n\n");
  if (present === names.map((name, at) => `${name}\n${labels[at]}`).join("\n\n")) return;
  select.replaceChildren(...names.map((name, at) => element("option", { value: name, textContent: labels[at] })));
  select.value = names.includes(before) ? before : names[0];
}

let problemOf = "";

/**
 * Shows a problem in one line, or removes it.
 * @param {string} text Empty: there is no problem (any more).
 * @param {string} from Who reports it; others don't remove it.
 */
export function showProblem(text, from = "page") {
  if (!text && problemOf !== from) return;
  problemOf = text ? from : "";
  if (by("problem-text").textContent !== text) by("problem-text").textContent = text;
  by("problem").hidden = !text;
}

/** Saves text or a Blob as a file of the user. */
export function save(name, content, type) {
  const link = element("a", { download: name, href: URL.createObjectURL(new Blob([content], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** Makes the bitmap of a canvas as large as the canvas is on the display. Returns whether it changed. */
export function fitBitmap(canvas) {
  const ratio = devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export const toBlob = (canvas, type = "image/jpeg", quality = 0.9) =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The image is too large for this browser."))), type, quality);
  });

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

export const wantsLessMotion = () => lessMotion.matches;

// Names, colors and bars of expressions, shared by all sections.

const colors = new Map();

export function learnColors(bundles) {
  for (const bundle of bundles) bundle.classes.forEach((name, at) => colors.set(name, bundle.colors[at]));
}

export const colorOf = (name) => colors.get(name) || "#7f7f7f";
export const percent = (value, digits = 0) => `${(100 * value).toFixed(digits)} %`;

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function swatch(name) {
  const made = element("span", { className: "swatch" });
  made.style.background = colorOf(name);
  return made;
}

const REMARKS = {
  "low confidence": "uncertain: the expression is not clear",
  "low detector score": "uncertain: this may not be a face",
  orientation: "uncertain: the face is turned",
  "truncated image": "uncertain: the image file is incomplete",
};

export const remarkOf = (face) => (face.uncertain ? REMARKS[face.uncertain_reason] || "uncertain" : "");

// Bars of all probabilities, which later calls with the same parent only move.
export function showBars(parent, face) {
  const names = Object.keys(face.probabilities);
  let bars = parent.querySelector(".bars");
  if (!bars || bars.dataset.names !== names.join()) {
    bars = element("div", { className: "bars" });
    bars.dataset.names = names.join();
    for (const name of names) {
      const fill = element("div", { className: "fill" });
      fill.style.background = colorOf(name);
      bars.append(
        element("span", { className: "name", textContent: name }),
        element("div", { className: "track", ariaHidden: "true" }, fill),
        element("span", { className: "value" }),
      );
    }
    parent.replaceChildren(bars);
  }
  const fills = bars.querySelectorAll(".fill");
  const labels = bars.querySelectorAll(".name");
  const values = bars.querySelectorAll(".value");
  names.forEach((name, at) => {
    fills[at].style.width = percent(face.probabilities[name], 1).replace(" ", "");
    values[at].textContent = percent(face.probabilities[name]);
    labels[at].classList.toggle("top", name === face.label);
  });
}

export function showProblem(text) {
  const place = document.getElementById("problem");
  place.textContent = text;
  place.hidden = !text;
}

export function save(name, content, type) {
  const link = element("a", { download: name, href: URL.createObjectURL(new Blob([content], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export function fillSelect(select, names, label = (name) => name) {
  const before = select.value;
  select.replaceChildren(...names.map((name) => element("option", { value: name, textContent: label(name) })));
  if (names.includes(before)) select.value = before;
}

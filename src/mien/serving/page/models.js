// The section "Models": what is known of each bundle.

import { element, percent, swatch } from "./expressions.js";

const SPLITS = { train: "training faces", validation: "validation faces", test: "test faces" };

function row(name, value) {
  return [element("dt", { textContent: name }), element("dd", { textContent: value })];
}

function facts(bundle, scores) {
  const { metadata } = bundle;
  const rows = [...row("Classes", bundle.classes.join(", "))];
  if (scores) {
    rows.push(...row("Measured on", `${scores.n.toLocaleString("en")} ${SPLITS[scores.split] || scores.split}`));
    rows.push(...row("Calibration error", percent(scores.calibration_error, 1)));
  }
  const threshold = metadata.confidence_threshold;
  if (threshold) {
    rows.push(...row("Uncertain below", percent(threshold.value)));
    rows.push(...row("Certain answers", `${percent(threshold.coverage)} of the faces; ${percent(threshold.accuracy)} of them are right`));
  }
  rows.push(...row("License", metadata.license), ...row("Created", metadata.created.slice(0, 10)));
  return element("dl", {}, ...rows);
}

function recalls(bundle, scores) {
  const rows = Object.entries(scores.recalls).map(([name, value]) => element("tr", {},
    element("td", {}, element("span", { className: "pill" }, swatch(name), name)),
    element("td", { className: "number", textContent: percent(value) })));
  const head = element("tr", {}, element("th", { scope: "col", textContent: "Expression" }), element("th", { scope: "col", textContent: "Found" }));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  return element("details", {}, element("summary", { textContent: "How many faces of each expression are found" }), table);
}

function card(bundle) {
  const [scores] = bundle.metadata.scores;
  const made = element("article", { className: "card" },
    element("h2", { textContent: bundle.name + (bundle.default ? " (default)" : "") }));
  if (scores) {
    const [low, high] = scores.interval;
    made.append(element("p", {},
      element("span", { className: "big", textContent: percent(scores.accuracy, 1) }),
      element("span", { className: "quiet", textContent: ` accuracy (95 % confidence interval ${percent(low, 1)} to ${percent(high, 1)})` })));
  }
  made.append(facts(bundle, scores));
  if (scores) made.append(recalls(bundle, scores));
  for (const note of bundle.metadata.notes || []) made.append(element("p", { className: "quiet", textContent: note }));
  return made;
}

export function showModels(bundles) {
  document.getElementById("model-cards").replaceChildren(...bundles.map(card));
}

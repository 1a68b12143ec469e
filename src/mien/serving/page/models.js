// The section "Models": what is known of each bundle.

import { by, element } from "./dom.js";
import { colorOf, swatch } from "./expressions.js";
import { percent } from "./words.js";

const SPLITS = { train: "faces of its training", validation: "validation faces", test: "test faces" };

const row = (name, value) => [element("dt", { textContent: name }), element("dd", { textContent: value })];

// The accuracy on a scale, which fades where it is not certain.
function accuracy(scores) {
  const [low, high] = scores.interval;
  const band = element("span", { className: "band" });
  band.style.width = `${100 * high}%`;
  const fill = element("span", { className: "fill" });
  fill.style.width = `${100 * low}%`;
  return element("div", { className: "accuracy" },
    element("p", {}, element("span", { className: "big", textContent: percent(scores.accuracy, 1) }), " accuracy"),
    element("div", { className: "scale", ariaHidden: "true" }, band, fill),
    element("p", { className: "quiet", textContent: `95 % confidence interval ${percent(low, 1)} to ${percent(high, 1)}, measured on ${scores.n.toLocaleString("en")} ${SPLITS[scores.split] || scores.split}` }));
}

function calibration(scores) {
  const error = (100 * scores.calibration_error).toFixed(1);
  return row("Calibration", `Confidences differ from the share of right answers by ${error} percentage points on average.`);
}

function limits(threshold) {
  if (!threshold) return [];
  const { value, coverage, accuracy: right } = threshold;
  if (!coverage) return row("Uncertain", "All answers are marked as uncertain: none of them is reliable enough.");
  return row("Uncertain", `Answers of a confidence below ${percent(value)} are marked as uncertain. Of the others (${percent(coverage)}), ${percent(right)} are right.`);
}

function facts(bundle, scores) {
  const { metadata } = bundle;
  const input = `${metadata.size} × ${metadata.size} pixels, ${metadata.channels === 1 ? "gray" : "color"}`;
  return element("dl", { className: "facts" },
    ...(scores ? calibration(scores) : []),
    ...limits(metadata.confidence_threshold),
    ...row("Face size", `It sees ${input}: smaller faces are enlarged and less reliable.`),
    ...row("Expressions", bundle.classes.join(", ")),
    ...row("License", metadata.license),
    ...row("Created", metadata.created.slice(0, 10)));
}

function recalls(scores) {
  const rows = Object.entries(scores.recalls).map(([name, value]) => {
    const fill = element("span", { className: "fill" });
    fill.style.background = colorOf(name);
    fill.style.transform = `scaleX(${value})`;
    return element("tr", {},
      element("th", { scope: "row" }, element("span", { className: "pill" }, swatch(name), name)),
      element("td", { className: "wide" }, element("span", { className: "track", ariaHidden: "true" }, fill)),
      element("td", { className: "numeric", textContent: percent(value) }));
  });
  return element("table", { className: "recalls" },
    element("caption", { textContent: "Of the faces with each expression, how many are recognized" }),
    element("tbody", {}, ...rows));
}

function card(bundle) {
  const [scores] = bundle.metadata.scores;
  const title = element("h2", { textContent: bundle.name });
  if (bundle.default) title.append(" ", element("span", { className: "badge", textContent: "default" }));
  const made = element("article", { className: "card stack small" }, title);
  if (scores) made.append(accuracy(scores), recalls(scores));
  made.append(facts(bundle, scores));
  if (bundle.metadata.notes) made.append(element("p", { className: "quiet", textContent: bundle.metadata.notes }));
  return made;
}

/** @param {import("./types.js").Bundle[]} bundles */
export function showModels(bundles) {
  by("model-cards").replaceChildren(...bundles.map(card));
}

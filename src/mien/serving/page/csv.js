// Results as CSV: the same bytes as `mien predict --csv` writes.

/** @typedef {import("./types.js").Result} Result */

const POINTS = ["right_eye", "left_eye", "nose", "right_mouth", "left_mouth"];
const COLUMNS = [
  "source", "width", "height", "frame", "time", "face", "left", "top", "box_width", "box_height", "score", "tilt",
  "label", "confidence", "uncertain", "uncertain_reason", "track",
  ...POINTS.flatMap((point) => [`${point}_x`, `${point}_y`]),
];
const HEAD = 5;

function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// JSON doesn't keep the ".0" of whole measurements.
const decimal = (value) => (Number.isInteger(value) ? value.toFixed(1) : value);
const decimals = (values) => values.map((value) => (value === null ? null : decimal(value)));

function faceCells(face, classes) {
  const points = POINTS.flatMap((point) => (face.landmarks ? face.landmarks[point] : [null, null]));
  return [
    ...decimals([...face.box, face.score, face.tilt]), face.label, decimal(face.confidence), face.uncertain,
    face.uncertain_reason, face.track, ...decimals(points), ...decimals(classes.map((name) => face.probabilities[name] ?? null)),
  ];
}

function* rows(result, classes) {
  const time = result.time === null ? null : decimal(result.time);
  const head = [result.source, result.width, result.height, result.frame, time];
  if (!result.faces.length) yield [...head, ...Array(COLUMNS.length - HEAD + classes.length).fill(null)];
  for (const [at, face] of result.faces.entries()) yield [...head, at + 1, ...faceCells(face, classes)];
}

/** The classes of all faces: another model may have been chosen in between. */
function classesOf(results, classes) {
  const names = new Set(classes);
  for (const { faces } of results) if (faces.length) Object.keys(faces[0].probabilities).forEach((name) => names.add(name));
  return [...names];
}

/**
 * @param {Result[]} results
 * @param {string[]} classes Columns of probabilities that are always there.
 * @returns {Blob}
 */
export function toCsv(results, classes) {
  const names = classesOf(results, classes);
  const titles = names.map((name) => (COLUMNS.includes(name) ? `${name} (class)` : name));
  const line = (cells) => `${cells.map(cell).join(",")}\n`;
  const parts = [line([...COLUMNS, ...titles])];
  for (const result of results) for (const row of rows(result, names)) parts.push(line(row));
  return new Blob(parts, { type: "text/csv" });
}

/** @param {Result[]} results @returns {Blob} */
export const toJsonLines = (results) =>
  new Blob(results.map((result) => `${JSON.stringify(result)}\n`), { type: "application/jsonl" });

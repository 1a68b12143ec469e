// Results as CSV, with the columns of `mien predict --csv`.

const POINTS = ["right_eye", "left_eye", "nose", "right_mouth", "left_mouth"];
const HEAD = [
  "source", "width", "height", "frame", "time", "face", "left", "top", "box_width", "box_height", "score", "tilt",
  "label", "confidence", "uncertain", "uncertain_reason", "track",
];

function cell(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "boolean" ? (value ? "true" : "false") : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(results, classes) {
  const columns = [...HEAD, ...POINTS.flatMap((point) => [`${point}_x`, `${point}_y`]), ...classes];
  const lines = [columns.map(cell).join(",")];
  for (const result of results) {
    result.faces.forEach((face, at) => {
      const points = POINTS.flatMap((point) => (face.landmarks ? face.landmarks[point] : [null, null]));
      const row = [
        result.source, result.width, result.height, result.frame, result.time, at + 1, ...face.box, face.score,
        face.tilt, face.label, face.confidence, face.uncertain, face.uncertain_reason, face.track, ...points,
        ...classes.map((name) => face.probabilities[name]),
      ];
      lines.push(row.map(cell).join(","));
    });
  }
  return lines.join("\n") + "\n";
}
